"""`thinkact images info`: what a picture file says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from agent.cli.images.files import read_file, wrong_usage
from agent.cli.tables import as_json, table
from plugins.images import Recipe, Told, read_told


def tell(file: Path, *, as_data: bool) -> int:
    """Tell it; the exit code.

    Raises:
        UsageError: the file cannot be read, or is no picture.
    """
    content, opened = read_file(file)
    with wrong_usage():
        told = read_told(content, str(file))
    if as_data:
        recipe = None if told.recipe is None else asdict(told.recipe)
        size = {"width": opened.image.width, "height": opened.image.height}
        as_json({"file": str(file), **size, "notes": opened.notes, "made": recipe, "parameters": dict(told.parameters)})
        return 0
    table([("file", str(file)), ("size", f"{opened.image.width} x {opened.image.height}"), *_rows(told)], most=20)
    for note in opened.notes:
        typer.echo(f"note: {note}")
    return 0


def _rows(told: Told) -> Iterator[tuple[str, str]]:
    if told.recipe is not None:
        yield from _of_recipe(told.recipe)
    elif told.parameters:
        yield from ((name.lower(), value) for name, value in told.parameters.items())
    else:
        yield "made", "it does not tell how"


def _of_recipe(recipe: Recipe) -> Iterator[tuple[str, str]]:
    yield "made by", f"{recipe.tool}, drawn by {recipe.backend}"
    given: Mapping[str, Any] = {
        "model": recipe.model,
        "model hash": recipe.model_hash,
        "prompt": recipe.prompt,
        "negative prompt": recipe.negative_prompt,
        "seed": recipe.seed,
        "steps": recipe.steps,
        "guidance": recipe.guidance_scale,
        "scheduler": recipe.scheduler,
        **recipe.arguments,
    }
    yield from ((name, str(value)) for name, value in given.items() if value not in (None, ""))
    yield from (("from", f"{name} (sha256 {digest[:12]})") for name, digest in recipe.parents)
    if recipe.versions:
        yield "versions", ", ".join(f"{name} {version}" for name, version in recipe.versions.items())
