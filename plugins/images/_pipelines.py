"""The back-ends that draw by a diffusion model on this machine, through diffusers: the demo's small one, or the user's.

Whether it can work is told without importing any of it. The model is a folder that was found before diffusers is asked,
which, left to itself without a network, would look for half a minute and give the wrong reason.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._given_images import Drawing, Drawn
from plugins._outcome import ToolError
from plugins.images._backend import Backend, Commission, Dragging, State
from plugins.images._dragging import readied
from plugins.images._families import INDEX, able
from plugins.images._guiding import Classifier, classified, guided
from plugins.images._hub import Library
from plugins.images._made import made
from plugins.images._models import Look, Model, demo_model
from plugins.images._picture import open_picture
from plugins.images._prompts import WORLD, in_the_world, unread
from plugins.images._recipe import Recipe
from plugins.images._schedulers import scheduled
from plugins.images._source import Begun, begun

if TYPE_CHECKING:
    from PIL.Image import Image

    from plugins.images._loading import Pipelines

__all__ = ["PACKAGES", "PipelineBackend", "demo_backend", "own_backend"]

PACKAGES = ("torch", "diffusers", "transformers")
"""What is needed to draw by a model here."""
_INSTALL = "pip install 'thinkact[images]'"
_LARGEST = 4096  # pixels of a side


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A drawing, judged and with all that was left open settled, before anything is loaded for it."""

    model: Model
    main: str
    prompt: str
    steps: int
    guidance: float
    size: tuple[int, int]
    begun: Begun | None
    maps: Sequence[Image]
    control_folders: Sequence[Path]
    control_scales: Sequence[float]
    loras: dict[Path, float]
    classifier: Classifier | None
    passes: int
    notes: Sequence[str]


