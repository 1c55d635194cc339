"""What a docstring says of a tool and of each of its arguments, in English or Chinese, in any script's spacing."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["read_docstring"]

_ARGUMENTS = re.compile(r"(?:Args|Arguments|Parameters|参数)\s*[:：]\s*", re.IGNORECASE)
_ENTRY = re.compile(r"(\*{0,2}[^\W\d]\w*)\s*(?:[(（][^)）]*[)）])?\s*[:：]\s*(.*)")
_WIDE = "\u2e80"  # from here on, scripts are written without spaces between words


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """The first paragraph, and what is said of each argument. Full-width colons and brackets count like others."""
    lines = text.splitlines()
    start = next((index for index, line in enumerate(lines) if _ARGUMENTS.fullmatch(line)), len(lines))
    first: list[str] = []
    for line in lines[:start]:
        if not line.strip():
            break
        first.append(line.strip())
    return _joined(first), _read_entries(lines[start + 1 :])


def _read_entries(lines: Iterable[str]) -> dict[str, str]:
    said: dict[str, list[str]] = {}
    current: list[str] = []
    margin: int | None = None
    for line in lines:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        if indent == 0:
            break
        margin = indent if margin is None else margin
        entry = _ENTRY.fullmatch(line.strip()) if indent <= margin else None
        if entry:
            current = said.setdefault(entry[1].lstrip("*"), [])
            current.append(entry[2].strip())
        else:
            current.append(line.strip())
    return {name: _joined(parts) for name, parts in said.items()}


def _joined(parts: Iterable[str]) -> str:
    """Lines as one: with a space between them, except where a script has none."""
    text = ""
    for part in parts:
        if text and part and not (text[-1] >= _WIDE and part[0] >= _WIDE):
            text += " "
        text += part
    return text
