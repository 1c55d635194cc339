"""Muon for what is a matrix, AdamW for the rest: fewer pictures for the same loss, where pictures are dear."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from bench.train_demo.precision import KIND

__all__ = ["Muon", "optimizers"]


def _orthogonal(matrix: Tensor, rounds: int = 5) -> Tensor:
    """The nearest matrix whose singular values are all about one, by Newton-Schulz iterations (Jordan, 2024)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    wide = (matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T).to(KIND)
    wide = wide / (wide.norm() + 1e-7)
    for _ in range(rounds):
        square = wide @ wide.T
        wide = a * wide + (b * square + c * square @ square) @ wide
    return (wide if matrix.shape[0] <= matrix.shape[1] else wide.T).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum whose step is made orthogonal; a convolution counts as the matrix of its outputs by all else."""

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, momentum: float = 0.95) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": 0.01})

    @torch.no_grad()
    def step(self) -> None:
        """One step, on gradients that are there."""
        for group in self.param_groups:
            for one in group["params"]:
                if one.grad is None:
                    continue
                kept = self.state[one].setdefault("momentum", torch.zeros_like(one))
                kept.lerp_(one.grad, 1 - group["momentum"])
                ahead = one.grad.lerp(kept, group["momentum"]).flatten(1)
                size = max(1.0, ahead.shape[0] / ahead.shape[1]) ** 0.5
                one.mul_(1 - group["lr"] * group["decay"])
                one.add_(_orthogonal(ahead).view_as(one), alpha=-group["lr"] * size)


def optimizers(network: nn.Module, rate: float) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Muon at ten times `rate` for the inner matrices; AdamW for biases, norms, and the first and the last layer."""
    inner, outer = [], []
    for name, one in network.named_parameters():
        edge = name.startswith(("conv_in", "conv_out", "time_embedding", "add_embedding"))
        (outer if one.ndim < 2 or edge else inner).append(one)
    return Muon(inner, lr=10 * rate), torch.optim.AdamW(outer, lr=rate, betas=(0.9, 0.99), weight_decay=0.0)
