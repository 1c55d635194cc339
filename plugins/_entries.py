"""Entries: what lies in the folders of the workspace, told without following a link."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from plugins._beneath import Reach
from plugins._contract import FileEntry, WorkspacePath
from plugins._paths import fold, is_temporary, named, within

__all__ = ["Entries", "entry_of"]

_DEPTH = 100  # folders within folders that are entered
_NOT_ENTERED = frozenset(
    {
        *(errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EMLINK, errno.ENAMETOOLONG, errno.ESTALE),
        *(errno.EACCES, errno.EPERM),
    }
)


class Entries:
    """Lists the folders of one workspace.

    Args:
        held: The workspace's folder.
        hidden: Folded paths that are not listed.
        telling: Turns what goes wrong with a path, while something is done with it, into a `ToolError`.
    """

    def __init__(
        self, held: Reach, *, hidden: frozenset[str], telling: Callable[[str, str], AbstractContextManager[None]]
    ) -> None:
        self._held = held
        self._hidden = hidden
        self._telling = telling

    def list(self, path: str, *, recursive: bool) -> Iterator[FileEntry]:
        """What is in a folder, read now; the folders in it are read while it is iterated."""
        with self._telling(path, "list"):
            entries = self._entries(path)
        return self._listed(entries, depth=1) if recursive else (entry for _, entry in entries)

    def _entries(self, path: str) -> Sequence[tuple[str, FileEntry]]:
        """What is in a folder, sorted, each with the path under which it can be opened."""
        found = []
        with self._held.folder(path) as folder:
            for entry in folder.scan():
                place = f"{path}/{entry.name}" if path else entry.name
                if is_temporary(entry.name) or (self._hidden and within(fold(place), self._hidden)):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    found.append((place, entry_of(named(place), entry.stat(follow_symlinks=False))))
        return sorted(found, key=lambda one: one[0])

    def _listed(self, entries: Sequence[tuple[str, FileEntry]], *, depth: int) -> Iterator[FileEntry]:
        for place, entry in entries:
            if entry.folder and depth < _DEPTH:
                yield from self._listed(self._inner(place), depth=depth + 1)
            yield entry

    def _inner(self, place: str) -> Sequence[tuple[str, FileEntry]]:
        with self._telling(named(place), "list"):
            try:
                return self._entries(place)
            except OSError as error:
                if error.errno not in _NOT_ENTERED:
                    raise
                return ()


def entry_of(path: str, status: os.stat_result) -> FileEntry:
    """What a status says of a path."""
    size = status.st_size if stat.S_ISREG(status.st_mode) else 0
    folder = stat.S_ISDIR(status.st_mode)
    mode = None if sys.platform == "win32" else status.st_mode & 0o777
    return FileEntry(path=WorkspacePath(path), folder=folder, bytes=size, modified=status.st_mtime, mode=mode)
