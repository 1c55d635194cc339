"""How a file that is being written is told from one that a killed writer has left, on each platform."""

from __future__ import annotations

import os
import sys

from plugins._folder import Folder

__all__ = ["LOCKS", "lock", "remove_unlocked"]

LOCKS = sys.platform != "win32"
"""Are there locks? On Windows nobody can remove a file that is open, nor rename it, which is as good."""

if sys.platform == "win32":  # pragma: no cover - only there

    def lock(descriptor: int) -> bool | None:
        """None: there are no locks."""
        del descriptor
        return None

    def remove_unlocked(folder: Folder, name: str) -> None:
        """Remove a file; that is refused while it is open."""
        folder.remove(name)

else:

    def lock(descriptor: int) -> bool | None:
        """Lock an open file until it is closed, or its holder killed. False: another holds it. None: there are no
        locks."""
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # some network disks
            return None
        return True

    def remove_unlocked(folder: Folder, name: str) -> None:
        """Remove a file, if nobody holds its lock."""
        descriptor = folder.reopen(name)
        try:
            if lock(descriptor):
                folder.remove(name)
        finally:
            os.close(descriptor)
