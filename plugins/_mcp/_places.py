"""Which files and folders a confined server reads: those that its entry names, and where its program lies."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

__all__ = ["holds", "named_places", "places_of_program"]

_OF_A_PROJECT = ("package.json", "pyproject.toml", "pyvenv.cfg")
_OF_PROGRAMS = ("bin", "Scripts", "libexec")
_OF_THE_SYSTEM = tuple(map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64")))
_HIGHEST = 3  # folders above a file in which its project is looked for
_MOST_HOPS = 12


def named_places(
    words: Sequence[str], env: Mapping[str, str], *, folder: Path, kept: Sequence[Path], whole: bool = False
) -> dict[str, str]:
    """What the words of an entry, and its variables, name: a folder, or a file with what lies around it, its project's
    folder where it has one. Absolute paths, each with the real one.

    Args:
        words: The program, where it is named by a path, and its arguments; of `--option=path` the path counts.
        env: The entry's own variables.
        folder: What relative names are relative to; itself a place where it is `whole`.
        kept: What no server reads, nor a folder around it.
    """
    real = [Path(os.path.realpath(one)) for one in kept]
    stated = [piece for word in words for piece in (word, word.partition("=")[2])]
    stated += [value for value in env.values() if value.startswith("~") or Path(value).is_absolute()]
    found: dict[str, str] = {}
    for place in [folder] if whole else []:
        found.update(_named(place, real))
    for text in stated:
        with suppress(OSError, ValueError, RuntimeError):
            if text and (place := folder / Path(text).expanduser()).exists():
                found.update(_named(place, real))
    return found


def _named(place: Path, kept: Sequence[Path]) -> dict[str, str]:
    """What is read for a place, under the name by which it leads there."""
    around = _around(Path(os.path.realpath(place)), kept)
    if around is None:
        return {}
    stated = Path(os.path.abspath(place))  # noqa: PTH100 - resolve() would follow links
    names = (one for one in (stated, *stated.parents) if os.path.realpath(one) == str(around))
    return {str(next(names, around)): str(around)}


def places_of_program(program: str, path: str, *, kept: Sequence[Path], loose: Sequence[Path] = ()) -> tuple[str, ...]:
    """Where a program lies, that is not the system's: each place on the way of its links, and of the interpreters that
    its first line names, which are looked for in `path`. What lies in a `loose` folder, where an agent or a server may
    have written it, leads nowhere from there."""
    real = [Path(os.path.realpath(one)) for one in kept]
    open_ones = [Path(os.path.realpath(one)) for one in loose]
    found = (_around(hop, real) for hop in _hops(Path(program), path, open_ones) if not _is_of_the_system(hop))
    return tuple(dict.fromkeys(str(one) for one in found if one is not None))


def holds(folder: Path, path: Path) -> bool:
    """Is the path the folder, or in it? Both as they are written."""
    return folder == path or folder in path.parents


def _is_of_the_system(path: Path) -> bool:
    return any(holds(one, path) for one in _OF_THE_SYSTEM)


def _around(path: Path, kept: Sequence[Path]) -> Path | None:
    """The folder itself, or the place around a file; a file alone where that would be too much. None for what is kept,
    and for a folder that would be too much."""
    if any(holds(one, path) for one in kept):
        return None
    if path.is_dir():
        return None if _is_private(path) or any(holds(path, one) for one in kept) else path
    for place in (_place_of(path), path.parent):
        if not _is_wide(place) and not any(holds(place, one) for one in kept):
            return place
    return path


def _place_of(file: Path) -> Path:
    packages = [one for one in file.parents if one.name == "node_modules"]
    if packages:
        return packages[-1]
    if file.parent.name in _OF_PROGRAMS:
        return file.parent.parent
    for above in file.parents[:_HIGHEST]:
        if _is_wide(above):
            break
        if any((above / name).is_file() for name in _OF_A_PROJECT):
            return above
    return file.parent


def _is_private(folder: Path) -> bool:
    """The home folder, all above it, and a folder of settings right in it."""
    home = Path(os.path.realpath(Path.home()))
    return holds(folder, home) or (folder.parent == home and folder.name.startswith("."))


def _is_wide(folder: Path) -> bool:
    """Does a folder hold far more than what lies around one file?"""
    return _is_private(folder) or len(folder.parts) < 3


def _hops(program: Path, path: str, loose: Sequence[Path]) -> Iterator[Path]:
    waiting, seen = [program], set[Path]()
    while waiting and len(seen) < _MOST_HOPS:
        hop = waiting.pop()
        here = Path(os.path.realpath(hop.parent)) / hop.name
        if here in seen or any(holds(one, here) for one in loose):
            continue
        seen.add(here)
        yield here
        with suppress(OSError):
            waiting += [here.parent / here.readlink()] if here.is_symlink() else _interpreters(here, path)


def _interpreters(file: Path, path: str) -> Iterator[Path]:
    with file.open("rb") as opened:
        line = opened.readline(500)
    if not line.startswith(b"#!"):
        return
    for word in line[2:].decode("utf-8", "replace").split():
        if Path(word).is_absolute():
            yield Path(word)
        elif re.fullmatch(r"\w[\w.+-]*", word) and (found := shutil.which(word, path=path)):
            yield Path(found)
