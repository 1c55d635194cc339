"""A summary without a model: the sentences of a text that say most of what the text says.

A sentence scores by how near it is to what its part of the text and the whole are about (TF-IDF against their
centroids), by where it stands, by what it shares with its headings and, where a question is asked, by what it shares
with that. What is written over and over with other names and figures (the readings of a logbook, a notice at the foot
of each page) is routine and counts little. Every part of a long text has its say, and no sentence is taken that would
repeat another. The same text always gives the same answer.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from plugins._candidates import Candidate, candidates
from plugins._terms import TELLING, terms
from plugins._weight import weigh

__all__ = ["Sentence", "summarize"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, cleaned of inline Markdown. `line` counts from 1, `score` is between 0 and 1."""

    text: str
    line: int
    score: float


_NEVER_TWICE = 0.6  # likeness from which a sentence only repeats another
_SAME_WORDS = 0.75  # share of the terms from which it does so in other figures
_NEIGHBOURS = 3  # telling terms so near to each other make a phrase
_OFTEN, _OFTEN_OF = 3, 600  # sentences with the same phrase from which it is routine; of so many sentences one
_SHORT = 200  # sentences of a text up to which it takes one more
_ROUTINE, _ALL_ROUTINE = 0.15, 0.35  # share of such phrases from which it counts, and from which there is nothing else
_LEAST = 0.1  # what a sentence of routine is still worth
_PART = 12  # sentences at least that a part has
_SHARE = 0.6  # of the sentences that are wanted, so many are given out to the parts
_POOR = 0.4  # a part whose best is so much worse than that of the others has nothing to say
_BESIDE = 0.3  # what shares so much less with the question than the best is beside it
_FEW = 3  # sentences that are given all the same


def summarize(text: str, *, sentences: int, question: str = "") -> list[Sentence]:
    """The sentences that say most, at most `sentences` of them, in the order of the text.

    Headings, tables, code and link lists are not quoted where nothing is asked. Where a text has no sentences (a bare
    list), its items or lines are taken instead. Empty for a text without words.

    Args:
        text: Plain text or Markdown in any language.
        sentences: How many are wanted.
        question: What the reader wants to know; sentences, items, and rows of tables that share its words come first,
            and such as share next to nothing with it are left out.
    """
    asked = terms(question)
    found = candidates(text, asked=bool(asked))
    if sentences < 1 or not found:
        return []
    if not asked:  # readings are told where they are asked for
        _find_routine(found)
    worth = _worth(found)
    vectors = [_vector(one.terms, worth) for one in found]
    parts = _parts(found, max(1, round(_SHARE * sentences)))
    _score(found, vectors, worth, parts)
    fit = _lean(found, asked, worth) if asked else None
    choice = _Choice(found, vectors)
    if fit is None and len(parts) > 1:
        choice.take_of_each(parts)
    choice.take(range(len(found)) if fit is None else fit, sentences)
    chosen = sorted(choice.chosen, key=lambda one: one.place)
    return [Sentence(one.text, one.line, round(one.score, 4)) for one in chosen]


def _find_routine(found: Sequence[Candidate]) -> None:
    """A phrase is two telling terms near each other; figures and grammar make none."""
    phrases = [_phrases(one.terms) for one in found]
    counts = Counter(phrase for own in phrases for phrase in own)
    often = max(_OFTEN + (len(found) <= _SHORT), len(found) / _OFTEN_OF)
    for one, own in zip(found, phrases, strict=True):
        if own:
            routine = sum([counts[phrase] >= often for phrase in own]) / len(own)
            one.novelty = 1.0 - min(1.0, max(0.0, routine - _ROUTINE) / (_ALL_ROUTINE - _ROUTINE)) * (1.0 - _LEAST)
        elif counts:
            one.novelty = _LEAST


def _phrases(held: Mapping[str, float]) -> set[tuple[str, str]]:
    telling = [term for term, value in held.items() if value >= TELLING and not term[0].isdigit()]
    return {pair for near in range(1, _NEIGHBOURS + 1) for pair in zip(telling, telling[near:], strict=False)}


def _worth(found: Sequence[Candidate]) -> dict[str, float]:
    """Inverse document frequency, the sentence as the document; a term of nearly every sentence is worth nothing."""
    counts = Counter(term for one in found for term in one.terms)
    total = len(found)
    return {term: math.log((total + 1) / (count + 0.5)) + 0.1 for term, count in counts.items()}


def _vector(held: Mapping[str, float], worth: Mapping[str, float]) -> dict[str, float]:
    """A unit vector."""
    weighted = {term: value * worth[term] for term, value in held.items()}
    length = math.hypot(*weighted.values()) or 1.0
    return {term: value / length for term, value in weighted.items()}


