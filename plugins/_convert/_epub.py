"""EPUB books: chapter by chapter, in the order in which they are read."""

from __future__ import annotations

import posixpath

from plugins._contract import ToolError
from plugins._convert._archive import Archive, resolve
from plugins._convert._document import Document, Part, Source, damaged
from plugins._convert._html import page
from plugins._convert._markdown import Full, Writer
from plugins._convert._markup import Node, attribute, children, find, inner
from plugins._page_text import page_text

__all__ = ["read_epub"]

_FONTS_ONLY = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read_epub(source: Source) -> Document:
    """The chapters; each file of the book's reading order that says something is one."""
    parts: list[Part] = []
    with Archive(source) as archive:
        _check_open(archive, source.name)
        package = _package(archive, source.name)
        root = archive.tree(package)
        for name in _spine(root, posixpath.dirname(package), archive):
            if len(parts) >= source.limits.pages:
                source.quota.stop(f"the first {source.limits.pages:,} chapters")
                break
            writer = Writer(source.quota)
            try:
                page(page_text(archive.read(name)), writer, whole=True)
            except Full:
                break
            text = writer.text()
            if text:
                parts.append(Part(place=f"chapter {len(parts) + 1}", text=text))
        title = find(root, "metadata", "title")
    if not parts and not source.quota.note:
        raise ToolError(f"'{source.name}' has no text: it is a book of pictures", hint="name another file")
    return source.document("epub", parts, title="" if title is None else inner(title), marked=True)


def _check_open(archive: Archive, name: str) -> None:
    """A book may hide its fonts and still be read; one that hides its chapters cannot."""
    place = "META-INF/encryption.xml"
    if place not in archive.names:
        return
    for node in archive.tree(place).iter():
        if node.tag.endswith("}EncryptionMethod") and attribute(node, "Algorithm") not in _FONTS_ONLY:
            raise ToolError(f"'{name}' is protected against copying (DRM)", hint="name a copy without protection")


def _package(archive: Archive, name: str) -> str:
    container = "META-INF/container.xml"
    files = find(archive.tree(container), "rootfiles") if container in archive.names else None
    for file in files if files is not None else ():
        place = attribute(file, "full-path")
        if place in archive.names:
            return place
    found = sorted(one for one in archive.names if one.endswith(".opf"))
    if not found:
        raise damaged(name, "an EPUB book", "it has no list of its chapters")
    return found[0]


def _spine(root: Node, folder: str, archive: Archive) -> list[str]:
    manifest, spine = find(root, "manifest"), find(root, "spine")
    if manifest is None or spine is None:
        return []
    files = {attribute(one, "id"): resolve(folder, attribute(one, "href")) for one in children(manifest, "item")}
    names = [files.get(attribute(one, "idref"), "") for one in children(spine, "itemref")]
    return [name for name in names if name in archive.names]
