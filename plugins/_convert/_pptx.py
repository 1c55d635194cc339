"""PowerPoint presentations: slide by slide, with tables and the speaker's notes."""

from __future__ import annotations

from collections.abc import Iterator

from plugins._convert._archive import Archive
from plugins._convert._document import Document, Part, Source
from plugins._convert._markdown import Full, Writer
from plugins._convert._markup import Node, attribute, children, find, inner, local

__all__ = ["read_pptx"]

_FURNITURE = frozenset({"sldNum", "dt", "ftr", "hdr", "sldImg"})
_TITLES = frozenset({"title", "ctrTitle"})


def read_pptx(source: Source) -> Document:
    """Slides in their order, those that are hidden included, since they are in the file."""
    parts: list[Part] = []
    with Archive(source) as archive:
        main = next((target for kind, target in archive.links("").values() if kind == "officeDocument"), "")
        main = main if main in archive.names else "ppt/presentation.xml"
        slides = _slides(archive, main)
        for number, name in enumerate(slides, 1):
            if number > source.limits.pages:
                source.quota.stop(f"the first {source.limits.pages:,} slides")
                break
            writer = Writer(source.quota)
            try:
                _slide(archive, name, writer)
            except Full:
                break
            parts.append(Part(place=f"slide {number}", text=writer.text()))
    if not any(part.text for part in parts):
        source.note(f"its {len(parts)} slides hold no text, only pictures")
    title = next((line.lstrip("# ") for part in parts for line in part.text.split("\n") if line.startswith("# ")), "")
    return source.document("pptx", parts, title=title, marked=True)


def _slides(archive: Archive, main: str) -> list[str]:
    """The parts of the slides, in the order in which they are shown."""
    links = archive.links(main)
    listed = find(archive.tree(main), "sldIdLst")
    if listed is None:
        return []
    # A slide has two attributes called id: the one of the relationship begins with letters.
    keys = [str(value) for slide in listed for key, value in slide.items() if key.endswith("}id")]
    return [links[key][1] for key in keys if key in links and links[key][1] in archive.names]


def _slide(archive: Archive, name: str, writer: Writer) -> None:
    root = archive.tree(name)
    if attribute(root, "show") == "0":
        writer.paragraph("(hidden slide)")
    shapes = find(root, "cSld", "spTree")
    if shapes is not None:
        for shape in sorted(_shapes(shapes), key=lambda shape: _kind(shape) not in _TITLES):
            _shape(shape, writer)
    for kind, target in archive.links(name).values():
        if kind == "notesSlide" and target in archive.names:
            _speaker_notes(archive.tree(target), writer)


def _speaker_notes(root: Node, writer: Writer) -> None:
    shapes = find(root, "cSld", "spTree")
    if shapes is None:
        return
    texts = [text for shape in _shapes(shapes) if _kind(shape) not in _FURNITURE for _, text in _paragraphs(shape)]
    if texts:
        writer.paragraph("Notes: " + "\n".join(texts))


def _shapes(holder: Node) -> Iterator[Node]:
    """All shapes, those in groups too. What is there twice, for older programs, is taken once."""
    for child in holder:
        name = local(child)
        if name in ("sp", "graphicFrame", "pic", "cxnSp"):
            yield child
        elif name in ("grpSp", "AlternateContent", "Choice"):
            yield from _shapes(child)


def _kind(shape: Node) -> str:
    """Which placeholder a shape is: `title`, `body`, `sldNum`, ...; "" for none, `obj` for one without a type."""
    for child in shape:
        place = find(child, "nvPr", "ph")
        if place is not None:
            return attribute(place, "type") or "obj"
    return ""


def _shape(shape: Node, writer: Writer) -> None:
    kind = _kind(shape)
    if kind in _FURNITURE:
        return
    table = find(shape, "graphic", "graphicData", "tbl")
    if table is not None:
        writer.table([[_cell(cell) for cell in children(row, "tc")] for row in children(table, "tr")])
        return
    if kind in _TITLES:
        writer.heading(1, " ".join(text for _, text in _paragraphs(shape)))
        return
    for depth, text in _paragraphs(shape):
        if depth or kind in ("body", "obj"):
            writer.item(text, depth=depth)
        else:
            writer.paragraph(text)
    if local(shape) == "pic":
        described = find(shape, "nvPicPr", "cNvPr")
        words = " ".join(attribute(described, "descr").split()) if described is not None else ""
        writer.paragraph(f"[picture: {words}]" if words else "")


def _cell(cell: Node) -> str:
    body = find(cell, "txBody")
    return "" if body is None else " ".join(_text(paragraph) for paragraph in children(body, "p"))


def _paragraphs(shape: Node) -> Iterator[tuple[int, str]]:
    """The paragraphs that are not empty, each with its depth from 0."""
    body = find(shape, "txBody")
    for paragraph in children(body, "p") if body is not None else ():
        text = _text(paragraph).strip()
        if text:
            properties = find(paragraph, "pPr")
            level = attribute(properties, "lvl") if properties is not None else ""
            yield int(level) if level.isdecimal() and len(level) < 3 else 0, text


def _text(paragraph: Node) -> str:
    pieces: list[str] = []
    for child in paragraph:
        name = local(child)
        if name in ("r", "fld"):
            pieces += [text.text or "" for text in children(child, "t")]
        elif name == "br":
            pieces.append("\n")
        elif name in ("m", "AlternateContent", "oMath"):
            pieces.append(inner(child))
    return "".join(pieces)
