"""Word documents: headings, lists, tables, links and footnotes, as they stand after tracked changes are accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plugins._convert._archive import Archive
from plugins._convert._document import Document, Source, flowing
from plugins._convert._markdown import Full, Writer
from plugins._convert._markup import Node, attribute, children, find, inner, local, pieces

__all__ = ["read_docx"]

_LEFT_OUT = frozenset({"del", "moveFrom", "Fallback", "instrText", "delText", "rPr", "pPr", "commentReference"})
_NOTES = {"footnoteReference": ("footnotes", ""), "endnoteReference": ("endnotes", "e")}
_SPAN = 50  # columns that one cell may take
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style says: which heading it is (0: none), and which list it belongs to."""

    heading: int = 0
    list: tuple[str, int] | None = None


class _Word:
    """What of the document's other parts is needed to read its paragraphs."""

    def __init__(self, archive: Archive, main: str) -> None:
        links = archive.links(main)
        parts = {kind: target for kind, target in links.values() if target in archive.names}
        self._addresses = {key: target for key, (kind, target) in links.items() if kind == "hyperlink"}
        self._styles = _styles(archive.tree(parts["styles"])) if "styles" in parts else {}
        self._lists = _lists(archive.tree(parts["numbering"])) if "numbering" in parts else {}
        self._notes: dict[str, dict[str, Node]] = {
            kind: _notes(archive.tree(parts[kind])) for kind in ("footnotes", "endnotes") if kind in parts
        }
        self._counts: dict[tuple[str, int], int] = {}
        self.cited: list[tuple[str, str]] = []

    def write(self, block: Node, writer: Writer) -> None:
        """Write a paragraph, a table, or what holds such."""
        name = local(block)
        if name == "p":
            self._paragraph(block, writer)
        elif name == "tbl":
            writer.table([self._row(row) for row in _rows(block)])
        elif name not in _LEFT_OUT and name not in ("sectPr", "sdtPr"):
            for child in block:
                self.write(child, writer)

    def _paragraph(self, paragraph: Node, writer: Writer) -> None:
        boxes: list[Node] = []
        text = "".join(self._inline(paragraph, boxes)).strip()
        properties = find(paragraph, "pPr")
        style = self._style(properties)
        number = self._number(properties) or style.list
        if style.heading:
            writer.heading(style.heading, text)
        elif number is not None and text:
            writer.item(text, depth=number[1], marker=self._marker(number))
        else:
            writer.paragraph(text)
        for box in boxes:
            for block in box:
                self.write(block, writer)

    def _style(self, properties: Node) -> _Style:
        if properties is None:
            return _Style()
        own = _outline(properties)
        named = find(properties, "pStyle")
        style = self._styles.get(attribute(named, "val"), _Style()) if named is not None else _Style()
        return _Style(own, style.list) if own else style

    def _number(self, properties: Node) -> tuple[str, int] | None:
        return None if properties is None else _numbered(properties)

    def _marker(self, number: tuple[str, int]) -> str:
        """`-`, or the next number of this list at this depth."""
        name, depth = number
        if self._lists.get(name, {}).get(depth, "bullet") in ("bullet", "none"):
            return "-"
        for deeper in [key for key in self._counts if key[0] == name and key[1] > depth]:
            del self._counts[deeper]
        self._counts[number] = self._counts.get(number, 0) + 1
        return f"{self._counts[number]}."

    def _row(self, row: Node) -> list[str]:
        texts: list[str] = []
        for cell in _cells(row):
            properties = find(cell, "tcPr")
            merged = None if properties is None else find(properties, "vMerge")
            span = None if properties is None else find(properties, "gridSpan")
            follows = merged is not None and attribute(merged, "val") != "restart"
            texts.append("" if follows else " ".join(self._blocks(cell)))
            texts += [""] * (min(_SPAN, _integer(attribute(span, "val"), 1)) - 1 if span is not None else 0)
        return texts

    def _blocks(self, cell: Node) -> Iterator[str]:
        """The text of each paragraph in a cell, tables inside it included."""
        for child in cell:
            name = local(child)
            if name == "p":
                boxes: list[Node] = []
                yield "".join(self._inline(child, boxes)).strip()
                for box in boxes:
                    yield from self._blocks(box)
            elif name not in _LEFT_OUT and name not in ("tcPr", "trPr", "tblPr", "tblGrid", "sdtPr"):
                yield from self._blocks(child)

    def _inline(self, element: Node, boxes: list[Node]) -> Iterator[str]:
        for child in element:
            name = local(child)
            if name == "t":
                yield child.text or ""
            elif name in _BREAKS:
                yield _BREAKS[name] if attribute(child, "type") != "page" else ""
            elif name in _NOTES:
                yield self._cite(name, attribute(child, "id"))
            elif name == "txbxContent":
                boxes.append(child)
            elif name == "hyperlink":
                yield self._hyperlink(child, boxes)
            elif name == "docPr" and attribute(child, "descr"):
                yield f"[picture: {' '.join(attribute(child, 'descr').split())}]"
            elif name not in _LEFT_OUT and not (name == "r" and _vanished(child)):
                yield from self._inline(child, boxes)

    def _hyperlink(self, element: Node, boxes: list[Node]) -> str:
        text = "".join(self._inline(element, boxes))
        target = self._addresses.get(attribute(element, "id"), "")
        return f"[{text}]({target})" if target and text.strip() and target != text else text

    def _cite(self, name: str, number: str) -> str:
        kind, letter = _NOTES[name]
        note = self._notes.get(kind, {}).get(number)
        if note is None:
            return ""
        self.cited.append((f"{letter}{number}", " ".join(text for text in self._blocks(note) if text)))
        return f"[^{letter}{number}]"


