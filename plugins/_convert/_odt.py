"""OpenDocument texts, as LibreOffice writes them."""

from __future__ import annotations

from collections.abc import Iterator

from plugins._contract import ToolError
from plugins._convert._archive import Archive
from plugins._convert._document import Document, Source, flowing
from plugins._convert._markdown import Full, Writer
from plugins._convert._markup import Node, attribute, children, find, inner, local, pieces

__all__ = ["read_odt"]

_LEFT_OUT = frozenset({"annotation", "annotation-end", "tracked-changes", "note", "desc", "title", "sequence-decls"})
_REPEATED = 50  # columns or spaces that one element may stand for


def read_odt(source: Source) -> Document:
    """A document's body, its footnotes after it."""
    writer, notes = Writer(source.quota), list[str]()
    with Archive(source) as archive:
        if "META-INF/manifest.xml" in archive.names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise ToolError(f"'{source.name}' needs a password", hint="save a copy without one, and name that")
        try:
            with archive.open("content.xml") as stream:
                for block in pieces(stream, within="text"):
                    _write(block, writer, notes, depth=-1)
            for number, text in enumerate(notes, 1):
                writer.block(f"[^{number}]: {text}", close=True)
        except Full:
            pass
        root = archive.tree("meta.xml") if "meta.xml" in archive.names else None
        title = None if root is None else find(root, "meta", "title")
    return source.document("odt", flowing(writer.text()), title=writer.title if title is None else inner(title))


def _write(block: Node, writer: Writer, notes: list[str], *, depth: int) -> None:
    name = local(block)
    text = "".join(_inline(block, notes)) if name in ("p", "h") else ""
    if name == "h":
        level = attribute(block, "outline-level")
        writer.heading(int(level) if level.isdecimal() and len(level) < 3 else 1, text)
    elif name == "p" and depth >= 0:
        writer.item(text, depth=depth)
    elif name == "p":
        writer.paragraph(text)
    elif name == "table":
        writer.table([_row(row, notes) for row in _rows(block)])
    elif name not in _LEFT_OUT:
        for child in block:
            _write(child, writer, notes, depth=depth + (name == "list"))


def _rows(table: Node) -> Iterator[Node]:
    for child in table:
        if local(child) == "table-row":
            yield child
        elif local(child) in ("table-header-rows", "table-rows", "table-row-group"):
            yield from _rows(child)


def _row(row: Node, notes: list[str]) -> list[str]:
    texts: list[str] = []
    for cell in row:
        if local(cell) in ("table-cell", "covered-table-cell"):
            said = attribute(cell, "number-columns-repeated")
            times = min(_REPEATED, int(said)) if said.isdecimal() and len(said) < 10 else 1
            texts += [" ".join(_paragraphs(cell, notes))] * times
    return texts


def _paragraphs(holder: Node, notes: list[str]) -> Iterator[str]:
    for child in holder:
        if local(child) in ("p", "h"):
            yield "".join(_inline(child, notes)).strip()
        elif local(child) not in _LEFT_OUT:
            yield from _paragraphs(child, notes)


def _inline(element: Node, notes: list[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = local(child)
        if name == "note":
            yield _note(child, notes)
        elif name == "s":
            count = attribute(child, "c")
            yield " " * (min(_REPEATED, int(count)) if count.isdecimal() and len(count) < 10 else 1)
        elif name in ("tab", "line-break"):
            yield "\t" if name == "tab" else "\n"
        elif name == "a":
            text, target = "".join(_inline(child, notes)), attribute(child, "href")
            yield f"[{text}]({target})" if target and not target.startswith("#") and text != target else text
        elif name not in _LEFT_OUT:
            yield from _inline(child, notes)
        yield child.tail or ""


def _note(note: Node, notes: list[str]) -> str:
    for body in children(note, "note-body"):
        notes.append(" ".join(_paragraphs(body, [])))
        return f"[^{len(notes)}]"
    return ""
