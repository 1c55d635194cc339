"""Search engines behind a tool's gate: a query leaves this machine, so only a tool that declares it may ask one."""

from __future__ import annotations

from plugins import _handed as handed
from plugins._given_web import Search, Searched
from plugins._outcome import Effect, ToolError
from plugins._revocation import Gate


class GuardedSearch:
    """A search whose arguments are checked, for a tool of this effect."""

    def __init__(self, search: Search, tool: str, effect: Effect, gate: Gate) -> None:
        self._search, self._tool, self._effect, self._gate = search, tool, effect, gate

    def find(self, query: str, *, count: int = 10, site: str = "", since: str = "") -> Searched:
        self._gate.check()
        if self._effect not in (Effect.FETCH, Effect.SEND):
            raise ToolError(
                f"{self._tool} declares the effect {self._effect.name}, so it may not search the web",
                hint="a tool that does declares effect=Effect.FETCH or effect=Effect.SEND",
            )
        found = self._search.find(
            handed.text(query, "context.search.find: query"),
            count=handed.at_least(1, count, "context.search.find: count"),
            site=handed.text(site, "context.search.find: site"),
            since=handed.text(since, "context.search.find: since"),
        )
        self._gate.check()
        return found
