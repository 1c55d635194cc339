"""Short texts ranked by the words that they share with a query, in memory: the lexical half of recall, for what is too
small and too short-lived for a store, such as the descriptions of a run's tools.

It is BM25 over weighted fields. As in recall, a word also counts, at a part of its weight, where another form of it or
a compound stands, or one that may stand for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import log
from typing import TypeAlias

from ._query import BEGINS, RELATED
from ._related import related
from .embedding import COMMON, beginning, words

__all__ = ["Fields", "Lexical"]

Fields: TypeAlias = Sequence[tuple[str, float]]
"""The fields of an entry: each a text, and how much a word in it counts (1.0: as usual)."""

_K1, _B = 1.2, 0.4  # of BM25; lengths count little, as most of what is in a long description says what it is about
_PART = 0.2  # of the weight of a word, where a single character of an unspaced script is all there is of it


class Lexical:
    """Entries that are found by their words. Nothing in it changes: it may be asked from several threads."""

    def __init__(self, entries: Sequence[Fields]) -> None:
        self._places: dict[str, dict[int, float]] = defaultdict(dict)
        self._lengths: list[float] = []
        for number, fields in enumerate(entries):
            length = 0.0
            for text, weight in fields:
                for word in words(text):
                    if word not in COMMON:
                        held = self._places[word]
                        held[number] = held.get(number, 0.0) + weight
                        length += weight
            self._lengths.append(length)
        self._usual = sum(self._lengths) / len(self._lengths) if self._lengths else 1.0
        self._begun: dict[str, list[str]] = defaultdict(list)
        for word in self._places:
            start = beginning(word)
            if start is not None:
                self._begun[start[:4]].append(word)

    def rank(self, query: str, also: Mapping[str, float] | None = None) -> list[tuple[int, float]]:
        """The entries that hold a word of the query, best first: each by its number, and with its score.

        `also` are texts whose words are looked for too, each with the part of a word's weight that they count.
        """
        terms = {word: 1.0 for word in words(query) if word not in COMMON}
        for text, weight in (also or {}).items():
            for word in words(text):
                if word not in COMMON:
                    terms[word] = max(terms.get(word, 0.0), weight)
        scores: dict[int, float] = defaultdict(float)
        for term, weight in terms.items():
            for number, score in self._scores(term).items():
                scores[number] += weight * score
        return sorted(scores.items(), key=lambda one: (-one[1], one[0]))

    def _scores(self, term: str) -> dict[int, float]:
        """What a word adds to each entry: by itself, or by the best of those that may count for it."""
        found = dict(self._held(term, _PART if len(term) == 1 and not term.isascii() else 1.0))
        others = [(other, RELATED) for other in related(term)]
        start = beginning(term)
        if start is not None:
            others += [(one, BEGINS) for one in self._begun[start[:4]] if one != term and one.startswith(start)]
        for other, part in others:
            for number, score in self._held(other, part).items():
                found[number] = max(found.get(number, 0.0), score)
        return found

    def _held(self, term: str, part: float) -> dict[int, float]:
        held = self._places.get(term)
        if not held:
            return {}
        total = len(self._lengths)
        rarity = part * log(1.0 + (total - len(held) + 0.5) / (len(held) + 0.5))
        return {
            number: rarity * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * self._lengths[number] / self._usual))
            for number, times in held.items()
        }
