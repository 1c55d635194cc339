"""The search engines that tools may ask, as the user's settings name them."""

from __future__ import annotations

from collections.abc import Sequence

from agent.opening.web import web_of
from agent.settings import Settings
from plugins import SearchWays, WebSearch


def open_search(settings: Settings, hosts: Sequence[str] | None = None) -> WebSearch:
    """The engines, in turn: the user's SearXNG server where there is one, then those that the settings name; of them
    those alone that are among `hosts`, where the goal file states some. Nothing is loaded or asked before a tool
    asks."""
    return WebSearch(ways_to_search(settings, hosts))


def ways_to_search(settings: Settings, hosts: Sequence[str] | None = None) -> SearchWays:
    """Which engines are asked, and how."""
    ways = SearchWays(web=web_of(settings, hosts), searxng=settings.searxng_url, kept=settings.home / "cache")
    if not settings.search_engines:
        return ways
    return SearchWays(web=ways.web, searxng=ways.searxng, kept=ways.kept, engines=settings.search_engines)
