"""What a query asks for: its words with their weights, the words that may stand for them, names written as they stand,
and days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log

from ._days import Days, read_days
from ._related import related
from ._relative_days import relative_days
from .embedding import COMMON, beginning, fold, words

_BACKGROUND = 50  # notes imagined beside the real ones: in a store of three, a word in two of them still tells much
_ENOUGH = 6.0  # rare words that a long query needs to find again: of a page of text no note covers more than a part
_SOUGHT = 32  # the most words of a query that are looked for
_LEAST = 0.65  # a query of nothing but common words weighs at least this part of a rare word
BEGINS, RELATED = 0.5, 0.45
"""The parts of a word's weight that one counts which only begins like it, and one which may stand for it."""

# How a question is put, not what it is about. In Chinese it has to go before the words are cut into pairs.
_FRAMES = re.compile(
    "什么时候|什么时间|什么样的?|什么地方|为什么|为啥|怎么样|怎样|怎么|哪一?天|哪一?年|哪里|哪儿|哪个|哪些|何时|何地|多少|"
    "几点|几号|是谁|有没有|是不是|请问|告诉我|关于|什么|吗|呢|[？?]"
)
_ASKING = frozenset(
    word
    for line in (
        "kind type sort thing ever tell please remember mention say said name currently recently",
        "many much long often last time happen",
    )
    for word in words(line)
)
_ASKED_LITTLE = 0.4
_WHEN = re.compile(
    r"\b(when|how long|how often|since|until|(?:which|what) (?:day|date|year|month|time|evening|night)s?)\b"
    "|什么时候|什么时间|哪一?天|哪一?年|何时|几点|几号|多久",
    re.IGNORECASE,
)
# Written as it stands somewhere: a path, a code, a version, an option, an address; or what is quoted.
_QUOTED = re.compile(r"[\"“「『]([^\"“”「」『』]{2,80})[\"”」』]|`([^`]{2,80})`")
_WRITTEN = re.compile(r"(?<![\w/.~\\-])[\w~/.\\-](?:[\w/.:@\\=-]*[\w/])?", re.ASCII)
_SIGN_INSIDE = re.compile(r"\w[/._:@\\=-]\w|\d[A-Za-z]|[A-Za-z]\d|[a-z][A-Z]|^[~/.]\S|^\w?\d{3,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A word that is looked for, with its weight, and what else counts for it: each as it is written with a space
    before it (and one behind it, where the word must end there), and its weight."""

    word: str
    weight: float
    others: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query's words with their weights (the rarer the heavier), and the weight of a word that stands in no note.

    `sought` are the words to look for: those that stand in some note first, the heaviest before the others. `written`
    are names to be found as they stand, folded, with their weights; `days` are those that it names, and `dated` is the
    weight of the words that it names them by, which are among neither `weights` nor `sought` where there are others: a
    note is of that day, however it writes it, or it is not; `when`: does it ask for a time?
    """

    weights: Mapping[str, float]
    unknown: float
    frequencies: Mapping[str, int]
    sought: Sequence[Sought]
    written: Mapping[str, float]
    days: Sequence[Days]
    dated: float
    when: bool

    @property
    def words(self) -> dict[str, float]:
        """The words to look for, with their weights."""
        return {one.word: one.weight for one in self.sought}

    @property
    def whole(self) -> float:
        """The weight that a note must cover to cover all of the query."""
        return max(min(sum(self.weights.values()) + self.dated, _ENOUGH * self.unknown), _LEAST * self.unknown)


def asked_words(query: str) -> dict[str, None]:
    """The words of a query, in order, without the frame of its question, if anything is left then."""
    bare = dict.fromkeys(words(_FRAMES.sub(" ", query)))
    return bare if any(word not in COMMON for word in bare) else dict.fromkeys(words(query))


def others_of(terms: Mapping[str, None]) -> set[str]:
    """The words that may stand for these."""
    return {other for term in terms for other in related(term)}


def query_of(
    query: str,
    terms: Mapping[str, None],
    frequencies: Mapping[str, int],
    *,
    count: int,
    begins: float = BEGINS,
    akin: float = RELATED,
    today: date | None = None,
) -> Query:
    """Weigh each of `terms` by the number of the `count` notes that it stands in. Common words count a tenth, and are
    left out where there are others. `begins` and `akin`: see `BEGINS` and `RELATED`. `today`
    is the day by which "yesterday" is told; the day that it is where absent."""
    notes = max(count, *(frequencies.get(term, 0) for term in terms), 0) + _BACKGROUND

    def rarity(word: str) -> float:
        frequency = min(frequencies.get(word, 0), notes)
        return log(1.0 + (notes - frequency + 0.5) / (frequency + 0.5))

    def weight(term: str) -> float:
        return rarity(term) * (0.1 if term in COMMON else _ASKED_LITTLE if term in _ASKING else 1.0)

    days, undated = read_days(query)
    weights = {term: weight(term) for term in terms}
    weights = {term: one for term, one in weights.items() if term not in COMMON} or weights
    telling = set(weights).difference(words(undated)) if days else set[str]()
    dated = max((weights[term] for term in telling), default=0.0)
    if len(telling) < len(weights):
        weights = {term: one for term, one in weights.items() if term not in telling}
    order = sorted(weights, key=lambda term: (term not in frequencies, -weights[term]))[:_SOUGHT]
    sought = []
    for term in order:
        others: list[tuple[str, float]] = []
        start = beginning(term)
        if start is not None:
            others.append((f" {start}", begins * weights[term]))
        for other in related(term):
            if akin and other in frequencies:
                others.append((f" {other} ", akin * min(weights[term], rarity(other))))
        sought.append(Sought(word=term, weight=weights[term], others=others))
    return Query(
        weights=weights,
        unknown=rarity(""),
        frequencies=frequencies,
        sought=sought,
        written=_written(query, weights),
        days=[*days, *relative_days(query, today or date.today())],
        dated=dated,
        when=bool(_WHEN.search(query)),
    )


def _written(query: str, weights: Mapping[str, float]) -> dict[str, float]:
    """What stands in quotes, and what no one writes but to name a thing; each with the weight of its heaviest word."""
    found = [one for pair in _QUOTED.findall(query) for one in pair if one.strip()]
    found += [one for one in _WRITTEN.findall(query) if _SIGN_INSIDE.search(one)]
    weighed = {}
    for one in found[:16]:
        heaviest = max((weights.get(word, 0.0) for word in words(one)), default=0.0)
        if heaviest:
            weighed[" ".join(fold(one).split())] = heaviest
    return weighed
