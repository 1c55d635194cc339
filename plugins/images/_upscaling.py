"""Pictures enlarged by a diffusion model, which makes up what they do not hold (as SR3 does), in tiles."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._given_images import Drawn
from plugins._outcome import ToolError
from plugins.images._backend import Backend, Enlargement, State
from plugins.images._families import INDEX, class_of
from plugins.images._made import made
from plugins.images._models import DEMO
from plugins.images._picture import MOST_PIXELS, open_picture
from plugins.images._pipelines import PACKAGES
from plugins.images._prompts import WORLD
from plugins.images._recipe import Recipe
from plugins.images._scene_reader import read
from plugins.images._tiles import Canvas, tiles

if TYPE_CHECKING:
    from PIL.Image import Image

    from plugins.images._loading import Pipelines

__all__ = ["UpscalingBackend", "demo_upscaler", "own_upscaler"]

_FOLDER = "upscaler"
_FACTORS = {"StableDiffusionUpscale": 4, "StableDiffusionLatentUpscale": 2}
_DIVISOR = {4: 8, 2: 64}
"""What must divide the sides of a tile: what the networks halve."""
_STEPS, _GUIDANCE, _NOISE = 25, 9.0, 20
_SIDE, _OVERLAP = 128, 16  # pixels of a tile, as these models were trained
_HINT = "name the folder of a StableDiffusionUpscalePipeline in THINKACT_IMAGE_UPSCALE_MODEL"


class UpscalingBackend(Backend):
    """Enlarges by a model that is loaded when it is first used, and kept.

    Args:
        name: Of the back-end.
        folder: The model's, as save_pretrained of diffusers writes it; None where none is named.
        scenes: It knows the demo's world only.
        steps: Of the denoising.
        side: Of a tile in pixels, at most.
    """

    def __init__(
        self, name: str, folder: Path | None, *, scenes: bool = False, steps: int = _STEPS, side: int = _SIDE
    ) -> None:
        self._name, self._folder, self._scenes, self._steps, self._side = name, folder, scenes, steps, side
        self._lock = threading.Lock()
        self._pipelines: Pipelines | None = None

    @property
    def state(self) -> State:
        """See `Backend`."""
        hint = "" if self._scenes else _HINT
        if self._folder is None or not (self._folder / INDEX).is_file():
            why = "no model is named" if self._folder is None else f"its model is not there: {self._folder}"
            return State(name=self._name, works=False, why=why, hint=hint)
        if class_of(self._folder) not in _FACTORS:
            why = f"{self._folder} is no model that enlarges, but {class_of(self._folder) or 'unreadable'}"
            return State(name=self._name, works=False, why=why, hint=hint)
        if missing := [one for one in PACKAGES if find_spec(one) is None]:
            hint = "pip install 'thinkact[images]'"
            return State(name=self._name, works=False, why=f"not installed: {', '.join(missing)}", hint=hint)
        return State(
            name=self._name,
            works=True,
            why=f"enlarges {_FACTORS[class_of(self._folder)]} times by a diffusion model",
            abilities=frozenset({"upscale"}),
            model="demo" if self._scenes else self._folder.name,
            world=WORLD if self._scenes else "",
        )

    def upscale(self, wanted: Enlargement) -> Drawn:
        """See `Backend`."""
        assert self._folder is not None  # it works
        opened = open_picture(wanted.image, "the picture to enlarge")
        image, notes = opened.image.convert("RGB"), list(opened.notes)
        if opened.image.mode == "RGBA":
            notes.append("what it lets through is lost")
        factor = _FACTORS[class_of(self._folder)]
        self._judge(image, wanted.scale, factor)
        with self._lock:
            large = self._enlarged(image, wanted, factor)
        size = image.width * wanted.scale, image.height * wanted.scale
        if wanted.scale != factor:
            notes.append(f"enlarged {factor} times by the model, then brought to {size[0]} x {size[1]}")
        return self._told(large.resize(size, 1) if large.size != size else large, wanted, notes)  # 1: LANCZOS

    def close(self) -> None:
        """Let go of the model."""
        self._pipelines = None

    def _judge(self, image: Image, scale: int, factor: int) -> None:
        if scale > factor:
            raise ToolError(
                f"the model enlarges {factor} times at most, not {scale}",
                hint=f"take scale {factor}, or the method lanczos",
                kind="not-here",
            )
        if image.width * image.height * factor**2 > MOST_PIXELS:
            raise ToolError(
                f"{image.width * factor} x {image.height * factor} would be too many pixels",
                hint="make the picture smaller first, or take the method lanczos",
            )
        if self._scenes and read(image) is None:
            raise ToolError(
                "the demo's model enlarges nothing but what it knows: one shape on an even background",
                hint="take the method lanczos",
                kind="not-here",
            )

    def _enlarged(self, image: Image, wanted: Enlargement, factor: int) -> Image:
        import torch

        from plugins.images._loading import Pipelines, enough_memory

        assert self._folder is not None  # it works
        self._pipelines = self._pipelines or Pipelines(self._folder)
        pipeline = self._pipelines.get("generate")
        by = _DIVISOR[factor]
        whole = image.resize((-(-image.width // by) * by, -(-image.height // by) * by), 3)  # 3: BICUBIC
        parts = tiles(whole.size, self._side, _OVERLAP)
        canvas = Canvas(whole.size, factor, _OVERLAP)
        generator = torch.Generator("cpu").manual_seed(wanted.seed)
        for number, part in enumerate(parts):
            with enough_memory():
                done = _one(pipeline, whole.crop(part), wanted, generator, (number, len(parts), self._steps))
            canvas.put(part, done)
        return canvas.image.resize((image.width * factor, image.height * factor), 3)

    def _told(self, large: Image, wanted: Enlargement, notes: list[str]) -> Drawn:
        from plugins.images._loading import model_hash

        assert self._folder is not None  # it works
        recipe = Recipe(
            tool="upscale_image",
            backend=self._name,
            model=self.state.model,
            model_hash=model_hash(self._folder),
            prompt=wanted.prompt,
            seed=wanted.seed,
            width=large.width,
            height=large.height,
            steps=self._steps,
            guidance_scale=_GUIDANCE,
            arguments={"scale": wanted.scale, "method": "diffusion"},
            parents=tuple(wanted.parents),
        )
        said = "enlarged by a diffusion model: its fine detail is made up"
        return made(large, recipe, [*notes, said], packages=("torch", "diffusers"))


class _GivenUp(Exception):
    """Raised out of a pipeline that takes no other way to be stopped."""


def _one(pipeline: Any, tile: Image, wanted: Enlargement, generator: Any, at: tuple[int, int, int]) -> Image:
    """One tile enlarged. `at`: its number from 0, how many there are, and the steps of each."""
    number, count, steps = at

    def after(step: int, _time: Any, _latents: Any) -> None:
        wanted.progress(min(number * steps + step + 1, count * steps), count * steps)
        if wanted.cancelled():
            raise _GivenUp

    asked: dict[str, Any] = {"prompt": wanted.prompt, "image": tile, "generator": generator}
    asked |= {"num_inference_steps": steps, "guidance_scale": _GUIDANCE, "callback": after}
    if "noise_level" in signature(pipeline.__call__).parameters:
        asked["noise_level"] = _NOISE
    try:
        done = pipeline(**asked)
    except _GivenUp as error:
        raise ToolError("the call was given up", kind="cancelled") from error
    if any(getattr(done, "nsfw_content_detected", None) or ()):
        raise ToolError("the model's safety checker blocked this picture", hint="take the method lanczos")
    image: Image = done.images[0]
    return image


def own_upscaler(folder: Path | None, extras: Path | None) -> UpscalingBackend:
    """The user's: of the folder that is named, or the one beside the user's model."""
    beside = None if extras is None else extras / _FOLDER
    found = folder or (beside if beside is not None and (beside / INDEX).is_file() else None)
    return UpscalingBackend("upscaler", found)


def demo_upscaler() -> UpscalingBackend:
    """The demo's, where it lies beside its model."""
    return UpscalingBackend("demo-upscaler", DEMO / _FOLDER, scenes=True)
