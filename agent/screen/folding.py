"""Lines as a terminal shows them: how wide a text is at most, and where it is folded, so that the terminal need not.

What a terminal wraps by itself begins at its edge; so nothing foreign is left for it to wrap.
"""

from __future__ import annotations

import re

from rich.cells import get_character_cell_size

_WIDENING = "\ufe0f"
"""Asks for the picture in place of the letter before it, which is wider by one column."""
_ALONE = re.compile("[\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")
"""Halves of flags and colours of skin: where a terminal does not join them, each stands for itself."""


def folded(text: str, width: int, frame: str) -> list[str]:
    """A line as the lines that a terminal of this width shows, each but the first begun with `frame`.

    Tabs become spaces. It is folded at a space where there is one, which goes; all else stays.
    """
    room = max(8, width - columns(frame))
    head, rest = _head(text.expandtabs(4), max(8, width))
    pieces = [head]
    while rest:
        head, rest = _head(rest, room)
        pieces.append(f"{frame}{head}")
    return pieces


def _head(text: str, room: int) -> tuple[str, str]:
    """What of a text fits into so many columns, and what is left."""
    taken = 0
    for place, one in enumerate(text):
        taken += _columns_of(one)
        if taken > room:
            space = text.rfind(" ", 0, place + 1)
            if text[: max(space, 0)].strip(" │"):
                return text[:space], text[space + 1 :]
            return text[:place], text[place:]
    return text, ""


def columns(text: str) -> int:
    """The most columns that a terminal may take for a text: some join or widen characters, others do not."""
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if character == _WIDENING:
        return 1
    return 2 if _ALONE.match(character) else max(0, get_character_cell_size(character))


def tail(text: str, room: int) -> str:
    """The end of a text, in at most so many columns: what was said last is what is new."""
    if columns(text) <= room:
        return text
    kept = text[-room:]
    while columns(kept) >= room:
        kept = kept[1:]
    return f"…{kept}"
