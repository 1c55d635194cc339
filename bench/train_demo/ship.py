"""Put the small parts, once they are trained and measured, beside the model that ships.

    python -m bench.train_demo.ship [captioner] [clip] [loras] [controlnets] [--to FOLDER]

The CLIP goes there whole, in half precision: for CLIP scores, distances of pictures, and answers about them.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from transformers import CLIPImageProcessorPil, CLIPModel, CLIPProcessor

from bench.train_demo.places import CLIP_FOLDER, OUT
from bench.train_demo.tokens import tokenizer
from plugins.images._models import DEMO
from plugins.images._scenes import SIDE

__all__ = ["ship"]

PARTS = ("captioner", "clip", "controlnets", "loras")


def _clip(folder: Path) -> None:
    """The CLIP with its tokenizer and what makes tensors of pictures."""
    CLIPModel.from_pretrained(CLIP_FOLDER).half().save_pretrained(folder)
    grey = [0.5, 0.5, 0.5]
    look = CLIPImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, resample=4, do_center_crop=False, image_mean=grey, image_std=grey
    )  # 4 is Pillow's BOX
    CLIPProcessor(look, tokenizer()).save_pretrained(folder)


def ship(part: str, to: Path) -> int:
    """Write a part, all of it, in the place of what was there; its size in bytes."""
    folder = to / part
    shutil.rmtree(folder, ignore_errors=True)
    if part == "clip":
        _clip(folder)
    else:
        shutil.copytree(OUT / part, folder)
    size = 0
    for file in folder.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
        size += file.stat().st_size if file.is_file() else 0
    return size


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=PARTS)
    asked.add_argument("--to", type=Path, default=DEMO)
    given = asked.parse_args()
    for name in given.parts:
        print(f"{given.to / name}: {ship(name, given.to) / 1e6:.2f} MB")
