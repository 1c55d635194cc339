"""The file of notes: one SQLite database that works alone, offline, and for several processes at once.

It holds the notes, the words they are found by (FTS5, or a scan where SQLite was built without it), their vectors with
the embedder's name, and the outbox: which notes the vector index has not heard of yet. What may be written, and what
a search returns, is decided in `recall`.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ._change import Change, match, one
from ._notes import (
    Found,
    Note,
    RecallError,
    StoreBusy,
    StoreDamaged,
    StoreFull,
    StoreTooNew,
    StoreUnusable,
    Where,
    found_in,
)
from .embedding import WORDS_VERSION, beginning

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


class Store:
    """The notes of one namespace in one file. The file is made by the first write, never by a read.

    Safe to be used by several threads. Every method but `close` raises the errors above. `full_text` False: as if
    SQLite had no FTS5.
    """

    def __init__(self, path: Path, namespace: str, *, busy_seconds: float = 15.0, full_text: bool = True) -> None:
        self.path = path
        self.namespace = namespace
        self._busy_seconds = busy_seconds
        self._full_text = full_text
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    # ---------------------------------------------------------------- opening and closing

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """The connection, for reading; None where there is no file yet."""
        with self._lock, renamed(self.path):
            yield self._open(create=False)

    @contextmanager
    def writing(self) -> Iterator[Change]:
        """One transaction: all of it is durable when the block ends, or none of it where it raises."""
        with self._lock, renamed(self.path):
            connection = self._open(create=True)
            assert connection is not None  # create=True
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Change(connection, self.namespace, full_text=self._full_text)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

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
        self._full_text = self._full_text and bool(one(connection, modules))
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
        if not recut and (not self._full_text or state["words"] == WORDS_VERSION):
            return
        with _immediate(connection):
            Change(connection, self.namespace, full_text=self._full_text).reindex(recut=recut)

    # ---------------------------------------------------------------- reading

    def notes(
        self, *, limit: int = -1, offset: int = 0, superseded: bool = False, ids: Sequence[str] | None = None
    ) -> list[Note]:
        """Notes of this namespace, newest first; those with one of `ids` (superseded or not) where these are given."""
        condition = "1" if superseded or ids is not None else "n.superseded_by IS NULL"
        if ids is not None:
            condition = "n.id IN (SELECT value FROM json_each(?))"
        return [
            found.note
            for found in self._select(
                f"WHERE n.namespace = ? AND {condition} ORDER BY n.created DESC, n.number DESC LIMIT ? OFFSET ?",
                (self.namespace, *([json.dumps(list(ids))] if ids is not None else []), limit, offset),
            )
        ]

    def found(self, numbers: Iterable[int]) -> list[Found]:
        """The active notes among these numbers, with their words, in no order."""
        condition = "WHERE n.superseded_by IS NULL AND n.number IN (SELECT value FROM json_each(?))"
        return self._select(condition, (json.dumps(list(numbers)),))

    def _select(self, rest: str, parameters: Sequence[Any]) -> list[Found]:
        columns = (
            "n.number, n.id, n.namespace, n.text, n.context, n.metadata, n.kind, n.origin, n.label, n.run, n.step, "
            "n.created, n.used, n.uses, n.copies, s.id, n.terms, n.context_terms"
        )
        with self.reading() as connection:
            if connection is None:
                return []
            sql = f"SELECT {columns} FROM notes AS n LEFT JOIN notes AS s ON s.number = n.superseded_by {rest}"
            return [found_in(row) for row in connection.execute(sql, parameters)]

    def number(self, sql: str, *parameters: Any) -> int:
        """One count; 0 where there is no file yet."""
        with self.reading() as connection:
            return 0 if connection is None else int(one(connection, sql, *parameters) or 0)

    def count(self) -> int:
        """How many notes are active."""
        return self.number("SELECT count(*) FROM notes WHERE namespace = ? AND superseded_by IS NULL", self.namespace)

    def superseded(self) -> int:
        """How many notes are hidden behind a newer one."""
        return self.number(
            "SELECT count(*) FROM notes WHERE namespace = ? AND superseded_by IS NOT NULL", self.namespace
        )

    def pending(self) -> int:
        """How many changes the vector index has not heard of."""
        return self.number("SELECT count(*) FROM outbox WHERE namespace = ?", self.namespace)

    def embedded(self, embedder: str, dimensions: int) -> int:
        """How many active notes have this embedder's vector."""
        return self.number(
            # The index alone answers: the vectors' own pages are many times as large.
            "SELECT count(*) FROM notes AS n JOIN vectors AS v INDEXED BY vectors_embedder ON v.note = n.number "
            "WHERE n.namespace = ? AND n.superseded_by IS NULL AND v.embedder = ? AND v.dimensions = ?",
            *(self.namespace, embedder, dimensions),
        )

    def namespaces(self) -> list[str]:
        """Every namespace of the file that holds an active note, sorted."""
        with self.reading() as connection:
            sql = "SELECT DISTINCT namespace FROM notes WHERE superseded_by IS NULL ORDER BY 1"
            return [] if connection is None else [row[0] for row in connection.execute(sql)]

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many notes of the file each of these words stands."""
        with self.reading() as connection:
            if connection is None:
                return {}
            return Change(connection, self.namespace, full_text=self._full_text).frequencies(terms)

    def lexical(self, weights: Mapping[str, float], where: Where, *, limit: int) -> dict[int, float]:
        """The active notes with any of these words or a word that begins alike: number -> rank, the higher the better,
        at most `limit`.

        Ranks are BM25 (the context counts half), or sums of the weights where there is no FTS5.
        """
        terms = list(weights)
        beginnings = {term: start for term in terms if (start := beginning(term)) is not None}
        tail = f"AND n.namespace = ? AND n.superseded_by IS NULL {where.sql} ORDER BY 2 DESC LIMIT ?"
        if self._full_text:
            sql = (
                "SELECT n.number, -bm25(words, 1.0, 0.5) FROM words JOIN notes AS n ON n.number = words.rowid "
                f"WHERE words MATCH ? {tail}"
            )
            parameters: list[Any] = [match(terms, beginnings=beginnings.values())]
        else:
            held = "instr(' ' || n.terms || ' ' || n.context_terms || ' ', ' ' || ?) > 0"
            total = " + ".join(f"({held}) * ?" for _ in [*terms, *beginnings])
            sql = f"SELECT n.number, {total} AS total FROM notes AS n WHERE total > 0 {tail}"
            parameters = [part for term in terms for part in (f"{term} ", weights[term])]
            parameters += [part for term, start in beginnings.items() for part in (start, weights[term] / 2)]
        with self.reading() as connection:
            if connection is None or not terms:
                return {}
            return dict(connection.execute(sql, (*parameters, self.namespace, *where.parameters, limit)).fetchall())

    def vectors(
        self, embedder: str, where: Where, *, numbers: Iterable[int] | None = None, ids: Iterable[str] | None = None
    ) -> tuple[list[int], bytes]:
        """Numbers and vectors (float32, one behind the other) of active notes, all or those of `numbers` or `ids`."""
        picked, parameters = "", list(where.parameters)
        for column, values in (("n.number", numbers), ("n.id", ids)):
            if values is not None:
                picked += f" AND {column} IN (SELECT value FROM json_each(?))"
                parameters.append(json.dumps(list(values)))
        with self.reading() as connection:
            if connection is None:
                return [], b""
            rows = connection.execute(
                "SELECT v.note, v.vector FROM notes AS n JOIN vectors AS v ON v.note = n.number WHERE n.namespace = ? "
                f"AND n.superseded_by IS NULL AND v.embedder = ? {where.sql} {picked}",
                (self.namespace, embedder, *parameters),
            ).fetchall()
        return [row[0] for row in rows], b"".join(row[1] for row in rows)

    def samples(self, embedder: str, dimensions: int) -> list[tuple[str, bytes]]:
        """Id and vector of the oldest, the middle and the newest active note that has this embedder's vector."""
        count = self.embedded(embedder, dimensions)
        with self.reading() as connection:
            if connection is None or not count:
                return []
            sql = (
                "SELECT n.id, v.vector FROM notes AS n JOIN vectors AS v ON v.note = n.number WHERE n.namespace = ? "
                "AND n.superseded_by IS NULL AND v.embedder = ? AND v.dimensions = ? ORDER BY n.number LIMIT 1 OFFSET ?"
            )
            rows = [
                connection.execute(sql, (self.namespace, embedder, dimensions, place)).fetchone()
                for place in sorted({0, count // 2, count - 1})
            ]
        return [row for row in rows if row is not None]

    def outgoing(self, embedder: str, *, limit: int) -> list[tuple[int, str, bytes | None]]:
        """The oldest changes that the vector index has not heard of: position, id, and the vector, or None where the
        note shall not be in the index."""
        with self.reading() as connection:
            if connection is None:
                return []
            return connection.execute(
                "SELECT o.position, o.id, (SELECT v.vector FROM notes AS n JOIN vectors AS v ON v.note = n.number "
                "  WHERE n.id = o.id AND n.superseded_by IS NULL AND v.embedder = ?) "
                "FROM outbox AS o WHERE o.namespace = ? ORDER BY o.position LIMIT ?",
                (embedder, self.namespace, limit),
            ).fetchall()

    def unembedded(self, embedder: str, dimensions: int, *, limit: int) -> list[tuple[int, str]]:
        """Numbers and texts of active notes without a sound vector of this embedder."""
        with self.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(
                "SELECT n.number, n.text FROM notes AS n LEFT JOIN vectors AS v "
                "ON v.note = n.number AND v.embedder = ? AND v.dimensions = ? "
                "WHERE n.namespace = ? AND n.superseded_by IS NULL AND v.note IS NULL LIMIT ?",
                (embedder, dimensions, self.namespace, limit),
            )
            return rows.fetchall()


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
