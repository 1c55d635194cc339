"""How a picture was made, kept in the picture itself: enough to tell it, and to make it again.

A PNG carries two texts: `parameters`, in the form that AUTOMATIC1111's web UI writes and most galleries read
(`_infotext`), and `thinkact`, everything as JSON. Where a format has no such texts (JPEG, WebP), EXIF carries both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

__all__ = ["KEY", "VERSION", "Recipe", "from_json", "to_json"]

KEY = "thinkact"
"""The name of the text that holds all of it."""
VERSION = 1
"""Of the JSON; one of a newer thinkact is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one picture was made.

    Attributes:
        tool: The tool that made it, such as "generate_image".
        backend: What drew it: "diffusers", "demo", "openai" or "draw".
        model: The model's name; "" where there is none.
        model_hash: The SHA-256 of its weights in hex digits, or of what stands for them; "" where nobody tells.
        prompt, negative_prompt: As they were given.
        seed: Of this very picture, so that it can be made again by itself; None where the back-end has none.
        width, height: In pixels.
        steps, guidance_scale, scheduler: None where they mean nothing to the back-end.
        arguments: All other arguments of the tool that bear on the picture.
        parents: The pictures that it was made from, each as its handle or path and its SHA-256.
        versions: The packages that drew it, with their versions.
    """

    tool: str
    backend: str
    model: str = ""
    model_hash: str = ""
    prompt: str = ""
    negative_prompt: str = ""
    seed: int | None = None
    width: int
    height: int
    steps: int | None = None
    guidance_scale: float | None = None
    scheduler: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    parents: tuple[tuple[str, str], ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def to_json(recipe: Recipe) -> str:
    """A recipe as one line of JSON, the same for equal recipes."""
    return json.dumps({"version": VERSION, **asdict(recipe)}, ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Recipe | None:
    """The recipe of such a line; None where it is none, or one of a newer thinkact. Anybody may have written it: what
    has another type than it should is not believed."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or read.get("version") != VERSION:
        return None
    values = {one.name: read[one.name] for one in fields(Recipe) if one.name in read}
    values["parents"] = _parents(values.get("parents", ()))
    if not all(_fits(name, value) for name, value in values.items()):
        return None
    try:
        return Recipe(**values)
    except TypeError:  # one that it cannot do without is missing
        return None


def _parents(value: object) -> object:
    if not isinstance(value, list) or not all(isinstance(one, list) and len(one) == 2 for one in value):
        return () if value == () else None
    return tuple((one[0], one[1]) for one in value)


def _fits(name: str, value: object) -> bool:
    match name:
        case "seed" | "steps":
            return value is None or _is_whole(value)
        case "width" | "height":
            return _is_whole(value)
        case "guidance_scale":
            return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        case "scheduler":
            return value is None or isinstance(value, str)
        case "arguments":
            return isinstance(value, dict)
        case "versions":
            return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
        case "parents":
            return isinstance(value, tuple) and all(isinstance(part, str) for one in value for part in one)
        case _:
            return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
