"""Globs on workspace paths: `*` and `?` stay within a folder, `**` crosses folders, `[…]` is a set."""

from __future__ import annotations

import re
from functools import lru_cache


def matches(path: str, glob: str) -> bool:
    """Does the relative path, with `/`, match the glob? A leading `./` means nothing."""
    return _compiled(glob.removeprefix("./")).fullmatch(path) is not None


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
            inside = glob[at + 1 : end].replace("\\", r"\\").replace("[", r"\[")
            inside = "^" + inside[1:] if inside.startswith("!") else inside
            out, at = out + f"[{inside}]", end + 1
        else:
            out, at = out + re.escape(glob[at]), at + 1
    return re.compile(out, re.DOTALL)
