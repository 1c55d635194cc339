"""A summary without a model: the sentences of a text that say most of what the text says.

A sentence scores by how near it is to the whole (TF-IDF against the text's centroid), by where it stands, by what it
shares with its headings and, where a question is asked, by what it shares with that. What is written over and over with
other figures (the readings of a logbook) counts as one sentence. The best are taken one by one, each against what it
would repeat. No word list, no language: words are Unicode words, East Asian text is read in pairs
of characters, and short or frequent words count little. The same text always gives the same answer.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from plugins._passages import Block, blocks, sentences
from plugins._weight import weigh

__all__ = ["Sentence", "summarize"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text, cleaned of inline Markdown. `line` counts from 1, `score` is between 0 and 1."""

    text: str
    line: int
    score: float


@dataclass(slots=True)
class _Candidate:
    text: str
    line: int
    place: int  # its rank in the text
    position: float  # how much its place in the text speaks for it, 0 to 1
    fitness: float  # what its form takes away, 0 to 1
    heading: frozenset[str]
    terms: dict[str, float]  # term -> how often, times what such a term is worth
    score: float = 0.0
    alike: int = 1  # how many sentences have its words, whatever their figures

    @property
    def form(self) -> frozenset[str]:
        """Its words without its figures."""
        return frozenset(term for term in self.terms if not term[0].isdigit())


_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
_TERM = re.compile(
    rf"(?P<han>[{_HAN}々]+)|(?P<hiragana>[\u3041-\u309f]+)|(?P<katakana>[\u30a1-\u30ff]+)|(?P<hangul>[\uac00-\ud7a3]+)"
    rf"|(?P<unspaced>[{_UNSPACED}]+)|(?P<word>[^\W_{_HAN}々\u3041-\u30ff\uac00-\ud7a3{_UNSPACED}]"
    rf"(?:[^\W_{_HAN}々\u3041-\u30ff\uac00-\ud7a3{_UNSPACED}]|[\u0300-\u036f\u0900-\u0dff]|['’](?=[^\W\d_]))*)"
)
_GRAMMAR = frozenset("的了是在和与及或也就都而着这那们其之很我你他她它")
_STEM = 7  # letters: what inflection adds comes after them in most languages that inflect
_URL = re.compile(r"https?://\S+|www\.\S+")
_FULL_STOP = re.compile(r"[.!?。！？｡։؟।॥።။។…;；][\"'”’»」』）)】》\]]*$")
_NEVER_TWICE = 0.8  # likeness from which a sentence only repeats another
_QUOTABLE = 6.0  # worth of terms from which a sentence is not punished for being short
_MONOTONOUS = 4  # sentences of the same words from which they are readings and not statements
_LONG = 300  # weight from which a sentence is punished for being long


def summarize(text: str, *, sentences: int, question: str = "") -> list[Sentence]:
    """The sentences that say most, at most `sentences` of them, in the order of the text.

    Headings, tables, code and link lists are not quoted. Where a text has no sentences (a bare list), its items or
    lines are taken instead. Empty for a text without words.

    Args:
        text: Plain text or Markdown in any language.
        sentences: How many are wanted.
        question: What the reader wants to know; sentences that share its words come first.
    """
    found = _candidates(blocks(text))
    if sentences < 1 or not found:
        return []
    if not question.strip():  # readings are told where they are asked for
        _count_alike(found)
    worth = _worth(found)
    vectors = [_vector(one.terms, worth) for one in found]
    _score(found, vectors, worth)
    if question.strip():
        _lean(found, _terms(question), worth)
    chosen = _choose(found, vectors, sentences)
    return [Sentence(one.text, one.line, round(one.score, 4)) for one in sorted(chosen, key=lambda one: one.place)]


def _candidates(parts: Sequence[Block]) -> list[_Candidate]:
    found: list[_Candidate] = []
    lists: list[_Candidate] = []
    headings: list[tuple[int, str]] = []
    about: frozenset[str] = frozenset()
    fresh, last = True, max((at for at, part in enumerate(parts) if part.kind == "text"), default=-1)
    for at, part in enumerate(parts):
        if part.kind == "heading":
            while headings and headings[-1][0] >= part.level:
                headings.pop()
            headings.append((part.level, part.text))
            about = frozenset(_terms(" ".join(words for _, words in headings)))
            fresh = True
        elif part.kind in ("text", "item"):
            own = _of_block(part, about, fresh=fresh, last=at == last)
            (found if part.kind == "text" or _FULL_STOP.search(part.text) else lists).extend(own)
            fresh = False
    if not found:
        found = lists or [one for part in parts for one in _of_block(part, frozenset(), fresh=False, last=False)]
    found.sort(key=lambda one: one.line)
    for place, one in enumerate(found):
        one.place = place
    if found:
        found[0].position = 1.0
    return [one for one in found if one.terms]


def _of_block(part: Block, about: frozenset[str], *, fresh: bool, last: bool) -> list[_Candidate]:
    own = []
    for order, (offset, words) in enumerate(sentences(part.text)):
        position = (0.7 if fresh else 0.35) if order == 0 else 0.0
        if last:
            position = max(position, 0.45)
        terms = _terms(_URL.sub(" ", words))
        fitness = _fitness(words, terms, listed=part.kind == "item")
        own.append(_Candidate(words, part.line_at(offset), 0, position, fitness, about, terms))
    return own


def _fitness(words: str, terms: Mapping[str, float], *, listed: bool) -> float:
    """How well a sentence stands alone: neither a scrap nor a screed, no question, nothing that only leads over."""
    held = sum(terms.values())
    fitness = min(1.0, held / _QUOTABLE)
    fitness *= min(1.0, _LONG / max(1, weigh(words)))
    if words.endswith(("?", "？", "؟")):
        fitness *= 0.6
    elif words.endswith((":", "：")):
        fitness *= 0.3
    elif not _FULL_STOP.search(words):
        fitness *= 0.7
    return fitness * (0.8 if listed else 1.0) * (0.6 if _URL.search(words) else 1.0)


