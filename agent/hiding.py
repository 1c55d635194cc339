"""Hiding: the secret inputs of a goal, found in a text wherever its white space was folded or its end was cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.events import JSON
from agent.goal import Goal, mask, masked

_LEAST = 3
"""Characters of a secret that is taken out of a text; a shorter one stands in any text, and its marks would tell it."""
_PART = 12
"""So many first characters of a secret, where a text was cut behind them, are a part of it."""
_CUT = re.compile(r"\s*(?:…|\.{2,}|\[|\n|$)")
"""What stands behind a text that was cut off."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """Takes secrets out of texts. `secrets` are what is to be hidden, each with the mark that stands in its place."""

    secrets: tuple[tuple[str, str], ...] = ()

    def hidden(self, text: str) -> str:
        """The text with a mark in the place of each secret, and of the beginning of one where the text was cut.

        Secrets of fewer than three characters stay: whoever stores the text asks `holds`, and stores it not at all.
        """
        pieces, end = list[str](), 0
        for start, over, mark in sorted(self._places(text, least=_LEAST), key=lambda one: (one[0], -one[1])):
            if start >= end:
                pieces += [text[end:start], mark]
            end = max(end, over)
        return "".join([*pieces, text[end:]])

    def holds(self, text: str) -> bool:
        """Does a secret stand in the text, or the beginning of one where it was cut?"""
        return next(self._places(text, least=1), None) is not None

    def hidden_within(self, value: JSON) -> JSON:
        """The same for every text in a value, however deep it lies, names of fields with them."""
        if isinstance(value, str):
            return self.hidden(value)
        if isinstance(value, list):
            return [self.hidden_within(one) for one in value]
        if isinstance(value, Mapping):
            return {self.hidden(name): self.hidden_within(one) for name, one in value.items()}
        return value

    def _places(self, text: str, *, least: int) -> Iterator[tuple[int, int, str]]:
        for secret, mark in self.secrets:
            flat = " ".join(secret.split())
            if len(flat) < least:
                continue
            begins, at = _pattern(flat[:_PART].rstrip()), 0
            while (match := begins.search(text, at)) is not None:
                end, whole = _followed(text, match.start(), flat)
                found = whole or (len(flat) > _PART and _CUT.match(text, end) is not None)
                if found:
                    yield match.start(), end, mark
                at = end if found else match.start() + 1


def hiding(goal: Goal) -> Hiding:
    """What hides the secret inputs of a goal: each by the mask that the journal has in its place."""
    return Hiding(tuple(zip(goal.secrets, map(mask, masked(goal)), strict=True)) if goal.secrets else ())


def _pattern(flat: str) -> re.Pattern[str]:
    """Where a text of single blanks begins, however its white space was folded; one place may lie within another."""
    return re.compile("(?=" + r"\s+".join(map(re.escape, flat.split(" "))) + ")")


def _followed(text: str, at: int, flat: str) -> tuple[int, bool]:
    """How far a text follows a secret from a place on, and whether to its end. White space counts once."""
    number = 0
    while number < len(flat) and at < len(text):
        if flat[number] == " ":
            if not text[at].isspace():
                break
            while at < len(text) and text[at].isspace():
                at += 1
        elif text[at] == flat[number]:
            at += 1
        else:
            break
        number += 1
    return at, number == len(flat)
