"""What one transaction may do to the file of notes."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from ._notes import NewRow
from ._told import context_terms
from .embedding import WORDS_VERSION, words

# The index keeps no text of its own: it reads `notes`, where the words stand ready cut.
_WORDS = """
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
  terms, context_terms, content='notes', content_rowid='number',
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, row);
"""


def match(terms: Iterable[str], *, beginnings: Iterable[str] = ()) -> str:
    """An FTS5 query for any of these words, or of words that begin so; quoted, so that none of FTS5's own syntax can
    be meant."""
    quoted = ['"' + term.replace('"', '""') + '"' for term in terms]
    return " OR ".join([*quoted, *('"' + start.replace('"', '""') + '"*' for start in beginnings)])


def one(connection: sqlite3.Connection, sql: str, *parameters: Any) -> Any:
    """The first column of the first row; None where there is no row."""
    row = connection.execute(sql, parameters).fetchone()
    return None if row is None else row[0]


class Change:
    """What can be done within one transaction. Numbers are SQLite's, ids are the users'."""

    def __init__(self, connection: sqlite3.Connection, namespace: str, *, full_text: bool) -> None:
        self._connection = connection
        self._namespace = namespace
        self._full_text = full_text

    def same(self, digest: str) -> tuple[int, str] | None:
        """Number and id of the active note with this text."""
        row: tuple[int, str] | None = self._connection.execute(
            "SELECT number, id FROM notes WHERE namespace = ? AND digest = ? AND superseded_by IS NULL",
            (self._namespace, digest),
        ).fetchone()
        return row

    def active(self, identifier: str) -> tuple[int, str] | None:
        """Number and id of the active note with this id."""
        row: tuple[int, str] | None = self._connection.execute(
            "SELECT number, id FROM notes WHERE namespace = ? AND id = ? AND superseded_by IS NULL",
            (self._namespace, identifier),
        ).fetchone()
        return row

    def hidden(self, digest: str, *, by: int) -> int | None:
        """Number of the note with this text that the note numbered `by` hides."""
        sql = "SELECT number FROM notes WHERE superseded_by = ? AND namespace = ? AND digest = ?"
        number: int | None = one(self._connection, sql, by, self._namespace, digest)
        return number

    def with_any(
        self, terms: Sequence[str], *, all_of: Sequence[str], limit: int
    ) -> list[tuple[int, str, str, str, str]]:
        """Number, id, origin, words and text of active notes that hold one of `terms` and all of `all_of`, newest
        first."""
        if self._full_text:
            query = f"{{terms}} : ({match(terms)})" + "".join(f" AND {{terms}} : {match([term])}" for term in all_of)
            sql, parameters = "JOIN words ON words.rowid = n.number WHERE words MATCH ?", [query]
        else:
            # As lists, not as so many conditions: of those SQLite takes but a thousand.
            held = "FROM json_each(?) WHERE instr(' ' || n.terms || ' ', ' ' || value || ' ')"
            sql = f"WHERE EXISTS (SELECT 1 {held} > 0) AND NOT EXISTS (SELECT 1 {held} = 0)"
            parameters = [json.dumps(list(terms)), json.dumps(list(all_of))]
        return self._connection.execute(
            f"SELECT n.number, n.id, n.origin, n.terms, n.text FROM notes AS n {sql} AND n.namespace = ? "
            "AND n.superseded_by IS NULL ORDER BY n.number DESC LIMIT ?",
            (*parameters, self._namespace, limit),
        ).fetchall()

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many notes of the file each of these words stands; words that stand in none may be left out."""
        wanted = list(terms)
        if self._full_text:
            sql = "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))"
            return dict(self._connection.execute(sql, (json.dumps(wanted),)).fetchall())
        sql = (
            "SELECT count(*) FROM notes WHERE superseded_by IS NULL "
            "AND instr(' ' || terms || ' ' || context_terms || ' ', ' ' || ? || ' ') > 0"
        )
        return {term: int(one(self._connection, sql, term)) for term in wanted}

    def insert(self, row: NewRow, vector: bytes | None, *, embedder: str, superseded_by: int | None = None) -> str:
        """Store a note and return its id; `superseded_by` is the number of the note that hides it from the start."""
        identifier = os.urandom(8).hex()
        number = self._connection.execute(
            "INSERT INTO notes (id, namespace, text, context, digest, terms, context_terms, metadata, kind, origin, "
            "label, run, step, created, superseded_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(identifier, self._namespace, row.text, row.context, row.digest, row.terms, row.context_terms),
                *(row.metadata, row.kind, row.origin, row.label, row.run, row.step, time.time(), superseded_by),
            ),
        ).lastrowid
        assert number is not None  # an INSERT was made
        if superseded_by is None:
            self._index(number, row.terms, row.context_terms)
            if vector is not None:
                self.set_vector(number, identifier, vector, embedder=embedder)
        return identifier

    def set_vector(self, number: int, identifier: str, vector: bytes, *, embedder: str) -> None:
        """Store a note's vector (float32) in place of any other, and tell the outbox."""
        self._connection.execute(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)",
            (number, embedder, len(vector) // 4, blake2b(vector, digest_size=8).digest(), vector),
        )
        self._outbox(identifier)

    def embed(self, number: int, vector: bytes, *, embedder: str) -> None:
        """As `set_vector`, for a note that may be gone or superseded by now: then nothing is done."""
        sql = "SELECT id FROM notes WHERE number = ? AND superseded_by IS NULL"
        identifier = one(self._connection, sql, number)
        if identifier is not None:
            self.set_vector(number, identifier, vector, embedder=embedder)

    def copied(self, number: int, row: NewRow) -> None:
        """The same text was added again: it is counted and of today, metadata is joined, and a user's word makes it the
        user's."""
        metadata = one(self._connection, "SELECT metadata FROM notes WHERE number = ?", number)
        joined = {**json.loads(metadata), **json.loads(row.metadata)}
        self._connection.execute(
            "UPDATE notes SET copies = copies + 1, metadata = ?, origin = iif(? = 'user', 'user', origin), "
            # A clock that was set back makes nothing older than it was.
            "created = max(created, ?) WHERE number = ?",
            (json.dumps(joined, ensure_ascii=False, sort_keys=True), row.origin, time.time(), number),
        )

    def supersede(self, number: int, *, by: str) -> None:
        """Hide a note behind another, which is named by its id; its row stays, with all it tells."""
        self._unindex(number)
        sql = "UPDATE notes SET superseded_by = (SELECT number FROM notes WHERE id = ?) WHERE number = ?"
        self._connection.execute(sql, (by, number))

    def forget(self, identifier: str) -> bool:
        """Remove a note, the notes that it superseded, their words and vectors. False where there is none."""
        chain = self._connection.execute(
            "WITH RECURSIVE chain(number) AS (SELECT number FROM notes WHERE namespace = ? AND id = ? UNION "
            "SELECT n.number FROM notes AS n JOIN chain ON n.superseded_by = chain.number) SELECT number FROM chain",
            (self._namespace, identifier),
        ).fetchall()
        for (number,) in chain:
            self._unindex(number)
        self._connection.executemany("DELETE FROM notes WHERE number = ?", chain)
        if chain and self._full_text:
            # Without this the words of what was forgotten stay readable in FTS5's own pages.
            self._connection.execute("INSERT INTO words(words) VALUES ('optimize')")
        return bool(chain)

    def mark_used(self, identifiers: Iterable[str]) -> None:
        """Count a use of each of these notes, now."""
        self._connection.executemany(
            "UPDATE notes SET uses = uses + 1, used = ? WHERE namespace = ? AND id = ?",
            [(time.time(), self._namespace, identifier) for identifier in identifiers],
        )

    def settle(self, positions: Sequence[int]) -> None:
        """The vector index has heard of these changes."""
        self._connection.executemany("DELETE FROM outbox WHERE position = ?", [(position,) for position in positions])

    def announce_all(self) -> None:
        """Put every active note that has a vector into the outbox, in place of what waits there."""
        self._connection.execute("DELETE FROM outbox WHERE namespace = ?", (self._namespace,))
        self._connection.execute(
            "INSERT INTO outbox(namespace, id) SELECT n.namespace, n.id FROM notes AS n JOIN vectors AS v "
            "ON v.note = n.number WHERE n.namespace = ? AND n.superseded_by IS NULL ORDER BY n.number",
            (self._namespace,),
        )

    def drop_unsound(self) -> int:
        """Drop the vectors of this namespace that are not what was stored; how many they were."""
        rows = self._connection.execute(
            "SELECT v.note, v.vector, v.digest FROM vectors AS v JOIN notes AS n ON n.number = v.note "
            "WHERE n.namespace = ?",
            (self._namespace,),
        ).fetchall()
        bad = [(note,) for note, vector, digest in rows if blake2b(vector, digest_size=8).digest() != digest]
        self._connection.executemany("DELETE FROM vectors WHERE note = ?", bad)
        return len(bad)

    def reindex(self, *, recut: bool) -> None:
        """Fill the full-text index anew from all notes of the file; `recut`: cut their words anew too."""
        if recut:
            rows = self._connection.execute("SELECT number, text, context, metadata FROM notes").fetchall()
            self._connection.executemany(
                "UPDATE notes SET terms = ?, context_terms = ? WHERE number = ?",
                [
                    (" ".join(words(text)), context_terms(context, metadata), number)
                    for number, text, context, metadata in rows
                ],
            )
            self._connection.execute("UPDATE state SET value = ? WHERE name = 'terms'", (WORDS_VERSION,))
        if not self._full_text:
            self._words_are_stale()
            return
        for statement in _WORDS.strip().removesuffix(";").split(";"):
            self._connection.execute(statement)
        self._connection.execute("INSERT INTO words(words) VALUES ('delete-all')")
        self._connection.execute(
            "INSERT INTO words(rowid, terms, context_terms) SELECT number, terms, context_terms FROM notes "
            "WHERE superseded_by IS NULL"
        )
        self._connection.execute("UPDATE state SET value = ? WHERE name = 'words'", (WORDS_VERSION,))

    def _index(self, number: int, terms: str, context_terms: str) -> None:
        if not self._full_text:
            self._words_are_stale()
            return
        sql = "INSERT INTO words(rowid, terms, context_terms) VALUES (?, ?, ?)"
        self._connection.execute(sql, (number, terms, context_terms))

    def _unindex(self, number: int) -> None:
        row = self._connection.execute(
            "SELECT id, terms, context_terms FROM notes WHERE number = ? AND superseded_by IS NULL", (number,)
        ).fetchone()
        if row is None:
            return  # superseded before: nothing finds it any more
        if self._full_text:
            sql = "INSERT INTO words(words, rowid, terms, context_terms) VALUES ('delete', ?, ?, ?)"
            self._connection.execute(sql, (number, row[1], row[2]))
        else:
            self._words_are_stale()
        if self._connection.execute("DELETE FROM vectors WHERE note = ?", (number,)).rowcount:
            self._outbox(row[0])

    def _words_are_stale(self) -> None:
        self._connection.execute("UPDATE state SET value = 'none' WHERE name = 'words'")

    def _outbox(self, identifier: str) -> None:
        self._connection.execute("INSERT INTO outbox(namespace, id) VALUES (?, ?)", (self._namespace, identifier))
