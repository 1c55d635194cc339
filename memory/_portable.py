"""Notes as plain objects, one a line of JSON: to be looked at, carried to another machine, and put back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ._change import Change, one
from ._drafts import Draft, NoteRefused, checked, clean
from ._given import several
from ._notes import Note
from ._rules import Rules
from ._store import Store
from ._vectors import packed_or_none
from .embedding import Embedder

_PAGE = 500
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_TEXTS = ("text", "context", "kind", "origin", "label", "run", "id", "superseded_by", "superseded_why")
_NUMBERS = ("created", "used", "expires")
_WHOLE = ("step", "uses", "copies")
_EDITED = frozenset(("text", "metadata", "context", "kind", "origin", "label", "expires"))
_KNOWN = frozenset((*_TEXTS, *_NUMBERS, *_WHOLE, "metadata", "namespace", "date", "source"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import: notes that are new, and those that were there already."""

    added: int
    known: int


def told(note: Note) -> dict[str, Any]:
    """A note as an object of JSON; what it has nothing of is left out."""
    whole: dict[str, Any] = {"id": note.id, "text": note.text, "kind": note.kind, "origin": note.origin}
    optional = {
        "context": note.context or None,
        "metadata": dict(note.metadata) or None,
        "label": note.label,
        "run": note.run,
        "step": note.step,
        "used": note.used,
        "uses": note.uses or None,
        "copies": note.copies if note.copies > 1 else None,
        "expires": note.expires,
        "superseded_by": note.superseded_by,
        "superseded_why": note.superseded_why,
    }
    whole["namespace"], whole["created"] = note.namespace, note.created
    return whole | {name: value for name, value in optional.items() if value is not None}


def exported(store: Store) -> Iterator[dict[str, Any]]:
    """Every note of the namespace, oldest first and hidden ones included; passages of documents are not notes. Which
    they are is read once; what is forgotten meanwhile is left out."""
    numbers = store.numbered()
    for start in range(0, len(numbers), _PAGE):
        yield from map(told, store.notes(numbers=numbers[start : start + _PAGE], oldest_first=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Notes that were exported, put into a store. `trusted`: they are the user's own and keep their origins."""

    store: Store
    embedder: Embedder | None
    rules: Rules
    trusted: bool

    def take(self, rows: Iterable[Any]) -> Imported:
        """All of them in one transaction, or none where one is refused. A note whose id is there already, or whose
        text is, is passed over."""
        hint = "give what export() gives, or the lines of its file, each read as JSON"
        read = [self._read(number, row) for number, row in enumerate(several(rows, "what is imported", hint=hint), 1)]
        # Hidden notes come behind those that hide them, which are newer.
        read.sort(key=lambda pair: (bool(pair[1].get("superseded_by")), -pair[1].get("created", 0)))
        texts = [draft.text for draft, _ in read]
        vectors: Sequence[bytes | None] = packed_or_none(self.embedder, texts) or [None] * len(read)
        added, places = 0, dict[str, int]()
        with self.store.writing() as change:
            for (draft, row), vector in zip(read, vectors, strict=True):
                added += self._put(change, draft, row, vector, places)
        return Imported(added=added, known=len(read) - added)

    def _read(self, number: int, row: Any) -> tuple[Draft, Mapping[str, Any]]:
        """A row as a draft. Raises `NoteRefused` with the number of the row."""
        try:
            _fits(row)
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
            checked(draft, self.rules)
        except NoteRefused as error:
            raise type(error)(f"note {number} of what is to be imported: {error.what}", hint=error.hint) from None
        return draft, row

    def _put(
        self, change: Change, draft: Draft, row: Mapping[str, Any], vector: bytes | None, places: dict[str, int]
    ) -> int:
        """Store one note; 1 if it was new. `places` are the numbers of the notes that ids of the import mean here."""
        new, identifier, hider = checked(draft, self.rules), row.get("id"), row.get("superseded_by")
        by = places.get(hider) if hider else None
        here = _number(change, identifier) if identifier else None
        taken = identifier is not None and one(change.connection, "SELECT 1 FROM notes WHERE id = ?", identifier)
        if here is None and by is None and (same := change.same(new.digest)):
            here = same[0][0]
        if here is None and by is not None:
            here = change.hidden(new.digest, by=by)
        if here is None and hider and by is None:
            return 0  # what hid it is not known here: shown, it would pass for what holds
        if here is None:
            name = "" if self.embedder is None else self.embedder.id
            fresh = change.insert(
                *(new, vector),
                embedder=name,
                superseded_by=by,
                why=clean(row["superseded_why"])[:40] if row.get("superseded_why") else None,
                id=None if taken else identifier,  # another namespace's note may have it
            )
            _date(change, fresh, row)
            places[identifier or fresh] = _number(change, fresh) or 0
            return 1
        if identifier:
            places[identifier] = here
        return 0


def _number(change: Change, identifier: str) -> int | None:
    sql = "SELECT number FROM notes WHERE namespace = ? AND id = ?"
    number: int | None = one(change.connection, sql, change.namespace, identifier)
    return number


def _date(change: Change, identifier: str, row: Mapping[str, Any]) -> None:
    """Give an imported note its dates and counts. None of the future: it would be the newest for ever."""
    now = time.time()
    change.connection.execute(
        "UPDATE notes SET created = ?, used = ?, uses = ?, copies = ? WHERE id = ?",
        (min(row.get("created", now), now), row.get("used"), row.get("uses", 0), row.get("copies", 1), identifier),
    )


def _fits(row: Any) -> None:
    """Raises `NoteRefused` where a row is no note."""
    if not isinstance(row, Mapping) or not isinstance(row.get("text"), str):
        raise NoteRefused("it has no text", hint='each line is an object with a "text", as memory export writes it')
    if unknown := sorted(set(row) - _KNOWN):
        raise NoteRefused(
            f"it has a field {unknown[0]!r}, which no note has", hint="put what is your own into metadata"
        )
    wrong = [name for name in _TEXTS if not isinstance(row.get(name, ""), str)]
    wrong += [name for name in _NUMBERS if not _is_number(row.get(name, 0))]
    wrong += [name for name in _WHOLE if type(row.get(name, 0)) is not int or not 0 <= row.get(name, 0) < 2**31]
    wrong += [name for name in ("id", "superseded_by") if not _ID.fullmatch(row.get(name) or "x")]
    if not isinstance(row.get("metadata", {}), Mapping):
        wrong.append("metadata")
    if wrong:
        raise NoteRefused(
            f"its {wrong[0]} is of a wrong type: {row[wrong[0]]!r}"[:200], hint="as memory export writes it"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 253_402_300_800


def edited(note: Note, changes: Mapping[str, Any]) -> Draft:
    """A note with some fields changed, as a draft."""
    draft = Draft(
        text=note.text,
        metadata=note.metadata,
        context=note.context or None,
        kind=note.kind,  # type: ignore[arg-type]  # what is stored was checked
        origin=note.origin,  # type: ignore[arg-type]  # likewise
        label=note.label,
        run=note.run,
        step=note.step,
        expires=note.expires,
    )
    if unknown := sorted(changes.keys() - _EDITED):
        raise NoteRefused(
            f"a note has no field {unknown[0]!r} to edit", hint=f"use one of: {', '.join(sorted(_EDITED))}"
        )
    return replace(draft, **changes)
