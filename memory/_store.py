"""The file of notes: one SQLite database that works alone, offline, and for several processes at once.

It holds the notes, the words they are found by (FTS5, or a scan where SQLite was built without it), their vectors with
the embedder's name, and the outbox: which notes the vector index has not heard of yet. What may be written, and what
a search returns, is decided in `recall`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from ._note_file import CURRENT
from ._note_vectors import NoteVectors
from ._notes import Found, Note, found_in
from ._notes_by_words import NotesByWords


class Store(NotesByWords, NoteVectors):
    """The notes of one namespace in one file, with all that is asked of them. See `NoteFile`."""

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
                f"WHERE {plus}n.namespace = ? AND {CURRENT} AND {condition} ORDER BY {order} LIMIT ? OFFSET ?",
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
                f"SELECT n.number FROM notes AS n WHERE n.namespace = ? AND {CURRENT} AND n.source IS NULL "
                "ORDER BY n.created, n.number"
            )
            return [row[0] for row in connection.execute(sql, (self.namespace, time.time()))]

    def found(self, numbers: Iterable[int]) -> list[Found]:
        """The active notes among these numbers that have not expired, with their words, in no order."""
        condition = f"WHERE n.superseded_by IS NULL AND {CURRENT} AND n.number IN (SELECT value FROM json_each(?))"
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
