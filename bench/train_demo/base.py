"""The trained denoiser as the small parts take it: frozen, with its words, its schedule and its loss."""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from bench.train_demo.network import CHANNELS, new_unet, schedule
from bench.train_demo.places import OUT

__all__ = ["BASE", "base_unet", "four_channels", "noised", "spread_times"]

BASE = OUT / "unet.pt"


def base_unet() -> tuple[UNet2DConditionModel, int]:
    """The slow average of the denoiser, frozen, and how many pictures it has seen."""
    kept = torch.load(BASE, weights_only=True)
    unet = new_unet()
    unet.load_state_dict(kept["average"])
    # A step takes three quarters of the time in this order of the numbers.
    return unet.eval().requires_grad_(False).to(memory_format=torch.channels_last), kept["seen"]


def four_channels(shown: Tensor) -> Tensor:
    """Pictures with the fourth channel, which is always zero."""
    return torch.cat([shown, torch.zeros(len(shown), CHANNELS - 3, *shown.shape[2:])], 1)


def spread_times(size: int) -> Tensor:
    """Time steps spread evenly over all, half of them where the noise is strong: there a picture's plan is made."""
    spread = (torch.arange(size) + torch.rand(size)) / size
    return (1000 * torch.where(torch.arange(size) % 2 == 0, spread, spread**0.35)).long().clamp(0, 999)


_ALPHAS = schedule().alphas_cumprod


def noised(clean: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
    """The pictures with noise, and the velocity that the denoiser is to say of them."""
    noise = torch.randn_like(clean)
    signal, hidden = (share.sqrt()[:, None, None, None] for share in (_ALPHAS[times], 1 - _ALPHAS[times]))
    return signal * clean + hidden * noise, signal * noise - hidden * clean
