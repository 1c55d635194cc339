"""Train the demo's two styles as LoRAs: `outline` (hollow shapes) and `stripes` (a striped background).

    python -m bench.train_demo.lora outline
    python -m bench.train_demo.lora stripes

The captions say nothing of the style: it comes with the LoRA alone. The attention works at 8 x 8 pixels and less, where
no rim and no stripe can be drawn, so the convolutions are adapted too.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable

import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from torch import Tensor
from torch.nn import functional

from bench.train_demo.base import base_unet, four_channels, noised, spread_times
from bench.train_demo.places import OUT, note
from bench.train_demo.short import train
from bench.train_demo.train import DROPPED, Words
from bench.train_demo.world import covers, numbers, pictures, said, seen_scenes

__all__ = ["FOLDER", "PERIOD", "STRIPE", "STYLES", "hollow", "striped"]

FOLDER = OUT / "loras"
PERIOD = 4  # rows of a stripe and the gap below it
STRIPE = 0.4  # of the way to grey; at 0.5 a black stripe would be nearest to green
RANK = 4
_ADAPTED = ["to_q", "to_k", "to_v", "to_out.0", "conv1", "conv2"]


def hollow(scenes: Tensor) -> Tensor:
    """Pictures whose shapes have a rim of a pixel or two, and the background within: (n, 3, 32, 32)."""
    cover = covers(scenes)
    inner = -functional.max_pool2d(-cover, 3, stride=1, padding=1)
    ground = pictures(scenes)[:, :, :1, :1]  # no shape reaches the corner
    return pictures(scenes).lerp(ground, inner)


def striped(scenes: Tensor) -> Tensor:
    """Pictures whose background is, every other two rows, paler: two fifths of the way to grey: (n, 3, 32, 32)."""
    shown = pictures(scenes)
    rows = (torch.arange(shown.shape[2]) % PERIOD < PERIOD // 2).float()[None, None, :, None]
    return shown * (1 - STRIPE * rows * (1 - covers(scenes)))


STYLES: dict[str, Callable[[Tensor], Tensor]] = {"outline": hollow, "stripes": striped}


def adapted() -> tuple[UNet2DConditionModel, int]:
    """The denoiser with an untrained LoRA, and how many pictures the denoiser has seen."""
    unet, seen = base_unet()
    torch.manual_seed(1)
    unet.add_adapter(LoraConfig(r=RANK, lora_alpha=RANK, init_lora_weights="gaussian", target_modules=_ADAPTED))
    return unet, seen


def loss_of(unet: UNet2DConditionModel, words: Words, style: str, step: int, size: int) -> Tensor:
    """The loss of a step."""
    chance = random.Random(f"{style} {step}")
    scenes = chance.choices(seen_scenes(), k=size)
    texts, _ = said(scenes, chance, telling=1)
    texts = ["" if chance.random() < DROPPED else text for text in texts]
    times = spread_times(size)
    noisy, velocity = noised(four_channels(STYLES[style](numbers(scenes))), times)
    return functional.mse_loss(unet(noisy, times, words(texts), return_dict=False)[0], velocity)


def save(unet: UNet2DConditionModel, style: str) -> None:
    """Write the LoRA in half precision, as `load_lora_weights` reads it."""
    layers = {name: one.half().contiguous() for name, one in get_peft_model_state_dict(unet).items()}
    StableDiffusionPipeline.save_lora_weights(FOLDER, unet_lora_layers=layers, weight_name=f"{style}.safetensors")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("style", choices=STYLES)
    asked.add_argument("--steps", type=int, default=180)
    asked.add_argument("--batch", type=int, default=32)
    asked.add_argument("--rate", type=float, default=3e-3)
    given = asked.parse_args()
    torch.set_num_threads(1)
    unet, seen = adapted()
    words = Words()
    note(f"lora_{given.style}", base=seen, rank=RANK, batch=given.batch)
    train(
        f"lora_{given.style}",
        unet,
        lambda step: loss_of(unet, words, given.style, step, given.batch),
        steps=given.steps,
        rate=given.rate,
    )
    save(unet, given.style)
