"""A server's tool as a model may be told of it: a name that it can call, a schema that is checked and capped, the
effect that its annotations state."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins._contract import Effect
from plugins._mcp._server import McpTool
from plugins._mcp._words import visible, within
from plugins._outline import PATH_FORMAT

__all__ = ["Adapted", "Unfit", "adapt", "model_name"]

_LONGEST_NAME = 64  # what chat completions let a function be called
_LONGEST_DESCRIPTION = 2_000  # characters; each request of a run tells it again
_LONGEST_REMARK = 500  # of one argument
_LONGEST_SCHEMA = 16_000  # characters of JSON
_LONGEST_ARGUMENT = 64
_DEEPEST = 12
_MOST_ARGUMENTS = 100
# What says nothing to a model, or leads to another document.
_LEFT_OUT = frozenset({"$schema", "$id", "$anchor", "$comment", "examples", "x-mcp-header"})
_OF_SCHEMAS = frozenset({"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"})


class Unfit(ValueError):
    """A tool that cannot be told to a model; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """A tool as a model is told of it. `repeatable`: calling it twice does no harm, as the server says."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    effect: Effect
    repeatable: bool


def adapt(server: str, tool: McpTool) -> Adapted:
    """The tool of a server as it can be told.

    Raises:
        Unfit: its schema is none, too large, too deep, or has arguments that nobody can name.
    """
    description = within(tool.description, _LONGEST_DESCRIPTION) or f"The tool {within(tool.name, 100)} of {server}."
    hints = tool.annotations
    return Adapted(
        name=model_name(server, tool.name),
        description=description,
        parameters=_parameters(tool.schema),
        effect=tool.effect,
        repeatable=hints.get("readOnlyHint") is True or hints.get("idempotentHint") is True,
    )


def model_name(server: str, tool: str) -> str:
    """`server__tool`, as a model can call it: a name that had to be changed or cut ends with a mark that tells it from
    every other."""
    plain = f"{_safe(server)}__{_safe(tool)}"
    if plain == f"{server}__{tool}" and len(plain) <= _LONGEST_NAME:
        return plain
    mark = hashlib.sha256(json.dumps([server, tool]).encode()).hexdigest()[:6]
    return f"{plain[: _LONGEST_NAME - 7]}_{mark}"


def _safe(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]+", "_", name).strip("_") or "x"


def _parameters(schema: Mapping[str, Any]) -> dict[str, Any]:
    if schema.get("type", "object") != "object":
        raise Unfit("its arguments are no object")
    cleaned: dict[str, Any] = {"type": "object", "properties": {}, **_cleaned(schema, 0)}
    properties = cleaned["properties"]
    if not isinstance(properties, dict):
        raise Unfit("its schema's properties are no object")
    if len(properties) > _MOST_ARGUMENTS:
        raise Unfit(f"it takes {len(properties)} arguments, at most {_MOST_ARGUMENTS} can be told")
    for name in properties:
        if not name or len(name) > _LONGEST_ARGUMENT or visible(name) != name or not name.isprintable():
            raise Unfit(f"one of its arguments has a name that cannot be told: {within(name, 40)}")
    try:
        length = len(json.dumps(cleaned, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise Unfit("its schema cannot be written as JSON") from error
    if length > _LONGEST_SCHEMA:
        raise Unfit(f"its schema has {length} characters, at most {_LONGEST_SCHEMA} can be told")
    return cleaned


def _cleaned(schema: Any, depth: int) -> Any:
    """A schema of which nothing leads elsewhere, nothing means a path of ours, and no text is long or invisible."""
    if depth > _DEEPEST:
        raise Unfit(f"its schema is more than {_DEEPEST} levels deep")
    if isinstance(schema, list):
        return [_cleaned(one, depth + 1) for one in schema]
    if isinstance(schema, str):
        return within(schema, _LONGEST_REMARK)
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _LEFT_OUT or (key, value) == ("format", PATH_FORMAT) or (key == "$ref" and not _is_local(value)):
            continue
        if key in _OF_SCHEMAS and isinstance(value, Mapping):
            kept[key] = {str(name): _cleaned(one, depth + 1) for name, one in value.items()}
        elif key in ("enum", "const", "default", "pattern", "required"):
            kept[key] = value  # what a value must be, to the letter
        else:
            kept[str(key)] = _cleaned(value, depth + 1)
    return kept


def _is_local(reference: Any) -> bool:
    return isinstance(reference, str) and reference.startswith("#")
