"""The weight of a text: about how much of a model's window it takes, by characters alone."""

from __future__ import annotations

import re

__all__ = ["weigh", "wide"]

_WIDE = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)


def weigh(text: str) -> int:
    """The weight of a text: a character is 1, an East Asian one 2, since it costs a model about so much more."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def wide(char: str) -> bool:
    """Is this an East Asian character?"""
    return _WIDE.match(char) is not None
