"""What a note tells by itself for having to do with a query: its names, its words, its day, who said it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from ._candidates import Candidate, Weights
from ._days import Days, days_in
from ._query import RELATED, Query
from ._related import related
from ._relative_days import relative_days
from ._said import day_said, said, speaker
from .embedding import beginning, fold, words

_HALF = 0.5
_LAST = 4e9  # seconds since 1970; a note of a damaged row may say more
_DATED = 4_000  # characters of a note that are read for days
_TIME = re.compile(
    r"\d|\b(?:to(?:day|night|morrow)|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|weekend|month|years?|ago|"
    r"morning|evening|night|spring|summer|autumn|fall|winter|last|next|since|until|january|february|march|april|june|"
    r"july|august|september|october|november|december)\b|今天|明天|昨天|周[一二三四五六日末]|星期|月|年|号|上周|下周|晚上|早上",
    re.IGNORECASE,
)


def exactly(query: Query, one: Candidate) -> float:
    """The weight of the names in the query that stand in a note as they were written."""
    if not query.written:
        return 0.0
    text = " ".join(fold(one.text).split())
    return sum(weight for name, weight in query.written.items() if name in text)


def prior(query: Query, one: Candidate, weights: Weights) -> float:
    """What speaks for a note beside its words."""
    entry, metadata = said(one.text), json.loads(one.metadata)
    counts = 1.0 + weights.substance * min(1.0, (one.terms.count(" ") - len(words(entry.when))) / 20)
    if query.days and weights.day and of_these_days(query.days, one):
        counts *= 1.0 + weights.day
    if weights.speaker and any(word in query.weights for word in words(speaker(entry, metadata))):
        counts *= 1.0 + weights.speaker
    if query.when and weights.when and _TIME.search(entry.what):
        counts *= 1.0 + weights.when
    return counts


def of_these_days(days: Sequence[Days], one: Candidate) -> bool:
    """Was it said on one of these days, or does it tell of one?"""
    return any(day.meets(other) for other in _days_of(one.text[:_DATED], one.metadata, one.created) for day in days)


@lru_cache(maxsize=4_096)
def _days_of(text: str, metadata: str, created: float) -> Sequence[Days]:
    """The days that a note names, by themselves or by the day on which it was said, and that day."""
    values = json.loads(metadata)
    told_on = day_said(said(text), values, date.fromtimestamp(min(max(created, 0.0), _LAST)))
    return (
        *days_in(" ; ".join((text, *(value for value in values.values() if isinstance(value, str))))),
        *relative_days(text, told_on),
        Days(told_on.year, told_on.month, told_on.day, told_on.day),
    )


class Sign(NamedTuple):
    """How a word of the query is seen in a note: itself, its beginning, what may stand for it, and its weight."""

    word: str
    start: str | None
    others: Sequence[str]
    weight: float


def signs_of(query: Query) -> list[Sign]:
    """How each of its words is seen."""
    signs = []
    for term, weight in query.weights.items():
        start = beginning(term)
        others = [f" {other} " for other in related(term)]
        signs.append(Sign(f" {term} ", None if start is None else f" {start}", others, weight))
    return signs


def covered(query: Query, signs: Iterable[Sign], one: Candidate, of_the_day: float) -> float:
    """How much of the query's weight a note's words cover, 0 to 1; its context's words count half, and so do words
    that only begin alike, and those that may stand for one. `of_the_day` is the weight of its day where that was
    named."""
    got = of_the_day + sum(sign.weight * _share(sign, one) for sign in signs)
    return min(1.0, got / query.whole)


def _share(sign: Sign, one: Candidate) -> float:
    terms = one.terms
    if sign.word in terms:
        return 1.0
    if sign.word in one.context_terms or (sign.start is not None and sign.start in terms):
        return _HALF
    for other in sign.others:
        if other in terms:
            return RELATED
    return 0.0
