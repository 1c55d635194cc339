"""Words that may stand for one another in a question and its answer: forms of one word, and names of one thing."""

from __future__ import annotations

from collections.abc import Collection

from agent.model.offline.words import stem

_CIRCLES = tuple(
    frozenset(map(stem, line.split()))
    for line in (
        "vacation holiday holidays leave",
        "lift elevator",
        "doctor physician",
        "shop store",
        "flat apartment",
        "toilet restroom lavatory wc",
        "rubbish garbage trash waste",
        "bike bicycle",
        "car vehicle",
        "boss manager head",
        "firm company",
        "pupil student",
        "film movie",
    )
)


def akin(term: str, others: Collection[str]) -> bool:
    """Is a term among others, or one of the same word ("delivery" and "deliver"), or of the same thing?"""
    if term in others:
        return True
    if any(term in circle and not circle.isdisjoint(others) for circle in _CIRCLES):
        return True
    return term.isalpha() and any(_begins_alike(one, term) for one in others)


def _begins_alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) > 5 and long.startswith(short[:-1])
