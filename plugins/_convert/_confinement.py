"""A process held to so much memory, in the way that its platform has for it."""

from __future__ import annotations

import struct
import sys
import threading
import time
from collections.abc import Callable

__all__ = ["confine", "job_limits", "watch"]

_LOOK_EVERY = 0.05  # seconds
_PROCESS_MEMORY = 0x100
_EXTENDED_LIMITS = 9  # JobObjectExtendedLimitInformation


def watch(most: int, *, used: Callable[[], int], end: Callable[[], object]) -> None:
    """Call `end`, from a thread, once more than `most` bytes are `used`."""

    def look() -> None:
        while used() <= most:
            time.sleep(_LOOK_EVERY)
        end()

    threading.Thread(target=look, name="memory", daemon=True).start()


def job_limits(memory: int, *, pointer: int) -> bytes:
    """What Windows is told of a job each of whose processes may have so many bytes, for pointers of so many bytes."""
    limits = bytearray(144 if pointer == 8 else 112)  # JOBOBJECT_EXTENDED_LIMIT_INFORMATION
    struct.pack_into("<I", limits, 16, _PROCESS_MEMORY)  # LimitFlags
    code, place = ("<Q", 112) if pointer == 8 else ("<I", 96)
    struct.pack_into(code, limits, place, min(memory, (1 << 8 * pointer) - 1))  # ProcessMemoryLimit
    return bytes(limits)


if sys.platform == "win32":  # pragma: no cover - only there

    def confine(memory: int) -> None:
        """Hold this process to so many bytes, by a job. Where that fails the limits on what is read must do."""
        import ctypes
        from ctypes import wintypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.CreateJobObjectW.argtypes = [ctypes.c_void_p, wintypes.LPCWSTR]
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, ctypes.c_char_p, wintypes.DWORD]
        kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        limits = job_limits(memory, pointer=ctypes.sizeof(ctypes.c_void_p))
        job = kernel.CreateJobObjectW(None, None)  # never closed: it goes with this process
        if job and kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, limits, len(limits)):
            kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())

else:

    def confine(memory: int) -> None:
        """Hold this process to so many bytes, and let it write no core. On macOS, which takes note of the limit and
        does not hold it, the process looks at itself, and ends."""
        import os
        import resource

        for which, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
            hard = resource.getrlimit(which)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            try:
                resource.setrlimit(which, (most, hard))
            except (ValueError, OSError):  # pragma: no cover - macOS refuses what is below that in use
                continue
        if sys.platform == "darwin":  # pragma: no cover - only there
            watch(memory, used=lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, end=lambda: os._exit(1))
