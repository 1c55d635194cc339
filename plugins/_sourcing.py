"""Which piece of a source a statement was made from, told by the words that they share.

It finds places for what a model has written without any: small models forget the marks that they were asked to keep.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from plugins._sentences import sentences
from plugins._terms import terms

__all__ = ["Source", "Sources"]

Span: TypeAlias = tuple[int, int]

_SHARED = 0.5  # of the worth of a statement's terms, that its source has
_TELLING = 2.0  # worth of terms that a statement has at least
_MOST = 3  # sources of one line


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of what was read, and the lines that it comes from."""

    text: str
    spans: tuple[Span, ...]


class Sources:
    """The pieces of what one answer was made from."""

    def __init__(self, pieces: Sequence[Source]) -> None:
        self._pieces = pieces
        self._terms = [terms(one.text) for one in pieces]
        self._holders: dict[str, list[int]] = {}
        for at, held in enumerate(self._terms):
            for term in held:
                self._holders.setdefault(term, []).append(at)

    def of(self, line: str) -> list[Span]:
        """Where a line of an answer comes from, sentence by sentence; empty where no piece is like it."""
        found: Counter[int] = Counter()
        for _, sentence in sentences(line):
            if (at := self._nearest(sentence)) is not None:
                found[at] += 1
        best = sorted(at for at, _ in found.most_common(_MOST))
        return [span for at in best for span in self._pieces[at].spans]

    def _nearest(self, sentence: str) -> int | None:
        """The piece that has most of a sentence's terms; of several alike the one where they weigh more."""
        held = terms(sentence)
        worth = {term: value * self._worth(term) for term, value in held.items()}
        total = sum(worth.values())
        if sum(held.values()) < _TELLING or not total:
            return None
        shared: dict[int, float] = {}
        for term, value in worth.items():
            for at in self._holders.get(term, ()):
                shared[at] = shared.get(at, 0.0) + value
        if not shared:
            return None
        best = min(shared, key=lambda at: (-shared[at], len(self._terms[at]), at))
        return best if shared[best] >= _SHARED * total else None

    def _worth(self, term: str) -> float:
        return math.log((len(self._pieces) + 1) / (len(self._holders.get(term, ())) + 0.5)) + 0.1
