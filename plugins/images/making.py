"""The tool that makes pictures from words."""

from __future__ import annotations

from plugins._contract import Context, Drawing, Effect, Observation, WorkspacePath
from plugins._schema import tool
from plugins.images._given import picture_of
from plugins.images._keeping import draw_all, images_of, loras_of, size_of, stem_of
from plugins.images._maps import control_of

__all__ = ["generate_image"]


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
    loras: list[str] | None = None,
    control_image: str = "",
    control_kind: str = "",
    control_scale: float = 1.0,
    control_map: bool = False,
    reference_image: str = "",
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
        loras: Each NAME or NAME:WEIGHT.
        control_image: Picture to follow.
        control_kind: edges, depth, scribble or pose.
        control_scale: How closely, to 2.
        control_map: It is a map already.
        reference_image: Picture whose look to take up.
    """
    images_of(context)
    width, height = size_of(size)
    stem = stem_of(path, prompt)
    adapted = loras_of(loras)
    controlled = control_of(control_image, control_kind, control_scale, is_map=control_map, context=context)
    reference, parents = picture_of(reference_image, context) if reference_image.strip() else (None, ())
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
        controls=controlled.controls,
        loras=adapted,
        reference=reference,
    )
    return draw_all(
        drawing,
        stem,
        context,
        tool="generate_image",
        parents=(*controlled.parents, *parents),
        notes=controlled.notes,
        beside=controlled.beside,
    )
