"""Globs on workspace paths: `*` and `?` stay within a folder, `**` crosses folders, `[…]` is a set."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize


def matches(path: str, glob: str) -> bool:
    """Does the relative path, with `/`, match the glob? A leading `./` means nothing, and neither does the way in which
    a file system composes an accent."""
    return _compiled(normalize("NFC", glob.removeprefix("./"))).fullmatch(normalize("NFC", path)) is not None


@lru_cache(maxsize=256)
def _compiled(glob: str) -> re.Pattern[str]:
    out, at = "", 0
    while at < len(glob):
        if glob.startswith("**/", at):
            out, at = out + r"(?:[^/]+/)*", at + 3
        elif glob.startswith("**", at):
            out, at = out + r".*", at + 2
        elif glob[at] == "*":
            out, at = out + r"[^/]*", at + 1
        elif glob[at] == "?":
            out, at = out + r"[^/]", at + 1
        elif glob[at] == "[" and (end := glob.find("]", at + 2)) > 0:
            out, at = out + _set(glob[at + 1 : end]), end + 1
        else:
            out, at = out + re.escape(glob[at]), at + 1
    return re.compile(out, re.DOTALL)


def _set(inside: str) -> str:
    """A set such as `a-z` or `!0-9`; like `*` it never matches a `/`. One that makes no sense stands for itself."""
    inverse, kept = inside.startswith("!"), inside.removeprefix("!")
    escaped = "".join(rf"\{sign}" if sign in r"\[]^&~|" else sign for sign in kept)
    found = f"(?!/)[{'^' if inverse else ''}{escaped}]"
    try:
        re.compile(found)
    except re.error:
        return re.escape(f"[{inside}]")
    return found
