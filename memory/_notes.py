"""What a note is, and how notes are chosen by their fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from ._given import mapping_of, wrong
from ._note_errors import RecallError

Kind: TypeAlias = Literal["fact", "preference", "lesson", "episode", "note"]
Origin: TypeAlias = Literal["user", "agent", "tool", "import"]

MOST = 2**60
"""More than any store holds, and a number that SQLite takes, four times over."""

_LAST = 253_402_300_799.0  # the end of the year 9999
_LATER = ("used", "uses", "copies", "superseded_by", "superseded_why", "expires", "source")
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
        sql, parameters = "", []
        conditions = {} if conditions is None else conditions
        mapping_of(conditions, "what a search is limited to (where)")
        for key, wanted in conditions.items():
            values = list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
            if any(isinstance(value, Mapping | list | tuple) for value in values):
                raise RecallError(f"a search cannot ask for {key!r} to be a list or an object", hint="ask for a value")
            if not isinstance(key, str):
                raise wrong("a key that a search is limited by", key, "a text", hint="metadata has texts as keys")
            if any(value is not None and not isinstance(value, str | int | float) for value in values):
                raise wrong(f"what {key!r} is to be", wanted, "a text or a number", hint="ask for a value of JSON")
            if any(isinstance(value, int) and abs(value) > MOST for value in values):
                raise RecallError(f"the number that {key!r} is to be is too large", hint="ask for a smaller one")
            either = " OR ".join("value IS ?" for _ in values) or "0"
            described = f"EXISTS (SELECT 1 FROM json_each(n.metadata) WHERE key = ? AND ({either}))"
            if key in _FIELDS:
                own = " OR ".join(f"n.{key} IS ?" for _ in values) or "0"
                sql += f" AND ({own} OR {described})"
                parameters.extend(values)
            else:
                sql += f" AND {described}"
            parameters.extend((key, *values))
        return cls(sql, tuple(parameters))


def found_in(row: Sequence[Any]) -> Found:
    """A row of `_store`'s query for notes, read."""
    number, *values, terms, context_terms = row
    names = ("id", "namespace", "text", "context", "metadata", "kind", "origin", "label", "run", "step", "created")
    fields = dict(zip((*names, *_LATER), values, strict=True))
    fields["metadata"] = json.loads(fields["metadata"])
    return Found(number=number, note=Note(**fields), terms=f" {terms} ", context_terms=f" {context_terms} ")
