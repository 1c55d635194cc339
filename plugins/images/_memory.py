"""How a model is made to fit into the memory that is free, decided by figures before it is loaded."""

from __future__ import annotations

import json
import math
import os
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from plugins.images._families import parts_of

__all__ = ["GROUPS", "OFFLOAD", "REFUSE", "SLICING", "TILING", "free_memory", "relief", "weight_bytes"]

OFFLOAD, GROUPS, TILING, SLICING, REFUSE = "offload", "groups", "tiling", "slicing", "refuse"
"""What is done for want of memory: whole parts of the model wait in main memory until it is their turn; or groups of
their layers do, which is slower; the picture is decoded in tiles, and each by itself; or nothing is loaded."""
_ROOM = 1.3
"""What is needed for drawing, as a multiple of the weights."""
_TILED = 1024 * 1024  # pixels, above which a picture is decoded in tiles
_BITS = {"64": 8, "32": 4, "16": 2}
_FLOATS = ("F64", "F32", "F16", "BF16")


def relief(
    device: str, free: int | None, weights: int, pixels: int = 0, *, largest: int | None = None
) -> Sequence[str]:
    """What is to be done so that a drawing fits, in order.

    Args:
        device: "cuda" or "cpu".
        free: Bytes of memory that are free on it; None where nobody can tell.
        weights: Bytes of the model as it is loaded.
        pixels: Of a picture that is to be drawn; 0 for the usual size.
        largest: Bytes of its largest part; None: all of it.
    """
    steps: list[str] = []
    if free is not None and free < weights * _ROOM:
        if device != "cuda":
            return (REFUSE,)
        steps.append(OFFLOAD if free >= (weights if largest is None else largest) * _ROOM else GROUPS)
    if pixels > _TILED:
        steps += [TILING, SLICING]
    return steps


def weight_bytes(folder: Path, size: int) -> dict[str, int]:
    """Bytes of each part of a model as it is loaded, by the headers of its files alone. `size`: bytes of a number.

    Raises:
        OSError, ValueError: the index cannot be read.
    """
    found = {}
    for part in parts_of(folder):
        files = sorted((folder / part).glob("*.safetensors"))
        plain = [one for one in files if "." not in one.name.removesuffix(".safetensors")]
        if files:
            found[part] = sum(_bytes_of(one, size) for one in plain or files)
    return found


def _bytes_of(file: Path, size: int) -> int:
    """Bytes that a file's numbers take; its own where its header cannot be read."""
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header = json.loads(opened.read(min(length, 100_000_000)))
        return sum(
            math.prod(one["shape"]) * (size if one["dtype"] in _FLOATS else _BITS.get(one["dtype"][1:], 1))
            for name, one in header.items()
            if name != "__metadata__"
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error):
        return file.stat().st_size if file.is_file() else 0


def free_memory() -> int | None:
    """Bytes of main memory that programs can have without others being driven out; None where the system does not
    tell."""
    told = [one for one in (_available(), _within_group()) if one is not None]
    return min(told, default=None)


def _available() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    if sys.platform != "win32":
        with suppress(ValueError, OSError):
            return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _within_group(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What a container's limit leaves."""
    try:
        most = int((folder / "memory.max").read_text("ascii"))
        used = int((folder / "memory.current").read_text("ascii"))
        told = (folder / "memory.stat").read_text("ascii").splitlines()
        cached = next((int(line.split()[1]) for line in told if line.startswith("inactive_file ")), 0)
    except (OSError, ValueError, IndexError):
        return None
    return max(0, most - used + cached)
