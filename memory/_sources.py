"""Documents as entries of a memory: the passages of one document are replaced and removed together."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from math import isfinite

from ._change import Change
from ._drafts import Draft, checked, clean, draft_of, must_fit
from ._given import number_of, several, text_of, whole
from ._note_errors import RecallError
from ._notes import MOST
from ._rules import Rules
from ._store import Store
from ._vectors import packed_or_none
from .embedding import Embedder

_AHEAD = 4_000_000  # characters of a document whose words are cut before the file is locked
_BATCH = 256  # texts embedded at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document whose passages are kept. `digest`, `size` (bytes) and `modified` (seconds since the epoch) are what
    whoever added it said of it, `added` is when, `passages` how many entries it has."""

    name: str
    digest: str
    size: int
    modified: float
    passages: int
    added: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The documents of a store, as `Recall`'s methods promise it."""

    store: Store
    embedder: Embedder | None
    rules: Rules

    def replace(self, name: str, drafts: Iterable[Draft], *, digest: str, size: int, modified: float) -> Sequence[str]:
        """Put a document's passages in the place of those that it had; their ids, in order."""
        name = clean(text_of(name, "a document's name", hint="give its path"))
        if not name:
            raise RecallError("a document needs a name", hint="give its path")
        digest = clean(text_of(digest, "a document's digest"))
        if (size := whole(size, "a document's size", least=0)) > MOST:
            raise RecallError("a document's size is too large", hint="give the bytes of its file")
        modified = _moment(modified)
        held = [draft_of(one) for one in several(drafts, "a document's passages", hint="give a list of drafts")]
        for draft in held:
            must_fit(draft)
        vectors = [one for at in range(0, len(held), _BATCH) for one in self._vectors(held[at : at + _BATCH])]
        embedder = "" if self.embedder is None else self.embedder.id
        # Nobody else can write meanwhile, so words are cut before; of a document that is larger one by one, since they
        # take many times the memory of its text.
        rows = (checked(draft, self.rules, source=name) for draft in held)
        ready = list(islice(rows, bisect_right(list(accumulate(len(one.text) for one in held)), _AHEAD)))
        with self.store.writing() as change:
            if _forget(change, [name]):
                change.owe("words")  # not done for each of a thousand documents
            ids = [
                change.insert(row, vector, embedder=embedder)
                for row, vector in zip(chain(ready, rows), vectors, strict=True)
            ]
            change.connection.execute(
                "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)",
                (change.namespace, name, digest, size, modified, len(ids), time.time()),
            )
        return ids

    def _vectors(self, drafts: Sequence[Draft]) -> Sequence[bytes | None]:
        texts = [clean(draft.text) for draft in drafts]
        return packed_or_none(self.embedder, texts) or [None] * len(texts)

    def list(self) -> Sequence[Source]:
        """All documents, by name."""
        with self.store.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(
                "SELECT name, digest, size, modified, passages, added FROM sources WHERE namespace = ? ORDER BY name",
                (self.store.namespace,),
            ).fetchall()
        names = ("name", "digest", "size", "modified", "passages", "added")
        return [Source(**dict(zip(names, row, strict=True))) for row in rows]

    def forget(self, names: Iterable[str]) -> int:
        """Remove documents with all their passages; how many of them there were."""
        given = several(names, "the names of documents", hint="give a list of them")
        wanted = [clean(text_of(name, "a document's name")) for name in given]
        if not wanted or not self.store.exists:
            return 0
        with self.store.writing() as change:
            gone = _forget(change, wanted)
            if gone:
                change.tidy()
                change.owe("vectors")
        return gone


def _moment(modified: float) -> float:
    try:
        if isfinite(moment := float(number_of(modified, "when a document was modified"))):
            return moment
    except OverflowError:
        pass
    raise RecallError("the moment at which a document was modified is no number", hint="give seconds since the epoch")


def _forget(change: Change, names: Sequence[str]) -> int:
    gone = 0
    for name in names:
        change.forget_all("SELECT number FROM notes WHERE namespace = ? AND source = ?", change.namespace, name)
        sql = "DELETE FROM sources WHERE namespace = ? AND name = ?"
        gone += change.connection.execute(sql, (change.namespace, name)).rowcount
    return gone
