"""PDF: page by page, without the lines that stand on every page, words that were divided joined again."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from plugins._contract import ToolError
from plugins._convert._document import Document, Part, Source, damaged
from plugins._text import mend

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["read_pdf", "without_running_lines"]

_EDGE = 3  # lines at the top and at the bottom that may stand on every page
_ON_SO_MANY = 0.6  # of the pages, for a line to be one that stands on all
_FEWEST = 3  # pages; with fewer, nothing is known of what repeats
_DIVIDED = re.compile(r"(?<![\w-])([^\W\d_]+)(?:-|\u00ad)\n([^\W\d_]+)")  # "state-of-" keeps its last hyphen
_NUMBER = re.compile(r"\d{1,5}")
_NAMED = 12  # pages


def read_pdf(source: Source) -> Document:
    """The text of a PDF in the order in which it is drawn, which is nearly always the order in which it is read.

    Raises:
        ToolError: it needs a password, is damaged, or has no text on any page.
    """
    reader = _opened(source)
    texts, bad = _texts(reader, source)
    empty = [number for number, text in enumerate(texts, 1) if not text.strip() and number not in bad]
    if texts and not any(text.strip() for text in texts):
        if bad:
            raise damaged(source.name, "a PDF document", f"none of its {len(texts)} pages can be read")
        raise ToolError(
            f"'{source.name}' has no text layer: {len(texts)} {'page' if len(texts) == 1 else 'pages'} of pictures",
            hint="have its text recognised first (OCR), or look at its pages as pictures",
        )
    if bad:
        source.note(f"{_pages(bad)} cannot be read")
    if empty:
        source.note(f"no text on {_pages(empty)}: empty, or pictures only")
    parts = [
        Part(place=f"page {number}", text=joined(text.strip()))
        for number, text in enumerate(without_running_lines(texts), 1)
        if text.strip()
    ]
    return source.document("pdf", parts, title=_title(reader), marked=True)


def _opened(source: Source) -> PdfReader:
    from pypdf import PasswordType, PdfReader
    from pypdf.errors import DependencyError

    reader = PdfReader(io.BytesIO(source.content), strict=False)
    if reader.is_encrypted:
        try:
            opened = reader.decrypt("")
        except DependencyError as error:
            raise ToolError(
                f"'{source.name}' is encrypted, and what decrypts it is not installed", hint="pip install cryptography"
            ) from error
        if opened == PasswordType.NOT_DECRYPTED:
            raise ToolError(f"'{source.name}' needs a password", hint="save a copy without one, and name that")
    return reader


def _texts(reader: PdfReader, source: Source) -> tuple[list[str], list[int]]:
    """The text of each page, and the numbers of those that cannot be read."""
    texts: list[str] = []
    bad: list[int] = []
    total = len(reader.pages)
    for number in range(1, total + 1):
        if number > source.limits.pages:
            source.quota.stop(f"the first {source.limits.pages:,} of its {total:,} pages")
            break
        try:
            text = mend(_lines(reader.pages[number - 1]))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  a broken page raises anything, and the others can still be read
            text = ""
            bad.append(number)
        if not source.quota.spend(len(text)):
            break
        texts.append(text)
    return texts, bad


def _lines(page: Any) -> str:
    text = page.extract_text().replace("\r\n", "\n").replace("\0", "")
    return "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))


def _pages(numbers: list[int]) -> str:
    named = ", ".join(str(number) for number in numbers[:_NAMED])
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return f"{'page' if len(numbers) == 1 else 'pages'} {named}{more}"


def without_running_lines(texts: list[str]) -> list[str]:
    """Pages without the lines at their edges that stand on most of them, the number of the page in them or not."""
    filled = [number for number, text in enumerate(texts) if text.strip()]
    pages = [[line for line in text.split("\n") if line] for text in texts]
    if len(filled) < _FEWEST:
        return texts
    for at_end in (False, True):
        for _ in range(_EDGE):
            edges = {number: pages[number][-1 if at_end else 0] for number in filled if pages[number]}
            counts = Counter(key for number, line in edges.items() for key in _keys(line, number))
            repeated = {key for key, count in counts.items() if count >= max(_FEWEST, _ON_SO_MANY * len(filled))}
            going = [number for number, line in edges.items() if _keys(line, number) & repeated]
            for number in going:
                del pages[number][-1 if at_end else 0]
            if not going:
                break
    return ["\n".join(lines) for lines in pages]


def _keys(line: str, number: int) -> set[str]:
    """What a line would be on every page: the same, or the same but for one number that grows with the pages."""
    keys = {line}
    for found in list(_NUMBER.finditer(line))[:_EDGE]:
        keys.add(f"{line[: found.start()]}\0{int(found[0]) - number}\0{line[found.end() :]}")
    return keys


def joined(text: str) -> str:
    """Words that were divided at the end of a line, whole again."""

    def whole(found: re.Match[str]) -> str:
        before, after = found[1], found[2]
        return f"{before}{after}" if before[-1].islower() and after[0].islower() else found[0]

    return _DIVIDED.sub(whole, text)


def _title(reader: PdfReader) -> str:
    try:
        return mend(str((reader.metadata and reader.metadata.title) or ""))
    except Exception:  # noqa: BLE001  the title of a broken file raises anything, and nobody needs it
        return ""
