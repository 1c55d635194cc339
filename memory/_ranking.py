"""How what was found for a query is weighed: pure functions over candidates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import pairwise
from typing import TypeAlias

from ._candidates import WEIGHTS, Candidate, Weights, follows
from ._evidence import covered, exactly, of_these_days, prior, signs_of
from ._query import Query
from ._told import told

FLOOR = 0.12
"""Where the best score is below this, nothing has to do with the query, as far as can be told."""

_NEARNESS = 0.35  # what a vector alone is worth as evidence
_FINALISTS = 60
Ranked: TypeAlias = list[tuple[float, int, dict[str, float | None]]]


def rank(
    query: Query,
    candidates: Sequence[Candidate],
    cosines: Mapping[int, float] | None,
    *,
    unrelated: float,
    certain: float,
    share: float | None,
    most: int,
    weights: Weights = WEIGHTS,
) -> Ranked:
    """Scores, numbers and their parts of the `most` best, best first; the newer one where scores are equal.

    Candidates come in the order of their numbers; `cosines` is None where no vectors were compared; at `certain`, two
    texts surely have to do with each other, and at `unrelated` they need not. Order comes from a
    weighted sum of words and vectors, each against the best of the candidates; its minimum is "no word shared" and
    "cosine of unrelated texts". That sum makes the best of any lot a 1.0, also of a lot that is all nonsense, so it is
    scaled by the strongest absolute evidence (coverage and cosine) that any candidate has.
    """
    links = [False, *(follows(one, other) for one, other in pairwise(candidates))]
    own, shared = _word_scores(query, candidates, links, weights)
    near = [_above(cosines.get(one.number), unrelated) if cosines else 0.0 for one in candidates]
    exact = [exactly(query, one) for one in candidates]
    dense = _lent(near, links, weights) if weights.spread else near
    names = _lent(exact, links, weights)
    of_the_day = [query.dated * (query.dated > 0 and of_these_days(query.days, one)) for one in candidates]
    held = [words + weights.exact * name + day for words, name, day in zip(shared, names, of_the_day, strict=True)]
    part = 0.0 if cosines is None else weights.dense if share is None else share
    rough = _fused(held, dense, part)
    # The rest is looked at for those alone that can still come first.
    fitting = [place for place, one in enumerate(candidates) if one.fits]
    places = nlargest(max(_FINALISTS, 3 * most), fitting, key=rough.__getitem__)
    lexical = [held[place] * prior(query, candidates[place], weights) for place in places]
    signs = signs_of(query)
    coverage = [covered(query, signs, candidates[place], of_the_day[place]) for place in places]
    dense, near = [dense[place] for place in places], [near[place] for place in places]
    sure = [min(1.0, one * (1.0 - unrelated) / max(certain - unrelated, 0.01)) for one in near]
    # As evidence either is enough: words that are covered, or, up to a third, a vector that is near.
    strength = [words + (1.0 - words) * _NEARNESS * one for words, one in zip(coverage, sure, strict=True)]
    fused = _fused(lexical, dense, part)
    scale = max(strength, default=0.0) / _most(fused)
    named = sum(query.written.values()) or 1.0
    ranked: Ranked = []
    for n, place in enumerate(places):
        number = candidates[place].number
        why = {
            "lexical": lexical[n] / _most(lexical),
            "dense": None if cosines is None else dense[n] / _most(dense),
            "coverage": coverage[n],
            "cosine": None if cosines is None else cosines.get(number, 0.0),
            "neighbour": 1.0 - min(1.0, own[place] / (shared[place] or 1.0)) if shared[place] else 0.0,
            "exact": exact[place] / named,
        }
        rounded = {name: None if value is None else round(value, 4) for name, value in why.items()}
        ranked.append((round(min(1.0, fused[n] * scale), 6), number, rounded))
    created = {one.number: one.created for one in candidates}
    return sorted(ranked, key=lambda one: (-one[0], -created[one[1]], -one[1]))[:most]


def _most(values: Sequence[float]) -> float:
    return max(values, default=0.0) or 1.0


def _sum(ones: Sequence[float], others: Sequence[float], parts: Sequence[float]) -> list[float]:
    return [parts[0] * one + parts[1] * other for one, other in zip(ones, others, strict=True)]


def _fused(lexical: Sequence[float], dense: Sequence[float], part: float) -> list[float]:
    """The sum of the two, each against its best; `part` is the second's."""
    return _sum(lexical, dense, ((1 - part) / _most(lexical), part / _most(dense)))


def _lent(direct: Sequence[float], links: Sequence[bool], weights: Weights) -> list[float]:
    held = list(direct)
    _lend(direct, held, links, weights)
    return held


def _word_scores(
    query: Query, candidates: Sequence[Candidate], links: Sequence[bool], weights: Weights
) -> tuple[list[float], list[float]]:
    """For each candidate the weight of the words that it holds itself, and of those that it or its neighbours hold:
    of each word only the nearest counts."""
    sizes = [one.terms.count(" ") - 1 for one in candidates]
    mean = sum(sizes) / len(sizes) if sizes else 1.0
    k1, b = weights.saturation, weights.length
    norms = [k1 * (1 - b + b * size / max(mean, 1.0)) for size in sizes]
    own, lent = [0.0] * len(candidates), [0.0] * len(candidates)
    before = weights.before[0] if weights.before else 0.0
    terms = [one.terms + _told(one) for one in candidates]
    for sought in query.sought:
        patterns = [(f" {sought.word} ", sought.weight), *sought.others]
        direct = [_counted(held_by, patterns, norm, k1) for held_by, norm in zip(terms, norms, strict=True)]
        held = list(direct)
        for place, one in enumerate(candidates):
            own[place] += direct[place]
            if before and len(one.context_terms) > 2 and not links[place]:
                held[place] = max(held[place], before * _counted(one.context_terms, patterns, norms[place], k1))
        _lend(direct, held, links, weights)
        for place, value in enumerate(held):
            lent[place] += value
    return own, lent


def _told(one: Candidate) -> str:
    """The words of its metadata that its text does not hold: who said it, of what place or project it is."""
    return "".join(f" {word} " for word in told(one.metadata) if f" {word} " not in one.terms)


def _counted(terms: str, patterns: Iterable[tuple[str, float]], norm: float, k1: float) -> float:
    best = 0.0
    for pattern, weight in patterns:
        if weight > best / (k1 + 1):
            times = terms.count(pattern)
            if times:
                best = max(best, weight * times * (k1 + 1) / (times + norm))
    return best


def _lend(direct: Sequence[float], held: list[float], links: Sequence[bool], weights: Weights) -> None:
    """Give to each place the best of what its neighbours hold, as far as they are linked."""
    last = len(direct)
    for place, value in enumerate(direct):
        if not value:
            continue
        for distance, part in enumerate(weights.before, 1):  # it stands before those that come
            at = place + distance
            if at >= last or not links[at]:
                break
            held[at] = max(held[at], part * value)
        for distance, part in enumerate(weights.after, 1):
            at = place - distance
            if at < 0 or not links[at + 1]:
                break
            held[at] = max(held[at], part * value)


def _above(cosine: float | None, least: float) -> float:
    if cosine is None or cosine <= least:
        return 0.0
    return min(1.0, (cosine - least) / (1.0 - least))
