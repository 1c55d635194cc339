"""A text's parts: blocks (headings, paragraphs, items, tables, code), and passages of a given weight.

Markdown is understood and nothing is expected of a text that is none. No language is assumed, and East Asian text needs
no spaces.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from plugins._inline import cleaned
from plugins._sentences import CLOSING, TERMINAL, sentence_ends
from plugins._weight import weigh, wide

__all__ = ["Block", "blocks", "headings", "passages"]

BlockKind = Literal["heading", "text", "item", "table", "code"]

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(?=\S)(.*)")
_UNDERLINE = re.compile(r"\s{0,3}(=+|-+|~+|\^+)\s*")
_FENCE = re.compile(r"\s{0,3}(```+(?!.*`)|~~~+)")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦·●○]|\(?\d{1,3}[.)、．）]|[(（][\d一二三四五六七八九十]{1,3}[)）])\s*(?=\S)")
_BULLET = re.compile(
    r"\s*(?:[-*+•‣◦·●○]\s|[•‣◦●○]|\(?\d{1,3}[.)]\s|\d{1,3}[、．）](?!\d)|[(（][\d一二三四五六七八九十]{1,3}[)）])"
)
_DELIMITER = re.compile(r":?-{3,}:?")
_RULE = re.compile(r"\s*(?:[-*_=~·—─]\s*){3,}")
_DEFINITION = re.compile(r"\s{0,3}\[[^\]]+\]:\s+\S+.*|\s*<!--.*-->\s*|\s*!\[[^\]]*\]\([^)]*\)\s*")
_SPACED = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")  # wide, but written with spaces between words
_HARD_CUT = re.compile(r"[\s,;:，；：、]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a text. `line` is its first line, from 1; `level` is a heading's depth or 0.

    `text` is cleaned of inline marks and has no line breaks; `starts` are the offsets in it at which the lines begin.
    """

    kind: BlockKind
    text: str
    line: int
    level: int = 0
    starts: tuple[int, ...] = (0,)

    def line_at(self, offset: int) -> int:
        """The line of the whole text on which a place of `text` stands."""
        return self.line + max(0, bisect_right(self.starts, offset) - 1)


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in order; nothing of it but rules, link definitions and empty lines is left out."""
    return list(_Reading(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).read())


def headings(text: str) -> list[tuple[int, int, str]]:
    """The headings that begin with `#`: line, depth and words, without reading the rest into blocks."""
    found: list[tuple[int, int, str]] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.lstrip(" ").startswith(("#", "```", "~~~")):
            continue
        if opening := _FENCE.match(line):
            mark = opening[1]
            if not fence:
                fence = mark
            elif mark.startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif not fence and (heading := _HEADING.match(line)):
            found.append((number, len(heading[1]), cleaned(heading[2].rstrip().rstrip("#"))))
    return found


class _Reading:
    """One reading of a text's lines. `_at` is the next line; each `_take_…` eats lines and gives their block."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def read(self) -> Iterator[Block]:
        """Every block."""
        if self._lines[0].strip() == "---" and (end := self._closing(1, "---")) is not None:
            yield self._take("code", end + 1)
        while self._at < len(self._lines):
            block = self._next()
            if block is not None:
                yield block

    def _next(self) -> Block | None:
        line = self._lines[self._at]
        if not line.strip() or _DEFINITION.fullmatch(line) or _RULE.fullmatch(line):
            self._at += 1
            return None
        if fence := _FENCE.match(line):
            end = self._closing(self._at + 1, fence[1])
            return self._take("code", len(self._lines) if end is None else end + 1)
        if heading := _HEADING.match(line):
            return self._take("heading", self._at + 1, level=len(heading[1]), words=[heading[2].rstrip().rstrip("#")])
        if _is_table(line):
            end = self._at + 1
            while end < len(self._lines) and _is_table(self._lines[end]):
                end += 1
            return self._take("table", end)
        if _BULLET.match(line):
            return self._take_item()
        return self._take_paragraph()

    def _closing(self, start: int, mark: str) -> int | None:
        for place in range(start, len(self._lines)):
            if self._lines[place].strip().startswith(mark) and not self._lines[place].strip().strip(mark[0]):
                return place
        return None

    def _take(self, kind: BlockKind, end: int, *, level: int = 0, words: list[str] | None = None) -> Block:
        start, self._at = self._at, end
        own = self._lines[start:end] if words is None else words
        joined, starts = _join(own if kind in ("code", "table") else [cleaned(line) for line in own])
        return Block(kind=kind, text=joined, line=start + 1, level=level, starts=starts)

    def _take_item(self) -> Block:
        end = self._at + 1
        while end < len(self._lines) and self._goes_on(end) and self._lines[end][:1].isspace():
            end += 1
        line = self._lines[self._at]
        mark = _ITEM.match(line)
        first = line[mark.end() :] if mark else ""  # a mark with nothing behind it
        return self._take("item", end, words=[first, *self._lines[self._at + 1 : end]])

    def _take_paragraph(self) -> Block:
        end = self._at + 1
        while end < len(self._lines) and self._goes_on(end):
            if end == self._at + 1 and _UNDERLINE.fullmatch(self._lines[end]) and len(self._lines[end].strip()) > 2:
                level = 1 if "=" in self._lines[end] else 2
                return self._take("heading", end + 1, level=level, words=[self._lines[self._at]])
            end += 1
        own = [line.lstrip("> \t") if line.lstrip().startswith(">") else line for line in self._lines[self._at : end]]
        alone = len(own) == 1 and (end >= len(self._lines) or not self._lines[end].strip())
        if alone and weigh(own[0]) <= 60 and own[0].rstrip()[-1:] not in f"{TERMINAL},;:，；：、{CLOSING}":
            return self._take("heading", end, level=6, words=own)
        return self._take("text", end, words=own)

    def _goes_on(self, place: int) -> bool:
        """Does a line go on with the paragraph or item that began before it?"""
        line = self._lines[place]
        if _UNDERLINE.fullmatch(line) and place == self._at + 1:
            return True
        return bool(line.strip()) and not any(start.match(line) for start in (_HEADING, _FENCE, _BULLET))


