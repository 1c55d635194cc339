"""What the owners of a site ask of programs: `robots.txt` (RFC 9309)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx2

from plugins._outcome import ToolError

if TYPE_CHECKING:
    from protego import Protego

_KEPT = 3_600.0  # seconds; RFC 9309 allows a day


class Robots:
    """The rules of each site, read once an hour.

    Args:
        read: Gives the status and the text of a `robots.txt`.
        agent: The name to be looked for in them.
    """

    def __init__(self, read: Callable[[httpx2.URL], tuple[int, bytes]], *, agent: str) -> None:
        self._read, self._agent = read, agent
        self._known: dict[str, tuple[float, Protego | None]] = {}
        self._lock = threading.Lock()

    def judge(self, url: httpx2.URL) -> None:
        """Raises `ToolError` where the site's owner asks programs to leave this address alone."""
        rules = self._rules(url)
        if rules is not None and not rules.can_fetch(str(url), self._agent):
            raise ToolError(
                f"the owner of {url.host} asks programs not to read {url.path} (robots.txt)",
                hint="read another page, or ask the user",
            )

    def _rules(self, url: httpx2.URL) -> Protego | None:
        from protego import Protego

        origin = f"{url.scheme}://{url.netloc.decode()}"
        with self._lock:
            at, rules = self._known.get(origin, (0.0, None))
        if at and time.monotonic() - at < _KEPT:
            return rules
        status, text = self._read(url.copy_with(raw_path=b"/robots.txt"))
        if status >= 500:
            # By the RFC: where the rules cannot be read, nothing may be.
            raise ToolError(
                f"{url.host} cannot say what programs may read: its robots.txt answers {status}",
                hint="try again later, or read another page",
            )
        rules = Protego.parse(text.decode("utf-8", "replace")) if 200 <= status < 300 else None
        with self._lock:
            self._known[origin] = (time.monotonic(), rules)
        return rules
