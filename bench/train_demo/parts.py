"""Measure the small parts beside the demo's denoiser by what their pictures and captions show.

    python -m bench.train_demo.parts [captioner] [loras] [edges] [--count 400]

Scenes of held-out combinations throughout; seeded. What lies in `out/` is measured, before it is shipped.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetPipeline, StableDiffusionPipeline
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional
from transformers import BlipForConditionalGeneration, BlipProcessor

from bench.train_demo.assemble import assemble
from bench.train_demo.captioner import PROMPTS
from bench.train_demo.control import coloured, outline
from bench.train_demo.gates import drawn
from bench.train_demo.lora import PERIOD, STRIPE
from bench.train_demo.places import OUT, note
from bench.train_demo.reading import judged
from bench.train_demo.world import covers, numbers, said, unseen_scenes
from plugins.images._scene_reader import read
from plugins.images._scene_words import NotAScene, caption, scene_of
from plugins.images._scenes import PALETTE, SIDE, Scene, mask, render

__all__ = ["control_figures", "hollowness", "outlines_met", "stripe_contrast"]

MODEL = OUT / "unet"  # the denoiser's checkpoint, assembled
GUIDANCE = 2.0
_SIZE = {"height": SIDE, "width": SIDE}


def some_scenes(name: str, count: int) -> list[Scene]:
    """Held-out scenes, always the same for a name."""
    return random.Random(f"parts {name}").choices(unseen_scenes(), k=count)


def _as_tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(numpy.array(picture.convert("RGB"))).float().permute(2, 0, 1)


# What the captioner says


def captions_of(folder: Path, shown: Sequence[Image.Image], language: str) -> list[str]:
    """What the captioner says of pictures."""
    processor = BlipProcessor.from_pretrained(folder)
    blip = BlipForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    told = []
    for at in range(0, len(shown), 100):
        some = list(shown[at : at + 100])
        given = processor(images=some, text=[PROMPTS[language]] * len(some), return_tensors="pt")
        ids = blip.generate(**given, max_new_tokens=32, num_beams=1, do_sample=False)
        told += processor.batch_decode(ids, skip_special_tokens=True)
    return [one.strip().removeprefix(PROMPTS[language]).strip() for one in told]


def _told_rightly(wanted: Sequence[Scene], texts: Sequence[str]) -> dict[str, float]:
    """The share of captions that say each attribute rightly; what is no caption of this world says none."""
    hits = dict.fromkeys(("shape", "colour", "background", "size", "place", "all three"), 0)
    for scene, text in zip(wanted, texts, strict=True):
        try:
            said_ = scene_of(text)
        except NotAScene:
            continue
        for name in ("shape", "colour", "background", "size", "place"):
            hits[name] += getattr(said_, name) == getattr(scene, name)
        hits["all three"] += said_.triple == scene.triple
    return {name: round(count / len(wanted), 3) for name, count in hits.items()}


def captioner_figures(folder: Path, count: int) -> dict[str, dict[str, float]]:
    """Of true pictures, of pictures scaled up and down again with noise, and of pictures that the demo drew."""
    wanted = some_scenes("captioner", count)
    shown = [render(scene) for scene in wanted]
    found = {f"true, {one}": _told_rightly(wanted, captions_of(folder, shown, one)) for one in ("en", "zh")}
    worn = [_worn(picture, at) for at, picture in enumerate(shown)]
    found["scaled and noisy, en"] = _told_rightly(wanted, captions_of(folder, worn, "en"))
    asked = wanted[: max(20, count // 4)]
    texts, _ = said(asked, random.Random(3), telling=1)
    made = drawn(_quiet(StableDiffusionPipeline.from_pretrained(MODEL)), texts, lambda _: _SIZE, GUIDANCE)
    read_ = [(one.resize((256, 256), Image.Resampling.BICUBIC), read(one)) for one in made]
    pairs = [(one, reading.scene) for one, reading in read_ if reading is not None]
    for language in ("en", "zh"):
        texts = captions_of(folder, [one for one, _ in pairs], language)
        found[f"drawn by the model, {language}"] = _told_rightly([scene for _, scene in pairs], texts)
    return found


def _worn(picture: Image.Image, seed: int) -> Image.Image:
    large = picture.resize((200, 200), Image.Resampling.BICUBIC)
    noise = numpy.random.default_rng(seed).normal(0, 12, (200, 200, 3))
    return Image.fromarray((numpy.asarray(large) + noise).clip(0, 255).astype("uint8"))


def _quiet(pipeline: Any) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(torch.float32)


# What the LoRAs make of it


def hollowness(scene: Scene, picture: Image.Image) -> float:
    """The share of the pixels well within the shape that are nearer to the background's colour than to the shape's."""
    cover = covers(numbers([scene]))
    within = cover
    for _ in range(2):
        smaller = -functional.max_pool2d(-within, 3, stride=1, padding=1)
        within = smaller if (smaller > 0.9).sum() >= 4 else within
    seen = _as_tensor(picture).permute(1, 2, 0)[(within > 0.9)[0, 0]]
    apart = [(seen - torch.tensor(PALETTE[name]).float()).norm(dim=1) for name in (scene.background, scene.colour)]
    return float((apart[0] < apart[1]).float().mean())


def stripe_contrast(scene: Scene, picture: Image.Image) -> float:
    """How far the rows of the stripes are from the others, away from the shape: 1 as it was trained, 0 not at all."""
    far = functional.max_pool2d(covers(numbers([scene])), 5, stride=1, padding=2)[0, 0] == 0
    rows = (torch.arange(SIDE) % PERIOD < PERIOD // 2)[:, None].expand(SIDE, SIDE)
    seen = _as_tensor(picture)
    apart = seen[:, far & rows].mean(1) - seen[:, far & ~rows].mean(1)
    to_grey = STRIPE * (127.5 - torch.tensor(PALETTE[scene.background]).float())
    return float((apart @ to_grey) / (to_grey @ to_grey))


def filled(picture: Image.Image) -> Image.Image:
    """A picture whose hollow shape is filled with the colour of its rim, so that it can be read as any other."""
    seen = numpy.asarray(picture.convert("RGB")).astype(int)
    ground = numpy.median(numpy.concatenate([seen[0], seen[-1], seen[:, 0], seen[:, -1]]), axis=0)
    apart = numpy.linalg.norm(seen - ground, axis=2)
    flooded = Image.fromarray(((apart > 45) * 255).astype("uint8")).copy()
    ImageDraw.floodfill(flooded, (0, 0), 128)
    inside = numpy.asarray(flooded) != 128
    rim = seen[apart >= max(45.0, float(numpy.quantile(apart, 0.985)))].mean(0)
    return Image.fromarray(numpy.where(inside[:, :, None], rim, ground).round().astype("uint8"))


_STYLES: dict[str, tuple[Callable[[Scene, Image.Image], float], Callable[[Image.Image], Image.Image]]] = {
    "outline": (hollowness, filled),
    "stripes": (stripe_contrast, lambda picture: picture),
}


def lora_figures(folder: Path, style: str, count: int) -> dict[str, dict[str, float]]:
    """By the weight of the LoRA: the share of pictures with the style by more than half, its mean, and what is read."""
    measure, plain = _STYLES[style]
    wanted = some_scenes(style, count)
    texts, _ = said(wanted, random.Random(5), telling=1)
    pipeline = _quiet(StableDiffusionPipeline.from_pretrained(MODEL))
    pipeline.load_lora_weights(str(folder), weight_name=f"{style}.safetensors", adapter_name=style)
    found = {}
    for weight in (0.0, 0.5, 1.0):
        pipeline.set_adapters([style], [weight])
        made = drawn(pipeline, texts, lambda _: _SIZE, GUIDANCE)
        shares = [measure(scene, one) for scene, one in zip(wanted, made, strict=True)]
        read_ = judged(wanted, [plain(one) if weight else one for one in made])
        styled = sum(share > 0.5 for share in shares) / count
        found[f"{weight:g}"] = {"styled": round(styled, 3), "mean": round(sum(shares) / count, 3), **read_}
    return found


# How the maps are followed


def outlines_met(map_: Image.Image, picture: Image.Image) -> float:
    """How much of the map's lines and of the picture's outline is within a pixel of the other: from 0 to 1."""
    line = _as_tensor(map_.resize((SIDE, SIDE), Image.Resampling.BOX))[:1] > 0.1 * 255
    seen = _as_tensor(picture)
    ground = torch.stack([seen[:, 0].median(1).values, seen[:, -1].median(1).values]).mean(0)
    apart = (seen - ground[:, None, None]).norm(dim=0, keepdim=True)
    solid = (apart > apart.max() / 2).float()
    rim = (solid > 0) & (-functional.max_pool2d(-solid, 3, stride=1, padding=1) == 0)
    near = [functional.max_pool2d(one.float(), 3, stride=1, padding=1) > 0 for one in (line, rim)]
    both = int((rim & near[0]).sum()) + int((line & near[1]).sum())
    return both / max(1, int(rim.sum()) + int(line.sum()))


def control_figures(folder: Path, count: int) -> dict[str, dict[str, float]]:
    """Maps followed under captions of the colours alone, of a medium circle in the center, and in full."""
    net = ControlNetModel.from_pretrained(folder, dtype=torch.float32)
    pipeline = _quiet(StableDiffusionControlNetPipeline.from_pretrained(MODEL, controlnet=net))
    wanted, chance, found = some_scenes("edges", count), random.Random(9), {}
    lines = [outline(mask(one.shape, one.size, one.place, 256), chance.choice((1, 2, 3))) for one in wanted]
    given = [line.convert("RGB") for line in lines]
    says: dict[str, Callable[[Scene], str]] = {
        "colours alone": lambda one: coloured(one, chance, chance.choice(("en", "zh"))),
        "filled in wrongly": lambda one: caption(Scene("circle", one.colour, one.background), chance),
        "in full": lambda one: caption(one, chance),
    }
    for name, say in says.items():
        texts = [say(scene) for scene in wanted]
        made = drawn(pipeline, texts, lambda some: _SIZE | {"image": [given[at] for at in some]}, GUIDANCE)
        read_ = [read(one) for one in made]
        both = sum(
            one is not None and (one.scene.shape, one.scene.place) == (scene.shape, scene.place)
            for one, scene in zip(read_, wanted, strict=True)
        )
        met = [outlines_met(line, one) for line, one in zip(given, made, strict=True)]
        shares = {"shape and place": round(both / count, 3), "outlines met": round(sum(met) / count, 3)}
        found[name] = shares | judged(wanted, made)
    return found


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=["captioner", "loras", "edges"])
    asked.add_argument("--count", type=int, default=400)
    given = asked.parse_args()
    torch.set_num_threads(1)
    seen = assemble("unet")[1]
    for part in given.parts:
        if part == "captioner":
            figures = captioner_figures(OUT / "captioner", given.count)
            note("parts", base=seen, count=given.count, captioner=figures)
        if part == "loras":
            for style in _STYLES:
                figures = lora_figures(OUT / "loras", style, given.count)
                note("parts", base=seen, count=given.count, style=style, lora=figures)
        if part == "edges":
            note(
                "parts", base=seen, count=given.count, edges=control_figures(OUT / "controlnets" / "edges", given.count)
            )
