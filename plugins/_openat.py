"""How files are opened: the flags of this platform, and two system calls of Linux that Python lacks."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["CALM", "CLOSED", "FOLDER", "NO_LINK", "PASSING", "TRIES", "Kernel", "find_kernel"]

CLOSED = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
CALM = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)  # a pipe or a terminal must not hold us
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
PASSING = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
TRIES = 64  # of what a change at the same time may make fail

_OPENAT2 = 437  # the same number on every processor
_RESOLVE = 0x08 | 0x04 | 0x02  # RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS
_RENAME_NOREPLACE = 1


class Kernel:
    """Two Linux system calls that Python lacks. Raises `OSError` as `os.open` does; ENOSYS where they are missing."""

    def __init__(self) -> None:
        import ctypes

        library: Any = ctypes.CDLL(None, use_errno=True)
        self._errno: Callable[[], int] = ctypes.get_errno
        self._call: Callable[..., int] = library.syscall
        library.syscall.restype = ctypes.c_long
        library.syscall.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
        self._rename: Callable[..., int] | None = getattr(library, "renameat2", None)
        if self._rename is not None:
            library.renameat2.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]

    def open(self, folder: int, path: str, flags: int) -> int:
        """Open `path` beneath the folder, through no link."""
        how = struct.pack("QQQ", flags, 0, _RESOLVE)
        for _ in range(TRIES):
            found = self._call(_OPENAT2, folder, os.fsencode(path), how, len(how))
            if found >= 0:
                return found
            # EAGAIN: something was renamed meanwhile, and the kernel could not be sure of the way
            if (code := self._errno()) not in (errno.EINTR, errno.EAGAIN):
                break
        raise OSError(code, os.strerror(code), path)

    def rename(self, source_folder: int, source: str, target_folder: int, target: str) -> None:
        """Rename, and refuse an existing target in the same moment."""
        code = errno.ENOSYS
        if self._rename is not None:
            names = os.fsencode(source), os.fsencode(target)
            if self._rename(source_folder, names[0], target_folder, names[1], _RENAME_NOREPLACE) == 0:
                return
            code = self._errno()
        raise OSError(code, os.strerror(code), target)


def find_kernel(descriptor: int) -> Kernel | None:
    """The system calls, if this kernel has them and the container lets them through."""
    found = None
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            kernel = Kernel()
            os.close(kernel.open(descriptor, ".", FOLDER | CLOSED))
            found = kernel
    return found
