"""The events of a run as they are stored, each read only where somebody wants what is in it.

`decode` builds an event with all that belongs to it; a listing of many runs, or a long one told step by step, wants a
few fields of each. So these views take the fields of the event's current version as a plain dict, which is what
`--output stream-json` promises to the world.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from agent.errors import RunError
from agent.events import KINDS, UnknownEvent, decode, encode

_BEGINNING = re.compile(rb'\{"kind":"([a-z.]+)"([,}])(?!"v":)')
"""How the body of an event of version 1 begins: `encode` writes the kind first, and the version only from 2 on."""


class StoredRow(Protocol):
    """A row of the journal with its body unread."""

    @property
    def seq(self) -> int: ...  # noqa: D102  (the journal's own words)
    @property
    def elapsed(self) -> float: ...  # noqa: D102
    @property
    def time(self) -> float: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def body(self) -> bytes: ...  # noqa: D102


class Fact(NamedTuple):
    """A stored event: its place in the run as in `Record`, its kind, and its body as text."""

    seq: int
    time: float
    elapsed: float
    path: str
    kind: str
    body: bytes


def facts(rows: Iterable[StoredRow]) -> Iterator[Fact]:
    """The stored events of a run, in their order.

    Raises:
        RunError: one was written by a newer thinkact, or is no event; those before it were given.
    """
    for row in rows:
        body = row.body
        found = _BEGINNING.match(body)
        kind = found[1].decode() if found else ""
        known = KINDS.get(kind)
        if known is None or known.version != 1:
            kind, body = _rewritten(body)
        yield Fact(row.seq, row.time, row.elapsed, row.path, kind, body)


def current(fact: Fact) -> dict[str, Any]:
    """The fields of an event, as its current version has them."""
    fields: dict[str, Any] = json.loads(fact.body)
    return fields


def _rewritten(body: bytes) -> tuple[str, bytes]:
    """An event of an older version, or of an unknown kind, as the current version has it."""
    try:
        fields = encode(decode(json.loads(body)))
    except (UnknownEvent, ValueError, RecursionError) as error:
        raise RunError(str(error), hint="update thinkact to read this run") from error
    return str(fields["kind"]), json.dumps(fields).encode()
