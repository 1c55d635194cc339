"""One page of an endpoint, fetched once and read as JSON: a list of models, a server's own word on its settings.

No redirect is followed, since the key must not follow it to another host. Size and time are capped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from agent.errors import ModelError, ModelRefused, ModelUnavailable
from agent.model.dialect import Endpoint
from agent.model.renaming import rename_transport
from agent.model.retry import Again
from agent.model.transport import open_transport
from agent.model.within import within

if TYPE_CHECKING:
    import httpx2

__all__ = ["NO_VALUE", "Door", "Page"]

_LARGEST = 16_000_000
"""Bytes of a page. OpenRouter's list, the longest that is known, has about one million."""
NO_VALUE = object()
"""The value of a page that is not JSON."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came. `value` is the JSON, or `NO_VALUE`; `web` tells a page made for people; `moved` is the address that
    a redirect leads to."""

    status: int
    value: object = NO_VALUE
    web: bool = False
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """Where pages are fetched: an endpoint, the key that is shown there, the proxy on the way."""

    endpoint: Endpoint
    key: str = ""
    proxy: str | None = None

    def fetch(self, path: str, *, patience: float, body: Mapping[str, object] | None = None) -> Page:
        """Fetch a page, by GET, or by POST where there is a body.

        Args:
            path: Behind the base URL, such as `/models`; one that begins with `//` is the host's own, such as
                `//props`, for what servers have beside the API.
            patience: Seconds for all of it.
            body: Sent as JSON.

        Raises:
            ModelUnavailable: nothing came in time, or not all of it.
            ModelRefused: nothing will, such as behind a certificate that is not trusted.
        """
        if not self.key.isascii() or any(letter <= " " for letter in self.key):
            raise ModelRefused(
                f"OPENAI_API_KEY cannot be sent to {self.endpoint.host}: it holds a blank or a letter that no key has",
                hint="copy the key once more, without quotes or line ends",
            )
        try:
            return within(patience, lambda: self._fetch(path, patience, body))
        except TimeoutError:
            raise ModelUnavailable(
                f"{self.endpoint.host} does not answer within {patience:.2g} s",
                hint="look at the base URL, and whether the server is busy",
            ) from None

    def _fetch(self, path: str, patience: float, body: Mapping[str, object] | None) -> Page:
        import httpx2

        until = time.monotonic() + patience
        url = self._root() + path[1:] if path.startswith("//") else self.endpoint.url.rstrip("/") + path
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        try:
            with (
                open_transport(self.endpoint, timeout=patience, proxy=self.proxy, follow=False) as client,
                client.stream("GET" if body is None else "POST", url, headers=headers, json=body) as response,
            ):
                return _page(response, until)
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError, EOFError) as error:
            raise self._renamed(error, patience) from error

    def _root(self) -> str:
        """The base URL without the version at its end: where servers have what is not OpenAI's."""
        return self.endpoint.url.rstrip("/").removesuffix("/v1").rstrip("/")

    def _renamed(self, error: Exception, patience: float) -> ModelError:
        named = rename_transport(error, host=self.endpoint.host, timeout=patience)
        if isinstance(named, Again):
            return ModelUnavailable(named.reason, hint="start the server, or look at the base URL")
        return named


def _page(response: httpx2.Response, until: float) -> Page:
    if response.has_redirect_location:
        return Page(response.status_code, moved=_address(str(response.url), response.headers["location"]))
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > _LARGEST or time.monotonic() > until:
            return Page(response.status_code)
    text = b"".join(parts).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    try:
        return Page(response.status_code, json.loads(text))
    except (ValueError, RecursionError):
        return Page(response.status_code, web=text.startswith("<"))


def _address(here: str, there: str) -> str:
    """Where a redirect leads to, without user and password, which come along from the base URL to the same host."""
    try:
        parts = urlsplit(urljoin(here, there))
    except ValueError:
        return there
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
