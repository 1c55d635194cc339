"""Train the demo's denoiser, with the CLIP text tower frozen; it goes on where its checkpoint stands.

    nice -n 19 python -m bench.train_demo.train --pictures 240000

What a picture of one large shape shows is settled in the first few steps from pure noise; later the noisy picture tells
it by itself. So half of the training is spent there, where the loss hears of the caption, and the pixels by which
shapes differ weigh most.
"""

from __future__ import annotations

import argparse
import copy
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from bench.train_demo.assemble import text_tower
from bench.train_demo.network import CHANNELS, new_unet, schedule
from bench.train_demo.optimizer import optimizers
from bench.train_demo.places import OUT, note
from bench.train_demo.precision import quick
from bench.train_demo.reading import right
from bench.train_demo.tokens import tokenizer
from bench.train_demo.world import covers, disputed, numbers, pictures, said, seen_scenes, unseen_scenes
from plugins.images._scene_words import ATTRIBUTES
from plugins.images._scenes import Scene

SEED = 20261130
SETTLED = 850  # from this time step on the noise hides what the picture shows
TIMES = (0, 0.2, 0.5, 1), (0, 500, SETTLED, 1000)  # shares of a batch, and the time steps up to which they go
DROPPED = 0.1  # of the captions are left out, for classifier-free guidance
PLAIN = 450  # first steps with nearly all captions whole: what others leave open would drown what they say
SPARE = 0.1  # what the loss of the fourth channel, which is always zero, counts


@dataclass
class Words:
    """Captions to what the denoiser is given of them."""

    def __post_init__(self) -> None:
        self._tokenizer = tokenizer()
        self._tower = text_tower()

    @torch.no_grad()
    def __call__(self, texts: list[str]) -> Tensor:
        """Every token's vector: (n, 32, 64)."""
        ids = self._tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
        return self._tower(input_ids=ids).last_hidden_state


@dataclass
class Batch:
    """Pictures with four channels, how much each pixel counts, what is said of them, their noise and its time steps."""

    clean: Tensor
    weight: Tensor
    said: Tensor
    noise: Tensor
    times: Tensor


def batch(words: Words, step: int, size: int) -> Batch:
    """The batch of a step: always the same for the same step."""
    chance = random.Random(f"{SEED} {step}")
    dice = torch.Generator().manual_seed(SEED + step)
    scenes = chance.choices(seen_scenes(), k=size)
    telling = chance.choice((0.4, 0.7, 0.9, 1.0)) if step >= PLAIN else 1.0
    texts, stated = said(scenes, chance, telling=telling)
    dropped = DROPPED if step >= PLAIN else DROPPED / 4
    texts = ["" if chance.random() < dropped else text for text in texts]
    shown = numbers([_usual(one, told, chance) for one, told in zip(scenes, stated.tolist(), strict=True)])
    clean = torch.cat([pictures(shown), torch.zeros(size, CHANNELS - 3, 32, 32)], 1)
    spread = (torch.arange(size) + torch.rand(size, generator=dice)) / size  # even within the batch
    times = torch.from_numpy(numpy.interp(spread, *TIMES)).long().clamp(0, 999)
    return Batch(
        clean,
        _weight(shown, 1.0 if step < PLAIN else 0.5),
        words(texts),
        torch.randn(clean.shape, generator=dice),
        times,
    )


def _usual(scene: Scene, told: list[bool], chance: random.Random) -> Scene:
    """The scene, half of the time of medium size or in the center where that is not told: what people mean then."""
    untold = {name for name, tell in zip(ATTRIBUTES, told, strict=True) if not tell}
    size = "medium" if "size" in untold and chance.random() < 0.5 else scene.size
    place = "center" if "place" in untold and chance.random() < 0.5 else scene.place
    return replace(scene, size=size, place=place)


def _weight(shown: Tensor, uneven: float) -> Tensor:
    """How much each pixel counts, 1 on the mean over the colours: (n, 4, 32, 32).

    A third of all is for the shape, a third for where another shape in its place would look otherwise, a third for all;
    at less than 1 `uneven`, the rest of the weight is even.
    """
    shares = [covers(shown), disputed(shown), torch.ones(len(shown), 1, 32, 32)]
    weight = torch.stack([one / one.mean((1, 2, 3), keepdim=True) for one in shares]).mean(0)
    weight = 1 + uneven * (weight - 1)
    return torch.cat([weight.expand(-1, 3, -1, -1), torch.full_like(weight, SPARE)], 1)


def loss_of(unet: torch.nn.Module, given: Batch, alphas: Tensor) -> Tensor:
    """Each picture's loss on the velocity: (n,)."""
    signal = alphas[given.times].sqrt()[:, None, None, None]
    hidden = (1 - alphas[given.times]).sqrt()[:, None, None, None]
    noisy = signal * given.clean + hidden * given.noise
    velocity = signal * given.noise - hidden * given.clean
    # Torch's quick attention is slow backwards in bfloat16 on a CPU: with plain matrices a step takes 0.78 s, not 1.09.
    with quick(), sdpa_kernel(SDPBackend.MATH):
        told = unet(noisy, given.times, given.said, return_dict=False)[0]
    return ((told.float() - velocity) ** 2 * given.weight).mean((1, 2, 3))


