"""A text file, or the text of a document, a page at a time: by lines, or by bytes where a line is too long for one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plugins._contract import Context, Files, ToolError
from plugins._decoding import SAMPLE, detect, to_lines, to_newlines
from plugins._documents import described, is_document, opened, without_text
from plugins._encoding import WIDE, Encoding, aligned
from plugins._kinds import binary_kind, size
from plugins._weight import weigh

__all__ = ["Source", "by_bytes", "by_lines", "check_text", "check_whole", "open_readable", "open_text", "read_text"]

PAGE = 12_000
"""Weight (see `_weight.weigh`) or bytes of a page: what fits a model's window beside other things."""
_WHOLE = 32_000_000  # bytes up to which a file is read whole
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text file of the workspace, opened for paging, or the text of a document. `length` is in bytes; `content` is
    all of it, or None where it is too large. `document` says what the text was made from, `notes` are lines that its
    reader should know, and `marks` the lines such as `[page 3]` under which its parts stand."""

    files: Files
    path: str
    length: int
    encoding: Encoding
    content: bytes | None
    document: str = ""
    notes: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()

    @property
    def named(self) -> str:
        """What it is called in a complaint: the lines and bytes of a text that was made are not those of the file."""
        return f"the text of '{self.path}'" if self.document else f"'{self.path}'"

    def page(self, text: str, where: str = "") -> str:
        """A page as it is shown: its text, what the reader should know, and last of all where it stands, as readers
        look there for where to go on."""
        head = [f"[read as text: {self.document}]"] if self.document else []
        # All that is told begins alike, so that who quotes a page knows it from the document's own words.
        notes = [*(f"[read as text; {note}]" for note in self.notes), *self._of_encoding()]
        return "\n".join([*head, text, *notes, *([where] if where else [])])

    def going_on(self, before: Sequence[str], first: str) -> list[str]:
        """The mark of the part in which a page goes on, whose first line this is, so that it can be cited."""
        if not self.marks or first in self.marks:
            return []
        return [one for one in reversed(before) if one in self.marks][:1]

    def _of_encoding(self) -> list[str]:
        if self.encoding.plain:
            return []
        if self.encoding.broken:
            return [f"[read as {self.encoding.name}; bytes that do not fit are shown as \ufffd]"]
        return [f"[decoded from {self.encoding.name}]"]


def check_text(path: str, head: bytes, total: int) -> None:
    """Refuse what is no text.

    Raises:
        ToolError: it says what the file looks like, and its size.
    """
    kind = binary_kind(head)
    if kind is not None:
        raise ToolError(
            f"'{path}' is not text: it looks like {kind}, {size(total)}", hint="use a tool that reads this kind of file"
        )


def check_whole(path: str, length: int, *, doing: str) -> None:
    """Refuse what is too large to be held as a text; `doing` is what it is wanted for, as in "cannot edit".

    Raises:
        ToolError: it says the size, and which is the largest.
    """
    if length > _WHOLE:
        raise ToolError(
            f"cannot {doing} '{path}': it has {size(length)}, and at most {size(_WHOLE)} can be worked on whole",
            hint="read it in parts with read_file, or name a smaller file",
        )


def open_text(files: Files, path: str) -> Source:
    """Open a text file.

    Raises:
        ToolError: there is none, or it is no text.
    """
    total = files.entry(path).bytes
    head = files.read(path, limit=SAMPLE)
    check_text(path, head, total)
    content = None
    if total <= _WHOLE:
        content = head if total == len(head) else files.read(path)
        total = len(content)
    encoding = detect(content) if content is not None else _of_sample(head)
    return Source(files=files, path=path, length=total, encoding=encoding, content=content)


def open_readable(context: Context, path: str, *, as_text: bool) -> Source:
    """Open a text file as it stands, or the text of a document, which may take two minutes.

    Args:
        context: The call's.
        path: The file.
        as_text: False: no file is converted; of HTML and the like it is the source that is read.

    Raises:
        ToolError: there is none, it is neither a text nor can be converted, or the call was given up.
    """
    head = context.workspace.read(path, limit=SAMPLE)
    if not as_text or not is_document(path, head):
        return open_text(context.workspace, path)
    has_source = binary_kind(head) is None
    try:
        document = opened(context, path)
    except ToolError as error:
        if error.kind == "cancelled" or not has_source:
            raise
        hint = "; or ".join(filter(None, [error.hint, "take as_text=false to read its source"]))
        raise ToolError(error.message, hint=hint, kind=error.kind) from error
    if not document.text.strip():
        raise without_text(document, path)
    content = document.text.encode("utf-8", "replace")
    return Source(
        files=context.workspace,
        path=path,
        length=len(content),
        encoding=Encoding(),
        content=content,
        document=described(document, path) + ("; as_text=false gives its source" if has_source else ""),
        notes=document.notes,
        marks=frozenset(f"[{part.place}]" for part in document.parts) if document.marked else frozenset(),
    )


def _of_sample(head: bytes) -> Encoding:
    """The encoding of a file of which only the start is known; its end may cut a character, which breaks nothing."""
    encoding = detect(head)
    if encoding.broken or encoding.codec not in ("utf-8", *WIDE):
        encoding = detect(head[: head.rfind(b"\n") + 1] or head[:-4])
    return Encoding(codec=encoding.codec, mark=encoding.mark, broken=encoding.broken and encoding.codec not in WIDE)


def read_text(files: Files, path: str, *, doing: str) -> tuple[str, Encoding, bytes]:
    """The whole text of a file with what does not fit kept as lone surrogates, its encoding, and its bytes.

    Args:
        files: The workspace.
        path: The file.
        doing: What it is read for, as in "cannot edit", for a complaint.

    Raises:
        ToolError: there is none, it is no text, or it is too large to be held.
    """
    source = open_text(files, path)
    check_whole(path, source.length, doing=doing)
    assert source.content is not None
    return source.encoding.read_exactly(source.content), source.encoding, source.content


def by_lines(source: Source, start: int, count: int, *, cancelled: Callable[[], bool]) -> str:
    """A page that begins with a line (from 1; negative: from the end) and has at most `count` lines.

    A whole file is given as it is (line ends as one newline character); what is only a part of one says so at its end.
    """
    if source.content is None:
        return _large_by_lines(source, start, count, cancelled)
    text = source.encoding.read(source.content)
    lines = to_lines(text)
    total = len(lines)
    first = max(0, total + start) if start < 0 else max(1, start) - 1
    if total and first >= total:
        raise ToolError(f"{source.named} has {total} lines; line {start} is beyond its end", hint="begin earlier")
    last = _page_end(lines, first, min(total, first + count))
    if last == first and total:
        return _long_line(source, first, total)
    if (first, last) == (0, total):
        return source.page(to_newlines(text))
    onward = f"; go on with start_line={last + 1}" if last < total else ""
    shown = [*source.going_on(lines[:first], lines[first]), *lines[first:last]]
    return source.page("\n".join(shown), f"[lines {first + 1}-{last} of {total}{onward}]")


def _page_end(lines: list[str], first: int, last: int) -> int:
    held = 0
    for place in range(first, last):
        held += weigh(lines[place]) + 1
        if held > PAGE:
            return place
    return last


def _long_line(source: Source, line: int, total: int) -> str:
    """The first page of a line that is longer than one."""
    content = source.content or b""
    text = source.encoding.read_exactly(content)
    ends = re.finditer("\r\n|\n" if "\n" in text else "\r", text)
    place = 0
    for _, end in zip(range(line), ends, strict=False):
        place = end.end()
    start = len(source.encoding.write_exactly(text[:place]))
    page = by_bytes(source, start)
    return page + f"\n[line {line + 1} of {total} is longer than a page: it is read by bytes]"


def by_bytes(source: Source, offset: int) -> str:
    """A page that begins at a byte, or at the character that holds it; no character is split."""
    if offset >= source.length:
        raise ToolError(f"{source.named} has {source.length} bytes; offset {offset} is beyond its end", hint="go back")
    encoding = source.encoding
    if source.content is not None:
        window, base = source.content, 0
    else:
        base = max(0, offset - 4) & ~3
        window = source.files.read(source.path, offset=base, limit=PAGE + 12)
    if source.content is None and encoding.codec != "utf-8":
        unit = 4 if encoding.codec.startswith("utf-32") else 2 if encoding.codec.startswith("utf-16") else 1
        start, end = offset - offset % unit, min(source.length, offset - offset % unit + PAGE)
    else:
        start = base + aligned(window, offset - base, encoding)
        wanted = offset + PAGE - base
        end = base + (aligned(window, wanted, encoding) if wanted < len(window) else len(window))
    piece = window[start - base : end - base]
    text = encoding.read_part(window[: start - base], piece if start else piece.removeprefix(encoding.mark))
    onward = f"; go on with offset={end}" if end < source.length else ""
    return source.page(text.replace("\r\n", "\n"), f"[bytes {start}-{end} of {source.length}{onward}]")


def _large_by_lines(source: Source, start: int, count: int, cancelled: Callable[[], bool]) -> str:
    """A page of a file that is not held: its lines are counted from the start of the file, by newline bytes."""
    if source.encoding.codec in WIDE or start < 0:
        offset = max(0, source.length - PAGE) if start < 0 else 0
        return by_bytes(source, offset) + f"\n[{size(source.length)}: too large for lines, read it by offset]"
    place, left = 0, max(1, start) - 1
    while left:
        if cancelled():
            raise ToolError("the call was given up", kind="cancelled")
        block = source.files.read(source.path, offset=place, limit=_BLOCK)
        if not block:
            break
        ends = [found.end() for found in re.finditer(b"\n", block)]
        place += ends[left - 1] if len(ends) >= left else len(block)
        left -= min(left, len(ends))
    if place >= source.length:
        raise ToolError(f"'{source.path}' has fewer than {start} lines", hint="begin earlier")
    block = source.files.read(source.path, offset=place, limit=4 * PAGE)
    if b"\n" not in block:
        return by_bytes(source, place) + f"\n[line {start} is longer than a page: it is read by bytes]"
    whole = block[: block.rfind(b"\n") + 1] if place + len(block) < source.length else block
    lines = to_lines(whole.decode(source.encoding.codec, "replace"))
    taken = max(1, _page_end(lines, 0, min(len(lines), count)))
    at_end = place + len(block) >= source.length and taken == len(lines)
    last = max(1, start) + taken - 1
    onward = "" if at_end else f"; go on with start_line={last + 1}"
    told = f"[lines {max(1, start)}-{last} of a file of {size(source.length)}{onward}]"
    return source.page("\n".join(lines[:taken]), told)
