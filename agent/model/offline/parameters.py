"""What the rules understand of a tool's parameters: their kinds, by schema, name and description."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.words import words_of

Kind: TypeAlias = Literal["path", "address", "integer", "number", "boolean", "choice", "text", "list", "other"]

_PATH_NAMES = words_of("path file filename filepath folder directory dir document source src target destination dest")
_ADDRESS_NAMES = words_of("url uri link address href site page website")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a tool, as far as the rules understand it."""

    name: str
    kind: Kind
    required: bool
    choices: tuple[JSON, ...] = ()
    description: str = ""


def parameters(tool: ToolDescription) -> list[Parameter]:
    """The parameters of a tool in the order of its schema, required ones first."""
    properties = tool.parameters.get("properties")
    wanted = tool.parameters.get("required")
    required = {str(name) for name in wanted} if isinstance(wanted, list) else set()
    if not isinstance(properties, dict):
        return []
    found = [_parameter(name, schema, required) for name, schema in properties.items() if isinstance(schema, dict)]
    return sorted(found, key=lambda one: not one.required)


def _parameter(name: str, schema: Mapping[str, JSON], required: set[str]) -> Parameter:
    variants: list[Mapping[str, JSON]] = [schema]
    for word in ("anyOf", "oneOf"):
        more = schema.get(word)
        variants += [one for one in more if isinstance(one, dict)] if isinstance(more, list) else []
    choices = next((tuple(values) for one in variants if isinstance(values := one.get("enum"), list)), ())
    description = str(schema.get("description") or "")
    types = [str(kind) for one in variants for kind in _types(one.get("type")) if kind != "null"]
    formats = [str(one.get("format") or "") for one in variants]
    kind = _kind(name, description, types[0] if types else "", formats, choices)
    return Parameter(name, kind, name in required, choices, description)


def _types(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _kind(name: str, description: str, kind: str, formats: list[str], choices: tuple[JSON, ...]) -> Kind:
    if choices:
        return "choice"
    if kind in ("integer", "number", "boolean"):
        return kind  # type: ignore[return-value]  # narrowed by the test, which mypy does not follow
    if kind == "array":
        return "list"
    if kind not in ("string", ""):
        return "other"
    if any("path" in one for one in formats):
        return "path"
    words = set(name.casefold().split("_"))
    if words & _ADDRESS_NAMES or any(one in ("uri", "url") for one in formats):
        return "address"
    if words & _PATH_NAMES or re.search(r"\b(?:path|file name|filename)\b|路径|文件名", description, re.IGNORECASE):
        return "path"
    return "text"
