"""A stick figure as OpenPose draws it and ControlNets for poses read it: a colour for each limb, on black."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

from plugins._outcome import ToolError
from plugins.images._strokes import places

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

__all__ = ["JOINTS", "figure"]

JOINTS = (
    *("nose", "neck", "right shoulder", "right elbow", "right wrist", "left shoulder", "left elbow", "left wrist"),
    *("right hip", "right knee", "right ankle", "left hip", "left knee", "left ankle"),
    *("right eye", "left eye", "right ear", "left ear"),
)
"""The order of the points of a figure."""
_LIMBS = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),
    *((1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
)
_MOST = 20  # figures
_HINT = f"write x,y for each joint and - for one that is not seen, in this order: {', '.join(JOINTS)}"


def figure(points: str, size: tuple[int, int]) -> Image:
    """The figures, on black.

    Args:
        points: "x,y" for each joint with blanks between, in pixels or percents, and "-" for one that is not seen; of
            several figures all 18 joints of each, one figure after another.
        size: Of the picture.

    Raises:
        ToolError: they are none, or show nothing.
    """
    from PIL import Image as Images
    from PIL.ImageDraw import Draw

    told = [_point(one, size) for one in points.split()]
    if (len(told) > len(JOINTS) and len(told) % len(JOINTS)) or len(told) > _MOST * len(JOINTS):
        raise ToolError(f"{len(told)} points are no figures of {len(JOINTS)} joints each", hint=_HINT)
    made = Images.new("RGB", size, "black")
    pen = Draw(made)
    for first in range(0, len(told), len(JOINTS)):
        _draw(pen, dict(enumerate(told[first : first + len(JOINTS)])), max(2.0, min(size) / 128))
    if made.getbbox() is None:
        raise ToolError("the points show no figure within the picture", hint=_HINT)
    return made


def _point(text: str, size: tuple[int, int]) -> tuple[float, float] | None:
    if text == "-":
        return None
    at = places(text, size)
    if at is None or len(at) != 2:
        raise ToolError(f"{text[:40]!r} is no point", hint=_HINT)
    return at[0], at[1]


def _draw(pen: ImageDraw, joints: dict[int, tuple[float, float] | None], thick: float) -> None:
    for number, (start, end) in enumerate(_LIMBS):
        ends = joints.get(start), joints.get(end)
        if ends[0] is not None and ends[1] is not None:
            pen.line((*ends[0], *ends[1]), fill=_colour(number, 0.6), width=round(2 * thick))
    for number, at in joints.items():
        if at is not None:
            pen.circle(at, thick, fill=_colour(number, 1.0))


def _colour(number: int, light: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(number / len(JOINTS), 1.0, light)
    return round(red * 255), round(green * 255), round(blue * 255)
