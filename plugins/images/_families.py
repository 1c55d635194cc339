"""What the families of diffusers can do, told by the index of a model alone: nothing is imported for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["INDEX", "able", "class_of", "parts_of"]

INDEX = "model_index.json"
"""The file that makes a folder a model of diffusers."""

# As the tables of AutoPipeline in diffusers 0.42 have them. Others draw from words only.
_CHANGING = (
    *("StableDiffusion", "StableDiffusionXL", "StableDiffusion3", "StableDiffusionPAG", "StableDiffusionXLPAG", "IF"),
    *("KandinskyCombined", "KandinskyV22Combined", "Flux", "QwenImage", "ZImage"),
)
_CHANGING_WHOLE = ("Kandinsky3", "LatentConsistencyModel", "StableDiffusion3PAG", "FluxKontext", "Flux2", "Flux2Klein")
_CONTROLLED = ("StableDiffusion", "StableDiffusionXL")
"""Whose ControlNet pipelines take the same arguments, from words, from a picture and with a mask."""
_ADAPTED = (
    *(
        "StableDiffusion",
        "StableDiffusionXL",
        "StableDiffusion3",
        "LatentConsistencyModel",
        "Flux",
        "Flux2",
        "QwenImage",
    ),
    *("ZImage", "Sana", "Lumina2", "CogView4", "AuraFlow", "StableDiffusionInstructPix2Pix"),
)
_INSTRUCTED = ("StableDiffusionInstructPix2Pix", "StableDiffusionXLInstructPix2Pix", "QwenImageEdit", "FluxKontext")
"""Edited by an instruction, with no strength."""


def class_of(folder: Path) -> str:
    """The name of the pipeline's class without its ending; "" where the index cannot be read."""
    name = _index(folder).get("_class_name", "")
    return name.removesuffix("Pipeline") if isinstance(name, str) else ""


def able(folder: Path, *, controls: bool) -> frozenset[str]:
    """What the model of a folder does; see `State.abilities`. `controls`: are there ControlNets for it?"""
    family = class_of(folder)
    found = {"edit"} if family in _INSTRUCTED and family != "FluxKontext" else {"generate"}
    if family in (*_CHANGING, *_CHANGING_WHOLE):
        found.add("edit")
    if family in _CHANGING:
        found.add("inpaint")
    if family in _ADAPTED:
        found.add("lora")
    if family == "StableDiffusion":
        found.add("drag")
    if controls and family in _CONTROLLED:
        found.add("control")
    return frozenset(found)


def parts_of(folder: Path) -> list[str]:
    """The names of the parts that the index names, each a folder beside it.

    Raises:
        OSError, ValueError: the index cannot be read.
    """
    index: Mapping[str, Any] = json.loads((folder / INDEX).read_text("utf-8"))
    return sorted(name for name, value in index.items() if isinstance(value, list) and value[0])


def _index(folder: Path) -> Mapping[str, Any]:
    try:
        read = json.loads((folder / INDEX).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
