"""Notes: long-term memory as a run uses it, and what is not to be written because memory itself said it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from agent.events import RecalledNote
from plugins import Found, Newest, Remembered

MOST_NOTES = 20
"""Notes that one run may write, by whatever rule."""
ALIKE = 0.8
"""Two texts whose words overlap by this much (Jaccard) say the same."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？\n])")
_LEAST = 24
"""Characters of a recalled note that is looked for inside a longer text."""
_DENYING = (
    "not no t dont never without non cannot none noth nobodi nor neither unless except avoid stop "
    "不 没 沒 无 無 非 别 別 勿 未 莫 毋 否 禁 ない せん ぬ 안 않 못 없 "
    "nicht kein keinen keinem keiner nie niemal ohn ne pas jamais san nunca sin senza mai не нет никогда"
)
_DENIALS = frozenset(_DENYING.split())
"""Words, as `memory.embedding.words` gives them, that turn a sentence into its contrary; "t" is what ends "don't"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    """A note to be written.

    `everywhere`: it holds whatever the project is. `replaces` is the id of the note that it corrects, `approved` says
    that a person agreed to it. `succeeds` are conditions on notes, as `memory.Recall.search` knows them: the first
    note that meets one of them gives up its place. `expires` is in seconds since the epoch, None: never.
    """

    text: str
    kind: str = "note"
    origin: Literal["user", "agent"] = "agent"
    step: int | None = None
    everywhere: bool = False
    approved: bool = False
    replaces: str | None = None
    succeeds: Sequence[Mapping[str, str]] = ()
    about: Mapping[str, str | int | float | None] = field(default_factory=dict)
    expires: float | None = None


class LongTerm(Protocol):
    """Long-term memory behind a run. Every method raises `ToolError` where the store cannot be used."""

    @property
    def rules(self) -> bool:
        """Are notes written and recalled here by rule, without a tool's asking?"""
        ...

    def write(self, note: NewNote) -> Remembered:
        """Store a note. Raises `ToolError` where it is refused: a secret, too long, the user's own note in its way."""
        ...

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        """The notes nearest to a query, best first, of these kinds where any are named."""
        ...

    def newest(self, *, count: int) -> Newest:
        """The newest notes, those that hold before what happened, and how many there are; they are not weighed."""
        ...

    def standing(self, query: str, *, count: int) -> Sequence[Found]:
        """What the user prefers wherever they work, the nearest to the query first. What has nothing to do with it
        comes after, with the score 0."""
        ...

    def forms(self, tools: Collection[str], *, count: int) -> Sequence[Found]:
        """Lessons on the form in which these tools want to be called: first what had to be learned most often, then the
        newest. Their score is 0: what a run is about does not matter for them."""
        ...

    def used(self, ids: Iterable[str]) -> None:
        """Count that these notes were put before a model."""
        ...


def recalled(found: Iterable[Found]) -> tuple[RecalledNote, ...]:
    """Notes as the event of recalling has them; one with the score 0 was not weighed, and has none there."""
    return tuple(
        RecalledNote(
            id=one.id,
            text=one.text,
            score=round(one.score, 3) or None,
            kind=one.kind,
            origin=one.origin,
            date=one.date,
        )
        for one in found
    )


def copied(text: str, recalled: Iterable[RecalledNote]) -> RecalledNote | None:
    """The recalled note that this text only says again, all of it or a line of it: most of it letter for letter, or
    nearly the same words in the same order with the same numbers. A text that denies what a note does not, or the
    other way round, may be a correction, and is no copy; nor is a part that leaves out what a note depends on."""
    mine = _Compared.of(text)
    if not mine.words:
        return None
    return next((note for note in recalled if any(map(mine.repeats, _parts(note.text)))), None)


def within(text: str, sentence: str, *, besides: Collection[str] = ()) -> bool:
    """Does a text say nothing that a sentence does not? Nearly all of its words, those `besides` left out (as
    `memory.embedding.words` gives them), stand there in the same order, all of its numbers do, and it denies only where
    that does."""
    mine, other = _Compared.of(text), _Compared.of(sentence)
    order = [word for word in mine.order if word not in besides and word not in _DENIALS]
    shared = frozenset(order) & other.words
    alike = bool(order) and len(shared) >= ALIKE * len(order)
    return (
        alike
        and bool(mine._denials()) == bool(other._denials())
        and mine._numbers() <= other._numbers()
        and mine._in_order(shared) == other._in_order(shared)
    )


def _parts(text: str) -> Iterator[_Compared]:
    """A note as a whole, line by line, and sentence by sentence."""
    yield from map(_Compared.of, dict.fromkeys((text, *text.splitlines(), *_SENTENCE.split(text))))


@dataclass(frozen=True, slots=True)
class _Compared:
    plain: str
    words: frozenset[str]
    order: tuple[str, ...]
    """The words that say what it is about, and those that deny."""

    @classmethod
    def of(cls, text: str) -> _Compared:
        from memory.embedding import COMMON, words

        composed = unicodedata.normalize("NFKC", text).casefold()
        plain = "".join(one if one.isalnum() else " " for one in composed)
        found = dict.fromkeys(words(text))
        order = tuple(word for word in found if word not in COMMON or word in _DENIALS)
        return cls(f" {' '.join(plain.split())} ", frozenset(found), order)

    def repeats(self, other: _Compared) -> bool:
        """Does this say nothing that the other does not?"""
        if not other.words or self._denials() != other._denials():
            return False
        if self.plain in other.plain or (len(other.plain) >= _LEAST and other.plain in self.plain):
            fewer, more = sorted((len(self.words), len(other.words)))
            return fewer >= ALIKE * more
        shared = self.words & other.words
        alike = len(shared) >= ALIKE * len(self.words | other.words)
        return alike and self._numbers() == other._numbers() and self._in_order(shared) == other._in_order(shared)

    def _denials(self) -> frozenset[str]:
        return self.words & _DENIALS

    def _numbers(self) -> frozenset[str]:
        return frozenset(word for word in self.words if any(one.isdigit() for one in word))

    def _in_order(self, shared: frozenset[str]) -> list[str]:
        """What "tabs instead of spaces" and "spaces instead of tabs" differ in."""
        return [word for word in self.order if word in shared]
