"""Edges of a picture, thin and white on black, as Canny finds them (1986): smoothed, its steepest places, of these only
the ridges, and of weak ridges those that go on from strong ones. With Pillow alone, in whole pictures at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["edges"]

_WEAK, _STRONG = 10, 22  # of 255, the mean of both slopes over four pixels
_ACROSS = (-1, 0, 1, -2, 0, 2, -1, 0, 1)
_DOWN = (1, 2, 1, 0, 0, 0, -1, -2, -1)  # Pillow turns kernels upside down
_STEEP = 2.414  # the tangent of 67.5 degrees: from there on a slope counts as straight


def edges(image: Image, *, blur: float = 1.2, weak: int = _WEAK, strong: int = _STRONG) -> Image:
    """White lines on black, one pixel wide, of the picture's size.

    Args:
        image: Of any mode.
        blur: The radius in pixels of what is taken for noise.
        weak: From this slope on, of 255, a line goes on that began elsewhere.
        strong: From this slope on a line begins.
    """
    from PIL import Image as Images
    from PIL import ImageChops, ImageFilter, ImageOps

    # A border of the picture's own pixels keeps the frame from being an edge.
    around = ImageOps.expand(image.convert("L"), 2)
    around.paste(image.convert("L").resize(around.size, Images.Resampling.NEAREST))
    around.paste(image.convert("L"), (2, 2))
    smooth = around.filter(ImageFilter.GaussianBlur(blur))

    def slope(kernel: tuple[int, ...], sign: int) -> Image:
        return smooth.filter(ImageFilter.Kernel((3, 3), [sign * one for one in kernel], scale=4))

    right, left = slope(_ACROSS, 1), slope(_ACROSS, -1)
    below, above = slope(_DOWN, 1), slope(_DOWN, -1)
    across, down = ImageChops.lighter(right, left), ImageChops.lighter(below, above)
    steep = ImageChops.add(across, down, scale=2)
    ridges = _ridges(steep, across, down, _same_way(right, left, below, above))
    ridges = ridges.crop((2, 2, 2 + image.width, 2 + image.height))
    return _followed(ridges, weak, strong)


def _same_way(right: Image, left: Image, below: Image, above: Image) -> Image:
    """White where the slope goes right and down, or left and up."""
    from PIL import ImageChops

    def on(one: Image) -> Image:
        return one.point([0, *([255] * 255)])

    both = ImageChops.darker(on(right), on(below))
    return ImageChops.lighter(both, ImageChops.darker(on(left), on(above)))


def _ridges(steep: Image, across: Image, down: Image, same: Image) -> Image:
    """The slope where it is steepest along its own direction; 0 elsewhere."""
    from PIL import Image as Images
    from PIL import ImageChops

    def larger(one: Image, other: Image) -> Image:
        """White where the first is larger than the other, times the tangent."""
        scaled = other.point([min(255, int(value * _STEEP)) for value in range(256)])
        return ImageChops.subtract(one, scaled).point([0, *([255] * 255)])

    flat, upright = larger(across, down), larger(down, across)
    leaning = ImageChops.invert(ImageChops.lighter(flat, upright))
    ways = (
        ((1, 0), flat),
        ((0, 1), upright),
        ((1, 1), ImageChops.darker(leaning, same)),
        ((1, -1), ImageChops.darker(leaning, ImageChops.invert(same))),
    )
    ridges = Images.new("L", steep.size, 0)
    for (dx, dy), there in ways:
        # Of two that are equal the first counts, so that a line stays thin.
        before = ImageChops.subtract(ImageChops.offset(steep, dx, dy), steep, offset=1)
        behind = ImageChops.subtract(ImageChops.offset(steep, -dx, -dy), steep)
        lower = ImageChops.lighter(before, behind).point([255, *([0] * 255)])
        ridges = ImageChops.lighter(ridges, ImageChops.darker(steep, ImageChops.darker(lower, there)))
    return ridges


def _followed(ridges: Image, weak: int, strong: int) -> Image:
    """White where a ridge is strong, or weak and joined to a strong one."""
    from PIL import Image as Images

    width, height = ridges.size
    wide = width + 2  # a frame, so that neighbours need not be looked for beyond the picture
    framed = Images.new("L", (wide, height + 2), 0)
    framed.paste(ridges.point([0] * weak + [1] * (strong - weak) + [255] * (256 - strong)), (1, 1))
    pixels = bytearray(framed.tobytes())
    around = (-wide - 1, -wide, -wide + 1, -1, 1, wide - 1, wide, wide + 1)
    ends = [found.start() for found in re.finditer(b"\xff", bytes(pixels))]
    while ends:
        at = ends.pop()
        for step in around:
            if pixels[at + step] == 1:
                pixels[at + step] = 255
                ends.append(at + step)
    found = Images.frombytes("L", framed.size, bytes(pixels)).crop((1, 1, width + 1, height + 1))
    return found.point([255 if value == 255 else 0 for value in range(256)])
