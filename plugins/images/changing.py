"""The tools that change pictures: all of one by image-to-image, or a part of one behind a mask."""

from __future__ import annotations

from collections.abc import Sequence

from plugins._contract import (
    Artifact,
    Context,
    Drawing,
    Effect,
    Observation,
    SourcePicture,
    ToolError,
    WorkspacePath,
)
from plugins._schema import tool
from plugins.images._given import picture_of
from plugins.images._keeping import draw_all, images_of, keep_beside, loras_of, stem_of
from plugins.images._masks import mask_of
from plugins.images._picture import Opened, as_file, open_picture
from plugins.images._recipe import Recipe
from plugins.images._strokes import painted

__all__ = ["edit_image", "inpaint_image"]


@tool(
    effect=Effect.WRITE,
    timeout=3600.0,
    aliases=(
        *("change a picture", "edit a picture", "image to image", "img2img", "restyle", "recolour", "recolor"),
        *("修改图片", "改图", "编辑图片", "图生图", "把图片改成"),
    ),
)
def edit_image(
    image: str,
    prompt: str,
    path: WorkspacePath | None = None,
    strength: float | None = None,
    strokes: list[str] | None = None,
    negative_prompt: str = "",
    seed: int | None = None,
    steps: int = 0,
    guidance_scale: float | None = None,
    count: int = 1,
    loras: list[str] | None = None,
    model: str = "",
    *,
    context: Context,
) -> Observation:
    """Draw a picture anew from another one, after a prompt.

    Args:
        image: File or handle of the picture.
        prompt: What is to be seen then.
        path: PNG file to save to.
        strength: How much changes, 0 to 1.
        strokes: Painted on it first, such as "red line 9,9 99,9 width 8", "#0f0 circle 50%,50% 40".
        negative_prompt: What is not to be seen.
        seed: The same one draws the same picture.
        steps: Denoising steps.
        guidance_scale: How closely to follow the prompt.
        count: How many.
        loras: Each NAME or NAME:WEIGHT.
        model: Folder or name of the model.
    """
    images_of(context)
    stem, adapted = stem_of(path, prompt), loras_of(loras)
    content, parents = picture_of(image, context)
    opened = open_picture(content, image)
    notes: tuple[str, ...] = ()
    beside: tuple[Artifact, ...] = ()
    if strokes:
        content, notes, beside = _with_strokes(opened, strokes, parents, context)
        parents = (*((one.handle, one.sha256) for one in beside), *parents)
    drawing = Drawing(
        prompt=prompt,
        negative_prompt=negative_prompt,
        count=count,
        seed=seed,
        steps=steps,
        guidance_scale=guidance_scale,
        model=model,
        source=SourcePicture(image=content, strength=strength),
        loras=adapted,
    )
    return draw_all(drawing, stem, context, tool="edit_image", parents=parents, notes=notes, beside=beside)


def _with_strokes(
    opened: Opened, strokes: Sequence[str], parents: Sequence[tuple[str, str]], context: Context
) -> tuple[bytes, tuple[str, ...], tuple[Artifact, ...]]:
    """The picture with strokes on it, kept, so that what was drawn from it can be drawn again."""
    image = painted(opened.image.convert("RGB"), strokes)
    recipe = Recipe(
        tool="edit_image",
        backend="strokes",
        width=image.width,
        height=image.height,
        arguments={"strokes": list(strokes)},
        parents=tuple(parents),
    )
    content = as_file(image, recipe)
    artifact = keep_beside(content, "strokes", context)
    return content, (*opened.notes, f"drawn from {artifact.handle}, the picture with the strokes"), (artifact,)


@tool(
    effect=Effect.WRITE,
    timeout=3600.0,
    aliases=(
        *("fill a mask", "inpaint", "replace a part of a picture", "remove from a picture", "retouch", "RePaint"),
        *("局部重绘", "修补图片", "补画", "去掉图片里的", "替换图片中的"),
    ),
)
def inpaint_image(
    image: str,
    prompt: str,
    mask: str,
    path: WorkspacePath | None = None,
    method: str = "",
    resample: int = 0,
    strength: float | None = None,
    negative_prompt: str = "",
    seed: int | None = None,
    steps: int = 0,
    guidance_scale: float | None = None,
    count: int = 1,
    loras: list[str] | None = None,
    model: str = "",
    *,
    context: Context,
) -> Observation:
    """Draw a part of a picture anew; the rest stays as it is.

    Args:
        image: File or handle of the picture.
        prompt: What is to be seen then.
        mask: White-on-black file, box "x,y,width,height" (or percents), "colour red ~40", or words.
        path: PNG file to save to.
        method: blend, or repaint.
        resample: Repetitions of repaint.
        strength: How much changes, 0 to 1.
        negative_prompt: What is not to be seen.
        seed: The same one draws the same picture.
        steps: Denoising steps.
        guidance_scale: How closely to follow the prompt.
        count: How many.
        loras: Each NAME or NAME:WEIGHT.
        model: Folder or name of the model.
    """
    if "inpaint" not in images_of(context).abilities():
        raise ToolError("nothing here can fill a mask", hint="thinkact images status tells what to do", kind="not-here")
    stem, adapted = stem_of(path, prompt), loras_of(loras)
    content, parents = picture_of(image, context)
    upright = open_picture(content, image).image.convert("RGB")
    masked = mask_of(mask, upright, context, parents=parents)
    drawing = Drawing(
        prompt=prompt,
        negative_prompt=negative_prompt,
        count=count,
        seed=seed,
        steps=steps,
        guidance_scale=guidance_scale,
        model=model,
        source=SourcePicture(
            image=content, strength=strength, mask=masked.content, method=method.strip().lower(), resample=resample
        ),
        loras=adapted,
    )
    return draw_all(
        drawing,
        stem,
        context,
        tool="inpaint_image",
        parents=(*parents, *masked.parents),
        notes=masked.notes,
        beside=masked.beside,
    )
