"""Where a program is found that is started with the user's rights: never where an agent could have put one."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["SYSTEM", "Looked", "NoProgram", "Programs", "is_of_the_system"]

SYSTEM = (
    *("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin"),
    *("/run/wrappers/bin", "/run/current-system/sw/bin", "/snap/bin", "/opt/homebrew/bin", "/opt/podman/bin"),
)
"""Folders into which administrators install programs."""

_MOST_HOPS = 40
_ENDINGS = (".COM", ".EXE", ".BAT", ".CMD")  # of programs on Windows
_ADMINISTRATORS = 80  # the group of macOS, to whom Homebrew's folders belong


class NoProgram(ValueError):
    """There is no such program, or none that may be started. `why` is the end of a sentence about it; `lies` where it
    lies that may not be started, "" where there is none."""

    def __init__(self, name: str, why: str = "is not installed", *, lies: str = "") -> None:
        super().__init__(f"{name} {why}")
        self.why = why
        self.lies = lies


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found: the program's absolute path, None where there is none; what was passed over before it, each with
    the reason."""

    found: str | None
    passed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The programs that may be started by their name alone. No relative folder of a PATH counts, and none that others
    than root and the user may write.

    Attributes:
        first: Folders that are searched before the PATH.
        path: The PATH; None: that of this process.
        avoided: Folders in which nothing counts, and nothing that leads there, each with what it is.
        spared: Folders within those that count all the same.
    """

    first: tuple[str, ...] = SYSTEM
    path: str | None = None
    avoided: Mapping[str, str] = field(default_factory=dict)
    spared: tuple[str, ...] = ()

    def look(self, name: str) -> Looked:
        """Look for a program of this name."""
        passed: list[tuple[str, str]] = []
        for folder in dict.fromkeys([*self.first, *self._stated()]):
            found = _in_folder(folder, name)
            if found is None:
                continue
            why = self.why_refused(found)
            if why is None:
                return Looked(found=found, passed=tuple(passed))
            passed.append((found, why))
        return Looked(found=None, passed=tuple(passed))

    def find(self, name: str) -> str:
        """The program of this name.

        Raises:
            NoProgram: there is none, or it may not be started.
        """
        looked = self.look(name)
        if looked.found is not None:
            return looked.found
        if not looked.passed:
            raise NoProgram(name)
        lies, why = looked.passed[0]
        raise NoProgram(name, why, lies=lies)

    def folders(self) -> list[str]:
        """The folders of the PATH that count."""
        there = filter(os.path.isdir, self._stated())
        return [one for one in there if self.why_refused(os.path.join(one, "any")) is None]

    def why_refused(self, program: str) -> str | None:
        """Why the program at this absolute path may not be started, as the end of a sentence about it; None where it
        may."""
        for one in _hops(program):
            for folder, what in self.avoided.items():
                if _holds(folder, one) and not any(_holds(folder, own) and _holds(own, one) for own in self.spared):
                    return f"lies in {what} ({one}), where an agent could have changed it"
            if (place := _open_to_others(one)) is not None:
                return f"lies where others may write ({place})"
        return None

    def _stated(self) -> list[str]:
        stated = os.get_exec_path() if self.path is None else self.path.split(os.pathsep)
        return [one for one in stated if os.path.isabs(one)]


def is_of_the_system(folder: Path) -> bool:
    """Does a folder hold programs of the system, or lie among them?"""
    real = os.path.realpath(folder)
    return any(_is_below(one, real) or _is_below(real, one) for one in map(os.path.realpath, SYSTEM))


def _hops(program: str) -> Iterator[str]:
    """The program by the name given, and by each name that a link on the way has."""
    here = os.path.abspath(program)
    yield here
    for _ in range(_MOST_HOPS):
        here = os.path.join(os.path.realpath(os.path.dirname(here)), os.path.basename(here))
        yield here
        if not os.path.islink(here):
            break
        here = os.path.join(os.path.dirname(here), os.readlink(here))


def _holds(folder: str, path: str) -> bool:
    """Does a folder hold the path? By its name, and by what it is: a name may be written in many ways where capitals do
    not count."""
    if any(_is_below(path, one) for one in (folder, os.path.realpath(folder))):
        return True
    known = _identity(folder)
    return known is not None and any(_identity(str(one)) == known for one in Path(path).parents)


def _identity(path: str) -> tuple[int, int] | None:
    with suppress(OSError, ValueError):
        found = os.stat(path)
        return (found.st_dev, found.st_ino) if found.st_ino else None
    return None


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip(os.sep)}{os.sep}")


if sys.platform == "win32":  # pragma: no cover - where rights are no bits

    def _in_folder(folder: str, name: str) -> str | None:
        """The program of this name in a folder, whatever ending it has."""
        full = os.path.splitext(name)[1].upper() in _ENDINGS
        places = (os.path.join(folder, name + one) for one in ([""] if full else _ENDINGS))
        return next(filter(os.path.isfile, places), None)

    def _open_to_others(file: str) -> str | None:  # noqa: ARG001 - the same is asked everywhere
        """Not to be told from bits."""
        return None

else:

    def _in_folder(folder: str, name: str) -> str | None:
        """The program of this name in a folder."""
        return shutil.which(os.path.join(folder, name))  # a path, so that it is looked for nowhere else

    def _open_to_others(file: str) -> str | None:
        """The file, or the folder on the way to it, that others than root and the user may write; None where none is.
        Whatever group administrators let write to the folders of the system is theirs to say."""
        owners = {0, os.geteuid(), os.stat("/").st_uid}  # the last is root's, by the number that it has here
        folder = os.path.dirname(file)
        grouped = folder in SYSTEM
        for place in (file, *map(str, Path(file).parents)):
            try:
                found = os.lstat(place)
            except FileNotFoundError:
                continue
            except OSError:
                return place
            if place not in (file, folder) and found.st_mode & stat.S_ISVTX:  # what lies there is its owner's
                continue
            bits = 0 if stat.S_ISLNK(found.st_mode) else found.st_mode  # those of a link say nothing
            to_group = bits & stat.S_IWGRP and not grouped and not _is_own_group(found.st_gid)
            if found.st_uid not in owners or bits & stat.S_IWOTH or to_group:
                return place
        return None

    def _is_own_group(number: int) -> bool:
        """Is a group root's, the administrators', or one in which is the user alone?"""
        import grp
        import pwd

        if number == 0 or (sys.platform == "darwin" and number == _ADMINISTRATORS):
            return True
        try:
            user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(number)
        except KeyError:
            return False
        return user.pw_gid == number and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}
