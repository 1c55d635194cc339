"""The way to the endpoint: the official SDK's client, and the one place where what goes wrong there becomes a line."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeAlias

from plugins._outcome import ToolError
from plugins.images._backend import never
from plugins.images._refusals import meaning, passing, said_in

if TYPE_CHECKING:
    import openai

    from plugins.images._endpoint import ImageEndpoint

__all__ = ["Client"]

Ask: TypeAlias = "Callable[[openai.OpenAI], AbstractContextManager[Any]]"
"""Asks by the SDK's client, in its streaming form, so that no answer is read beyond `_MOST_BYTES`."""

_MOST_BYTES = 256 * 2**20  # of an answer: a picture of 8 megapixels is some 35 MB in base64
_TRIES = 3  # of a request that a busy server did not take up
_PATIENCE = 60.0  # seconds that it may ask to wait
_STEP = 0.05  # seconds between two looks whether it was given up


class Client:
    """Asks an endpoint. Safe to be used by several threads; nothing is loaded before the first request."""

    def __init__(self, endpoint: ImageEndpoint) -> None:
        self.endpoint = endpoint
        self._client: openai.OpenAI | None = None
        self._lock = threading.Lock()

    def ask(
        self, asking: Ask, *, model: str, setting: str, cancelled: Callable[[], bool] = never
    ) -> dict[str, Any] | None:
        """What the endpoint answers; None where it was given up while a busy server was waited for.

        Args:
            asking: The request.
            model: That is asked, for people.
            setting: What names it.
            cancelled: Asked while it waits.

        Raises:
            ToolError: there is no answer, and why.
        """
        import httpx2
        import openai

        client = self._connected()
        for tried in range(1, _TRIES + 1):
            try:
                answer = self._read(client, asking)
            except openai.APIStatusError as error:
                wait = passing(error)
                if wait is None or wait > _PATIENCE or tried == _TRIES:
                    raise meaning(error, self.endpoint, model=model, setting=setting) from error
                if not _waited(wait, cancelled):
                    return None
                continue
            except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError) as error:
                raise meaning(error, self.endpoint, model=model, setting=setting) from error
            if (refused := said_in(answer, self.endpoint, model=model, setting=setting)) is not None:
                raise refused
            return answer
        return None

    def close(self) -> None:
        """End the connections; the next request opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _read(self, client: openai.OpenAI, asking: Ask) -> dict[str, Any]:
        """The whole answer, within the time and up to a size: a server may send for ever, a byte now and then."""
        found, until = bytearray(), time.monotonic() + self.endpoint.timeout
        with asking(client) as response:
            for piece in response.iter_bytes():
                found += piece
                if time.monotonic() > until:
                    raise TimeoutError
                if len(found) > _MOST_BYTES:
                    raise ToolError(f"{self.endpoint.host} answered with more than {_MOST_BYTES >> 20} MB")
        try:
            answer = json.loads(found)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            page = "a web page" if bytes(found.lstrip()[:1]) == b"<" else "something that is no answer of this API"
            raise ToolError(
                f"{self.endpoint.host} answered with {page}",
                hint="look at OPENAI_BASE_URL: an address of this API usually ends in /v1",
            )
        return answer

    def _connected(self) -> openai.OpenAI:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> openai.OpenAI:
        """Every setting is given to the client, so that it takes none from the environment behind ours."""
        import httpx2
        import openai

        endpoint = self.endpoint
        http = httpx2.Client(timeout=endpoint.timeout) if endpoint.connect is None else endpoint.connect()
        key = endpoint.api_key or "none"
        client = openai.OpenAI(
            api_key=key,
            base_url=endpoint.base_url,
            max_retries=0,  # a picture that was drawn and lost on the way would be paid for twice
            timeout=http.timeout,
            http_client=http,
            default_headers={"Authorization": f"Bearer {key}"},
        )
        if not endpoint.official:
            client.organization = client.project = None  # of the user's account at OpenAI: nobody else's business
        return client


def _waited(seconds: float, cancelled: Callable[[], bool]) -> bool:
    """Wait; False where it was given up meanwhile."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if cancelled():
            return False
        time.sleep(min(_STEP, left))
    return not cancelled()
