"""The database that notes lie in: made, opened and brought up to date, for several threads and processes at once."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from memory.private import make_private_folder

from ._change import Change
from ._full_text import one
from ._note_errors import RecallError, StoreDamaged, StoreTooNew, damaged, renamed
from ._places import sqlite_uri, trouble
from ._salvage import Salvaged, salvage
from ._schema import APPLICATION, SCHEMA, SCHEMA_VERSION, TABLES, migrate
from .embedding import WORDS_VERSION


class Database:
    """One SQLite file of notes. It is made by the first write, never by a read.

    Safe to be used by several threads. Every method but `close` raises a `RecallError`. `full_text` False: as if
    SQLite had no FTS5. `busy_seconds`: how long another process is waited for, from the call on; while other threads of
    this one have their turn, the time runs.

    Attributes:
        path: The file.
        full_text: Are words found by FTS5? Known for certain once the file is open.
    """

    def __init__(self, path: Path, *, busy_seconds: float, full_text: bool, holds: str = "notes") -> None:
        self.path = path
        self._holds = holds
        self.full_text = full_text
        self._busy_seconds = busy_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """The connection, for reading; None where there is no file yet. It works where nothing can be written, too."""
        with self._turn() as wait, renamed(self.path, "read", holds=self._holds):
            try:
                connection = self._open(wait, create=False)
            except sqlite3.OperationalError as error:
                if trouble(error, self.path) is None or self._unfinished():
                    raise
                with closing(self._untouched()) as connection:
                    yield connection
                return
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is durable when the block ends, or none of it where it raises."""
        with self._turn() as wait, renamed(self.path, holds=self._holds):
            connection = self._open(wait, create=True)
            assert connection is not None  # create=True
            with _immediate(connection, wait):
                yield connection

    @property
    def exists(self) -> bool:
        """Is there a file?"""
        with renamed(self.path, "read", holds=self._holds):
            return self.path.exists()

    @property
    def size(self) -> int:
        """The size of the file in bytes; 0 where there is none."""
        with renamed(self.path, "read", holds=self._holds):
            return self.path.stat().st_size if self.path.exists() else 0

    def close(self) -> None:
        """Let go of the file; whatever is asked afterwards is refused. Twice does no harm."""
        with self._lock:
            self._closed = True
            self._drop()

    def wipe(self, wait: float) -> bool:
        """Bring the write-ahead log into the file and empty it, so that what was forgotten is in neither. False where
        another process is still reading an older state of it after `wait` seconds: the last process to let go of the
        file empties it too."""
        with self.reading() as connection:
            if connection is None:
                return True
            _be_patient(connection, wait)
            try:
                return not one(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                _be_patient(connection, self._busy_seconds)

    def check(self) -> None:
        """Read the whole file. Raises `StoreDamaged` where its pages contradict each other."""
        with self.reading() as connection:
            verdict = "ok" if connection is None else str(one(connection, "PRAGMA quick_check(1)"))
        if verdict != "ok":
            raise damaged(self.path, verdict.replace("\n", " "), holds=self._holds)

    def mend(self) -> Salvaged:
        """Put what can be read of a damaged file into a sound one in its place; see `salvage`."""
        with self._turn() as wait, renamed(self.path, holds=self._holds, mendable=False):
            self._drop()
            return salvage(self.path, busy_seconds=wait, holds=self._holds)

    @contextmanager
    def _turn(self) -> Iterator[float]:
        """Among the threads of this process, with the seconds that are left to wait for another one: were they counted
        from here on, the last of many threads would wait as many times as long."""
        began = time.monotonic()
        with self._lock:
            yield max(0.0, self._busy_seconds - (time.monotonic() - began))

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self, wait: float, *, create: bool) -> sqlite3.Connection | None:
        if self._closed:
            raise RecallError("this memory is closed", hint="open it again")
        there = self._there()
        if self._connection is not None and there != self._opened:
            # Deleted, moved away or put back from a copy under us: what is written next must be where the next process
            # looks for it.
            self._drop()
        if there is None:
            if not create:
                return None
            make_private_folder(self.path.parent)
        if self._connection is not None:
            _be_patient(self._connection, wait)
        else:
            connection = sqlite3.connect(self.path, timeout=wait, isolation_level=None, check_same_thread=False)
            try:
                if not self._prepare(connection, wait, create=create):
                    connection.close()
                    return None
            except BaseException:
                connection.close()
                raise
            self._connection, self._opened = connection, self._there()
        return self._connection

    def _there(self) -> tuple[int, int] | None:
        """Which file lies at the path; None where there is none."""
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_dev, found.st_ino

    def _unfinished(self) -> bool:
        """Are there changes beside the file that are not in it yet?"""
        log = self.path.with_name(self.path.name + "-wal")
        return log.exists() and log.stat().st_size > 0

    def _untouched(self) -> sqlite3.Connection:
        """The file as it is. In a folder that takes no file, or on a full disk, SQLite cannot have the memory that it
        shares with other processes. Not kept: one that comes to write would not be noticed."""
        connection = sqlite3.connect(
            f"{sqlite_uri(self.path.absolute())}?mode=ro&immutable=1", uri=True, isolation_level=None
        )
        try:
            self._prepare(connection, 0.0, create=False)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection, wait: float, *, create: bool) -> bool:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-32000")  # kB, taken as needed: a scan reads all vectors of a namespace
        connection.execute("PRAGMA secure_delete=ON")  # what is forgotten must not stay in free pages
        if one(connection, "PRAGMA user_version") == 0:
            if not create and not one(connection, "SELECT count(*) FROM sqlite_master"):
                return False  # another process is just making it
            self._make(connection, wait)
        version, application = one(connection, "PRAGMA user_version"), one(connection, "PRAGMA application_id")
        if application != APPLICATION:
            what = "this is another program's database"
            raise StoreDamaged(what, hint="choose another place for the notes", file=self.path)
        if version > SCHEMA_VERSION:
            what = f"these {self._holds} were written by a newer thinkact"
            raise StoreTooNew(what, hint="update thinkact", file=self.path)
        if version < SCHEMA_VERSION:
            self._migrate(connection, wait)
        if one(connection, f"SELECT count(*) FROM sqlite_master WHERE name IN {TABLES}") < len(TABLES):
            raise damaged(self.path, "a part of it is gone", holds=self._holds)
        modules = "SELECT count(*) FROM pragma_module_list WHERE name='fts5'"
        self.full_text = self.full_text and bool(one(connection, modules))
        self._bring_up_to_date(connection, wait)
        return True

    def _make(self, connection: sqlite3.Connection, wait: float) -> None:
        deadline = time.monotonic() + wait
        while not one(connection, "SELECT count(*) FROM sqlite_master"):
            try:
                # The change to WAL does not wait for other processes by itself.
                connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        with _immediate(connection, wait):
            if one(connection, "SELECT count(*) FROM sqlite_master"):
                return  # another process was quicker, or it is no file of ours: looked at next
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO state VALUES ('terms', ?), ('words', 'none')", (WORDS_VERSION,))
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def _migrate(self, connection: sqlite3.Connection, wait: float) -> None:
        with _immediate(connection, wait):
            # asked again: another process may have been quicker
            migrate(connection, one(connection, "PRAGMA user_version"))

    def _bring_up_to_date(self, connection: sqlite3.Connection, wait: float) -> None:
        """Recut the words where an older thinkact cut them, refill FTS5 where a SQLite without it wrote."""
        state = dict(connection.execute("SELECT name, value FROM state"))
        recut = state["terms"] != WORDS_VERSION
        if not recut and (not self.full_text or state["words"] == WORDS_VERSION):
            return
        with _immediate(connection, wait):
            # of no namespace: the words are those of the whole file
            Change(connection, "", full_text=self.full_text).reindex(recut=recut)


@contextmanager
def _immediate(connection: sqlite3.Connection, wait: float) -> Iterator[None]:
    _begin(connection, wait)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _be_patient(connection: sqlite3.Connection, wait: float) -> None:
    """Have SQLite itself wait so many seconds where another process has the file locked."""
    connection.execute(f"PRAGMA busy_timeout={round(wait * 1000)}")


def _begin(connection: sqlite3.Connection, wait: float) -> None:
    """Begin to write, as soon as nobody else does, within so many seconds.

    SQLite's own waiting looks every tenth of a second in the end. Where several processes write without a pause, the
    lock is free for a moment only, and one that looks so seldom may never meet it.
    """
    deadline = time.monotonic() + wait
    _be_patient(connection, 0.0)
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(random.uniform(0.001, 0.006))
    finally:
        _be_patient(connection, wait)
