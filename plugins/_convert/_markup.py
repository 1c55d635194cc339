"""XML and HTML through lxml, which is imported here alone: no entities, no network, no more depth than is sane."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Protocol

__all__ = ["Broken", "Events", "Node", "attribute", "children", "drive", "find", "inner", "local", "pieces", "tree"]

_FED = 1 << 16  # bytes
Node = Any
"""An lxml element; the library ships no types."""


class Broken(Exception):
    """The markup cannot be read; the text says where."""


class Events(Protocol):
    """Who is told of a page's markup, in its order; each start has its end."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        ...

    def end(self, tag: str) -> None:
        """It ends."""
        ...

    def data(self, text: str) -> None:
        """Text, or a piece of it."""
        ...

    def comment(self, text: str) -> None:
        """A comment."""
        ...

    def close(self) -> None:
        """The page ends."""
        ...


def tree(content: bytes) -> Node:
    """The root of a small XML document."""
    from lxml import etree  # type: ignore[import-untyped]  # it ships no types

    try:
        return etree.fromstring(content, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise Broken(str(error)) from error


_SAFE: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


def pieces(stream: IO[bytes], *, within: str) -> Iterator[Node]:
    """Each child of the first element with this local name, whole; it is gone when the next one is asked for, so the
    document is never held."""
    from lxml import etree

    holder: Node = None
    ended = False
    try:
        for event, element in etree.iterparse(stream, events=("start", "end"), **_SAFE):
            if ended:
                element.clear()
            elif event == "start":
                if holder is None and local(element) == within:
                    holder = element
            elif element is holder:
                ended = True
            elif holder is not None and element.getparent() is holder:
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del holder[0]
    except etree.XMLSyntaxError as error:
        raise Broken(str(error)) from error


def local(element: Node) -> str:
    """The name of an element without its namespace, which differs between the dialects of a format; else ""."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Node, name: str) -> str:
    """An attribute by its local name; "" where there is none."""
    for key, value in element.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def children(element: Node, name: str) -> Iterator[Node]:
    """The children of this local name."""
    return (child for child in element if local(child) == name)


def inside(element: Node, *path: str) -> Sequence[Node]:
    """What is in the element that `find` finds; nothing where there is none."""
    found = find(element, *path)
    return () if found is None else list(found)


def find(element: Node, *path: str) -> Node:
    """The first child of the first child ... by local names; None where there is none."""
    for name in path:
        element = next(children(element, name), None)
        if element is None:
            return None
    return element


def inner(element: Node) -> str:
    """All the text in an element."""
    return "".join(str(text) for text in element.itertext())


def drive(text: str, events: Events, *, going: Callable[[], bool]) -> None:
    """Read HTML, however broken and however deep, and tell of it; no tree is built. `going` is asked now and then
    whether more is wanted."""
    from lxml import etree

    parser = etree.HTMLParser(target=_Target(events), huge_tree=True, encoding="utf-8")
    try:
        content = text.encode("utf-8", "replace")
        for place in range(0, len(content), _FED):
            if not going():
                break
            parser.feed(content[place : place + _FED])
        parser.close()
    except etree.XMLSyntaxError as error:
        raise Broken(str(error)) from error


class _Target:
    """lxml calls what it finds here; it wants no more than this."""

    def __init__(self, events: Events) -> None:
        self.start = events.start
        self.end = events.end
        self.data = events.data
        self.close = events.close
        self.comment = events.comment
