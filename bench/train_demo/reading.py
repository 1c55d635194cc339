"""How many of a model's pictures show what they were asked for."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image
from torch import Tensor

from plugins.images._scene_reader import read
from plugins.images._scene_words import ATTRIBUTES
from plugins.images._scenes import SIDE, Scene

__all__ = ["judged", "right"]


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


def right(wanted: Sequence[Scene], drawn: Tensor) -> dict[str, float]:
    """`judged`, of pictures from -1 to 1: (n, 3, 32, 32)."""
    bytes_ = ((drawn.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
    return judged(wanted, [Image.frombytes("RGB", (SIDE, SIDE), one.tobytes()) for one in bytes_])
