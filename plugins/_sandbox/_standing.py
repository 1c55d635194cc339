"""What stood at guarded names when a program was confined. What is laid over a name is laid over the file that stands
there: once another is put in its place, as most editors do when they save, the kernel takes away what lay over it, and
does not bring it back when the first one comes back by another name of its own (a hard link)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from plugins._sandbox._placeholders import is_empty

__all__ = ["Standing"]

_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Standing:
    """What stands at these paths now, until `close`. Taken before a program is confined: what changes meanwhile counts
    as changed. An empty file or folder where nothing stood shows nothing: it is mostly a placeholder that protects
    another program. Where these are `only_read`, it is the same as nothing, so that it may go again as well. A file
    that was written, or got or lost a name, counts as another one."""

    def __init__(self, paths: Iterable[str], *, only_read: bool = False) -> None:
        self._only_read = only_read
        self._held: list[int] = []
        self._found: dict[str, tuple[int, int, int] | None] = {}
        for path in paths:
            with suppress(OSError):  # held open, as the number of a file that is gone may be the next one's
                self._held.append(os.open(path, _LOOK))
            self._found[path] = self._at(path)

    def changed(self) -> str | None:
        """The first path at which something else stands, or something where nothing did, or nothing any more."""
        for path, was in list(self._found.items()):
            if self._at(path) != was and not (was is None and is_empty(path)):
                return path
        return None

    def close(self) -> None:
        """Let go. May be called again; afterwards nothing counts as changed."""
        self._found.clear()
        while self._held:
            os.close(self._held.pop())

    def _at(self, path: str) -> tuple[int, int, int] | None:
        return None if self._only_read and is_empty(path) else _identity(path)


def _identity(path: str) -> tuple[int, int, int] | None:
    """Which file it is, and when its inode changed last: it does when a name of the file comes or goes, and by nothing
    that confining does. A folder has one name, and what lies over it goes where it goes; what is made in it, as we make
    runs, changes it."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, 0 if stat.S_ISDIR(found.st_mode) else found.st_ctime_ns
