"""How what was found for a query is weighed: pure functions over candidates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nlargest
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from ._days import Days, days_in
from ._query import BEGINS, RELATED, Query
from ._relative_days import relative_days
from ._said import Said, day_said, said, speaker
from ._told import told
from .embedding import beginning, fold, words

FLOOR = 0.12
"""Where the best score is below this, nothing has to do with the query, as far as can be told."""

_NEARNESS = 0.35  # what a vector alone is worth as evidence
_HALF = 0.5
_FINALISTS = 60
_DATED = 4_000  # characters of a note that are read for days
_TIME = re.compile(
    r"\d|\b(?:to(?:day|night|morrow)|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|weekend|month|years?|ago|"
    r"morning|evening|night|spring|summer|autumn|fall|winter|last|next|since|until|january|february|march|april|june|"
    r"july|august|september|october|november|december)\b|今天|明天|昨天|周[一二三四五六日末]|星期|月|年|号|上周|下周|晚上|早上",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each signal counts for. Chosen on one half of the bench's corpus, believed where the other half agreed.

    Attributes:
        saturation: BM25's k1: how soon more of the same word says nothing new.
        length: BM25's b: how much a long note's words count less.
        before: What a word counts that stands one, two, three, four entries before, in the same conversation.
        after: The same for entries behind.
        substance: How much more a note of twenty words or more counts than one of nearly none.
        exact: What a name counts again that stands as it was written, beside the weight of its words.
        day: How much more a note counts that is of the day that was named.
        speaker: How much more a note counts that was said by someone whose name was named.
        when: How much more a note counts that tells a time where one was asked for.
        begins, akin: See `_query`.
        dense: The vectors' part in the order, where the embedder does not tell its `share`.
        spread: Do neighbours' vectors count too, as their words do?
    """

    saturation: float = 0.3
    length: float = 0.1
    before: Sequence[float] = (0.7, 0.5, 0.4, 0.3)
    after: Sequence[float] = (0.6, 0.5, 0.4, 0.3)
    substance: float = 0.3
    exact: float = 0.25
    day: float = 0.5
    speaker: float = 0.6
    when: float = 0.15
    begins: float = BEGINS
    akin: float = RELATED
    dense: float = 0.35
    spread: bool = True


WEIGHTS = Weights()


class Candidate(NamedTuple):
    """A note that may be found, or stands near one that may. `terms` and `context_terms` have a space at both ends;
    `metadata` is JSON. `fits`: does it fulfil the conditions of the search?"""

    number: int
    created: float
    text: str
    terms: str
    context_terms: str
    metadata: str
    fits: bool


Ranked: TypeAlias = list[tuple[float, int, dict[str, float | None]]]


def follows(one: Candidate, other: Candidate) -> bool:
    """Is `other` the entry behind `one`: the next in the file, with it as its context?"""
    if other.number != one.number + 1 or one.terms == "  ":
        return False
    # Behind the words of the context stand those of the metadata.
    context = other.context_terms.removesuffix(" ".join(("", *told(other.metadata), "")).rstrip()) + " "
    return one.terms in other.context_terms or (len(context) > 2 and one.terms.endswith(f" {context.strip()} "))


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
    exact = [_exact(query, one) for one in candidates]
    dense = _lent(near, links, weights) if weights.spread else near
    names = _lent(exact, links, weights)
    held = [words + weights.exact * name for words, name in zip(shared, names, strict=True)]
    part = 0.0 if cosines is None else weights.dense if share is None else share
    rough = _fused(held, dense, part)
    # The rest is looked at for those alone that can still come first.
    fitting = [place for place, one in enumerate(candidates) if one.fits]
    places = nlargest(max(_FINALISTS, 3 * most), fitting, key=rough.__getitem__)
    lexical = [held[place] * _prior(query, candidates[place], weights) for place in places]
    coverage = [_covered(query, candidates[place]) for place in places]
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


def _exact(query: Query, one: Candidate) -> float:
    if not query.written:
        return 0.0
    text = " ".join(fold(one.text).split())
    return sum(weight for name, weight in query.written.items() if name in text)


def _prior(query: Query, one: Candidate, weights: Weights) -> float:
    """What speaks for a note beside its words."""
    entry, metadata = said(one.text), json.loads(one.metadata)
    prior = 1.0 + weights.substance * min(1.0, (one.terms.count(" ") - len(words(entry.when))) / 20)
    if query.days and weights.day and _of_these_days(query.days, one, entry, metadata):
        prior *= 1.0 + weights.day
    if weights.speaker and any(word in query.weights for word in words(speaker(entry, metadata))):
        prior *= 1.0 + weights.speaker
    if query.when and weights.when and _TIME.search(entry.what):
        prior *= 1.0 + weights.when
    return prior


def _of_these_days(days: Sequence[Days], one: Candidate, entry: Said, metadata: Mapping[str, Any]) -> bool:
    """Was it said on one of these days, or does it tell of one?"""
    text = one.text[:_DATED]
    named = days_in(" ; ".join((text, *(value for value in metadata.values() if isinstance(value, str)))))
    told_on = day_said(entry, metadata, date.fromtimestamp(one.created))
    named += [*relative_days(text, told_on), Days(told_on.year, told_on.month, told_on.day, told_on.day)]
    return any(day.meets(other) for other in named for day in days)


def _covered(query: Query, one: Candidate) -> float:
    """How much of the query's weight a note's words cover, 0 to 1; its context's words count half, and so do words
    that only begin alike."""
    got = sum(weight * _share(term, one) for term, weight in query.weights.items())
    return min(1.0, got / query.whole)


def _share(term: str, one: Candidate) -> float:
    if f" {term} " in one.terms:
        return 1.0
    start = beginning(term)
    if f" {term} " in one.context_terms or (start and f" {start}" in one.terms):
        return _HALF
    return 0.0


def _above(cosine: float | None, least: float) -> float:
    if cosine is None or cosine <= least:
        return 0.0
    return min(1.0, (cosine - least) / (1.0 - least))
