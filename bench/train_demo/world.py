"""The demo's world as tensors: scenes by number, their pictures, and captions as tokens."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy
import torch
from torch import Tensor

from plugins.images._scene_words import ATTRIBUTES, LANGUAGES, caption
from plugins.images._scenes import (
    COLOURS,
    HELD_OUT,
    PALETTE,
    PLACES,
    SHAPES,
    SIZES,
    Scene,
    all_scenes,
    mask,
)

__all__ = ["VALUES", "covers", "disputed", "neighbour", "numbers", "pictures", "said", "seen_scenes", "unseen_scenes"]

VALUES: dict[str, tuple[str, ...]] = {
    "shape": SHAPES,
    "colour": COLOURS,
    "background": COLOURS,
    "size": SIZES,
    "place": PLACES,
}


@cache
def seen_scenes() -> tuple[Scene, ...]:
    """What may be trained on."""
    return tuple(scene for scene in all_scenes() if scene.triple not in HELD_OUT)


@cache
def unseen_scenes() -> tuple[Scene, ...]:
    """What only the gates may look at."""
    return tuple(scene for scene in all_scenes() if scene.triple in HELD_OUT)


@cache
def _masks() -> Tensor:
    """Every shape, size and place as coverage from 0 to 1: (4, 3, 5, 32, 32)."""
    parts = [[[numpy.asarray(mask(s, z, p)) for p in PLACES] for z in SIZES] for s in SHAPES]
    return torch.from_numpy(numpy.array(parts)).float() / 255


@cache
def _palette() -> Tensor:
    return torch.tensor([PALETTE[name] for name in COLOURS]).float() / 127.5 - 1


def numbers(scenes: Sequence[Scene]) -> Tensor:
    """Each scene as the places of its values in VALUES: (n, 5)."""
    return torch.tensor([[VALUES[name].index(getattr(one, name)) for name in ATTRIBUTES] for one in scenes])


def covers(scenes: Tensor) -> Tensor:
    """How much of each pixel the shape covers: (n, 1, 32, 32)."""
    return _masks()[scenes[:, 0], scenes[:, 3], scenes[:, 4]][:, None]


def disputed(scenes: Tensor) -> Tensor:
    """Where the four shapes of a scene's size and place differ, from 0 to 1: (n, 1, 32, 32)."""
    apart = _masks().amax(0) - _masks().amin(0)
    return apart[scenes[:, 3], scenes[:, 4]][:, None]


def pictures(scenes: Tensor) -> Tensor:
    """The pictures of scenes given by `numbers`, from -1 to 1: (n, 3, 32, 32)."""
    cover = covers(scenes)
    shape, ground = (_palette()[scenes[:, column]][:, :, None, None] for column in (1, 2))
    return ground + cover * (shape - ground)


def said(
    scenes: Sequence[Scene], chance: random.Random, *, telling: float = 0.8, language: str | None = None
) -> tuple[list[str], Tensor]:
    """A caption of each scene and which attributes it states: (n, 5), true or false.

    Each attribute but the shape is told with the probability `telling`.
    """
    texts, stated = [], []
    for scene in scenes:
        told = [name == "shape" or chance.random() < telling for name in ATTRIBUTES]
        names = [name for name, tell in zip(ATTRIBUTES, told, strict=True) if tell]
        texts.append(caption(scene, chance, language or chance.choice(LANGUAGES), names))
        stated.append(told)
    return texts, torch.tensor(stated)


def neighbour(scene: Scene, chance: random.Random) -> Scene:
    """A seen scene that differs in one attribute."""
    while True:
        name = chance.choice(ATTRIBUTES)
        value = chance.choice(VALUES[name])
        if value == getattr(scene, name) or value == {"colour": scene.background, "background": scene.colour}.get(name):
            continue
        other = replace(scene, **{name: value})
        if other.triple not in HELD_OUT:
            return other
