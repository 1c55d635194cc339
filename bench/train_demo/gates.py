"""Measure a trained demo model by what its pictures show.

    python -m bench.train_demo.gates [NAME] [--count 400] [--guidance 2]

Captions of seen and of held-out combinations, in English and Chinese; image-to-image to another colour; filling a mask.
Seeded: the same model gives the same figures. Choose settings by the seen combinations, never by the held-out ones.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy
import torch
from diffusers import (
    AutoPipelineForImage2Image,
    AutoPipelineForInpainting,
    AutoPipelineForText2Image,
    StableDiffusionPipeline,
)
from PIL import Image, ImageDraw

from bench.train_demo.assemble import assemble
from bench.train_demo.places import note
from bench.train_demo.reading import judged, kept
from bench.train_demo.world import said, seen_scenes, unseen_scenes
from plugins.images._scene_reader import read
from plugins.images._scene_words import caption, completed
from plugins.images._scenes import COLOURS, HELD_OUT, SIDE, Scene, render

STEPS = 20
AT_ONCE = 50


def groups(count: int) -> Iterator[range]:
    """Pieces of 0 to `count`, as many as are drawn at once."""
    return (range(at, min(at + AT_ONCE, count)) for at in range(0, count, AT_ONCE))


def drawn(
    pipeline: Any, texts: Sequence[str], more: Callable[[range], dict[str, Any]], guidance: float
) -> list[Image.Image]:
    """A picture for each text, its seed the text's number."""
    pictures: list[Image.Image] = []
    for some in groups(len(texts)):
        seeds = [torch.Generator().manual_seed(1000 + at) for at in some]
        asked = {"prompt": [texts[at] for at in some], "generator": seeds, "guidance_scale": guidance} | more(some)
        pictures += pipeline(num_inference_steps=STEPS, **asked).images
    return pictures


def captions(pipeline: Any, count: int, guidance: float) -> dict[str, dict[str, float]]:
    """How often full captions are followed."""
    found = {}
    size = {"height": SIDE, "width": SIDE}
    for name, scenes in (("seen", seen_scenes()), ("held out", unseen_scenes())):
        for language in ("en", "zh"):
            chance = random.Random(f"gates {name}")
            wanted = chance.choices(scenes, k=count)
            texts, _ = said(wanted, chance, telling=1, language=language)
            found[f"{name}, {language}"] = judged(wanted, drawn(pipeline, texts, lambda _: size, guidance))
    return found


def partly_said(pipeline: Any, count: int, guidance: float) -> dict[str, dict[str, float]]:
    """How captions are followed that leave about half of the attributes open."""
    found = {}
    size = {"height": SIDE, "width": SIDE}
    for language in ("en", "zh"):
        chance = random.Random("gates open")
        wanted = chance.choices(seen_scenes(), k=count)
        texts, stated = said(wanted, chance, telling=0.5, language=language)
        found[language] = kept(wanted, stated, drawn(pipeline, texts, lambda _: size, guidance))
    return found


def recoloured(pipeline: Any, count: int, guidance: float, strength: float, *, filled: bool) -> dict[str, float]:
    """Image-to-image to another colour of the shape: is it there, and is the place kept, which goes unsaid?

    `filled`: what goes unsaid is taken from the picture before the model is asked, as the back-end does it.
    """
    chance = random.Random("gates image to image")
    before = chance.choices(seen_scenes(), k=count)
    wanted = [_other_colour(scene, chance) for scene in before]
    texts = [caption(scene, chance, stated=("shape", "colour", "background")) for scene in wanted]
    if filled:
        texts = [completed(text, asdict(scene))[0] for text, scene in zip(texts, before, strict=True)]
    shown = [render(scene) for scene in before]
    given = drawn(pipeline, texts, lambda some: {"image": [shown[at] for at in some], "strength": strength}, guidance)
    both = 0
    for scene, picture in zip(wanted, given, strict=True):
        reading = read(picture)
        both += reading is not None and (reading.scene.colour, reading.scene.place) == (scene.colour, scene.place)
    return judged(wanted, given) | {"colour changed and place kept": round(both / count, 3)}


def _other_colour(scene: Scene, chance: random.Random) -> Scene:
    others = [one for one in COLOURS if one not in (scene.colour, scene.background)]
    made = [replace(scene, colour=one) for one in others]
    return chance.choice([one for one in made if one.triple not in HELD_OUT])


def filled(pipeline: Any, count: int, guidance: float) -> dict[str, float]:
    """Inpainting: the middle of a plain picture becomes a shape; is it the right one, and is the rest as it was?"""
    chance = random.Random("gates inpainting")
    wanted = [replace(scene, place="center") for scene in chance.choices(seen_scenes(), k=count)]
    texts, _ = said(wanted, chance, telling=1)
    mask = Image.new("L", (SIDE, SIDE), 0)
    ImageDraw.Draw(mask).rectangle((4, 4, 27, 27), fill=255)
    plain = [_plain(scene) for scene in wanted]
    size = {"height": SIDE, "width": SIDE, "strength": 1.0}
    more: Callable[[range], dict[str, Any]] = lambda some: {  # noqa: E731 - it is said at once what is asked
        "image": [plain[at] for at in some],
        "mask_image": [mask] * len(some),
        **size,
    }
    given = drawn(pipeline, texts, more, guidance)
    outside = numpy.asarray(mask) == 0
    apart = [
        int(numpy.abs(numpy.asarray(new).astype(int) - numpy.asarray(old).astype(int))[outside].max())
        for new, old in zip(given, plain, strict=True)
    ]
    return judged(wanted, given) | {"greatest change outside": max(apart)}


def _plain(scene: Scene) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), render(scene).getpixel((0, 0)))


def seconds(pipeline: StableDiffusionPipeline, guidance: float) -> float:
    """The best of three for one picture of 20 steps."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        pipeline("a red circle", height=SIDE, width=SIDE, num_inference_steps=STEPS, guidance_scale=guidance)
        best = min(best, time.perf_counter() - began)
    return round(best, 2)


def measure(name: str, count: int, guidance: float, *, all_of_them: bool) -> None:
    """Assemble the checkpoint and note what its pictures show."""
    folder, seen = assemble(name)
    pipeline = AutoPipelineForText2Image.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    note(name, pictures=seen, guidance=guidance, count=count, gates=captions(pipeline, count, guidance))
    note(name, pictures=seen, guidance=guidance, partly_said=partly_said(pipeline, count, guidance))
    if all_of_them:
        changer, filler = AutoPipelineForImage2Image.from_pipe(pipeline), AutoPipelineForInpainting.from_pipe(pipeline)
        for one in (changer, filler):
            one.set_progress_bar_config(disable=True)
        for strength, completing in ((0.8, False), (0.7, True), (0.8, True), (0.9, True)):
            shares = recoloured(changer, count, guidance, strength, filled=completing)
            note(name, pictures=seen, strength=strength, filled=completing, image_to_image=shares)
        note(name, pictures=seen, inpainting=filled(filler, count, guidance), seconds=seconds(pipeline, guidance))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("name", nargs="?", default="unet")
    asked.add_argument("--count", type=int, default=400)
    asked.add_argument("--guidance", type=float, default=2.0)
    asked.add_argument("--captions-only", action="store_true")
    asked.add_argument("--threads", type=int, default=1)
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    measure(given.name, given.count, given.guidance, all_of_them=not given.captions_only)
