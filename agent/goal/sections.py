"""Shapes of mappings: known keys, free keys, one of several forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.events import JSON
from agent.goal.complaints import Rank, Reading
from agent.goal.shapes import Shape
from agent.goal.yaml_scan import Node, Scalar, Table
from agent.spelling import did_you_mean

FREE = "x-"
"""Keys that begin so are the user's own and are passed over."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A key of a mapping: what it may hold, and one sentence for editors."""

    shape: Shape
    about: str = ""
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Section:
    """A mapping with known keys; `x-` keys are passed over, others refused. `open`: others are passed over too."""

    fields: Mapping[str, Field]
    open: bool = False

    def read(self, node: Node, path: str, reading: Reading) -> dict[str, Any] | None:
        """The values that were stated and could be read, by key."""
        if not isinstance(node, Table):
            names = ", ".join(self.fields)
            reading.complain(path, f"must be a mapping (its keys: {names})", at=node.place)
            return None
        values: dict[str, Any] = {}
        for key, value in node.entries:
            at = f"{path}.{key.text}" if path else key.text
            reading.places[at] = key.place
            known = self.fields.get(key.text)
            if known is not None:
                self._one(key.text, value, at, reading, values)
            elif not self.open and not key.text.startswith(FREE):
                message = f"unknown key{did_you_mean(key.text, self.fields)}"
                reading.complain(at, message, at=key.place, rank=Rank.SPELLING)
        self._absent(node, path, reading)
        return values

    def _one(self, name: str, node: Node, path: str, reading: Reading, values: dict[str, Any]) -> None:
        known = self.fields[name]
        if isinstance(node, Scalar) and node.nothing:
            if known.required:
                reading.complain(path, "is empty", at=node.place)
            return
        value = known.shape.read(node, path, reading)
        if value is not None:
            values[name] = value

    def _absent(self, node: Table, path: str, reading: Reading) -> None:
        for name, known in self.fields.items():
            if known.required and node.get(name) is None:
                message = f'"{name}" is missing'
                reading.complain(path, message, at=node.place, rank=Rank.ABSENT)

    def schema(self) -> dict[str, JSON]:
        """An object; what is not required may also be null, which means not stated."""
        properties: dict[str, JSON] = {}
        for name, known in self.fields.items():
            about: dict[str, JSON] = {"description": known.about} if known.about else {}
            inner = known.shape.schema()
            properties[name] = {**about, **(inner if known.required else {"anyOf": [inner, {"type": "null"}]})}
        required: list[JSON] = [name for name, known in self.fields.items() if known.required]
        return {
            "type": "object",
            "properties": properties,
            "patternProperties": {f"^{FREE}": {}},
            "additionalProperties": self.open,
            "required": required,
        }


@dataclass(frozen=True, kw_only=True)
class MapOf:
    """A mapping with keys of the user's own. `check` raises ValueError for a key that cannot be one."""

    value: Shape
    check: Callable[[str], str] | None = None

    def read(self, node: Node, path: str, reading: Reading) -> dict[str, Any] | None:
        """The values that could be read, by key."""
        if not isinstance(node, Table):
            reading.complain(path, "must be a mapping", at=node.place)
            return None
        values: dict[str, Any] = {}
        for key, one in node.entries:
            at = f"{path}.{key.text}"
            reading.places[at] = key.place
            try:
                name = self.check(key.text) if self.check else key.text
            except ValueError as fault:
                reading.complain(at, f"the key must be {fault}", at=key.place)
                continue
            value = self.value.read(one, at, reading)
            if value is not None:
                values[name] = value
        return values

    def schema(self) -> dict[str, JSON]:
        """An object with free keys."""
        return {"type": "object", "additionalProperties": self.value.schema()}


@dataclass(frozen=True, kw_only=True)
class Forms:
    """A mapping of one of several forms; the key that a form is named by tells which."""

    forms: Mapping[str, Section]

    def read(self, node: Node, path: str, reading: Reading) -> dict[str, Any] | None:
        """The values of the form, by key."""
        if not isinstance(node, Table):
            reading.complain(path, f"must be a mapping with one of: {', '.join(self.forms)}", at=node.place)
            return None
        named = [key.text for key, _ in node.entries if key.text in self.forms]
        if len(named) == 1:
            return self.forms[named[0]].read(node, path, reading)
        if named:
            reading.complain(path, f"holds {' and '.join(named)}; each needs an entry of its own", at=node.place)
            return None
        self._unnamed(node, path, reading)
        return None

    def _unnamed(self, node: Table, path: str, reading: Reading) -> None:
        """No key names a form: the first that no form knows is probably a misspelled one."""
        inner = {name for form in self.forms.values() for name in form.fields}
        for key, _ in node.entries:
            if key.text not in inner and not key.text.startswith(FREE):
                message = f"unknown key{did_you_mean(key.text, [*self.forms, *sorted(inner - set(self.forms))])}"
                reading.complain(f"{path}.{key.text}", message, at=key.place, rank=Rank.SPELLING)
                return
        reading.complain(path, f"must hold one of: {', '.join(self.forms)}", at=node.place)

    def schema(self) -> dict[str, JSON]:
        """Exactly one of the forms."""
        return {"oneOf": [form.schema() for form in self.forms.values()]}
