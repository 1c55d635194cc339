"""Train the demo's CLIP: pictures and captions of the same scene are near each other. Its text tower is then frozen.

    python -m bench.train_demo.clip

Contrastive, with several right captions for a picture (parts may be left out) and with neighbours that differ in one
attribute in every batch. Beside it, one linear layer for both towers says each attribute: contrast alone put shape and
place where retrieval finds them, yet no line does (a linear probe read the shape of 65 % of captions), and what a line
cannot find the denoiser is slow to hear. It goes on where its checkpoint stands.
"""

from __future__ import annotations

import argparse
import math
import random
import time

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig

from bench.train_demo.places import CLIP_CHECKPOINT, CLIP_FOLDER, OUT, note
from bench.train_demo.tokens import LENGTH, tokenizer
from bench.train_demo.world import VALUES, neighbour, numbers, pictures, said, seen_scenes, unseen_scenes
from plugins.images._scenes import SIDE

TEXT_WIDTH = 64  # what the denoiser is given for each token; 64 must divide it
VISION_WIDTH = 128
GROUP = 4  # a scene and its neighbours
SEED = 20261130


def new_clip() -> CLIPModel:
    """An untrained CLIP for pictures of 32 x 32: 0.2 M parameters for the text, 0.3 M for the picture."""
    words = tokenizer()
    text = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=TEXT_WIDTH,
        intermediate_size=4 * TEXT_WIDTH,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=LENGTH,
        projection_dim=TEXT_WIDTH,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    vision = CLIPVisionConfig(
        hidden_size=VISION_WIDTH,
        intermediate_size=2 * VISION_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=SIDE,
        patch_size=8,
        projection_dim=TEXT_WIDTH,
    )
    torch.manual_seed(SEED)
    return CLIPModel(
        CLIPConfig(
            text_config=text.to_dict(),
            vision_config=vision.to_dict(),
            projection_dim=TEXT_WIDTH,
        )
    )


def text_vectors(clip: CLIPModel, ids: Tensor) -> tuple[Tensor, Tensor]:
    """The unit vectors of captions, and the mean over each one's tokens as the denoiser sees them."""
    told = clip.text_model(input_ids=ids)
    return functional.normalize(clip.text_projection(told.pooler_output), dim=-1), told.last_hidden_state.mean(1)


def image_vectors(clip: CLIPModel, shown: Tensor) -> Tensor:
    """The unit vectors of pictures."""
    return functional.normalize(clip.visual_projection(clip.vision_model(pixel_values=shown).pooler_output), dim=-1)


def named(logits: Tensor, values: Tensor, told: Tensor) -> Tensor:
    """The loss of saying each attribute's value, of those that are told."""
    losses = []
    for at, some in enumerate(logits.split([len(one) for one in VALUES.values()], 1)):
        losses.append(functional.cross_entropy(some, values[:, at], reduction="none")[told[:, at]].mean())
    return torch.stack(losses).sum()


def contrast(likeness: Tensor, right: Tensor) -> Tensor:
    """The contrastive loss, where `right[i, j]` says that caption i is true of picture j."""
    goal = right.float()
    by_caption = -(likeness.log_softmax(1) * goal / goal.sum(1, keepdim=True)).sum(1).mean()
    by_picture = -(likeness.log_softmax(0) * goal / goal.sum(0, keepdim=True)).sum(0).mean()
    # Several are right, so that even a perfect answer costs what telling them apart by luck would: taken off.
    floor = (goal.sum(1).log().mean() + goal.sum(0).log().mean()) / 2
    return (by_caption + by_picture) / 2 - floor


