"""A place that lets a file be neither read nor written, told apart from a file that is damaged.

SQLite says "disk I/O error" where the disk is full as well as where it fails, and a reader's error looks like a
writer's. Whoever took one for the other would call a sound file damaged, and have people throw it away.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import overload
from urllib.parse import quote_from_bytes

_ROOM = "make room on the disk and do it again; what was kept before is kept still"
_RIGHTS = "see to the rights of the file and its folder, or choose another home with THINKACT_HOME"
_DISK = "see to the disk, or choose another home with THINKACT_HOME"
_SIZE = "make room on the disk, or lift the limit on the size of a file"
_PAGE = 4096  # bytes; with less than that left SQLite cannot write at all

_FULL = ("the disk is full", _ROOM)
_READ_ONLY = ("the file system is read-only", _RIGHTS)
_IN_USE = (32, 33)  # of Windows: another program has the file open, or a part of it locked
_VAGUE = ("SQLITE_IOERR", "SQLITE_CANTOPEN")  # said of a full disk too, and of most else
_BY_NAME = (  # the beginning of SQLite's name for an error
    ("SQLITE_FULL", *_FULL),
    ("SQLITE_READONLY", "it is read-only", _RIGHTS),
    ("SQLITE_CANTOPEN", "it may not be opened, or nothing may be made beside it", _RIGHTS),
    ("SQLITE_PERM", "it may not be opened", _RIGHTS),
    ("SQLITE_AUTH", "it may not be opened", _RIGHTS),
    ("SQLITE_IOERR", "the disk fails", _DISK),
    ("SQLITE_NOLFS", "the disk takes no file of this size", _SIZE),
    ("SQLITE_TOOBIG", "a single text is too large for it", "keep so large a text as a file, and name the file"),
    ("SQLITE_NOMEM", "there is not enough memory", "end other programs and do it again"),
    ("SQLITE_INTERRUPT", "it was interrupted", "do it again"),
)
_BY_NUMBER = {
    errno.ENOSPC: _FULL,
    errno.EFBIG: ("the disk takes no file of this size", _SIZE),
    errno.EROFS: _READ_ONLY,
    errno.EACCES: ("permission denied", _RIGHTS),
    errno.EPERM: ("permission denied", _RIGHTS),
}
if hasattr(errno, "EDQUOT"):  # POSIX's: the user's own share of the disk
    _BY_NUMBER[errno.EDQUOT] = _FULL


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is the matter with a place, in words, and what to do about it."""

    why: str
    hint: str

    @property
    def full(self) -> bool:
        """Is room all that it lacks?"""
        return self.why == _FULL[0]


@overload
def trouble(error: OSError, file: Path) -> Trouble: ...


@overload
def trouble(error: sqlite3.Error | OSError, file: Path) -> Trouble | None: ...


def trouble(error: sqlite3.Error | OSError, file: Path) -> Trouble | None:
    """What an error over `file` tells of its place; None where it tells of the file itself, or of its use, as no
    `OSError` does."""
    if isinstance(error, OSError):
        if getattr(error, "winerror", None) in _IN_USE:
            return Trouble("another program has it open", "close it there and do it again")
        return Trouble(*_BY_NUMBER.get(error.errno or 0, (error.strerror or str(error), _DISK)))
    name = error_name(error)
    if name == "SQLITE_IOERR_SHORT_READ":
        return None  # the file ends before it should
    found = next(((why, hint) for start, why, hint in _BY_NAME if name.startswith(start)), None)
    if name.startswith(_VAGUE):
        found = _seen(file.parent) or found
    return None if found is None else Trouble(*found)


def sqlite_uri(file: PurePath) -> str:
    """An absolute path as SQLite opens it, parameters to follow. It knows no other machine in a URI: a share is a path
    that begins with two slashes."""
    path = file.as_posix()
    return f"file://{'' if path.startswith('/') else '/'}{quote_from_bytes(os.fsencode(path), safe='/:')}"


def error_name(error: sqlite3.Error) -> str:
    """SQLite's name for an error, such as `SQLITE_BUSY`; empty for those that Python's own module makes."""
    return getattr(error, "sqlite_errorname", "") or ""


def _seen(folder: Path) -> tuple[str, str] | None:
    """What can be seen to be the matter with a folder, whatever SQLite made of it."""
    with suppress(OSError):
        if shutil.disk_usage(folder).free < _PAGE:
            return _FULL
        if sys.platform != "win32":
            disk = os.statvfs(folder)
            if disk.f_flag & os.ST_RDONLY:
                return _READ_ONLY
            if disk.f_files and not disk.f_favail:  # no room for another file's name
                return _FULL
    return None
