"""What is written into a memory by one note or many: added, edited, forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._asked import Asked, Names
from ._drafts import Draft, checked, clean, draft_of
from ._given import id_of, several
from ._notes import Kind, Origin
from ._portable import edited
from ._vectors import packed_or_none
from ._writing import put


class Noted(Asked):
    """The writing half of `Recall`."""

    def add(
        self,
        text: str,
        metadata: Mapping[str, Any] | None = None,
        *,
        context: str | None = None,
        kind: Kind = "note",
        origin: Origin = "agent",
        label: str | None = None,
        run: str | None = None,
        step: int | None = None,
        supersedes: str | None = None,
        expires: float | None = None,
    ) -> str:
        """Store a note, durably, and return its id.

        Where the memory's rules merge: the same text again is the same note, counted, with today's date. A text of
        nearly the same words in the same order, which says all that an older one does, takes its place; the older is
        kept as history and no longer found. Never where they differ in a number, a name or a sign such as a currency's.
        So does one that says something else of the same ("The port is 8080", "The port is 9090"), where that is plain.
        An agent's text never hides a user's: then the user's note stays, and its id is returned. Texts whose metadata
        differ, or that stand in different contexts, are different things.

        Args:
            context: What it stood next to (the entry before it): helps to find it, with half the weight.
            label: Whatever the caller needs to know later of where it came from.
            supersedes: The id of the note to replace.
            expires: From when on it is not found any more, in seconds since the epoch; None: it never expires.

        Raises:
            NoteRefused: it is empty, too long, of an unknown kind, or its metadata is not JSON.
            SecretFound: it holds a password, key or token, and the rules refuse these.
        """
        draft = Draft(
            text=text,
            metadata=metadata or {},
            context=context,
            kind=kind,
            origin=origin,
            label=label,
            run=run,
            step=step,
            supersedes=supersedes,
            expires=expires,
        )
        return self.add_many([draft])[0]

    def add_many(self, drafts: Iterable[Draft | str | Mapping[str, Any]]) -> Names:
        """Store several notes, as `add` does, in one transaction: all of them, or none where one is refused. Each is a
        text, a `Draft`, or a mapping with the fields of one. Returns their ids, in order."""
        given = several(drafts, "the notes to add", hint="give a list, or one text to add()")
        rows = [checked(draft_of(draft), self._rules) for draft in given]
        if not rows:
            return []
        texts = [row.text for row in rows]
        vectors: Sequence[bytes | None] = packed_or_none(self._embedder, texts) or [None] * len(rows)
        name, merge, self._wrote = self._embedder_id, self._rules.merge, True
        with self._store.writing() as change:
            change.purge()
            ids = [
                put(change, row, vector, embedder=name, merge=merge) for row, vector in zip(rows, vectors, strict=True)
            ]
        self._see_to_vectors(searching=False)
        return ids

    def edit(self, id: str, **changes: Any) -> bool:  # noqa: A002 - as in `forget`
        """Give a note another text, or other fields, under the id that it has; what it was is kept as its history.
        False where there is no such note.

        Args:
            changes: Fields of `Draft`: `text`, `metadata`, `context`, `kind`, `origin`, `label`, `expires`.

        Raises:
            NoteRefused, SecretFound: as of `add`.
        """
        note = self.get(id)
        if note is not None and not changes:
            return note.superseded_by is None
        if note is None or note.superseded_by is not None:
            return False
        row = checked(edited(note, changes), self._rules, source=note.source)
        vectors = packed_or_none(self._embedder, [row.text])
        vector = vectors[0] if vectors else None
        self._wrote = True
        with self._store.writing() as change:
            found = change.active(note.id)
            if found is not None:
                change.rewrite(found[0], row, vector, embedder=self._embedder_id)
        return found is not None

    def forget(self, id: str) -> bool:  # noqa: A002 - the word that users know it by
        """Remove a note, all that it superseded, their words and their vectors. False where there is none.

        Of the file and its log their bytes are gone when this returns; where another process is just reading, `tell` is
        told that they go when that one ends. The folder of the vector index, which keeps deleted vectors, is removed by
        the next `close`, and made anew.
        """
        identifier = clean(id_of(id))
        if not self._store.exists:
            return False
        with self._store.writing() as change:
            forgotten = change.forget(identifier)
            if forgotten:
                change.tidy()
                change.owe("vectors")
        if forgotten:
            self._erase()
        return forgotten

    def forget_all(self) -> int:
        """Remove every note of the namespace, hidden and expired ones too, as `forget` does; how many were found."""
        if not self._store.exists:
            return 0
        with self._store.writing() as change:
            found = self._store.count()
            change.forget_all("SELECT number FROM notes WHERE namespace = ? AND source IS NULL", change.namespace)
            change.tidy()
            change.owe("vectors")
        self._erase()
        return found

    def mark_used(self, ids: Iterable[str]) -> None:
        """Count that these notes were put before a model; unknown ids are passed over."""
        used = [clean(id_of(one)) for one in several(ids, "the ids of notes", hint="give a list of them")]
        if self._store.exists:
            with self._store.writing() as change:
                change.mark_used(used)
