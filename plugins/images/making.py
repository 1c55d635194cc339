"""The tool that makes pictures from words."""

from __future__ import annotations

import re
from collections.abc import Callable

from plugins._contract import Context, Drawing, Drawn, Effect, Observation, ToolError, WorkspacePath
from plugins._schema import tool

__all__ = ["generate_image"]

_SIZE = re.compile(r"\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*", re.IGNORECASE)
_FOLDER = "pictures"


@tool(
    effect=Effect.WRITE,
    timeout=3600.0,
    aliases=(
        *("draw a picture", "draw an image", "generate a picture", "make a picture", "create an image", "paint"),
        *("illustrate", "illustration", "画一张", "画一幅", "画图", "生成图片", "生成图像", "作画", "插图"),
    ),
)
def generate_image(
    prompt: str,
    path: WorkspacePath | None = None,
    negative_prompt: str = "",
    size: str = "",
    count: int = 1,
    seed: int | None = None,
    steps: int = 0,
    guidance_scale: float | None = None,
    scheduler: str = "",
    model: str = "",
    *,
    context: Context,
) -> Observation:
    """Draw pictures from words.

    Args:
        prompt: What is to be seen.
        path: PNG file to save to; else pictures/NAME.png.
        negative_prompt: What is not to be seen.
        size: Such as 512x768.
        count: How many.
        seed: The same one draws the same picture.
        steps: Denoising steps.
        guidance_scale: How closely to follow the prompt.
        scheduler: Sampler by name.
        model: Folder or name of the model.
    """
    if context.images is None:
        raise ToolError("no pictures can be drawn here", hint="thinkact images status tells what to do")
    width, height = _size(size)
    drawing = Drawing(
        prompt=prompt,
        negative_prompt=negative_prompt,
        width=width,
        height=height,
        count=count,
        seed=seed,
        steps=steps,
        guidance_scale=guidance_scale,
        scheduler=scheduler,
        model=model,
    )
    stem = _stem(path, prompt)
    kept: list[Observation] = []
    for drawn in context.images.draw(drawing, progress=_telling(context), cancelled=lambda: context.cancelled):
        kept.append(_keep(drawn, stem, context))
    if not kept:
        raise ToolError("the call was given up", kind="cancelled")
    return _together(kept, wanted=count)


def _size(size: str) -> tuple[int, int]:
    if not size.strip():
        return 0, 0
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ToolError(f"size {size[:40]!r} is no size", hint="write it as 512x768, width first")
    return int(found[1]), int(found[2])


def _stem(path: WorkspacePath | None, prompt: str) -> str:
    """The file's path without its ending."""
    if path is not None:
        stem, dot, ending = path.rpartition(".")
        if dot and ending.lower() != "png":
            raise ToolError(f"{path} is no PNG file", hint="end its name with .png")
        return stem if dot else path
    words = re.findall(r"\w+", prompt.lower())[:6]
    return f"{_FOLDER}/{'-'.join(words)[:60] or 'picture'}"


def _telling(context: Context) -> Callable[[int, int], None]:
    def told(done: int, of: int) -> None:
        context.progress("drawing", done=done, total=of)

    return told


def _keep(drawn: Drawn, stem: str, context: Context) -> Observation:
    """Keep a picture as an artifact, and as a file that was not there before."""
    artifact = context.artifacts.put(drawn.content, media_type="image/png", name=f"{stem.rpartition('/')[2]}.png")
    names = (f"{stem}{f'-{number}' if number > 1 else ''}.png" for number in range(1, 10_000))
    path = next(name for name in names if not context.workspace.exists(name))
    context.workspace.write(path, drawn.content)
    seeded = "" if drawn.seed is None else f", seed {drawn.seed}"
    by = f"{drawn.backend} ({drawn.model})" if drawn.model else drawn.backend
    text = f"{path} ({artifact.handle}): {drawn.width} x {drawn.height}{seeded}, drawn by {by}"
    value = {
        "path": path,
        "handle": artifact.handle,
        "width": drawn.width,
        "height": drawn.height,
        "seed": drawn.seed,
        "backend": drawn.backend,
        "model": drawn.model,
    }
    notes = "".join(f"\n[{note}]" for note in drawn.notes)
    return Observation(ok=True, text=f"{text}{notes}", value=value, artifacts=(artifact,))


def _together(kept: list[Observation], *, wanted: int) -> Observation:
    lines = dict.fromkeys(line for one in kept for line in one.text.split("\n"))  # notes that all share stand once
    if len(kept) < wanted:
        lines[f"[given up after {len(kept)} of {wanted}]"] = None
    artifacts = tuple(artifact for one in kept for artifact in one.artifacts)
    return Observation(ok=True, text="\n".join(lines), value=[one.value for one in kept], artifacts=artifacts)
