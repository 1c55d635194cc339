"""Several pictures on one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugins._outcome import ToolError
from plugins.images._picture import MOST_PIXELS

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["grid_of"]

_GAP = 4  # pixels between two pictures
_GROUND = (255, 255, 255)


def grid_of(pictures: Sequence[Picture], *, columns: int = 0) -> Picture:
    """Pictures row by row, each within a cell of the first one's size: made smaller where it is larger, never changed
    in shape. `columns` 0: as square as it goes.

    Raises:
        ToolError: there is none, or the whole would have more than `MOST_PIXELS`.
    """
    from PIL import Image

    if not pictures:
        raise ToolError("there are no pictures to put together", hint="name at least one")
    across = min(columns or math.ceil(math.sqrt(len(pictures))), len(pictures))
    down = math.ceil(len(pictures) / across)
    width, height = pictures[0].size
    whole = (across * (width + _GAP) - _GAP, down * (height + _GAP) - _GAP)
    if whole[0] * whole[1] > MOST_PIXELS:
        raise ToolError(
            f"the sheet would have {whole[0]} x {whole[1]} pixels; {MOST_PIXELS:,} are the most",
            hint="take fewer or smaller pictures, a small one first",
        )
    sheet = Image.new("RGB", whole, _GROUND)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, across)
        shown = picture if picture.size == (width, height) else _within(picture, width, height)
        left = column * (width + _GAP) + (width - shown.width) // 2
        top = row * (height + _GAP) + (height - shown.height) // 2
        sheet.paste(shown, (left, top), shown if shown.mode == "RGBA" else None)
    return sheet


def _within(picture: Picture, width: int, height: int) -> Picture:
    scale = min(width / picture.width, height / picture.height)
    from PIL.Image import Resampling

    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Resampling.LANCZOS)
