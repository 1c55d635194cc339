"""A model behind an endpoint that speaks chat completions: OpenAI's own, or any server that is like it.

The SDK's client does what it is good at (keys, proxies, connections, errors); the body that it sends is ready bytes,
so that the time before a request does not grow with the history, and the reply is read as plain dicts.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.request import proxy_bypass

from agent.errors import ContextTooLong, ModelError, ModelRefused
from agent.events import Thought, ThoughtDelta, Usage
from agent.model import Request, Thinking
from agent.model.dialect import Dialect, Endpoint
from agent.model.prices import Prices
from agent.model.reading import Reading, ReplyError, unique_id
from agent.model.retry import Again, Retry, add_up, everything, judge
from agent.model.watch import Watch, Watched
from agent.model.wire import read_chunks

if TYPE_CHECKING:
    import httpx2
    import openai

__all__ = ["OpenAIModel", "rename"]

_CONNECT = 10.0  # seconds; a server that is there answers the telephone at once
_KEPT_OPEN = 90.0  # seconds that an idle connection is kept: tools between two thoughts take their time
_LESSONS = 12  # refused parameters that are learned of within one request


class OpenAIModel:
    """A model, asked by chat completions. May be used from several threads; `close` ends its connections.

    Args:
        name: As the endpoint calls it.
        base_url: Of the endpoint; None: OpenAI's own. Not read from the environment.
        api_key: Sent as it is; none is needed in a private network.
        window: The model's size in tokens where it is stated; else it is learned.
        timeout: Seconds until the reply begins (a model on this machine may have to be loaded first).
        idle: Seconds of silence within a reply after which it is given up.
        stream: Ask for the reply as it is made.
        retry: When to try again.
        proxy: URL of a proxy; None: what the environment says. Never used for this machine, nor for what `NO_PROXY`
            names.
        sleep: Waits for seconds.

    Raises:
        SettingsError: `base_url` is no URL.
    """

    offline = False

    def __init__(
        self,
        name: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        window: int | None = None,
        timeout: float = 600.0,
        idle: float = 120.0,
        stream: bool = True,
        retry: Retry | None = None,
        proxy: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.endpoint = Endpoint.of(base_url)
        self._key = (api_key or "").strip()
        self._stated_window = window
        self._learned_window: int | None = None
        self._timeout = timeout
        self._idle = idle
        self._retry = retry or Retry()
        self._proxy = proxy
        self._sleep = sleep
        self._dialect = Dialect(name, stream=stream, official=self.endpoint.official)
        self._watch = Watch(idle=idle)
        weakref.finalize(self, self._watch.close)
        self._prices = Prices(name, self.endpoint)
        self._client: openai.OpenAI | None = None
        self._lock = threading.Lock()
        self._ids: set[str] = set()  # of all calls so far: some servers give the same again in the next reply

    @property
    def window(self) -> int | None:
        """Its size in tokens: stated, learned from a refusal, or from the price list once that is loaded."""
        stated = self._stated_window or self._prices.window(load=False)
        known = [one for one in (stated, self._learned_window) if one]
        return min(known) if known else None

    def think(self, request: Request) -> Thinking:
        """Answer a request, streaming. A "restart" delta voids what came of an attempt that broke off.

        What attempts cost that were billed and failed is in the usage of the thought, or of the error.

        Raises:
            ModelUnavailable: after bounded tries.
            ModelRefused: the endpoint says no for good.
            ContextTooLong: the prompt does not fit.
        """
        started = time.monotonic()
        wasted: list[Usage] = []
        try:
            reading, sent = yield from self._read(request, wasted)
        except ModelError as error:
            if wasted:
                usage = add_up(*wasted)
                error.usage = replace(usage, usd=self.price(usage))
            raise
        text, calls, finish = reading.result(new_id=self._new_id)
        usage = add_up(*wasted, reading.usage(sent=sent))
        return Thought(
            text=text,
            calls=calls,
            usage=replace(usage, usd=self.price(usage)),
            model=self.name,
            finish=finish,
            seconds=time.monotonic() - started,
            request=request.hash,
        )

    def price(self, usage: Usage) -> float | None:
        """US dollars for this usage: 0.0 in a private network, None where the price is unknown. The first question
        about an endpoint of the internet takes part of a second: the list is loaded then."""
        return self._prices.price(usage)

    def close(self) -> None:
        """End the connections. The next request opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        self._watch.close()
        if client is not None:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self, request: Request, wasted: list[Usage]) -> Generator[ThoughtDelta, None, tuple[Reading, int]]:
        """Try until a reply is whole; returns it, and the bytes that were sent for it. The usage of each attempt that
        was billed in vain is added to `wasted`."""
        schemas = {tool.name: tool.parameters for tool in request.tools}
        failures = slow = 0
        while True:
            reading = Reading(schemas)
            try:
                sent = yield from self._attempt(request, reading)
                return reading, sent
            except (Again, ModelError) as failure:
                usage = reading.usage(sent=len(request.messages_wire) + len(request.tools_wire))
                if reading.streamed or not usage.estimated:  # words came, or a bill
                    wasted.append(usage)
                if isinstance(failure, ModelError):
                    raise
                again = failure
            failures, slow = failures + 1, slow + again.slow
            if reading.streamed:
                yield ThoughtDelta(text="", channel="restart")
            wait = self._retry.after(again, failures=failures, slow=slow, billed=len(wasted), chance=random.random())
            yield ThoughtDelta(text=self._notice(again, wait, failures), channel="notice")
            self._sleep(wait)

    def _attempt(self, request: Request, reading: Reading) -> Generator[ThoughtDelta, None, int]:
        """One try, from the request to the end of its reply; returns the bytes that were sent."""
        response, sent = yield from self._open(request)
        watched = self._watch.add(response)
        try:
            self._prices.warm()
            # while the server works, not between its reply and the next request
            _ = request.hash
            self._note_ids(request)
            for chunk in self._chunks(response, reading, watched):
                try:
                    yield from reading.take(chunk)
                except ReplyError as error:
                    raise self._judged(response.status_code, error.body, response) from None
            yield from reading.end()
        finally:
            self._watch.remove(watched)
            response.close()
        return sent

    def _open(self, request: Request) -> Generator[ThoughtDelta, None, tuple[httpx2.Response, int]]:
        """Send the request, without the parameters that the endpoint turns out not to take."""
        import httpx2
        import openai

        client = self._connected()
        for _ in range(_LESSONS):
            body = self._dialect.body(request)
            try:
                response: Any = client.post(
                    "/chat/completions",
                    content=body,
                    cast_to=httpx2.Response,
                    stream=True,  # of the transport: the body is read by us, whether it is a stream or not
                    stream_cls=openai.Stream[object],
                )
                return response, len(body)
            except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError) as error:
                renamed = self._renamed(error)
                learned = self._lesson(error, renamed, request)
                if learned is None:
                    raise renamed from error
            if learned == "tools":
                text = f"{self.endpoint.host} takes no tools with {self.name}; they are told in the prompt instead"
                yield ThoughtDelta(text=text, channel="notice")
        raise ModelRefused(f"{self.endpoint.host} refuses the request, whatever is left out of it")

    def _lesson(self, error: Exception, renamed: Exception, request: Request) -> str | None:
        if isinstance(renamed, ContextTooLong) or getattr(error, "status_code", 0) not in (400, 404, 422, 500, 501):
            return None
        body = getattr(error, "body", None)
        return self._dialect.learn(everything(body), getattr(error, "param", None), request)

    def _chunks(self, response: httpx2.Response, reading: Reading, watched: Watched) -> Iterator[Any]:
        import httpx2

        try:
            for chunk in read_chunks(response.iter_bytes()):
                watched.hold()
                yield chunk
                if reading.streamed or reading.done:  # before that, a model on this machine reads its prompt
                    watched.seen(soon=reading.done)
        except (httpx2.HTTPError, httpx2.StreamError, OSError, EOFError) as error:
            if reading.whole:
                return  # what is missing is the usage, or the connection's own end
            if watched.fired:
                raise Again(f"{self.endpoint.host} fell silent for {self._idle:.0f} s", slow=True) from error
            renamed = self._renamed(error)
            raise renamed from error

    def _renamed(self, error: Exception) -> Again | ModelError:
        renamed = rename(error, model=self.name, endpoint=self.endpoint, keyed=bool(self._key), timeout=self._timeout)
        return self._remembered(renamed)

    def _judged(self, status: int, body: object, response: httpx2.Response) -> Again | ModelError:
        stated = body.get("error", body) if isinstance(body, dict) else body
        code = stated.get("code") if isinstance(stated, dict) else None
        if str(code).isdecimal() and 400 <= int(str(code)) < 600:
            status = int(str(code))
        return self._remembered(
            judge(status, body, response.headers, model=self.name, host=self.endpoint.host, keyed=bool(self._key))
        )

    def _remembered(self, error: Again | ModelError) -> Again | ModelError:
        """The same error, without the key where a server echoes it, and with the window remembered that it tells."""
        if isinstance(error, ContextTooLong) and error.limit:
            self._learned_window = error.limit
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
        import httpx2
        import openai

        host = self.endpoint.host
        if not self._key and not self.endpoint.private:
            raise ModelRefused(f"no key for {host}", hint="set OPENAI_API_KEY, or name a local server with --base-url")
        if not self._key.isascii() or any(letter <= " " for letter in self._key):
            raise ModelRefused(
                f"OPENAI_API_KEY cannot be sent to {host}: it holds a blank or a letter that no key has",
                hint="copy the key once more, without quotes or line ends",
            )
        direct = self.endpoint.loopback or (self._proxy is not None and proxy_bypass(host))
        timeout = httpx2.Timeout(self._timeout, connect=min(_CONNECT, self._timeout))
        try:
            http = httpx2.Client(
                timeout=timeout,
                follow_redirects=True,
                trust_env=not self.endpoint.loopback,
                proxy=None if direct else self._proxy,
                verify=_nobody() if self.endpoint.loopback and self.endpoint.url.startswith("http://") else True,
                limits=httpx2.Limits(max_connections=100, keepalive_expiry=_KEPT_OPEN),
            )
        except (ValueError, httpx2.InvalidURL) as error:
            raise ModelRefused(
                f"the proxy cannot be used: {error}", hint="look at HTTPS_PROXY and ALL_PROXY"
            ) from error
        weakref.finalize(self, http.close)
        key = self._key or "none"
        client = openai.OpenAI(
            api_key=key,
            base_url=self.endpoint.url,
            max_retries=0,
            timeout=timeout,
            http_client=http,
            default_headers={"Authorization": f"Bearer {key}"},
        )
        if not self.endpoint.official:
            client.organization = client.project = None  # of the user's account at OpenAI: nobody else's business
        return client

    def _notice(self, again: Again, wait: float, failures: int) -> str:
        return f"{again.reason}; trying again in {wait:.2g} s, try {failures + 1} of {self._retry.tries}"

    def _note_ids(self, request: Request) -> None:
        used = {call.id for message in request.messages for call in message.calls}
        with self._lock:
            self._ids |= used

    def _new_id(self, id_: str) -> str:
        with self._lock:
            while not id_ or id_ in self._ids:
                id_ = unique_id()
            self._ids.add(id_)
        return id_


