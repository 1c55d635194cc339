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
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

from plugins._syncing import sync

__all__ = ["Folder", "Reach", "Way", "reach"]

Way: TypeAlias = Literal["kernel", "walk", "names"]
"""How files are reached."""

_CLOSED = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_CALM = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)  # a pipe or a terminal must not hold us
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_PASSING = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)

_OPENAT2 = 437  # the same number on every processor
_RESOLVE = 0x08 | 0x04 | 0x02  # RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS
_RENAME_NOREPLACE = 1
_TRIES = 64


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
        for _ in range(_TRIES):
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


class Folder:
    """One opened folder. Names given to it are single names, never paths; a link is never followed.

    It holds a descriptor where the platform can work from one, else (`descriptor` None) the folder's resolved path.
    """

    __slots__ = ("_descriptor", "_kernel", "_place")

    def __init__(self, descriptor: int | None, *, place: str = "", kernel: Kernel | None = None) -> None:
        self._descriptor = descriptor
        self._place = place
        self._kernel = kernel

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def _at(self, name: str) -> str:
        return name if self._descriptor is not None else os.path.join(self._place, name)  # noqa: PTH118

    def status(self, name: str) -> os.stat_result:
        """The status of what has this name; of a link, the link's own."""
        found = os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)
        if self._descriptor is None and not stat.S_ISLNK(found.st_mode):
            _confirmed(self._at(name))  # Windows also finds a file by its short name, which no rule knows
        return found

    def here(self) -> os.stat_result:
        """The status of the folder itself."""
        return Path(self._place).stat() if self._descriptor is None else os.fstat(self._descriptor)

    def writable(self, name: str) -> bool:
        """Would the rights of a file let it be written? A file without any right to write is never writable."""
        if not self.status(name).st_mode & 0o222:
            return False
        effective = os.access in os.supports_effective_ids
        return os.access(self._at(name), os.W_OK, dir_fd=self._descriptor, effective_ids=effective)

    def scan(self) -> Iterator[os.DirEntry[str]]:
        """Everything in the folder, in no order."""
        with os.scandir(self._place if self._descriptor is None else self._descriptor) as entries:
            yield from entries

    def enter(self, name: str) -> Folder:
        """Open a folder in this folder."""
        if self._descriptor is None:
            return Folder(None, place=_confirmed(self._at(name), folder=True))
        descriptor = os.open(name, _FOLDER | _NO_LINK | _CLOSED, dir_fd=self._descriptor)
        return Folder(descriptor, kernel=self._kernel)

    def make(self, name: str) -> None:
        """Make a folder in this folder."""
        os.mkdir(self._at(name), dir_fd=self._descriptor)

    def create(self, name: str, mode: int) -> int:
        """Create a file that is not there yet and open it for writing."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _CLOSED
        return os.open(self._at(name), flags, mode, dir_fd=self._descriptor)

    def reopen(self, name: str) -> int:
        """Open a file that is there for writing; never waits for a pipe's other end."""
        return os.open(self._at(name), os.O_RDWR | _CALM | _NO_LINK | _CLOSED, dir_fd=self._descriptor)

    def replace(self, source: str, target: str) -> None:
        """Give a file of this folder another name in it; what had that name is gone in the same moment."""
        if self._descriptor is not None:
            os.replace(source, target, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
            return
        _patiently(lambda: Path(self._at(source)).replace(self._at(target)))

    def move(self, source: str, other: Folder, target: str) -> None:
        """Rename into another folder. Raises `FileExistsError` where the target exists, and leaves it as it is."""
        if self._kernel is not None and self._descriptor is not None and other._descriptor is not None:
            try:
                return self._kernel.rename(self._descriptor, source, other._descriptor, target)
            except OSError as error:
                # EINVAL: this file system cannot refuse an existing target by itself
                if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EPERM):
                    raise
        if not self._linked(source, other, target):
            self._renamed(source, other, target)
        return None

    def _linked(self, source: str, other: Folder, target: str) -> bool:
        """Move a file by a second name, which cannot replace anything. False: not possible here."""
        if self._descriptor is None or not stat.S_ISREG(self.status(source).st_mode):
            return False
        inside = {"src_dir_fd": self._descriptor, "dst_dir_fd": other._descriptor}
        try:
            os.link(source, target, follow_symlinks=False, **inside)
        except FileExistsError:
            raise
        except OSError:  # FAT and some network disks know no second names
            return False
        try:
            self.remove(source)
        except OSError:
            other.remove(target)
            raise
        return True

    def _renamed(self, source: str, other: Folder, target: str) -> None:
        # Windows refuses an existing target by itself; elsewhere what appears between the two calls is at most a
        # file of the same workspace or an empty folder.
        try:
            other.status(target)
        except FileNotFoundError:
            inside = {"src_dir_fd": self._descriptor, "dst_dir_fd": other._descriptor}
            rename = partial(os.rename, self._at(source), other._at(target), **inside)
            rename() if self._descriptor is not None else _patiently(rename)
        else:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)

    def remove(self, name: str) -> None:
        """Remove what has this name and is no folder."""
        if self._descriptor is None:
            _patiently(Path(self._at(name)).unlink)
        else:
            os.unlink(name, dir_fd=self._descriptor)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder."""
        if self._descriptor is None:
            _patiently(Path(self._at(name)).rmdir)
        else:
            os.rmdir(name, dir_fd=self._descriptor)

    def sync(self) -> None:
        """Have the folder's names on the disk."""
        if self._descriptor is None:
            return  # Windows keeps names by its own journal and cannot sync a folder
        try:
            sync(self._descriptor)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems have nothing to sync here
                raise


