"""How what was found for a query is weighed: pure functions over candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import TypeAlias

from ._notes import Found
from .embedding import COMMON, beginning

FLOOR = 0.12
"""Below this score a note has nothing to do with the query, as far as can be told."""

_LEXICAL, _DENSE = 0.65, 0.35  # measured best; equal weights and rank fusion lose against words alone
_HALF = 0.5
_BACKGROUND = 50  # notes imagined beside the real ones: in a store of three, a word in two of them still tells much
_ENOUGH = 6.0  # rare words that a long query needs to find again: of a page of text no note covers more than a part
_SOUGHT = 64  # the most words of a query that are looked for
_LEAST = 0.5  # a query of nothing but common words weighs at least this part of a rare word


@dataclass(frozen=True, slots=True)
class Query:
    """A query's words with their weights (the rarer the heavier), and the weight of a word that stands in no note.
    `sought` are the words to look for: those that stand in some note first, the heaviest before the others."""

    weights: Mapping[str, float]
    unknown: float
    sought: Mapping[str, float]

    @classmethod
    def of(cls, terms: Iterable[str], frequencies: Mapping[str, int], *, count: int) -> Query:
        """Weigh each word by the number of the `count` notes that it stands in. Common words count a tenth, and are
        left out where there are others."""
        notes = max(count, *frequencies.values(), 0) + _BACKGROUND

        def weight(frequency: int) -> float:
            return log(1.0 + (notes - frequency + 0.5) / (frequency + 0.5))

        weights = {
            term: weight(frequencies.get(term, 0)) * (0.1 if term in COMMON else 1.0) for term in dict.fromkeys(terms)
        }
        weights = {term: one for term, one in weights.items() if term not in COMMON} or weights
        order = sorted(weights, key=lambda term: (term not in frequencies, -weights[term]))
        return cls(weights, weight(0), {term: weights[term] for term in order[:_SOUGHT]})

    def covered(self, found: Found) -> float:
        """How much of the query's weight a note's words cover, 0 to 1; its context's words count half, and so do words
        that only begin alike."""
        got = sum(weight * _share(term, found) for term, weight in self.weights.items())
        whole = max(min(sum(self.weights.values()), _ENOUGH * self.unknown), _LEAST * self.unknown)
        return min(1.0, got / whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A candidate: its lexical rank (0.0: none of the words) and its cosine (None: no vectors were compared)."""

    found: Found
    lexical: float
    cosine: float | None


Ranked: TypeAlias = list[tuple[float, Found, dict[str, float | None]]]


def rank(query: Query, evidence: Sequence[Evidence], *, unrelated: float) -> Ranked:
    """Score and order candidates, best first; the newer one where scores are equal.

    Order comes from a min-max weighted sum over the candidates, its minimum held at "no word shared" and "cosine of
    unrelated texts". That sum makes the best of any lot a 1.0, also of a lot that is all nonsense, so it is scaled by
    the strongest absolute evidence (coverage and cosine) that any candidate has.
    """
    best_rank = max((one.lexical for one in evidence), default=0.0)
    best_cosine = max((one.cosine or 0.0 for one in evidence), default=0.0)
    compared = any(one.cosine is not None for one in evidence)
    scored: list[tuple[float, float, Found, dict[str, float | None]]] = []
    for one in evidence:
        lexical = one.lexical / best_rank if best_rank > 0 else 0.0
        coverage = query.covered(one.found)
        dense, near = _above(one.cosine, unrelated, best_cosine), _above(one.cosine, unrelated, 1.0)
        fused = _LEXICAL * lexical + _DENSE * dense if compared else lexical
        strength = _LEXICAL * coverage + _DENSE * near if compared else coverage
        why = {
            "lexical": round(lexical, 4),
            "dense": round(dense, 4) if compared else None,
            "coverage": round(coverage, 4),
            "cosine": None if one.cosine is None else round(one.cosine, 4),
        }
        scored.append((fused, strength, one.found, why))
    highest = max((fused for fused, *_ in scored), default=0.0)
    scale = max((strength for _, strength, *_ in scored), default=0.0) / highest if highest > 0 else 0.0
    ranked = [(round(min(1.0, fused * scale), 6), found, why) for fused, _, found, why in scored]
    return sorted(ranked, key=lambda one: (-one[0], -one[1].note.created, -one[1].number))


def _share(term: str, found: Found) -> float:
    if f" {term} " in found.terms:
        return 1.0
    start = beginning(term)
    if f" {term} " in found.context_terms or (start and f" {start}" in found.terms):
        return _HALF
    return 0.0


def _above(cosine: float | None, least: float, most: float) -> float:
    if cosine is None or cosine <= least or most <= least:
        return 0.0
    return min(1.0, (cosine - least) / (most - least))
