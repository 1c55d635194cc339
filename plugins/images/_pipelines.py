"""The back-ends that draw by a diffusion model on this machine, through diffusers: the demo's small one, or the user's.

Whether it can work is told without importing any of it. The model is a folder that was found before diffusers is asked,
which, left to itself without a network, would look for half a minute and give the wrong reason.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._given_images import Drawing, Drawn
from plugins._outcome import ToolError
from plugins.images._backend import Commission, State
from plugins.images._made import made
from plugins.images._recipe import Recipe
from plugins.images._scene_words import NotAScene, completed

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DEMO", "INDEX", "Look", "PipelineBackend", "demo_backend", "own_backend"]

INDEX = "model_index.json"
"""The file that makes a folder a model of diffusers."""
DEMO = Path(__file__).parent / "demo"
"""The folder of the demo's model."""
_PACKAGES = ("torch", "diffusers", "transformers")
_INSTALL = "pip install 'thinkact[images]'"
_A_MODEL = "name a folder as save_pretrained of diffusers writes it, with its model_index.json"
_WORLD = "it draws one circle, square, triangle or cross, in eight colours, on a background of one colour"
_LARGEST = 4096  # pixels of a side


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a model draws where nothing is stated. `native`: the only side in pixels at which it draws, and `shown` the
    side to which that is enlarged; 0: it draws at the size that is wanted. `scenes`: it knows the demo's world only."""

    steps: int = 25
    guidance_scale: float = 7.0
    native: int = 0
    shown: int = 0
    scenes: bool = False


class PipelineBackend:
    """Draws by the model of a folder, which is loaded when it first draws and kept.

    Args:
        name: "demo" or "diffusers".
        folder: The model's; None where none is named.
        look: How it draws where nothing is stated.
    """

    def __init__(self, name: str, folder: Path | None, look: Look) -> None:
        self._name, self._folder, self._look = name, folder, look
        self._lock = threading.Lock()
        self._pipeline: Any = None

    @property
    def state(self) -> State:
        """See `Backend`."""
        if self._folder is None:
            return State(
                name=self._name,
                works=False,
                why="no model is named",
                hint="name the folder of a model in THINKACT_IMAGE_MODEL",
            )
        missing = [one for one in _PACKAGES if find_spec(one) is None]
        if not (self._folder / INDEX).is_file():
            why = f"its model is not there: {self._folder} has no {INDEX}"
            return State(name=self._name, works=False, why=why, hint="" if self._look.scenes else _A_MODEL)
        if missing:
            why = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
            return State(name=self._name, works=False, why=why, hint=_INSTALL)
        why = "a small diffusion model of thinkact's own" if self._look.scenes else "a diffusion model of this machine"
        world = f": {_WORLD}" if self._look.scenes else ""
        return State(
            name=self._name,
            works=True,
            why=f"{why}{world}",
            abilities=frozenset({"generate"}),
            model=self._folder.name,
        )

    def draw(self, wanted: Commission) -> Iterator[Drawn]:
        """See `Backend`. Each picture is drawn by itself, so that it does not depend on how many there are."""
        drawing = wanted.drawing
        width, height = self._size(drawing)
        prompt, left_open = _completed(drawing.prompt) if self._look.scenes else (drawing.prompt, ())
        steps = drawing.steps or self._look.steps
        guidance = self._look.guidance_scale if drawing.guidance_scale is None else drawing.guidance_scale
        with self._lock:
            pipeline = self._opened()
            before = pipeline.scheduler
            try:
                _set_scheduler(pipeline, drawing.scheduler)
                for number, seed in enumerate(wanted.seeds):
                    image = self._one(
                        pipeline, wanted, number, seed, prompt, steps=steps, guidance=guidance, size=(width, height)
                    )
                    if image is None:
                        return
                    notes = [f"left open, and filled in: {', '.join(left_open)}"] if left_open else []
                    yield self._told(image, pipeline, wanted, seed, notes, steps=steps, guidance=guidance)
            finally:
                pipeline.scheduler = before

    def close(self) -> None:
        """Let go of the model."""
        self._pipeline = None

    def _size(self, drawing: Drawing) -> tuple[int, int]:
        """The width and height at which the model draws."""
        look = self._look
        if look.native:
            width, height = drawing.width or look.shown, drawing.height or drawing.width or look.shown
            if width != height or width % look.native or not look.native <= width <= 32 * look.native:
                raise ToolError(
                    f"{self._name} draws squares whose side is a multiple of {look.native}, not {width} x {height}",
                    hint=f"leave size out, or {look.shown}x{look.shown}",
                )
            return look.native, look.native
        for side in (drawing.width, drawing.height):
            if side and (side % 8 or side > _LARGEST):
                raise ToolError(
                    f"a side of {side} pixels is not drawn: 8 must divide it, and {_LARGEST} is the most",
                    hint=f"such as {max(8, min(_LARGEST, round(side / 8) * 8))}",
                )
        return drawing.width, drawing.height

    def _opened(self) -> Any:
        assert self._folder is not None  # it works
        if self._pipeline is None:
            self._pipeline = _loaded(self._folder)
        return self._pipeline

    def _one(
        self,
        pipeline: Any,
        wanted: Commission,
        number: int,
        seed: int,
        prompt: str,
        *,
        steps: int,
        guidance: float,
        size: tuple[int, int],
    ) -> Image | None:
        """One picture; None where it was given up."""
        import torch

        total = steps * len(wanted.seeds)

        def after(pipe: Any, step: int, _time: Any, kept: dict[str, Any]) -> dict[str, Any]:
            wanted.progress(number * steps + step + 1, total)
            pipe._interrupt = wanted.cancelled()
            return kept

        if wanted.cancelled():
            return None
        width, height = size
        asked: dict[str, Any] = {"width": width, "height": height} if width and height else {}
        try:
            drawn = pipeline(
                prompt=prompt,
                negative_prompt=wanted.drawing.negative_prompt or None,
                num_inference_steps=steps,
                guidance_scale=guidance,
                generator=torch.Generator("cpu").manual_seed(seed),
                callback_on_step_end=after,
                **asked,
            )
        except torch.OutOfMemoryError as error:
            raise ToolError("there is not enough memory for this picture", hint="ask for a smaller size") from error
        if wanted.cancelled():
            return None
        if any(getattr(drawn, "nsfw_content_detected", None) or ()):
            raise ToolError(
                "the model's safety checker blocked this picture", hint="say it otherwise, or take another seed"
            )
        image: Image = drawn.images[0]
        return image

    def _told(
        self,
        image: Image,
        pipeline: Any,
        wanted: Commission,
        seed: int,
        notes: list[str],
        *,
        steps: int,
        guidance: float,
    ) -> Drawn:
        assert self._folder is not None  # it works
        drawing, notes = wanted.drawing, list(notes)
        if self._look.native:
            side = drawing.width or self._look.shown
            if side != image.width:
                notes.append(f"drawn at {image.width} x {image.height}, enlarged to {side} x {side}")
                image = image.resize((side, side), 3)  # 3 is Pillow's BICUBIC
        recipe = Recipe(
            tool=wanted.tool,
            backend=self._name,
            model=self._folder.name,
            model_hash=model_hash(self._folder),
            prompt=drawing.prompt,
            negative_prompt=drawing.negative_prompt,
            seed=seed,
            width=image.width,
            height=image.height,
            steps=steps,
            guidance_scale=guidance,
            scheduler=type(pipeline.scheduler).__name__.removesuffix("Scheduler"),
            parents=tuple(wanted.parents),
        )
        return made(image, recipe, notes, packages=("torch", "diffusers"))


