"""Words of an MCP server on their way to a model or a person: nothing invisible in them, and not too many."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from plugins._text import mend

__all__ = ["hide", "visible", "within"]

_LEAST_SECRET = 4  # characters: a shorter one stands in any text
_KEPT = frozenset("\n\t\u200c\u200d")  # line ends, tabs, and what joins letters and pictures
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def visible(text: str) -> str:
    """The text without control, bidirectional, tag and other invisible characters; line ends and tabs stay."""
    text = mend(text).replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(one for one in text if one in _KEPT or unicodedata.category(one) not in _UNSEEN)


def within(text: str, most: int) -> str:
    """Visible text of at most so many characters; the cut shows."""
    text = visible(text).strip()
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def hide(text: str, secrets: Sequence[str]) -> str:
    """The text with every secret taken out."""
    known = sorted({one for one in secrets if len(one) >= _LEAST_SECRET}, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, known)), "<secret>", text) if known else text
