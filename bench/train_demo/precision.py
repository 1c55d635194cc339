"""In which numbers a CPU trains fastest: bfloat16 where it has instructions for it, else float32."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

__all__ = ["KIND", "quick"]

KIND = torch.bfloat16 if torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported() else torch.float32
"""Where bfloat16 is only imitated, a step of the training takes ten times as long in it."""


def quick() -> AbstractContextManager[object]:
    """Within it, the parts of a network that can do with fewer digits compute in `KIND`."""
    return nullcontext() if KIND is torch.float32 else torch.autocast("cpu", KIND)