def rename(error: Exception, *, model: str, endpoint: Endpoint, keyed: bool, timeout: float) -> Again | ModelError:
    """The one door for errors of the SDK and of its transport: what each means in our words.

    Args:
        error: What was raised.
        model: The model's name as sent.
        endpoint: Where it was asked.
        keyed: Was a key of the user sent?
        timeout: Seconds that were waited for a reply.
    """
    import httpx2
    import openai

    host = endpoint.host
    if isinstance(error, openai.APIStatusError):
        return judge(error.status_code, error.body, error.response.headers, model=model, host=host, keyed=keyed)
    if isinstance(error, openai.APIResponseValidationError):
        return Again(f"{host} sent something that is no reply")
    causes = _causes(error)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ModelRefused(
            f"the certificate of {host} is not trusted: {_root(causes)}",
            hint="behind a company's proxy, name its certificate in SSL_CERT_FILE",
        )
    if any(isinstance(cause, httpx2.ConnectTimeout) for cause in causes):
        return Again(f"{host} cannot be reached (no connection within {_CONNECT:.0f} s)")
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return Again(f"no reply from {host} within {timeout:.0f} s", slow=True)
    if any(isinstance(cause, httpx2.UnsupportedProtocol | httpx2.TooManyRedirects) for cause in causes):
        return ModelRefused(f"{host} cannot be asked: {_root(causes)}", hint="look at the base URL")
    if isinstance(error, openai.APIConnectionError):
        return Again(f"{host} cannot be reached ({_root(causes)})")
    if isinstance(error, openai.APIError):
        return judge(200, error.body or error.message, {}, model=model, host=host, keyed=keyed)
    if isinstance(error, httpx2.HTTPError | httpx2.StreamError | OSError | EOFError):
        return Again(f"the reply of {host} broke off ({_root(causes)})")
    return ModelRefused(f"{host} cannot be asked: {_root(causes)}")


def _nobody() -> ssl.SSLContext:
    """Trusts no certificate: for plain http on this machine, where reading all of the system's would cost the first
    request more than everything else of ours together."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found


def _root(causes: list[BaseException]) -> str:
    """The words of the innermost cause, which is where a connection's trouble is told."""
    said = next((str(cause) for cause in reversed(causes) if str(cause)), type(causes[0]).__name__)
    return " ".join(said.split())[:200]
