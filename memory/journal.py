"""The journal of one run: rows in the order in which they happened, on disk before anybody relies on them.

One SQLite file a run, in write-ahead mode, synced at each commit. A row is plain JSON with an envelope; the journal
knows nothing of what the rows mean. What may be relied on:

- What `commit` has returned for is there after a kill or a power cut. What was not committed may be gone, whole rows
  of it at a time, never a part of a row.
- Every row carries a checksum over itself and the checksum of the row before it, the first over the run's meta
  values: a flipped byte, and a row that was dropped, swapped or slipped in, is seen and named by its number. The rows
  before it stay readable.
- A small file beside the journal, its mark, holds the number of the last committed row. It tells of rows that are
  missing at the end (a damaged or forgotten write-ahead file), which no chain can. A mark that is missing or
  unreadable proves nothing and is passed over.
- One process writes, by a file lock that dies with it. Any number may read at the same time.
- The order is that of `seq`. The clocks are for people: one that is set back harms nothing.

Files beside `journal.db`: `journal.db-wal` and `journal.db-shm` (SQLite's, while it is open or after a kill: they
belong to the journal and travel with it), `journal.db.lock`, `journal.db.mark`.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

__all__ = [
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFull",
    "JournalMissing",
    "JournalNewer",
    "Row",
    "read",
    "read_meta",
]

_FORMAT = 1
_APPLICATION = 0x7468_6A31  # tells a journal from any other SQLite file
_CHUNK = 64  # rows fetched at a time: a snapshot held open would keep the write-ahead file growing
_LOCK_SECONDS = 0.5

_META = "CREATE TABLE meta (body TEXT NOT NULL, checksum BLOB NOT NULL)"
_ROW = (
    "CREATE TABLE row (seq INTEGER PRIMARY KEY, time REAL NOT NULL, elapsed REAL NOT NULL,"
    " path TEXT NOT NULL, body TEXT NOT NULL, checksum BLOB NOT NULL)"
)
_INSERT = "INSERT INTO row (seq, time, elapsed, path, body, checksum) VALUES (?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT seq, time, elapsed, path, body, checksum FROM row WHERE seq > ? ORDER BY seq LIMIT ?"
_HELD = ("SQLITE_BUSY", "SQLITE_LOCKED")
_UNWRITABLE = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM")
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_TYPES = (int, float, float, bytes, bytes, bytes)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


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


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its envelope.

    `seq` counts from 1 without gaps. `time` is the wall clock in seconds since the epoch, `elapsed` the run's own
    time in seconds, `path` the address of nested work, `body` a JSON object.
    """

    seq: int
    time: float
    elapsed: float
    path: str
    body: dict[str, Any]


