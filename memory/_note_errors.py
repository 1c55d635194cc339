"""What long-term memory complains of, and the one door through which errors of SQLite and the system become its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from ._places import error_name, trouble

_HELD = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_SHORT_READ")


class RecallError(Exception):
    """Base of what long-term memory complains of, in one clear line.

    Args:
        what: What is wrong, without the name of any file: a model may read it.
        hint: What to do about it, or None; it names no file either.
        file: The file that it is about, or None.

    Attributes:
        message: The same for a person: the file is named before it.
    """

    def __init__(self, what: str, *, hint: str | None = None, file: Path | None = None) -> None:
        self.what = what
        self.message = what if file is None else f"{file}: {what}"
        self.hint = hint
        super().__init__(self.message)


class StoreError(RecallError):
    """The file of notes, or of documents, cannot be had now, or as it is: what was asked was not even begun."""


class StoreUnusable(StoreError):
    """The file cannot be opened, read or written: its folder, its rights, its disk."""


class StoreDamaged(StoreError):
    """The file is no store of notes or documents, or is broken. It is left as it is.

    Attributes:
        mendable: Can `rebuild` make a sound one of what can be read of it, as far as is known?
    """

    def __init__(self, what: str, *, hint: str | None = None, file: Path | None = None, mendable: bool = False) -> None:
        super().__init__(what, hint=hint, file=file)
        self.mendable = mendable


class StoreTooNew(StoreError):
    """The file was written by a newer thinkact."""


class StoreFull(StoreError):
    """The disk is full; what was being stored is not stored, all before it is."""


class StoreBusy(StoreError):
    """Another process kept the file locked for too long; nothing was stored."""


def damaged(file: Path, why: object, *, holds: str = "notes", mendable: bool = True) -> StoreDamaged:
    """The file is not what was written. Documents are never mended, but taken in again."""
    hint = "put a copy of it in its place, or move it away: then a new one is begun"
    mendable = mendable and holds == "notes"
    if mendable:
        hint = "thinkact memory rebuild makes it anew of all that can be read, and keeps the damaged one beside it"
    return StoreDamaged(f"the file of {holds} is damaged ({why})", hint=hint, file=file, mendable=mendable)


def is_broken(error: sqlite3.Error) -> bool:
    """Does it tell that pages of the file are not what was written? An error without a name is that a text cannot be
    decoded."""
    name = error_name(error)
    return name.startswith(_BROKEN) or (not name and isinstance(error, sqlite3.OperationalError))


@contextmanager
def renamed(
    file: Path, how: Literal["read", "written"] = "written", *, holds: str = "notes", mendable: bool = True
) -> Iterator[None]:
    """Whatever SQLite or the system says of `file` inside becomes a `RecallError`; a mistake of ours does not. `holds`:
    what it is a file of; `mendable` False: what is damaged cannot be mended, as it was tried."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        meant = _meaning(error, file, how, holds, mendable=mendable)
        if meant is None:
            raise
        raise meant from error


def _meaning(error: sqlite3.Error | OSError, file: Path, how: str, holds: str, *, mendable: bool) -> RecallError | None:
    if isinstance(error, sqlite3.Error):
        name = error_name(error)
        if name.startswith(_HELD):
            hint = "try again, or end that process"
            return StoreBusy(f"another process keeps the {holds} locked", hint=hint, file=file)
        if name.startswith(_BROKEN):
            return damaged(
                file, error, holds=holds, mendable=mendable and (name != "SQLITE_NOTADB" or _holds_notes(file))
            )
    found = trouble(error, file)
    if found is None:
        return None
    kind = StoreFull if found.full else StoreUnusable
    return kind(f"the {holds} cannot be {how}: {found.why}", hint=found.hint, file=file)


def _holds_notes(file: Path) -> bool:
    from ._carving import holds_notes

    return holds_notes(file)