@torch.no_grad()
def glimpse(unet: UNet2DConditionModel, words: Words, count: int = 96) -> dict[str, dict[str, float]]:
    """What the model would draw in a single step from pure noise: quick, and it shows whether captions are heard."""
    found = {}
    for name, scenes, language in (("seen", seen_scenes(), "en"), ("unseen", unseen_scenes(), "zh")):
        chance = random.Random(11)
        some = chance.sample(scenes, count)
        texts, _ = said(some, chance, telling=1, language=language)
        noise = torch.randn(count, CHANNELS, 32, 32, generator=torch.Generator().manual_seed(5))
        told = unet(noise, torch.full((count,), 999), words(texts), return_dict=False)[0]
        found[f"{name}, {language}"] = right(some, -told[:, :3])
    return found


class Training:
    """A denoiser, its slow average, its optimizers and how far they are; kept in a file."""

    def __init__(self, file: Path, rate: float, make: Callable[[], UNet2DConditionModel] = new_unet) -> None:
        self.file, self.rate = file, rate
        torch.manual_seed(SEED)
        self.unet = make()
        self.average = copy.deepcopy(self.unet).requires_grad_(False).eval()
        self.optimizers = optimizers(self.unet, rate)
        self.step, self.seen, self.seconds = 0, 0, 0.0
        if self.file.exists():
            kept = torch.load(self.file, weights_only=True)
            self.unet.load_state_dict(kept["unet"])
            self.average.load_state_dict(kept["average"])
            for one, state in zip(self.optimizers, kept["optimizers"], strict=True):
                one.load_state_dict(state)
            self.step, self.seen, self.seconds = kept["step"], kept["seen"], kept["seconds"]

    def keep(self) -> None:
        """Write all of it, so that a stop in the middle leaves the file before."""
        kept = {
            "unet": self.unet.state_dict(),
            "average": self.average.state_dict(),
            "optimizers": [one.state_dict() for one in self.optimizers],
            "step": self.step,
            "seen": self.seen,
            "seconds": self.seconds,
        }
        torch.save(kept, self.file.with_suffix(".new"))
        self.file.with_suffix(".new").replace(self.file)

    def advance(self, given: Batch, alphas: Tensor, share: float) -> Tensor:
        """One step at `share` of the full rate; gives back each picture's loss."""
        losses = loss_of(self.unet, given, alphas)
        losses.mean().backward()
        torch.nn.utils.clip_grad_norm_(self.unet.parameters(), 1)
        for one, full in zip(self.optimizers, (10 * self.rate, self.rate), strict=True):
            for group in one.param_groups:
                group["lr"] = full * share
            one.step()
            one.zero_grad()
        self.step += 1
        self.seen += len(losses)
        slow = min(0.999, (1 + self.step) / (20 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.average.parameters(), self.unet.parameters(), strict=True):
                mean.lerp_(now, 1 - slow)
        return losses.detach()


def train(name: str, goal: int, size: int, rate: float, every: int) -> None:
    """Train until `goal` pictures were seen in all; the rate falls to a tenth over the last third."""
    OUT.mkdir(parents=True, exist_ok=True)
    words, alphas = Words(), schedule().alphas_cumprod
    training = Training(OUT / f"{name}.pt", rate)
    sums, count, used = torch.zeros(2), 0, time.process_time()
    while training.seen < goal:
        left = (goal - training.seen) / goal
        given = batch(words, training.step, size)
        losses = training.advance(given, alphas, min(1, (training.step + 1) / 50, max(0.1, 3 * left)))
        sums += torch.stack([losses[: size // 2].mean(), losses[size // 2 :].mean()])
        count += 1
        training.seconds += time.process_time() - used
        used = time.process_time()
        if training.step % 25 == 0:
            low, high = (sums / count).tolist()
            sums, count = torch.zeros(2), 0
            note(name, pictures=training.seen, cpu=round(training.seconds), loss_settled=low, loss_open=high)
        if training.step % every == 0 or training.seen >= goal:
            training.keep()
            note(name, pictures=training.seen, glimpse=glimpse(training.average, words))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--name", default="unet")
    asked.add_argument("--pictures", type=int, default=240_000)
    asked.add_argument("--batch", type=int, default=64)
    asked.add_argument("--rate", type=float, default=1.5e-3)
    asked.add_argument("--every", type=int, default=50, help="steps between checkpoints")
    asked.add_argument("--threads", type=int, default=1)
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    train(given.name, given.pictures, given.batch, given.rate, given.every)
