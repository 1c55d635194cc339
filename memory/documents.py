"""Documents: a text becomes passages small enough to be indexed and quoted, each with its place.

What a text is made from (PDF, HTML, a word processor's file) is not known here; whoever reads documents converts
them to text first, with headings and tables in Markdown where there are any.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ._pieces import Outline, Piece, cut, groups, joined, paragraphs
from ._tables import names_in, rows_place, with_names

__all__ = ["SIZE", "Passage", "passages", "place_passages"]

SIZE = 1_000
"""The size of a passage, where nobody says. On the questions of `bench/kb_questions.py` 500 to 1,600 find about the
same; 800 to 1,000 have the passage among the first three most often."""
_GOES_ON = ("chapter ", "cell ")
"""Places whose headings hold on into the next; a slide's title says nothing of the next slide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a document.

    `start_line` and `end_line` are counted from 1 and both belong to it; of what has pages or the like they are lines
    of its page. `heading` is the path of headings above it, joined with " > ", or "". `place` is how it is cited:
    `lines 10-24`, `page 3`, `sheet "2024", rows 41-60`, `paragraphs 2-3` of what stands below its heading; "" where
    only its lines are known.
    """

    text: str
    start_line: int
    end_line: int
    heading: str
    place: str = ""


def passages(text: str, *, size: int = SIZE, overlap: int = 0, headings: bool = True) -> list[Passage]:
    """Cut a text into passages of at most `size`: characters, of which an East Asian one counts as two.

    Cuts are made at headings first, then between paragraphs, lines, sentences, words, and inside a word only where it
    alone is longer than `size`. No passage crosses a heading. Every character but white space at cuts and the lines of
    headings with a text below them is in a passage. A table that is cut has its header again in each passage, where
    that leaves room for rows. With `overlap`, each passage but a section's first begins with up to that much of whole
    pieces (paragraphs, lines or sentences) that end the one before.

    Args:
        text: Plain text or Markdown.
        size: The most of a passage.
        overlap: See above.
        headings: False: a line that begins with `#` is no heading, as in source code.

    Raises:
        ValueError: `size` is below 1, or `overlap` is not between 0 and half of `size`.
    """
    if size < 1:
        raise ValueError("size must be at least 1")
    if not 0 <= overlap <= size // 2:
        raise ValueError("overlap must be between 0 and half of size")
    found = _passages(text.removeprefix("\ufeff"), Outline(), size=size, overlap=overlap, headings=headings)
    return [replace(one, place="") for one in found]


def place_passages(
    parts: Iterable[tuple[str, str]], *, marked: bool, lined: bool = True, size: int = SIZE, headings: bool = True
) -> Iterator[Passage]:
    """The passages of a document that comes in parts, each a place and its text, as a converter gives them.

    Args:
        parts: In their order.
        marked: The places are pages, slides, sheets or the like, which no passage crosses. Else the parts are one text
            when joined by newlines.
        lined: Its lines are those of the file, and are its places. Else it was made of the file, whose reader sees
            headings and paragraphs: these are counted below each heading.
        size: As in `passages`.
        headings: The same.
    """
    if not marked:
        text = "\n".join(text for _, text in parts).removeprefix("\ufeff")
        for one in _passages(text, Outline(), size=size, overlap=0, headings=headings):
            yield replace(one, place=_span("line", one.start_line, one.end_line)) if lined else one
        return
    outline, names, sheet = Outline(), "", ""
    for place, text in parts:
        repeated = ""
        if not place.startswith(_GOES_ON):
            outline.forget()
        if place.startswith("sheet "):
            own = place.partition('", ')[0]
            if own != sheet:
                sheet, names = own, names_in(text)
            elif names:
                repeated, text = names, with_names(text, names)
        lines = text.split("\n")
        for one in _passages(text, outline, size=size, overlap=0, headings=headings, named=bool(names)):
            own_lines = [line for line in lines[one.start_line - 1 : one.end_line] if not repeated or line != repeated]
            yield replace(one, place=rows_place(place, own_lines))


def _passages(
    text: str, outline: Outline, *, size: int, overlap: int, headings: bool, named: bool = False
) -> Iterator[Passage]:
    for heading, lines in outline.sections(text, headings=headings):
        pieces = [small for piece in paragraphs(lines) for small in cut(piece, size, named=named)]
        begun = [piece.first for piece in paragraphs(lines)]
        for group in groups(pieces, size, overlap):
            first, last = (bisect_right(begun, line) for line in (group[0].first, group[-1].last))
            yield _passage(group, heading, place=_span("paragraph", first, last))


def _passage(group: Sequence[Piece], heading: str, *, place: str) -> Passage:
    return Passage(
        text=joined(group).rstrip(), start_line=group[0].first, end_line=group[-1].last, heading=heading, place=place
    )


def _span(what: str, first: int, last: int) -> str:
    return f"{what}s {first}-{last}" if last > first else f"{what} {first}"
