"""The search of the web as tools are given it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from plugins._given_web import Searched
from plugins._late import Late
from plugins._search_ways import SearchWays

if TYPE_CHECKING:
    from plugins._search_turns import Turns


class WebSearch(Late["Turns"]):
    """Search engines, as tools are given them. A context manager: nothing is loaded or opened before the first
    question. Safe to be used by several threads."""

    def __init__(self, ways: SearchWays, *, today: Callable[[], date] = date.today) -> None:
        def turns() -> Turns:
            from plugins._search_turns import Turns

            return Turns(ways, today=today)

        super().__init__(turns)

    def find(self, query: str, *, count: int = 10, site: str = "", since: str = "") -> Searched:
        """See `plugins.Search`."""
        return self._made().find(query, count=count, site=site, since=since)
