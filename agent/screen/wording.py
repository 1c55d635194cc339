"""Values in words: arguments in a line, sizes, what is too long cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.events import JSON
from agent.terminal import plain


def arguments_line(arguments: Mapping[str, JSON], room: int = 240) -> str:
    """Arguments in one line, neutralised, long values cut."""
    parts = [f"{plain(name)}={_value(value, 80)}" for name, value in arguments.items()]
    return cut(", ".join(parts), room)


def _value(value: Any, room: int) -> str:
    text = plain(value) if isinstance(value, str) else plain(str(value))
    text = text if len(text) <= room else f"{text[:room]} … ({len(text)} characters)"
    return f'"{text}"' if isinstance(value, str) else text


def size(count: int) -> str:
    """Bytes for people: 312 B, 4.1 kB, 2.0 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 999_950 else f"{count / 1_000_000:.1f} MB"


def cut(text: str, most: int) -> str:
    """A text of at most so many characters; the mark of the cut is beyond them."""
    return text if len(text) <= most else f"{text[:most]} …"
