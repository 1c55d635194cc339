"""A picture made again from what its file tells: by thinkact, or as AUTOMATIC1111's web UI and its like write it.

What a file tells anybody may have written: it is judged like any other drawing, and its parents only count where their
content is what it was.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plugins._given_images import ControlPicture, Drawing, Lora, SourcePicture
from plugins._outcome import ToolError
from plugins.images._infotext import NEGATIVE, PROMPT
from plugins.images._picture import Told
from plugins.images._recipe import Recipe

__all__ = ["Again", "again_of", "lora_changed"]

_DRAWN_BY = ("generate_image", "edit_image", "inpaint_image", "control_image")
_KNOWN = ("strength", "method", "resample", "controls", "loras")
"""The arguments of a recipe that a drawing is made from."""
_SPACING = re.compile(r"\s+(karras|exponential|sgm uniform|simple|normal|beta|polyexponential)$", re.IGNORECASE)
"""How other programs space the steps, written behind the name of the sampler."""

Find = Callable[[str, str], bytes]
"""The content of a parent, by its path or handle and its SHA-256. It raises ToolError where it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What is to be done to make a picture again.

    Attributes:
        tool: Which made it.
        backend, model, model_hash: What drew it; "" where that is not told.
        drawing: What is to be drawn; None for a picture that was enlarged.
        enlarged: The picture, the scale, the method and the prompt of an enlargement.
        parents: As in the recipe.
        notes: What could not be taken as it is told.
        exact: Can it come out identical, pixel for pixel?
    """

    tool: str
    backend: str = ""
    model: str = ""
    model_hash: str = ""
    drawing: Drawing | None = None
    enlarged: tuple[bytes, int, str, str] | None = None
    seed: int | None = None
    parents: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    exact: bool = True

    def with_seed(self, seed: int) -> Again:
        """The same by another seed."""
        drawing = None if self.drawing is None else replace(self.drawing, seed=seed)
        return replace(self, seed=seed, drawing=drawing, exact=False)


def again_of(told: Told, find: Find) -> Again:
    """What a file tells, as something that can be done.

    Args:
        told: Of `read_told`.
        find: Finds the pictures that it was made from.

    Raises:
        ToolError: it does not tell enough, or a picture that it was made from is gone or changed.
    """
    if told.recipe is not None:
        return _of_recipe(told.recipe, find)
    if PROMPT in told.parameters and len(told.parameters) > 2:
        return _of_parameters(told.parameters)
    raise ToolError("the picture does not tell how it was made", hint="thinkact images info FILE shows what one tells")


def _of_recipe(recipe: Recipe, find: Find) -> Again:
    same = {
        "tool": recipe.tool,
        "backend": recipe.backend,
        "model": recipe.model,
        "model_hash": recipe.model_hash,
        "seed": recipe.seed,
        "parents": recipe.parents,
        "exact": recipe.seed is not None or recipe.backend == "lanczos",
    }
    if recipe.tool == "upscale_image":
        return Again(enlarged=_enlarged(recipe, find), **same)  # type: ignore[arg-type]
    unknown = sorted(set(recipe.arguments) - set(_KNOWN))
    if recipe.tool not in _DRAWN_BY or unknown:
        told = f" ({', '.join(unknown)})" if unknown else ""
        raise ToolError(f"what {recipe.tool[:60]} makes{told[:200]} cannot be made again from its file alone")
    return Again(drawing=_drawing(recipe, find), **same)  # type: ignore[arg-type]


def _drawing(recipe: Recipe, find: Find) -> Drawing:
    """The drawing of a recipe. Its parents stand in the order of `Drawing`: the picture that it began from, its mask,
    the maps that it followed, and the one whose look it took up."""
    told = recipe.arguments
    left = [find(name, digest) for name, digest in recipe.parents]
    source = None
    if "strength" in told or "method" in told:
        image = _next(left, "the picture that it began from")
        controls = _dicts(told.get("controls", []))
        mask = left.pop(0) if len(left) > len(controls) else None
        source = SourcePicture(
            image=image,
            strength=_number(told.get("strength")) if told.get("method") != "repaint" else None,
            mask=mask,
            method=str(told.get("method", "")),
            resample=int(_number(told.get("resample")) or 0),
        )
    maps = [
        ControlPicture(
            image=_next(left, "a control map"), kind=str(one.get("kind")), scale=_number(one.get("scale")) or 0.0
        )
        for one in _dicts(told.get("controls", []))
    ]
    loras = [
        Lora(name=str(one.get("name")), weight=_number(one.get("weight")) or 0.0)
        for one in _dicts(told.get("loras", []))
    ]
    return Drawing(
        prompt=recipe.prompt,
        negative_prompt=recipe.negative_prompt,
        width=0 if source is not None else recipe.width,
        height=0 if source is not None else recipe.height,
        seed=recipe.seed,
        steps=recipe.steps or 0,
        guidance_scale=recipe.guidance_scale,
        scheduler="" if told.get("method") == "repaint" else recipe.scheduler or "",
        source=source,
        controls=maps,
        loras=loras,
        reference=left.pop(0) if left else None,
    )


def _enlarged(recipe: Recipe, find: Find) -> tuple[bytes, int, str, str]:
    pictures = [find(name, digest) for name, digest in recipe.parents]
    scale = _number(recipe.arguments.get("scale"))
    if not scale:
        raise ToolError("the picture does not tell how it was enlarged")
    method = "lanczos" if recipe.backend == "lanczos" else "diffusion"
    return _next(pictures, "the picture that was enlarged"), int(scale), method, recipe.prompt


def _next(pictures: list[bytes], what: str) -> bytes:
    if not pictures:
        raise ToolError(f"the file does not tell {what}", hint="make it again by the tool that made it")
    return pictures.pop(0)


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _of_parameters(told: Mapping[str, str]) -> Again:
    """What another program tells: its own arithmetic differs, so it comes out alike, not identical."""
    if "Denoising strength" in told and "Hires upscale" not in told:
        raise ToolError("it was made from another picture, which its file does not tell", hint="name it to edit_image")
    notes = []
    sampler, spacing = told.get("Sampler", ""), ""
    if found := _SPACING.search(sampler):
        sampler, spacing = sampler[: found.start()], found[1]
    if spacing or told.get("Schedule type", "Automatic") != "Automatic":
        notes.append(f"the steps are spaced as the model has them, not {spacing or told['Schedule type']}")
    if "Hires upscale" in told:
        notes.append("it was enlarged and drawn over afterwards, which is not done again")
    found_size = re.fullmatch(r"(\d{1,5})x(\d{1,5})", told.get("Size", ""))
    width, height = (int(found_size[1]), int(found_size[2])) if found_size else (0, 0)
    seed = _whole(told.get("Seed"))
    drawing = Drawing(
        prompt=told[PROMPT],
        negative_prompt=told.get(NEGATIVE, ""),
        width=width,
        height=height,
        seed=seed if seed is not None and seed < 2**32 else None,
        steps=_whole(told.get("Steps")) or 0,
        guidance_scale=_decimal(told.get("CFG scale")),
        scheduler=sampler,
    )
    return Again(
        tool="generate_image",
        model=told.get("Model", ""),
        drawing=drawing,
        seed=drawing.seed,
        notes=notes,
        exact=False,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,18}", text) else None


def _decimal(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"\d{1,4}(\.\d{1,6})?", text) else None


def lora_changed(recipe: Recipe | None, file_of: Callable[[Lora], Path]) -> str:
    """The name of a LoRA that is another than the one that a picture was drawn with; "" where none is. `file_of` tells
    the file of one, and raises ToolError where it is not here."""
    for one in _dicts([] if recipe is None else recipe.arguments.get("loras", [])):
        name = str(one.get("name"))
        with file_of(Lora(name=name)).open("rb") as opened:
            if not hashlib.file_digest(opened, "sha256").hexdigest().startswith(str(one.get("hash", ""))):
                return name
    return ""