def _patiently(change: Callable[[], object]) -> None:
    """Make a change that Windows refuses while somebody, a virus scanner say, has the file open for a moment."""
    for _ in range(_TRIES):
        try:
            change()
        except PermissionError:
            time.sleep(0.01)
        else:
            return
    change()


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
        return self._open(path, os.O_RDONLY | _CALM)

    def folder(self, path: str) -> Folder:
        """Open a folder."""
        if self._descriptor is None:
            with self._held():
                return Folder(None, place=_confirmed(self._join(path), folder=True))
        return Folder(self._open(path, _FOLDER), kernel=self._kernel)

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
                return _open_named(self._join(path), flags | _CLOSED)
            if self._kernel is not None:
                return self._kernel.open(self._descriptor, path or ".", flags | _CLOSED)
            return _open_walking(self._descriptor, path or ".", flags | _CLOSED | _NO_LINK)

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
            inner = os.open(name, _PASSING | _NO_LINK | _CLOSED, dir_fd=here)
            if here != root:
                os.close(here)
            here = inner
        return os.open(last, flags, dir_fd=here)
    finally:
        if here != root:
            os.close(here)


def _open_named(place: str, flags: int) -> int:
    """Open by name and make sure, before and after, that the name stands for itself."""
    for _ in range(_TRIES):
        if os.path.isdir(_confirmed(place)):  # noqa: PTH112 - Windows would say "permission denied"
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), place)
        descriptor = os.open(place, flags)
        try:
            _confirmed(place)
            if os.path.samestat(os.fstat(descriptor), os.lstat(place)):
                return descriptor
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the file was replaced meanwhile
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), place)


def _confirmed(place: str, *, folder: bool = False) -> str:
    """`place`, if no part of it is a link or another spelling."""
    real = os.path.realpath(place, strict=True)
    if os.path.normcase(real) != os.path.normcase(place):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), place)
    if folder and not os.path.isdir(place):  # noqa: PTH112
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), place)
    return place


def reach(place: str, *, way: Way | None = None) -> Reach:
    """Open a folder to reach what lies beneath it.

    Args:
        place: Its resolved, absolute path.
        way: A way that must be taken; without one, the best that works here.

    Raises:
        OSError: the folder cannot be opened, or the way wanted does not work here (ENOSYS).
    """
    if way == "names" or os.open not in os.supports_dir_fd:
        return Reach(None, place=_confirmed(place, folder=True))
    descriptor = os.open(place, _FOLDER | _CLOSED)
    try:
        kernel = None if way == "walk" else _kernel(descriptor)
        if way == "kernel" and kernel is None:
            raise OSError(errno.ENOSYS, "openat2 does not work here")
    except OSError:
        os.close(descriptor)
        raise
    return Reach(descriptor, place=place, kernel=kernel)


def _kernel(descriptor: int) -> Kernel | None:
    """The system calls, if this kernel has them and the container lets them through."""
    found = None
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            kernel = Kernel()
            os.close(kernel.open(descriptor, ".", _FOLDER | _CLOSED))
            found = kernel
    return found
