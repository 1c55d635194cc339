"""The back-end that needs no model: it draws the demo's little world exactly, by rule, and refuses everything else.

It is no diffusion model and never says that it is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from plugins._given_images import Drawing, Drawn
from plugins._outcome import ToolError
from plugins.images._backend import Backend, Commission, State
from plugins.images._made import made
from plugins.images._prompts import WORLD
from plugins.images._recipe import Recipe
from plugins.images._scene_telling import hint_for
from plugins.images._scene_words import NotAScene, scene_of
from plugins.images._scenes import Scene, render

__all__ = ["DrawBackend"]

NAME = "draw"
_SIDE, _LEAST, _MOST = 256, 32, 2048  # pixels
_OR = "or have a model draw: pip install 'thinkact[images]' and name one in THINKACT_IMAGE_MODEL"


class DrawBackend(Backend):
    """Draws coloured shapes with Pillow."""

    @property
    def state(self) -> State:
        """See `Backend`."""
        why = f"by rule, with no model: {WORLD}"
        return State(name=NAME, works=True, why=why, abilities=frozenset({"generate"}), world=WORLD)

    def draw(self, wanted: Commission) -> Iterator[Drawn]:
        """See `Backend`."""
        drawing = wanted.drawing
        scene, side = _scene(drawing.prompt), _side(drawing)
        notes = tuple(_passed_over(drawing))
        for number, seed in enumerate(wanted.seeds):
            if wanted.cancelled():
                return
            recipe = Recipe(
                tool=wanted.tool,
                backend=NAME,
                prompt=drawing.prompt,
                negative_prompt=drawing.negative_prompt,
                seed=seed,
                width=side,
                height=side,
                parents=tuple(wanted.parents),
            )
            yield made(render(scene, side), recipe, notes)
            wanted.progress(number + 1, len(wanted.seeds))


def _scene(prompt: str) -> Scene:
    try:
        return scene_of(prompt)
    except NotAScene as error:
        raise ToolError(
            f"the back-end draw cannot draw this ({error}): {WORLD}",
            hint=f"{hint_for(prompt)}, {_OR}",
            kind="not-here",
        ) from error


def _side(drawing: Drawing) -> int:
    width, height = drawing.width or drawing.height or _SIDE, drawing.height or drawing.width or _SIDE
    if width != height:
        raise ToolError(
            f"the back-end draw draws squares only, not {width} x {height}", hint="leave size out, or 256x256"
        )
    if not _LEAST <= width <= _MOST:
        raise ToolError(f"a side of {width} pixels is not drawn by draw", hint=f"from {_LEAST} to {_MOST}")
    return width


def _passed_over(drawing: Drawing) -> Iterator[str]:
    given = {
        "negative_prompt": drawing.negative_prompt,
        "steps": drawing.steps,
        "guidance_scale": drawing.guidance_scale is not None,
        "scheduler": drawing.scheduler,
        "model": drawing.model,
    }
    meant = [name for name, value in given.items() if value]
    if meant:
        yield f"draw has no model, so it passes over {', '.join(meant)}"
    if drawing.count > 1:
        yield "draw draws by rule: all pictures of one prompt are alike"
