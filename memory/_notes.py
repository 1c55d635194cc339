"""What a note is, and how notes are chosen by their fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Literal, TypeAlias

from ._given import mapping_of, wrong
from ._note_errors import RecallError

Kind: TypeAlias = Literal["fact", "preference", "lesson", "episode", "note"]
Origin: TypeAlias = Literal["user", "agent", "tool", "import"]

MOST = 2**60
"""More than any store holds, and a number that SQLite takes, four times over."""

_LAST = 253_402_300_799.0  # the end of the year 9999
_LATER = ("used", "uses", "copies", "superseded_by", "superseded_why", "expires", "source")
_KEYS = 200  # of a search's conditions
_FIELDS = ("id", "kind", "origin", "label", "run", "step")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """A note that may be stored, with the words it is found by, separated by spaces. `metadata` is JSON."""

    text: str
    context: str
    digest: str
    terms: str
    context_terms: str
    metadata: str
    kind: str
    origin: str
    label: str | None
    run: str | None
    step: int | None
    supersedes: str | None
    expires: float | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note as it is stored.

    `created` and `used` are seconds since the epoch: when its text was last added, and when it was last used (None:
    never). `uses` counts `Recall.mark_used`, `copies` how often the same text was added. `superseded_by` is the id of
    the note that took its place, or None, and `superseded_why` says what for: "near" (nearly the same words),
    "contradiction", "replaced" (by name) or "edited". `expires`: from this moment on, in seconds since the epoch, it is
    not found any more. `source`: the document that it is a passage of.
    """

    id: str
    namespace: str
    text: str
    context: str
    metadata: Mapping[str, Any]
    kind: str
    origin: str
    label: str | None
    run: str | None
    step: int | None
    created: float
    used: float | None
    uses: int
    copies: int
    superseded_by: str | None
    superseded_why: str | None
    expires: float | None
    source: str | None

    @property
    def date(self) -> str:
        """The day its text was last added, as an ISO date in UTC."""
        moment = min(max(self.created, 0.0), _LAST)  # a damaged row must not hide all others
        return datetime.fromtimestamp(moment, UTC).date().isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A note with the words it is found by: each with a space before and behind it."""

    number: int
    note: Note
    terms: str
    context_terms: str


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions on notes, as SQL behind an AND."""

    sql: str = ""
    parameters: tuple[Any, ...] = ()

    @classmethod
    def of(cls, conditions: Mapping[str, Any] | None) -> Where:
        """All of these must hold: a note's own field or a key of its metadata has this value or one of these."""
        sql, parameters = "", list[Any]()
        conditions = {} if conditions is None else conditions
        mapping_of(conditions, "what a search is limited to (where)")
        if len(conditions) > _KEYS:
            raise RecallError(f"a search can be limited by {_KEYS} keys at most", hint="leave some out")
        for key, wanted in conditions.items():
            if not isinstance(key, str):
                raise wrong("a key that a search is limited by", key, "a text", hint="metadata has texts as keys")
            # As JSON: SQLite takes only so many parameters, and only so long a chain of ORs.
            values = json.dumps(_values(key, wanted))
            described = f"EXISTS (SELECT 1 FROM json_each(n.metadata) WHERE key = ? AND {_among('value')})"
            if key in _FIELDS:
                sql += f" AND ({_among(f'n.{key}')} OR {described})"
                parameters.extend((values, values))
            else:
                sql += f" AND {described}"
            parameters.extend((_sound(key), values, values))
        return cls(sql, tuple(parameters))


def _among(column: str) -> str:
    """Is this one of the values of a list of JSON, which is given twice? IN alone finds no NULL."""
    return (
        f"({column} IN (SELECT value FROM json_each(?)) OR "
        f"({column} IS NULL AND EXISTS (SELECT 1 FROM json_each(?) WHERE type = 'null')))"
    )


def _values(key: str, wanted: Any) -> list[str | int | float | None]:
    """The values, one of which is to be there under a key."""
    values = list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
    for value in values:
        if isinstance(value, Mapping | list | tuple):
            raise RecallError(f"a search cannot ask for {key!r} to be a list or an object", hint="ask for a value")
        if value is not None and not isinstance(value, str | int | float):
            raise wrong(f"the value of {key!r}", value, "a text or a number", hint="ask for a value of JSON")
        if isinstance(value, int) and abs(value) > MOST:
            raise RecallError(f"the number that {key!r} is to be is too large", hint="ask for a smaller one")
        if isinstance(value, float) and not isfinite(value):
            raise RecallError(f"the number that {key!r} is to be is no number of JSON", hint="ask for a finite one")
    return [_sound(value) if isinstance(value, str) else value for value in values]


def _sound(text: str) -> str:
    """A text as it would be stored: half of a surrogate pair is none."""
    return text.encode("utf-8", "replace").decode()


def found_in(row: Sequence[Any]) -> Found:
    """A row of `_store`'s query for notes, read."""
    number, *values, terms, context_terms = row
    names = ("id", "namespace", "text", "context", "metadata", "kind", "origin", "label", "run", "step", "created")
    fields = dict(zip((*names, *_LATER), values, strict=True))
    fields["metadata"] = json.loads(fields["metadata"])
    return Found(number=number, note=Note(**fields), terms=f" {terms} ", context_terms=f" {context_terms} ")
