"""A page of HTML, as its markup tells of it piece by piece: the blocks of text that a reader would see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from plugins._convert._markdown import join_wide

__all__ = ["BREAK", "Block", "Page"]

_UNSEEN = frozenset(
    {
        *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas"),
        *("select", "textarea", "button", "audio", "video", "map", "datalist", "dialog", "rp"),
    }
)
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section"),
        *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "title"),
    }
)
_VOID = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"),
        *("track", "wbr"),
    }
)
_FRAME = frozenset({"nav", "footer", "aside", "header"})
_FRAME_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_LINE_END = re.compile(r"(?<![ \t\r\f])[ \t\r\f]*\n\s*")  # begins where the white space does, and looks once
_NO_TARGET = re.compile(r"\s*(?:#|javascript:|data:|$)", re.I)
_SPAN = 50  # columns that one cell may take
_LONGEST_LINK = 500
BREAK = "\ue000"
"""A line break that was meant, among those that only wrap the source."""


@dataclass(slots=True)
class _Element:
    """An open element, and what is to be taken back when it ends."""

    tag: str
    unseen: bool = False
    frame: bool = False
    main: bool = False
    link: str = ""
    link_from: int = 0


@dataclass(slots=True)
class _Table:
    """An open table. One that holds another is only there for the layout: its cells are told as text."""

    rows: list[list[str]] = field(default_factory=list)
    layout: bool = False
    place: int = 0
    span: int = 1


@dataclass(slots=True)
class _List:
    """An open list; `number` is the next item's, or None."""

    number: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """A finished block: which method of a `Writer` says it, with what, and where it stood."""

    method: str
    text: str
    level: int = 0
    marker: str = "-"
    rows: tuple[tuple[str, ...], ...] = ()
    frame: bool = False
    main: bool = False

    @property
    def weight(self) -> int:
        return len(self.text) + sum(len(text) for row in self.rows for text in row)


