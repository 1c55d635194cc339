"""How much a word tells: the rarer it is in the material at hand, the more.

The weight is the inverse document frequency of a term (Spärck Jones, 1972), with a sentence as the document. A word
that the material does not have weighs most: what shares only common words with a question does not answer it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

_SMALL = 20
"""Texts below which the weights are those of so many: in a handful of sentences no count tells much."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of terms over some material. `total`: how many texts it has; `counts`: in how many a term stands."""

    total: int
    counts: Counter[str]

    def of(self, term: str) -> float:
        """The weight of a term; above 0, and highest for a term that stands nowhere."""
        total = max(self.total, _SMALL)
        return math.log((total + 1) / (max(min(self.counts[term], total), 0.5) + 0.5)) + 0.1

    def share(self, wanted: Collection[str], found: Collection[str]) -> float:
        """Which part of the weight of the wanted terms the found ones have, between 0 and 1; 0 where none is wanted."""
        whole = sum(self.of(term) for term in set(wanted))
        return sum(self.of(term) for term in set(wanted) & set(found)) / whole if whole else 0.0


def weigh(texts: Iterable[Collection[str]]) -> Weights:
    """The weights over these texts, each given by its terms."""
    counts: Counter[str] = Counter()
    total = 0
    for found in texts:
        counts.update(set(found))
        total += 1
    return Weights(total, counts)
