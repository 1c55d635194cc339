"""What a JSON schema says of a value: whether it fits, what is wanted in words, where the workspace's paths are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from plugins._contract import Tool
from plugins._text import show

__all__ = ["PATH_FORMAT", "fits", "holds", "properties", "required", "same", "takes", "wanted", "workspace_paths"]

PATH_FORMAT = "workspace-path"
"""The `format` by which a schema marks a string as a path of the workspace."""

_HINT = 400  # characters

_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of an object; schemas of others may leave them out, or null."""
    found = schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def required(schema: Mapping[str, Any]) -> Collection[str]:
    """The names that an object must have."""
    found = schema.get("required")
    return found if isinstance(found, list | tuple) else ()


def fits(schema: Any, value: Any) -> bool:
    """Is the value, as JSON has it, already of the schema's type? Only the outermost level is looked at."""
    if not isinstance(schema, Mapping):
        return schema is not False
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return any(fits(one, value) for one in schema[several])
    if "enum" in schema:
        return any(same(one, value) for one in schema["enum"])
    if "const" in schema:
        return same(schema["const"], value)
    kinds = schema.get("type")
    if kinds is None:
        return True
    return any(_is(kind, value) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def holds(schema: Any, value: Any) -> bool:
    """Is the value, as JSON has it, what the schema wants, to its depth? References are not followed."""
    if not isinstance(schema, Mapping) or not fits(schema, value):
        return schema is not False and not isinstance(schema, Mapping)
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return any(holds(one, value) for one in branches)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list | tuple):
        return _holds_items(schema, value)
    return not isinstance(value, Mapping) or _holds_names(schema, value)


def _holds_items(schema: Mapping[str, Any], items: Sequence[Any]) -> bool:
    if not schema.get("minItems", 0) <= len(items) <= schema.get("maxItems", math.inf):
        return False
    prefix, rest = schema.get("prefixItems", ()), schema.get("items", True)
    return all(holds(prefix[index] if index < len(prefix) else rest, one) for index, one in enumerate(items))


def _holds_names(schema: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    known, rest = properties(schema), schema.get("additionalProperties", True)
    return all(name in value for name in required(schema)) and all(
        holds(known.get(name, rest), one) for name, one in value.items()
    )


def workspace_paths(tool: Tool, arguments: Mapping[str, Any]) -> list[str]:
    """Every workspace path among coerced arguments, defaults included, each once, in the order of the schema."""
    found: dict[str, None] = {}
    for name in tool.paths:
        schema = properties(tool.parameters).get(name, {})
        value = arguments.get(name, schema.get("default"))
        for path in _paths(schema, value):
            found[path] = None
    return list(found)


def _paths(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    if isinstance(value, str):
        branches = schema.get("anyOf", [schema])
        if any(branch.get("format") == PATH_FORMAT for branch in branches):
            yield str(value)
        return
    for branch in schema.get("anyOf", [schema]):
        if isinstance(value, list):
            for one in value:
                yield from _paths(branch.get("items", {}), one)
        elif isinstance(value, dict):
            rest = branch.get("additionalProperties")
            for name, one in value.items():
                inner = properties(branch).get(name, rest)
                if isinstance(inner, Mapping):
                    yield from _paths(inner, one)


def wanted(schema: Any) -> str:
    """What a schema asks for, in words."""
    if not isinstance(schema, Mapping):
        return "any value"
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return " or ".join(dict.fromkeys(wanted(branch) for branch in branches))
    if "enum" in schema:
        return "one of " + ", ".join(show(one) for one in schema["enum"])
    if "const" in schema:
        return show(schema["const"])
    if schema.get("format") == PATH_FORMAT:
        return "a path in the workspace"
    kinds = schema.get("type", "")
    words = [_WORDS.get(kind, "any value") for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    items = schema.get("items") if kinds == "array" else None
    if isinstance(items, Mapping) and items.get("type") in _WORDS:
        return f"a list (each {wanted(items)})"
    return " or ".join(words)


def takes(tool: Tool) -> str:
    """The tool's arguments in one line, for a hint."""
    needed = required(tool.parameters)
    told = [
        f"{name} ({wanted(schema)}{'' if name in needed else ', may be left out'})"
        for name, schema in properties(tool.parameters).items()
    ]
    line = f"{tool.name} takes " + (", ".join(told) or "no arguments")
    return line if len(line) <= _HINT else line[:_HINT] + "…"


def _is(kind: str, value: Any) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "array":
            return isinstance(value, list | tuple)
        case "object":
            return isinstance(value, Mapping)
        case "null":
            return value is None
    return True


def same(one: Any, other: Any) -> bool:
    """Are two values the same in JSON?"""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)  # in Python, 1 == True