class Journal:
    """A journal open for writing; a context manager that closes it.

    The caller promises that one thread at a time writes and reads through it; which thread that is may change.
    """

    def __init__(
        self,
        file: Path,
        *,
        meta: Mapping[str, Any],
        connection: sqlite3.Connection,
        mark: _Mark,
        held: ExitStack,
    ) -> None:
        self.file = file
        self.meta = meta
        self._connection = connection
        self._mark = mark
        self._held = held
        self._guard = threading.Lock()
        self._closed = False
        self._seq = 0
        self._checksum = b""

    @classmethod
    def create(cls, file: Path, *, meta: Mapping[str, Any]) -> Journal:
        """Begin a new journal, making its folder. `meta` is a JSON object and is never changed.

        Raises:
            JournalError: there is a file of this name.
            JournalBusy: another process is just making it.
            JournalFull: it cannot be written there.
            TypeError, ValueError: `meta` is not JSON.
        """
        file, body = Path(file).absolute(), _text(meta)
        with ExitStack() as held, _renaming(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            _lock(file, held)
            if file.exists():
                raise JournalError(f"{file} is there already", hint="open it, or take another name")
            connection, mark = _begin(file, body, held)
            return cls._ready(file, connection, mark, held)

    @classmethod
    def open(cls, file: Path) -> Journal:
        """Open a journal to go on writing, and verify every row of it.

        Raises:
            JournalMissing: there is none.
            JournalBusy: another process writes it; said within a second.
            JournalDamaged: a row is not what was written; `read` gives those before it.
            JournalNewer: it was written by a later version of thinkact.
            JournalFull: it cannot be written.
        """
        file = Path(file).absolute()
        _must_exist(file)
        with ExitStack() as held, _renaming(file):
            _lock(file, held)
            connection = _connect(file, "mode=rw", held)
            _head(connection, file)
            _prepare(connection)
            connection.execute("BEGIN IMMEDIATE")  # a place that cannot be written says so now, not at the first step
            connection.execute("ROLLBACK")
            return cls._ready(file, connection, _Mark(file, held), held)

    @classmethod
    def _ready(cls, file: Path, connection: sqlite3.Connection, mark: _Mark, held: ExitStack) -> Journal:
        meta, checksum = _head(connection, file)
        seq = 0
        for found in _scan(connection, file, after=0, previous=checksum):
            seq, checksum = found[0], found[5]
        _must_reach(file, seq, mark.value)
        _sound(connection, file)
        journal = cls(file, meta=meta, connection=connection, mark=mark, held=held.pop_all())
        journal._seq, journal._checksum = seq, checksum
        return journal

    @property
    def last(self) -> int:
        """The number of the last row, committed or not; 0 where there is none."""
        return self._seq

    def append(self, body: Mapping[str, Any], *, path: str = "", elapsed: float, now: float | None = None) -> Row:
        """Add a row to the open transaction; where none is open, one begins. `now` None: the clock's time.

        Raises:
            JournalFull: it could not be written. The rows since the last commit are not kept, the journal is as it
                was at that commit and may be written again.
            JournalBusy: another program holds the file, such as a database browser; nothing was added.
            TypeError, ValueError: `body` is not JSON, or a time is not a finite number; nothing was added. (NaN and
                infinity inside `body` are kept, as Python's own dialect of JSON.)
        """
        text, address = _text(body), path.encode("utf-8", "surrogatepass")
        # adding 0.0 makes a minus zero a plain one: SQLite does not keep its sign, and the checksum is over its bits
        moment, spent = (time.time() if now is None else float(now)) + 0.0, float(elapsed) + 0.0
        if not (math.isfinite(moment) and math.isfinite(spent)):
            raise ValueError("the times of a row must be finite numbers")
        with self._guard, self._keeping() as connection:
            seq = self._seq + 1
            checksum = _seal(self._checksum, (seq, moment, spent, address, text.encode()))
            if not connection.in_transaction:
                connection.execute("BEGIN IMMEDIATE")
            connection.execute(_INSERT, (seq, moment, spent, _storable(path, address), text, checksum))
            self._seq, self._checksum = seq, checksum
        return Row(seq, moment, spent, path, dict(body))

    def commit(self) -> None:
        """Make every row so far durable: when this returns, it is. Where nothing is open it does nothing.

        Raises:
            JournalFull: it could not be written; as at `append`.
        """
        with self._guard, self._keeping() as connection:
            if connection.in_transaction:
                connection.execute("COMMIT")
                self._mark.write(self._seq)

    def rows(self, after: int = 0) -> Iterator[Row]:
        """The rows whose `seq` is greater than `after`, in order, those not yet committed included."""
        with self._guard:
            self._usable()
            previous = _checksum_of(self._connection, self.file, after)
        for found in _scan(self._connection, self.file, after=after, previous=previous, guard=self._guard):
            yield _row(found, self.file)

    def close(self) -> None:
        """Commit what is open and give the journal free. A second call does nothing."""
        if self._closed:
            return
        try:
            self.commit()
        finally:
            self._closed = True
            self._held.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _usable(self) -> sqlite3.Connection:
        if self._closed:
            raise JournalError(f"{self.file} is closed")
        return self._connection

    @contextmanager
    def _keeping(self) -> Iterator[sqlite3.Connection]:
        """Whatever goes wrong inside, what is held in memory agrees with what is held by SQLite afterwards."""
        connection = self._usable()
        try:
            with _renaming(self.file):
                yield connection
        except BaseException as error:
            with suppress(sqlite3.Error):
                # an interrupt (Ctrl-C) keeps the rows so far, a failed write gives up those since the last commit
                if isinstance(error, JournalError) and connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._recall()
            raise

    def _recall(self) -> None:
        found = self._connection.execute("SELECT seq, checksum FROM row ORDER BY seq DESC LIMIT 1").fetchone()
        self._seq, self._checksum = found or (0, _checksum_of(self._connection, self.file, 0))


def read(file: Path, after: int = 0) -> Iterator[Row]:
    """The committed rows whose `seq` is greater than `after`, in order and verified, also while a process writes.

    Rows that are committed while this runs are given too. It works in a folder that may not be written. Nothing is
    opened before the first row is asked for.

    Raises:
        JournalMissing: there is none.
        JournalDamaged: a row is not what was written; those before it were given.
        JournalNewer: it was written by a later version of thinkact.
        JournalError: it cannot be read.
    """
    file = Path(file).absolute()
    acknowledged = _acknowledged(file)  # before the rows: what is committed in between must not look missing
    with _reading(file) as connection:
        _head(connection, file)
        last, previous = after, _checksum_of(connection, file, after)
        for found in _scan(connection, file, after=after, previous=previous):
            last = found[0]
            yield _row(found, file)
        _must_reach(file, last, acknowledged)


def read_meta(file: Path) -> Mapping[str, Any]:
    """What `create` was given as `meta`. Raises what `read` raises."""
    file = Path(file).absolute()
    with _reading(file) as connection:
        return _head(connection, file)[0]


class _Mark:
    """The number of the last committed row, in a file of its own.

    It is written after the commit and not synced: it may lag behind the journal, it is never ahead of it.
    """

    def __init__(self, file: Path, held: ExitStack) -> None:
        self.value = _acknowledged(file)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._stream = held.enter_context(os.fdopen(os.open(_beside(file, ".mark"), flags, 0o600), "r+b", buffering=0))

    def write(self, seq: int) -> None:
        with suppress(OSError):  # a mark that lags costs nothing but a check
            self._stream.seek(0)
            self._stream.write(b"%020d %020d\n" % (seq, seq))  # twice: a torn or flipped one is then passed over
        self.value = seq


def _acknowledged(file: Path) -> int:
    with suppress(OSError):
        numbers = _beside(file, ".mark").read_bytes().split()
        if len(numbers) == 2 and numbers[0] == numbers[1] and numbers[0].isdigit():
            return int(numbers[0])
    return 0


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)


