"""Passives: a sub-goal that says what should be done to a thing, as one that says to do it."""

from __future__ import annotations

import re

_PASSIVE = re.compile(
    r"(?P<thing>(?:(?:the|this|that|these|its|their|all)\s+)?[\w\- ]{1,40}?|it|they)\s+"
    r"(?:should|must|shall|has to|have to|needs? to|(?:is|are) to)\s+be\s+"
    r"(?P<verb>saved|stored|written|put|exported|appended|added|copied|moved|deleted|removed)\b\s*",
    re.IGNORECASE,
)
_ACTIVE = {
    "saved": "save",
    "stored": "store",
    "written": "write",
    "put": "put",
    "exported": "export",
    "appended": "append",
    "added": "add",
    "copied": "copy",
    "moved": "move",
    "deleted": "delete",
    "removed": "remove",
}


def active(text: str) -> str:
    """ "The summary should be saved to a.md" as "save the summary to a.md"."""
    found = _PASSIVE.match(text)
    if found is None:
        return text
    return f"{_ACTIVE[found['verb'].casefold()]} {found['thing'].lower()} {text[found.end() :]}"
