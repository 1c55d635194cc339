"""Changes in one folder that are whole or not at all, and on the disk when they are done.

A file is written beside the old one and locked until it has taken its name. A writer that is killed loses its lock with
its life: what it left is known by that, and swept away by a later write in the same folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
import time

from plugins._complaint import check_regular
from plugins._contract import ToolError
from plugins._folder import Folder
from plugins._locking import LOCKS, lock, remove_unlocked
from plugins._paths import is_temporary, shown
from plugins._syncing import sync

__all__ = ["entered", "remove_folder", "replace", "sweep"]

_STALE = 60.0  # seconds: some network disks keep locks from other machines, and a file at work is seldom left so long
_TRIES = 64


def entered(folder: Folder, name: str) -> Folder:
    """Open a folder in a folder; where it is missing, make it, and have it on the disk."""
    with contextlib.suppress(FileNotFoundError):
        return folder.enter(name)
    with contextlib.suppress(FileExistsError):  # another tool was quicker
        folder.make(name)
        folder.sync()
    return folder.enter(name)


def _replaceable(folder: Folder, path: str, name: str) -> os.stat_result | None:
    """The status of the file that a write would replace; None where there is none."""
    try:
        old = folder.status(name)
    except FileNotFoundError:
        return None
    check_regular(path, old, doing="write")
    return old


def replace(folder: Folder, name: str, content: bytes, *, path: str, mode: int | None = None) -> os.stat_result:
    """Replace or create a file: write beside it, then give the new file its name; both are synced.

    An existing file keeps its rights and owner; on Windows it takes its folder's rights. After a failure it is as it
    was, and nothing else is left.

    Args:
        folder: Where the file lies.
        name: Its name there.
        content: All of its new content.
        path: What to call it in a complaint.
        mode: The rights of a file that is new; None: those that the umask gives.

    Raises:
        ToolError: what has the name is no regular file with one name, or write-protected.
        OSError: the disk refuses.
    """
    old = _replaceable(folder, path, name)
    temporary, descriptor = _begun(folder, 0o666 if old is None and mode is None else 0o600)
    try:
        try:
            if old is not None:
                _keep_rights(folder, path, name, old, descriptor)
            elif mode is not None:
                _give_rights(descriptor, mode)
            _fill(descriptor, content)
            status = os.fstat(descriptor)
            if LOCKS:
                folder.replace(temporary, name)
        finally:
            os.close(descriptor)
        if not LOCKS:
            folder.replace(temporary, name)
    except BaseException:
        with contextlib.suppress(OSError):
            folder.remove(temporary)
        raise
    folder.sync()
    return status


def _begun(folder: Folder, mode: int) -> tuple[str, int]:
    """A new, empty file under a temporary name, open and, where locks work, locked."""
    for _ in range(_TRIES):
        temporary = f".thinkact-{secrets.token_hex(8)}.tmp"
        descriptor = folder.create(temporary, mode)
        # Between its making and its lock somebody else may have swept it, or be about to.
        if lock(descriptor) is not False and _is_there(folder, temporary):
            return temporary, descriptor
        os.close(descriptor)
        with contextlib.suppress(OSError):
            folder.remove(temporary)
    raise OSError(errno.EAGAIN, "another program removes every file that is begun here")


def _is_there(folder: Folder, name: str) -> bool:
    try:
        folder.status(name)
    except OSError:
        return False
    return True


def sweep(folder: Folder) -> None:
    """Remove what killed writes have left in a folder; never what is still being written. What cannot be removed
    stays, and nothing is raised."""
    with contextlib.suppress(OSError):
        for name in [entry.name for entry in folder.scan() if is_temporary(entry.name)]:
            with contextlib.suppress(OSError):
                _remove_stale(folder, name)


def _remove_stale(folder: Folder, name: str) -> None:
    status = folder.status(name)
    if not stat.S_ISREG(status.st_mode) or time.time() - status.st_mtime < _STALE:
        return
    remove_unlocked(folder, name)


def _keep_rights(folder: Folder, path: str, name: str, old: os.stat_result, descriptor: int) -> None:
    """Give the new file the owner and the rights of the old one.

    Raises:
        ToolError: the rights of the old one say that it must not be written.
    """
    if not folder.writable(name):
        raise ToolError(
            f"cannot write '{shown(path)}': it is write-protected",
            hint="write another file, or have its rights changed",
        )
    if sys.platform != "win32":  # there a new file takes the folder's rights
        with contextlib.suppress(OSError):  # only the superuser may give a file away, and not to everybody
            os.fchown(descriptor, old.st_uid, old.st_gid)
        _give_rights(descriptor, old.st_mode & 0o777)  # never set-user-id: the content is new


def _give_rights(descriptor: int, rights: int) -> None:
    if sys.platform != "win32" and os.fstat(descriptor).st_mode & 0o777 != rights:
        os.fchmod(descriptor, rights)  # not where it has them: some disks know no rights, and refuse to set them


def _fill(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    sync(descriptor)


def remove_folder(folder: Folder, name: str, *, path: str) -> None:
    """Remove an empty folder, with what writes that were killed have left in it.

    Raises:
        ToolError: it is not empty; `path` is what the complaint calls it.
        OSError: the disk refuses.
    """
    try:
        return folder.remove_folder(name)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    with folder.enter(name) as inner:
        if all(is_temporary(entry.name) for entry in inner.scan()):
            sweep(inner)
        count = sum(1 for _ in inner.scan())
    if count:
        what = "1 entry" if count == 1 else f"{count} entries"
        raise ToolError(f"'{shown(path)}' is a folder that is not empty ({what})", hint="delete what is in it first")
    return folder.remove_folder(name)
