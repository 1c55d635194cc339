"""The tool that makes films: frame by frame from words, as Deforum does, or of finished pictures."""

from __future__ import annotations

import hashlib
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from plugins._contract import Context, Drawing, Effect, Observation, ToolError, WorkspacePath
from plugins._schema import tool
from plugins.images._animation import TOOL, Animation, flat, judge_common, slides
from plugins.images._film import FILM_TYPES, Film, judge_film
from plugins.images._keyframes import read_curve, read_script
from plugins.images._picture import open_picture
from plugins.images._recipe import Recipe
from plugins.images._warping import Motion

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["animate_images"]

_FOLDER = "pictures"
_SIZE = re.compile(r"\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*", re.IGNORECASE)
_MOST_PICTURES = 200
_KEPT_EACH = 10.0  # seconds after which the film is kept as far as it is


@tool(
    effect=Effect.WRITE,
    timeout=8 * 3600.0,
    aliases=(
        *("animate", "animation", "make a film", "make a gif", "slide show", "deforum", "video of pictures"),
        *("动画", "做动画", "动图", "幻灯片", "让图片动起来", "逐帧"),
    ),
)
def animate_images(
    prompts: str | dict[str, str] = "",
    path: WorkspacePath | None = None,
    images: list[WorkspacePath] | None = None,
    image: WorkspacePath | None = None,
    frames: int = 24,
    fps: float = 8.0,
    zoom: float | str = 1.0,
    angle: float | str = 0.0,
    move_x: float | str = 0.0,
    move_y: float | str = 0.0,
    strength: float | str = "",
    seed: int | None = None,
    seed_mode: Literal["iter", "fixed", "random"] = "iter",
    cadence: int = 1,
    colour_match: Literal["none", "lab", "hsv"] = "none",
    border: Literal["replicate", "wrap"] = "replicate",
    format: Literal["", "gif", "webp", "mp4"] = "",  # noqa: A002 - as people call it
    size: str = "",
    steps: int = 0,
    guidance_scale: float | None = None,
    negative_prompt: str = "",
    *,
    context: Context,
) -> Observation:
    """Make a film: each frame is the one before, moved and redrawn; or a slide show of finished pictures.

    Args:
        prompts: Words, or by frame: 0: a red circle | 12: a blue square.
        path: File to save to; else pictures/NAME.gif.
        images: Finished pictures for a slide show; nothing is drawn.
        image: The first frame.
        frames: How many.
        fps: Frames a second.
        zoom: A frame; a number or key frames 0:(1.02), 30:(1).
        angle: Degrees a frame.
        move_x: Pixels to the right a frame.
        move_y: Pixels down a frame.
        strength: How much is redrawn, 0 to 1.
        seed: The same one makes the same film.
        seed_mode: Its change by frame.
        cadence: Draw every n-th frame, blend between.
        colour_match: Keep the first frame's colours.
        border: What comes in at the edges.
        format: Of the file.
        size: Such as 256x256.
        steps: Denoising steps.
        guidance_scale: How closely to follow the prompt.
        negative_prompt: What is not to be seen.
    """
    curves = {"zoom": zoom, "angle": angle, "move_x": move_x, "move_y": move_y}
    motion = Motion(**{name: read_curve(str(value), name) for name, value in curves.items()})
    form, stem = _place(path, format, prompts if isinstance(prompts, str) else "")
    judge_film(form, fps)
    judge_common(frames, border)
    told: dict[str, Any] = {"frames": frames, "fps": fps, **curves, "border": border}
    reel = _Reel(context=context, stem=stem, form=form, fps=fps, frames=frames, arguments=told)
    if images:
        if prompts or image is not None:
            raise ToolError("images are shown as they are: they take no prompts and no image", hint="leave those out")
        motion.judge(frames)
        return reel.show(images, motion, border)
    if context.images is None:
        raise ToolError("no pictures can be drawn here", hint="give finished pictures in images for a slide show")
    script = read_script(prompts)
    told |= {"seed_mode": seed_mode, "cadence": cadence, "colour_match": colour_match}
    told |= {"strength": strength} if strength != "" else {}
    begin, parents = _begin(image, context)
    width, height = _size(size)
    animation = Animation(
        drawing=Drawing(
            prompt="",
            negative_prompt=negative_prompt,
            width=width,
            height=height,
            steps=steps,
            guidance_scale=guidance_scale,
        ),
        script=script,
        motion=motion,
        frames=frames,
        seed=random.SystemRandom().randrange(2**32) if seed is None else seed,
        strength=None if strength == "" else read_curve(str(strength), "strength"),
        seed_mode=seed_mode,
        cadence=cadence,
        colour_match=colour_match,
        border=border,
        begin=begin,
        parents=parents,
        cancelled=lambda: context.cancelled,
    )
    return reel.draw(animation)