def _parts(found: Sequence[Candidate], most: int) -> list[range]:
    """The text in parts of about the same length, at most so many, each with sentences enough to choose from; they
    begin with a section where one begins near by."""
    count = max(1, min(most, len(found) // _PART))
    ends = [0]
    for one in found:
        ends.append(ends[-1] + weigh(one.text))
    opens = [at for at in range(1, len(found)) if found[at].section != found[at - 1].section]
    near = ends[-1] / count / 3
    cuts, at = [0], 0
    for number in range(1, count):
        wanted = ends[-1] * number / count
        while ends[at] < wanted:
            at += 1
        opening = min(opens, key=lambda place: abs(ends[place] - wanted), default=at)
        cut = opening if abs(ends[opening] - wanted) <= near else at
        if cut > cuts[-1]:
            cuts.append(cut)
    return [range(start, end) for start, end in zip(cuts, [*cuts[1:], len(found)], strict=True)]


def _score(
    found: Sequence[Candidate],
    vectors: Sequence[Mapping[str, float]],
    worth: Mapping[str, float],
    parts: Sequence[range],
) -> None:
    """Half by what the sentence's part is about, half by what the whole is about."""
    sums = [_sum(part, found, worth) for part in parts]
    whole: dict[str, float] = {}
    for own in sums:
        for term, value in own.items():
            whole[term] = whole.get(term, 0.0) + value
    near_all = _nearness(range(len(found)), vectors, _centre(whole, worth))
    for part, own in zip(parts, sums, strict=True):
        near_part = _nearness(part, vectors, _centre(own, worth)) if len(parts) > 1 else near_all
        for at, near in zip(part, near_part, strict=True):
            one = found[at]
            near = 0.5 * near + 0.5 * near_all[at]
            told = min(1.0, sum(min(1.0, one.terms[term]) for term in one.heading if term in one.terms) / 2)
            one.score = one.fitness * one.novelty * (0.62 * near + 0.26 * one.position + 0.12 * told)


def _sum(part: range, found: Sequence[Candidate], worth: Mapping[str, float]) -> dict[str, float]:
    whole: dict[str, float] = {}
    for at in part:
        novelty = found[at].novelty
        for term, value in found[at].terms.items():
            whole[term] = whole.get(term, 0.0) + value * worth[term] * novelty
    return whole


def _centre(whole: dict[str, float], worth: Mapping[str, float]) -> dict[str, float]:
    """What is said once is no part of what a text is about."""
    return {term: value for term, value in whole.items() if value > 1.5 * worth[term]} or whole


def _nearness(part: range, vectors: Sequence[Mapping[str, float]], centre: Mapping[str, float]) -> list[float]:
    """How near each sentence of a part is to this centre, the nearest 1."""
    near = []
    for at in part:
        vector = vectors[at]
        near.append(sum([value * centre[term] for term, value in vector.items() if term in centre]))
    most = max(near, default=0.0) or 1.0
    return [value / most for value in near]


def _lean(found: Sequence[Candidate], asked: Mapping[str, float], worth: Mapping[str, float]) -> list[int] | None:
    """Turn the scores towards a question, as far as the text knows its words; the places of the sentences that have to
    do with it, None where the text knows none."""
    known = {term: min(1.0, value) * worth[term] for term, value in asked.items() if term in worth}
    total = sum(known.values())
    if not total:
        return None
    shares = []
    for one in found:
        shared = sum(value for term, value in known.items() if term in one.terms) / total
        under = 0.3 * sum(value for term, value in known.items() if term in one.heading) / total
        shares.append(max(shared, under))
        one.score = 0.25 * one.score + 0.75 * shares[-1] * (0.5 + 0.5 * one.fitness)
    fit = [at for at, share in enumerate(shares) if share >= _BESIDE * max(shares)]
    if len(fit) >= _FEW:
        return fit
    return sorted((at for at, share in enumerate(shares) if share), key=lambda at: -found[at].score)[:_FEW]


class _Choice:
    """The sentences taken so far: one by one the best, less what it shares with those (maximal marginal relevance)."""

    def __init__(self, found: Sequence[Candidate], vectors: Sequence[Mapping[str, float]]) -> None:
        self.chosen: list[Candidate] = []
        self._found = found
        self._vectors = vectors
        self._holders: dict[str, list[int]] = {}
        for at, vector in enumerate(vectors):
            for term in vector:
                self._holders.setdefault(term, []).append(at)
        self._sizes = [sum(one.terms.values()) for one in found]
        self._likeness = [0.0] * len(found)
        self._out: set[int] = set()

    def take_of_each(self, parts: Iterable[range]) -> None:
        """The best of each part that has something to say."""
        best = [max(part, key=self._standing) for part in parts]
        usual = sorted(self._found[at].score for at in best)[len(best) // 2]
        for part in parts:
            own = [at for at in part if at not in self._out]
            if own and self._found[at := max(own, key=self._standing)].score >= _POOR * usual:
                self._take(at)

    def take(self, places: Iterable[int], count: int) -> None:
        """The best of these places, until there are so many in all."""
        waiting = [(-self._standing(at), at) for at in places]
        heapify(waiting)
        while waiting and len(self.chosen) < count:
            stood, best = heappop(waiting)
            if best in self._out:
                continue
            if -self._standing(best) > stood:  # likeness only grows, so nothing ever moves up
                heappush(waiting, (-self._standing(best), best))
                continue
            self._take(best)

    def _standing(self, at: int) -> float:
        return 0.75 * self._found[at].score - 0.25 * self._likeness[at]

    def _take(self, best: int) -> None:
        self.chosen.append(self._found[best])
        self._out.add(best)
        near: dict[int, float] = {}
        shared: dict[int, float] = {}
        own, vector = self._found[best].terms, self._vectors[best]
        for term, value in own.items():
            for at in self._holders[term]:
                near[at] = near.get(at, 0.0) + vector[term] * self._vectors[at][term]
                shared[at] = shared.get(at, 0.0) + min(value, self._found[at].terms[term])
        for at, like in near.items():
            self._likeness[at] = max(self._likeness[at], like)
            same = shared[at] > _SAME_WORDS * max(self._sizes[best], self._sizes[at])
            if same or like > _NEVER_TWICE:
                self._out.add(at)