def _terms(text: str) -> dict[str, float]:
    """The terms of a text and what they are worth: how often each stands there, less for such as are mere grammar."""
    found: dict[str, float] = {}
    for match in _TERM.finditer(text):
        kind, run = match.lastgroup, match[0]
        if kind == "word":
            _add(found, run.casefold()[:_STEM], _word_worth(run))
        elif kind == "katakana":
            _add(found, run, 1.0)
        elif kind == "hangul":
            _add(found, run[:2], 0.5 if len(run) == 1 else 1.0)  # what follows are mostly endings
        elif kind == "hiragana":
            for at in range(len(run) - 1):
                _add(found, run[at : at + 2], 0.15)
        elif len(run) == 1:
            _add(found, run, 0.2 if run in _GRAMMAR else 0.5)
        else:
            for at in range(len(run) - 1):
                pair = run[at : at + 2]
                _add(found, pair, 0.15 if pair[0] in _GRAMMAR or pair[1] in _GRAMMAR else 0.6)
    return found


def _add(found: dict[str, float], term: str, value: float) -> None:
    found[term] = found.get(term, 0.0) + value


def _word_worth(word: str) -> float:
    if word[0].isdigit():
        return 0.7
    if len(word) <= 3 and not (word.isupper() and len(word) > 1):
        return 0.2
    return 0.6 if len(word) == 4 else 1.0


def _worth(found: Sequence[_Candidate]) -> dict[str, float]:
    """Inverse document frequency, the sentence as the document; a term of nearly every sentence is worth nothing."""
    counts = Counter(term for one in found for term in one.terms)
    total = len(found)
    return {term: math.log((total + 1) / (count + 0.5)) + 0.1 for term, count in counts.items()}


def _vector(terms: Mapping[str, float], worth: Mapping[str, float]) -> dict[str, float]:
    """A unit vector."""
    weighted = {term: value * worth[term] for term, value in terms.items() if term in worth}
    length = math.sqrt(sum(value * value for value in weighted.values())) or 1.0
    return {term: value / length for term, value in weighted.items()}


def _count_alike(found: Sequence[_Candidate]) -> None:
    forms = Counter(one.form for one in found)
    for one in found:
        count = forms[one.form] if one.form else 1
        one.alike = count if count >= _MONOTONOUS else 1


def _score(found: Sequence[_Candidate], vectors: Sequence[Mapping[str, float]], worth: Mapping[str, float]) -> None:
    whole: dict[str, float] = {}
    for one in found:
        for term, value in one.terms.items():
            whole[term] = whole.get(term, 0.0) + value * worth[term] / one.alike
    # What is said once is no part of what the text is about.
    centre = {term: value for term, value in whole.items() if value > 1.5 * worth[term]} or whole
    nearness = [sum(value * centre.get(term, 0.0) for term, value in vector.items()) for vector in vectors]
    most = max(nearness) or 1.0
    for one, near in zip(found, nearness, strict=True):
        named = sum(min(1.0, one.terms[term]) for term in one.heading if term in one.terms)
        told = min(1.0, named / 2)
        one.score = one.fitness * (0.62 * near / most + 0.26 * one.position + 0.12 * told) / math.sqrt(one.alike)


def _lean(found: Sequence[_Candidate], asked: Mapping[str, float], worth: Mapping[str, float]) -> None:
    """Turn the scores towards a question, as far as the text knows its words."""
    known = {term: min(1.0, value) * worth[term] for term, value in asked.items() if term in worth}
    total = sum(known.values())
    if not total:
        return
    for one in found:
        shared = sum(value for term, value in known.items() if term in one.terms) / total
        under = 0.3 * sum(value for term, value in known.items() if term in one.heading) / total
        one.score = 0.25 * one.score + 0.75 * max(shared, under) * (0.5 + 0.5 * one.fitness)


def _choose(found: Sequence[_Candidate], vectors: Sequence[Mapping[str, float]], count: int) -> list[_Candidate]:
    """One by one the best, less what it shares with those already taken (maximal marginal relevance)."""
    holders: dict[str, list[int]] = {}
    for at, vector in enumerate(vectors):
        for term in vector:
            holders.setdefault(term, []).append(at)
    likeness = [0.0] * len(found)
    repeated: set[int] = set()
    # Who keeps a logbook repeats whole phrases around a name: there less likeness already tells nothing new.
    monotonous = sum(one.alike > 1 for one in found) >= 0.1 * len(found)
    never_twice = _NEVER_TWICE / 2 if monotonous else _NEVER_TWICE

    def standing(at: int) -> tuple[float, int]:
        """Where it stands among the others, the best first; likeness only grows, so nothing ever moves up."""
        return 0.25 * likeness[at] - 0.75 * found[at].score, at

    waiting = [standing(at) for at in range(len(found))]
    heapify(waiting)
    chosen: list[_Candidate] = []
    while waiting and len(chosen) < count:
        stood, best = heappop(waiting)
        if best in repeated:
            continue
        if standing(best)[0] > stood:
            heappush(waiting, standing(best))
            continue
        chosen.append(found[best])
        near: dict[int, float] = {}
        for term, value in vectors[best].items():
            for at in holders[term]:
                near[at] = near.get(at, 0.0) + value * vectors[at][term]
        for at, like in near.items():
            likeness[at] = max(likeness[at], like)
            if like > never_twice:
                repeated.add(at)
    return chosen
