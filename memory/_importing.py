"""Notes that were exported, put into a file of notes: with their history, dates and ids, none of them twice."""

from __future__ import annotations

import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._change import Change
from ._drafts import Draft, NoteRefused, agree, checked, clean
from ._full_text import one
from ._given import several
from ._notes import NewRow
from ._portable import fits
from ._rules import Rules
from ._store import Store
from ._vectors import packed_or_none
from .embedding import Embedder


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import: notes that are new (`added`), and those that were there already (`known`), of which some
    got the origin back that an earlier import had taken from them (`mended`). `left` are those left out: they were
    replaced by a note that is neither here nor in what is imported, and would pass for what holds. `namespaces` are
    those that the notes belong to, sorted."""

    added: int
    known: int
    mended: int = 0
    left: int = 0
    namespaces: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A note that is to be put in: as it is stored, as it was written, and the namespace that it goes to."""

    new: NewRow
    written: Mapping[str, Any]
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Notes that were exported, put into a store. `trusted`: they are the user's own and keep their origins.
    `apart`: each goes into the namespace that it says it is of, not all into the store's."""

    store: Store
    embedder: Embedder | None
    rules: Rules
    trusted: bool
    apart: bool

    def take(self, rows: Iterable[Any]) -> Imported:
        """All of them in one transaction, or none where one is refused. A note whose id is there already, or whose
        text is, is passed over."""
        hint = "give what export() gives, or the lines of its file, each read as JSON"
        given = several(rows, "the notes to import", hint=hint)
        read = [self._read(number, row) for number, row in enumerate(given, 1)]
        ordered = _followers_last(read)
        texts = [row.new.text for row in ordered]
        vectors: Sequence[bytes | None] = packed_or_none(self.embedder, texts) or [None] * len(ordered)
        placing = _Placing(embedder="" if self.embedder is None else self.embedder.id, trusted=self.trusted)
        if ordered:
            with self.store.writing() as change:
                for row, vector in zip(ordered, vectors, strict=True):
                    placing.put(change.within(row.namespace), row, vector)
        return Imported(
            added=placing.added,
            known=placing.known,
            mended=placing.mended,
            left=len(read) - placing.added - placing.known,
            namespaces=sorted({row.namespace for row in read}),
        )

    def _read(self, number: int, row: Any) -> _Row:
        """A row as a draft. Raises `NoteRefused` with the number of the row."""
        try:
            fits(row)
            draft = Draft(
                text=row["text"],
                metadata=row.get("metadata") or {},
                context=row.get("context"),
                kind=row.get("kind", "note"),
                origin=row.get("origin", "import") if self.trusted else "import",
                label=row.get("label"),
                run=row.get("run"),
                step=row.get("step"),
                expires=row.get("expires"),
            )
            space = unicodedata.normalize("NFC", clean(row.get("namespace", ""))) if self.apart else ""
            return _Row(new=checked(draft, self.rules), written=row, namespace=space or self.store.namespace)
        except NoteRefused as error:
            raise type(error)(f"note {number} of what is to be imported: {error.what}", hint=error.hint) from None


def _followers_last(rows: Sequence[_Row]) -> list[_Row]:
    """The rows in such an order that each comes behind the one that hides it, however long the chain is. Rows that hide
    each other in a circle are left out."""
    hidden = defaultdict[str, list[_Row]](list)
    ids = {row.written.get("id") for row in rows}
    ordered = []
    for row in rows:
        hider = row.written.get("superseded_by")
        if hider in ids and hider:
            hidden[hider].append(row)
        else:
            ordered.append(row)
    for row in ordered:  # which grows meanwhile
        ordered += hidden.pop(row.written.get("id") or "", ())
    return ordered


@dataclass(slots=True, kw_only=True)
class _Placing:
    """Rows put in, one after another. `places` are the numbers of the notes that ids of the import mean here, and
    `put_in` the same numbers."""

    embedder: str
    trusted: bool
    added: int = 0
    known: int = 0
    mended: int = 0
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    put_in: set[int] = field(default_factory=set)

    def put(self, change: Change, row: _Row, vector: bytes | None) -> None:
        """Store one note, unless it is known, or hidden by one that nobody knows."""
        identifier, hider = row.written.get("id"), row.written.get("superseded_by")
        by = self._place(change, hider) if hider else None
        here = self._place(change, identifier) if identifier else None
        if here is None and hider and by is None:
            return
        if here is None:
            here = self._same(change, row, by)
        if here is not None:
            self.known += 1
            if self.trusted:
                self.mended += change.give_origin(here, row.new.origin)
        else:
            here = self._insert(change, row, vector, by)
            self.added += 1
        if identifier:
            self.places[change.namespace, identifier] = here
            self.put_in.add(here)

    def _place(self, change: Change, identifier: str) -> int | None:
        """The number of the note that an id of the import means here."""
        if (known := self.places.get((change.namespace, identifier))) is not None:
            return known
        sql = "SELECT number FROM notes WHERE namespace = ? AND id = ?"
        number: int | None = one(change.connection, sql, change.namespace, identifier)
        return number

    def _same(self, change: Change, row: _Row, by: int | None) -> int | None:
        """The number of the note with this very text: the active one, or one that is hidden by `by` too. What came with
        ids of its own was told apart where it comes from, and is told apart here."""
        if by is not None:
            moment = _created(row) if "created" in row.written else None
            return change.hidden(row.new.digest, by=by, created=moment)
        mine = self.put_in if row.written.get("id") else set[int]()
        same = (number for number, _, metadata in change.same(row.new.digest) if agree(metadata, row.new.metadata))
        return next((number for number in same if number not in mine), None)

    def _insert(self, change: Change, row: _Row, vector: bytes | None, by: int | None) -> int:
        identifier, why = row.written.get("id"), row.written.get("superseded_why")
        taken = identifier is not None and one(change.connection, "SELECT 1 FROM notes WHERE id = ?", identifier)
        fresh = change.insert(
            *(row.new, vector),
            embedder=self.embedder,
            superseded_by=by,
            why=clean(why)[:40] if why else None,
            id=None if taken else identifier,  # another namespace's note may have it
        )
        written = row.written
        counts = (written.get("used"), written.get("uses", 0), written.get("copies", 1))
        change.connection.execute(
            "UPDATE notes SET created = ?, used = ?, uses = ?, copies = ? WHERE id = ?", (_created(row), *counts, fresh)
        )
        number: int = one(change.connection, "SELECT number FROM notes WHERE id = ?", fresh)
        return number


def _created(row: _Row) -> float:
    """When the note was added; never in the future, where it would be the newest for ever."""
    now = time.time()
    return min(float(row.written.get("created", now)), now)
