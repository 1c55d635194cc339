"""The way to one endpoint: the SDK's client, which does what it is good at (keys, proxies, connections, errors), and
the one place where its errors become ours. What goes out is ready bytes, what comes in is bytes."""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError, ModelRefused
from agent.model.dialect import Endpoint
from agent.model.pace import Pace
from agent.model.renaming import rename
from agent.model.retry import Again, judge
from agent.model.transport import open_transport
from agent.model.watch import Watched

if TYPE_CHECKING:
    import httpx2
    import openai

__all__ = ["Answer", "Connection", "Refusal"]


class Refusal(Exception):
    """The endpoint answered with a status that is no success.

    `meaning` is what to raise for it, `status` its number, `body` all of what it says, parsed where it is JSON,
    `parameter` the parameter of the request that it names in a field of its own.
    """

    def __init__(self, meaning: Again | ModelError, *, status: int, body: object, parameter: str | None) -> None:
        super().__init__(str(meaning))
        self.meaning = meaning
        self.status = status
        self.body = body
        self.parameter = parameter


class Connection:
    """Where one model is asked. May be used from several threads; the client is made at the first request, and again
    after `close`.

    Args:
        model: The model's name as sent.
        endpoint: Where it is.
        key: Sent as it is; "": none.
        timeout: Seconds until the reply begins.
        idle: Seconds of silence within a reply after which it is given up.
        proxy: URL of a proxy; None: what the environment says.
    """

    def __init__(
        self, model: str, endpoint: Endpoint, *, key: str, timeout: float, idle: float, proxy: str | None
    ) -> None:
        self.endpoint = endpoint
        self._model = model
        self._key = key
        self._timeout = timeout
        self._idle = idle
        self._proxy = proxy
        self._pace = Pace(idle=idle)
        self._client: openai.OpenAI | None = None
        self._lock = threading.Lock()
        weakref.finalize(self, self._pace.close)

    def open(self) -> None:
        """Make the client now, so that the first request does not take the time for it.

        Raises:
            ModelRefused: the key is missing or cannot be sent, or the proxy cannot be used.
        """
        self._connected()

    def post(self, body: bytes, *, until: float, path: str = "/chat/completions") -> Answer:
        """Send a request; what comes back is open, and to be closed.

        Args:
            body: JSON, ready to be sent.
            path: Behind the base URL.
            until: When the answer's time is over, of `time.monotonic`; it is cut then. What nobody can cut from here
                is the system's own look-up of a name, and a server that sends the head of its answer byte by byte.

        Raises:
            Refusal: the status is no success.
            Again: no answer came; the next try may get one.
            ModelRefused: none will.
        """
        import httpx2
        import openai

        client = self._connected()
        self._pace.begin(until)
        try:
            response: Any = client.post(
                path,
                content=body,
                cast_to=httpx2.Response,
                stream=True,  # of the transport: the body is read by us, whether it is a stream or not
                stream_cls=openai.Stream[object],
            )
            return Answer(self, response, self._pace.take())
        except openai.APIStatusError as error:
            raise Refusal(
                self.renamed(error),
                status=error.status_code,
                body=_body(error),
                parameter=getattr(error, "param", None),
            ) from error
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError) as error:
            raise self.renamed(error) from error
        finally:
            self._pace.end()

    def renamed(self, error: Exception) -> Again | ModelError:
        """What an error of the SDK or of its transport means."""
        return self._hidden(
            rename(error, model=self._model, endpoint=self.endpoint, keyed=bool(self._key), timeout=self._timeout)
        )

    def judged(self, body: object, answer: Answer) -> Again | ModelError:
        """What an error means that came inside a reply."""
        stated = body.get("error", body) if isinstance(body, dict) else body
        code = str(stated.get("code") if isinstance(stated, dict) else None)
        status = int(code) if code.isdecimal() and 400 <= int(code) < 600 else answer.status
        return self._hidden(
            judge(status, body, answer.headers, model=self._model, host=self.endpoint.host, keyed=bool(self._key))
        )

    def silence(self) -> Again:
        """Nothing came any more, amid a reply."""
        return Again(f"{self.endpoint.host} fell silent for {self._idle:.0f} s", slow=True)

    def forget(self, watched: Watched) -> None:
        """An answer is closed."""
        self._pace.forget(watched)

    def close(self) -> None:
        """End the connections. The next request opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        self._pace.close()
        if client is not None:
            client.close()

    def _hidden(self, error: Again | ModelError) -> Again | ModelError:
        """The same error, without the key where a server echoes it."""
        if len(self._key) >= 8 and self._key in str(error):
            if isinstance(error, Again):
                error.reason = error.reason.replace(self._key, "…")
            else:
                error.message = error.message.replace(self._key, "…")
            error.args = tuple(str(one).replace(self._key, "…") for one in error.args)
        return error

    def _connected(self) -> openai.OpenAI:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> openai.OpenAI:
        """Make the client. Every setting is given to it, so that it takes none from the environment behind ours.

        Raises:
            ModelRefused: the key is missing or cannot be sent.
        """
        import openai

        host = self.endpoint.host
        if not self._key and not self.endpoint.private:
            raise ModelRefused(f"no key for {host}", hint="set OPENAI_API_KEY, or name a local server with --base-url")
        if not self._key.isascii() or any(letter <= " " for letter in self._key):
            raise ModelRefused(
                f"OPENAI_API_KEY cannot be sent to {host}: it holds a blank or a letter that no key has",
                hint="copy the key once more, without quotes or line ends",
            )
        http = open_transport(
            self.endpoint,
            timeout=self._timeout,
            proxy=self._proxy,
            follow=True,
            asked=self._pace.asked,
            answered=self._pace.answered,
        )
        weakref.finalize(self, http.close)
        key = self._key or "none"
        client = openai.OpenAI(
            api_key=key,
            base_url=self.endpoint.url,
            max_retries=0,
            timeout=http.timeout,
            http_client=http,
            default_headers={"Authorization": f"Bearer {key}"},
        )
        if not self.endpoint.official:
            client.organization = client.project = None  # of the user's account at OpenAI: nobody else's business
        return client


class Answer:
    """What the endpoint answers to one request. `status` and `headers` (names in lower case) are there; the body
    comes."""

    def __init__(self, connection: Connection, response: httpx2.Response, watched: Watched | None) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._connection = connection
        self._response = response
        self._watched = watched or Watched(response, idle=float("inf"))

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the body, as they come.

        Raises:
            Again: it broke off, or was ended for its silence or because its time is over.
            ModelRefused: nothing will come of another try either.
        """
        import httpx2

        try:
            yield from self._response.iter_bytes()
        except (httpx2.HTTPError, httpx2.StreamError, OSError, EOFError) as error:
            if self._watched.silent:
                raise self._connection.silence() from error
            raise self._connection.renamed(error) from error

    def hold(self) -> None:
        """What came is being read: nobody waits for the endpoint."""
        self._watched.hold()

    def wait(self, *, soon: bool = False) -> None:
        """More is waited for: silence from now on counts. `soon`: nothing but the end is due."""
        self._watched.seen(soon=soon)

    def close(self) -> None:
        """End it; a connection that is in order goes on to serve others."""
        self._connection.forget(self._watched)
        self._response.close()


def _body(error: openai.APIStatusError) -> object:
    """All that came with an error: the SDK keeps only a part of it."""
    try:
        return json.loads(error.response.text)
    except (ValueError, RecursionError, RuntimeError):  # the last: nothing was read of it
        return error.body
