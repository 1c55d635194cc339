"""The file of notes: one SQLite database that works alone, offline, and for several processes at once.

It holds the notes, the words they are found by (FTS5, or a scan where SQLite was built without it), their vectors with
the embedder's name, and the outbox: which notes the vector index has not heard of yet. What may be written, and what
a search returns, is decided in `recall`.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from ._change import Change, match, one
from ._database import Database
from ._kept import Kept
from ._notes import MOST, Found, Note, Where, found_in
from ._owing import Owed, owed
from ._ranking import Candidate
from .embedding import beginning

_CURRENT = "(n.expires IS NULL OR n.expires > ?)"
_FEW = 1_000  # so many notes are looked through for their words
_CHUNK = 4_096  # vectors held at a time
_KEPT = 40_000_000  # bytes of vectors that are held between searches: some 25,000 of 384 numbers
_LONG = 20_000  # characters of a note's words: longer ones are not looked through as others' neighbours


class Store:
    """The notes of one namespace in one file. The file is made by the first write, never by a read.

    Safe to be used by several threads. Every method but `close` raises a `RecallError`. `full_text` False: as if
    SQLite had no FTS5. `holds`: what its file is told to be of, where something is wrong with it.
    """

    def __init__(
        self, path: Path, namespace: str, *, busy_seconds: float = 15.0, full_text: bool = True, holds: str = "notes"
    ) -> None:
        self.namespace = namespace
        self._kept = Kept()
        self._database = Database(path, busy_seconds=busy_seconds, full_text=full_text, holds=holds)

    def reading(self) -> AbstractContextManager[sqlite3.Connection | None]:
        """The connection, for reading; None where there is no file yet."""
        return self._database.reading()

    @contextmanager
    def writing(self) -> Iterator[Change]:
        """One transaction: all of it is durable when the block ends, or none of it where it raises."""
        with self._database.writing() as connection:
            yield self.change(connection)

    @property
    def exists(self) -> bool:
        """Is there a file? It is made by the first write."""
        return self._database.exists

    @property
    def size(self) -> int:
        """The size of the file in bytes; 0 where there is none yet."""
        return self._database.size

    def close(self) -> None:
        """Let go of the file; whatever is asked afterwards is refused. Twice does no harm."""
        self._database.close()

    def check(self) -> None:
        """Read the whole file. Raises `StoreDamaged` where its pages contradict each other."""
        self._database.check()

    def wipe(self, wait: float) -> bool:
        """See to it that what was forgotten is nowhere in the file and its log any more; see `Database.wipe`."""
        return self._database.wipe(wait)

    def owed(self) -> Owed:
        """What is still to be done to the bytes of the files."""
        with self.reading() as connection:
            return Owed(None, None) if connection is None else owed(connection, self.namespace)

    def notes(
        self,
        *,
        limit: int = -1,
        offset: int = 0,
        superseded: bool = False,
        ids: Sequence[str] | None = None,
        hidden_by: str | None = None,
        begun: str | None = None,
        numbers: Sequence[int] | None = None,
        kind: str | None = None,
        oldest_first: bool = False,
    ) -> list[Note]:
        """Notes of this namespace, newest first; those with one of `ids` (superseded or not), or those that the note
        `hidden_by` superseded, those whose ids begin as `begun`, or those with one of `numbers` (superseded or not),
        where these are given. What has expired is left out, but where it is asked for by its id."""
        condition, parameters = "n.superseded_by IS NULL", list[Any]()
        if superseded:
            condition = "1"
        if ids is not None:
            condition, parameters = "n.id IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))]
        if hidden_by is not None:
            condition, parameters = "s.id = ?", [hidden_by]
        if begun is not None:
            condition, parameters = "substr(n.id, 1, ?) = ?", [len(begun), begun]
        if numbers is not None:
            # The plus: by their numbers they are found at once, by the namespace it would be all of them.
            condition, parameters = "n.number IN (SELECT value FROM json_each(?))", [json.dumps(list(numbers))]
        if kind is not None:
            condition, parameters = f"{condition} AND n.kind = ?", [*parameters, kind]
        plus = "" if numbers is None else "+"
        order = "n.created, n.number" if oldest_first else "n.created DESC, n.number DESC"
        return [
            found.note
            for found in self._select(
                f"WHERE {plus}n.namespace = ? AND {_CURRENT} AND {condition} ORDER BY {order} LIMIT ? OFFSET ?",
                (
                    self.namespace,
                    0.0 if ids is not None or begun is not None else time.time(),
                    *parameters,
                    limit,
                    offset,
                ),
            )
        ]

    def quoting(self, texts: Sequence[str], *, limit: int) -> list[Note]:
        """Notes of the whole file, superseded ones too, in which one of these texts stands as it is written, in their
        text, their context or their metadata; newest first."""
        wanted = json.dumps(list(texts))
        held = (
            "EXISTS (SELECT 1 FROM json_each(?) WHERE instr(n.text, value) OR instr(n.context, value) "
            "OR instr(n.metadata, value))"
        )
        order = "ORDER BY n.created DESC, n.number DESC LIMIT ?"
        return [one.note for one in self._select(f"WHERE n.source IS NULL AND {held} {order}", (wanted, limit))]

    def numbered(self) -> list[int]:
        """The numbers of all notes of this namespace that have not expired, superseded ones too, the oldest note first;
        passages of documents are not notes."""
        with self.reading() as connection:
            if connection is None:
                return []
            sql = (
                f"SELECT n.number FROM notes AS n WHERE n.namespace = ? AND {_CURRENT} AND n.source IS NULL "
                "ORDER BY n.created, n.number"
            )
            return [row[0] for row in connection.execute(sql, (self.namespace, time.time()))]

    def found(self, numbers: Iterable[int]) -> list[Found]:
        """The active notes among these numbers that have not expired, with their words, in no order."""
        condition = f"WHERE n.superseded_by IS NULL AND {_CURRENT} AND n.number IN (SELECT value FROM json_each(?))"
        return self._select(condition, (time.time(), json.dumps(list(numbers))))

    def _select(self, rest: str, parameters: Sequence[Any]) -> list[Found]:
        columns = (
            "n.number, n.id, n.namespace, n.text, n.context, n.metadata, n.kind, n.origin, n.label, n.run, n.step, "
            "n.created, n.used, n.uses, n.copies, s.id, n.superseded_why, n.expires, n.source, n.terms, n.context_terms"
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

    def _number_kept(self, sql: str, *parameters: Any) -> int:
        with self.reading() as connection:
            if connection is None:
                return 0
            number: int = self._kept.get(connection, (sql, *parameters), lambda: int(one(connection, sql, *parameters)))
            return number

    def count(self) -> int:
        """How many notes are active."""
        return self._number_kept(
            "SELECT count(*) FROM notes WHERE namespace = ? AND superseded_by IS NULL", self.namespace
        )

    def counts(self) -> list[tuple[str, str, int]]:
        """How many notes are active of each kind and origin."""
        with self.reading() as connection:
            if connection is None:
                return []
            return connection.execute(
                "SELECT kind, origin, count(*) FROM notes WHERE namespace = ? AND superseded_by IS NULL GROUP BY 1, 2",
                (self.namespace,),
            ).fetchall()

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
        # Only active notes have vectors. So where all of the file have one, a note and its vector need not be put
        # together, which takes ten times as long: a search of a large store would wait for that most of all.
        without = self._number_kept(
            "SELECT (SELECT count(*) FROM notes WHERE superseded_by IS NULL) - "
            "(SELECT count(*) FROM vectors INDEXED BY vectors_embedder WHERE embedder = ? AND dimensions = ?)",
            *(embedder, dimensions),
        )
        if not without:
            return self.count()
        return self._number_kept(
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
        """In how many notes of this namespace each of these words stands, about: where there are many and other
        namespaces have notes too, as many as its share of the file. Words that stand in none may be left out."""
        wanted = list(terms)
        with self.reading() as connection:
            if connection is None:
                return {}
            found = self.change(connection).frequencies(wanted)
            mine, every = self.count(), self._number_kept("SELECT count(*) FROM notes WHERE superseded_by IS NULL")
            if mine >= every or not found:
                return found
            if mine > _FEW:
                return {term: max(1, round(count * mine / every)) for term, count in found.items()}
            sql = (
                "SELECT value, (SELECT count(*) FROM notes WHERE namespace = ? AND superseded_by IS NULL "
                "AND instr(' ' || terms || ' ' || context_terms || ' ', ' ' || value || ' ') > 0) FROM json_each(?)"
            )
            rows = connection.execute(sql, (self.namespace, json.dumps(list(found)))).fetchall()
            return {term: count for term, count in rows if count}

    def change(self, connection: sqlite3.Connection) -> Change:
        """What can be looked up through a connection, and changed where it is one for writing."""
        return Change(connection, self.namespace, full_text=self._database.full_text)

    def lexical(
        self, weights: Mapping[str, float], where: Where, *, limit: int, others: Mapping[str, float] | None = None
    ) -> dict[int, float]:
        """The active notes with any of these words or a word that begins alike: number -> rank, the higher the better,
        at most `limit`. `others` are words, or words in a row, that count too.

        Ranks are BM25 (the context counts half), or sums of the weights where there is no FTS5. They choose who is
        looked at; the order is made in `_ranking`.
        """
        beginnings = {term: start for term in weights if (start := beginning(term)) is not None}
        with self.reading() as connection:
            if connection is None or not weights:
                return {}
            if self._database.full_text:
                query = match([*weights, *(others or {})], beginnings=beginnings.values())
                return self._ranked(connection, query, where, limit=limit)
            counted = [(f" {term} ", weight) for term, weight in (*weights.items(), *(others or {}).items())]
            counted += [(f" {start}", weights[term] / 2) for term, start in beginnings.items()]
            total = " + ".join("(instr(' ' || n.terms || '  ' || n.context_terms || ' ', ?) > 0) * ?" for _ in counted)
            sql = (
                f"SELECT n.number, {total} AS total FROM notes AS n WHERE total > 0 AND n.namespace = ? "
                f"AND n.superseded_by IS NULL {where.sql} ORDER BY 2 DESC LIMIT ?"
            )
            parameters = [part for pair in counted for part in pair]
            return dict(connection.execute(sql, (*parameters, self.namespace, *where.parameters, limit)).fetchall())

    def _ranked(self, connection: sqlite3.Connection, query: str, where: Where, *, limit: int) -> dict[int, float]:
        # FTS5 sorts by itself without a look at the notes, of which a common word names many. Only where too many of
        # the best are of other namespaces, or do not fulfil the conditions, is each looked at.
        best = "SELECT rowid, rank FROM words WHERE words MATCH ? AND rank MATCH 'bm25(1.0, 0.5)' ORDER BY rank LIMIT ?"
        rows: list[tuple[int, float, int]] = []
        for most in (min(4 * limit, MOST), MOST):
            rows = connection.execute(
                f"WITH best AS MATERIALIZED ({best}) SELECT n.number, -b.rank, (SELECT count(*) FROM best) "
                "FROM best AS b CROSS JOIN notes AS n ON n.number = b.rowid "
                f"WHERE +n.namespace = ? AND +n.superseded_by IS NULL {where.sql} ORDER BY 2 DESC LIMIT ?",
                (query, most, self.namespace, *where.parameters, limit),
            ).fetchall()
            if len(rows) == limit or (rows and rows[0][2] < most):
                break
        return {number: rank for number, rank, _ in rows}

    def around(self, numbers: Iterable[int], near: Iterable[int], where: Where, *, distance: int) -> list[Candidate]:
        """The active notes of this namespace with these numbers, and those up to `distance` from one of `near`, in
        order of their numbers. Neighbours of more than some pages are left out."""
        wanted = set(numbers)
        every = wanted | {number + step for number in near for step in range(-distance, distance + 1)}
        sql = (
            f"SELECT n.number, n.created, n.text, n.terms, n.context_terms, n.metadata, (1 {where.sql}) "
            # The plus signs: by their numbers they are found at once, by the namespace it would be all of them.
            "FROM notes AS n WHERE n.number IN (SELECT value FROM json_each(?)) AND +n.namespace = ? "
            f"AND +n.superseded_by IS NULL AND {_CURRENT}"
        )
        parameters = (*where.parameters, json.dumps(list(every)), self.namespace, time.time())
        with self.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(sql, parameters).fetchall()
        return [
            Candidate(number, created, text, f" {terms} ", f" {context_terms} ", metadata, bool(fits))
            for number, created, text, terms, context_terms, metadata, fits in sorted(rows)
            if number in wanted or len(terms) <= _LONG
        ]

    def vectors(
        self, embedder: str, where: Where, *, numbers: Iterable[int] | None = None, ids: Iterable[str] | None = None
    ) -> Iterator[tuple[list[int], bytes]]:
        """Numbers and vectors (float32, one behind the other) of active notes, all or those of `numbers` or `ids`; some
        thousand at a time, as those of a large store take hundreds of megabytes."""
        if numbers is None and ids is None and not where.sql:
            yield from self._all_vectors(embedder)
            return
        picked, parameters = "", list(where.parameters)
        for column, values in (("n.number", numbers), ("n.id", ids)):
            if values is not None:
                picked += f" AND {column} IN (SELECT value FROM json_each(?))"
                parameters.append(json.dumps(list(values)))
        # With a plus SQLite takes no index for it. It would go through the whole namespace for the few that are picked:
        # 58 ms of 100,000 notes in place of 0.3.
        plus = "+" if picked else ""
        with self.reading() as connection:
            if connection is None:
                return
            rows = connection.execute(
                "SELECT v.note, v.vector FROM notes AS n JOIN vectors AS v ON v.note = n.number "
                f"WHERE {plus}n.namespace = ? AND {plus}n.superseded_by IS NULL AND {plus}v.embedder = ? "
                f"{where.sql} {picked}",
                (self.namespace, embedder, *parameters),
            )
            while chunk := rows.fetchmany(_CHUNK):
                yield [row[0] for row in chunk], b"".join(row[1] for row in chunk)

    def _all_vectors(self, embedder: str) -> Iterator[tuple[list[int], bytes]]:
        """All vectors, which are kept between searches as far as they take no more than some megabytes."""
        sql = (
            "SELECT v.note, v.vector FROM notes AS n JOIN vectors AS v ON v.note = n.number WHERE n.namespace = ? "
            "AND n.superseded_by IS NULL AND v.embedder = ?"
        )
        with self.reading() as connection:
            if connection is None:
                return
            chunks: list[tuple[list[int], bytes]] | None = self._kept.known(connection, (embedder,))
            if chunks is not None:
                yield from chunks
                return
            rows, kept, size = connection.execute(sql, (self.namespace, embedder)), [], 0
            while chunk := rows.fetchmany(_CHUNK):
                numbers, vectors = [row[0] for row in chunk], b"".join(row[1] for row in chunk)
                size += len(vectors)
                if size <= _KEPT:
                    kept.append((numbers, vectors))
                yield numbers, vectors
            if size <= _KEPT:
                self._kept.keep(connection, (embedder,), kept)

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

    def unembedded(self, embedder: str, dimensions: int, *, limit: int, after: int = 0) -> list[tuple[int, str]]:
        """Numbers and texts of active notes without a sound vector of this embedder, the oldest first: those numbered
        above `after`."""
        with self.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(
                "SELECT n.number, n.text FROM notes AS n LEFT JOIN vectors AS v "
                "ON v.note = n.number AND v.embedder = ? AND v.dimensions = ? "
                "WHERE n.namespace = ? AND n.number > ? AND n.superseded_by IS NULL AND v.note IS NULL "
                "ORDER BY n.number LIMIT ?",
                (embedder, dimensions, self.namespace, after, limit),
            )
            return rows.fetchall()

    def dimensions(self, embedder: str) -> int:
        """The length of this embedder's stored vectors; 0 where there are none."""
        return self.number("SELECT dimensions FROM vectors WHERE embedder = ? LIMIT 1", embedder)
