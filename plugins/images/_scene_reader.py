"""Reads a picture of the demo's world back into its scene, from pixels alone: no model, no learning.

The background is the palette's colour nearest to the border; what differs from it is the object; its colour is that of
its inner pixels; shape, size and place are those of the true outline that it overlaps best. A set of pixels is one
integer with a bit for each, so that comparing an outline is a few operations.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from plugins.images._scenes import PALETTE, PLACES, SHAPES, SIDE, SIZES, Scene, mask

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["CLEAN", "Reading", "ground_of", "read", "readings"]

_Colour = tuple[int, int, int]

CLEAN = 0.85
"""From this overlap on an outline counts as clean: of two shapes none overlaps by as much."""
_SEEN = 70  # how far from the background's colour a pixel of an object is at least, of 441
_FEWEST = 12  # pixels of the smallest thing that is taken for an object; the smallest cross has some 45
_BORDER = 0.7  # the share of border pixels that must agree on the background
_REACH = 2  # pixels by which an outline may be out of its place
_STRAY = 0.01  # what a pixel out of place costs, so that the nearest place wins


@dataclass(frozen=True)
class Reading:
    """What a picture shows, and the `overlap` of its outline with the true one: 1 where they are the same. `box` holds
    the true outline where it overlaps best: left, top, right and bottom (both without) on the grid of this world."""

    scene: Scene
    overlap: float
    box: tuple[int, int, int, int] = (0, 0, SIDE, SIDE)

    @property
    def clean(self) -> bool:
        """Is the outline the shape's own?"""
        return self.overlap >= CLEAN


def read(picture: Image) -> Reading | None:
    """The scene of a picture of any size; None where there is no one object on an even background."""
    return next(iter(readings(picture)), None)


def readings(picture: Image) -> list[Reading]:
    """What a picture may show: the best scene of each shape, the likeliest first; none as in `read`."""
    pixels = _pixels(picture)
    ground = _ground(pixels)
    if ground is None:
        return []
    name, shade = ground
    colour = _object_colour(pixels, name, shade)
    if colour is None:
        return []
    return [
        Reading(Scene(one.shape, colour[0], name, one.size, one.place), shared, _box(one.bits))
        for one, shared in _outlines(_covered(pixels, shade, colour[1]))
    ]


def ground_of(picture: Image) -> str | None:
    """The colour of a picture's background by name; None where its border is of many colours."""
    ground = _ground(_pixels(picture))
    return None if ground is None else ground[0]


def _pixels(picture: Image) -> list[_Colour]:
    """The picture's colours, row by row, at the size of this world."""
    small = picture.convert("RGB")
    if small.size != (SIDE, SIDE):
        small = small.resize((SIDE, SIDE), 4)  # 4 is Pillow's BOX: the mean of what falls into a pixel
    raw = small.tobytes()
    return [(raw[at], raw[at + 1], raw[at + 2]) for at in range(0, len(raw), 3)]


def _distance(one: _Colour, other: _Colour) -> float:
    return math.dist(one, other)


def _nearest(colour: _Colour, *, without: str = "") -> str:
    return min((name for name in PALETTE if name != without), key=lambda name: _distance(colour, PALETTE[name]))


def _mean(pixels: list[_Colour]) -> _Colour:
    red, green, blue = (round(sum(pixel[part] for pixel in pixels) / len(pixels)) for part in range(3))
    return red, green, blue


def _ground(pixels: list[_Colour]) -> tuple[str, _Colour] | None:
    """The background's name and its shade in this picture; None where the border is of many colours."""
    edge = SIDE - 1
    rim = [pixels[y * SIDE + x] for y in range(SIDE) for x in range(SIDE) if x in (0, edge) or y in (0, edge)]
    names = [_nearest(pixel) for pixel in rim]
    name, count = Counter(names).most_common(1)[0]
    if count < _BORDER * len(rim):
        return None
    return name, _mean([pixel for pixel, its in zip(rim, names, strict=True) if its == name])


def _object_colour(pixels: list[_Colour], ground: str, shade: _Colour) -> tuple[str, _Colour] | None:
    """The object's colour by name, and its shade, from the pixels that differ most from the background."""
    far = sorted(((_distance(pixel, shade), pixel) for pixel in pixels), reverse=True)
    seen = [pixel for distance, pixel in far if distance >= _SEEN]
    if len(seen) < _FEWEST:
        return None
    # The outer half is the soft edge, or noise that is farther out than the object: the common name decides.
    name = Counter(_nearest(pixel, without=ground) for pixel in seen).most_common(1)[0][0]
    inner = [pixel for pixel in seen if _nearest(pixel, without=ground) == name]
    return name, _mean(inner[: max(_FEWEST, len(inner) // 2)])


def _covered(pixels: list[_Colour], ground: _Colour, colour: _Colour) -> int:
    """The pixels that are nearer to the object's colour than to the background's."""
    return _bits(_distance(pixel, colour) < _distance(pixel, ground) for pixel in pixels)


def _bits(marks: Iterable[bool]) -> int:
    return int("".join("1" if mark else "0" for mark in marks), 2)


@dataclass(frozen=True, slots=True)
class _Template:
    """An outline, perhaps a little out of its place, with what that costs and its pixels."""

    shape: str
    size: str
    place: str
    cost: float
    bits: int


@cache
def _templates() -> tuple[_Template, ...]:
    """Each outline, also a little out of its place; the dearest last."""
    found = []
    for shape, size, place in product(SHAPES, SIZES, PLACES):
        bits = _bits(value >= 128 for value in mask(shape, size, place).tobytes())
        for dx, dy in product(range(-_REACH, _REACH + 1), repeat=2):
            shift = dx + dy * SIDE
            moved = bits >> shift if shift >= 0 else bits << -shift
            if moved.bit_count() == bits.bit_count():
                found.append(_Template(shape, size, place, _STRAY * (abs(dx) + abs(dy)), moved))
    return tuple(sorted(found, key=lambda one: one.cost))


def _outlines(covered: int) -> list[tuple[_Template, float]]:
    """Of each shape the true outline nearest to these pixels, with how much of both is shared; the nearest first."""
    best: dict[str, tuple[float, _Template, float]] = {}
    for one in _templates():
        shared = (one.bits & covered).bit_count() / (one.bits | covered).bit_count()
        if shared - one.cost > best.get(one.shape, (0.0,))[0]:
            best[one.shape] = shared - one.cost, one, shared
    ranked = sorted(best.values(), key=lambda found: -found[0])
    return [(one, shared) for _, one, shared in ranked]


def _box(bits: int) -> tuple[int, int, int, int]:
    marks = f"{bits:0{SIDE * SIDE}b}"
    at = [index for index, mark in enumerate(marks) if mark == "1"]
    columns = [index % SIDE for index in at]
    return min(columns), at[0] // SIDE, max(columns) + 1, at[-1] // SIDE + 1