@dataclass(kw_only=True)
class _Reel:
    """A film on its way into the workspace."""

    context: Context
    stem: str
    form: str
    fps: float
    frames: int
    arguments: dict[str, Any]
    notes: list[str] = field(default_factory=list)

    def show(self, images: list[WorkspacePath], motion: Motion, border: str) -> Observation:
        """A slide show."""
        if len(images) > min(self.frames, _MOST_PICTURES):
            raise ToolError(
                f"{len(images)} pictures are too many for {self.frames} frames",
                hint=f"ask for more frames; {_MOST_PICTURES} pictures are the most",
            )
        files = [self.context.workspace.read(one) for one in images]
        for content, name in zip(files, images, strict=True):
            open_picture(content, name)
        parents = tuple((str(one), _sha256(content)) for one, content in zip(images, files, strict=True))
        recipe = Recipe(tool=TOOL, backend="none", prompt="", width=0, height=0, parents=parents)
        made = self._film(slides(files, images, motion, self.frames, border), lambda: recipe, str)
        return _noted(made, self.notes)

    def draw(self, animation: Animation) -> Observation:
        """A film that is drawn."""
        assert self.context.images is not None
        animation.judge(self.context.images)
        if unused := animation.script.unused(self.frames):
            self.notes.append(f"prompts from frame {unused[0]} on are never come to: there are {self.frames} frames")

        def recipe() -> Recipe:
            made: Mapping[str, Any] = animation.last.recipe if animation.last is not None else {}
            kept = {name: made[name] for name in ("model_hash", "steps", "guidance_scale", "scheduler") if name in made}
            return Recipe(
                tool=TOOL,
                backend=animation.last.backend if animation.last is not None else "",
                model=animation.last.model if animation.last is not None else "",
                prompt=" | ".join(f"{frame}: {words}" for frame, words in animation.script.keys),
                negative_prompt=animation.drawing.negative_prompt,
                seed=animation.seed,
                width=0,
                height=0,
                parents=tuple(animation.parents),
                versions=dict(made.get("versions", {})),
                **kept,
            )

        made = self._film(animation.pictures(self.context.images), recipe, lambda: animation.ended)
        if animation.last is not None:
            self.notes.extend(animation.last.notes)
        return _noted(made, self.notes)

    def _film(self, pictures: Iterable[Image], recipe: Callable[[], Recipe], ended: Callable[[], str]) -> Observation:
        """Write the pictures to a file as they come, and keep it. The first waits for the second, as only then it is
        known who draws."""
        iterator = iter(pictures)
        opening = list(islice(iterator, 2))
        if not opening:
            raise ToolError("the call was given up", kind="cancelled")
        size = opening[0].size
        told = replace(recipe(), width=size[0], height=size[1], arguments=self.arguments)
        name = self._free()
        content, count = self._written(name, told, chain(opening, iterator), size)
        artifact = self.context.artifacts.put(content, media_type=FILM_TYPES[self.form], name=name.rpartition("/")[2])
        self.context.workspace.write(name, content)
        if count < self.frames:
            self.notes.append(f"shorter than wanted, {count} of {self.frames} frames: {ended() or 'given up'}")
        seeded = "" if told.seed is None else f", seed {told.seed}"
        model = f" ({told.model})" if told.model else ""
        by = "" if told.backend == "none" else f", drawn by {told.backend}{model}"
        text = f"{name} ({artifact.handle}): {count} frames, {self.fps:g} a second, {size[0]} x {size[1]}{seeded}{by}"
        value = {
            "path": name,
            "handle": artifact.handle,
            "frames": count,
            "fps": self.fps,
            "width": size[0],
            "height": size[1],
            "seed": told.seed,
            "backend": told.backend,
        }
        return Observation(ok=True, text=text, value=value, artifacts=(artifact,))

    def _written(self, name: str, told: Recipe, pictures: Iterable[Image], size: tuple[int, int]) -> tuple[bytes, int]:
        """The file's content, and how many frames it has."""
        with tempfile.TemporaryDirectory(prefix="thinkact-film-") as folder:
            file = Path(folder, f"film.{self.form}")
            with Film(file, size=size, fps=self.fps, recipe=told) as film:
                kept_at = time.monotonic()
                for picture in pictures:
                    film.add(picture)
                    self.context.progress("making frames", done=film.frames, total=self.frames)
                    if time.monotonic() - kept_at > _KEPT_EACH:
                        self._keep(name, film)
                        kept_at = time.monotonic()
                film.finish()
            return file.read_bytes(), film.frames

    def _keep(self, name: str, film: Film) -> None:
        """Keep what is done, as nothing can be written once the call is given up."""
        if content := film.so_far():
            self.context.workspace.write(name, content)
            self.context.progress(f"{name} holds what is done", done=film.frames, total=self.frames)

    def _free(self) -> str:
        names = (f"{self.stem}{f'-{number}' if number > 1 else ''}.{self.form}" for number in range(1, 10_000))
        return next(name for name in names if not self.context.workspace.exists(name))


def _noted(made: Observation, notes: Iterable[str]) -> Observation:
    told = "".join(f"\n[{note}]" for note in dict.fromkeys(notes))
    return replace(made, text=made.text + told)


def _begin(image: WorkspacePath | None, context: Context) -> tuple[Any, tuple[tuple[str, str], ...]]:
    """The first frame, and where it comes from."""
    if image is None:
        return None, ()
    content = context.workspace.read(image)
    return flat(open_picture(content, image).image), ((str(image), _sha256(content)),)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _place(path: WorkspacePath | None, form: str, prompt: str) -> tuple[str, str]:
    """The format, and the file's path without its ending."""
    if path is None:
        words = re.findall(r"[^\W\d_]+", prompt.lower())[:6]
        return form or "gif", f"{_FOLDER}/{'-'.join(words)[:60] or 'film'}"
    stem, dot, ending = path.rpartition(".")
    if not dot:
        return form or "gif", path
    if ending.lower() not in FILM_TYPES or (form and form != ending.lower()):
        wanted = f".{form}" if form else ", ".join(f".{one}" for one in FILM_TYPES)
        raise ToolError(f"{path} is no name for this film", hint=f"end it with {wanted}")
    return ending.lower(), stem


def _size(size: str) -> tuple[int, int]:
    if not size.strip():
        return 0, 0
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ToolError(f"size {size[:40]!r} is no size", hint="write it as 256x256, width first")
    return int(found[1]), int(found[2])
