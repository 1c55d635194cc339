"""JSON as it is read: indented, and of what is long its shape first."""

from __future__ import annotations

import json
from typing import Any

from plugins._convert._document import Limits

__all__ = ["loaded", "read_json", "shape"]

_LONG = 6_000  # characters, from which the shape is told
_KEYS = 40  # of an object that are named
_DEEP = 4  # levels of a shape
_MEMBERS = 200  # of a list that are looked at


def loaded(text: str) -> Any:
    """What a JSON text says.

    Raises:
        ValueError: it is none, or nested more deeply than can be read.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read_json(found: Any, *, limits: Limits) -> dict[str, Any]:
    """JSON with `text` (indented), and `notes`, one of which tells the shape of what is long."""
    try:
        text = json.dumps(found, ensure_ascii=False, indent=2)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    notes = [f"its shape: {shape(found)}"] if len(text) > _LONG else []
    if len(text) > limits.characters:
        notes.append(f"cut: only the first {limits.characters:,} characters of it are here")
    return {"text": text[: limits.characters], "notes": notes}


def shape(found: Any, deep: int = _DEEP) -> str:
    """What JSON is made of, in one line: `{items: [300 x {id: number, name: text}], next: text}`."""
    if isinstance(found, dict):
        if not deep or not found:
            return f"{{{len(found)} keys}}"
        named = [f"{_name(key)}: {shape(one, deep - 1)}" for key, one in list(found.items())[:_KEYS]]
        more = [f"{len(found) - _KEYS} more"] if len(found) > _KEYS else []
        return f"{{{', '.join([*named, *more])}}}"
    if isinstance(found, list):
        if not found:
            return "[]"
        shapes = list(dict.fromkeys(shape(one, max(0, deep - 1)) for one in found[:_MEMBERS]))
        return f"[{len(found)} x {shapes[0] if len(shapes) == 1 else _merged(found, deep)}]"
    if isinstance(found, bool):
        return "true or false"
    if found is None:
        return "null"
    return "text" if isinstance(found, str) else "number"


def _merged(found: list[Any], deep: int) -> str:
    """The shape of members that differ: objects are told by all their keys."""
    members = found[:_MEMBERS]
    if all(isinstance(one, dict) for one in members):
        return shape({key: value for one in reversed(members) for key, value in one.items()}, deep)
    kinds = list(dict.fromkeys(shape(one, 0) for one in members))
    return " or ".join(kinds[:5])


def _name(key: str) -> str:
    line = " ".join(str(key).split())
    return line if len(line) <= 40 else f"{line[:40]}…"
