"""YAML text to a small tree with places: capped, strict, and every scalar is text.

The parser's events are read one by one, so that a hostile file is refused before it grows: depth, nodes (aliases
counted as what they stand for) and aliases are bounded; tags, merge keys, duplicate keys, keys that are no plain
text, aliases that hold themselves and second documents are refused. Nothing is typed here: `no`, `1e3` and `12:30`
stay what was written, and whoever knows the field gives it its type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, TypeAlias

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 20
MAX_NODES = 10_000
MAX_ALIASES = 50
_UNFIT = re.compile("[\0\ud800-\udfff]")  # no file name and no UTF-8 can hold these


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a file; both count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `plain`: written without quotes, so that an empty one, `~` and `null` mean that nothing is stated."""

    place: Place
    text: str
    plain: bool = True

    @property
    def nothing(self) -> bool:
        """Is this how YAML writes that there is no value?"""
        return self.plain and self.text in ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order of the file; no key comes twice."""

    place: Place
    entries: tuple[tuple[Scalar, Node], ...]

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        return next((value for name, value in self.entries if name.text == key), None)


Node: TypeAlias = "Scalar | Items | Table"


class YamlFault(ValueError):
    """Text that is no YAML, or YAML that is refused. `hint` says what to write instead, or is None."""

    def __init__(self, place: Place, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.hint = hint


def scan(text: str) -> Node | None:
    """Read one YAML document; None where there is none (nothing but comments).

    Raises:
        YamlFault: with the place, for all that is named in this module's docstring and for broken syntax.
    """
    import yaml

    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):  # the pure-Python one: the C parser can be crashed
            builder.take(event)
    except yaml.MarkedYAMLError as fault:
        raise _explained(fault) from None
    except yaml.reader.ReaderError as fault:
        raise _bad_character(text, fault.position) from None
    except (ValueError, OverflowError) as fault:
        if isinstance(fault, YamlFault):
            raise
        # the parser gives an escape such as "\UFFFFFFFF" to chr() unchecked
        raise YamlFault(builder.last, "after this comes an escape that names no character") from None
    return builder.root


def place_of(text: str, position: int) -> Place:
    """The place of the character at `position`, counted from 0."""
    before = text[:position]
    return Place(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


@dataclass(slots=True)
class _Built:
    """A node with what it costs where it is repeated."""

    node: Node
    size: int
    height: int


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    place: Place
    anchor: str | None
    table: bool
    children: list[Node] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    size: int = 1
    height: int = 1

    @property
    def wants_key(self) -> bool:
        return self.table and len(self.children) % 2 == 0

    def close(self) -> Node:
        if not self.table:
            return Items(self.place, tuple(self.children))
        pairs = zip(self.children[::2], self.children[1::2], strict=True)
        return Table(self.place, tuple((key, value) for key, value in pairs if isinstance(key, Scalar)))


class _Builder:
    """Takes the parser's events and keeps the tree; no recursion, so depth costs no stack."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.last = Place(1, 1)
        self._open: list[_Open] = []
        self._anchors: dict[str, _Built | None] = {}  # None: begun and not ended, so an alias would hold itself
        self._nodes = 0
        self._aliases = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        import yaml

        self.last = _place(event)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise YamlFault(_place(event), "a second document begins here; one file holds one")
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, table=isinstance(event, yaml.MappingStartEvent))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()

    def _begin(self, event: yaml.CollectionStartEvent, *, table: bool) -> None:
        place = _place(event)
        self._refuse_tag(event)
        if self._open and self._open[-1].wants_key:
            outer = self._open[-1].place
            self._refuse_key(place, braces=table and (place.line, place.column) == (outer.line, outer.column + 1))
        if len(self._open) >= MAX_DEPTH:
            raise YamlFault(place, f"nested deeper than {MAX_DEPTH} levels")
        self._count(1, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._open.append(_Open(place, event.anchor, table))

    def _end(self) -> None:
        ended = self._open.pop()
        built = _Built(ended.close(), ended.size, ended.height)
        if ended.anchor is not None:
            self._anchors[ended.anchor] = built
        self._add(built)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        place = _place(event)
        self._refuse_tag(event)
        self._count(1, place)
        if _UNFIT.search(event.value):
            raise YamlFault(place, "an escape in this text names a character that no text can hold")
        scalar = Scalar(place, event.value, plain=event.style is None)
        if self._open and self._open[-1].wants_key:
            self._check_key(scalar, self._open[-1].keys)
        built = _Built(scalar, 1, 0)
        if event.anchor is not None:
            self._anchors[event.anchor] = built
        self._add(built)

    def _alias(self, event: yaml.AliasEvent) -> None:
        place, name = _place(event), event.anchor
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise YamlFault(place, f"more than {MAX_ALIASES} aliases")
        if self._open and self._open[-1].wants_key:
            self._refuse_key(place, braces=False)
        if name not in self._anchors:
            raise YamlFault(
                place,
                f"*{name} stands for nothing that was named before",
                hint="put a text that begins with * in quotes",
            )
        built = self._anchors[name]
        if built is None:
            raise YamlFault(place, f"*{name} would hold itself")
        if len(self._open) + built.height > MAX_DEPTH:
            raise YamlFault(place, f"nested deeper than {MAX_DEPTH} levels")
        self._count(built.size, place)
        self._add(built)

    def _add(self, built: _Built) -> None:
        if not self._open:
            self.root = built.node
            return
        holder = self._open[-1]
        holder.children.append(built.node)
        holder.size += built.size
        holder.height = max(holder.height, built.height + 1)

    def _count(self, nodes: int, place: Place) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise YamlFault(place, f"more than {MAX_NODES:,} values")

    def _check_key(self, key: Scalar, seen: set[str]) -> None:
        if key.plain and key.text == "<<":
            raise YamlFault(key.place, "merge keys (<<) are not read", hint="write the keys out")
        if key.text in seen:
            raise YamlFault(key.place, f'the key "{key.text}" comes a second time')
        seen.add(key.text)

    def _refuse_key(self, place: Place, *, braces: bool) -> NoReturn:
        if braces:  # `goal: {{ topic }}` is YAML for a mapping whose key is a mapping
            raise YamlFault(
                place, "a text that begins with {{ needs quotes", hint='put the whole text in quotes: "{{ name }} ..."'
            )
        raise YamlFault(place, "a key must be plain text")

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            raise YamlFault(
                _place(event), f"tags ({event.tag}) are not read", hint="put a text that begins with ! in quotes"
            )


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)


def _explained(fault: yaml.MarkedYAMLError) -> YamlFault:
    """The parser's complaint, in words for people where it is one of the usual ones."""
    mark = fault.problem_mark or fault.context_mark
    place = Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)
    problem = fault.problem or "this is not YAML"
    for sign, message, hint in _USUAL:
        if sign in problem:
            return YamlFault(place, message, hint=hint)
    context = f" ({fault.context})" if fault.context else ""
    return YamlFault(place, f"{problem}{context}", hint="put text with special characters in quotes")


_USUAL = (
    ("mapping values are not allowed", 'a second ":" on this line', 'put a text that holds ": " in quotes'),
    ("'\\t'", "a tab is used where spaces must be", "indent with spaces"),
    ("'@'", "a text cannot begin with @", "put it in quotes"),
    ("'`'", "a text cannot begin with `", "put it in quotes"),
    ("'%'", "a text cannot begin with %", "put it in quotes"),
    ("unexpected end of stream", "a quote is opened and never closed", "close it"),
)


def _bad_character(text: str, position: int) -> YamlFault:
    code = ord(text[position])
    return YamlFault(place_of(text, position), f"the character U+{code:04X} cannot stand in YAML", hint="take it out")
