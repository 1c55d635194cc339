"""What the workspace says when the disk refuses: which path, what is wrong, what to do. One `OSError`, one line."""

from __future__ import annotations

import difflib
import errno
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from plugins._beneath import Reach
from plugins._contract import ToolError
from plugins._paths import fold, is_temporary, named, shown, within

__all__ = ["check_regular", "complaint", "obstacle", "unopened"]

_NEIGHBOURS = 2000  # names looked at to find the one that was meant
_ON_THE_WAY = frozenset({errno.ELOOP, errno.ENOTDIR, errno.ENOENT, errno.EMLINK, errno.EACCES, errno.EINVAL})

_IN_USE = (32, 33)  # of Windows, which says EACCES too: another program has the file open, or a part of it locked
_LINK = "is a link; links are not followed"
_REASONS: Mapping[int, tuple[str, str]] = {
    errno.EACCES: ("permission denied", "its rights or its folder's do not allow this; choose another"),
    errno.EPERM: ("the system does not permit it", "choose another file, or have its protection removed"),
    errno.EROFS: ("the file system is read-only", "nothing can be changed there; choose another folder"),
    errno.ENOSPC: ("the disk is full", "free some space, then try again; the old content is unchanged"),
    errno.EDQUOT: ("the disk quota is used up", "free some space, then try again; the old content is unchanged"),
    errno.EFBIG: ("it would be larger than this system allows", "write less, or several files"),
    errno.ENAMETOOLONG: ("the name is too long", "use a shorter one"),
    errno.EXDEV: ("source and target lie on different disks", "write its content there, then delete it here"),
    errno.EMFILE: ("too many files are open", "try again when other work is done"),
    errno.ENFILE: ("too many files are open", "try again when other work is done"),
    errno.EBADF: ("the workspace is closed", "the run is over; nothing more can be done in it"),
    errno.ENXIO: ("it is not a regular file", "only regular files can be read and written"),
    errno.EEXIST: ("it exists already", "choose another name, or delete what is there first"),
    errno.ENOTDIR: ("it is not a folder", "list the folder above it to see what is there"),
    errno.EISDIR: ("it is a folder", "name a file in it"),
    errno.ELOOP: ("it is, or lies behind, a link; links are not followed", "name the file itself"),
    errno.EIO: ("the disk failed", "try again; if it fails again, the disk needs care"),
}


def complaint(error: OSError, path: str, *, doing: str, held: Reach, root: str, hidden: Collection[str]) -> ToolError:
    """The failure of one call, told to the model.

    Args:
        error: What the system said.
        path: What the call was about, normalised.
        doing: What was tried, as in "cannot read".
        held: The workspace's folder, to look for what stands in the way.
        root: Its path, to be shown.
        hidden: Folded paths that are not proposed.
    """
    if error.errno in _ON_THE_WAY and (found := obstacle(held, path)) is not None:
        place, status = found
        if stat.S_ISLNK(status.st_mode):
            return ToolError(f"cannot {doing} '{shown(path)}': '{shown(place)}' {_LINK}", hint="name the file itself")
        if place != path:
            return ToolError(
                f"cannot {doing} '{shown(path)}': '{shown(place)}' is a file, not a folder", hint="use another path"
            )
    if error.errno == errno.ENOENT:
        return _missing(path, doing=doing, held=held, root=root, hidden=hidden)
    code = error.errno or 0
    if getattr(error, "winerror", None) in _IN_USE:
        what, hint = "another program has it open", "try again when it is closed there, or work on another file"
        return ToolError(f"cannot {doing} '{shown(path or root)}': {what}", hint=hint)
    what, hint = _REASONS.get(code, (error.strerror or str(error), "try another file"))
    return ToolError(f"cannot {doing} '{shown(path or root)}': {what}", hint=hint)


