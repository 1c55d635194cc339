"""The tool that enlarges pictures."""

from __future__ import annotations

from plugins._contract import Context, Effect, Observation, WorkspacePath
from plugins._schema import tool
from plugins.images._given import picture_of
from plugins.images._keeping import images_of, keep, stem_of, telling, together

__all__ = ["upscale_image"]


@tool(
    effect=Effect.WRITE,
    timeout=3600.0,
    aliases=(
        *("enlarge a picture", "upscale", "super resolution", "higher resolution", "larger picture"),
        *("放大图片", "超分辨率", "提高分辨率"),
    ),
)
def upscale_image(
    image: str,
    scale: int = 4,
    method: str = "",
    prompt: str = "",
    path: WorkspacePath | None = None,
    seed: int | None = None,
    *,
    context: Context,
) -> Observation:
    """Enlarge a picture.

    Args:
        image: File or handle of the picture.
        scale: 2, 3, 4 or 8 times as wide.
        method: diffusion (a model makes up detail) or lanczos (by rule).
        prompt: What it shows, for the model.
        path: PNG file to save to.
        seed: The same one gives the same picture.
    """
    images = images_of(context)
    stem = stem_of(path, image.rpartition("/")[2].rpartition(".")[0] or image, f"-x{scale}")
    content, parents = picture_of(image, context)
    drawn = images.upscale(
        content,
        scale=scale,
        method=method.strip().lower(),
        prompt=prompt,
        seed=seed,
        parents=parents,
        progress=telling(context, "enlarging"),
        cancelled=lambda: context.cancelled,
    )
    return together([keep(drawn, stem, context, verb="enlarged")], wanted=1)
