"""One exchange with an endpoint: a request goes out, and its reply is read as it comes."""

from __future__ import annotations

from collections.abc import Callable, Generator

from agent.errors import ContextTooLong, ModelError, ModelRefused
from agent.events import ThoughtDelta
from agent.model import Request
from agent.model.connection import Answer, Connection, Refusal
from agent.model.dialect import Dialect
from agent.model.reading import Reading, ReplyError
from agent.model.retry import Again, everything
from agent.model.wire import read_chunks

__all__ = ["Exchange"]

_LESSONS = 12  # refused parameters that are learned of within one request
_LEARNED_FROM = frozenset({400, 404, 422, 500, 501})


class Exchange:
    """How one model is asked once. May be used from several threads.

    Args:
        connection: To its endpoint.
        dialect: What the endpoint takes.
        meanwhile: Given the request, does what can be done while the server works.
    """

    def __init__(self, connection: Connection, dialect: Dialect, *, meanwhile: Callable[[Request], None]) -> None:
        self._connection = connection
        self._dialect = dialect
        self._meanwhile = meanwhile

    def ready(self) -> None:
        """Do beforehand what needs no endpoint, so that nobody takes the time for its own. Raises ModelRefused where no
        request can be made."""
        self._connection.open()

    def read(self, request: Request, reading: Reading, *, until: float) -> Generator[ThoughtDelta, None, None]:
        """Ask, and read the reply into `reading`, from the request to its end.

        Args:
            request: What is asked.
            reading: Is given what comes, the bytes that were sent, and what an error says of its cost.
            until: When the time for it is over, of `time.monotonic`; the reply is cut then.

        Raises:
            Again: the next try may succeed.
            ModelRefused: none will.
            ContextTooLong: the prompt does not fit.
        """
        answer = yield from self._open(request, reading, until=until)
        try:
            reading.begun = True
            self._meanwhile(request)
            yield from self._take(answer, reading)
        finally:
            answer.close()

    def _open(self, request: Request, reading: Reading, *, until: float) -> Generator[ThoughtDelta, None, Answer]:
        """Send the request, without the parameters that the endpoint turns out not to take."""
        host = self._connection.endpoint.host
        for _ in range(_LESSONS):
            body = self._dialect.body(request)
            reading.sent = len(body)
            try:
                return self._connection.post(body, until=until)
            except Refusal as refusal:
                learned = self._lesson(refusal, request)
                if learned is None:
                    reading.note_usage(refusal.body)
                    raise refusal.meaning from refusal
            if learned == "tools":
                text = f"{host} takes no tools with {self._dialect.model}; they are told in the prompt instead"
                yield ThoughtDelta(text=text, channel="notice")
        raise ModelRefused(f"{host} refuses the request, whatever is left out of it")

    def _lesson(self, refusal: Refusal, request: Request) -> str | None:
        if isinstance(refusal.meaning, ContextTooLong) or refusal.status not in _LEARNED_FROM:
            return None
        return self._dialect.learn(everything(refusal.body), refusal.parameter, request)

    def _take(self, answer: Answer, reading: Reading) -> Generator[ThoughtDelta, None, None]:
        try:
            for chunk in read_chunks(answer.pieces()):
                answer.hold()
                yield from reading.take(chunk)
                if reading.streamed or reading.done:  # before that, a model on this machine reads its prompt
                    answer.wait(soon=reading.done)
        except ReplyError as error:
            if not reading.whole:
                raise self._connection.judged(error.body, answer) from None
        except (Again, ModelError) as failure:
            if not reading.whole:  # else what is missing is the usage, or the connection's own end
                reading.spoil(failure.rest if isinstance(failure, Again) else b"")
                raise
        yield from reading.end()