@torch.no_grad()
def retrieval(clip: CLIPModel, language: str, count: int = 400) -> dict[str, float]:
    """How often the best of all unseen pictures is the one that a full caption means, and by attribute."""
    chance = random.Random(7)
    scenes = chance.sample(unseen_scenes(), min(count, len(unseen_scenes())))
    words = tokenizer()
    texts, _ = said(scenes, chance, telling=1, language=language)
    ids = words(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
    every = numbers(unseen_scenes())
    text, image = text_vectors(clip.eval(), ids)[0], image_vectors(clip, pictures(every))
    best = every[(text @ image.T).argmax(1)]
    hits = (best == numbers(scenes)).float()
    clip.train()
    names = ("shape", "colour", "background", "size", "place")
    return {"all": hits.prod(1).mean().item()} | dict(zip(names, hits.mean(0).tolist(), strict=True))


def batch(step: int, size: int) -> tuple[list[str], Tensor, Tensor]:
    """Captions, their scenes by number, and which attributes each caption states."""
    chance = random.Random(f"{SEED} clip {step}")
    scenes = []
    for first in chance.choices(seen_scenes(), k=size // GROUP):
        scenes += [first, *(neighbour(first, chance) for _ in range(GROUP - 1))]
    texts, stated = said(scenes, chance, telling=chance.choice((0.7, 1.0)))
    return texts, numbers(scenes), stated


class Training(nn.Module):
    """The CLIP and the linear layers that say the attributes; of these only the CLIP is kept in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.clip = new_clip()
        kinds = sum(len(values) for values in VALUES.values())
        self.joint, self.tokens = nn.Linear(TEXT_WIDTH, kinds), nn.Linear(TEXT_WIDTH, kinds)

    def forward(self, ids: Tensor, values: Tensor, stated: Tensor) -> Tensor:
        """The loss of a batch."""
        look = pictures(values)
        image = image_vectors(self.clip, look + 0.05 * torch.randn_like(look))
        text, tokens = text_vectors(self.clip, ids)
        right = ((values[:, None] == values[None]) | ~stated[:, None]).all(2)
        apart = contrast(self.clip.logit_scale.exp().clamp(max=100) * text @ image.T, right)
        said_all = named(8 * self.joint(text), values, stated) + named(self.tokens(tokens), values, stated)
        seen_all = named(8 * self.joint(image), values, torch.ones_like(stated))
        return apart + 0.3 * (said_all + seen_all)


def train(steps: int, size: int, rate: float) -> None:
    """Train to `steps` steps in all, from the checkpoint where there is one."""
    OUT.mkdir(parents=True, exist_ok=True)
    words, training = tokenizer(), Training()
    clip = training.clip
    optimizer = torch.optim.AdamW(training.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.02)
    first = 0
    if CLIP_CHECKPOINT.exists():
        kept = torch.load(CLIP_CHECKPOINT, weights_only=True)
        training.load_state_dict(kept["training"])
        optimizer.load_state_dict(kept["optimizer"])
        first = kept["step"]
    began = time.process_time()
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        texts, values, stated = batch(step, size)
        ids = words(texts, padding=True, truncation=True, return_tensors="pt").input_ids
        loss = training(ids, values, stated)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(training.parameters(), 1)
        optimizer.step()
        if (step + 1) % 20 == 0:
            note("clip", step=step + 1, loss=loss.item(), cpu=round(time.process_time() - began, 1))
        if (step + 1) % 200 == 0 or step + 1 == steps:
            note("clip", step=step + 1, english=retrieval(clip, "en"), chinese=retrieval(clip, "zh"))
            kept = {"training": training.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
            torch.save(kept, CLIP_CHECKPOINT.with_suffix(".new"))
            CLIP_CHECKPOINT.with_suffix(".new").replace(CLIP_CHECKPOINT)
    clip.eval().save_pretrained(CLIP_FOLDER)
    words.save_pretrained(CLIP_FOLDER)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=1000)
    asked.add_argument("--batch", type=int, default=128)
    asked.add_argument("--rate", type=float, default=1e-3)
    asked.add_argument("--threads", type=int, default=1)
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    train(given.steps, given.batch, given.rate)
