"""What of a picture is to be drawn anew, as people say it: a picture of it, a box, a colour, or words."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugins._contract import Artifact, Context, ToolError
from plugins.images._colours import colour_of
from plugins.images._given import picture_of
from plugins.images._keeping import images_of, keep_beside
from plugins.images._picture import as_file
from plugins.images._recipe import Recipe
from plugins.images._strokes import places

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Masked", "mask_of"]

_COLOUR = re.compile(
    r"\s*(?:colou?r|颜色|顏色)\s*[:：]?\s*(?P<colour>[^~±]+?)\s*(?:[~±]\s*(?P<within>\d{1,3}))?\s*", re.I
)
_FILE = re.compile(r"[^\s/]\.(?:png|jpe?g|webp|gif|bmp|tiff?)$|^(?:a-)?[0-9a-f]{12,}$", re.IGNORECASE)
_WITHIN = 40  # of 255, in each of red, green and blue
_WAYS = "name a mask's file, a box as x,y,width,height, or a colour as 'colour red ~40'"


@dataclass(frozen=True, slots=True)
class Masked:
    """A mask's file, what it was made from, how it was found, and the artifact where it was made here."""

    content: bytes
    parents: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    beside: tuple[Artifact, ...] = ()


def mask_of(text: str, image: Image, context: Context, *, parents: Sequence[tuple[str, str]]) -> Masked:
    """The mask that a text means for a picture. One that is made here is kept as an artifact, so that it can be looked
    at and used again.

    Args:
        text: The name of a mask's file; "x,y,width,height" in pixels or percents; "colour red ~40"; or words.
        image: The picture, upright and RGB.
        context: The tool's.
        parents: The picture that it is for, as the mask's own file is to tell.

    Raises:
        ToolError: nothing is found that it could mean.
    """
    wanted = text.strip()
    if not wanted:
        raise ToolError("no mask is named", hint=_WAYS)
    box, colour = places(wanted, image.size), _COLOUR.fullmatch(wanted)
    if box is not None:
        return _made(_boxed(image, [_box(box, wanted)]), wanted, "box", context, parents)
    if colour is not None:
        within = _WITHIN if colour["within"] is None else min(255, int(colour["within"]))
        return _made(_coloured(image, colour_of(colour["colour"]), within), wanted, "colour", context, parents)
    if _FILE.search(wanted) or context.workspace.exists(wanted):
        content, named = picture_of(wanted, context)
        return Masked(content, named)
    return _by_words(wanted, image, context, parents)


def _box(at: Sequence[float], text: str) -> tuple[float, float, float, float]:
    if len(at) != 4 or min(at[2:]) <= 0:
        raise ToolError(f"mask {text[:60]!r} is no box", hint="write x,y,width,height, in pixels or percents")
    return at[0], at[1], at[2], at[3]


def _boxed(image: Image, boxes: Sequence[tuple[float, float, float, float]]) -> Image:
    from PIL import Image as Images
    from PIL import ImageDraw

    mask = Images.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    for x, y, width, height in boxes:
        pen.rectangle((round(x), round(y), round(x + width) - 1, round(y + height) - 1), fill=255)
    if mask.getbbox() is None:
        raise ToolError(f"the box lies outside of the picture of {image.width} x {image.height}", hint=_WAYS)
    return mask


def _coloured(image: Image, colour: tuple[int, int, int], within: int) -> Image:
    """All pixels whose red, green and blue are each near enough."""
    from PIL import Image as Images
    from PIL import ImageChops

    apart = ImageChops.difference(image, Images.new("RGB", image.size, colour)).split()
    furthest = ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2])
    mask = furthest.point([255 if value <= within else 0 for value in range(256)])
    if mask.getbbox() is None:
        nearest = furthest.getextrema()[0]
        raise ToolError(
            f"nothing of the picture has the colour {colour} within {within}", hint=f"the nearest is ~{nearest} away"
        )
    return mask


def _by_words(text: str, image: Image, context: Context, parents: Sequence[tuple[str, str]]) -> Masked:
    """Boxes around what the words name."""
    images = images_of(context)
    if "find" not in images.abilities():
        raise ToolError(
            f"mask {text[:60]!r} is no file, box or colour, and nothing here finds things in pictures by words",
            hint=_WAYS,
            kind="not-here",
        )
    content = io.BytesIO()
    image.save(content, "PNG")
    found = images.find(content.getvalue(), [text])
    if not found:
        raise ToolError(f"nothing like {text[:60]!r} was found in the picture", hint=_WAYS)
    mask = _boxed(image, [(one.x, one.y, one.width, one.height) for one in found])
    places_found = ", ".join(f"{one.x},{one.y},{one.width},{one.height}" for one in found)
    note = f"{text} was found at {places_found} by {found[0].by}"
    return _made(mask, text, "words", context, parents, note)


def _made(
    mask: Image, text: str, how: str, context: Context, parents: Sequence[tuple[str, str]], *notes: str
) -> Masked:
    recipe = Recipe(
        tool="inpaint_image",
        backend="mask",
        width=mask.width,
        height=mask.height,
        arguments={"mask": text, "by": how},
        parents=tuple(parents),
    )
    content = as_file(mask, recipe)
    artifact = keep_beside(content, "mask", context)
    share = sum(mask.histogram()[128:]) / (mask.width * mask.height)
    said = f"the mask {artifact.handle} ({how}: {text[:60]}) is {share:.1%} of the picture"
    return Masked(content, ((artifact.handle, artifact.sha256),), (*notes, said), (artifact,))
