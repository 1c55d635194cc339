"""The studio: the back-ends of this machine, and which of them draws."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

from plugins._given_images import Answer, Box, Drawing, Drawn
from plugins._outcome import ToolError
from plugins.images._backend import Backend, Commission, Dragging, Enlargement, State, never, unheard
from plugins.images._blip import blip_backend, demo_captioner
from plugins.images._depth import DepthBackend
from plugins.images._draw import DrawBackend
from plugins.images._endpoint import ImageEndpoint
from plugins.images._finding import DetectionBackend
from plugins.images._hub import Library
from plugins.images._lanczos import LanczosBackend
from plugins.images._openai import OpenAIBackend
from plugins.images._pipelines import demo_backend, own_backend
from plugins.images._pixels import PixelBackend
from plugins.images._upscaling import demo_upscaler, own_upscaler
from plugins.images._vision import VisionBackend

__all__ = ["BACKENDS", "Studio"]

BACKENDS = ("openai", "diffusers", "demo", "draw")
"""The names of those that draw, in the order in which they are asked where the user names none."""
_MOST = 64  # pictures of one call
_SEEDS = 2**32
_LONGEST = 20_000  # characters of a prompt
_SCALES = (2, 3, 4, 8)
_METHODS = ("", "diffusion", "lanczos")
_Seen = TypeVar("_Seen", Answer, Box)


class Studio:
    """Draws pictures, by the first back-end that can. A context manager; `close` lets go of what is loaded.

    Args:
        backend: The name of the only one that is to draw, or "auto".
        model: The user's model, in the layout of diffusers: its folder, or the name of one that is here.
        extras: The folder with what goes with that model (LoRAs, ControlNets, a captioner); None: the model's own.
        models, cache: Where models are looked for by name: a folder of model folders, and that of the Hugging Face
            hub's cache.
        caption_model: The folder of a BLIP model of the user's that looks at pictures.
        detection_model: The folder of a model of the user's that finds things in pictures.
        endpoint: Where an images API and models that see are asked; None: nowhere.
        clip: The folder of a CLIP that pictures are scored by; None: the demo's.
        upscaler: The folder of a model that enlarges pictures; None: `upscaler` in the extras, where there is one.
        depth: The folder of a model that makes depth maps.
    """

    def __init__(
        self,
        backend: str = "auto",
        *,
        model: Path | str | None = None,
        extras: Path | None = None,
        models: Path | None = None,
        cache: Path | None = None,
        caption_model: Path | None = None,
        detection_model: Path | None = None,
        endpoint: ImageEndpoint | None = None,
        clip: Path | None = None,
        upscaler: Path | None = None,
        depth: Path | None = None,
    ) -> None:
        if backend not in ("auto", *BACKENDS):
            raise ToolError(
                f"there is no back-end {backend!r} for pictures", hint=f"one of auto, {', '.join(BACKENDS)}"
            )
        library = Library(models=models, cache=cache)
        self._drawers: Sequence[Backend] = [
            OpenAIBackend(endpoint),
            own_backend(str(model or ""), extras=extras, library=library),
            demo_backend(),
            DrawBackend(),
        ]
        captioner = demo_captioner() if backend in ("auto", "demo") else None
        beside = extras or _beside(library, str(model or ""))
        self._aides: Sequence[Backend] = [
            own_upscaler(upscaler, beside),
            demo_upscaler(),
            LanczosBackend(),
            DepthBackend(depth),
            blip_backend(caption_model, beside),
            DetectionBackend(detection_model),
            VisionBackend(endpoint),
            *([captioner] if captioner is not None else []),
            PixelBackend(),
        ]
        self._named, self._clip = backend, clip

    def states(self) -> Sequence[State]:
        """How it stands with each back-end, in the order in which they are asked."""
        return [one.state for one in (*self._drawers, *self._aides)]

    def abilities(self) -> Mapping[str, str]:
        """See `plugins.Images`."""
        found: dict[str, str] = {}
        for state in self._asked_states():
            for ability in sorted(state.abilities):
                found.setdefault(ability, state.name)
        return found

    def world(self, ability: str = "generate") -> str:
        """What alone whoever does this here can draw; "" where it draws anything, or nobody does it."""
        name = self.abilities().get(ability)
        return next((state.world for state in self.states() if state.name == name), "")

    def draw(
        self,
        drawing: Drawing,
        *,
        tool: str = "generate_image",
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Iterator[Drawn]:
        """See `plugins.Images`."""
        _judge(drawing)
        first = _seed(drawing.seed)
        wanted = Commission(
            drawing=drawing,
            seeds=[(first + number) % _SEEDS for number in range(drawing.count)],
            tool=tool,
            parents=parents,
            progress=progress or unheard,
            cancelled=cancelled or never,
        )
        return self._able(drawing.needs, drawing.model).draw(wanted)

    def upscale(
        self,
        image: bytes,
        *,
        scale: int = 4,
        method: str = "",
        prompt: str = "",
        seed: int | None = None,
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Drawn:
        """See `plugins.Images`."""
        if scale not in _SCALES:
            raise ToolError(f"scale must be one of {', '.join(map(str, _SCALES))}, not {scale}")
        if method not in _METHODS:
            raise ToolError(f"there is no method {method[:40]!r} to enlarge a picture", hint="diffusion or lanczos")
        named = {"lanczos": "lanczos", "diffusion": ""}.get(method)
        wanted = Enlargement(
            image=image,
            scale=scale,
            prompt=prompt,
            seed=_seed(seed),
            parents=parents,
            progress=progress or unheard,
            cancelled=cancelled or never,
        )
        able = [one for one in self._asked() if "upscale" in one.state.abilities]
        able = [one for one in able if named is None or (one.state.name == "lanczos") == (named == "lanczos")]
        if not able:
            raise ToolError(
                f"nothing here enlarges pictures by {method}: no model for that is here",
                hint="take the method lanczos; thinkact images status tells what a model takes",
                kind="not-here",
            )
        if method:
            return able[0].upscale(wanted)
        for one in able[:-1]:
            try:
                return one.upscale(wanted)
            except ToolError as error:
                if error.kind != "not-here":  # another may do what this one cannot
                    raise
        return able[-1].upscale(wanted)

    def depth(self, image: bytes, *, parents: Sequence[tuple[str, str]] = ()) -> Drawn:
        """See `plugins.Images`."""
        return self._able(["depth"]).depth(image, parents)

    def drag(
        self,
        image: bytes,
        prompt: str,
        moves: Sequence[tuple[float, float, float, float]],
        *,
        radius: float | None = None,
        rounds: int | None = None,
        steps: int | None = None,
        strength: float | None = None,
        guidance_scale: float | None = None,
        seed: int | None = None,
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Drawn:
        """A picture with what is at some points dragged to others.

        Args:
            image: A file of any format that Pillow reads.
            prompt: What it shows once it is dragged.
            moves: Each the x and y of a point and of its goal, in pixels.
            radius: Of what is moved around each point, in pixels.
            rounds: In how many little moves.
            steps, strength, guidance_scale, seed, parents, progress, cancelled: As in `draw`.

        Raises:
            ToolError: it cannot be done here.
        """
        if not prompt.strip():
            raise ToolError("the prompt is empty", hint="say what the picture shows once it is dragged")
        wanted = Dragging(
            image=image,
            prompt=prompt,
            moves=moves,
            radius=radius,
            rounds=rounds,
            steps=steps,
            strength=strength,
            guidance_scale=guidance_scale,
            seed=_seed(seed),
            parents=parents,
            progress=progress or unheard,
            cancelled=cancelled or never,
        )
        return self._able(["drag"]).drag(wanted)

    def look(self, image: bytes, question: str = "", *, candidates: int = 1) -> Sequence[Answer]:
        """See `plugins.Images`."""
        if not 1 <= candidates <= 20:
            raise ToolError(f"candidates must be from 1 to 20, not {candidates}")
        if len(question) > _LONGEST:
            raise ToolError(f"the question has more than {_LONGEST:,} characters", hint="a sentence does")
        asked = question.strip()
        return self._first("ask" if asked else "caption", lambda one: one.look(image, asked, candidates))

    def find(self, image: bytes, what: Sequence[str]) -> Sequence[Box]:
        """See `plugins.Images`."""
        named = [one.strip() for one in what if one.strip()]
        if not named:
            raise ToolError("nothing is named that is to be found", hint="name things, such as 'a dog'")
        return self._first("find", lambda one: one.find(image, named))

    def clip_model(self) -> Path | None:
        """See `plugins.Images`."""
        return self._clip

    def close(self) -> None:
        """Let go of what is loaded."""
        for one in (*self._drawers, *self._aides):
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self) -> Iterator[Backend]:
        """Those that work and that the user lets be asked."""
        for one in self._drawers:
            if self._named in ("auto", one.state.name) and one.state.works:
                yield one
        for one in self._aides:
            of_the_demo = bool(one.state.world)
            if one.state.works and (not of_the_demo or self._named in ("auto", "demo")):
                yield one

    def _asked_states(self) -> Iterator[State]:
        return (one.state for one in self._asked())

    def _first(self, need: str, ask: Callable[[Backend], Sequence[_Seen]]) -> Sequence[_Seen]:
        """What the first says that can tell of this very picture; where none can, why the last one cannot."""
        refused = None
        for one in self._asked():
            if need not in one.state.abilities:
                continue
            try:
                return ask(one)
            except ToolError as error:
                if error.kind != "not-here":
                    raise
                refused = error
        if refused is not None:
            raise refused
        return ask(self._able([need]))

    def _able(self, needs: Sequence[str], model: str = "") -> Backend:
        """The first that can do all of it, by this model where one is named."""
        if model:
            by_model = self._able_with(needs, model)
            if by_model is not None:
                return by_model
        for one in self._asked():
            if set(needs) <= one.state.abilities:
                return one
        able = self.abilities()
        lacking = next((need for need in needs if need not in able), needs[-1])
        asked = (lacking,) if lacking == "depth" else BACKENDS
        told = "; ".join(f"{state.name}: {state.why}" for state in self.states() if state.name in asked)
        raise ToolError(f"nothing here can {_DEEDS.get(lacking, lacking)}: {told}", hint=_HINT, kind="not-here")

    def _able_with(self, needs: Sequence[str], model: str) -> Backend | None:
        """The first that can do all of it by a model that is named; None where whoever is asked has none by name."""
        asked = [one for one in self._drawers if self._named in ("auto", one.state.name)]
        told = [(one, state) for one in asked if (state := one.state_with(model)) is not None]
        for one, state in told:
            if state.works and set(needs) <= state.abilities:
                return one
        for _, state in told:
            if state.works:
                lacking = next(need for need in needs if need not in state.abilities)
                deed = _DEEDS.get(lacking, lacking)
                raise ToolError(f"the model {state.model} cannot {deed}", hint="name another model")
        if not told:
            return None
        why = next((state for _, state in told if state.model), told[0][1])  # it is here, but something else is not
        raise ToolError(why.why, hint=why.hint or None, kind="not-here")


_HINT = "thinkact images status tells what to do"
_DEEDS = {
    "generate": "generate pictures",
    "edit": "change a picture",
    "inpaint": "fill a mask",
    "control": "follow a control map",
    "lora": "draw with a LoRA",
    "reference": "take up the look of a reference picture",
    "drag": "drag what is in a picture",
    "depth": "make a depth map",
    "caption": "tell what such a picture shows",
    "ask": "answer questions about pictures",
    "find": "find things in pictures",
}
"""What people call each ability."""


def _beside(library: Library, model: str) -> Path | None:
    """The folder of what goes with the user's model; None where no model is named, or none is there."""
    with suppress(ToolError):
        return library.find(model).extras if model else None
    folder = Path(model).expanduser()  # what it holds may be of use where the model itself is not whole
    return folder if folder.is_dir() else None


