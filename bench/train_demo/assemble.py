"""Put a checkpoint into a folder that every Stable Diffusion pipeline loads by its path.

python -m bench.train_demo.assemble [NAME]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from transformers import CLIPTextModel
from transformers.utils import logging

from bench.train_demo.network import identity_autoencoder, new_unet, schedule
from bench.train_demo.places import CLIP_FOLDER, OUT
from bench.train_demo.tokens import tokenizer

__all__ = ["assemble", "text_tower"]


def text_tower() -> CLIPTextModel:
    """The text half of the trained CLIP, frozen."""
    told = logging.get_verbosity()
    logging.set_verbosity_error()  # that the picture half is left aside is meant
    tower = CLIPTextModel.from_pretrained(CLIP_FOLDER).eval().requires_grad_(False)
    logging.set_verbosity(told)
    return tower


def assemble(name: str) -> tuple[Path, int]:
    """Write the slow average of `out/NAME.pt` as a pipeline in half precision; its folder, and the pictures seen."""
    kept = torch.load(OUT / f"{name}.pt", weights_only=True)
    unet = new_unet()
    unet.load_state_dict(kept["average"])
    pipeline = StableDiffusionPipeline(
        vae=identity_autoencoder(),
        text_encoder=text_tower(),
        tokenizer=tokenizer(),
        unet=unet.eval(),
        scheduler=schedule(),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )
    folder = OUT / name
    pipeline.to(dtype=torch.float16).save_pretrained(folder)
    _without_complaint(folder / "vae" / "config.json")
    for file in folder.rglob("*.safetensors"):
        file.chmod(0o644)
    return folder, kept["seen"]


def _without_complaint(file: Path) -> None:
    """Take out what diffusers writes here and, reading it, warns of; it works it out again by itself."""
    config = json.loads(file.read_text("utf-8"))
    config.pop("block_out_channels", None)
    file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    made, seen = assemble(sys.argv[1] if len(sys.argv) > 1 else "unet")
    size = sum(file.stat().st_size for file in made.rglob("*") if file.is_file())
    print(f"{made}: {size / 1e6:.2f} MB, after {seen} pictures")