class Page:
    """Is told of the markup of a page, and keeps its blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.title = ""
        self._open: list[_Element] = []
        self._unseen = self._frame = self._main = self._pre = self._titles = 0
        self._held: list[str] = []
        self._tables: list[_Table] = []
        self._lists: list[_List] = []
        self._item = ""
        self._size = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        tag = tag.casefold()
        if tag in _VOID:
            self._void(tag, attributes)
            return
        one = _Element(tag, unseen=_unseen(tag, attributes))
        self._open.append(one)
        self._unseen += one.unseen
        if self._unseen:
            return
        if tag in _BLOCKS:
            self._flush()
        role = attributes.get("role", "")
        one.main = tag == "main" or role == "main" or (tag == "article" and not self._frame)
        one.frame = role in _FRAME_ROLES or (tag in _FRAME and not (self._main and tag in ("header", "footer")))
        self._main += one.main
        self._frame += one.frame
        self._enter(one, attributes)

    def _enter(self, one: _Element, attributes: Mapping[str, str]) -> None:
        tag = one.tag
        if tag == "a":
            target = attributes.get("href", "")
            one.link = "" if _NO_TARGET.match(target) else target.strip()[:_LONGEST_LINK]
            one.link_from = len(self._held)
        elif tag == "title":
            self._titles += 1
        elif tag == "pre":
            self._pre += 1
        elif tag in ("ul", "ol", "menu"):
            self._lists.append(_List(_number(attributes.get("start", "1")) if tag == "ol" else None))
        elif tag == "li":
            self._item = self._marker()
        elif tag == "code" and not self._pre:
            self._held.append("`")
        else:
            self._enter_table(tag, attributes)

    def _enter_table(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "table":
            if self._tables:
                self._lay_out(self._tables[-1])
            self._tables.append(_Table())
        elif self._tables and tag == "tr":
            self._tables[-1].rows.append([])
        elif self._tables and tag in ("td", "th"):
            table = self._tables[-1]
            table.rows = table.rows or [[]]
            table.place, table.span = len(self._held), min(_SPAN, _number(attributes.get("colspan", "1")))

    def end(self, tag: str) -> None:
        tag = tag.casefold()
        if tag in _VOID or not any(one.tag == tag for one in reversed(self._open)):
            return
        while self._open:
            one = self._open[-1]
            if not self._unseen:
                self._leave(one)
            self._open.pop()
            self._unseen -= one.unseen
            self._frame -= one.frame
            self._main -= one.main
            if one.tag == tag:
                return

    def _leave(self, one: _Element) -> None:
        tag = one.tag
        if tag == "a" and one.link:
            self._link(one)
        elif tag == "code" and not self._pre:
            self._held.append("`")
        elif tag == "title":
            self.title = self.title or " ".join("".join(self._held).split())
            self._held.clear()
            self._titles -= 1
        elif tag in ("td", "th") and self._tables:
            self._leave_cell(self._tables[-1])
        elif tag == "table" and self._tables:
            table = self._tables.pop()
            if not table.layout:
                self._keep("table", "", rows=tuple(tuple(row) for row in table.rows))
        elif tag in _BLOCKS:
            self._flush(tag)
        self._close(tag)

    def _close(self, tag: str) -> None:
        if tag == "pre":
            self._pre = max(0, self._pre - 1)
        elif tag in ("ul", "ol", "menu") and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._item = ""

    def _leave_cell(self, table: _Table) -> None:
        if table.layout:
            self._flush()
            return
        text = join_wide("".join(self._held[table.place :]))
        del self._held[table.place :]
        if table.rows:
            table.rows[-1] += [" ".join(text.split()), *[""] * (table.span - 1)]

    def _link(self, one: _Element) -> None:
        text = " ".join("".join(self._held[one.link_from :]).split())
        if text and one.link_from <= len(self._held):
            before = "".join(self._held[one.link_from :])
            lead = " " if before[:1].isspace() else ""
            trail = " " if before[-1:].isspace() else ""
            target = one.link.replace(" ", "%20").replace(")", "%29")
            self._held[one.link_from :] = [f"{lead}[{text}]({target}){trail}"]

    def data(self, text: str) -> None:
        if self._unseen or not text:
            return
        self._held.append(text if self._pre else _LINE_END.sub("\n", text))

    def comment(self, text: str) -> None:
        """Nobody is to read comments."""

    def close(self) -> None:
        self._flush()
        while self._tables:
            self._lay_out(self._tables.pop())

    def _void(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._unseen:
            return
        if tag == "br":
            self._held.append("\n" if self._pre else BREAK)
        elif tag == "hr":
            self._flush()
        elif tag == "img" and attributes.get("alt", "").strip():
            self._held.append(f"[picture: {' '.join(attributes['alt'].split())}]")

    def _marker(self) -> str:
        if not self._lists or self._lists[-1].number is None:
            return "-"
        number = self._lists[-1].number
        self._lists[-1].number = number + 1
        return f"{number}."

    def _lay_out(self, table: _Table) -> None:
        """Tell what a table holds so far as text: another is inside, or it never ended."""
        rows, table.rows, table.layout = table.rows, [], True
        for text in (text for row in rows for text in row):
            self._keep("paragraph", text)
        self._flush(force=True)

    def _flush(self, tag: str = "", *, force: bool = False) -> None:
        """End the text that is held as a block; within the cell of a real table it only ends a line."""
        if self._titles:
            return
        if self._tables and not self._tables[-1].layout and not force and tag != "caption":
            if self._held and len(self._held) > self._tables[-1].place:
                self._held.append(" ")
            return
        text = "".join(self._held)
        self._held.clear()
        if self._pre:
            self._keep("code", text.replace(BREAK, "\n"))
            return
        text = "\n".join(" ".join(join_wide(line.strip()).split()) for line in text.split(BREAK)).strip()
        if not text:
            return
        if tag[:1] == "h" and tag[1:].isdigit():
            self._keep("heading", text, level=int(tag[1:]))
        elif self._lists or tag == "dd":
            marker, self._item = self._item, ""
            self._keep("item", text, level=max(0, len(self._lists) - 1), marker=marker or ("-" if tag == "dd" else ""))
        else:
            self._keep("paragraph", text)

    def _keep(
        self, method: str, text: str, *, level: int = 0, marker: str = "", rows: tuple[tuple[str, ...], ...] = ()
    ) -> None:
        if text.strip() or rows:
            place = {"frame": bool(self._frame), "main": bool(self._main)}
            self.blocks.append(Block(method, text, level=level, marker=marker, rows=rows, **place))


def _number(text: str) -> int:
    digits = re.match(r"\s*(\d{1,6})", text)
    return max(1, int(digits[1])) if digits else 1


def _unseen(tag: str, attributes: Mapping[str, str]) -> bool:
    return (
        tag in _UNSEEN
        or "hidden" in attributes
        or attributes.get("aria-hidden", "").casefold() == "true"
        or bool(_HIDDEN.search(attributes.get("style", "")))
    )
