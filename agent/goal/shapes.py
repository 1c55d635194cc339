"""Shapes: what a field of a file may hold, stated once and used twice, to read it and to describe it to editors.

A shape reads a node of `yaml_scan` into a plain value and never raises: what is wrong goes to `Reading`, with its
place and key path, and the value is then None. `Shape.schema` is the same shape as JSON Schema.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from agent.events import JSON
from agent.goal.complaints import Reading
from agent.goal.yaml_scan import Items, Node, Place, Scalar
from agent.spelling import did_you_mean


class Shape(Protocol):
    """What a field may hold."""

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value, or None where it cannot be used (and the reading knows why)."""
        ...

    def schema(self) -> dict[str, JSON]:
        """The shape as JSON Schema, as loose as the reader is."""
        ...


def _scalar(node: Node, path: str, reading: Reading, wanted: str) -> str | None:
    if isinstance(node, Scalar):
        return node.text
    found = "a list" if isinstance(node, Items) else "a mapping"
    hint = None if isinstance(node, Items) else 'put a text that holds ": " in quotes'
    reading.complain(path, f"must be {wanted}, not {found}", at=node.place, hint=hint)
    return None


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text with inputs filled in. `check` returns it tidied or raises ValueError (completing "must be ...").

    `style` tells how an input is put in: plain, regex (as its literal characters), shell (as one word), or none.
    `secret`: a secret may stand here. `empty`: nothing is a text too. `raw`: spaces around are kept, line ends too;
    `spaces`: spaces alone, as they stand in quotes.
    """

    check: Callable[[str], str] | None = None
    style: str = "plain"
    secret: bool = False
    empty: bool = False
    raw: bool = False
    spaces: bool = False
    one_line: bool = False

    def read(self, node: Node, path: str, reading: Reading) -> str | None:
        """The text, filled, tidied and checked."""
        written = _scalar(node, path, reading, "text")
        if written is None:
            return None
        if isinstance(node, Scalar) and node.nothing:
            written = ""
        try:
            filled: str | None = written
            if self.style != "none":
                filled = reading.expand(written, style=self.style, secret=self.secret)
        except ValueError as fault:
            reading.complain(path, str(fault), at=node.place)
            return None
        if filled is None:
            reading.unfilled.add(written)
            return written
        return self._checked(self._tidied(filled), path, reading, node.place)

    def _tidied(self, text: str) -> str:
        if self.raw:
            return text
        return text.strip("\r\n") if self.spaces and text.strip() else text.strip()

    def _checked(self, text: str, path: str, reading: Reading, place: Place) -> str | None:
        if not text and not self.empty:
            reading.complain(path, "is empty", at=place)
            return None
        if self.one_line and len(text.splitlines()) > 1:
            reading.complain(path, "must be one line", at=place)
            return None
        try:
            return self.check(text) if self.check else text
        except ValueError as fault:
            reading.complain(path, f"must be {fault}", at=place)
            return None

    def schema(self) -> dict[str, JSON]:
        """Any scalar: the reader takes every one as text."""
        loose: dict[str, JSON] = {"type": ["string", "number", "boolean", *(["null"] if self.empty else [])]}
        return loose if self.empty else {**loose, "minLength": 1}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of some words."""

    options: tuple[str, ...]

    def read(self, node: Node, path: str, reading: Reading) -> str | None:
        """The word."""
        word = _scalar(node, path, reading, f"one of {', '.join(self.options)}")
        if word is None or word in self.options:
            return word
        reading.complain(path, f'"{word}" is none of its values{did_you_mean(word, self.options)}', at=node.place)
        return None

    def schema(self) -> dict[str, JSON]:
        """An enumeration."""
        return {"enum": list(self.options)}


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number, amount, duration, sum of money or truth: `parse` reads it, `low` and `high` bound it.

    `pattern` is what editors accept as text, None where only a number or boolean will do.
    """

    parse: Callable[[str], float]
    low: float
    high: float
    kind: str = "number"
    pattern: str | None = None
    show: Callable[[float], str] = "{:,}".format

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The number."""
        written = _scalar(node, path, reading, "a single value")
        if written is None:
            return None
        try:
            value = self.parse(written)
        except ValueError as fault:
            reading.complain(path, f'must be {fault}, not "{written[:40]}"', at=node.place)
            return None
        if self.low <= value <= self.high:
            return value
        span = f"from {self.show(self.low)} to {self.show(self.high)}" if self.low < self.high else self.show(self.low)
        reading.complain(path, f"must be {span}, not {written}", at=node.place)
        return None

    def schema(self) -> dict[str, JSON]:
        """A number in its range, or text that reads as one."""
        number: dict[str, JSON] = {"type": self.kind}
        if self.kind != "boolean":
            number |= {"minimum": self.low, "maximum": self.high}
        if self.pattern is None:
            return number
        return {"anyOf": [number, {"type": "string", "pattern": self.pattern}]}


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list. `single`: one value that is no list is taken as a list of one, never split."""

    item: Shape
    single: bool = True
    least: int = 0

    def read(self, node: Node, path: str, reading: Reading) -> list[Any] | None:
        """The values, None in the place of each that could not be read."""
        if not isinstance(node, Items) and not (self.single and isinstance(node, Scalar)):
            reading.complain(path, "must be a list", at=node.place)
            return None
        nodes = node.items if isinstance(node, Items) else (node,)
        if len(nodes) < self.least:
            reading.complain(path, "is empty", at=node.place)
        values = []
        for index, one in enumerate(nodes):
            at = f"{path}[{index}]" if isinstance(node, Items) else path
            reading.places[at] = one.place
            values.append(self.item.read(one, at, reading))
        return values

    def schema(self) -> dict[str, JSON]:
        """An array, or one value."""
        array: dict[str, JSON] = {"type": "array", "items": self.item.schema(), "minItems": self.least}
        return {"anyOf": [self.item.schema(), array]} if self.single else array


@dataclass(frozen=True, kw_only=True)
class TextOr:
    """One text, or something longer. `short` reads the text, `long` all else."""

    short: Shape
    long: Shape

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """What the shape that fits makes of it."""
        return (self.short if isinstance(node, Scalar) else self.long).read(node, path, reading)

    def schema(self) -> dict[str, JSON]:
        """Either."""
        return {"anyOf": [self.short.schema(), self.long.schema()]}


@dataclass(frozen=True)
class Anything:
    """Any value; scalars are text."""

    def read(self, node: Node, path: str, reading: Reading) -> Any:  # noqa: ARG002 - the protocol's
        """The plain value."""
        return plain(node)

    def schema(self) -> dict[str, JSON]:
        """Anything goes."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Later:
    """A field that a later version knows: its shape is checked, and a value that `asks` for it is refused."""

    shape: Shape
    asks: Callable[[Any], bool] = bool

    def read(self, node: Node, path: str, reading: Reading) -> Any:
        """The value, where it asks for nothing."""
        value = self.shape.read(node, path, reading)
        if value is not None and self.asks(value):
            reading.complain(path, "not yet in this version of thinkact", at=node.place, hint="leave it out")
        return value

    def schema(self) -> dict[str, JSON]:
        """The shape's own: editors may show what is to come."""
        return self.shape.schema()


def plain(node: Node) -> JSON:
    """A node as lists, dicts and texts."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [plain(one) for one in node.items]
    return {key.text: plain(value) for key, value in node.entries}
