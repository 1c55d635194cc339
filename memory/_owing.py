"""What is still to be done to the bytes of the files after something was forgotten; noted in the file of notes itself.

Each carries a fresh mark, and only the mark that was read before the work is struck out after it: what another process
forgets meanwhile is not taken for done.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from typing import Literal

_WORDS = "owed words"
_VECTORS = "owed vectors of "


@dataclass(frozen=True, slots=True)
class Owed:
    """The marks of what is owed, or None. `words`: deleted words may still be read in the pages of FTS5. `vectors`: and
    deleted vectors in the folder of the namespace's vector index."""

    words: str | None
    vectors: str | None

    def __bool__(self) -> bool:
        return self.words is not None or self.vectors is not None


def owe(connection: sqlite3.Connection, what: Literal["words", "vectors"], namespace: str) -> None:
    """Note within a transaction that something is owed from now on."""
    name = _WORDS if what == "words" else f"{_VECTORS}{namespace}"
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, os.urandom(8).hex()))


def owed(connection: sqlite3.Connection, namespace: str) -> Owed:
    """What is owed: of the file, and of one of its namespaces."""
    sql = "SELECT name, value FROM state WHERE name IN (?, ?)"
    found = dict(connection.execute(sql, (_WORDS, f"{_VECTORS}{namespace}")))
    return Owed(found.get(_WORDS), found.get(f"{_VECTORS}{namespace}"))


def settle(connection: sqlite3.Connection, done: Owed, namespace: str) -> None:
    """Strike out what was done, within a transaction."""
    rows = [(_WORDS, done.words), (f"{_VECTORS}{namespace}", done.vectors)]
    connection.executemany("DELETE FROM state WHERE name = ? AND value = ?", [row for row in rows if row[1]])
