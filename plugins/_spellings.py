"""Disks that take `README.md` and `readme.md`, or two normal forms, for one name: how the name is stored.

macOS and Windows have them; there a file would else have two paths, each locked, remembered and shown for itself.
"""

from __future__ import annotations

import sys

from plugins._folder import Folder
from plugins._paths import fold

__all__ = ["FOLDING", "Spellings"]

FOLDING = sys.platform in ("darwin", "win32")
"""May disks be so here?"""


class Spellings:
    """Finds how names are stored. The folder that was looked at last is remembered as long as it does not change, since
    whoever reads one file of a large folder mostly reads the others too. May be used from several threads."""

    def __init__(self) -> None:
        self._last: tuple[str, tuple[int, int], frozenset[str]] | None = None

    def stored(self, folder: Folder, path: str, name: str) -> str | None:
        """The name that what can be opened as `name` has in the folder, whose path this is; None where nothing can.

        Raises:
            OSError: the folder cannot be read.
        """
        if name in self._names(folder, path):
            return name
        try:
            wanted = folder.status(name)
        except FileNotFoundError:
            return None
        folded = fold(name)
        for stored in (entry.name for entry in folder.scan() if fold(entry.name) == folded):
            status = folder.status(stored)
            if stored == name or (status.st_dev, status.st_ino) == (wanted.st_dev, wanted.st_ino):
                return stored
        return None

    def _names(self, folder: Folder, path: str) -> frozenset[str]:
        here = folder.here()
        state = here.st_ino, here.st_mtime_ns
        last = self._last
        if last is None or last[:2] != (path, state):
            last = path, state, frozenset(entry.name for entry in folder.scan())
            self._last = last
        return last[2]
