"""A damaged file of notes mended: what can be read of it goes into a sound file, which takes its place.

Words, the outbox and most vectors can be made of the rows, so a page that is lost of them costs nothing. A page of rows
costs those rows alone: they are read by their numbers, and a stretch that cannot be read is halved until what is left
out is as little as can be. SQLite itself copies pages in both directions, within its own locks: other processes may
have the file open, and see either the whole old one or the whole new one.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from pathlib import Path

from ._full_text import make_words, one
from ._note_errors import StoreBusy, damaged, is_broken
from ._places import error_name
from ._schema import APPLICATION, SCHEMA, SCHEMA_VERSION
from .embedding import WORDS_VERSION

_CHUNK = 512  # rows read at a time
_MOST = 10_000_000  # numbers that are tried where no index tells which there are
_STEP = 8  # pages copied at a time: fewer than any file of notes has, so that the first step is never the last
_TRIES = 3  # of those who write meanwhile, each wins once at most
_NUMBERED = ("sqlite_autoindex_notes_1", "notes_active", "notes_superseded")
"""Indexes that tell the numbers of all notes, the smallest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What became of a damaged file: `notes` rows of it were read, superseded ones too, and `lost` could not be; it is
    kept as it was as `kept`."""

    notes: int
    lost: int
    kept: Path

    def __str__(self) -> str:
        lost = "nothing was lost" if not self.lost else f"{self.lost:,} could not be read"
        many = "1 note" if self.notes == 1 else f"{self.notes:,} notes"
        return f"the file was damaged: {many} were read, {lost}; as it was it is kept as {self.kept.name}"


class _Changed(Exception):
    """Another process wrote while the file was read."""


def salvage(file: Path, *, busy_seconds: float, holds: str) -> Salvaged:
    """Put a sound file in the place of a damaged one; see this module's docstring.

    Raises:
        StoreDamaged: nothing can be read of it. It is left as it is.
        StoreBusy: other processes kept writing.
        sqlite3.Error, OSError: there is no room, or no right, for the new file or the copy.
    """
    fresh = file.with_name(f"{file.name}.mending-{os.getpid()}")
    kept = next(path for n in count(1) if not (path := file.with_name(f"{file.name}.damaged-{n}")).exists())
    try:
        for _ in range(_TRIES):
            with suppress(_Changed):
                return _mended(file, fresh, kept, busy_seconds=busy_seconds, holds=holds)
            _remove(kept)
    except BaseException:
        _remove(kept)
        raise
    finally:
        _remove(fresh)
    raise StoreBusy(f"other processes keep writing {holds}", hint="end them, and try again", file=file)


def _mended(file: Path, fresh: Path, kept: Path, *, busy_seconds: float, holds: str) -> Salvaged:
    _remove(fresh)
    with closing(_opened(file, busy_seconds)) as watching, closing(_opened(fresh, busy_seconds)) as new:
        with closing(_opened(file, busy_seconds)) as old:
            _begin(old, file, holds)
            before = one(watching, "PRAGMA data_version")
            with closing(_opened(kept, busy_seconds)) as copy:
                watching.backup(copy)  # who is about to write copies nothing
            new.execute(f"PRAGMA page_size={one(old, 'PRAGMA page_size')}")
            notes, lost = _Reading(old, new).take()
            if not notes:
                raise damaged(file, "no note can be read", holds=holds, mendable=False)
            old.execute("ROLLBACK")
        until = time.monotonic() + busy_seconds
        started = False

        def look(status: int, left: int, pages: int) -> None:  # noqa: ARG001 - as `backup` calls it
            nonlocal started
            if not started and status == sqlite3.SQLITE_OK:
                started = True  # and so nobody else can write any more
                if one(watching, "PRAGMA data_version") != before:
                    raise _Changed
            if not started and time.monotonic() > until:
                raise StoreBusy(f"another process keeps the {holds} locked", hint="end it, and try again", file=file)

        with closing(_opened(file, busy_seconds)) as place:
            new.backup(place, pages=_STEP, progress=look)
            place.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Salvaged(notes=notes, lost=lost, kept=kept)


def _begin(old: sqlite3.Connection, file: Path, holds: str) -> None:
    """Nobody else writes from now on. What is no file of ours is refused."""
    if one(old, "PRAGMA application_id") != APPLICATION or one(old, "PRAGMA user_version") > SCHEMA_VERSION:
        raise damaged(file, "it is not what thinkact wrote", holds=holds, mendable=False)
    old.execute("BEGIN IMMEDIATE")


def _opened(file: Path, busy_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=busy_seconds, isolation_level=None)
    # Else a file that ends too early is not opened at all.
    connection.execute("PRAGMA writable_schema=ON")
    return connection


def _remove(file: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


class _Reading:
    """What the rows of a damaged file are taken from, and the file that takes them."""

    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection) -> None:
        self._old = old
        self._new = new
        self._unread: set[int] = set()

    def take(self) -> tuple[int, int]:
        """Fill the new file; how many notes are in it, and how many could not be read."""
        new = self._new
        new.execute("PRAGMA journal_mode=OFF")
        new.execute("PRAGMA synchronous=OFF")
        for statement in SCHEMA.split(";"):
            new.execute(statement)
        with suppress(sqlite3.OperationalError):  # where SQLite has no FTS5
            make_words(new)  # empty: who has the file open and writes before they are filled finds them
        new.execute(f"PRAGMA application_id={APPLICATION}")
        new.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        new.execute("BEGIN")
        known, whole = self._known()
        high = max(known) if known and whole else max(self._highest(), max(known, default=0))
        for rows in self._rows("notes", "number", high):
            self._put("notes", rows)
        missed, self._unread = self._unread, set()
        for rows in self._rows("vectors", "note", high):
            self._put("vectors", [row for row in rows if _is_whole(row)])
        for table, key in (("state", "name"), ("sources", "name")):
            self._put(table, self._from_both_ends(table, key))
        self._make_whole(high)
        new.execute("COMMIT")
        there = {row[0] for row in new.execute("SELECT number FROM notes")}
        return len(there), len((known if whole else known | missed) - there)

    def _make_whole(self, high: int) -> None:
        """Let the rows be what each promises of the others."""
        new = self._new
        new.execute("UPDATE notes SET metadata = '{}' WHERE NOT json_valid(metadata)")
        new.execute(  # what hid it is lost: it is the newest that there is
            "UPDATE notes SET superseded_by = NULL, superseded_why = NULL WHERE superseded_by IS NOT NULL "
            "AND superseded_by NOT IN (SELECT number FROM notes)"
        )
        new.execute("DELETE FROM vectors WHERE note NOT IN (SELECT number FROM notes WHERE superseded_by IS NULL)")
        new.execute("DELETE FROM outbox")
        new.execute(
            "INSERT INTO outbox(namespace, id) SELECT n.namespace, n.id FROM notes AS n JOIN vectors AS v "
            "ON v.note = n.number ORDER BY n.number"
        )
        new.execute("INSERT OR IGNORE INTO state VALUES ('terms', ?)", (WORDS_VERSION,))
        new.execute("INSERT OR REPLACE INTO state VALUES ('words', 'none')")
        new.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'notes'", (high,))

    def _known(self) -> tuple[set[int], bool]:
        """The numbers of notes, as their indexes tell them; and whether one of these could be read to its end."""
        known: set[int] = set()
        for index in _NUMBERED:
            cursor, found = self._cursor(f"SELECT number FROM notes INDEXED BY {index}"), set[int]()
            try:
                for (number,) in cursor or ():
                    found.add(number)
            except sqlite3.DatabaseError as error:
                _or_raise(error)
            else:
                if cursor is not None:
                    return found, True
            known |= found
        return known, False

    def _highest(self) -> int:
        for sql in ("SELECT seq FROM sqlite_sequence WHERE name = 'notes'", "SELECT max(number) FROM notes"):
            with suppress(sqlite3.DatabaseError):
                if found := one(self._old, sql):
                    return min(int(found), _MOST)
        return 0

    def _cursor(self, sql: str) -> sqlite3.Cursor | None:
        try:
            return self._old.execute(sql)
        except sqlite3.DatabaseError as error:
            if error_name(error) != "SQLITE_ERROR":  # a table or an index that is gone
                _or_raise(error)
            return None

    def _columns(self, table: str) -> list[str]:
        """Those that the table has in both files: an older file has fewer."""
        sql = "SELECT name FROM pragma_table_info(?)"
        olds = {row[0] for row in self._old.execute(sql, (table,))}
        return [row[0] for row in self._new.execute(sql, (table,)) if row[0] in olds]

    def _rows(self, table: str, key: str, high: int) -> Iterator[list[Sequence[object]]]:
        columns = self._columns(table)
        if columns:
            sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {key} BETWEEN ? AND ?"
            for low in range(1, high + 1, _CHUNK):
                yield self._stretch(sql, low, min(low + _CHUNK - 1, high))

    def _stretch(self, sql: str, low: int, high: int) -> list[Sequence[object]]:
        try:
            return self._old.execute(sql, (low, high)).fetchall()
        except sqlite3.DatabaseError as error:
            _or_raise(error)
        if low == high:
            self._unread.add(low)
            return []
        middle = (low + high) // 2
        return self._stretch(sql, low, middle) + self._stretch(sql, middle + 1, high)

    def _from_both_ends(self, table: str, key: str) -> list[Sequence[object]]:
        """The rows of a small table, as far as they can be read from its beginning and from its end."""
        found: list[Sequence[object]] = []
        for order in ("ASC", "DESC"):
            columns = self._columns(table)
            sql = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {key} {order}"
            cursor = self._cursor(sql) if columns else None
            try:
                found.extend(cursor or ())
            except sqlite3.DatabaseError as error:
                _or_raise(error)
        return found

    def _put(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        columns = self._columns(table)
        if columns:
            sql = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            self._new.executemany(sql, rows)


def _is_whole(vector: Sequence[object]) -> bool:
    *_, digest, numbers = vector
    return isinstance(numbers, bytes) and blake2b(numbers, digest_size=8).digest() == digest


def _or_raise(error: sqlite3.DatabaseError) -> None:
    """Pass over what tells of damage; what tells of anything else is raised."""
    if not is_broken(error):
        raise error