class PipelineBackend(Backend):
    """Draws by models of diffusers. One is loaded when it first draws, and kept until another is drawn with.

    Args:
        name: "demo" or "diffusers".
        find: The model of a name, "" for the one that is drawn with where a drawing names none; None where none is
            set. It raises ToolError where that model is not here.
    """

    def __init__(self, name: str, find: Callable[[str], Model | None]) -> None:
        self._name, self._find = name, find
        self._lock = threading.Lock()
        self._pipelines: Pipelines | None = None

    @property
    def state(self) -> State:
        """See `Backend`."""
        return self.state_with("")

    def state_with(self, model: str) -> State:
        """See `Backend`."""
        try:
            found = self._find(model)
        except ToolError as error:
            return State(name=self._name, works=False, why=error.message, hint=error.hint or "")
        return self._state(found)

    def _state(self, model: Model | None) -> State:
        if model is None:
            hint = "name a model in THINKACT_IMAGE_MODEL: a folder, or one that `thinkact images models` lists"
            return State(name=self._name, works=False, why="no model is named", hint=hint)
        missing = [one for one in PACKAGES if find_spec(one) is None]
        if not (model.folder / INDEX).is_file():
            why = f"its model is not there: {model.folder} has no {INDEX}"
            return State(name=self._name, works=False, why=why)
        if missing:
            why = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
            return State(name=self._name, works=False, why=why, hint=_INSTALL, model=model.name)
        why = "a small diffusion model of thinkact's own" if model.look.scenes else "a diffusion model of this machine"
        return State(
            name=self._name,
            works=True,
            why=f"{why}: {WORLD}" if model.look.scenes else why,
            abilities=able(model.folder, controls=bool(model.controls())),
            model=model.name,
            world=WORLD if model.look.scenes else "",
        )

    def draw(self, wanted: Commission) -> Iterator[Drawn]:
        """See `Backend`. Each picture is drawn by itself, so that it does not depend on how many there are."""
        plan = self._plan(wanted.drawing)
        with self._lock:
            pipelines = self._opened(plan.model)
            pipelines.adapt(plan.loras)
            pipeline = pipelines.get(plan.main, plan.control_folders)
            resample = 0 if plan.begun is None else plan.begun.resample
            spared = pipelines.spare(plan.size[0] * plan.size[1])
            said = [*plan.notes, *spared, *unread(getattr(pipeline, "tokenizer", None), plan.prompt)]
            drawing = wanted.drawing
            with (
                scheduled(pipeline, drawing.scheduler, resample=resample),
                guided(pipeline, drawing.guider, plan.guidance, plan.passes),
                classified(pipeline, plan.classifier),
            ):
                for number, seed in enumerate(wanted.seeds):
                    image = _one(pipeline, plan, wanted, number, seed)
                    if image is None:
                        return
                    yield self._told(image, pipeline, plan, wanted, seed, said)

    def drag(self, wanted: Dragging) -> Drawn:
        """See `Backend`."""
        model = self._find("")
        assert model is not None  # it works
        ready = readied(model, wanted)
        with self._lock:
            pipelines = self._opened(model)
            pipelines.adapt({})
            return ready.dragged(pipelines.get("edit"), self._name)

    def close(self) -> None:
        """Let go of the model."""
        self._pipelines = None

    def _plan(self, drawing: Drawing) -> _Plan:
        """Judge all that can be judged before the model is loaded."""
        model = self._find(drawing.model)
        assert model is not None  # it works
        look = model.look
        steps = drawing.steps or look.steps
        source = None
        if drawing.source is not None:
            source = begun(drawing.source, native=look.native, steps=steps, usual=look.strength)
        size = self._size(drawing, look) if source is None else source.image.size
        prompt, notes = in_the_world(drawing.prompt, source) if look.scenes else (drawing.prompt, [])
        if drawing.controls:
            prompt, notes = drawing.prompt, []  # what goes unsaid is for the map to say
        maps = [open_picture(one.image, f"the map of {one.kind}").image.convert("RGB") for one in drawing.controls]
        if source is not None:
            notes = [*source.notes, *notes]
        return _Plan(
            model=model,
            main=drawing.needs[0],
            prompt=prompt,
            steps=steps,
            guidance=look.guidance_scale if drawing.guidance_scale is None else drawing.guidance_scale,
            size=size,
            begun=source,
            maps=[_fitted(one, size, kind.kind) for one, kind in zip(maps, drawing.controls, strict=True)],
            control_folders=[model.control(one) for one in drawing.controls],
            control_scales=[one.scale for one in drawing.controls],
            loras={model.lora(one): one.weight for one in drawing.loras},
            classifier=_classifier(model, drawing),
            passes=_passes(steps, source),
            notes=notes,
        )

    def _size(self, drawing: Drawing, look: Look) -> tuple[int, int]:
        """The width and height at which the model draws from nothing."""
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

    def _opened(self, model: Model) -> Pipelines:
        from plugins.images._loading import Pipelines

        if self._pipelines is not None and self._pipelines.folder != model.folder:
            self._pipelines = None  # before the next is loaded: there is seldom room for two
        if self._pipelines is None:
            self._pipelines = Pipelines(model.folder)
        return self._pipelines

    def _told(
        self, image: Image, pipeline: Any, plan: _Plan, wanted: Commission, seed: int, notes: Sequence[str]
    ) -> Drawn:
        from plugins.images._loading import hash_of_file, model_hash

        drawing, notes, look = wanted.drawing, list(notes), plan.model.look
        if plan.begun is not None:
            image = plan.begun.finished(image)
        elif look.native:
            side = drawing.width or look.shown
            if side != image.width:
                notes.append(f"drawn at {image.width} x {image.height}, enlarged to {side} x {side}")
                image = image.resize((side, side), 3)  # 3 is Pillow's BICUBIC
        recipe = Recipe(
            tool=wanted.tool,
            backend=self._name,
            model=plan.model.name,
            model_hash=model_hash(plan.model.folder),
            prompt=drawing.prompt,
            negative_prompt=drawing.negative_prompt,
            seed=seed,
            width=image.width,
            height=image.height,
            steps=plan.steps,
            guidance_scale=plan.guidance,
            scheduler=_scheduler(pipeline),
            arguments=_arguments(plan, drawing, {file: hash_of_file(file)[:12] for file in plan.loras}),
            parents=tuple(wanted.parents),
        )
        return made(image, recipe, notes, packages=("torch", "diffusers"))


def _classifier(model: Model, drawing: Drawing) -> Classifier | None:
    if not drawing.classifier_scale or not drawing.classifier.strip():
        return None
    return Classifier(model.clip(), drawing.classifier, drawing.classifier_scale)


def _passes(steps: int, source: Begun | None) -> int:
    """How often the model is asked for one picture."""
    if source is None:
        return steps
    if source.resample:
        from plugins.images._resampling import passes

        return passes(steps, source.resample)
    return int(steps * source.strength)


