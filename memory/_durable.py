"""What makes a new name last."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk: a file's own sync does not make the name last that leads to it.

    Raises:
        OSError: the folder cannot be opened or synced.
    """
    if sys.platform == "win32":  # pragma: no cover - Windows cannot sync a folder, nor needs to
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
