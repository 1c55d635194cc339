"""What makes bytes, and a new name, last on each platform."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":  # pragma: no cover - only there

    def sync(descriptor: int) -> None:
        """Have an open file on the disk. Raises `OSError` where the disk refuses."""
        os.fsync(descriptor)

    def sync_folder(folder: Path) -> None:
        """Nothing: Windows cannot sync a folder, nor needs to."""
        del folder

else:

    def sync(descriptor: int) -> None:
        """Have an open file on the disk. Raises `OSError` where the disk refuses."""
        if sys.platform == "darwin":  # pragma: no cover - a plain sync leaves it in the drive's cache there
            import fcntl

            try:
                fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            except OSError:  # some network disks know only the plain one
                os.fsync(descriptor)
        else:
            os.fsync(descriptor)

    def sync_folder(folder: Path) -> None:
        """Put the names in a folder on disk: a file's own sync does not make the name last that leads to it.

        Raises:
            OSError: the folder cannot be opened or synced.
        """
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            sync(descriptor)
        finally:
            os.close(descriptor)
