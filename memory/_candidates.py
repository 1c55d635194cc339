"""Notes that may be found, and what each signal that speaks for them counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ._query import BEGINS, RELATED
from ._told import told


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
    after: Sequence[float] = (0.5, 0.4, 0.3, 0.2)
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


def follows(one: Candidate, other: Candidate) -> bool:
    """Is `other` the entry behind `one`: the next in the file, with it as its context?"""
    if other.number != one.number + 1 or one.terms == "  ":
        return False
    # Behind the words of the context stand those of the metadata.
    context = other.context_terms.removesuffix(" ".join(("", *told(other.metadata), "")))
    return one.terms in other.context_terms or (len(context) > 1 and one.terms.endswith(f"{context} "))
