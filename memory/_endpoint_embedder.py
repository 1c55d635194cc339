"""Vectors from an endpoint that speaks OpenAI's `/embeddings`: a service, or a server of the user's own."""

from __future__ import annotations

import ipaddress
import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ._note_errors import RecallError
from .embedding import EmbeddingFailed

if TYPE_CHECKING:
    import openai

DEFAULT_URL = "https://api.openai.com/v1"

_MOST_TEXTS = 64
_MOST_CHARACTERS = 60_000  # of one request: below what services take, also of texts with a token for each character
_MOST_BYTES = 64 * 2**20  # of one reply
_RETRIES = 2
_CUTS = 4  # a text that is too long is cut in half at most so often
_GRACE = 0.2  # seconds by which the SDK's own limits, which say more, come first
_PAUSE = 30.0  # seconds for which a failed endpoint is not asked again for a single text: no search shall wait twice
_TOO_LONG = (400, 413, 422, 500)
_SIGNS = ("context", "token", "length", "large", "long", "maximum", "exceed")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingEndpoint:
    """Where vectors are asked for. `key` is sent as it is, and never told; None: none is needed. `proxy`: None means
    what the environment says; a server on this machine is asked directly.

    `seconds`: how long a single text may take, so that no search waits longer; a batch may take `batch_seconds`.

    Raises:
        RecallError: the address is none, or no model is named.
    """

    model: str
    url: str = DEFAULT_URL
    key: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    seconds: float = 3.0
    batch_seconds: float = 60.0

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise RecallError(
                "the endpoint for vectors needs the name of a model", hint="name one that makes embeddings"
            )
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or any(letter.isspace() for letter in self.url):
            hint = "it looks like http://localhost:11434/v1 or https://api.openai.com/v1"
            raise RecallError("the address of the endpoint for vectors is no URL of a server", hint=hint)

    @property
    def place(self) -> str:
        """Host, port and path: for people, and without what may be a secret."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{host}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"

    @property
    def loopback(self) -> bool:
        """Is it on this machine?"""
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost" or host.endswith(".localhost")


class EndpointEmbedder:
    """Vectors by the model of an endpoint. Safe to be used by several threads.

    `dimensions` is 0 until the first reply has told. A text that the endpoint finds too long is cut in half until it
    takes it. After a failure no single text is sent for half a minute.
    """

    unrelated = 0.2
    """Models differ much in this; it is what text-embedding-3-small gives at most texts that have nothing in common."""

    def __init__(self, endpoint: EmbeddingEndpoint) -> None:
        self.id = f"{endpoint.model}@{endpoint.place}"
        self.dimensions = 0
        self._endpoint = endpoint
        self._client: openai.OpenAI | None = None
        self._lock = threading.Lock()
        self._failed: tuple[float, str] = (-math.inf, "")

    def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """One vector for each text, in order.

        Raises:
            EmbeddingFailed: the endpoint is away, refuses, takes too long, or answers with something else.
        """
        when, why = self._failed
        if len(texts) == 1 and time.monotonic() < when + _PAUSE:
            raise EmbeddingFailed(why)
        try:
            return [vector for batch in _batches(texts) for vector in self._ask(batch, alone=len(texts) == 1)]
        except EmbeddingFailed as error:
            self._failed = time.monotonic(), str(error)
            raise

    def close(self) -> None:
        """End the connections; the next request opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _ask(self, texts: Sequence[str], *, alone: bool, cuts: int = 0) -> list[Sequence[float]]:
        try:
            return self._vectors(self._post(texts, alone=alone), count=len(texts))
        except _TooLong as error:
            if len(texts) > 1:
                half = len(texts) // 2
                return [one for part in (texts[:half], texts[half:]) for one in self._ask(part, alone=alone)]
            if cuts == _CUTS or len(texts[0]) < 2:
                raise EmbeddingFailed(str(error)) from error
            return self._ask([texts[0][: len(texts[0]) // 2]], alone=alone, cuts=cuts + 1)

    def _post(self, texts: Sequence[str], *, alone: bool) -> bytes:
        """What the endpoint answers. Retried where it is busy, but not for a single text, for which somebody waits."""
        import openai

        seconds = self._endpoint.seconds if alone else self._endpoint.batch_seconds
        body = {"model": self._endpoint.model, "input": [text or " " for text in texts], "encoding_format": "float"}
        try:
            client = self._connected().with_options(max_retries=0 if alone else _RETRIES, timeout=seconds)
            return _within(seconds, lambda: _read(client, body, until=time.monotonic() + seconds))
        except openai.APIStatusError as error:
            said = self._clean(_said(error))
            text = f"{self._endpoint.place} refused to make vectors with {self._endpoint.model}: {said}"
            if error.status_code in _TOO_LONG and any(sign in said.lower() for sign in _SIGNS):
                raise _TooLong(text) from error
            raise EmbeddingFailed(text) from error
        except EmbeddingFailed:
            raise
        except _TooSlow as error:
            self.close()  # what was given up ends with its connection, and is not waited for
            raise EmbeddingFailed(f"{self._endpoint.place} gives no vectors: no answer within {seconds:g} s") from error
        except Exception as error:  # the SDK and the transports below it raise much
            slow = isinstance(error, openai.APITimeoutError | TimeoutError)
            why = f"no answer within {seconds:g} s" if slow else self._clean(_cause(error))
            raise EmbeddingFailed(f"{self._endpoint.place} gives no vectors: {why}") from error

    def _vectors(self, answer: bytes, *, count: int) -> list[Sequence[float]]:
        """The vectors of an answer, each a list of finite numbers, all of one length."""
        what = f"{self._endpoint.place} answered with something else than vectors"
        try:
            rows = sorted(json.loads(answer)["data"], key=lambda row: row.get("index", 0))
            vectors: list[Sequence[float]] = [[float(value) for value in row["embedding"]] for row in rows]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EmbeddingFailed(what) from error
        if len(vectors) != count:
            raise EmbeddingFailed(f"{self._endpoint.place} gave {len(vectors)} vectors for {count} texts")
        if any(not math.isfinite(value) for vector in vectors for value in vector) or not all(map(any, vectors)):
            raise EmbeddingFailed(f"{self._endpoint.place} gave a vector that is none: empty, zero or not finite")
        with self._lock:
            self.dimensions = self.dimensions or len(vectors[0])
        if any(len(vector) != self.dimensions for vector in vectors):
            sizes = sorted({len(vector) for vector in vectors} | {self.dimensions})
            raise EmbeddingFailed(f"{self._endpoint.place} gave vectors of different lengths: {sizes}")
        return vectors

    def _connected(self) -> openai.OpenAI:
        import httpx2
        import openai

        with self._lock:
            if self._client is None:
                key, near = self._endpoint.key or "none", self._endpoint.loopback
                # Every setting is given, so that the SDK takes none from the environment behind ours.
                client = openai.OpenAI(
                    api_key=key,
                    base_url=self._endpoint.url,
                    http_client=httpx2.Client(trust_env=not near, proxy=None if near else self._endpoint.proxy),
                    default_headers={"Authorization": f"Bearer {key}"},
                )
                if urlsplit(self._endpoint.url).hostname != "api.openai.com":
                    client.organization = client.project = None  # of the user's account at OpenAI
                self._client = client
            return self._client

    def _clean(self, said: str) -> str:
        """One line, without the key where a server echoes it."""
        key = self._endpoint.key
        said = " ".join(said.split())
        return (said.replace(key, "…") if key else said)[:300]


class _TooLong(Exception):
    """The endpoint refused, it seems, because of the length of what it was given."""


class _TooSlow(Exception):
    """The exchange as a whole, from the name's look-up to the last byte, has not ended in its time."""


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == _MOST_TEXTS or size + len(text) > _MOST_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def _within(seconds: float, exchange: Callable[[], bytes]) -> bytes:
    """What an exchange gives, or raises. The time limits of the SDK hold for each wait, and a server that sends its
    headers a byte now and then meets none of them: the exchange has a thread of its own, which is not waited for.

    Raises:
        _TooSlow: it has not ended by then.
    """
    ended: Future[bytes] = Future()

    def go() -> None:
        try:
            ended.set_result(exchange())
        except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
            ended.set_exception(error)

    threading.Thread(target=go, name="vectors", daemon=True).start()
    if not wait((ended,), timeout=seconds + _GRACE).done:
        raise _TooSlow
    return ended.result()


def _read(client: openai.OpenAI, body: object, *, until: float) -> bytes:
    """The whole answer, read within the time and up to a size: a server may send for ever, a byte now and then."""
    import httpx2
    import openai

    response: Any = client.post(
        "/embeddings", body=body, cast_to=httpx2.Response, stream=True, stream_cls=openai.Stream[object]
    )
    found = bytearray()
    try:
        for piece in response.iter_bytes():
            found += piece
            if time.monotonic() > until:
                raise TimeoutError
            if len(found) > _MOST_BYTES:
                raise EmbeddingFailed(f"{response.url.host} answered with more than {_MOST_BYTES >> 20} MB")
    finally:
        response.close()
    return bytes(found)


def _said(error: openai.APIStatusError) -> str:
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return f"{error.status_code} {message or error.message}"


def _cause(error: BaseException) -> str:
    """What lies under an error of the SDK, which itself says no more than that there was one."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
