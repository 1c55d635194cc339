"""Schedulers by name: as diffusers has them, or as other programs call them ("Euler a", "DPM++ 2M")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from plugins._outcome import ToolError

__all__ = ["scheduled"]

_SHORT: Mapping[str, str] = {
    "euler": "EulerDiscrete",
    "eulera": "EulerAncestralDiscrete",
    "heun": "HeunDiscrete",
    "lms": "LMSDiscrete",
    "dpm2": "KDPM2Discrete",
    "dpm2a": "KDPM2AncestralDiscrete",
    "dpm2m": "DPMSolverMultistep",
    "dpm2s": "DPMSolverSinglestep",
    "dpmsde": "DPMSolverSDE",
    "unipc": "UniPCMultistep",
}
"""Short names, folded, and the names in diffusers."""


@contextmanager
def scheduled(pipeline: Any, name: str, *, resample: int = 0) -> Iterator[None]:
    """Within it a pipeline has another scheduler, made from the settings of its own. `resample`: that of RePaint.

    Raises:
        ToolError: the model cannot be drawn with it.
    """
    before = pipeline.scheduler
    try:
        if resample:
            pipeline.scheduler = _resampling(pipeline.scheduler, name, resample)
        elif name:
            pipeline.scheduler = _named(pipeline.scheduler, name)
        yield
    finally:
        pipeline.scheduler = before


def _named(own: Any, name: str) -> Any:
    wanted = _folded(_SHORT.get(_folded(name), name))
    if wanted == _folded(_told(type(own))):
        return own  # it need not be among those that can take its place
    fitting = {_folded(_told(one)): one for one in own.compatibles}
    if wanted not in fitting:
        known = ", ".join(sorted(map(_told, own.compatibles)))
        raise ToolError(f"the model knows no scheduler {name!r}", hint=f"one of {known}")
    return fitting[wanted].from_config(own.config)


def _resampling(own: Any, name: str, resample: int) -> Any:
    from plugins.images._resampling import Resampling

    if name and _folded(name) not in ("ddim", "repaint"):
        raise ToolError("repaint draws by DDIM alone", hint="leave scheduler out, or take the method blend")
    if "DDIM" not in map(_told, own.compatibles):
        raise ToolError("the model cannot fill a mask by repaint", hint="take the method blend")
    made = Resampling.from_config(own.config)
    made.resample = resample
    return made


def _told(one: Any) -> str:
    return str(one.__name__).removesuffix("Scheduler")


def _folded(name: str) -> str:
    return "".join(one for one in name.casefold().removesuffix("scheduler") if one.isalnum())