def _must_exist(file: Path) -> None:
    if not file.is_file():
        raise JournalMissing(f"there is no journal at {file}", hint="`thinkact runs list` shows those there are")


def _must_reach(file: Path, last: int, acknowledged: int) -> None:
    if last < acknowledged:
        raise _damaged(file, last + 1, f"the rows up to {acknowledged} were committed and are gone")


def _busy(file: Path) -> JournalBusy:
    return JournalBusy(f"{file} is in use by another process", hint="wait until that has ended, or end it")


def _unreadable(file: Path, row: int, error: sqlite3.Error) -> JournalError:
    """What an error of SQLite's means to one who reads; `row` is the first row that was not had."""
    if isinstance(error, sqlite3.ProgrammingError):  # said of a connection that was closed meanwhile
        return JournalError(f"{file} is closed")
    return _busy(file) if _name(error).startswith(_HELD) else _damaged(file, row, error)


def _damaged(file: Path, row: int, why: object) -> JournalDamaged:
    place = f" at row {row}" if row else ""
    hint = f"the {row - 1} rows before it can be read" if row > 1 else None
    return JournalDamaged(f"{file} is damaged{place}: {why}", row=row, hint=hint)


def _text(value: Mapping[str, Any]) -> str:
    if not isinstance(value, Mapping):
        raise TypeError("a journal keeps JSON objects")
    try:
        text = _encode(dict(value))
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot hold and an escape can
        return _encode_ascii(dict(value))
    except RecursionError:
        raise ValueError("the object is nested too deeply to be kept as JSON") from None
    return text


def _storable(path: str, address: bytes) -> str | bytes:
    return path if path.isascii() or address.decode("utf-8", "ignore") == path else address


