"""Which search engines are asked, and how they are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plugins._ways import Web

SEARXNG = "searxng"
ENGINES = ("duckduckgo", "brave", "mojeek", "startpage", "yahoo", "wikipedia")
"""The engines that need no key, in the order in which they are asked."""
KNOWN = frozenset({*ENGINES, "grokipedia"})
"""All that can be asked: those of ddgs, and Wikipedia's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWays:
    """Which search engines are asked, and how they are reached; all of it comes from the user's settings.

    Attributes:
        web: How the web is reached. Its rules hold for what an engine's address leads to.
        engines: Names, in the order in which they are asked.
        searxng: The address of a SearXNG server, which is asked before them; it may be a private one. None: there is
            none.
        kept: A folder for what was found, or None.
        pause: Seconds between two questions to one engine.
        patience: Seconds for one engine, and for all of them together.
    """

    web: Web = field(default_factory=Web)
    engines: Sequence[str] = ENGINES
    searxng: str | None = None
    kept: Path | None = None
    pause: float = 1.5
    patience: tuple[float, float] = (8.0, 25.0)

    @property
    def names(self) -> tuple[str, ...]:
        """All that are asked, in turn."""
        return tuple(dict.fromkeys([*([SEARXNG] if self.searxng else []), *self.engines]))

    @property
    def unknown(self) -> tuple[str, ...]:
        """Those among `engines` that there are none of."""
        return tuple(one for one in self.engines if one not in KNOWN)