def demo_backend() -> PipelineBackend:
    """The demo's model, where it lies beside this file."""
    look = Look(steps=20, guidance_scale=2.0, native=32, shown=256, scenes=True)
    return PipelineBackend("demo", DEMO, look)


def own_backend(folder: Path | None) -> PipelineBackend:
    """The user's own model."""
    return PipelineBackend("diffusers", folder, Look())


def _completed(prompt: str) -> tuple[str, Sequence[str]]:
    """A prompt of the demo's world that says all of its scene, which the model follows surely, and what the given one
    left open. What the model never heard of is refused: it would draw something, and not that."""
    try:
        return completed(prompt)
    except NotAScene as error:
        raise ToolError(
            f"the demo's model cannot draw this ({error}): {_WORLD}",
            hint="say it as 'a large red circle at the left on a white background'",
            kind="not-here",
        ) from error


def _loaded(folder: Path) -> Any:
    """The pipeline of a folder, quiet, on the best device that there is."""
    import torch
    from transformers.utils import logging as told_by_transformers

    told_by_transformers.set_verbosity_error()
    told_by_transformers.disable_progress_bar()
    import diffusers

    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    kind = torch.float16 if device == "cuda" else torch.float32
    try:
        pipeline = diffusers.AutoPipelineForText2Image.from_pretrained(
            str(folder), dtype=kind, local_files_only=True, use_safetensors=True
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:  # whatever is said of a folder that is not whole
        why = " ".join(str(error).split())[:200]
        raise ToolError(f"the model {folder} cannot be loaded: {why}", hint="get its files again") from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device)


def _set_scheduler(pipeline: Any, name: str) -> None:
    """Give a pipeline another scheduler, made from the settings of its own."""
    if not name:
        return
    import diffusers

    wanted = _folded(_SAMPLERS.get(_folded(name), name))
    fitting = {_folded(one.__name__.removesuffix("Scheduler")): one for one in pipeline.scheduler.compatibles}
    if wanted not in fitting:
        known = ", ".join(sorted(one.__name__.removesuffix("Scheduler") for one in pipeline.scheduler.compatibles))
        raise ToolError(f"the model knows no scheduler {name!r}", hint=f"one of {known}")
    assert issubclass(fitting[wanted], diffusers.SchedulerMixin)
    pipeline.scheduler = fitting[wanted].from_config(pipeline.scheduler.config)


_SAMPLERS: Mapping[str, str] = {
    "euler": "EulerDiscrete",
    "eulera": "EulerAncestralDiscrete",
    "heun": "HeunDiscrete",
    "lms": "LMSDiscrete",
    "dpm2": "KDPM2Discrete",
    "dpm2a": "KDPM2AncestralDiscrete",
    "dpm2m": "DPMSolverMultistep",
    "dpm2s": "DPMSolverSinglestep",
    "dpmsde": "DPMSolverSDE",
    "unipc": "UniPCMultistep",
}
"""Short names, as other programs have them ("Euler a", "DPM++ 2M"), folded; and the names in diffusers."""


def _folded(name: str) -> str:
    return "".join(one for one in name.casefold().removesuffix("scheduler") if one.isalnum())


@cache
def model_hash(folder: Path) -> str:
    """The SHA-256 of the weights of a model, part by part in the order of their names."""
    told = hashlib.sha256()
    for file in _weights(folder):
        with file.open("rb") as opened:
            told.update(hashlib.file_digest(opened, "sha256").digest())
    return told.hexdigest()


def _weights(folder: Path) -> Sequence[Path]:
    """The files of weights of the parts that the index names."""
    index: Mapping[str, Any] = json.loads((folder / INDEX).read_text("utf-8"))
    parts = sorted(name for name, value in index.items() if isinstance(value, list) and value[0])
    return [file for part in parts for file in sorted((folder / part).glob("*.safetensors"))]
