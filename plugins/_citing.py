"""Where in a document a statement comes from: marks that a model is shown, and the citations in what it makes of them.

A model is asked to keep marks such as [page 3] or [line 40]. What it writes is not believed: a citation of a place that
it was not shown is taken out, and what it says without any gets the places of what its words are found in.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from plugins._documents import Places
from plugins._passages import headings
from plugins._sourcing import Source, Sources
from plugins._weight import weigh

__all__ = ["Cited", "Marks", "Span"]

Span: TypeAlias = tuple[int, int]
"""Lines of the whole text, the first and the last."""

_APART = 300  # weight between two marks of lines
_SECTIONS = 3  # headings of a level from which they are sections worth naming
_TITLE = 60  # characters
_LISTED = 6  # places that are told one by one; of more the first and the last
_UNITS = {
    "page": r"pages?|pp?\b\.?|页",
    "slide": r"slides?|幻灯片|张",
    "chapter": r"chapters?|ch\b\.?|章",
    "cell": r"cells?|单元格?",
    "section": r"sections?|secs?\b\.?|§§?|节",
    "line": r"lines?|ll?\b\.?|行",
}
_NUMBERED = re.compile(r"(page|slide|chapter|cell|section) (\d+)")
_SHEET = re.compile(r"\s*(?:sheet|rows?)\s", re.IGNORECASE)
_BRACKET = re.compile(r"[ \t\u3000]*[\[【［(（]([^\[\]【】［］()（）\n]{1,200})[\]】］)）]")
_RANGE = re.compile(r"(\d{1,9})(?:\s*(?:-|to|至|到|[\u2010-\u2015~〜～])\s*(\d{1,9}))?")
_BETWEEN = re.compile(r"[\s,;.&，；、。第和与及]+|\band\b|\bsee\b|见")


@dataclass(frozen=True, slots=True)
class Cited:
    """A text whose citations are sound, the spans that they cite, and how many were taken out."""

    text: str
    spans: tuple[Span, ...]
    unknown: int = 0


class Marks:
    """The places of one text.

    Args:
        text: All of it.
        places: Its pages or the like; without any its lines are its places, and its sections are named with them.
    """

    def __init__(self, text: str, places: Places) -> None:
        self._places = places
        self._last = text.rstrip().count("\n") + 1
        self._sections = () if places else _sections(text)
        self._at: dict[tuple[str, int], int] = {}
        for at, name in enumerate(places.names):
            if found := _NUMBERED.fullmatch(name):
                self._at[found[1], int(found[2])] = at

    @property
    def example(self) -> str:
        """A mark as it stands in this text."""
        return f"[{self._places.names[0]}]" if self._places else "[line 40]"

    def section(self, line: int) -> str:
        """The title of the section in which a line stands; "" where the text has none worth naming."""
        at = bisect_right(self._sections, line, key=lambda one: one[0]) - 1
        return self._sections[at][1] if at >= 0 else ""

    def marked(self, piece: str, line: int) -> str:
        """A piece of the text that begins in this line, with marks: before each page or the like, and before
        paragraphs where places are lines."""
        return self._places.marked(piece, line) if self._places else _with_lines(piece, line)

    def mark(self, span: Span, *, section: bool = False) -> str:
        """How a span is cited: `[page 3]`, `[lines 40-52]`; with its section where that is wanted."""
        return self._told([span], section=section)

    def sources(self, piece: str, line: int) -> list[Source]:
        """The paragraphs of a piece of the text that begins in this line, long ones in parts."""
        found: list[Source] = []
        held: list[str] = []
        for number, text in enumerate([*piece.split("\n"), ""], line):
            if held and (not text.strip() or sum(map(len, held)) > _APART):
                found.append(Source("\n".join(held), ((number - len(held), number - 1),)))
                held = []
            if text.strip():
                held.append(text)
        return found

    def cited(self, note: str) -> list[Source]:
        """The lines of a note that was `checked`, each with what it cites."""
        found: list[Source] = []
        for text in note.split("\n"):
            spans = [span for one in _BRACKET.finditer(text) for span in self._spans_of(one[1]) or ()]
            if spans:
                found.append(Source(text, tuple(spans)))
        return found

    def checked(self, reply: str, allowed: Sequence[Span], sources: Callable[[], Sequence[Source]]) -> Cited:
        """What a model wrote of these spans. Citations are written alike, one of anything else is taken out, and a line
        that has none gets the places of those sources that it is like. Where none is left the spans stand at the end,
        unless they are all of the text."""
        cited: list[Span] = []
        unknown = 0

        def sound(found: re.Match[str]) -> str:
            nonlocal unknown
            stated = self._spans_of(found[1])
            if stated is None:
                return found[0]
            spans = [one for one in stated if any(one[0] <= last and first <= one[1] for first, last in allowed)]
            unknown += not spans
            cited.extend(spans)
            return f" {self._told(spans)}" if spans else ""

        lines, pieces = [], None
        for line in reply.strip().split("\n"):
            before = len(cited)
            told = _BRACKET.sub(sound, line)
            if len(cited) == before and told.strip() and not told.lstrip().startswith("#"):
                pieces = pieces or Sources(sources())
                if found := pieces.of(told):
                    cited.extend(found)
                    told = f"{told.rstrip()} {self._told(found)}"
            lines.append(told)
        text = "\n".join(lines).strip()
        if not cited and text:
            cited = [(min(first for first, _ in allowed), max(last for _, last in allowed))]
            if cited[0][0] > 1 or cited[0][1] < self._last:
                text = f"{text} {self._told(cited)}"
        return Cited(text, tuple(dict.fromkeys(cited)), unknown)

    def with_sections(self, text: str) -> str:
        """The same text, its citations of lines with the sections in which these stand."""
        if not self._sections:
            return text

        def told(found: re.Match[str]) -> str:
            spans = self._spans_of(found[1])
            return found[0] if not spans else f" {self._told(spans, section=True)}"

        return _BRACKET.sub(told, text)

    def _spans_of(self, content: str) -> list[Span] | None:
        """The spans that a bracket cites; None where it is no citation, empty where there are no such places."""
        if self._places:
            pieces = content.split(";")
            named = [at for one in pieces if (at := self._named(one)) is not None]
            if len(named) == len(pieces) or _SHEET.match(content):
                return [self._span(at) for at in named]
        found = _references(content)
        if found is None:
            return None
        unit, ranges = found
        if unit == "section" and not any(of == unit for of, _ in self._at):
            return None  # a document's own sections are words like others
        if unit == "line":
            return [] if self._places else [(a, min(b, self._last)) for a, b in ranges if 1 <= a <= self._last]
        known = sorted(number for of, number in self._at if of == unit)
        hits = [number for number in known if any(a <= number <= b for a, b in ranges)]
        return [self._span(self._at[unit, number]) for number in hits]

    def _named(self, content: str) -> int | None:
        wanted = _plain(content)
        return next((at for at, name in enumerate(self._places.names) if _plain(name) == wanted), None)

    def _span(self, at: int) -> Span:
        starts = self._places.starts
        return starts[at], starts[at + 1] - 1 if at + 1 < len(starts) else self._last

    def _place(self, line: int) -> int:
        return max(0, bisect_right(self._places.starts, line) - 1)

    def _told(self, spans: Sequence[Span], *, section: bool = False) -> str:
        if not self._places:
            told = _numbers("line", _joined(spans))
            ends = [line for span in _joined(spans) for line in span] if section else []
            titles = [title for title in dict.fromkeys(map(self.section, ends)) if title]
            told += f", {titles[0]}" if titles else ""
            return f"[{told} to {titles[-1]}]" if len(titles) > 1 else f"[{told}]"
        hit = sorted({at for first, last in spans for at in range(self._place(first), self._place(last) + 1)})
        names = [self._places.names[at] for at in hit]
        numbered = [found for name in names if (found := _NUMBERED.fullmatch(name))]
        if len(numbered) == len(names) and len({found[1] for found in numbered}) == 1:
            return f"[{_numbers(numbered[0][1], _joined([(int(one[2]), int(one[2])) for one in numbered]))}]"
        if len(names) > _LISTED:
            return f"[{names[0]} to {names[-1]}]"
        return f"[{'; '.join(names)}]"


def _sections(text: str) -> tuple[tuple[int, str], ...]:
    """The headings of the highest level of which there are several, and of those above it: line and title."""
    found = headings(text)
    for level in range(1, 7):
        if sum(one[1] == level for one in found) >= _SECTIONS:
            return tuple((line, _short(title)) for line, own, title in found if own <= level)
    return ()


def _short(title: str) -> str:
    title = re.sub(r"[\[\]()【】（）]", " ", title)
    title = " ".join(title.split())
    return title if len(title) <= _TITLE else f"{title[:_TITLE].rstrip()}…"


def _with_lines(piece: str, line: int) -> str:
    told: list[str] = []
    since, blank = _APART, True
    for number, text in enumerate(piece.split("\n"), line):
        if text.strip() and blank and since >= _APART:
            text, since = f"[line {number}] {text}", 0
        blank = not text.strip()
        since += weigh(text)
        told.append(text)
    return "\n".join(told)


def _references(content: str) -> tuple[str, list[Span]] | None:
    """The places of `page 3`, `pp. 3-5, 7`, `第 3 页`: their unit, and their numbers."""
    rest, units = content.casefold(), set[str]()
    for unit, pattern in _UNITS.items():
        rest, count = re.subn(rf"(?<![^\W\d_])(?:{pattern})(?![^\W\d_])", " ", rest)
        if count:
            units.add(unit)
    if len(units) != 1:
        return None
    ranges = [(int(one[1]), int(one[2] or one[1])) for one in _RANGE.finditer(rest)]
    if not ranges or _BETWEEN.sub("", _RANGE.sub("", rest)):
        return None
    return units.pop(), [(min(one), max(one)) for one in ranges]


def _plain(name: str) -> str:
    return re.sub(r"[\s\"'“”‘’]+", " ", name).strip().casefold()


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Spans in their order, those that touch as one."""
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined


def _numbers(unit: str, spans: Sequence[Span]) -> str:
    if len(spans) > _LISTED:
        spans = [(spans[0][0], spans[-1][1])]
    told = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)
    return f"{unit} {told}" if told.isdigit() else f"{unit}s {told}"
