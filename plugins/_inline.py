"""A line of Markdown as it is read: without the marks in it."""

from __future__ import annotations

import re
from html import unescape

__all__ = ["cleaned"]

# What begins as a mark and is none must be left where the next one begins: a line of nothing but beginnings would
# otherwise take the square of its length in time.
_TARGET = r"(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])"
_PICTURE = rf"!\[[^\[\]]*\]{_TARGET}"
_INLINE = (
    (re.compile(rf"\[{_PICTURE}\]{_TARGET}|{_PICTURE}|\[\^[^\[\]]*\]"), ""),
    (re.compile(r"<!--(?:(?!<!--).)*?-->|</?[A-Za-z][^<>]*>"), ""),
    (re.compile(rf"\[([^\[\]]+)\]{_TARGET}"), r"\1"),
    (re.compile(r"(?<!`)`++([^`]+)`+"), r"\1"),
)
_EMPHASIS = re.compile(r"\*+|~+|_+")
_MARKED = re.compile(r"[\[*_`<~]")


def cleaned(line: str) -> str:
    """A line without inline marks: links by their words, no pictures, no emphasis, `&nbsp;` and its like as text."""
    if _MARKED.search(line):
        for found, kept in _INLINE:
            line = found.sub(kept, line)
        line = _unstressed(line)
    if "&" in line:
        line = unescape(line)
    return " ".join(line.split())


def _unstressed(line: str) -> str:
    """A line without the marks of emphasis. A mark opens before a word and closes after one; what stands alone, or
    underscores within a word, is no mark."""
    pieces, at, opened = [], 0, dict[str, int]()
    for found in _EMPHASIS.finditer(line):
        mark, (start, end) = found[0], found.span()
        pieces += [line[at:start], mark]
        at = end
        if len(mark) > 3 or (mark[0] == "~" and len(mark) != 2):
            continue
        before, after = line[start - 1] if start else "", line[end : end + 1]
        word = mark[0] == "_"
        if before.strip() and mark in opened and not (word and after.isalnum()):
            pieces[opened.pop(mark)] = pieces[-1] = ""
        elif after.strip() and not (word and before.isalnum()):
            opened.setdefault(mark, len(pieces) - 1)
    return "".join([*pieces, line[at:]])