def _vanished(run: Node) -> bool:
    hidden = find(run, "rPr", "vanish")
    return hidden is not None and attribute(hidden, "val") not in ("0", "false", "off")


def _rows(table: Node) -> Iterator[Node]:
    for child in table:
        if local(child) == "tr":
            yield child
        elif local(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _rows(child)


def _cells(row: Node) -> Iterator[Node]:
    for child in row:
        if local(child) == "tc":
            yield child
        elif local(child) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(child)


def _integer(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise


def _outline(properties: Node) -> int:
    """The heading that a level of the outline is; 0 where there is none (the ninth is body text)."""
    level = find(properties, "outlineLvl")
    number = _integer(attribute(level, "val"), 9) + 1 if level is not None else 0
    return number if number <= 9 else 0


def _numbered(properties: Node) -> tuple[str, int] | None:
    """The list, and the depth in it from 0; None where there is none. The list 0 means: none."""
    number = find(properties, "numPr", "numId")
    if number is None:
        return None
    depth = find(properties, "numPr", "ilvl")
    level = _integer(attribute(depth, "val"), 0) if depth is not None else 0
    return None if attribute(number, "val") == "0" else (attribute(number, "val"), level)


def _styles(root: Node) -> dict[str, _Style]:
    """The styles by their ids, with what they take over from those that they are based on."""
    nodes = {attribute(style, "styleId"): style for style in children(root, "style")}
    return {name: _inherited(name, nodes) for name in nodes}


def _inherited(name: str, nodes: Mapping[str, Node]) -> _Style:
    heading, numbering = 0, None
    for _ in range(20):  # a style based on itself must not hold us
        node = nodes.get(name)
        if node is None:
            break
        properties = find(node, "pPr")
        if properties is not None:
            heading = heading or _outline(properties)
            numbering = numbering or _numbered(properties)
        heading = heading or _by_name(node)
        parent = find(node, "basedOn")
        name = attribute(parent, "val") if parent is not None else ""
    return _Style(heading, numbering)


def _by_name(style: Node) -> int:
    """Word writes the names of its own styles in English, whatever language it speaks."""
    named = find(style, "name")
    words = attribute(named, "val").casefold().split() if named is not None else []
    if words == ["title"]:
        return 1
    return _integer(words[1], 0) if len(words) == 2 and words[0] == "heading" else 0


def _lists(root: Node) -> dict[str, dict[int, str]]:
    """For each list the format of its numbers at each depth: `bullet`, `decimal`, ..."""
    kinds: dict[str, dict[int, str]] = {}
    for one in children(root, "abstractNum"):
        levels = {_integer(attribute(level, "ilvl"), 0): find(level, "numFmt") for level in children(one, "lvl")}
        kinds[attribute(one, "abstractNumId")] = {
            depth: attribute(found, "val") for depth, found in levels.items() if found is not None
        }
    found: dict[str, dict[int, str]] = {}
    for one in children(root, "num"):
        kind = find(one, "abstractNumId")
        found[attribute(one, "numId")] = kinds.get(attribute(kind, "val"), {}) if kind is not None else {}
    return found


def _notes(root: Node) -> dict[str, Node]:
    """The notes by their ids, without the lines that separate them from the page."""
    return {attribute(note, "id"): note for note in root if not attribute(note, "type")}


def read_docx(source: Source) -> Document:
    """A document's body, its footnotes after it. Comments, headers and footers are left out."""
    writer = Writer(source.quota)
    with Archive(source) as archive:
        main = next((target for kind, target in archive.links("").values() if kind == "officeDocument"), "")
        main = main if main in archive.names else "word/document.xml"
        word = _Word(archive, main)
        try:
            with archive.open(main) as stream:
                for block in pieces(stream, within="body"):
                    word.write(block, writer)
            for mark, text in word.cited:
                writer.block(f"[^{mark}]: {text}", close=True)
        except Full:
            pass
        title = _title(archive)
    return source.document("docx", flowing(writer.text()), title=title or writer.title)


def _title(archive: Archive) -> str:
    if "docProps/core.xml" not in archive.names:
        return ""
    title = find(archive.tree("docProps/core.xml"), "title")
    text = inner(title).strip() if title is not None else ""
    return "" if text in ("Word Document", "PowerPoint Presentation") else text
