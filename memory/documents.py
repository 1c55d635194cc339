"""Documents: a text becomes passages small enough to be indexed and quoted, each with its place.

What a text is made from (PDF, HTML, a word processor's file) is not known here; whoever reads documents converts
them to text first, with headings in Markdown where there are any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
# The end of a sentence: Western marks need a space behind them, full-width and Indic ones do not.
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？｡।॥؟])[」』”’）]*\s*")
_SPACE = re.compile(r"\s+")
_NEWLINE = re.compile(r"\r\n|\r|\n")  # not str.splitlines: editors count neither form feeds nor U+2028 as lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a document.

    `start_line` and `end_line` are counted from 1 and both belong to it. `heading` is the path of headings above it,
    joined with " > ", or "".
    """

    text: str
    start_line: int
    end_line: int
    heading: str


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    first: int
    last: int
    joint: str  # what stood between this piece and the one before


def passages(text: str, *, size: int = 1200, overlap: int = 0) -> list[Passage]:
    """Cut a text into passages of at most `size` characters.

    Cuts are made at headings first, then between paragraphs, lines, sentences, words, and inside a word only where it
    alone is longer than `size`. No passage crosses a heading. Every character but white space at cuts and the headings'
    own lines is in a passage. With `overlap`, each passage but a section's first begins with up to that many
    characters of whole pieces (paragraphs, lines or sentences) that end the one before.

    Raises:
        ValueError: `size` is below 1, or `overlap` is not between 0 and half of `size`.
    """
    if size < 1:
        raise ValueError("size must be at least 1")
    if not 0 <= overlap <= size // 2:
        raise ValueError("overlap must be between 0 and half of size")
    found: list[Passage] = []
    for heading, lines in _sections(text.removeprefix("\ufeff")):
        pieces = [small for piece in _paragraphs(lines) for small in _cut(piece, size) if small.text.strip()]
        found.extend(_passage(group, heading) for group in _groups(pieces, size, overlap))
    return found


def _sections(text: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    headings: list[tuple[int, str]] = []
    lines: list[tuple[int, str]] = []
    fence = ""
    for number, line in enumerate(_NEWLINE.split(text), start=1):
        fence = _fence_after(line, fence)
        found = None if fence else _HEADING.match(line)
        if found is None:
            lines.append((number, line))
            continue
        if lines:
            yield " > ".join(name for _, name in headings), lines
        lines = []
        depth = len(found[1])
        headings = [*((level, name) for level, name in headings if level < depth), (depth, found[2].strip())]
    yield " > ".join(name for _, name in headings), lines


def _fence_after(line: str, fence: str) -> str:
    found = _FENCE.match(line)
    if found is None:
        return fence
    if not fence:
        return found[1]
    closes = found[1].startswith(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence


def _paragraphs(lines: list[tuple[int, str]]) -> Iterator[_Piece]:
    block: list[tuple[int, str]] = []
    for number, line in [*lines, (0, "")]:
        if line.strip():
            block.append((number, line.rstrip()))
        elif block:
            yield _Piece("\n".join(text for _, text in block), block[0][0], block[-1][0], "\n\n")
            block = []


def _cut(piece: _Piece, size: int) -> Iterator[_Piece]:
    """Pieces of at most `size`, by the coarsest cut that makes the piece smaller."""
    if len(piece.text) <= size:
        yield piece
        return
    for part in _split(piece, size):
        yield from _cut(part, size)


def _split(piece: _Piece, size: int) -> list[_Piece]:
    text = piece.text
    if "\n" in text:
        return [
            _Piece(line, piece.first + n, piece.first + n, "\n" if n else piece.joint)
            for n, line in enumerate(text.split("\n"))
        ]
    starts = [0, *range(size, len(text), size)]
    for pattern in (_SENTENCE, _SPACE):
        ends = [found.end() for found in pattern.finditer(text) if 0 < found.end() < len(text)]
        if ends:
            starts = [0, *ends]
            break
    stops = [*starts[1:], len(text)]
    return [
        _Piece(text[start:stop], piece.first, piece.last, "" if start else piece.joint)
        for start, stop in zip(starts, stops, strict=True)
    ]


def _groups(pieces: list[_Piece], size: int, overlap: int) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    length = 0
    for piece in pieces:
        if group and length + len(piece.joint) + len(piece.text) > size:
            yield group
            group = _tail(group, min(overlap, size - len(piece.joint) - len(piece.text)))
            length = _length(group)
        length += (len(piece.joint) if group else 0) + len(piece.text)
        group.append(piece)
    if group:
        yield group


def _tail(group: list[_Piece], room: int) -> list[_Piece]:
    start = len(group)
    while start > 1 and _length(group[start - 1 :]) <= room:
        start -= 1
    return group[start:]


def _length(group: list[_Piece]) -> int:
    return len(_joined(group))


def _joined(group: list[_Piece]) -> str:
    return "".join((piece.joint if n else "") + piece.text for n, piece in enumerate(group))


def _passage(group: list[_Piece], heading: str) -> Passage:
    return Passage(text=_joined(group).rstrip(), start_line=group[0].first, end_line=group[-1].last, heading=heading)
