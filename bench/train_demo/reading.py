"""How many of a model's pictures show what they were asked for."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image
from torch import Tensor

from plugins.images._scene_reader import read
from plugins.images._scene_words import ATTRIBUTES
from plugins.images._scenes import COLOURS, PLACES, SIDE, SIZES, Scene

__all__ = ["judged", "kept", "right"]


def judged(wanted: Sequence[Scene], drawn: Sequence[Image.Image]) -> dict[str, float]:
    """The share of pictures where each attribute is right, where shape and both colours are, all five, and clean."""
    hits = dict.fromkeys((*ATTRIBUTES, "all three", "all five", "clean"), 0)
    for scene, picture in zip(wanted, drawn, strict=True):
        reading = read(picture)
        if reading is None:
            continue
        for name in ATTRIBUTES:
            hits[name] += getattr(reading.scene, name) == getattr(scene, name)
        hits["all three"] += reading.scene.triple == scene.triple
        hits["all five"] += reading.scene == scene
        hits["clean"] += reading.clean
    return {name: round(count / len(wanted), 3) for name, count in hits.items()}


def kept(wanted: Sequence[Scene], stated: Tensor, drawn: Sequence[Image.Image]) -> dict[str, float]:
    """For captions that leave parts out: the share that shows all that was stated, with any values for the rest; the
    share with a clean outline; and the share of all scenes' values that came up where they were left open."""
    held, clean = 0, 0
    open_values: set[str] = set()
    for scene, told, picture in zip(wanted, stated.tolist(), drawn, strict=True):
        reading = read(picture)
        if reading is None:
            continue
        names = [name for name, tell in zip(ATTRIBUTES, told, strict=True) if tell]
        held += all(getattr(reading.scene, name) == getattr(scene, name) for name in names)
        clean += reading.clean
        open_values |= {f"{name} {getattr(reading.scene, name)}" for name in set(ATTRIBUTES) - set(names)}
    values = len(COLOURS) * 2 + len(SIZES) + len(PLACES)  # the shape is always stated
    shares = {"all that was stated": held, "clean": clean}
    return {name: round(count / len(wanted), 3) for name, count in shares.items()} | {
        "values left open that came up": round(len(open_values) / values, 3)
    }


def right(wanted: Sequence[Scene], drawn: Tensor) -> dict[str, float]:
    """`judged`, of pictures from -1 to 1: (n, 3, 32, 32)."""
    bytes_ = ((drawn.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
    return judged(wanted, [Image.frombytes("RGB", (SIDE, SIDE), one.tobytes()) for one in bytes_])
