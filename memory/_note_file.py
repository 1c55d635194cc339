"""The file of notes as one namespace sees it: opened, written in transactions, and counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from ._change import Change
from ._database import Database
from ._full_text import one
from ._kept import Kept
from ._owing import Owed, owed
from ._salvage import Salvaged

CURRENT = "(n.expires IS NULL OR n.expires > ?)"
"""A note `n` has not expired at the moment that is the parameter."""


class NoteFile:
    """The notes of one namespace in one file. The file is made by the first write, never by a read.

    Safe to be used by several threads. Every method but `close` raises a `RecallError`. `full_text` False: as if
    SQLite had no FTS5. `holds`: what its file is told to be of, where something is wrong with it.
    """

    def __init__(
        self, path: Path, namespace: str, *, busy_seconds: float = 15.0, full_text: bool = True, holds: str = "notes"
    ) -> None:
        self.namespace = namespace
        self.kept = Kept()
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

    def mend(self) -> Salvaged:
        """Put what can be read of a damaged file into a sound one in its place."""
        mended = self._database.mend()
        self.kept = Kept()
        return mended

    def wipe(self, wait: float) -> bool:
        """See to it that what was forgotten is nowhere in the file and its log any more; see `Database.wipe`."""
        return self._database.wipe(wait)

    def owed(self) -> Owed:
        """What is still to be done to the bytes of the files."""
        with self.reading() as connection:
            return Owed(None, None) if connection is None else owed(connection, self.namespace)

    def change(self, connection: sqlite3.Connection) -> Change:
        """What can be looked up through a connection, and changed where it is one for writing."""
        return Change(connection, self.namespace, full_text=self.by_full_text)

    @property
    def by_full_text(self) -> bool:
        """Are words found by FTS5? Known for certain while the file is read or written."""
        return self._database.full_text

    def number(self, sql: str, *parameters: Any) -> int:
        """One count; 0 where there is no file yet."""
        with self.reading() as connection:
            return 0 if connection is None else int(one(connection, sql, *parameters) or 0)

    def number_kept(self, sql: str, *parameters: Any) -> int:
        """The same, counted once as long as nothing is written to the file."""
        with self.reading() as connection:
            if connection is None:
                return 0
            number: int = self.kept.get(connection, (sql, *parameters), lambda: int(one(connection, sql, *parameters)))
            return number

    def count(self) -> int:
        """How many notes are active."""
        return self.number_kept(
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
        without = self.number_kept(
            "SELECT (SELECT count(*) FROM notes WHERE superseded_by IS NULL) - "
            "(SELECT count(*) FROM vectors INDEXED BY vectors_embedder WHERE embedder = ? AND dimensions = ?)",
            *(embedder, dimensions),
        )
        if not without:
            return self.count()
        return self.number_kept(
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

    def whereabouts(self, identifier: str) -> str | None:
        """The namespace of the note with this id; None where there is none."""
        with self.reading() as connection:
            sql = "SELECT namespace FROM notes WHERE id = ? AND source IS NULL"
            found: str | None = None if connection is None else one(connection, sql, identifier)
            return found

    def dimensions(self, embedder: str) -> int:
        """The length of this embedder's stored vectors; 0 where there are none."""
        return self.number("SELECT dimensions FROM vectors WHERE embedder = ? LIMIT 1", embedder)