def _fitted(map_: Image, size: tuple[int, int], kind: str) -> Image:
    """A control map at the size at which is drawn; one of another shape would be followed wrongly."""
    width, height = size
    if not width or not height or map_.size == size:
        return map_
    if abs(map_.width / map_.height - width / height) > 0.02:
        raise ToolError(
            f"the map of {kind} has {map_.width} x {map_.height}, which is another shape than {width} x {height}",
            hint="give the size of the map, or make the map from a picture of this shape",
        )
    return map_.resize(size, 1 if max(map_.size) < max(size) else 4)  # Pillow's LANCZOS and BOX


def _one(pipeline: Any, plan: _Plan, wanted: Commission, number: int, seed: int) -> Image | None:
    """One picture; None where it was given up."""
    import torch

    from plugins.images._loading import enough_memory

    total, before = plan.passes * len(wanted.seeds), plan.passes * number

    def after(pipe: Any, step: int, _time: Any, kept: dict[str, Any]) -> dict[str, Any]:
        wanted.progress(min(before + step + 1, total), total)
        pipe._interrupt = wanted.cancelled()
        return kept

    if wanted.cancelled():
        return None
    with enough_memory():
        drawn = pipeline(
            prompt=plan.prompt,
            negative_prompt=wanted.drawing.negative_prompt or None,
            num_inference_steps=plan.steps,
            guidance_scale=plan.guidance,
            generator=torch.Generator("cpu").manual_seed(seed),
            callback_on_step_end=after,
            **_given(plan),
        )
    if wanted.cancelled():
        return None
    if any(getattr(drawn, "nsfw_content_detected", None) or ()):
        raise ToolError(
            "the model's safety checker blocked this picture", hint="say it otherwise, or take another seed"
        )
    image: Image = drawn.images[0]
    return image


def _given(plan: _Plan) -> dict[str, Any]:
    """The pictures and the size that a pipeline is called with."""
    width, height = plan.size
    sized = {"width": width, "height": height} if width and height else {}
    asked: dict[str, Any] = {} if plan.main == "edit" else sized
    if plan.begun is not None:
        asked |= {"image": plan.begun.image, "strength": plan.begun.strength}
        if plan.begun.mask is not None:
            asked["mask_image"] = plan.begun.mask
    if plan.maps:
        several = len(plan.maps) > 1
        asked["image" if plan.begun is None else "control_image"] = list(plan.maps) if several else plan.maps[0]
        scales = list(plan.control_scales)
        asked["controlnet_conditioning_scale"] = scales if several else scales[0]
    return asked


def _scheduler(pipeline: Any) -> str:
    return type(pipeline.scheduler).__name__.removesuffix("Scheduler")


def _arguments(plan: _Plan, drawing: Drawing, loras: dict[Path, str]) -> dict[str, Any]:
    """What else bears on the picture, as its file is to tell."""
    told: dict[str, Any] = {}
    if plan.begun is not None:
        told["strength"] = plan.begun.strength
        if plan.begun.resample:
            told |= {"method": "repaint", "resample": plan.begun.resample}
    if drawing.guider:
        told["guider"] = drawing.guider
    if drawing.classifier_scale:
        told |= {"classifier": drawing.classifier, "classifier_scale": drawing.classifier_scale}
    if drawing.controls:
        told["controls"] = [{"kind": one.kind, "scale": one.scale} for one in drawing.controls]
    if drawing.loras:
        told["loras"] = [
            {"name": one.name, "weight": one.weight, "hash": told_hash}
            for one, told_hash in zip(drawing.loras, loras.values(), strict=True)
        ]
    return told


def demo_backend() -> PipelineBackend:
    """The demo's model, where it lies beside this file."""

    def find(name: str) -> Model:
        demo = demo_model()
        if name not in ("", demo.name):
            raise ToolError(f"the back-end demo draws by its own model only, not by {name[:200]!r}")
        return demo

    return PipelineBackend("demo", find)


def own_backend(model: str = "", *, extras: Path | None = None, library: Library | None = None) -> PipelineBackend:
    """The user's own models. `model` is the name of the one that is drawn with where a drawing names none, and
    `extras` what goes with it; `library` is where models are looked for."""
    shelves = library or Library()

    def find(name: str) -> Model | None:
        if name in ("", model):
            return shelves.find(model, extras=extras) if model else None
        return shelves.find(name)

    return PipelineBackend("diffusers", find)
