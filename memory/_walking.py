"""The files of a folder, in order. Links are not followed and are named; what hides itself is counted."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

LEFT = frozenset({"node_modules", "__pycache__", "site-packages"})
"""Folders that hold what programs put there; with those that begin with a dot they are left out."""
DEEPEST = 200
"""So many folders below the one that was named are entered; beyond, their names are longer than systems take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file that may be a document. `name` is its absolute path, `shown` how it is told: the folder that was named and
    the way from there. `size` is in bytes, `modified` in seconds since the epoch."""

    path: Path
    name: str
    shown: str
    size: int
    modified: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Something in a folder that cannot be a document, and why; a `folder` where it may hold some."""

    name: str
    shown: str
    reason: str
    folder: bool = False


@dataclass(frozen=True, slots=True)
class _Within:
    """A folder that is yet to be entered, and how it is told."""

    path: str
    shown: str


class Walk:
    """One walk through a folder, or to a single file.

    Args:
        start: The folder or file, as the user named it; a link there is meant.
        leave: Absolute paths of folders that are never entered, such as thinkact's own.

    Attributes:
        root: Its absolute path, free of links.
        hidden: How many files and folders were left out for their names, as far as the walk has come.
    """

    def __init__(self, start: Path, *, leave: Collection[Path] = ()) -> None:
        self.root = start.resolve()
        self.hidden = 0
        self._leave = frozenset(map(str, leave))

    def __iter__(self) -> Iterator[Candidate | PassedOver]:
        base = self.root.name or self.root.anchor
        if not self.root.is_dir():
            yield _told(self.root, base)
            return
        # A stack and no recursion: whoever made the folders decides how deep they lie.
        open_folders = [self._folder(str(self.root), base)]
        while open_folders:
            found = next(open_folders[-1], None)
            if found is None:
                open_folders.pop()
            elif isinstance(found, _Within):
                open_folders.append(self._entered(found, depth=len(open_folders)))
            else:
                yield found

    def _entered(self, folder: _Within, *, depth: int) -> Iterator[Candidate | PassedOver | _Within]:
        if depth <= DEEPEST:
            return self._folder(folder.path, folder.shown)
        reason = f"lies more than {DEEPEST} folders deep; add it by its own name"
        return iter([PassedOver(name=folder.path, shown=folder.shown, reason=reason, folder=True)])

    def _folder(self, folder: str, shown: str) -> Iterator[Candidate | PassedOver | _Within]:
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            reason = f"the folder cannot be read: {_why(error)}"
            yield PassedOver(name=folder, shown=shown, reason=reason, folder=True)
            return
        for entry in found:
            within = f"{shown.rstrip('/')}/{entry.name}"
            if entry.name.startswith(".") or entry.name in LEFT or entry.path in self._leave:
                self.hidden += 1
            elif entry.is_symlink() or _is_junction(entry):
                yield PassedOver(name=entry.path, shown=within, reason=self._link(entry.path))
            elif entry.is_dir(follow_symlinks=False):
                yield _Within(entry.path, within)
            else:
                yield _told(Path(entry.path), within)

    def _link(self, path: str) -> str:
        """Why a link is not followed. Whoever may write into the folder could lead out of it by one."""
        try:
            target = Path(path).resolve(strict=True)
        except RuntimeError:
            return "a link that leads back to itself"
        except OSError as error:
            loops = getattr(error, "errno", None) == getattr(os, "ELOOP", 40)
            return "a link that leads back to itself" if loops else "a link that leads nowhere"
        if target == self.root or target in Path(path).parents:
            return "a link back to a folder that it lies in"
        if self.root in target.parents:
            return "a link to what is read where it lies"
        return "a link out of the folder; add what it leads to by its own name"


def _told(path: Path, shown: str) -> Candidate | PassedOver:
    name = str(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = shown.encode("utf-8", "replace").decode()
        return PassedOver(name=name, shown=shown, reason="its name is no text; rename it")
    try:
        found = path.stat(follow_symlinks=False)
    except OSError as error:
        return PassedOver(name=name, shown=shown, reason=f"cannot be read: {_why(error)}")
    if not stat.S_ISREG(found.st_mode):
        return PassedOver(name=name, shown=shown, reason="no regular file")
    return Candidate(path=path, name=name, shown=shown, size=found.st_size, modified=found.st_mtime)


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Is it Windows' own kind of link to a folder?"""
    attributes = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0) if os.name == "nt" else 0
    return attributes == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def content_of(path: Path) -> bytes:
    """All of a regular file; a link that has come into its place meanwhile is not followed.

    Raises:
        OSError: it cannot be read, or is no regular file any more.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123  a descriptor has no path
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "no regular file")
        return file.read()
