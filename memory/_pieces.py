"""The pieces that a text is cut into, from sections down to words, and how they are put together again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ._tables import header_of

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+([^ \t].*)")
_LONGEST = 400
"""Characters of a heading; each passage below it has it in its path. A longer line is text."""
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
# The end of a sentence: Western marks need a space behind them, full-width and Indic ones do not.
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？｡।॥؟])[」』”’）]*\s*")
_CLAUSE = re.compile(r"(?<=[，；、])")  # a long Chinese sentence has no spaces to be cut at
_SPACE = re.compile(r"\s+")
_NEWLINE = re.compile(r"\r\n|\r|\n")  # not str.splitlines: editors count neither form feeds nor U+2028 as lines
_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)

Lines: TypeAlias = list[tuple[int, str]]
"""Lines with their numbers, counted from 1."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a paragraph, or all of it: its text, its first and last line, what stood between it and the piece
    before, and, for a row of a table, the header that tells what its cells are."""

    text: str
    first: int
    last: int
    joint: str
    header: str = ""


def size_of(text: str) -> int:
    """The size of a text: a character is 1, an East Asian one 2, since it says about so much more."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


class Outline:
    """The headings that hold where a reading has come to; a text's last ones hold on in the next that is read."""

    def __init__(self) -> None:
        self._above: list[tuple[int, str]] = []

    def forget(self) -> None:
        """What is read next stands under no heading."""
        self._above = []

    def sections(self, text: str, *, headings: bool) -> Iterator[tuple[str, Lines]]:
        """The path of headings above each section and its lines. A heading with nothing below it is a section of
        itself."""
        lines: Lines = []
        alone: Lines = []
        fence = ""
        for number, line in enumerate(_NEWLINE.split(text), start=1):
            fence = _fence_after(line, fence)
            found = None if fence or not headings else _heading(line)
            if found is None:
                lines.append((number, line))
                continue
            depth, said = found
            yield from self._closed(lines, alone, deeper=bool(self._above) and depth > self._above[-1][0])
            lines, alone = [], [(number, line.strip())]
            self._above = [*((level, name) for level, name in self._above if level < depth), (depth, said)]
        yield from self._closed(lines, alone, deeper=False)

    def _closed(self, lines: Lines, alone: Lines, *, deeper: bool) -> Iterator[tuple[str, Lines]]:
        if any(line.strip() for _, line in lines):
            yield self._path(len(self._above)), lines
        elif alone and not deeper:
            yield self._path(len(self._above) - 1), alone

    def _path(self, depth: int) -> str:
        return " > ".join(name for _, name in self._above[:depth])


def _heading(line: str) -> tuple[int, str] | None:
    """The depth and the words of a heading; None where the line is none."""
    found = _HEADING.match(line)
    if found is None:
        return None
    said = found[2].rstrip()
    marks = len(said) - len(said.rstrip("#"))
    if marks and said[-marks - 1 : -marks] in (" ", "\t"):
        said = said[:-marks]
    said = said.strip()
    return (len(found[1]), said) if len(said) <= _LONGEST else None


def _fence_after(line: str, fence: str) -> str:
    found = _FENCE.match(line)
    if found is None:
        return fence
    if not fence:
        return found[1]
    closes = found[1].startswith(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence


def paragraphs(lines: Lines) -> Iterator[Piece]:
    """What stands between blank lines."""
    block: Lines = []
    for number, line in [*lines, (0, "")]:
        if line.strip():
            block.append((number, line.rstrip()))
        elif block:
            yield Piece("\n".join(text for _, text in block), block[0][0], block[-1][0], "\n\n")
            block = []


def cut(piece: Piece, size: int, *, named: bool) -> Iterator[Piece]:
    """Pieces of at most `size`, by the coarsest cut that makes the piece smaller; blank ones left out. `named`: a table
    whose columns are lettered has their names in its first row."""
    if size_of(piece.text) <= size or len(piece.text) < 2:
        if piece.text.strip():
            yield piece
        return
    header = header_of(piece.text, named=named)
    room = size - size_of(header) - 1 if header and 2 * size_of(header) < size else 0
    for part in _split(piece, size):
        if room and part.first > piece.first + header.count("\n"):
            yield from (replace(one, header=header) for one in cut(part, room, named=False))
        else:
            yield from cut(part, size, named=False)


def _split(piece: Piece, size: int) -> list[Piece]:
    text = piece.text
    if "\n" in text:
        return [
            Piece(line, piece.first + n, piece.first + n, "\n" if n else piece.joint)
            for n, line in enumerate(text.split("\n"))
        ]
    step = size if size_of(text) == len(text) else max(1, size // 2)
    starts = [0, *range(step, len(text), step)]
    for pattern in (_SENTENCE, _SPACE, _CLAUSE):
        ends = [found.end() for found in pattern.finditer(text) if 0 < found.end() < len(text)]
        if ends:
            starts = [0, *ends]
            break
    stops = [*starts[1:], len(text)]
    return [
        Piece(text[start:stop], piece.first, piece.last, "" if start else piece.joint)
        for start, stop in zip(starts, stops, strict=True)
    ]


def groups(pieces: Sequence[Piece], size: int, overlap: int) -> Iterator[list[Piece]]:
    """Neighbours that fit into `size` together; each group but the first begins with what of the one before is whole
    and fits into `overlap`."""
    group: list[Piece] = []
    length = 0
    for piece in pieces:
        own = size_of(piece.text)
        if group and length + len(piece.joint) + own > size:
            yield group
            group = _tail(group, min(overlap, size - len(piece.joint) - own))
            length = size_of(joined(group))
        length += len(piece.joint) + own if group else _begun(piece) + own
        group.append(piece)
    if group:
        yield group


def _tail(group: list[Piece], room: int) -> list[Piece]:
    start = len(group)
    while start > 1 and size_of(joined(group[start - 1 :])) <= room:
        start -= 1
    return group[start:]


def _begun(piece: Piece) -> int:
    return size_of(piece.header) + 1 if piece.header else 0


def joined(group: Sequence[Piece]) -> str:
    """The text of neighbours; rows whose table began before them have its header in front."""
    header = f"{group[0].header}\n" if group and group[0].header else ""
    return header + "".join((piece.joint if n else "") + piece.text for n, piece in enumerate(group))
