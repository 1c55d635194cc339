"""A short training that goes on where its checkpoint stands: what all the small parts beside the denoiser share."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from bench.train_demo.places import OUT, note

__all__ = ["train"]

_WARM = 20  # steps until the full rate


def train(name: str, network: nn.Module, loss_of: Callable[[int], Tensor], *, steps: int, rate: float) -> None:
    """Train what is trainable of `network` to `steps` steps in all by AdamW; the rate falls to nothing on a cosine.

    Args:
        name: Of the checkpoint and of the notes in `out/`.
        network: What is trained; it is as after the last step in the end, also where there was nothing left to do.
        loss_of: The loss of a step, the same for the same number.
        steps: In all, with those of the checkpoint.
        rate: The highest.
    """
    OUT.mkdir(parents=True, exist_ok=True)
    parts = {key: one for key, one in network.named_parameters() if one.requires_grad}
    optimizer = torch.optim.AdamW(parts.values(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    file, first, seconds = OUT / f"{name}.pt", 0, 0.0
    if file.exists():
        kept = torch.load(file, weights_only=True)
        network.load_state_dict(kept["parts"], strict=False)
        optimizer.load_state_dict(kept["optimizer"])
        first, seconds = kept["step"], kept["seconds"]
    used, sums = time.process_time() - seconds, []
    for step in range(first, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / _WARM) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        torch.manual_seed(step)
        loss = loss_of(step)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parts.values(), 1)
        optimizer.step()
        sums.append(loss.item())
        done = step + 1
        if done % 20 == 0 or done == steps:
            seconds = time.process_time() - used
            note(name, step=done, loss=round(sum(sums) / len(sums), 5), cpu=round(seconds, 1))
            sums = []
        if done % 100 == 0 or done == steps:
            told = {key: one.detach() for key, one in parts.items()}
            kept = {"parts": told, "optimizer": optimizer.state_dict(), "step": done, "seconds": seconds}
            torch.save(kept, file.with_suffix(".new"))
            file.with_suffix(".new").replace(file)
