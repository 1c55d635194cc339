"""Put the CLIP, once it is trained, beside the model that ships.

    python -m bench.train_demo.ship [--to FOLDER]

It goes there whole, in half precision: for CLIP scores, distances of pictures, and answers about them.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from transformers import CLIPImageProcessorPil, CLIPModel, CLIPProcessor

from bench.train_demo.places import CLIP_FOLDER
from bench.train_demo.tokens import tokenizer
from plugins.images._models import DEMO
from plugins.images._scenes import SIDE

__all__ = ["ship"]


def ship(folder: Path) -> int:
    """Write the CLIP with its tokenizer and what makes tensors of pictures, in the place of what was there; its size in
    bytes."""
    shutil.rmtree(folder, ignore_errors=True)
    CLIPModel.from_pretrained(CLIP_FOLDER).half().save_pretrained(folder)
    grey = [0.5, 0.5, 0.5]
    look = CLIPImageProcessorPil(
        size={"height": SIDE, "width": SIDE}, resample=4, do_center_crop=False, image_mean=grey, image_std=grey
    )  # 4 is Pillow's BOX
    CLIPProcessor(look, tokenizer()).save_pretrained(folder)
    size = 0
    for file in folder.iterdir():
        file.chmod(0o644)
        size += file.stat().st_size
    return size


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--to", type=Path, default=DEMO)
    given = asked.parse_args()
    print(f"{given.to / 'clip'}: {ship(given.to / 'clip') / 1e6:.2f} MB")
