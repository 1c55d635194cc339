"""What a confined program sees of this machine: programs and libraries to read, the workspace to write, and laid over
it what it must not write, or not even read, whether it is there or not."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from plugins._sandbox._placeholders import Placeholders
from plugins._sandbox._standing import Standing

__all__ = ["Desk", "Guarded", "system_folders", "visible_path"]

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
    "/run/current-system",
)
_ETC = (  # each is a mount, and costs a part of a millisecond
    *("alternatives", "fonts", "ld.so.cache", "localtime", "mime.types"),
    *("java-17-openjdk", "java-21-openjdk", "R", "ImageMagick-6", "ImageMagick-7"),
)
_DEEPEST = 3  # folders within folders in which repositories are looked for
_MOST_FOLDERS = 500


def system_folders() -> list[str]:
    """The files and folders of the system that programs need, those that are there: programs, libraries, and of
    `/etc` what says no more than how to run them."""
    wanted = (*_SYSTEM, *(f"/etc/{name}" for name in _ETC))
    return [path for path in wanted if os.path.lexists(path)]


def python_folders() -> list[str]:
    """The folders of this Python and of its virtual environment."""
    wanted = [sys.base_prefix, sys.base_exec_prefix, sys.prefix, sys.exec_prefix]
    found = [os.path.realpath(one) for one in wanted]
    return [one for one in dict.fromkeys([*wanted, *found]) if one not in ("/", "") and not _is_below(one, "/usr")]


def visible_path(path: str, readable: Sequence[str]) -> str:
    """The folders of a PATH that a confined program can see, and the usual ones behind them. In the place of the first
    one that it cannot see and that has a Python, stands the folder of this Python."""
    own = os.path.join(sys.prefix, "bin")
    found = []
    for one in path.split(os.pathsep):
        if os.path.isabs(one) and any(_is_below(one, folder) for folder in readable):
            found.append(one)
        elif os.path.isabs(one) and own not in found and os.path.exists(os.path.join(one, "python3")):
            found.append(own)
    return os.pathsep.join(dict.fromkeys([*found, own, "/usr/local/bin", "/usr/bin", "/bin"]))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """Real paths below the workspace. `pinned`: folders that keep their names. `readonly`: never written. `masked`:
    neither written nor read. Outer folders come first."""

    pinned: tuple[str, ...] = ()
    readonly: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Desk:
    """The workspace, as confined programs get it.

    `write` are the only paths below it that may be written, where not all of it may. `protected` are never written,
    `hidden` not even read: absolute paths, in the workspace or not, present or not. `plain`: it is a folder like any
    other, of which nothing else is guarded: no repository, and no `.env` at its top. What is absent is held by an empty
    placeholder, which `clear` takes away again.
    """

    root: str
    write: Sequence[str] | None = None
    protected: Sequence[Path] = ()
    hidden: Sequence[Path] = ()
    plain: bool = False
    placeholders: Placeholders = field(default_factory=Placeholders)

    def guarded(self, *, holding: bool = True) -> Guarded:
        """What is laid over the workspace now; makes the placeholders that it needs. Without `holding` none are made,
        and what is absent is named as it is, save a repository."""
        root = os.path.realpath(self.root)
        pinned: dict[str, None] = {}
        readonly: dict[str, None] = {}
        masked: dict[str, None] = {}
        for path, hides in self._wanted(root):
            if not holding and os.path.basename(path) == ".git" and not os.path.lexists(path):
                continue
            found = self._held(root, path) if holding else path
            if found is None:
                continue
            pinned.update(dict.fromkeys(_between(root, found)))
            (masked if hides else readonly)[found] = None
        inner = dict.fromkeys(one for one in pinned if not any(_is_below(one, held) for held in (*readonly, *masked)))
        plain = [one for one in readonly if not any(_is_below(one, held) for held in masked)]
        return Guarded(pinned=tuple(sorted(inner, key=len)), readonly=tuple(plain), masked=tuple(masked))

    def standing(self, *, only_read: bool = False) -> Standing:
        """What stands now at the names that are guarded, with the placeholders that were made; repositories further
        down are left out, as programs may make some."""
        root = os.path.realpath(self.root)
        top = [] if self.plain else [os.path.join(root, ".env"), os.path.join(root, ".git")]
        return Standing(dict.fromkeys([*(path for path, _ in self._named(root)), *top]), only_read=only_read)

    def holds_system(self) -> str | None:
        """The folder of the system's programs that lies in the workspace, where one does: then nothing can be written
        there and not change what is run."""
        root = os.path.realpath(self.root)
        return next((one for one in ("/usr", *system_folders()) if _is_below(os.path.realpath(one), root)), None)

    def clear(self) -> None:
        """Take the placeholders away, where nobody else relies on them and they are still empty."""
        self.placeholders.clear()

    def _wanted(self, root: str) -> Iterator[tuple[str, bool]]:
        """Every path that is guarded, and whether it is hidden."""
        yield from self._named(root)
        if not self.plain:
            if os.path.lexists(os.path.join(root, ".env")):
                yield os.path.join(root, ".env"), True
            yield from ((one, False) for one in _repositories(root))

    def _named(self, root: str) -> Iterator[tuple[str, bool]]:
        """The same, of what is guarded by its name, be it there or not."""
        for hidden in self.hidden:
            yield from ((one, True) for one in _spellings(hidden, root))
        for protected in self.protected:
            yield from ((one, os.path.basename(one) == ".env") for one in _spellings(protected, root))
        for folder in python_folders():
            if _is_below(folder, root) and folder != root:
                yield folder, False

    def _held(self, root: str, path: str) -> str | None:
        """The path itself, or the topmost name on the way to it that is not there, which is made. None where a link or
        a file is in the way: nothing can be behind it."""
        here = root
        names = os.path.relpath(path, root).split("/")
        for name in names:
            here = os.path.join(here, name)
            if os.path.islink(here):
                return None  # nothing can be laid over a link; where it leads is judged by itself
            if os.path.lexists(here) and not self.placeholders.shares(here):
                continue
            folder = here != path or os.path.basename(path) != ".env"
            if self.placeholders.hold(here, folder=folder) or os.path.lexists(here):
                return here
            return None  # nobody may make it here, then neither may what is confined
        return here


def _between(root: str, path: str) -> Iterator[str]:
    """The folders between the workspace and a path below it."""
    while (path := os.path.dirname(path)) != root:
        yield path


def _spellings(path: Path, root: str) -> Iterator[str]:
    """A path as it is written and where it leads, where that is below the workspace."""
    for one in {os.path.abspath(path), os.path.realpath(path)}:
        if _is_below(one, root) and one != root:
            yield one


def _repositories(root: str) -> Iterator[str]:
    """What git runs and obeys, hooks and configuration: the repository of the workspace, present or absent, and those
    near the top of it."""
    top = os.path.join(root, ".git")
    if not os.path.lexists(top):
        yield top
    waiting, seen = deque([(root, 0)]), 0
    while waiting and seen < _MOST_FOLDERS:
        folder, depth = waiting.popleft()
        seen += 1
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name == ".git":
                    yield entry.path
                elif depth < _DEEPEST and entry.is_dir(follow_symlinks=False) and entry.name != "node_modules":
                    waiting.append((entry.path, depth + 1))
