"""The search of the web: whom it would ask. Nobody is asked here."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding


def look_at_search(around: Around) -> Iterator[Finding]:
    """The engines that `web_search` asks in turn, and whether they are there."""
    from agent.opening.search import ways_to_search

    settings = around.settings
    ways = ways_to_search(settings)
    server = f"SearXNG at {urlsplit(ways.searxng).netloc}, then " if ways.searxng else ""
    value = {"engines": list(ways.names), "searxng": ways.searxng}
    if ways.unknown:
        stated = settings.origin("THINKACT_SEARCH_ENGINES")
        mend = mending.edit(settings.config) if stated == "config.toml" else mending.unset("THINKACT_SEARCH_ENGINES")
        what = f"THINKACT_SEARCH_ENGINES ({stated}) names no search engine: {', '.join(ways.unknown)}"
        yield Finding(name="search", state="fault", what=what, mend=mend, value=value)
        return
    what = f"web_search asks {server}{', '.join(ways.engines)} in turn (none of them was tried here)"
    yield Finding(name="search", state="ok", what=what, value=value)
