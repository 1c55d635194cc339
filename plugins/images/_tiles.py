"""A large picture done in overlapping tiles, whose seams are feathered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Canvas", "tiles"]

Tile = tuple[int, int, int, int]
"""Left, top, right and bottom, as Pillow crops."""


def tiles(size: tuple[int, int], side: int, overlap: int) -> Sequence[Tile]:
    """Tiles that cover a picture, row by row, none larger than `side` and each overlapping its neighbours by at least
    `overlap` pixels."""
    across, down = _starts(size[0], side, overlap), _starts(size[1], side, overlap)
    return [(x, y, min(x + side, size[0]), min(y + side, size[1])) for y in down for x in across]


def _starts(length: int, side: int, overlap: int) -> list[int]:
    if length <= side:
        return [0]
    count = -(-(length - overlap) // (side - overlap))
    return [round(number * (length - side) / (count - 1)) for number in range(count)]


class Canvas:
    """What the tiles are put onto, in the order of `tiles`.

    Args:
        size: Of the picture that the tiles were cut from.
        scale: How many times larger what comes of a tile is.
        overlap: As the tiles have it, at least.
    """

    def __init__(self, size: tuple[int, int], scale: int, overlap: int) -> None:
        from PIL import Image as Images

        self._scale, self._seam = scale, overlap * scale
        self.image = Images.new("RGB", (size[0] * scale, size[1] * scale))

    def put(self, tile: Tile, done: Image) -> None:
        """Put what came of a tile into its place; over its neighbours to the left and above it fades in."""
        left, top = tile[0] * self._scale, tile[1] * self._scale
        self.image.paste(done, (left, top), _fading(done.size, self._seam if left else 0, self._seam if top else 0))


def _fading(size: tuple[int, int], left: int, top: int) -> Image:
    """A mask that grows from black to white over so many pixels at its left and at its top."""
    from PIL import Image as Images
    from PIL import ImageChops

    return ImageChops.multiply(
        Images.frombytes("L", (size[0], 1), bytes(_ramp(size[0], left))).resize(size),
        Images.frombytes("L", (1, size[1]), bytes(_ramp(size[1], top))).resize(size),
    )


def _ramp(length: int, over: int) -> Iterator[int]:
    return (255 if at >= over else 255 * (at + 1) // (over + 1) for at in range(length))
