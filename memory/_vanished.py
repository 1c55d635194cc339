"""Which documents are gone from their folder, and which lie where nobody can look: on a disk that is not mounted."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ._walking import PassedOver, Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """Documents that were in a folder and are there no more.

    `gone`: their names. `empty`: the folders, and how many documents of each, that are there and hold nothing, though
    there were documents in them: a disk that is not mounted looks like that, and so these are not gone.
    """

    gone: Collection[str]
    empty: Mapping[str, int]


def vanished(walk: Walk, known: Iterable[str], found: Collection[str], passed: Iterable[PassedOver]) -> Vanished:
    """What of the documents that are `known` lay in the folder of a walk, which has now `found` these and `passed`
    over those. Nothing is gone from a folder in which no file is found at all."""
    inside = str(walk.root).rstrip(os.sep) + os.sep
    if not any(name.startswith(inside) for name in found):
        return Vanished(gone=(), empty={})
    named = {one.name for one in passed}
    closed = tuple(f"{one.name}{os.sep}" for one in passed if one.folder)
    gone: list[str] = []
    empty: dict[str, int] = {}
    looked: dict[Path, bool | None] = {}
    for name in known:
        if not name.startswith(inside) or name in found or name in named or name.startswith(closed):
            continue
        folder = _empty_above(Path(name), walk.root, looked)
        if folder is None:
            gone.append(name)
        else:
            empty[str(folder)] = empty.get(str(folder), 0) + 1
    return Vanished(gone=gone, empty=empty)


def _empty_above(path: Path, root: Path, looked: dict[Path, bool | None]) -> Path | None:
    """The nearest folder above a file, below `root`, that is there, where it is empty."""
    for folder in path.parents:
        if folder == root or root not in folder.parents:
            return None
        if folder not in looked:
            looked[folder] = _is_empty(folder)
        if looked[folder] is not None:
            return folder if looked[folder] else None
    return None


def _is_empty(folder: Path) -> bool | None:
    """None where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return None
