"""Films as Deforum makes them: each frame is the one before, moved a little and then drawn anew in part."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from plugins._given_images import Drawing, Drawn, Images, SourcePicture
from plugins._outcome import ToolError
from plugins.images._backend import never
from plugins.images._colour_match import SPACES, Colours
from plugins.images._keyframes import Curve, Script
from plugins.images._picture import open_picture
from plugins.images._warping import BORDERS, Motion, blended, warped

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MOST_FRAMES", "SEED_MODES", "TOOL", "Animation", "flat", "slides"]

TOOL = "animate_images"
MOST_FRAMES = 600
SEED_MODES = ("iter", "fixed", "random")
_SEEDS = 2**32
_LARGEST = 2048  # pixels of a frame's side
_BY_RULE = frozenset({"demo", "diffusers", "draw"})  # whom it costs nothing to ask whether they could draw something


@dataclass(kw_only=True)
class Animation:
    """A film that is to be drawn.

    Attributes:
        drawing: What all frames have in common; each frame's prompt, seed and source are put in its place.
        strength: How much of each frame is drawn anew; None: as the model does where nothing is said.
        seed: Of the first frame; "iter" takes the next number for each, "random" one by a lot that the seed decides.
        cadence: Only every so many frames one is drawn (and the last); those between are moved and blended.
        colour_match: The space in which all frames get the colours of the first, before they are drawn: see `SPACES`.
        border: See `BORDERS`.
        begin: The first frame; None: it is drawn.
        parents: See `Images.draw`.
        cancelled: Asked between steps; where it says yes, the film ends there.
        last: Once it is drawn, the frame that was drawn last, with by whom.
        ended: Why it ended early; "" where it did not.
    """

    drawing: Drawing
    script: Script
    motion: Motion
    frames: int
    seed: int
    strength: Curve | None = None
    seed_mode: str = "iter"
    cadence: int = 1
    colour_match: str = "none"
    border: str = "replicate"
    begin: Image | None = None
    parents: Sequence[tuple[str, str]] = ()
    cancelled: Callable[[], bool] = field(default=never)
    last: Drawn | None = None
    ended: str = ""

    def judge(self, images: Images) -> None:
        """Refuse what cannot be drawn, before anything is.

        Raises:
            ToolError: with the reason.
        """
        judge_common(self.frames, self.border)
        if not 1 <= self.cadence <= self.frames:
            raise ToolError(f"cadence must be from 1 to {self.frames}, not {self.cadence}", hint="2 draws every second")
        for name, value, known in (
            ("seed_mode", self.seed_mode, SEED_MODES),
            ("colour_match", self.colour_match, SPACES),
        ):
            if value not in known:
                raise ToolError(f"there is no {name} {value[:40]!r}", hint=f"one of {', '.join(known)}")
        self.motion.judge(self.frames)
        self._judge_strength()
        able = images.abilities()
        for need in ("edit",) if self.begin is not None else ("generate", "edit"):
            if need not in able:
                doing = "change" if need == "edit" else "generate"
                raise ToolError(
                    f"nothing here can {doing} pictures, so no film can be drawn",
                    hint="give finished pictures in images for a slide show; thinkact images status tells more",
                    kind="not-here",
                )
        if able.get("generate") in _BY_RULE:
            for words in self.script.used(self.frames):
                # Given up before it begins, a drawing is judged and not made.
                list(images.draw(replace(self.drawing, prompt=words, seed=0), tool=TOOL, cancelled=lambda: True))

    def _judge_strength(self) -> None:
        for frame in range(1, self.frames) if self.strength is not None else ():
            strength = self.strength.at(frame) if self.strength is not None else 1
            if not 0 < strength <= 1:
                raise ToolError(
                    f"strength must be above 0 and at most 1, not {strength:g} as at frame {frame}",
                    hint="0.6 changes much, 0.3 little",
                )
            steps = self.drawing.steps
            if steps and int(steps * strength) < 1:
                raise ToolError(
                    f"strength {strength:g} of {steps} steps, as at frame {frame}, is less than one step",
                    hint="take more steps, or a higher strength",
                )

    def pictures(self, images: Images) -> Iterator[Image]:
        """The frames, one by one; no more than three are in memory.

        Where it is given up, or a frame cannot be drawn after the second, those that are done have come, and `ended`
        says why.
        """
        seeds = self._seeds()
        first = self.begin or self._drawn(images, 0, next(seeds), None)
        if first is None:
            return
        yield first
        colours = Colours.of(first, self.colour_match)
        keys = sorted({*range(0, self.frames, self.cadence), self.frames - 1})
        before, size = first, first.size
        for start, end in pairwise(keys):
            moved = warped(before, self.motion.between(size, range(start + 1, end + 1)), self.border)
            try:
                drawn = self._drawn(images, end, next(seeds), colours.given_to(moved))
            except ToolError as error:
                if start == 0:
                    raise
                self.ended = f"frame {end} could not be drawn: {error.message}"
                return
            if drawn is None:
                return
            for frame in range(start + 1, end):
                yield self._between(before, drawn, start, frame, end)
            yield drawn
            before = drawn

    def _between(self, before: Image, behind: Image, start: int, frame: int, end: int) -> Image:
        import numpy as np

        on = warped(before, self.motion.between(before.size, range(start + 1, frame + 1)), self.border)
        back = np.linalg.inv(self.motion.between(before.size, range(frame + 1, end + 1)))
        return blended(on, warped(behind, back, self.border), (frame - start) / (end - start))

    def _drawn(self, images: Images, frame: int, seed: int, source: Image | None) -> Image | None:
        """A frame; None where it was given up."""
        drawing = replace(self.drawing, prompt=self.script.at(frame), seed=seed, count=1)
        if source is not None:
            strength = None if self.strength is None else self.strength.at(frame)
            drawing = replace(drawing, width=0, height=0, source=SourcePicture(image=_png(source), strength=strength))
        try:
            drawn = next(iter(images.draw(drawing, tool=TOOL, parents=self.parents, cancelled=self.cancelled)), None)
        except ToolError as error:
            if error.kind != "cancelled":
                raise
            drawn = None
        if drawn is None:
            self.ended = "given up"
            return None
        self.last = drawn
        return flat(open_picture(drawn.content, f"frame {frame}").image)

    def _seeds(self) -> Iterator[int]:
        chance = random.Random(self.seed)
        seed = self.seed
        while True:
            yield seed
            if self.seed_mode == "iter":
                seed = (seed + 1) % _SEEDS
            elif self.seed_mode == "random":
                seed = chance.randrange(_SEEDS)


def slides(
    pictures: Sequence[bytes], names: Sequence[str], motion: Motion, frames: int, border: str
) -> Iterator[Image]:
    """A film of finished pictures, each for the same time, moved from its first frame on; nothing is drawn. All have
    the size of the first, smaller or larger ones within it."""
    from PIL import ImageOps

    size: tuple[int, int] | None = None
    for number, (content, name) in enumerate(zip(pictures, names, strict=True)):
        shown = flat(open_picture(content, name).image)
        size = size or shown.size
        shown = shown if shown.size == size else ImageOps.pad(shown, size, color="white")
        begin, end = (frames * (number + more) // len(pictures) for more in (0, 1))
        for frame in range(begin, end):
            yield warped(shown, motion.between(size, range(begin + 1, frame + 1)), border)


def judge_common(frames: int, border: str) -> None:
    """Refuse what no film has.

    Raises:
        ToolError: with the reason.
    """
    if not 2 <= frames <= MOST_FRAMES:
        raise ToolError(f"frames must be from 2 to {MOST_FRAMES}, not {frames}")
    if border not in BORDERS:
        raise ToolError(f"there is no border {border[:40]!r}", hint=f"one of {', '.join(BORDERS)}")


def flat(image: Image) -> Image:
    """A picture as a frame: RGB, on white where it lets something through, and no larger than a film has it."""
    from PIL import Image as Images

    if image.mode == "RGBA":
        image = Images.alpha_composite(Images.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    if max(image.size) > _LARGEST:
        image.thumbnail((_LARGEST, _LARGEST))
    return image


def _png(image: Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=1)
    return written.getvalue()
