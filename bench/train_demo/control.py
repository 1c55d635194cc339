"""Train the demo's ControlNet for edges: the picture follows a map of white lines on black.

    python -m bench.train_demo.control

The captions name both colours rightly, and what the map tells (shape, size, place) they mostly leave out or say
wrongly: the map wins. That is how the back-end asks: what a prompt leaves open it fills in, with a circle in the
middle. Maps are outlines of one to three of 256 pixels, scaled down as the back-end scales a user's, so that some are
faint.
"""

from __future__ import annotations

import argparse
import random
from functools import cache
from itertools import product

import torch
from diffusers import ControlNetModel
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn import functional

from bench.train_demo.base import base_unet, four_channels, noised, spread_times
from bench.train_demo.places import OUT, note
from bench.train_demo.short import train
from bench.train_demo.train import DROPPED, Words
from bench.train_demo.world import numbers, pictures, said, seen_scenes
from plugins.images._scene_words import caption
from plugins.images._scenes import PLACES, SHAPES, SIDE, SIZES, Scene, mask

__all__ = ["FOLDER", "THICK", "coloured", "maps", "outline"]

FOLDER = OUT / "controlnets" / "edges"
THICK = (1, 2, 3)  # of a line, in pixels of a picture of 256
_LARGE = 256
_GAIN = 8.0  # a line of one of 256 pixels scaled down has an eighth of its light; some maps are given it back


def outline(cover: Image.Image, thick: int) -> Image.Image:
    """The outline of a grey picture's white, `thick` pixels wide, at 32 x 32 as the back-end scales a map down."""
    solid = cover.point([255 if value > 127 else 0 for value in range(256)])
    inner = solid.filter(ImageFilter.MinFilter(3))
    outer = solid if thick == 1 else solid.filter(ImageFilter.MaxFilter(3))
    if thick == 3:
        inner = inner.filter(ImageFilter.MinFilter(3))
    line = Image.composite(Image.new("L", solid.size, 0), outer, inner)
    return line.resize((SIDE, SIDE), Image.Resampling.BOX)


@cache
def _outlines() -> Tensor:
    """Every shape, size and place in every thickness, from 0 to 1: (3, 4, 3, 5, 32, 32)."""
    made = torch.empty(len(THICK), len(SHAPES), len(SIZES), len(PLACES), SIDE, SIDE)
    kinds = product(*(list(enumerate(some)) for some in (SHAPES, SIZES, PLACES)))
    for (s, shape), (z, size), (p, place) in kinds:
        cover = mask(shape, size, place, _LARGE)
        for t, thick in enumerate(THICK):
            line = bytearray(outline(cover, thick).tobytes())
            made[t, s, z, p] = torch.frombuffer(line, dtype=torch.uint8).view(SIDE, SIDE).float() / 255
    return made


def maps(scenes: Tensor) -> Tensor:
    """Maps of scenes given by `numbers`, of any thickness, faint or bright, from 0 to 1: (n, 3, 32, 32)."""
    thick = torch.randint(len(THICK), (len(scenes),))
    lines = _outlines()[thick, scenes[:, 0], scenes[:, 3], scenes[:, 4]][:, None]
    gain = _GAIN ** torch.rand(len(scenes), 1, 1, 1)
    return (lines * gain).clamp(0, 1).expand(-1, 3, -1, -1)


def coloured(scene: Scene, chance: random.Random, language: str) -> str:
    """A caption of a scene's two colours alone."""
    text = caption(Scene("circle", scene.colour, scene.background), chance, language, ("colour", "background"))
    for word in ("正圆形", "圆形", "圆", "circle", "disc"):
        text = text.replace(word, "")
    return " ".join(text.split()).replace(" ,", ",").strip("，, ")


def _caption(scene: Scene, chance: random.Random) -> str:
    """The colours are right; the rest is told, left out, filled in with a medium circle in the center, or wrong."""
    language = chance.choice(("en", "zh"))
    kind = chance.choices(("told", "left out", "filled in", "wrong", ""), (0.2, 0.25, 0.25, 0.2, DROPPED))[0]
    if kind == "left out":
        return coloured(scene, chance, language)
    if kind == "filled in":
        scene = Scene("circle", scene.colour, scene.background)
    elif kind == "wrong":
        other = chance.choice(seen_scenes())
        scene = Scene(other.shape, scene.colour, scene.background, other.size, other.place)
    return said([scene], chance, telling=1, language=language)[0][0] if kind else ""


class Training(torch.nn.Module):
    """The ControlNet, and the frozen denoiser that it steers."""

    def __init__(self) -> None:
        super().__init__()
        self.unet, self.seen = base_unet()
        torch.manual_seed(1)
        self.control = ControlNetModel.from_unet(self.unet, conditioning_embedding_out_channels=(16,)).train()
        self.control.requires_grad_(True).to(memory_format=torch.channels_last)
        self.words = Words()
        # Begun at zero, the map would be heard of only after the outputs, which begin at zero too, have moved.
        torch.nn.init.normal_(self.control.controlnet_cond_embedding.conv_out.weight, std=0.1)

    def loss(self, step: int, size: int) -> Tensor:
        """The loss of a step."""
        chance = random.Random(f"edges {step}")
        scenes = chance.choices(seen_scenes(), k=size)
        said_ = self.words([_caption(scene, chance) for scene in scenes])
        values, times = numbers(scenes), spread_times(size)
        noisy, velocity = noised(four_channels(pictures(values)), times)
        down, middle = self.control(noisy, times, said_, maps(values), return_dict=False)
        told = self.unet(
            noisy,
            times,
            said_,
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
            return_dict=False,
        )[0]
        return functional.mse_loss(told, velocity)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=250)
    asked.add_argument("--batch", type=int, default=32)
    asked.add_argument("--rate", type=float, default=1.5e-3)
    given = asked.parse_args()
    torch.set_num_threads(1)
    training = Training()
    note("edges", base=training.seen, batch=given.batch)
    train("edges", training, lambda step: training.loss(step, given.batch), steps=given.steps, rate=given.rate)
    training.control.eval().half().save_pretrained(FOLDER)
