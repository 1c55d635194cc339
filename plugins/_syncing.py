"""What makes written bytes last, on each platform."""

from __future__ import annotations

import os
import sys

__all__ = ["sync"]

if sys.platform == "darwin":  # pragma: no cover - only there

    def sync(descriptor: int) -> None:
        """Have an open file on the disk itself: a plain sync leaves it in the drive's cache there.

        Raises:
            OSError: the disk refuses.
        """
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:  # some network disks know only the plain one
            os.fsync(descriptor)

else:

    def sync(descriptor: int) -> None:
        """Have an open file on the disk.

        Raises:
            OSError: the disk refuses.
        """
        os.fsync(descriptor)
