"""Colours as people name them."""

from __future__ import annotations

import re

from plugins._outcome import ToolError

__all__ = ["colour_of"]

_SIGNS = {
    "red": ("红", "紅"),
    "orange": ("橙", "橘"),
    "yellow": ("黄", "黃"),
    "green": ("绿", "綠"),
    "blue": ("蓝", "藍"),
    "purple": ("紫",),
    "black": ("黑",),
    "white": ("白",),
    "gray": ("灰",),
    "pink": ("粉", "粉红"),
    "brown": ("棕", "褐"),
    "cyan": ("青",),
}
_CHINESE = {sign: name for name, signs in _SIGNS.items() for sign in signs}


def colour_of(text: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour: its name in English (as CSS has it) or Chinese, or #rgb or #rrggbb.

    Raises:
        ToolError: it is none.
    """
    from PIL import ImageColor

    wanted = text.strip()
    try:
        found = ImageColor.getrgb(_CHINESE.get(re.sub("色$", "", wanted), wanted.lower()))
    except ValueError as error:
        raise ToolError(f"{wanted[:40]!r} is no colour that is known", hint="such as red, 红色 or #ff8800") from error
    return found[0], found[1], found[2]