def _is_table(line: str) -> bool:
    """Is it a row between bars, or the line of dashes under a table's head?"""
    line = line.strip()
    if len(line) > 1 and line[0] == line[-1] == "|":
        return True
    cell, bar, _ = line.removeprefix("|").partition("|")
    return bool(bar) and _DELIMITER.fullmatch(cell.strip()) is not None


def _join(lines: list[str]) -> tuple[str, tuple[int, ...]]:
    """One line out of many, with spaces where the script wants them, and the offset of each."""
    whole, length, starts = [], 0, []
    last = ""
    for line in lines:
        gap = " " if last and line and not (_glued(last) and _glued(line[0])) else ""
        starts.append(length + len(gap))
        whole.append(gap + line)
        length += len(gap) + len(line)
        last = line[-1:] or last
    return "".join(whole), tuple(starts)


def _glued(char: str) -> bool:
    return wide(char) and _SPACED.match(char) is None


def passages(text: str, *, weight: int) -> list[str]:
    """Cut a text into passages of at most `weight` (see `weigh`), at headings, paragraphs, sentences, in this order.

    The passages joined give the text again, to the character. None for a blank text.
    """
    found: list[str] = []
    current: list[str] = []
    held = 0
    for piece, opens in _pieces(text, weight):
        own = weigh(piece)
        if current and (held + own > weight or (opens and held > weight // 2)):
            found.append("".join(current))
            current, held = [], 0
        current.append(piece)
        held += own
    found.append("".join(current))
    return found if text.strip() else []


def _pieces(text: str, weight: int) -> Iterator[tuple[str, bool]]:
    """Paragraphs with the blank lines after them, and whether each begins a section; smaller where one is too heavy."""
    for paragraph in _paragraphs(text):
        opens = _HEADING.match(paragraph) is not None
        if weigh(paragraph) <= weight:
            yield paragraph, opens
            continue
        start = 0
        for end in [*sentence_ends(paragraph), len(paragraph)]:
            for piece in _hard_cut(paragraph[start:end], weight):
                yield piece, opens and not start
            start = end


def _paragraphs(text: str) -> Iterator[str]:
    current: list[str] = []
    blank = False
    for line in text.splitlines(keepends=True):
        if current and line.strip() and (blank or _HEADING.match(line)):
            yield "".join(current)
            current = []
        blank = not line.strip()
        current.append(line)
    if current:
        yield "".join(current)


def _hard_cut(text: str, weight: int) -> Iterator[str]:
    """Cut what has no sentence ends: at a space or comma of the last quarter, else anywhere."""
    start = 0
    while start < len(text):
        end = min(len(text), start + weight)
        while (over := weigh(text[start:end]) - weight) > 0:
            end -= (over + 1) // 2
        if end < len(text):
            places = [found.end() for found in _HARD_CUT.finditer(text, end - weight // 4, end)]
            end = places[-1] if places and places[-1] > start else end
        yield text[start:end]
        start = end
