"""What is asked of the kernel by its own calls, and what it refuses."""

from __future__ import annotations

import os
from _signal import SIGCONT, SIGKILL, SIGSTOP  # type: ignore[import-not-found]  # the plain one: the other loads enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "SIGCONT",
    "SIGKILL",
    "SIGSTOP",
    "Fault",
    "check",
    "close",
    "die_with_parent",
    "error_number",
    "kill",
    "libc",
]

_PR_SET_PDEATHSIG = 1


class Fault(Exception):
    """It cannot be confined as ordered."""


def libc() -> Any:
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def error_number() -> int:
    import ctypes

    return ctypes.get_errno()


def check(result: int, what: str) -> None:
    if result < 0:
        raise Fault(f"{what}: {os.strerror(error_number())}")


def kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        pass


def die_with_parent() -> None:
    check(libc().prctl(_PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "death signal")
