"""A journal opened to be read, also while a process writes it and where nothing may be written."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ._journal_errors import barred, must_exist, renaming_reads
from ._journal_file import beside, connect


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection for the time of the block; errors of SQLite and of the system become the journal's own.

    Raises:
        JournalMissing: there is no such file.
        JournalBusy: another process keeps it to itself.
        JournalDamaged: it is no database.
        JournalError: it cannot be read.
    """
    with renaming_reads(file), ExitStack() as held:
        must_exist(file)
        connection = _opened(file, held)
        connection.execute("PRAGMA query_only = ON")
        yield connection


def _opened(file: Path, held: ExitStack) -> sqlite3.Connection:
    # A closed journal is opened so that SQLite takes its helper files away again. One that has a write-ahead file is
    # being written, or was left by a kill: a reader changes nothing there.
    try:
        return connect(file, "mode=ro" if beside(file, "-wal").exists() else "mode=rw", held)
    except sqlite3.OperationalError as error:
        if not barred(error, file):
            raise
    return _untouched(file, held)


def _untouched(file: Path, held: ExitStack) -> sqlite3.Connection:
    # Where nothing may be written, or nothing more fits, SQLite cannot have its shared memory. The file alone can be
    # taken as it is; a write-ahead file that a killed run left is read in a copy, where SQLite may work it in.
    wal = beside(file, "-wal")
    if not (wal.is_file() and wal.stat().st_size):
        return connect(file, "mode=ro&immutable=1", held)
    folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="thinkact-")))
    shutil.copyfile(wal, folder / "journal-wal")
    shutil.copyfile(file, folder / "journal")
    return connect(folder / "journal", "mode=rw", held)
