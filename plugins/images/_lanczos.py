"""Pictures enlarged by rule: quick, anywhere, and with nothing in them that was not there."""

from __future__ import annotations

from plugins._given_images import Drawn
from plugins._outcome import ToolError
from plugins.images._backend import Backend, Enlargement, State
from plugins.images._made import made
from plugins.images._picture import MOST_PIXELS, open_picture
from plugins.images._recipe import Recipe

__all__ = ["LanczosBackend"]

NAME = "lanczos"


class LanczosBackend(Backend):
    """Enlarges with Pillow."""

    @property
    def state(self) -> State:
        """See `Backend`."""
        why = "by rule: it enlarges, and adds nothing that the picture does not hold"
        return State(name=NAME, works=True, why=why, abilities=frozenset({"upscale"}))

    def upscale(self, wanted: Enlargement) -> Drawn:
        """See `Backend`."""
        opened = open_picture(wanted.image, "the picture to enlarge")
        width, height = (side * wanted.scale for side in opened.image.size)
        if width * height > MOST_PIXELS:
            raise ToolError(f"{width} x {height} would be too many pixels", hint="take a smaller scale")
        recipe = Recipe(
            tool="upscale_image",
            backend=NAME,
            width=width,
            height=height,
            arguments={"scale": wanted.scale, "method": NAME},
            parents=tuple(wanted.parents),
        )
        wanted.progress(1, 1)
        large = opened.image.resize((width, height), 1)  # 1 is Pillow's LANCZOS
        return made(large, recipe, [*opened.notes, "enlarged by rule (Lanczos), not by a model"])
