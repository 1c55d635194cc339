"""What the owners of a site ask of programs: `robots.txt` (RFC 9309)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

import httpx2

from plugins._judging import OutOfTime
from plugins._outcome import ToolError

if TYPE_CHECKING:
    from protego import Protego

_KEPT = 3_600.0  # seconds; RFC 9309 allows a day


class Robots:
    """The rules of each site, read once an hour, and once only where many threads want them.

    Args:
        read: Gives the status and the text of a `robots.txt`.
        agent: The name to be looked for in them.
        left: How many seconds the thread has that asks; raises where it has none.
    """

    def __init__(
        self, read: Callable[[httpx2.URL], tuple[int, bytes]], *, agent: str, left: Callable[[], float]
    ) -> None:
        self._read, self._agent, self._left = read, agent, left
        self._known: dict[str, tuple[float, Future[Protego | None]]] = {}
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
        """The rules of a site: as they are known, as another thread reads them just now, or read."""
        origin = f"{url.scheme}://{url.netloc.decode()}"
        while True:
            now = time.monotonic()
            own: Future[Protego | None] = Future()
            with self._lock:
                at, found = self._known.get(origin, (now, own))
                if now - at >= _KEPT:
                    found = own
                if found is own:
                    self._known[origin] = (now, own)
            if found is own:
                return self._read_for_all(origin, url, own)
            try:
                return found.result(timeout=self._left())
            except TimeoutError:
                self._left()
            except OutOfTime:
                continue  # the other thread had less time than this one may have

    def _read_for_all(self, origin: str, url: httpx2.URL, own: Future[Protego | None]) -> Protego | None:
        try:
            own.set_result(self._read_rules(url))
        except BaseException as error:
            with self._lock:
                del self._known[origin]
            own.set_exception(error)
            raise
        return own.result()

    def _read_rules(self, url: httpx2.URL) -> Protego | None:
        from protego import Protego

        status, text = self._read(url.copy_with(raw_path=b"/robots.txt"))
        if status >= 500:
            # By the RFC: where the rules cannot be read, nothing may be.
            raise ToolError(
                f"{url.host} cannot say what programs may read: its robots.txt answers {status}",
                hint="try again later, or read another page",
            )
        return Protego.parse(text.decode("utf-8", "replace")) if 200 <= status < 300 else None
