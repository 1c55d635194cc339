"""The search of the web as tools are given it: engines that are made when they are first asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Self

from plugins._given_web import Searched
from plugins._search_ways import SearchWays

if TYPE_CHECKING:
    from plugins._search_turns import Turns


class WebSearch:
    """Search engines, as tools are given them. A context manager: nothing is loaded or opened before the first
    question. Safe to be used by several threads."""

    def __init__(self, ways: SearchWays, *, today: Callable[[], date] = date.today) -> None:
        self._ways, self._today = ways, today
        self._turns: Turns | None = None
        self._lock = threading.Lock()

    def find(self, query: str, *, count: int = 10, site: str = "", since: str = "") -> Searched:
        """See `plugins.Search`."""
        return self._opened().find(query, count=count, site=site, since=since)

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            turns, self._turns = self._turns, None
        if turns is not None:
            turns.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> Turns:
        with self._lock:
            if self._turns is None:
                from plugins._search_turns import Turns

                self._turns = Turns(self._ways, today=self._today)
            return self._turns
