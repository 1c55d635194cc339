"""Pictures moved by one affine matrix: zoomed and turned about their middle, and shifted; and two of them blended."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from plugins._outcome import ToolError
from plugins.images._keyframes import Curve

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

__all__ = ["BORDERS", "Motion", "blended", "warped"]

BORDERS = ("replicate", "wrap")
"""What is seen where the picture ends: its last row of pixels on and on, or the picture anew."""
_ZOOMS = (0.01, 100.0)
_FARTHEST = 100_000.0  # pixels and degrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """How the picture moves from each frame to the next: `zoom` times as large, turned by `angle` degrees against the
    clock, shifted by `move_x` pixels to the right and `move_y` down. First it is shifted, then turned and zoomed, as
    in Deforum."""

    zoom: Curve
    angle: Curve
    move_x: Curve
    move_y: Curve

    def judge(self, frames: int) -> None:
        """Refuse what no frame can be moved by.

        Raises:
            ToolError: it names the frame.
        """
        for frame in range(1, frames):
            zoom = self.zoom.at(frame)
            if not _ZOOMS[0] <= zoom <= _ZOOMS[1]:
                raise ToolError(
                    f"zoom must be from {_ZOOMS[0]:g} to {_ZOOMS[1]:g}, not {zoom:g} as at frame {frame}",
                    hint="1 is no change, 1.02 a slow zoom in",
                )
            for curve in (self.angle, self.move_x, self.move_y):
                if abs(curve.at(frame)) > _FARTHEST:
                    raise ToolError(f"{curve.name} is beyond {_FARTHEST:g} at frame {frame}", hint="take less")

    def between(self, size: tuple[int, int], frames: Iterable[int]) -> np.ndarray[Any, Any]:
        """The matrix that moves a picture of this size through these frames, from where it was before the first."""
        import numpy as np

        return reduce(lambda so_far, frame: self._step(size, frame) @ so_far, frames, np.eye(3))

    def _step(self, size: tuple[int, int], frame: int) -> np.ndarray[Any, Any]:
        import numpy as np

        x, y = size[0] / 2, size[1] / 2
        turn, zoom = math.radians(self.angle.at(frame)), self.zoom.at(frame)
        cos, sin = zoom * math.cos(turn), zoom * math.sin(turn)
        shift = np.array([[1, 0, self.move_x.at(frame)], [0, 1, self.move_y.at(frame)], [0, 0, 1]])
        turned = np.array([[cos, sin, x - cos * x - sin * y], [-sin, cos, y + sin * x - cos * y], [0, 0, 1]])
        moved: np.ndarray[Any, Any] = turned @ shift
        return moved


def warped(image: Image, matrix: np.ndarray[Any, Any], border: str) -> Image:
    """The picture (RGB) moved by a matrix, at the same size, between pixels bilinear. `border`: one of `BORDERS`."""
    import numpy as np
    from PIL import Image as Images

    if np.allclose(matrix, np.eye(3)):
        return image.copy()
    back = np.linalg.inv(matrix)
    width, height = image.size
    across, down = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    x = back[0, 0] * across + back[0, 1] * down + back[0, 2] - 0.5
    y = back[1, 0] * across + back[1, 1] * down + back[1, 2] - 0.5
    left, top = np.floor(x), np.floor(y)
    right_share, lower_share = (x - left)[..., None], (y - top)[..., None]
    pixels = np.asarray(image, dtype=np.float32)

    def at(column: Any, row: Any) -> Any:
        if border == "wrap":
            return pixels[np.mod(row, height).astype(int), np.mod(column, width).astype(int)]
        return pixels[np.clip(row, 0, height - 1).astype(int), np.clip(column, 0, width - 1).astype(int)]

    upper = at(left, top) * (1 - right_share) + at(left + 1, top) * right_share
    lower = at(left, top + 1) * (1 - right_share) + at(left + 1, top + 1) * right_share
    mixed = upper * (1 - lower_share) + lower * lower_share
    return Images.fromarray(np.clip(np.rint(mixed), 0, 255).astype(np.uint8))


def blended(one: Image, other: Image, share: float) -> Image:
    """Both pictures at once, `share` of the other."""
    from PIL import Image as Images

    return Images.blend(one, other, share)
