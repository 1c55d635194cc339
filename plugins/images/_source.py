"""The picture and the mask that a drawing begins from, as a pipeline takes them, and the way back to their size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugins._given_images import SourcePicture
from plugins._outcome import ToolError
from plugins.images._picture import open_picture

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MOST_DRAWN", "Begun", "begun"]

MOST_DRAWN = 1536 * 1536
"""Pixels at which a picture is drawn anew; a larger one is drawn smaller and enlarged again, as models draw badly far
above the size that they were trained at, and memory runs out."""
_BLEND, _REPAINT = "blend", "repaint"
_RESAMPLE = 10


@dataclass(frozen=True, slots=True)
class Begun:
    """What a drawing begins from.

    Attributes:
        whole: The picture as it was given, RGB.
        image, mask: Both at the size at which is drawn; the mask is white where it is drawn anew, or None.
        edge: The mask at the size of the whole, black or white; None with it.
        strength: See `SourcePicture`.
        resample: 0 where the mask is not filled by RePaint.
        notes: What was not taken as it was given.
    """

    whole: Image
    image: Image
    mask: Image | None
    edge: Image | None
    strength: float
    resample: int
    notes: tuple[str, ...]

    def finished(self, drawn: Image) -> Image:
        """What was drawn at the size of the whole, and outside of the mask the whole's own pixels."""
        from PIL import Image as Images

        if drawn.size != self.whole.size:
            drawn = drawn.resize(self.whole.size, Images.Resampling.BICUBIC)
        if self.edge is None:
            return drawn
        return Images.composite(drawn.convert("RGB"), self.whole, self.edge)


def begun(
    source: SourcePicture,
    *,
    native: int,
    steps: int,
    usual: float,
    fit: Callable[[tuple[int, int]], tuple[int, int]] | None = None,
) -> Begun:
    """Open and judge a source. `native`: the only side that the model draws at; 0: any that 8 divides. `steps`: of the
    denoising, of which `strength` is the share that is taken; it is `usual` for a whole picture where none is stated.
    `fit` says at which size a picture of some size is drawn, where the model has rules of its own for that.

    Raises:
        ToolError: with what is wrong with it; nothing was loaded for that.
    """
    from PIL import Image as Images

    strength = _strength(source, steps, usual)
    opened = open_picture(source.image, "the picture to begin from")
    notes = list(opened.notes)
    whole = opened.image
    if whole.mode == "RGBA":
        white = Images.new("RGBA", whole.size, "white")
        whole = Images.alpha_composite(white, whole)
        notes.append("what it lets through was made white")
    whole = whole.convert("RGB")
    size = _drawn_size(whole, native) if fit is None else fit(whole.size)
    if size != whole.size:
        notes.append(f"drawn at {size[0]} x {size[1]}, brought back to {whole.width} x {whole.height}")
    edge = None if source.mask is None else _edge(source.mask, whole)
    return Begun(
        whole=whole,
        image=whole.resize(size, Images.Resampling.BOX if size[0] < whole.width else Images.Resampling.BICUBIC),
        mask=None if edge is None else _at(edge, size),
        edge=edge,
        strength=strength,
        resample=_resample(source),
        notes=tuple(notes),
    )


def _strength(source: SourcePicture, steps: int, usual: float) -> float:
    masked = source.mask is not None
    strength = (1.0 if masked else usual) if source.strength is None else source.strength
    if not 0 < strength <= 1:
        raise ToolError(
            f"strength must be above 0 and at most 1, not {strength:g}", hint="0.6 changes much, 0.3 little"
        )
    if int(steps * strength) < 1:
        least = next(count for count in range(steps, 100_000) if int(count * strength) >= 1)
        raise ToolError(
            f"strength {strength:g} of {steps} steps is less than one step, so nothing would change",
            hint=f"at least {least} steps, or a higher strength",
        )
    return strength


def _resample(source: SourcePicture) -> int:
    if source.method not in ("", _BLEND, _REPAINT):
        raise ToolError(f"there is no method {source.method[:40]!r} to fill a mask", hint=f"{_BLEND} or {_REPAINT}")
    if source.method != _REPAINT:
        return 0
    resample = source.resample or _RESAMPLE
    if not 1 <= resample <= 50:
        raise ToolError(f"resample must be from 1 to 50, not {resample}", hint=f"{_RESAMPLE} is usual")
    if source.strength is not None and source.strength < 1:
        raise ToolError("repaint draws the mask from nothing: it takes no strength", hint="leave strength out")
    return resample


def _drawn_size(whole: Image, native: int) -> tuple[int, int]:
    if native:
        if whole.width != whole.height:
            raise ToolError(
                f"the model draws squares only; the picture has {whole.width} x {whole.height}",
                hint="cut it to a square first",
            )
        return native, native
    if min(whole.size) < 8:
        raise ToolError(f"the picture of {whole.width} x {whole.height} is too small to be drawn from")
    shrunk = min(1.0, (MOST_DRAWN / (whole.width * whole.height)) ** 0.5)
    width, height = (max(8, round(side * shrunk / 8) * 8) for side in whole.size)
    return width, height


def _edge(mask: bytes, whole: Image) -> Image:
    opened = open_picture(mask, "the mask").image.convert("L")
    if opened.size != whole.size:
        raise ToolError(
            f"the mask has {opened.width} x {opened.height}, the picture {whole.width} x {whole.height}",
            hint="make the mask as large as the picture",
        )
    edge = opened.point([255 if value > 127 else 0 for value in range(256)])
    darkest, lightest = edge.getextrema()
    if lightest == 0:
        raise ToolError("the mask is empty, so nothing would change", hint="make white what is to be drawn anew")
    if darkest == 255:
        raise ToolError("the mask covers the whole picture", hint="edit_image changes all of a picture")
    return edge


def _at(edge: Image, size: tuple[int, int]) -> Image:
    """The mask at another size: white wherever it has any white, so that nothing of it is left as it was."""
    from PIL import Image as Images

    if size == edge.size:
        return edge
    return edge.resize(size, Images.Resampling.BOX).point([255 if value > 0 else 0 for value in range(256)])
