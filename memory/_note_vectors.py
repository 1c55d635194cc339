"""The vectors of the notes: read as a whole or for some, and what the vector index has not heard of yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ._note_file import NoteFile
from ._notes import Where

_CHUNK = 4_096  # vectors held at a time
_KEPT = 40_000_000  # bytes of vectors that are held between searches: some 25,000 of 384 numbers


class NoteVectors(NoteFile):
    """The vectors of notes."""

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
            chunks: list[tuple[list[int], bytes]] | None = self.kept.known(connection, (embedder,))
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
                self.kept.keep(connection, (embedder,), kept)

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

    def unembedded_among(self, embedder: str, dimensions: int, numbers: Iterable[int]) -> int:
        """How many of the notes with these numbers are active and have no sound vector of this embedder."""
        sql = (
            "SELECT count(*) FROM notes AS n LEFT JOIN vectors AS v "
            "ON v.note = n.number AND v.embedder = ? AND v.dimensions = ? "
            "WHERE n.number IN (SELECT value FROM json_each(?)) AND +n.namespace = ? AND n.superseded_by IS NULL "
            "AND v.note IS NULL"
        )
        with self.reading() as connection:
            if connection is None:
                return 0
            found = connection.execute(sql, (embedder, dimensions, json.dumps(list(numbers)), self.namespace))
            return int(found.fetchone()[0])
