"""Reaching files beneath a folder so that no name, link or race leads out of it.

A `Reach` holds the folder from its opening on and opens paths below it; a `Folder` is one opened folder, which takes
single names only. Three ways to reach, the best that works here is taken: "kernel" (Linux `openat2`, the kernel
refuses links and ways out), "walk" (name by name, each refused where it is a link), "names" (platforms that cannot
open beneath a folder, such as Windows: the resolved name is compared before and after opening, which a determined
race could still outrun for a write). All raise `OSError`; a link on the way is ELOOP or ENOTDIR.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterator
from typing import Literal, TypeAlias

from plugins._folder import Folder, confirmed
from plugins._openat import CALM, CLOSED, FOLDER, NO_LINK, PASSING, TRIES, Kernel, find_kernel

__all__ = ["Reach", "Way", "reach"]

Way: TypeAlias = Literal["kernel", "walk", "names"]
"""How files are reached."""


class Reach:
    """Holds a folder and opens what lies beneath it. Safe to use from several threads, also while it is closed.

    Args:
        descriptor: The folder, open; it becomes this object's own. None: it is reached by `place`.
        place: The folder's resolved path.
        kernel: The system calls of Linux, where they work.
    """

    def __init__(self, descriptor: int | None, *, place: str, kernel: Kernel | None = None) -> None:
        self._descriptor = descriptor
        self._place = place
        self._kernel = kernel
        self._lock = threading.Lock()
        self._users = 0
        self._closing = False

    @property
    def way(self) -> Way:
        """How files are reached here."""
        return "names" if self._descriptor is None else "walk" if self._kernel is None else "kernel"

    def open(self, path: str) -> int:
        """Open a file for reading; never waits for a pipe's other end. It may turn out to be of any type."""
        return self._open(path, os.O_RDONLY | CALM)

    def folder(self, path: str) -> Folder:
        """Open a folder."""
        if self._descriptor is None:
            with self._held():
                return Folder(None, place=confirmed(self._join(path), folder=True))
        return Folder(self._open(path, FOLDER), kernel=self._kernel)

    def status(self) -> os.stat_result:
        """The status of the held folder itself."""
        with self._held():
            return os.lstat(self._place) if self._descriptor is None else os.fstat(self._descriptor)

    def close(self) -> None:
        """Let the folder go, once the calls under way are done. Later calls raise `OSError` (EBADF)."""
        with self._lock:
            if not self._closing:
                self._closing = True
                self._let_go()

    def _open(self, path: str, flags: int) -> int:
        with self._held():
            if self._descriptor is None:
                return _open_named(self._join(path), flags | CLOSED)
            if self._kernel is not None:
                return self._kernel.open(self._descriptor, path or ".", flags | CLOSED)
            return _open_walking(self._descriptor, path or ".", flags | CLOSED | NO_LINK)

    def _join(self, path: str) -> str:
        return os.path.normpath(os.path.join(self._place, path))  # noqa: PTH118

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        # A tool that outlives its run must never use the descriptor's number after it was given to something else.
        with self._lock:
            if self._closing:
                raise OSError(errno.EBADF, "the workspace is closed")
            self._users += 1
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._closing:
                self._let_go()

    def _let_go(self) -> None:
        if self._users == 0 and self._descriptor is not None:
            os.close(self._descriptor)


def _open_walking(root: int, path: str, flags: int) -> int:
    """Open name by name, each without following a link; for systems without `openat2`."""
    *folders, last = path.split("/")
    here = root
    try:
        for name in folders:
            inner = os.open(name, PASSING | NO_LINK | CLOSED, dir_fd=here)
            if here != root:
                os.close(here)
            here = inner
        return os.open(last, flags, dir_fd=here)
    finally:
        if here != root:
            os.close(here)


def _open_named(place: str, flags: int) -> int:
    """Open by name and make sure, before and after, that the name stands for itself."""
    for _ in range(TRIES):
        if os.path.isdir(confirmed(place)):  # noqa: PTH112 - Windows would say "permission denied"
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), place)
        descriptor = os.open(place, flags)
        try:
            confirmed(place)
            if os.path.samestat(os.fstat(descriptor), os.lstat(place)):
                return descriptor
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the file was replaced meanwhile
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), place)


def reach(place: str, *, way: Way | None = None) -> Reach:
    """Open a folder to reach what lies beneath it.

    Args:
        place: Its resolved, absolute path.
        way: A way that must be taken; without one, the best that works here.

    Raises:
        OSError: the folder cannot be opened, or the way wanted does not work here (ENOSYS).
    """
    if way == "names" or os.open not in os.supports_dir_fd:
        return Reach(None, place=confirmed(place, folder=True))
    descriptor = os.open(place, FOLDER | CLOSED)
    try:
        kernel = None if way == "walk" else find_kernel(descriptor)
        if way == "kernel" and kernel is None:
            raise OSError(errno.ENOSYS, "openat2 does not work here")
    except OSError:
        os.close(descriptor)
        raise
    return Reach(descriptor, place=place, kernel=kernel)
