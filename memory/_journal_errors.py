"""What a journal complains of, and the door at which errors of SQLite and of the system become its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ._places import Trouble, error_name, trouble

_HELD = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")


class JournalError(Exception):
    """A journal that cannot be used as asked.

    Args:
        message: What is wrong and with which file, one line.
        hint: What to do about it, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class JournalBusy(JournalError):
    """Another process writes it."""


class JournalMissing(JournalError):
    """There is none."""


class JournalNewer(JournalError):
    """It was written by a later version of thinkact."""


class JournalFull(JournalError):
    """Nothing more can be written: the disk is full or fails, or the place is read-only. What was committed stays."""


class JournalDamaged(JournalError):
    """It is not what was written.

    Args:
        message: What is wrong, one line.
        row: Number of the first row that cannot be trusted; 0 where the file's head cannot be.
        hint: What to do about it, or None.
    """

    def __init__(self, message: str, *, row: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.row = row


def busy(file: Path) -> JournalBusy:
    """Another program, such as a database browser, holds the file."""
    return JournalBusy(f"{file} is in use by another process", hint="wait until that has ended, or end it")


def worked_on(file: Path) -> JournalBusy:
    """Another process writes the run, whose id is the name of the journal's folder."""
    run = file.parent.name
    return JournalBusy(
        f"the run {run} is being worked on by another process ({file})",
        hint=f"wait for it, or see it with: thinkact runs tail {run}",
    )


def closed(file: Path) -> JournalError:
    """It was closed by its own user."""
    return JournalError(f"{file} is closed")


def damaged(file: Path, row: int, why: object) -> JournalDamaged:
    """`row` and what follows cannot be trusted; 0: the file's head cannot. The name of its folder is the run's id."""
    place, run = f" at row {row}" if row else "", file.parent.name
    before = f"the {row - 1} rows before it can be read: thinkact runs show {run}"
    hint = before if row > 1 else f"nothing of it can be read; remove it with: thinkact runs delete {run}"
    return JournalDamaged(f"{file} is damaged{place}: {why}", row=row, hint=hint)


def must_exist(file: Path) -> None:
    """Raises `JournalMissing` where there is no such file."""
    if not file.is_file():
        raise JournalMissing(f"there is no journal at {file}", hint="`thinkact runs list` shows those there are")


def barred(error: sqlite3.Error, file: Path) -> bool:
    """Is it the place that is at fault, not the file: may SQLite not open or write what it needs there?"""
    return trouble(error, file) is not None


def unreadable(file: Path, row: int, error: sqlite3.Error) -> JournalError:
    """What an error of SQLite's means to one who reads; `row` is the first row that was not had."""
    return _meaning(file, row, error) or _cannot(JournalError, file, "read", trouble(error, file))


@contextmanager
def renaming(file: Path) -> Iterator[None]:
    """The one door at which errors of SQLite and of the system become the journal's own, for one who writes."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(file, 0, error) or _cannot(JournalFull, file, "written", trouble(error, file)) from error
    except OSError as error:
        raise _cannot(JournalFull, file, "written", trouble(error, file)) from error


@contextmanager
def renaming_reads(file: Path) -> Iterator[None]:
    """As `renaming`, for one who only reads."""
    try:
        yield
    except sqlite3.Error as error:
        raise unreadable(file, 0, error) from error
    except OSError as error:
        raise _cannot(JournalError, file, "read", trouble(error, file)) from error


def _meaning(file: Path, row: int, error: sqlite3.Error) -> JournalError | None:
    """What an error means where it tells of the file or its use; None where it tells of the place."""
    if isinstance(error, sqlite3.ProgrammingError):  # said of a connection that was closed meanwhile
        return closed(file)
    if error_name(error).startswith(_HELD):
        return busy(file)
    return None if barred(error, file) else damaged(file, row, error)


def _cannot(kind: type[JournalError], file: Path, what: str, found: Trouble | None) -> JournalError:
    assert found is not None  # an error that tells of no trouble was given its meaning before
    return kind(f"{file} cannot be {what}: {found.why}", hint=found.hint)
