"""A search: what its words find and what its vectors find, weighed together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter
from typing import Any

from ._index import VectorIndex
from ._notes import Found, Where
from ._ranking import Evidence, Query, rank
from ._store import Store
from ._vectors import nearest, packed_or_none
from .embedding import Embedder, words

_POOL = 100  # candidates that each of the two signals may name


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A note that was found.

    `score` is between 0 and 1 and comparable between searches. `why` holds its parts, each between 0 and 1: `lexical`
    and `dense` as they were weighed against the other candidates, `coverage` (how much of the query's weight its words
    cover) and `cosine` (-1 to 1); `dense` and `cosine` are None where no vectors were compared. `date` is an ISO date.
    """

    id: str
    text: str
    metadata: Mapping[str, Any]
    score: float
    why: Mapping[str, float | None]
    kind: str
    origin: str
    date: str
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How the notes of one store are searched. `index` is there wherever an `embedder` is."""

    store: Store
    embedder: Embedder | None
    index: VectorIndex | None
    exact_up_to: int

    def hits(self, query: str, k: int, where: Where, *, floor: float) -> list[Hit]:
        """What `Recall.search` gives for a query that is clean and not empty, and a `k` of at least 1."""
        count = self.store.count()
        if not count:
            return []
        terms = dict.fromkeys(words(query))
        asked = Query.of(terms, self.store.frequencies(terms), count=count)
        pool = max(_POOL, 4 * k)
        lexical = self.store.lexical(asked.sought, where, limit=pool)
        cosines = self._cosines(query, where, lexical, count=count, pool=pool)
        found = self.store.found({*lexical, *(cosines or {})})
        evidence = [_evidence(one, lexical, cosines) for one in found]
        unrelated = float(getattr(self.embedder, "unrelated", 0.0))
        ranked = rank(asked, evidence, unrelated=unrelated)
        return [_hit(score, one, why) for score, one, why in ranked[:k] if score >= floor and score > 0]

    def _cosines(
        self, query: str, where: Where, lexical: Iterable[int], *, count: int, pool: int
    ) -> dict[int, float] | None:
        """Cosines of the nearest notes and of those that `lexical` named; None where vectors cannot be compared."""
        embedder, index = self.embedder, self.index
        if embedder is None or index is None or self.store.embedded(embedder.id, embedder.dimensions) < count:
            return None
        packed = packed_or_none(embedder, [query])
        if packed is None or not any(packed[0]):
            return None
        vector = packed[0]
        # A condition may leave none of the index's nearest: then only the scan is sure to see what fulfils it.
        ids = index.nearest(vector, pool) if count > self.exact_up_to and not where.sql else None
        if ids is None:
            everything = nearest(vector, self.store.vectors(embedder.id, where))
            best = dict(nlargest(pool, everything.items(), key=itemgetter(1)))
            return best | {number: everything[number] for number in lexical if number in everything}
        near = nearest(vector, self.store.vectors(embedder.id, where, ids=ids))
        return near | nearest(vector, self.store.vectors(embedder.id, where, numbers=lexical))


def _evidence(found: Found, lexical: Mapping[int, float], cosines: Mapping[int, float] | None) -> Evidence:
    return Evidence(
        found=found,
        lexical=lexical.get(found.number, 0.0),
        cosine=None if cosines is None else cosines.get(found.number, 0.0),
    )


def _hit(score: float, found: Found, why: Mapping[str, float | None]) -> Hit:
    note = found.note
    return Hit(
        id=note.id,
        text=note.text,
        metadata=note.metadata,
        score=score,
        why=why,
        kind=note.kind,
        origin=note.origin,
        date=note.date,
        label=note.label,
    )