def check_regular(path: str, status: os.stat_result, *, doing: str) -> None:
    """Let only a regular file pass that has one name.

    Raises:
        ToolError: it is something else, or a second name (hard link) may lie outside the workspace.
    """
    mode, what, hint = status.st_mode, "", "only regular files can be read and written"
    if stat.S_ISREG(mode):
        if status.st_nlink <= 1:
            return
        what = f"it has {status.st_nlink} names (hard links), and they may lie outside the workspace"
        hint = "make a copy of it outside of thinkact and use that"
    elif stat.S_ISDIR(mode):
        what, hint = "it is a folder", "name a file in it, or list it"
    elif stat.S_ISLNK(mode):
        what, hint = f"it {_LINK}", "name the file itself"
    elif stat.S_ISFIFO(mode):
        what = "it is a pipe, not a regular file"
    elif stat.S_ISSOCK(mode):
        what = "it is a socket, not a regular file"
    else:
        what = "it is a device, not a regular file"
    raise ToolError(f"cannot {doing} '{shown(path)}': {what}", hint=hint)


def obstacle(held: Reach, path: str) -> tuple[str, os.stat_result] | None:
    """The first part of `path` that exists and is no folder, with its status; None where there is none."""
    for prefix in _prefixes(path):
        parent, _, name = prefix.rpartition("/")
        try:
            with held.folder(parent) as folder:
                status = folder.status(name)
        except OSError:
            return None
        if not stat.S_ISDIR(status.st_mode):
            return prefix, status
    return None


def unopened(path: str, error: OSError) -> ToolError:
    """Why a folder could not be opened, or made, as the workspace."""
    code = error.errno
    if code == errno.ENOENT:
        what, hint = "there is no such folder", "make it, or name another"
    elif code in (errno.EEXIST, errno.ENOTDIR):
        what, hint = "it is not a folder, or lies in something that is none", "name a folder"
    elif code == errno.ELOOP:
        what, hint = "its links lead in a circle", "name the folder itself"
    elif code == errno.EACCES:
        what, hint = "permission denied", "its rights do not allow reading it or making it; name another folder"
    else:
        what, hint = _REASONS.get(code or 0, (error.strerror or str(error), "name another folder"))
    return ToolError(f"cannot use '{shown(path)}' as the workspace: {what}", hint=hint)


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split("/") if path else []
    return ("/".join(parts[: length + 1]) for length in range(len(parts)))


def _missing(path: str, *, doing: str, held: Reach, root: str, hidden: Collection[str]) -> ToolError:
    try:
        if held.status().st_nlink == 0:
            return ToolError(f"the workspace {shown(root)} is gone", hint="it was removed while the run went on")
    except OSError:
        return ToolError(f"the workspace {shown(root)} is gone", hint="it was removed while the run went on")
    gone, names = path, []
    for gone in _prefixes(path):
        parent, _, name = gone.rpartition("/")
        try:
            with held.folder(parent) as folder:
                names = [entry.name for entry in islice(folder.scan(), _NEIGHBOURS)]
        except OSError:
            break
        if name not in names and any(named(raw) == name for raw in names):
            return ToolError(
                f"cannot {doing} '{shown(path)}': the real name of '{shown(name)}' holds control characters or bytes "
                "that are not UTF-8, and cannot be written here",
                hint="rename it outside of thinkact",
            )
        if name not in names:
            break
    parent, _, name = gone.rpartition("/")
    what = "there is no such file or folder" if gone == path else f"there is no folder '{shown(gone)}'"
    near = _nearest(parent, name, names, hidden)
    where = f"the folder '{shown(parent)}'" if parent else "the workspace"
    hint = f"nearest: {near}" if near else f"list {where} to see what is there"
    return ToolError(f"cannot {doing} '{shown(path)}': {what}", hint=hint)


def _nearest(parent: str, name: str, names: list[str], hidden: Collection[str]) -> str:
    """Up to three names of a folder that resemble `name`, as paths."""
    known = {}
    for raw in sorted(names, reverse=True):
        place = f"{parent}/{raw}" if parent else raw
        if not is_temporary(raw) and not within(fold(place), hidden):
            known[fold(raw)] = place
    close = difflib.get_close_matches(fold(name), known, n=3, cutoff=0.6)
    return ", ".join(f"'{shown(known[one])}'" for one in close)
