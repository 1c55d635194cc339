"""What a conversion is given and what it gives: limits, a source, a document and its parts."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from plugins._contract import ToolError

__all__ = ["Document", "Limits", "Part", "Quota", "Source", "damaged", "flowing"]

_PART = 4_000  # characters after which a flowing text is cut at the next blank line
_LONGEST_PART = 8_000  # characters after which it is cut at the next line, whatever that is
_SOFT = 0.8  # of the seconds; what is found until then is given, and the rest of the time is for telling it


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a conversion may cost. What is larger in `bytes`, `unpacked`, `ratio` or `memory` is refused; of what
    has more pages, rows or characters, or takes too long to read, the first part is given, and a note says so."""

    bytes: int = 100_000_000
    """Of the file."""
    unpacked: int = 600_000_000
    """Bytes that what is read of a packed format (docx, xlsx, epub, ...) may have when unpacked."""
    ratio: int = 250
    """Times that a packed part may grow; parts below 10 MB are not asked."""
    pages: int = 5_000
    """Of a PDF; also slides, sheets, chapters, cells of a notebook."""
    rows: int = 250_000
    """Of all sheets of a workbook together."""
    characters: int = 20_000_000
    """Of the text."""
    depth: int = 8
    """How deep messages attached to messages are followed."""
    seconds: float = 120.0
    """Until the process is ended."""
    memory: int = 2_000_000_000
    """Bytes of the process: of its addresses on Linux, of what it uses on macOS and Windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a document, in its order. `place` is how it is cited: `page 3`, `slide 2`, `chapter 1`, `cell 4`,
    `sheet "2024", rows 1-40`, `rows 1-40`, or `line 10` (of the document's `text`, from 1)."""

    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says.

    `kind` is `pdf`, `docx`, `xlsx`, `pptx`, `odt`, `rtf`, `html`, `epub`, `csv`, `eml`, `ipynb` or `text`. `title` is
    what the document calls itself, or "". `notes` are lines that a reader should know: what was left out, cut or
    guessed. `marked` says that places stand in `text` as marks, since it has pages, slides, sheets or the like.
    """

    kind: str
    title: str = ""
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    marked: bool = False

    @property
    def text(self) -> str:
        """The whole text; where `marked`, each part under a line such as `[page 3]`. It does not hold the notes."""
        if not self.marked:
            return "\n".join(part.text for part in self.parts)
        return "\n\n".join(f"[{part.place}]\n{part.text}" for part in self.parts)


class Quota:
    """What is left of the limits while a document is read. `note` says what ran out, or nothing."""

    def __init__(self, limits: Limits) -> None:
        self._characters = limits.characters
        now = time.monotonic()
        self._deadline, self._half = now + _SOFT * limits.seconds, now + _SOFT * limits.seconds / 2
        self._shown = limits
        self.note = ""

    def spend(self, characters: int) -> bool:
        """Count a text by its characters; False where nothing more is to be read, this text included."""
        self._characters -= characters
        if self._characters < 0:
            return self.stop(f"the first {self._shown.characters:,} characters")
        if time.monotonic() > self._deadline:
            return self.stop(f"what could be read in {_SOFT * self._shown.seconds:g} s")
        return True

    def going(self) -> bool:
        """Is there time to read more? Half of it is for telling what was read."""
        half = _SOFT * self._shown.seconds / 2
        return time.monotonic() < self._half or self.stop(f"what could be read in {half:g} s")

    def stop(self, what: str) -> bool:
        """Read nothing more; `what` is all that there is, as in "only the first 3 pages are here". Always False."""
        self.note = self.note or f"cut: only {what} of it are here"
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to be converted. `name` is only shown, and its ending looked at; `media_type` is as a server told it."""

    content: bytes
    name: str
    limits: Limits
    quota: Quota
    media_type: str = ""
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Something that the reader should know; said again, it is told once."""
        if text not in self.notes:
            self.notes.append(text)

    def document(self, kind: str, parts: Iterable[Part], *, title: str = "", marked: bool = False) -> Document:
        """The document, with the notes that were made, and the one of what ran out."""
        notes = (*self.notes, self.quota.note) if self.quota.note else tuple(self.notes)
        return Document(kind=kind, title=" ".join(title.split()), parts=tuple(parts), notes=notes, marked=marked)


def damaged(name: str, kind: str, why: str) -> ToolError:
    """The complaint of a file that cannot be read as what it is; `kind` with its article ("a PDF document")."""
    return ToolError(f"'{name}' is damaged, or not quite {kind}: {why}", hint="get the file again, or save it anew")


def flowing(text: str) -> tuple[Part, ...]:
    """A text without pages in parts, each from its line on: cut before headings, and where a part becomes long.
    Joined by newlines they are the text."""
    parts: list[Part] = []
    held: list[str] = []
    start, size, fenced = 1, 0, False
    for number, line in enumerate(text.split("\n"), 1):
        heading = line.startswith("#") and not fenced
        blank = bool(held) and not held[-1].strip() and not fenced
        if held and (heading or (blank and size > _PART) or size + len(line) > _LONGEST_PART):
            parts.append(Part(place=f"line {start}", text="\n".join(held)))
            held, start, size = [], number, 0
        fenced ^= line.startswith("```")
        held.append(line)
        size += len(line) + 1
    if any(line for line in held) or not parts:
        parts.append(Part(place=f"line {start}", text="\n".join(held)))
    return tuple(parts)
