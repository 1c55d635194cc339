"""The database that notes lie in: made, opened and brought up to date, for several threads and processes at once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ._change import Change, one
from ._notes import RecallError, StoreBusy, StoreDamaged, StoreFull, StoreTooNew, StoreUnusable
from .embedding import WORDS_VERSION

SCHEMA_VERSION = 1
_APPLICATION = 0x74616E31  # "tan1": tells our files from any other SQLite database

_SCHEMA = """
CREATE TABLE notes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, namespace TEXT NOT NULL,
  text TEXT NOT NULL, context TEXT NOT NULL, digest TEXT NOT NULL, terms TEXT NOT NULL, context_terms TEXT NOT NULL,
  metadata TEXT NOT NULL, kind TEXT NOT NULL, origin TEXT NOT NULL, label TEXT, run TEXT, step INTEGER,
  created REAL NOT NULL, used REAL, uses INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 1,
  superseded_by INTEGER REFERENCES notes(number) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX notes_one_active ON notes(namespace, digest) WHERE superseded_by IS NULL;
CREATE INDEX notes_active ON notes(namespace, superseded_by, created);
CREATE INDEX notes_superseded ON notes(superseded_by);
CREATE TABLE vectors (
  note INTEGER PRIMARY KEY REFERENCES notes(number) ON DELETE CASCADE,
  embedder TEXT NOT NULL, dimensions INTEGER NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX vectors_embedder ON vectors(embedder, dimensions, note);
CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, id TEXT NOT NULL);
CREATE INDEX outbox_namespace ON outbox(namespace, position);
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@contextmanager
def renamed(path: Path) -> Iterator[None]:
    """The one door through which SQLite's errors become ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise StoreFull(f"{path}: the disk is full; the note was not stored", hint="make room") from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreBusy(
                f"{path}: another process keeps the notes locked", hint="try again, or end that process"
            ) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise StoreDamaged(
                f"{path}: the file of notes is damaged ({error})", hint="put a copy in its place, or move it away"
            ) from error
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
            raise StoreUnusable(
                f"{path}: the file of notes cannot be opened or written ({error})", hint="look at its rights and disk"
            ) from error
        raise
    except OSError as error:
        raise StoreUnusable(
            f"{path}: the file of notes cannot be made ({error})", hint="choose another folder"
        ) from error


class Database:
    """One SQLite file of notes. It is made by the first write, never by a read.

    Safe to be used by several threads. Every method but `close` raises a `RecallError`. `full_text` False: as if
    SQLite had no FTS5.

    Attributes:
        path: The file.
        full_text: Are words found by FTS5? Known for certain once the file is open.
    """

    def __init__(self, path: Path, *, busy_seconds: float, full_text: bool) -> None:
        self.path = path
        self.full_text = full_text
        self._busy_seconds = busy_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """The connection, for reading; None where there is no file yet."""
        with self._lock, renamed(self.path):
            yield self._open(create=False)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is durable when the block ends, or none of it where it raises."""
        with self._lock, renamed(self.path):
            connection = self._open(create=True)
            assert connection is not None  # create=True
            with _immediate(connection):
                yield connection

    def close(self) -> None:
        """Let go of the file; whatever is asked afterwards is refused. Twice does no harm."""
        with self._lock:
            self._closed = True
            self._drop()

    def wipe(self) -> None:
        """Bring the write-ahead log into the file and empty it, so that what was forgotten is in neither. Where
        another process is reading just now, the next write that makes the log full does it."""
        with self.reading() as connection:
            if connection is not None:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self, *, create: bool) -> sqlite3.Connection | None:
        if self._closed:
            raise RecallError("this memory is closed", hint="open it again")
        if not self.path.exists():
            self._drop()  # the file was deleted under us: what is written next must be found by the next process
            if not create:
                return None
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._connection is None:
            connection = sqlite3.connect(
                self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
            )
            try:
                if not self._prepare(connection, create=create):
                    connection.close()
                    return None
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection, *, create: bool) -> bool:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-32000")  # kB, taken as needed: a scan reads all vectors of a namespace
        connection.execute("PRAGMA secure_delete=ON")  # what is forgotten must not stay in free pages
        if one(connection, "PRAGMA user_version") == 0:
            if not create and not one(connection, "SELECT count(*) FROM sqlite_master"):
                return False  # another process is just making it
            self._make(connection)
        version, application = one(connection, "PRAGMA user_version"), one(connection, "PRAGMA application_id")
        if application != _APPLICATION:
            raise StoreDamaged(f"{self.path}: this is another program's database", hint="choose another file")
        if version > SCHEMA_VERSION:
            raise StoreTooNew(f"{self.path}: these notes were written by a newer thinkact", hint="update thinkact")
        modules = "SELECT count(*) FROM pragma_module_list WHERE name='fts5'"
        self.full_text = self.full_text and bool(one(connection, modules))
        self._bring_up_to_date(connection)
        return True

    def _make(self, connection: sqlite3.Connection) -> None:
        deadline = time.monotonic() + self._busy_seconds
        while not one(connection, "SELECT count(*) FROM sqlite_master"):
            try:
                # The change to WAL does not wait for other processes by itself.
                connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        with _immediate(connection):
            if one(connection, "SELECT count(*) FROM sqlite_master"):
                return  # another process was quicker, or it is no file of ours: looked at next
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO state VALUES ('terms', ?), ('words', 'none')", (WORDS_VERSION,))
            connection.execute(f"PRAGMA application_id={_APPLICATION}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        """Recut the words where an older thinkact cut them, refill FTS5 where a SQLite without it wrote."""
        state = dict(connection.execute("SELECT name, value FROM state"))
        recut = state["terms"] != WORDS_VERSION
        if not recut and (not self.full_text or state["words"] == WORDS_VERSION):
            return
        with _immediate(connection):
            # of no namespace: the words are those of the whole file
            Change(connection, "", full_text=self.full_text).reindex(recut=recut)


@contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
