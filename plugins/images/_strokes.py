"""Strokes painted on a picture, from which it is then drawn anew (SDEdit)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugins._outcome import ToolError
from plugins.images._colours import colour_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

__all__ = ["painted", "places"]

_STROKE = re.compile(
    r"\s*(?P<colour>.+?)\s*(?P<kind>\bline|\bcircle|\bdot|\bbox|\brectangle|直?线条?|圆[形圈点]?|[方矩]形?框?)\s+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_WIDTH = re.compile(r"(?:\bwidth|宽度?|粗细?)\s*[:：=]?\s*(\d{1,4})\s*$", re.IGNORECASE)
_NUMBERS = re.compile(r"(?:\s*-?\d{1,6}(?:\.\d+)?\s*%?\s*(?:[,，;；]|\s|$))+")
_NUMBER = re.compile(r"(-?\d{1,6}(?:\.\d+)?)\s*(%?)")
_MOST = 500
_HINT = 'such as "red line 10,20 100,20 width 8", "#00ff00 circle 128,128 40" or "blue box 10%,10%,50%,50%"'


def painted(image: Image, strokes: Sequence[str]) -> Image:
    """The picture with strokes on it, the last on top.

    Args:
        image: An RGB picture; it stays as it is.
        strokes: A line through points; a circle by its middle and radius; a box by its left upper corner, width and
            height; each behind its colour. In pixels, or in percents of the picture.

    Raises:
        ToolError: one is none, or nothing of them lies within the picture.
    """
    from PIL import ImageChops
    from PIL.ImageDraw import Draw

    if len(strokes) > _MOST:
        raise ToolError(f"{len(strokes)} strokes are too many", hint=f"{_MOST} are the most")
    made = image.copy()
    pen = Draw(made)
    for number, stroke in enumerate(strokes, 1):
        _paint(pen, image.size, stroke, number)
    if ImageChops.difference(made, image).getbbox() is None:
        raise ToolError("the strokes change nothing of the picture", hint="paint within it, in another colour")
    return made


def places(text: str, size: tuple[int, int]) -> list[float] | None:
    """Numbers as they stand in a text, across and down by turns, in pixels; None where there is something else."""
    if not text.strip() or _NUMBERS.fullmatch(text) is None:
        return None
    found = _NUMBER.findall(text)
    return [float(one) * (size[at % 2] / 100 if percent else 1) for at, (one, percent) in enumerate(found)]


def _paint(pen: ImageDraw, size: tuple[int, int], stroke: str, number: int) -> None:
    found = _STROKE.fullmatch(stroke)
    if found is None:
        raise ToolError(f"stroke {number} is none: {stroke[:60]!r}", hint=_HINT)
    colour, kind, rest = colour_of(found["colour"]), found["kind"].lower(), found["rest"]
    wide = _WIDTH.search(rest)
    width = int(wide[1]) if wide else max(1, min(size) // 32)
    at = places(rest[: wide.start()] if wide else rest, size) or []
    if "line" in kind or "线" in kind:
        if len(at) < 4 or len(at) % 2 or width < 1:
            raise ToolError(f"stroke {number} is no line through points: {stroke[:60]!r}", hint=_HINT)
        pen.line(at, fill=colour, width=width, joint="curve")
        for x, y in (at[:2], at[-2:]):
            pen.circle((x, y), (width - 1) / 2, fill=colour)
    elif kind in ("circle", "dot") or "圆" in kind:
        if len(at) != 3 or at[2] <= 0:
            raise ToolError(f"stroke {number} is no circle with middle and radius: {stroke[:60]!r}", hint=_HINT)
        pen.circle((at[0], at[1]), at[2], fill=colour)
    else:
        if len(at) != 4 or min(at[2:]) <= 0:
            raise ToolError(f"stroke {number} is no box of x,y,width,height: {stroke[:60]!r}", hint=_HINT)
        pen.rectangle((at[0], at[1], at[0] + at[2] - 1, at[1] + at[3] - 1), fill=colour)
