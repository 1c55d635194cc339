"""The web as tools are given it: a client that is made when it is first asked."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from plugins._given_web import Fetched
from plugins._ways import Web

if TYPE_CHECKING:
    from plugins._http import HttpClient


class WebHttp:
    """The web, as tools are given it. A context manager: the client is loaded and opened when it is first asked, and
    closed at the end. Safe to be used by several threads."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._client: HttpClient | None = None
        self._lock = threading.Lock()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
        fresh: bool = False,
    ) -> Fetched:
        """See `plugins.Http`."""
        return self._opened().get(url, headers=headers, most_bytes=most_bytes, timeout=timeout, fresh=fresh)

    def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
    ) -> Fetched:
        """See `plugins.Http`."""
        return self._opened().send(
            method, url, content=content, headers=headers, most_bytes=most_bytes, timeout=timeout
        )

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> HttpClient:
        with self._lock:
            if self._client is None:
                from plugins._http import HttpClient

                self._client = HttpClient(self._web)
            return self._client
