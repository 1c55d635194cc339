"""What one transaction may do to the file of notes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, Literal

from ._full_text import FullText, one
from ._notes import NewRow
from ._owing import Owed, owe, settle


def fresh_id() -> str:
    """An id that no other note has."""
    return os.urandom(8).hex()


class Change(FullText):
    """What can be done within one transaction, to the notes of one namespace. Numbers are SQLite's, ids the users'."""

    def same(self, digest: str) -> list[tuple[int, str, str]]:
        """Number, id and metadata of the active notes with this text, newest first."""
        return self.connection.execute(
            "SELECT number, id, metadata FROM notes WHERE namespace = ? AND digest = ? AND superseded_by IS NULL "
            "ORDER BY number DESC",
            (self.namespace, digest),
        ).fetchall()

    def active(self, identifier: str) -> tuple[int, str] | None:
        """Number and id of the active note with this id."""
        row: tuple[int, str] | None = self.connection.execute(
            "SELECT number, id FROM notes WHERE namespace = ? AND id = ? AND superseded_by IS NULL",
            (self.namespace, identifier),
        ).fetchone()
        return row

    def hidden(self, digest: str, *, by: int, created: float | None = None) -> int | None:
        """Number of the note with this text that the note numbered `by` hides; of the one of this moment, if given."""
        sql = (
            "SELECT number FROM notes WHERE superseded_by = ? AND namespace = ? AND digest = ? "
            "AND created = coalesce(?, created)"
        )
        number: int | None = one(self.connection, sql, by, self.namespace, digest, created)
        return number

    def give_origin(self, number: int, origin: str) -> bool:
        """Give a note the origin that an import had taken from it. False where it has one of its own."""
        sql = "UPDATE notes SET origin = ?1 WHERE number = ?2 AND origin = 'import' AND ?1 <> 'import'"
        return self.connection.execute(sql, (origin, number)).rowcount > 0

    def within(self, namespace: str) -> Change:
        """The same transaction, for the notes of another namespace."""
        return Change(self.connection, namespace, full_text=self.full_text)

    def insert(
        self,
        row: NewRow,
        vector: bytes | None,
        *,
        embedder: str,
        superseded_by: int | None = None,
        why: str | None = None,
        id: str | None = None,  # noqa: A002 - the word that users know it by
    ) -> str:
        """Store a note and return its id, a fresh one where none is given; `superseded_by` is the number of the note
        that hides it from the start, and `why` says what for."""
        identifier = id or fresh_id()
        number = self._insert(identifier, row, superseded_by=superseded_by, why=why)
        if superseded_by is None:
            self.add_words(number, row.terms, row.context_terms)
            if vector is not None:
                self.set_vector(number, identifier, vector, embedder=embedder)
        return identifier

    def _insert(self, identifier: str, row: NewRow, *, superseded_by: int | None, why: str | None) -> int:
        number = self.connection.execute(
            "INSERT INTO notes (id, namespace, text, context, digest, terms, context_terms, metadata, kind, origin, "
            "label, run, step, created, superseded_by, superseded_why, expires, source) "
            f"VALUES ({', '.join('?' * 18)})",
            (
                *(identifier, self.namespace, row.text, row.context, row.digest, row.terms, row.context_terms),
                *(row.metadata, row.kind, row.origin, row.label, row.run, row.step, time.time(), superseded_by, why),
                *(row.expires, row.source),
            ),
        ).lastrowid
        assert number is not None  # an INSERT was made
        return number

    def rewrite(self, number: int, row: NewRow, vector: bytes | None, *, embedder: str) -> None:
        """Give an active note another text and other fields; what it was stays behind it, as history. With another text
        it is of today."""
        identifier = one(self.connection, "SELECT id FROM notes WHERE number = ?", number)
        self._unindex(number)
        self.connection.execute(
            "INSERT INTO notes (id, namespace, text, context, digest, metadata, kind, origin, label, run, step, "
            "created, superseded_by, superseded_why, terms, context_terms) "
            "SELECT ?, namespace, text, context, digest, metadata, kind, origin, label, run, step, created, number, "
            "'edited', terms, context_terms FROM notes WHERE number = ?",
            (fresh_id(), number),
        )
        self.connection.execute(
            "UPDATE notes SET text = ?, context = ?, digest = ?, terms = ?, context_terms = ?, metadata = ?, kind = ?, "
            "origin = ?, label = ?, expires = ?, created = iif(digest = ?, created, ?) WHERE number = ?",
            (
                *(row.text, row.context, row.digest, row.terms, row.context_terms, row.metadata, row.kind),
                *(row.origin, row.label, row.expires, row.digest, time.time(), number),
            ),
        )
        self.add_words(number, row.terms, row.context_terms)
        if vector is not None:
            self.set_vector(number, identifier, vector, embedder=embedder)

    def set_vector(self, number: int, identifier: str, vector: bytes, *, embedder: str) -> None:
        """Store a note's vector (float32) in place of any other, and tell the outbox."""
        self.connection.execute(
            "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?)",
            (number, embedder, len(vector) // 4, blake2b(vector, digest_size=8).digest(), vector),
        )
        self._outbox(identifier, namespace=self.namespace)

    def vector(self, number: int, embedder: str) -> bytes | None:
        """A note's vector, if it is this embedder's."""
        sql = "SELECT vector FROM vectors WHERE note = ? AND embedder = ?"
        found: bytes | None = one(self.connection, sql, number, embedder)
        return found

    def embed(self, number: int, text: str, vector: bytes, *, embedder: str) -> None:
        """As `set_vector`, for a note that may be gone, superseded or of another text by now: then nothing is done."""
        sql = "SELECT id FROM notes WHERE number = ? AND superseded_by IS NULL AND text = ?"
        identifier = one(self.connection, sql, number, text)
        if identifier is not None:
            self.set_vector(number, identifier, vector, embedder=embedder)

    def copied(self, number: int, row: NewRow) -> None:
        """The same text was added again: it is counted and of today, metadata is joined, and a user's word makes it the
        user's."""
        metadata = one(self.connection, "SELECT metadata FROM notes WHERE number = ?", number)
        joined = {**json.loads(metadata), **json.loads(row.metadata)}
        self.connection.execute(
            "UPDATE notes SET copies = copies + 1, metadata = ?, origin = iif(? = 'user', 'user', origin), "
            # A clock that was set back makes nothing older than it was.
            "created = max(created, ?), expires = iif(? IS NULL OR expires IS NULL, NULL, max(expires, ?)) "
            "WHERE number = ?",
            (
                *(json.dumps(joined, ensure_ascii=False, sort_keys=True), row.origin, time.time()),
                *(row.expires, row.expires, number),
            ),
        )

    def said_before(self, identifier: str, older: int) -> None:
        """A new note says what the note numbered `older` said: it was said so many times more."""
        sql = "UPDATE notes SET copies = copies + (SELECT copies FROM notes WHERE number = ?) WHERE id = ?"
        self.connection.execute(sql, (older, identifier))

    def supersede(self, number: int, *, by: str, why: str) -> None:
        """Hide a note behind another, which is named by its id; its row stays, with all it tells."""
        self._unindex(number)
        sql = (
            "UPDATE notes SET superseded_by = (SELECT number FROM notes WHERE id = ?), superseded_why = ? "
            "WHERE number = ?"
        )
        self.connection.execute(sql, (by, why, number))

    def forget(self, identifier: str) -> bool:
        """Remove a note, the notes that it superseded, their words and vectors, as `forget_all` does. False where there
        is none."""
        sql = "SELECT number FROM notes WHERE namespace = ? AND id = ?"
        return self.forget_all(sql, self.namespace, identifier) > 0

    def forget_all(self, sql: str, *parameters: Any) -> int:
        """Remove the notes whose numbers a query names, those that they superseded, their words and vectors; how many.
        Until `tidy`, their words are still in the pages of FTS5: whoever puts that off notes it with `owe`."""
        chain = self.connection.execute(
            f"WITH RECURSIVE chain(number) AS ({sql} UNION "
            "SELECT n.number FROM notes AS n JOIN chain ON n.superseded_by = chain.number) SELECT number FROM chain",
            parameters,
        ).fetchall()
        for (number,) in chain:
            self._unindex(number)
        self.connection.executemany("DELETE FROM notes WHERE number = ?", chain)
        return len(chain)

    def owe(self, what: Literal["words", "vectors"]) -> None:
        """Note that deleted words, or vectors of this namespace, may still be read in the bytes of the files."""
        owe(self.connection, what, self.namespace)

    def paid(self, done: Owed) -> None:
        """Strike out what was owed and is done."""
        settle(self.connection, done, self.namespace)

    def purge(self) -> int:
        """Remove the notes of the whole file that have expired, down to their words; how many."""
        gone = self.forget_all("SELECT number FROM notes WHERE expires <= ?", time.time())
        if gone:
            self.tidy()
        return gone

    def mark_used(self, identifiers: Iterable[str]) -> None:
        """Count a use of each of these notes, now."""
        self.connection.executemany(
            "UPDATE notes SET uses = uses + 1, used = ? WHERE namespace = ? AND id = ?",
            [(time.time(), self.namespace, identifier) for identifier in identifiers],
        )

    def settle(self, positions: Sequence[int]) -> None:
        """The vector index has heard of these changes."""
        self.connection.executemany("DELETE FROM outbox WHERE position = ?", [(position,) for position in positions])

    def store_id(self) -> str:
        """A name that no other file of notes has: drawn when it is first asked for."""
        drawn = os.urandom(8).hex()
        self.connection.execute("INSERT OR IGNORE INTO state VALUES ('store', ?)", (drawn,))
        return str(one(self.connection, "SELECT value FROM state WHERE name = 'store'"))

    def announce_all(self) -> None:
        """Put every active note that has a vector into the outbox, in place of what waits there."""
        self.connection.execute("DELETE FROM outbox WHERE namespace = ?", (self.namespace,))
        self.connection.execute(
            "INSERT INTO outbox(namespace, id) SELECT n.namespace, n.id FROM notes AS n JOIN vectors AS v "
            "ON v.note = n.number WHERE n.namespace = ? AND n.superseded_by IS NULL ORDER BY n.number",
            (self.namespace,),
        )

    def drop_unsound(self) -> int:
        """Drop the vectors of this namespace that are not what was stored; how many they were."""
        rows = self.connection.execute(
            "SELECT v.note, v.vector, v.digest FROM vectors AS v JOIN notes AS n ON n.number = v.note "
            "WHERE n.namespace = ?",
            (self.namespace,),
        ).fetchall()
        bad = [(note,) for note, vector, digest in rows if blake2b(vector, digest_size=8).digest() != digest]
        self.connection.executemany("DELETE FROM vectors WHERE note = ?", bad)
        return len(bad)

    def _unindex(self, number: int) -> None:
        row = self.connection.execute(
            "SELECT id, terms, context_terms, namespace FROM notes WHERE number = ? AND superseded_by IS NULL",
            (number,),
        ).fetchone()
        if row is None:
            return  # superseded before: nothing finds it any more
        self.drop_words(number, row[1], row[2])
        if self.connection.execute("DELETE FROM vectors WHERE note = ?", (number,)).rowcount:
            self._outbox(row[0], namespace=row[3])

    def _outbox(self, identifier: str, *, namespace: str) -> None:
        self.connection.execute("INSERT INTO outbox(namespace, id) VALUES (?, ?)", (namespace, identifier))
