"""Notes as plain objects, one a line of JSON: to be looked at, carried to another machine, and put back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ._drafts import Draft, NoteRefused
from ._notes import Note
from ._store import Store

_PAGE = 500
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_TEXTS = ("text", "namespace", "context", "kind", "origin", "label", "run", "id", "superseded_by", "superseded_why")
_NUMBERS = ("created", "used", "expires")
_WHOLE = ("step", "uses", "copies")
_EDITED = frozenset(("text", "metadata", "context", "kind", "origin", "label", "expires"))
_KNOWN = frozenset((*_TEXTS, *_NUMBERS, *_WHOLE, "metadata", "date", "source"))


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


def fits(row: Any) -> None:
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