def _seal(previous: bytes, columns: tuple[int, float, float, bytes, bytes]) -> bytes:
    seq, moment, spent, address, body = columns
    head = struct.pack(">qddq", seq, moment, spent, len(address))
    return blake2b(b"".join((previous, head, address, body)), digest_size=16).digest()


def _row(found: tuple[int, float, float, bytes, bytes, bytes], file: Path) -> Row:
    seq, moment, spent, address, body, _ = found
    try:
        return Row(seq, moment, spent, address.decode("utf-8", "surrogatepass"), json.loads(body))
    except (ValueError, RecursionError) as error:
        raise _damaged(file, seq, f"its text cannot be read ({error})") from error


def _lock(file: Path, held: ExitStack) -> None:
    from filelock import FileLock, Timeout  # here, as it is slow to import and readers do without

    # not bound to a thread: the journal may be closed by another one than opened it
    lock = FileLock(_beside(file, ".lock"), timeout=_LOCK_SECONDS, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise _busy(file) from None
    held.callback(lock.release)


def _connect(file: Path, how: str, held: ExitStack) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{file.as_uri()}?{how}", uri=True, timeout=1.0, isolation_level=None, check_same_thread=False
    )
    held.callback(connection.close)
    connection.text_factory = bytes  # decoded here: a flipped byte must not end in an error of SQLite's own
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS, where a plain fsync leaves the drive's cache alone


def _begin(file: Path, meta: str, held: ExitStack) -> tuple[sqlite3.Connection, _Mark]:
    with ExitStack() as failing:
        for suffix in ("-shm", "-wal", ".mark", ""):  # half a journal must not stay where a whole one is wanted
            failing.callback(_beside(file, suffix).unlink, missing_ok=True)
        _beside(file, ".mark").unlink(missing_ok=True)
        connection = _connect(file, "mode=rwc", held)
        failing.callback(connection.close)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        _prepare(connection)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_META)
        connection.execute(_ROW)
        connection.execute("INSERT INTO meta VALUES (?, ?)", (meta, _meta_checksum(meta.encode())))
        connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.execute("COMMIT")
        mark = _Mark(file, held)
        _sync_folder(file.parent.parent)  # SQLite syncs the folder of the file, nobody the one that holds that folder
        failing.pop_all()
    return connection, mark


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":  # pragma: no cover - Windows cannot sync a folder, nor needs to
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    _must_exist(file)
    with ExitStack() as held:
        yield _connection_to_read(file, held)


def _connection_to_read(file: Path, held: ExitStack) -> sqlite3.Connection:
    try:
        try:
            return _in_place(file, held)
        except sqlite3.OperationalError as error:
            if not _name(error).startswith(_UNWRITABLE):
                raise
            return _untouched(file, held)
    except sqlite3.Error as error:
        if _name(error).startswith(_UNWRITABLE):
            raise JournalError(f"{file} cannot be read: {error}") from error
        raise _unreadable(file, 0, error) from error
    except OSError as error:
        raise JournalError(f"{file} cannot be read: {error.strerror}") from error


def _in_place(file: Path, held: ExitStack) -> sqlite3.Connection:
    # A closed journal is opened so that SQLite takes its helper files away again. One that has a write-ahead file is
    # being written, or was left by a kill: a reader changes nothing there.
    with ExitStack() as attempt:
        connection = _look(_connect(file, "mode=ro" if _beside(file, "-wal").exists() else "mode=rw", attempt))
        held.enter_context(attempt.pop_all())
    return connection


def _untouched(file: Path, held: ExitStack) -> sqlite3.Connection:
    # In a folder that may not be written SQLite cannot have its shared memory. The file alone can be taken as it is; a
    # write-ahead file that a killed run left is read in a copy, where SQLite may work it in.
    wal = _beside(file, "-wal")
    if not (wal.is_file() and wal.stat().st_size):
        return _look(_connect(file, "mode=ro&immutable=1", held))
    folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="thinkact-")))
    shutil.copyfile(wal, folder / "journal-wal")
    shutil.copyfile(file, folder / "journal")
    return _look(_connect(folder / "journal", "mode=rw", held))


