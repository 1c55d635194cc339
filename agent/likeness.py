"""Likeness: what an error says without the names, places and numbers in it, so that alike errors are seen to be so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_MARK = "…"
_LONGEST = 2_000  # characters of an error that are looked at
_SHORTEST = 2  # characters of an argument that is looked for: a single letter stands in every word
_QUOTES = ('""', "``", "“”", "‘’", "«»", "‹›", "「」", "『』", "《》")
_QUOTED = re.compile(
    "|".join(
        (
            *(f"{pair[0]}[^{pair}\n]*{pair[1]}" for pair in _QUOTES),
            r"(?<!\w)'[^\n]*?'(?!\w)",  # an apostrophe within a word is no quote
        )
    )
)
_NAMED = re.compile(
    r"[^\s,;，。；：、()（）]*[/\\][^\s,;，。；：、()（）]*"  # a path or an address
    r"|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+"  # a name with an ending
    r"|[A-Za-z_.-]*\d[A-Za-z0-9_.-]*"  # a number, or a name that holds one
)
_MARKS = re.compile(rf"{_MARK}(?:(?:[\s,、]|and|or|和|或)*{_MARK})+")  # how many were named does not matter


def likeness(text: str, arguments: Mapping[str, Any]) -> str:
    """The words of an error with a mark in place of each quoted part, path, number, and argument of the call itself."""
    text = text[:_LONGEST]
    for value in sorted(set(_texts(arguments.values())), key=len, reverse=True):
        text = text.replace(value, _MARK)
    text = _NAMED.sub(_MARK, _QUOTED.sub(_MARK, text))
    return " ".join(_MARKS.sub(_MARK, text).split())


def _texts(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str) and _SHORTEST <= len(value) <= _LONGEST:
            yield value
        elif isinstance(value, list):
            yield from _texts(value)
