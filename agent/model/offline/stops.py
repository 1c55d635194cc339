"""Stops: where a sentence of a goal ends, which the full stop of "Dr." or "9 a.m." does not say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_STOP = re.compile(r"(?<=[.!?])(?:\s+|$)|(?<=[。！？])|(?<!\btl)(?<!\bTL)[;；]+")
_BEFORE_A_NAME = re.compile(
    r"\b(?:dr|mr|mrs|ms|mx|prof|rev|hon|capt|sgt|lt|gen|col|mt|st|ste|mme|mlle|approx|ca|cf|vs|e\.g|i\.e|z\.b|bzw)\.$",
    re.IGNORECASE,
)
"""What something always follows."""
_BEFORE_A_NUMBER = re.compile(r"\b(?:no|nr|nos|fig|p|pp|vol|ch|sec|art|tel|ext)\.$", re.IGNORECASE)
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.)+[A-Za-z]\.$")
"""Letters, each with its dot: "a.m."."""
_SHORTENED = re.compile(r"\b(?:etc|inc|ltd|co|corp|jr|sr|ave|rd|blvd|dept|min|max|hrs?|appt)\.$", re.IGNORECASE)
_INITIAL = re.compile(r"(?:^|[\s(])[A-Z]\.$")
_FOLLOWS = re.compile(r"(?:then|after|next|finally|once|when)\b", re.IGNORECASE)
_SIGNS = " \t,，、.。!！:："


def sentence_ends(masked: str, begins: Callable[[str], bool]) -> Iterator[re.Match[str]]:
    """The ends of the sentences of a text, its marks blanked out.

    Args:
        masked: The text.
        begins: Does a verb begin a text?
    """
    for stop in _STOP.finditer(masked):
        before, behind = masked[: stop.start()], masked[stop.end() :]
        if not (before.endswith(".") and behind and _goes_on(before, behind, begins)):
            yield stop


def _goes_on(before: str, behind: str, begins: Callable[[str], bool]) -> bool:
    """Does a full stop belong to the word before it, and the sentence go on?"""
    if _BEFORE_A_NAME.search(before):
        return True
    if _BEFORE_A_NUMBER.search(before):
        return behind[:1].isdigit()
    if _DOTTED.search(before) or _SHORTENED.search(before):
        return not behind[:1].isupper() and not begins(behind)
    initial = _INITIAL.search(before) is not None and behind[:1].isupper()
    return initial and not begins(behind) and _FOLLOWS.match(behind) is None


def without_signs(text: str) -> str:
    """A text without the signs around it; the stop of "6 p.m." stays."""
    plain = text.strip(_SIGNS)
    dotted = text[text.find(plain) + len(plain) :].startswith(".") and _DOTTED.search(f"{plain}.") is not None
    return f"{plain}." if plain and dotted else plain
