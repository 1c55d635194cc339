"""Files of the workspace that are read as documents: which they are, their text, and where in them it stands."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from sys import getsizeof
from typing import TYPE_CHECKING

from plugins._contract import Context, ToolError
from plugins._kinds import binary_kind, size

if TYPE_CHECKING:
    from plugins._convert import Document

__all__ = ["Places", "described", "is_document", "opened", "unmarked", "without_text"]

_MARKUP = (
    *("html", "htm", "xhtml", "xht"),
    *("eml", "mht", "mhtml"),
    *("ipynb", "rtf"),
)
"""Endings of files whose bytes are text, but not the text that they are read for."""
_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the converter knows what to do instead
_PDF_WITHIN = 1_024  # bytes before the mark that readers put up with
_NUMBERED = re.compile(r"(page|slide|chapter|cell) (\d+)")
_EMPTY = "(empty)"  # what the converter writes for a sheet without cells
_ROWS = re.compile(r", rows? \d[\d,]*(?:-\d[\d,]*)?$")
_TITLE = 100  # characters


def is_document(path: str, head: bytes) -> bool:
    """Is this file to be converted? `head` are its first 64 kB. Not so text, source code, tables of separated values,
    and what no converter reads, such as pictures."""
    if binary_kind(head) is not None:
        return head.startswith((*_PACKED, _OLD_OFFICE)) or b"%PDF-" in head[:_PDF_WITHIN]
    if not head.strip():
        return False
    return _ending(path) in _MARKUP or head.lstrip().startswith(b"{\\rtf")


def opened(context: Context, path: str) -> Document:
    """Convert a file of the workspace; it takes up to two minutes, and next to nothing where the same content was
    converted shortly before in the same run.

    Raises:
        ToolError: there is none, it is too large, cannot be converted, or the call was given up.
    """
    from plugins._convert import Limits, convert  # it takes 10 ms to load, of every start: not before it is needed

    length, most = context.workspace.entry(path).bytes, Limits().bytes
    if length > most:  # the converter says so too, but only once all of it is in memory
        raise ToolError(
            f"'{path}' has {size(length)}, and documents of at most {size(most)} are converted",
            hint="split it, or name a smaller file",
        )
    content = context.workspace.read(path)

    def converted() -> Document:
        context.progress(f"converting {path}")
        return convert(content, name=path, cancelled=lambda: context.cancelled)

    key = f"document {hashlib.sha256(content).hexdigest()} {_ending(path)}"
    return context.cache.get(key, converted, size=_size_of)


def _ending(path: str) -> str:
    return path.rpartition(".")[2].casefold() if "." in path else ""


def _size_of(document: Document) -> int:
    return sum(getsizeof(part.text) + getsizeof(part.place) for part in document.parts)


def without_text(document: Document, path: str) -> ToolError:
    """The complaint of a document that says nothing, such as a page that a script would have filled."""
    return ToolError(
        f"{described(document, path)}: there is no text in it",
        hint="read its source with read_file and as_text=false, if it is HTML or the like; or name another file",
    )


def described(document: Document, path: str) -> str:
    """What a text was made from, in short: `report.pdf, 12 pages`; with the title where the text does not say it."""
    told = [path]
    if extent := _extent(document):
        told.append(extent)
    if document.title and not any(document.title in part.text for part in document.parts):
        title = document.title if len(document.title) <= _TITLE else f"{document.title[:_TITLE]}…"
        told.append(f'titled "{title}"')
    return ", ".join(told)


def _extent(document: Document) -> str:
    """How long it is, where it has pages or the like: how many of them have a text, where notes tell of others."""
    if not document.marked or not document.parts:
        return ""
    last = document.parts[-1].place
    if numbered := _NUMBERED.fullmatch(last):
        unit, count = numbered[1], len(document.parts) if document.notes else int(numbered[2])
    elif last.startswith("sheet "):
        unit, count = "sheet", len({_ROWS.sub("", part.place) for part in document.parts})
    else:
        return ""
    some = " with text" if document.notes and unit == "page" else ""
    return f"{count:,} {unit}{'' if count == 1 else 's'}{some}"


@dataclass(frozen=True, slots=True)
class Places:
    """What stands where in a text: `starts` are lines (from 1, ascending) with which a page, a slide or the like
    begins, `names` what they are called. Without any, places are lines."""

    starts: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.starts)

    def of(self, line: int) -> str:
        """How this line is cited: `page 3`, or `line 40`."""
        at = bisect_right(self.starts, line) - 1
        return self.names[at] if at >= 0 else f"line {line}"

    def marked(self, piece: str, line: int) -> str:
        """A piece of the text that begins in this line, with marks such as `[page 3]` at its start and wherever
        another place begins."""
        if not self:
            return piece
        told: list[str] = []
        before = ""
        for number, text in enumerate(piece.split("\n"), line):
            if text.strip() and (place := self.of(number)) != before:
                told.append(f"[{place}]")
                before = place
            told.append(text)
        return "\n".join(told)


def unmarked(document: Document) -> tuple[str, Places]:
    """The text of a document, line ends as newlines and without marks, and the places of its lines. Only pages and the
    like are places; the rest has lines. Empty sheets are left out: nothing is said in them."""
    if not document.marked:
        return _newlines(document.text), Places()
    parts = [part for part in document.parts if part.text != _EMPTY]
    texts = [_newlines(part.text) for part in parts]
    starts, line = [], 1
    for text in texts:
        starts.append(line)
        line += text.count("\n") + 2
    return "\n\n".join(texts), Places(tuple(starts), tuple(part.place for part in parts))


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