def _seed(seed: int | None) -> int:
    """The seed, or one by lot."""
    if seed is None:
        return random.SystemRandom().randrange(_SEEDS)
    if not 0 <= seed < _SEEDS:
        raise ToolError(f"seed must be from 0 to {_SEEDS - 1}, not {seed}", hint="leave it out for a new one")
    return seed


def _judge(drawing: Drawing) -> None:
    """Refuse what no back-end could draw."""
    if not drawing.prompt.strip():
        raise ToolError("the prompt is empty", hint="say what is to be seen")
    if len(drawing.prompt) > _LONGEST or len(drawing.negative_prompt) > _LONGEST:
        raise ToolError(f"a prompt has more than {_LONGEST:,} characters", hint="a few sentences do")
    if not 1 <= drawing.count <= _MOST:
        raise ToolError(f"count must be from 1 to {_MOST}, not {drawing.count}")
    if drawing.steps < 0 or drawing.steps > 1000:
        raise ToolError(f"steps must be from 1 to 1000, not {drawing.steps}", hint="20 to 50 are usual")
    for one in drawing.controls:
        if not 0 <= one.scale <= 2:
            raise ToolError(f"the scale of a control must be from 0 to 2, not {one.scale:g}", hint="1 is usual")
    for lora in drawing.loras:
        if not -4 <= lora.weight <= 4:
            raise ToolError(f"the weight of a LoRA must be from -4 to 4, not {lora.weight:g}", hint="1 is in full")
