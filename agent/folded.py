"""The folded steps: what a run said and saw in steps that are no longer shown to the model, still to be found.

Nothing is stored for it: the words are gathered from the history when they are first asked for, and from then on as
more steps are folded. A passage is found by the words that it shares with a query, where rare ones count more (BM25).
"""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log

from agent.events import JSON
from agent.history import FIND, FINISH, History, Step
from plugins import Seen

PASSAGE = 480
"""Characters of a passage, about: what is told of a step at most."""
FLOOR = 0.34
"""So much of the query's weight a passage must hold."""
_K1, _B = 1.2, 0.75  # of BM25, as usual
_ARGUMENT = 60  # characters of an argument that are told to name a call
_WRITTEN = 4_000  # characters of a text among the arguments that are searched
_OWN = ("recall", "remember", FIND, FINISH)
"""What these gave back is memory's own, the schemas of tools, or the run's end."""
_END = re.compile(r"(?<=[.。!！?？;；\n])")


@dataclass(frozen=True, slots=True)
class _Passage:
    step: int
    source: str
    text: str
    handle: str | None
    words: Counter[str]
    length: int


class FoldedSteps:
    """The steps of a history that were folded away. Safe to be used by several threads."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._passages: list[_Passage] = []
        self._places: dict[str, list[int]] = defaultdict(list)
        self._next = 0  # the place in the history of the next step to be taken in
        self._words = 0
        self._lock = threading.Lock()

    def find(self, query: str, count: int) -> list[Seen]:
        """The passages nearest to a query, best first, one of each result at most."""
        fold = self._history.fold
        if fold is None or not fold.upto or count < 1:
            return []
        with self._lock:
            self._catch_up(fold.upto)
            ranked = self._ranked(query)
        found: dict[tuple[int, str], Seen] = {}
        for score, one in ranked:
            if len(found) == count:
                break
            seen = Seen(step=one.step, source=one.source, text=one.text, score=round(score, 3), handle=one.handle)
            found.setdefault((one.step, one.source), seen)
        return list(found.values())

    def _catch_up(self, upto: int) -> None:
        from memory.embedding import words

        steps = self._history.steps
        while self._next < len(steps) and steps[self._next].thought.step <= upto:
            for source, text, handle in _texts(steps[self._next]):
                for passage in _passages(text):
                    terms = words(f"{source}\n{passage}")
                    number = len(self._passages)
                    counted = Counter(terms)
                    step = steps[self._next].thought.step
                    self._passages.append(_Passage(step, source, passage, handle, counted, len(terms)))
                    self._words += len(terms)
                    for term in counted:
                        self._places[term].append(number)
            self._next += 1

    def _ranked(self, query: str) -> list[tuple[float, _Passage]]:
        """Passages that hold enough of the query, by BM25; the newer one where two are as good."""
        from memory.embedding import COMMON, words

        terms = [term for term in dict.fromkeys(words(query)) if term not in COMMON]
        total = len(self._passages)
        if not terms or not total:
            return []
        weights = {term: self._weight(term) for term in terms}
        usual = self._words / total
        scores: dict[int, float] = defaultdict(float)
        covered: dict[int, float] = defaultdict(float)
        for term, weight in weights.items():
            for number in self._places.get(term, ()):
                one = self._passages[number]
                times = one.words[term]
                scores[number] += weight * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * one.length / usual))
                covered[number] += weight
        whole = sum(weights.values())
        good = [number for number in scores if covered[number] >= FLOOR * whole]
        good.sort(key=lambda number: (-scores[number], -number))
        return [(min(1.0, covered[number] / whole), self._passages[number]) for number in good]

    def _weight(self, term: str) -> float:
        """The rarer a word, the heavier; one that stands nowhere may as well be of the question alone."""
        total, at = len(self._passages), len(self._places.get(term, ()))
        return log(1 + (total - at + 0.5) / (at + 0.5)) * (1.0 if at else 0.5)


def _texts(step: Step) -> Iterator[tuple[str, str, str | None]]:
    """What a step said and saw: where it stands, the text, and the handle of the whole."""
    if step.thought.text.strip():
        yield "words", step.thought.text, None
    for call in step.thought.calls:
        result = step.results.get(call.id)
        if result is None or call.tool in _OWN:
            continue
        edited = step.edited.get(call.id)
        arguments = edited.arguments if edited else call.arguments
        yield _named(call.tool, arguments.items()), result.text, result.whole
        for name, value in arguments.items():
            if isinstance(value, str) and len(value) > _ARGUMENT:
                yield f"{name} of {call.tool}", value[:_WRITTEN], None
    for one in step.feedback:
        if one.origin == "checks":
            yield "checks", one.text, None


def _named(tool: str, arguments: Iterable[tuple[str, JSON]]) -> str:
    """A call in one line: its tool, and the arguments that are short."""
    told = [f"{name}={' '.join(str(value).split())}" for name, value in arguments if value is not None]
    return f"{tool}({', '.join(one for one in told if len(one) <= _ARGUMENT)})"


def _passages(text: str) -> Iterator[str]:
    """A text in passages, divided where a sentence or a line ends."""
    held = ""
    for piece in _pieces(text):
        if held and len(held) + len(piece) > PASSAGE:
            yield held.strip()
            held = ""
        held += piece
    if held.strip():
        yield held.strip()


def _pieces(text: str) -> Sequence[str]:
    whole = [piece for piece in _END.split(text) if piece]
    return [piece[at : at + PASSAGE] for piece in whole for at in range(0, len(piece), PASSAGE)]
