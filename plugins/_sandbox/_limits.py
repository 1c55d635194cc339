"""How much a confined program may take."""

from __future__ import annotations

import math
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Limits"]

_GIB = 1 << 30


def _half_of_memory() -> int:
    if sys.platform == "win32":
        return 4 * _GIB
    else:  # noqa: RET505 - a branch that the types of that platform do not look into
        try:
            return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
        except (ValueError, OSError):
            return 4 * _GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one confined program and all that it starts.

    `memory` in bytes, of each process what it may claim, and of all together what they hold; `processes` at a time;
    `file` bytes of one file that is written; `scratch` bytes of its temporary folder, where that is in memory;
    `output` bytes that it may say; `disk`: it is stopped where fewer bytes are left for everybody.
    """

    memory: int = min(4 * _GIB, _half_of_memory())
    processes: int = 256
    file: int = 2 * _GIB
    scratch: int = _GIB // 2
    output: int = 32 << 20
    files: int = 1024
    disk: int = 256 << 20

    def orders(self, seconds: float | None) -> dict[str, Any]:
        """What the launcher is told; `seconds` is the time that the program has, where it has an end."""
        each = {"CORE": 0, "DATA": self.memory, "FSIZE": self.file, "NOFILE": self.files, "MEMLOCK": 1 << 20}
        if seconds is not None:
            each["CPU"] = math.ceil(seconds) * (os.cpu_count() or 1) + 1
        each["NPROC"] = _processes() + self.processes
        return {"each": each, "memory": self.memory, "processes": self.processes}


def _processes() -> int:
    """How many processes and threads there are now, of all users: the kernel's limit counts those that the user has
    already."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/loadavg").read_text("ascii").split()[3].partition("/")[2])
    return 4096
