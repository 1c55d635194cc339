"""A damaged knowledge base, moved out of the way: all that it held is made of documents, and can be made again."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from memory.recall import PASSAGES, Recall, StoreDamaged

_PARTS = ("", "-wal", "-shm")  # what SQLite keeps in one file and beside it


def is_damaged(file: Path) -> bool:
    """Is it damaged still, when all of it is read once more? A disk may have failed only for a moment.

    Raises:
        RecallError: it cannot be read for another reason.
    """
    try:
        with Recall(file, embedder=None, rules=PASSAGES, upkeep=False) as recall:
            recall.check()
            recall.sources()
    except StoreDamaged:
        return True
    return False


def set_aside(file: Path) -> Path:
    """Rename the file, with what belongs to it, to a name beside it that is free; that name."""
    names = (file.with_name(f"{file.name}.damaged-{number}") for number in count(1))
    target = next(name for name in names if not any(Path(f"{name}{part}").exists() for part in _PARTS))
    for part in reversed(_PARTS):  # the file itself last: until then it is found, and this is done again
        beside = Path(f"{file}{part}")
        if beside.exists():
            beside.rename(f"{target}{part}")
    return target
