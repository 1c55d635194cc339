"""Changes in one folder that are whole or not at all, and on the disk when they are done."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
import time

from plugins._beneath import Folder
from plugins._complaint import check_regular
from plugins._contract import ToolError
from plugins._paths import is_temporary, shown

__all__ = ["entered", "remove_folder", "replace"]

_STALE = 600.0  # seconds after which an unfinished write is nobody's any more


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


def replace(folder: Folder, name: str, content: bytes, *, path: str) -> os.stat_result:
    """Replace or create a file: write beside it, then give the new file its name; both are synced.

    An existing file keeps its rights and owner. After a failure it is as it was, and nothing else is left.

    Args:
        folder: Where the file lies.
        name: Its name there.
        content: All of its new content.
        path: What to call it in a complaint.

    Raises:
        ToolError: what has the name is no regular file with one name, or write-protected.
        OSError: the disk refuses.
    """
    old = _replaceable(folder, path, name)
    temporary = f".thinkact-{secrets.token_hex(8)}.tmp"
    descriptor = folder.create(temporary, 0o666 if old is None else 0o600)
    try:
        try:
            if old is not None:
                _keep_rights(folder, path, name, old, descriptor)
            _fill(descriptor, content)
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        folder.replace(temporary, name)
    except BaseException:
        with contextlib.suppress(OSError):
            folder.remove(temporary)
        raise
    folder.sync()
    return status


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
        rights = old.st_mode & 0o777  # never set-user-id: the content is new
        if os.fstat(descriptor).st_mode & 0o777 != rights:  # some disks know no rights, and refuse to set them
            os.fchmod(descriptor, rights)


def _fill(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


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
        count = _swept(inner)
    if count:
        what = "1 entry" if count == 1 else f"{count} entries"
        raise ToolError(f"'{shown(path)}' is a folder that is not empty ({what})", hint="delete what is in it first")
    return folder.remove_folder(name)


def _swept(folder: Folder) -> int:
    """Remove what killed writes have left, where nothing else is in the folder; how many entries remain."""
    names = [entry.name for entry in folder.scan()]
    if not all(is_temporary(name) for name in names):
        return len(names)
    stale = [name for name in names if time.time() - folder.status(name).st_mtime > _STALE]
    for name in stale:
        folder.remove(name)
    return len(names) - len(stale)
