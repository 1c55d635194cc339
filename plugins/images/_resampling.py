"""RePaint's resampling as a scheduler: it goes back and forth, and any inpainting pipeline draws by it.

The pipelines mix what is known into each step. What is new then hardly fits to it, since the step before knew nothing
of that mixture; RePaint (Lugmayr et al., 2022, arXiv 2201.09865, algorithm 1) adds noise again and repeats the stretch.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import DDIMScheduler
from torch import Tensor

__all__ = ["Resampling", "passes"]

JUMP = 4
"""Steps of a stretch that is repeated, of the 20 to 50 that are usual (the paper: 10 of 250)."""


def walk(steps: int, resample: int, jump: int = JUMP) -> list[int]:
    """The steps from 0 (all noise) on, in the order in which they are taken, some of them `resample` times."""
    order: list[int] = []
    for start in range(0, steps, jump):
        stretch = list(range(start, min(start + jump, steps)))
        last = start + jump >= steps
        order += stretch * (1 if last else resample)  # the end is not shaken up again
    return order


def passes(steps: int, resample: int) -> int:
    """How often the model is asked."""
    return len(walk(steps, resample))


class Resampling(DDIMScheduler):  # type: ignore[misc]  # diffusers is not read by mypy
    """DDIM that repeats each stretch of its steps. `resample`: how often each is taken."""

    resample = 1

    def set_timesteps(self, num_inference_steps: int, device: Any = None) -> None:
        """See `DDIMScheduler`; the time steps come in the order of the walk, with repetitions."""
        super().set_timesteps(num_inference_steps, device)
        self._straight: Tensor = self.timesteps
        self._walk = walk(len(self._straight), self.resample)
        self._at = 0
        self.timesteps: Tensor = self._straight[self._walk]

    def step(self, model_output: Tensor, timestep: Any, sample: Tensor, *args: Any, **named: Any) -> Any:
        """See `DDIMScheduler`; where the walk goes back, noise is added up to where it goes."""
        generator = named.get("generator")
        given = super().step(model_output, timestep, sample, *args, **{**named, "return_dict": False})
        at, self._at = self._at, self._at + 1
        latents = given[0]
        if self._at < len(self._walk) and self._walk[self._at] != self._walk[at] + 1:
            latents = self._back(latents, self._walk[at] + 1, self._walk[self._at], generator)
        return (latents, *given[1:])

    def _back(self, latents: Tensor, now: int, to: int, generator: torch.Generator | None) -> Tensor:
        """As noisy as at step `to`, from what stands before step `now`."""
        from diffusers.utils.torch_utils import randn_tensor

        here, there = (self.alphas_cumprod[self._straight[one]] for one in (now, to))
        kept = (there / here).to(latents.device)
        noise = randn_tensor(latents.shape, generator=generator, device=latents.device, dtype=latents.dtype)
        return (kept.sqrt() * latents + (1 - kept).sqrt() * noise).to(latents.dtype)
