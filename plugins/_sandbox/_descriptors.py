"""Descriptors that are waited for, and disks that fill: what Windows has not, where programs are not confined."""

from __future__ import annotations

import os
import select
import sys

__all__ = ["free_bytes", "is_ready", "lock", "unblock"]

if sys.platform == "win32":  # pragma: no cover - nothing gets here there

    def is_ready(descriptor: int, seconds: float, *, writing: bool = False) -> bool:
        """Never."""
        raise OSError(f"{descriptor} cannot be waited for here ({seconds}, {writing})")

    def unblock(descriptor: int) -> None:
        """Never."""
        raise OSError(f"{descriptor} cannot be unblocked here")

    def lock(descriptor: int, *, alone: bool) -> bool:
        """Never."""
        raise OSError(f"{descriptor} cannot be locked here ({alone})")

    def free_bytes(path: str) -> int:
        """Never."""
        raise OSError(f"the disk of {path} is not looked at here")

else:

    def is_ready(descriptor: int, seconds: float, *, writing: bool = False) -> bool:
        """Can be read from it (or its end be seen), or be written to it, within these seconds?"""
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT if writing else select.POLLIN | select.POLLHUP)
        return bool(poll.poll(max(0.0, seconds) * 1000))

    def unblock(descriptor: int) -> None:
        """Let a write to it return where it would have to wait."""
        os.set_blocking(descriptor, False)

    def lock(descriptor: int, *, alone: bool) -> bool:
        """Lock a file or folder until the descriptor is closed, alone or with others who share it; can it be had?"""
        import fcntl

        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def free_bytes(path: str) -> int:
        """How many bytes of a disk are left for an ordinary user."""
        found = os.statvfs(path)
        return found.f_bavail * found.f_frsize
