"""Markdown, as the readers of all formats write it: headings, lists, tables, code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from plugins._convert._document import Part, Quota

__all__ = ["WIDEST", "Full", "Writer", "join_wide", "numbered_rows", "weight"]

WIDEST = 500
"""Columns of a table; what is beyond is left out."""
_PART = 4_000  # characters of rows that are told under one place
_WIDE = "\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_WIDE_BREAK = re.compile(f"(?<=[{_WIDE}])\n(?=[{_WIDE}])")


class Full(Exception):
    """The quota is used up; what was written is kept."""


class Writer:
    """Writes blocks, one after another.

    Raises (every method that writes):
        Full: the quota is used up.
    """

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._blocks: list[tuple[bool, str]] = []
        self.title = ""

    def going(self) -> bool:
        """Is there time to read more of what is to be written?"""
        return self._quota.going()

    def block(self, text: str, *, close: bool = False) -> None:
        """Any Markdown; what is `close` follows another such without a blank line."""
        if not text.strip():
            return
        if not self._quota.spend(len(text)):
            raise Full
        self._blocks.append((close, text.rstrip()))

    def paragraph(self, text: str) -> None:
        """Lines of text, their own breaks kept."""
        self.block("\n".join(" ".join(line.split()) for line in text.strip().split("\n")))

    def heading(self, level: int, text: str) -> None:
        """A heading; the first one is the title where nothing else is."""
        text = " ".join(text.split())
        self.title = self.title or text
        if text:
            self.block(f"{'#' * min(max(level, 1), 6)} {text}")

    def item(self, text: str, *, depth: int = 0, marker: str = "-") -> None:
        """An item of a list, `depth` lists deep from 0."""
        indent = "  " * min(depth, 10)
        lines = [" ".join(line.split()) for line in text.strip().split("\n")]
        inner = f"\n{indent}{' ' * (len(marker) + 1)}".join(line for line in lines if line)
        if inner:
            self.block(f"{indent}{marker} {inner}", close=True)

    def code(self, text: str, language: str = "") -> None:
        """Text as it is, in a fence that it does not hold itself."""
        fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`{3,}", text)), 3)
        if text.strip():
            self.block(f"{fence}{language}\n{text.strip(chr(10))}\n{fence}")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """A table, its first row the header; of one column, its cells as paragraphs."""
        filled = [row for row in rows if any(text.strip() for text in row)]
        if max((len(row) for row in filled), default=0) > 1:
            self.block("\n".join(_table(filled)))
            return
        for row in filled:
            self.paragraph(row[0])

    def text(self) -> str:
        """All that was written."""
        pieces: list[str] = []
        before = False
        for close, text in self._blocks:
            if pieces:
                pieces.append("\n" if close and before else "\n\n")
            pieces.append(text)
            before = close
        return "".join(pieces)


def join_wide(text: str) -> str:
    """Line breaks between characters that are written without spaces taken out, as browsers show them."""
    return _WIDE_BREAK.sub("", text) if "\n" in text else text


def _cell(text: str) -> str:
    """What a cell holds, in one line that does not end it."""
    return " ".join(text.split()).replace("|", "\\|")


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table whose first row is the header. Short rows stay short, which Markdown allows: filled up, a
    single wide row would swell all others."""
    width = min(WIDEST + 1, max(len(row) for row in rows))
    header = [*rows[0], *[""] * (width - len(rows[0]))]
    lines = [f"| {' | '.join(_cell(text) for text in row[:width])} |" for row in (header, *rows[1:])]
    return [lines[0], "|" + " --- |" * width, *lines[1:]]


def numbered_rows(place: str, rows: Iterable[tuple[int, Sequence[str]]], header: Sequence[str]) -> Iterable[Part]:
    """Rows and their numbers as tables of some thousand characters, each under its place and with the header again."""
    held: list[tuple[int, Sequence[str]]] = []
    size = 0
    for number, row in rows:
        if held and size > _PART:
            yield _grid(place, held, header)
            held, size = [], 0
        held.append((number, row))
        size += weight(row)
    if held:
        yield _grid(place, held, header)


def weight(row: Sequence[str]) -> int:
    """The characters that a row becomes."""
    return sum(len(text) for text in row) + 3 * len(row)


def _grid(place: str, rows: Sequence[tuple[int, Sequence[str]]], header: Sequence[str]) -> Part:
    """One such table. Columns without a header are lettered, as spreadsheets do."""
    width = min(WIDEST, max(len(row) for _, row in rows))
    names = [header[at] if at < len(header) else _letters(at) for at in range(width)]
    first, last = rows[0][0], rows[-1][0]
    span = f"rows {first}-{last}" if last > first else f"row {first}"
    lines = _table([["row", *names], *([str(number), *row[:width]] for number, row in rows)])
    return Part(place=f"{place}, {span}" if place else span, text="\n".join(lines))


def _letters(column: int) -> str:
    """`A` to `Z`, `AA`, ... for 0, 1, ..."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(65 + letter) + name
    return name