def _look(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA schema_version")  # SQLite opens a file only when it is first asked for something
    return connection


def _head(connection: sqlite3.Connection, file: Path) -> tuple[Mapping[str, Any], bytes]:
    """The meta values and their checksum, from which the chain begins."""
    version = 0
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != _APPLICATION:
            raise _damaged(file, 0, "this is not a journal of thinkact")
        ((body, checksum),) = connection.execute("SELECT body, checksum FROM meta").fetchall()
        if type(body) is not bytes or checksum != _meta_checksum(body):
            raise ValueError("its meta values are not what was written")
        meta = json.loads(body)
    except (sqlite3.Error, ValueError) as error:
        if version > _FORMAT:
            raise JournalNewer(
                f"{file} is of format {version}, this version of thinkact knows {_FORMAT}", hint="update thinkact"
            ) from None
        if isinstance(error, sqlite3.Error):
            raise _unreadable(file, 0, error) from error
        raise _damaged(file, 0, error) from error
    if version != _FORMAT:  # the checksum, which is over the true version, has just held
        raise _damaged(file, 0, f"its format is said to be {version}")
    return meta, checksum


def _meta_checksum(body: bytes) -> bytes:
    return blake2b(struct.pack(">q", _FORMAT) + body, digest_size=16).digest()


def _checksum_of(connection: sqlite3.Connection, file: Path, seq: int) -> bytes:
    """The checksum that the row after `seq` builds on."""
    if seq <= 0:
        return _head(connection, file)[1]
    try:
        found = connection.execute("SELECT checksum FROM row WHERE seq = ?", (seq,)).fetchone()
    except sqlite3.Error as error:
        raise _unreadable(file, seq, error) from error
    return found[0] if found else b""


def _scan(
    connection: sqlite3.Connection,
    file: Path,
    *,
    after: int,
    previous: bytes,
    guard: threading.Lock | nullcontext[None] | None = None,
) -> Iterator[tuple[int, float, float, bytes, bytes, bytes]]:
    """The raw rows after `after`, each verified against the one before it."""
    last = max(after, 0)
    while True:
        with guard or nullcontext():
            chunk, failure = _fetch(connection, last)
        for found in chunk:
            if found[0] != last + 1:
                raise _damaged(file, last + 1, "it is missing")
            if tuple(map(type, found)) != _TYPES or found[5] != _seal(previous, found[:5]):
                raise _damaged(file, last + 1, "it is not what was written")
            last, previous = found[0], found[5]
            yield found
        if failure is not None:
            raise _unreadable(file, last + 1, failure) from failure
        if len(chunk) < _CHUNK:
            return


def _fetch(connection: sqlite3.Connection, after: int) -> tuple[list[Any], sqlite3.Error | None]:
    chunk: list[Any] = []
    try:
        for found in connection.execute(_SELECT, (after, _CHUNK)):
            chunk.append(found)  # one by one: a list() would lose the rows before the one that fails
    except sqlite3.Error as error:
        return chunk, error
    return chunk, None


def _sound(connection: sqlite3.Connection, file: Path) -> None:
    """Refuse to write into a file whose pages contradict each other, also where no row lies in them."""
    for (verdict,) in connection.execute("PRAGMA quick_check(1)"):
        if verdict != b"ok":
            raise _damaged(file, 0, verdict.decode("utf-8", "replace").replace("\n", " "))


def _name(error: BaseException) -> str:
    return getattr(error, "sqlite_errorname", "") or ""


@contextmanager
def _renaming(file: Path) -> Iterator[None]:
    """The one door at which errors of SQLite and of the system become the journal's own."""
    try:
        yield
    except sqlite3.Error as error:
        if _name(error).startswith(_HELD):
            raise _busy(file) from error
        if _name(error).startswith(_BROKEN):
            raise _damaged(file, 0, error) from error
        raise _full(file, error) from error
    except OSError as error:
        raise _full(file, error.strerror or error) from error


def _full(file: Path, why: object) -> JournalFull:
    return JournalFull(
        f"{file} cannot be written: {why}", hint="make room on the disk, or see to the rights of the folder"
    )
