"""A picture that was drawn, as tools get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from plugins._given_images import Drawn
from plugins.images._picture import as_file
from plugins.images._recipe import Recipe

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["made"]


def made(image: Image, recipe: Recipe, notes: Sequence[str] = (), *, packages: Sequence[str] = ()) -> Drawn:
    """A picture with how it was made. `packages`: what drew it besides thinkact and Pillow; their versions are told."""
    told = replace(recipe, versions={name: _version(name) for name in ("thinkact", "pillow", *packages)})
    return Drawn(
        content=as_file(image, told),
        width=image.width,
        height=image.height,
        seed=recipe.seed,
        backend=recipe.backend,
        model=recipe.model,
        notes=tuple(notes),
        recipe=asdict(told),
    )


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
