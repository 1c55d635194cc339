"""The demo model's little world: one coloured shape on a coloured ground, in three sizes and five places.

Whatever is drawn here can be read back exactly (`_scene_reader`) and said in English and Chinese (`_scene_words`), so
that a picture made by a model can be judged without a person. Pillow is imported where a picture is made.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "COLOURS",
    "HELD_OUT",
    "PALETTE",
    "PLACES",
    "SHAPES",
    "SIDE",
    "SIZES",
    "Scene",
    "all_scenes",
    "mask",
    "render",
]

SIDE = 32
"""The side in pixels at which the demo model draws; places and sizes below are in pixels of this grid."""

SHAPES = ("circle", "square", "triangle", "cross")
PALETTE: dict[str, tuple[int, int, int]] = {
    "red": (225, 30, 40),
    "orange": (255, 140, 0),
    "yellow": (250, 230, 40),
    "green": (25, 155, 60),
    "blue": (30, 70, 225),
    "purple": (145, 40, 185),
    "black": (10, 10, 15),
    "white": (245, 245, 245),
}
COLOURS = tuple(PALETTE)
_RADII = {"small": 5.0, "medium": 7.0, "large": 10.0}
SIZES = tuple(_RADII)
_OFFSETS = {"center": (0, 0), "left": (-5, 0), "right": (5, 0), "top": (0, -5), "bottom": (0, 5)}
PLACES = tuple(_OFFSETS)

_SEED = "thinkact demo scenes 1"
_FINE = 8  # a picture is drawn this many times larger and averaged down, which gives soft edges


@dataclass(frozen=True, order=True)
class Scene:
    """What a picture of the demo's world shows. `colour` is the shape's; it differs from `background`."""

    shape: str
    colour: str
    background: str
    size: str = "medium"
    place: str = "center"

    def __post_init__(self) -> None:
        allowed = {"shape": SHAPES, "colour": COLOURS, "background": COLOURS, "size": SIZES, "place": PLACES}
        for name, values in allowed.items():
            if getattr(self, name) not in values:
                raise ValueError(f"{name} must be one of {', '.join(values)}, not {getattr(self, name)!r}")
        if self.colour == self.background:
            raise ValueError(f"a {self.colour} {self.shape} on {self.background} could not be seen")

    @property
    def triple(self) -> tuple[str, str, str]:
        """Shape, colour and background, by which scenes are held out of the training."""
        return self.shape, self.colour, self.background


def all_scenes() -> tuple[Scene, ...]:
    """Every scene there is, always in the same order."""
    return tuple(Scene(*parts) for parts in product(SHAPES, COLOURS, COLOURS, SIZES, PLACES) if parts[1] != parts[2])


def _held_out() -> frozenset[tuple[str, str, str]]:
    """One triple in ten, by their hashes: the same ones with every Python, and no order that a model could use."""
    triples = [parts for parts in product(SHAPES, COLOURS, COLOURS) if parts[1] != parts[2]]
    drawn = sorted(triples, key=lambda parts: hashlib.sha256(" ".join((_SEED, *parts)).encode()).digest())
    return frozenset(drawn[: len(triples) // 10])


HELD_OUT = _held_out()
"""The (shape, colour, background) triples that no training sees: what it does with them was not learned by heart."""


def _outline(shape: str, x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """The corners of a shape around (x, y); of a circle, the two corners of its box."""
    if shape == "circle":
        return [(x - radius, y - radius), (x + radius, y + radius)]
    if shape == "square":
        half = radius * 0.8
        return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
    if shape == "triangle":
        return [(x, y - radius), (x + radius, y + radius * 0.8), (x - radius, y + radius * 0.8)]
    arm = radius * 0.33
    ring = [(-arm, -radius), (arm, -radius), (arm, -arm), (radius, -arm), (radius, arm), (arm, arm)]
    return [(x + dx, y + dy) for dx, dy in [*ring, *((-dx, -dy) for dx, dy in ring)]]


@lru_cache(maxsize=256)
def mask(shape: str, size: str, place: str, side: int = SIDE) -> Image:
    """How much of each pixel the shape covers, as a grey picture from 0 to 255. Not to be changed: it is kept."""
    from PIL import Image, ImageDraw

    scale = side * _FINE / SIDE
    dx, dy = _OFFSETS[place]
    corners = _outline(shape, SIDE / 2 + dx, SIDE / 2 + dy, _RADII[size])
    points = [(x * scale - 0.5, y * scale - 0.5) for x, y in corners]
    picture = Image.new("L", (side * _FINE, side * _FINE), 0)
    drawn = ImageDraw.Draw(picture)
    if shape == "circle":
        drawn.ellipse(points, fill=255)
    else:
        drawn.polygon(points, fill=255)
    return picture.reduce(_FINE)


def render(scene: Scene, side: int = SIDE) -> Image:
    """The picture of a scene, `side` pixels wide and high, in RGB."""
    from PIL import Image

    shape = Image.new("RGB", (side, side), PALETTE[scene.colour])
    ground = Image.new("RGB", (side, side), PALETTE[scene.background])
    return Image.composite(shape, ground, mask(scene.shape, scene.size, scene.place, side))
