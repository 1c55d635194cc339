"""The file of a journal: locked for one writer, opened, begun, checked as a whole."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, suppress
from pathlib import Path

from ._durable import sync_folder
from ._journal_errors import damaged, worked_on
from ._journal_rows import lay_out
from ._lock_seen import is_held
from ._places import sqlite_uri

_LOCK_SECONDS = 0.5


def beside(file: Path, suffix: str) -> Path:
    """The file that stands beside the journal's own under this ending."""
    return file.with_name(file.name + suffix)


def lock(file: Path, held: ExitStack) -> None:
    """Become the one who writes, until `held` is closed or the process ends.

    Raises:
        JournalBusy: another one is.
        OSError: the place cannot be written.
    """
    from filelock import FileLock, Timeout  # here, as it is slow to import and readers do without

    # not bound to a thread: the journal may be closed by another one than opened it
    wanted = FileLock(beside(file, ".lock"), timeout=_LOCK_SECONDS, thread_local=False)
    try:
        wanted.acquire()
    except Timeout:
        raise worked_on(file) from None
    held.callback(wanted.release)


def locked(file: Path) -> bool:
    """Does a process hold what `lock` takes? It is only looked at."""
    lock_file = beside(file, ".lock")
    return lock_file.exists() and is_held(lock_file)


def connect(file: Path, how: str, held: ExitStack) -> sqlite3.Connection:
    """Open the file, until `held` is closed; `how` are SQLite's parameters of a URI. Text is given as bytes: a flipped
    byte must not end in an error of SQLite's own.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    connection = sqlite3.connect(
        f"{sqlite_uri(file)}?{how}", uri=True, timeout=1.0, isolation_level=None, check_same_thread=False
    )
    held.callback(connection.close)
    connection.text_factory = bytes
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA schema_version")  # SQLite opens a file only when it is first asked for something
    return connection


def prepare(connection: sqlite3.Connection) -> None:
    """Make commits durable: one sync of the write-ahead file each."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS, where a plain fsync leaves the drive's cache alone


def begin(file: Path, meta: bytes, held: ExitStack) -> sqlite3.Connection:
    """Make a new journal, durably, and open it until `held` is closed. Where it fails, nothing of it stays.

    Raises:
        sqlite3.Error, OSError: it cannot be written.
    """
    beside(file, ".mark").unlink(missing_ok=True)  # it told of another journal, which is gone
    try:
        with ExitStack() as unfinished:
            connection = connect(file, "mode=rwc", unfinished)
            prepare(connection)
            connection.execute("BEGIN IMMEDIATE")
            lay_out(connection, meta)
            connection.execute("COMMIT")
            with suppress(OSError):  # SQLite syncs the folder of the file, nobody the one that holds that folder
                sync_folder(file.parent.parent)
            held.enter_context(unfinished.pop_all())
    except BaseException:
        for suffix in ("", "-wal", "-shm"):  # half a journal must not stay where a whole one is wanted
            beside(file, suffix).unlink(missing_ok=True)
        raise
    return connection


def must_be_sound(connection: sqlite3.Connection, file: Path) -> None:
    """Refuse to write into a file whose pages contradict each other, also where no row lies in them.

    Raises:
        JournalDamaged: they do.
    """
    for (verdict,) in connection.execute("PRAGMA quick_check(1)"):
        if verdict != b"ok":
            raise damaged(file, 0, verdict.decode("utf-8", "replace").replace("\n", " "))
