"""One opened folder, whose names are single names, never paths; through no link anything is reached."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from plugins._openat import CALM, CLOSED, FOLDER, NO_LINK, TRIES, Kernel
from plugins._syncing import sync

__all__ = ["Folder", "confirmed", "patiently"]


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
            confirmed(self._at(name))  # Windows also finds a file by its short name, which no rule knows
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
            return Folder(None, place=confirmed(self._at(name), folder=True))
        descriptor = os.open(name, FOLDER | NO_LINK | CLOSED, dir_fd=self._descriptor)
        return Folder(descriptor, kernel=self._kernel)

    def make(self, name: str) -> None:
        """Make a folder in this folder."""
        os.mkdir(self._at(name), dir_fd=self._descriptor)

    def create(self, name: str, mode: int) -> int:
        """Create a file that is not there yet and open it for writing."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK | CLOSED
        return os.open(self._at(name), flags, mode, dir_fd=self._descriptor)

    def reopen(self, name: str) -> int:
        """Open a file that is there for writing; never waits for a pipe's other end."""
        return os.open(self._at(name), os.O_RDWR | CALM | NO_LINK | CLOSED, dir_fd=self._descriptor)

    def replace(self, source: str, target: str) -> None:
        """Give a file of this folder another name in it; what had that name is gone in the same moment."""
        if self._descriptor is not None:
            os.replace(source, target, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
            return
        patiently(lambda: Path(self._at(source)).replace(self._at(target)))

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
            rename() if self._descriptor is not None else patiently(rename)
        else:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)

    def target(self, name: str) -> str:
        """Where a link leads, as it is written."""
        return os.readlink(self._at(name), dir_fd=self._descriptor)

    def link(self, name: str, target: str) -> None:
        """Make a link, where nothing has this name."""
        os.symlink(target, self._at(name), dir_fd=self._descriptor)

    def allow(self, name: str, mode: int) -> None:
        """Set the rights of a file or folder; those of what a link leads to stay as they are."""
        if sys.platform == "linux" and self._descriptor is not None:
            held = os.open(name, os.O_PATH | NO_LINK | CLOSED, dir_fd=self._descriptor)
            try:
                if not stat.S_ISLNK(os.fstat(held).st_mode):
                    os.chmod(f"/proc/self/fd/{held}", mode)  # noqa: PTH101 - it takes no right to open it
            finally:
                os.close(held)
        elif os.chmod in os.supports_follow_symlinks:
            os.chmod(self._at(name), mode, dir_fd=self._descriptor, follow_symlinks=False)

    def remove(self, name: str) -> None:
        """Remove what has this name and is no folder."""
        if self._descriptor is None:
            patiently(Path(self._at(name)).unlink)
        else:
            os.unlink(name, dir_fd=self._descriptor)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder."""
        if self._descriptor is None:
            patiently(Path(self._at(name)).rmdir)
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


def patiently(change: Callable[[], object]) -> None:
    """Make a change that Windows refuses while somebody, a virus scanner say, has the file open for a moment."""
    for _ in range(TRIES):
        try:
            change()
        except PermissionError:
            time.sleep(0.01)
        else:
            return
    change()


def confirmed(place: str, *, folder: bool = False) -> str:
    """`place`, if no part of it is a link or another spelling."""
    real = os.path.realpath(place, strict=True)
    if os.path.normcase(real) != os.path.normcase(place):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), place)
    if folder and not os.path.isdir(place):  # noqa: PTH112
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), place)
    return place
