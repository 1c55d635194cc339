"""What can be read of a damaged file of notes, and the sound file that takes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from ._carving import carved
from ._full_text import make_words, one
from ._note_errors import is_broken
from ._places import error_name
from ._schema import APPLICATION, SCHEMA, SCHEMA_VERSION
from .embedding import WORDS_VERSION

_CHUNK = 512  # rows read at a time
_MOST = 10_000_000  # numbers that are tried where no index tells which there are
_NUMBERED = ("sqlite_autoindex_notes_1", "notes_active", "notes_superseded")
"""Indexes that tell the numbers of all notes, the smallest first."""


class Reading:
    """What the rows of a damaged file are taken from, and the file that takes them. `copy`: its pages, as they are."""

    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection, copy: Path) -> None:
        self._old = old
        self._new = new
        self._copy = copy
        self._unread: set[int] = set()

    def take(self) -> tuple[int, int | None, bool]:
        """Fill the new file; how many notes are in it, how many could not be read, where that can be told, and whether
        that is the most that there can have been, as some of them may have been forgotten before."""
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
        if missed or not high:
            self._carve()
        self._make_whole(high)
        new.execute("COMMIT")
        there = {row[0] for row in new.execute("SELECT number FROM notes")}
        if not high:
            return len(there), None, False
        guessed = set() if whole else missed - known - there
        return len(there), len((known - there) | guessed), bool(guessed)

    def _carve(self) -> None:
        """What stands in pages to which no way leads."""
        found = carved(self._copy.read_bytes(), one(self._new, "PRAGMA page_size"))
        for table, rows in (("notes", found.notes), ("vectors", found.vectors)):
            columns = [row[0] for row in self._new.execute("SELECT name FROM pragma_table_info(?)", (table,))]
            sql = f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(columns))})"
            self._new.executemany(sql, rows)

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

    def _cursor(self, sql: str, *parameters: object) -> sqlite3.Cursor | None:
        try:
            return self._old.execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            if error_name(error) != "SQLITE_ERROR":  # a table or an index that is gone
                _or_raise(error)
            return None

    def _columns(self, table: str) -> list[str]:
        """Those that the table has in both files: an older file has fewer."""
        sql = "SELECT name FROM pragma_table_info(?)"
        olds = {row[0] for row in self._cursor(sql, table) or ()}
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
