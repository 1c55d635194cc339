"""The one client for every address of the web: pages, pictures, feeds, servers of search engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plugins._given_web import Fetched
from plugins._late import Late
from plugins._ways import Web

if TYPE_CHECKING:
    from plugins._following import Following


class WebHttp(Late["Following"]):
    """The web, as tools are given it. A context manager: what asks (`_following`) is loaded and opened when it is first
    needed, and closed at the end. Safe to be used by several threads."""

    def __init__(self, web: Web) -> None:
        def following() -> Following:
            from plugins._following import Following

            return Following(web)

        super().__init__(following)
        self._honours_robots = web.honour_robots

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
        fresh: bool = False,
        robots: bool | None = None,
    ) -> Fetched:
        """Read an address, as `plugins.Http` has it.

        Args:
            url: An http or https address.
            headers: Sent besides the client's own. Whatever may not be said to anyone (all but accept,
                accept-language, cache-control, range and user-agent) goes to the first host alone, and then the answer
                is not kept.
            most_bytes: Of the unpacked body; what is beyond is cut.
            timeout: Seconds for all of it, waits and redirects included.
            fresh: Ask the server, also where the cache holds what is still good.
            robots: Honour `robots.txt`; the user's setting where None.

        Raises:
            Refused: the address, or one that it leads to, may not be opened.
            Unreachable: nobody answers there, or not in time.
            Answered: the answer is no success.
        """
        given = {**(headers or {}), **({"cache-control": "no-cache"} if fresh else {})}
        honoured = self._honours_robots if robots is None else robots
        return self._made().asked("GET", url, given, b"", most=most_bytes, timeout=timeout, robots=honoured)

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
        """Send something to an address, once: nothing is tried again or kept. Raises as `get` does."""
        return self._made().asked(
            method.upper(), url, headers or {}, content, most=most_bytes, timeout=timeout, robots=False
        )
