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

import math
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from memory.private import make_private_folder

from ._journal_errors import (
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFull,
    JournalMissing,
    JournalNewer,
    closed,
    must_exist,
    renaming,
)
from ._journal_file import begin, connect, lock, locked, must_be_sound, prepare
from ._journal_mark import Mark, acknowledged, must_reach
from ._journal_reading import reading
from ._journal_rows import (
    Columns,
    Link,
    Row,
    Sealed,
    decoded,
    encoded,
    encoded_path,
    head,
    insert,
    last_link,
    scan,
    seal,
)

__all__ = [
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalFull",
    "JournalMissing",
    "JournalNewer",
    "Row",
    "Stored",
    "held",
    "read",
    "read_meta",
    "read_stored",
]


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
        mark: Mark,
        held: ExitStack,
        origin: bytes,
        end: Link,
    ) -> None:
        self.file = file
        self.meta = meta
        self._connection = connection
        self._mark = mark
        self._held = held
        self._origin = origin
        self._seq, self._checksum = end
        self._closed = False

    @classmethod
    def create(cls, file: Path, *, meta: Mapping[str, Any]) -> Journal:
        """Begin a new journal, making its folder. `meta` is a JSON object and is never changed.

        Raises:
            JournalError: there is a file of this name.
            JournalBusy: another process is just making it.
            JournalFull: it cannot be written there.
            TypeError, ValueError: `meta` is not JSON.
        """
        file, body = Path(file).absolute(), encoded(meta)
        with ExitStack() as held, renaming(file):
            make_private_folder(file.parent)
            lock(file, held)
            if file.exists():
                raise JournalError(f"{file} is there already", hint="open it, or take another name")
            return cls._ready(file, begin(file, body, held), held)

    @classmethod
    def open(cls, file: Path) -> Journal:
        """Open a journal to go on writing, and verify every row of it.

        Raises:
            JournalMissing: there is none.
            JournalBusy: another process writes it; said within a second.
            JournalDamaged: a row is not what was written; `read` gives those before it.
            JournalNewer: it was written by a later version of thinkact.
            JournalError: it cannot be read.
            JournalFull: it cannot be written.
        """
        file = Path(file).absolute()
        with ExitStack() as held, renaming(file):
            must_exist(file)
            lock(file, held)
            connection = connect(file, "mode=rw", held)
            head(connection, file)  # before anything is changed: it may be another program's, or a later thinkact's
            prepare(connection)
            connection.execute("BEGIN IMMEDIATE")  # a place that cannot be written says so now, not at the first step
            connection.execute("ROLLBACK")
            return cls._ready(file, connection, held)

    @classmethod
    def _ready(cls, file: Path, connection: sqlite3.Connection, held: ExitStack) -> Journal:
        meta, origin = head(connection, file)
        end: Link = (0, origin)
        for found in scan(connection, file, after=0, origin=origin):
            end = found[0], found[5]
        must_reach(file, end[0], acknowledged(file))
        must_be_sound(connection, file)
        mark = Mark(file, held)
        return cls(file, meta=meta, connection=connection, mark=mark, held=held.pop_all(), origin=origin, end=end)

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
        # adding 0.0 makes a minus zero a plain one: SQLite does not keep its sign, and the checksum is over its bits
        moment, spent = (time.time() if now is None else float(now)) + 0.0, float(elapsed) + 0.0
        if not (math.isfinite(moment) and math.isfinite(spent)):
            raise ValueError("the times of a row must be finite numbers")
        stored_path, stored_body = encoded_path(path), encoded(body)
        with self._keeping() as connection:
            columns: Columns = (self._seq + 1, moment, spent, stored_path, stored_body)
            checksum = seal(self._checksum, columns)
            if not connection.in_transaction:
                connection.execute("BEGIN IMMEDIATE")
            insert(connection, columns, checksum)
            self._seq, self._checksum = columns[0], checksum
        return Row(columns[0], moment, spent, path, dict(body))

    def commit(self) -> None:
        """Make every row so far durable: when this returns, it is. Where nothing is open it does nothing.

        Raises:
            JournalFull: it could not be written; as at `append`.
        """
        with self._keeping() as connection:
            if connection.in_transaction:
                connection.execute("COMMIT")
                self._mark.write(self._seq)

    def rows(self, after: int = 0) -> Iterator[Row]:
        """The rows whose `seq` is greater than `after`, in order, those not yet committed included."""
        for found in scan(self._usable(), self.file, after=after, origin=self._origin):
            yield decoded(found, self.file)

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
            raise closed(self.file)
        return self._connection

    @contextmanager
    def _keeping(self) -> Iterator[sqlite3.Connection]:
        """Whatever goes wrong inside, what is held in memory agrees with what is held by SQLite afterwards."""
        connection = self._usable()
        try:
            with renaming(self.file):
                yield connection
        except BaseException as error:
            with suppress(sqlite3.Error):
                # an interrupt (Ctrl-C) keeps the rows so far, a failed write gives up those since the last commit
                if isinstance(error, JournalError) and connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._seq, self._checksum = last_link(connection) or (0, self._origin)
            raise


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
    for found in _committed(file, after):
        yield decoded(found, file)


class Stored(NamedTuple):
    """A row as it is stored: as `Row`, its body the text of a JSON object in UTF-8, as `append` wrote it."""

    seq: int
    time: float
    elapsed: float
    path: str
    body: bytes


def read_stored(file: Path, after: int = 0) -> Iterator[Stored]:
    """What `read` gives and promises, with the bodies unread: for who wants few of many rows. Raises what it raises."""
    for seq, moment, spent, path, body, _ in _committed(Path(file).absolute(), after):
        yield Stored(seq, moment, spent, path.decode("utf-8", "surrogatepass") if path else "", body)


def _committed(file: Path, after: int) -> Iterator[Sealed]:
    committed = acknowledged(file)  # before the rows: what is committed in between must not look missing
    with reading(file) as connection:
        _, origin = head(connection, file)
        seq = after
        for found in scan(connection, file, after=after, origin=origin):
            seq = found[0]
            yield found
        must_reach(file, seq, committed)


def read_meta(file: Path) -> Mapping[str, Any]:
    """What `create` was given as `meta`. Raises what `read` raises."""
    file = Path(file).absolute()
    with reading(file) as connection:
        return head(connection, file)[0]


def held(file: Path) -> bool:
    """Does a process have this journal open for writing, this one included? False where there is no journal.

    Looking disturbs no writer and leaves nothing behind; it works in a folder that may not be written. The answer may
    be out of date when it is given: who reads the rows afterwards knows at least that, where nobody held it, the last
    one is the last that the writer committed. On Windows a journal that another user's process writes may look free.
    """
    return locked(Path(file).absolute())
