"""What is at one point of a picture dragged to another: DragGAN's idea on the latents of a diffusion model.

After SDE-Drag (Nie et al., 2023, "The blessing of randomness", arXiv 2311.01410, section 4.2): the picture is noised
half way, in what is left of it the surroundings of the point are moved a little, and it is denoised, so that the model
makes a picture of it again; some rounds of that bring the point to its goal. Nothing is trained for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from plugins._given_images import Drawn, SourcePicture
from plugins._outcome import ToolError
from plugins.images._backend import Dragging
from plugins.images._made import made
from plugins.images._models import Model
from plugins.images._prompts import in_the_world, place_of
from plugins.images._recipe import Recipe
from plugins.images._source import Begun, begun

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Drag", "Move", "Readied", "drag", "readied"]

_KEPT = 0.3  # of the noised latents where the moved part was; the rest is noise


@dataclass(frozen=True, slots=True)
class Move:
    """From a point to another, each as x and y in pixels of the picture."""

    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drag:
    """How a picture is dragged.

    Attributes:
        prompt: What it shows once it is dragged; a place that is told must be the new one.
        moves: All of them are done at once, step by step.
        radius: Of what is moved around each point, in pixels of the picture.
        rounds: In how many little moves.
        steps: Of the denoising, of which `strength` is the share that is taken in each round.
        strength: How far the picture is noised: more moves more, and changes more beside it.
        guidance_scale: As of a drawing.
        seed: Of the noise.
    """

    prompt: str
    moves: Sequence[Move]
    radius: float
    rounds: int = 5
    steps: int = 20
    strength: float = 0.6
    guidance_scale: float = 2.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.moves:
            raise ToolError("no point is named that is to be dragged", hint="name it and its goal: 10,20 60,20")
        if not 1 <= self.rounds <= 100:
            raise ToolError(f"rounds must be from 1 to 100, not {self.rounds}", hint="5 are usual")
        if not 0 < self.strength <= 1 or int(self.steps * self.strength) < 1:
            raise ToolError(f"strength {self.strength:g} of {self.steps} steps is less than one step or more than all")
        if self.radius <= 0:
            raise ToolError(f"the radius must be above 0, not {self.radius:g}")

    @property
    def passes(self) -> int:
        """How often the model is asked."""
        return self.rounds * int(self.steps * self.strength)


@dataclass(frozen=True, slots=True)
class Readied:
    """A dragging that was judged, with the picture at the size at which is drawn."""

    asked: Dragging
    model: Model
    begun: Begun
    wanted: Drag
    notes: Sequence[str]

    def dragged(self, pipeline: Any, backend: str) -> Drawn:
        """Do it.

        Raises:
            ToolError: it was given up, or there is not enough memory.
        """
        from plugins.images._loading import enough_memory, model_hash

        with enough_memory():
            drawn = drag(pipeline, self.begun.image, self.wanted, self.asked.progress, self.asked.cancelled)
        if drawn is None:
            raise ToolError("the call was given up", kind="cancelled")
        image, wanted = self.begun.finished(drawn), self.wanted
        recipe = Recipe(
            tool="drag_image",
            backend=backend,
            model=self.model.name,
            model_hash=model_hash(self.model.folder),
            prompt=self.asked.prompt,
            seed=wanted.seed,
            width=image.width,
            height=image.height,
            steps=wanted.steps,
            guidance_scale=wanted.guidance_scale,
            scheduler=type(pipeline.scheduler).__name__.removesuffix("Scheduler"),
            arguments={
                "moves": [list(move) for move in self.asked.moves],
                "radius": self.asked.radius,
                "rounds": wanted.rounds,
                "strength": wanted.strength,
            },
            parents=tuple(self.asked.parents),
        )
        return made(image, recipe, self.notes, packages=("torch", "diffusers"))


def readied(model: Model, asked: Dragging) -> Readied:
    """Judge a dragging, before the model is loaded.

    Raises:
        ToolError: with what is wrong with it.
    """
    look = model.look
    steps = asked.steps or look.steps
    source = SourcePicture(image=asked.image, strength=asked.strength or 0.6)
    start = begun(source, native=look.native, steps=steps, usual=0.6)
    width, height = start.whole.size
    for x, y in ((one[at], one[at + 1]) for one in asked.moves for at in (0, 2)):
        if not (0 <= x < width and 0 <= y < height):
            raise ToolError(f"the point {x:g},{y:g} is not in the picture of {width} x {height}")
    scale = start.image.width / width
    moves = [Move((a * scale, b * scale), (c * scale, d * scale)) for a, b, c, d in asked.moves]
    wanted = Drag(
        prompt=asked.prompt,
        moves=moves,
        radius=(asked.radius if asked.radius is not None else min(width, height) / 5) * scale,
        rounds=5 if asked.rounds is None else asked.rounds,
        steps=steps,
        strength=start.strength,
        guidance_scale=look.guidance_scale if asked.guidance_scale is None else asked.guidance_scale,
        seed=asked.seed,
    )
    notes = list(start.notes)
    if look.scenes:
        place = place_of(asked.moves[0][2] / width, asked.moves[0][3] / height)
        prompt, more = in_the_world(asked.prompt, start, place=place)
        wanted, notes = replace(wanted, prompt=prompt), [*notes, *more]
    return Readied(asked, model, start, wanted, notes)


def drag(
    pipeline: Any,
    picture: Image,
    wanted: Drag,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> Image | None:
    """The picture with its points dragged; None where it was given up.

    Args:
        pipeline: Of the Stable Diffusion family, from a picture.
        picture: RGB, at the size at which is drawn.
        wanted: What goes where; the points in pixels of this very picture.
        progress, cancelled: As in `Commission`.
    """
    import torch

    with torch.no_grad():
        return _dragged(pipeline, picture, wanted, progress, cancelled)


def _dragged(
    pipeline: Any,
    picture: Image,
    wanted: Drag,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> Image | None:
    import torch
    from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import retrieve_latents

    vae, scheduler, device = pipeline.vae, pipeline.scheduler, pipeline.device
    dice = torch.Generator().manual_seed(wanted.seed)
    pixels = pipeline.image_processor.preprocess(picture).to(device, vae.dtype)
    latents = retrieve_latents(vae.encode(pixels), dice, "argmax") * vae.config.scaling_factor
    said, unsaid = pipeline.encode_prompt(wanted.prompt, device, 1, True)
    words = torch.cat([unsaid, said])
    shrunk = latents.shape[-1] / picture.width
    scheduler.set_timesteps(wanted.steps, device=device)
    times = scheduler.timesteps[wanted.steps - int(wanted.steps * wanted.strength) :]
    done = 0
    for at in range(wanted.rounds):
        noise = torch.randn(latents.shape, generator=dice).to(device, latents.dtype)
        noised = scheduler.add_noise(latents, noise, times[:1])
        for move in wanted.moves:
            points = (_along(move, (at + part) / wanted.rounds, shrunk) for part in (0, 1))
            noised = _moved(noised, *points, radius=wanted.radius * shrunk, noise=noise.roll(1, 0).flip(-1))
        for time in times:
            if cancelled():
                return None
            both = pipeline.unet(torch.cat([noised] * 2), time, words, return_dict=False)[0]
            without, with_words = both.chunk(2)
            guided = without + wanted.guidance_scale * (with_words - without)
            noised = scheduler.step(guided, time, noised, return_dict=False)[0]
            done += 1
            progress(done, wanted.passes)
        latents = noised
    decoded = vae.decode(latents / vae.config.scaling_factor, return_dict=False)[0]
    made: Image = pipeline.image_processor.postprocess(decoded, output_type="pil")[0]
    return made


def _along(move: Move, share: float, shrunk: float) -> tuple[int, int]:
    """Where a point is after this share of its way, on the grid of the latents."""
    x, y = (begin + share * (end - begin) for begin, end in zip(move.start, move.end, strict=True))
    return round(x * shrunk), round(y * shrunk)


def _moved(noised: Any, start: tuple[int, int], end: tuple[int, int], *, radius: float, noise: Any) -> Any:
    """Latents with what is around `start` copied to `end`, and noise where it was and is no more."""
    import torch

    rows, columns = noised.shape[-2:]
    down, across = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")

    def around(point: tuple[int, int]) -> Any:
        return ((across - point[0]) ** 2 + (down - point[1]) ** 2 <= radius**2).to(noised.device)

    left, came = around(start), around(end)
    shifted = noised.roll((end[1] - start[1], end[0] - start[0]), (-2, -1))
    faded = _KEPT * noised + (1 - _KEPT**2) ** 0.5 * noise
    return torch.where(came, shifted, torch.where(left & ~came, faded, noised))
