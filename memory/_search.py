"""A search: what its words find and what its vectors find, weighed together."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter
from typing import Any

from ._candidates import WEIGHTS, Candidate, Weights
from ._index import VectorIndex
from ._lacking import lacking
from ._notes import Found, Where
from ._query import Query, asked_words, others_of, query_of
from ._ranking import rank
from ._store import Store
from ._vectors import nearest, packed_or_none
from .embedding import Embedder

_POOL = 100  # candidates that each of the two signals may name
_NEAR = 50  # of each signal's candidates, the best, whose neighbours are looked at too
_CLOSE = 20  # the same of the nearest vectors: their neighbours say less
_OFTEN = 2_000  # notes that a word may stand in and still be looked for by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A note that was found.

    `score` is between 0 and 1 and comparable between searches. `why` holds its parts, each between 0 and 1: `lexical`
    and `dense` as they were weighed against the other candidates, `coverage` (how much of the query's weight its words
    cover), `cosine` (-1 to 1), `neighbour` (how much of its words' weight stands only in the entries around it) and
    `exact` (how much of the names in the query stands in it as it was written); `dense` and `cosine` are None where no
    vectors were compared. `date` is an ISO date. `source`: the document that it is a passage of, or None.
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
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How the notes of one store are searched. `index` is there wherever an `embedder` is."""

    store: Store
    embedder: Embedder | None
    index: VectorIndex | None
    exact_up_to: int
    weights: Weights = WEIGHTS

    def hits(self, query: str, k: int, where: Where, *, floor: float) -> list[Hit]:
        """What `Recall.search` gives for a query that is clean and not empty, and a `k` of at least 1."""
        count = self.store.count()
        if not count:
            return []
        terms = asked_words(query)
        asked = query_of(
            query,
            terms,
            self.store.frequencies([*terms, *others_of(terms)]),
            count=count,
            begins=self.weights.begins,
            akin=self.weights.akin,
        )
        pool = max(_POOL, 4 * k)
        lexical = self._lexical(asked, where, count=count, pool=pool)
        vector = self._vector(query, asked)
        known = self._nearest(vector, where, count=count, pool=pool) if vector is not None else {}
        close = dict(nlargest(_NEAR, known.items(), key=itemgetter(1)))
        reach = max(len(self.weights.before), len(self.weights.after))
        near = {*nlargest(_NEAR, lexical, key=lexical.__getitem__), *nlargest(_CLOSE, close, key=close.__getitem__)}
        candidates = self.store.around({*lexical, *close}, near, where, distance=reach)
        ranked = rank(
            asked,
            candidates,
            None if vector is None else self._cosines(candidates, vector, known),
            unrelated=float(getattr(self.embedder, "unrelated", 0.0)),
            certain=float(getattr(self.embedder, "certain", 1.0)),
            share=self._share(asked),
            most=k,
            weights=self.weights,
        )
        # All or none: the tenth of ten may answer as well, and its score says how sure the best is.
        best = [one for one in ranked if one[0] > 0] if ranked and ranked[0][0] >= floor else []
        notes = {found.number: found for found in self.store.found(number for _, number, _ in best)}
        # What another process has forgotten between the two looks is not there any more.
        return [_hit(score, notes[number], why) for score, number, why in best if number in notes]

    def _share(self, asked: Query) -> float | None:
        """The vectors' part in the order, where the embedder tells it (`share`); less, the more of the query is in
        scripts without spaces, where it tells that it knows none of those (`latin_only`)."""
        share: float | None = getattr(self.embedder, "share", None)
        if getattr(self.embedder, "latin_only", False):
            foreign = sum(not word.isascii() for word in asked.weights) / max(1, len(asked.weights))
            return (self.weights.dense if share is None else share) * (1.0 - foreign)
        return share

    def _lexical(self, asked: Query, where: Where, *, count: int, pool: int) -> dict[int, float]:
        words = asked.words
        most = max(_OFTEN, count // 10)
        # In a large store the words that stand everywhere are not asked for: there are enough notes with the others.
        rare = {one.word: one.weight for one in asked.sought if asked.frequencies.get(one.word, 0) <= most}
        others = {form.strip(): weight for one in asked.sought for form, weight in one.others if form.endswith(" ")}
        others |= {spelling: asked.unknown / 2 for day in asked.days for spelling in day.spellings}
        return self.store.lexical(rare or words, where, limit=pool, others=others)

    def _vector(self, query: str, asked: Query) -> bytes | None:
        """The query's vector; None where vectors cannot be compared."""
        embedder = self.embedder
        if embedder is None or self.index is None or lacking(self.store, embedder) > 0:
            return None
        weighted = getattr(embedder, "weighted", None)
        made = weighted(asked.weights) if callable(weighted) else None
        if made is None:
            vector = next(iter(packed_or_none(embedder, [query]) or ()), None)
        else:
            vector = array("f", made).tobytes()
        return vector if vector is not None and any(vector) else None

    def _nearest(self, vector: bytes, where: Where, *, count: int, pool: int) -> dict[int, float]:
        """Cosines of about `pool` of the nearest notes, or of all."""
        assert self.embedder is not None  # there is a vector
        assert self.index is not None
        # A condition may leave none of the index's nearest: then only the scan is sure to see what fulfils it.
        ids = self.index.nearest(vector, pool) if count > self.exact_up_to and not where.sql else None
        return nearest(vector, self.store.vectors(self.embedder.id, where, ids=ids))

    def _cosines(self, candidates: Iterable[Candidate], vector: bytes, known: Mapping[int, float]) -> dict[int, float]:
        assert self.embedder is not None  # there is a vector
        missing = [one.number for one in candidates if one.number not in known]
        if not missing:
            return dict(known)
        return {**known, **nearest(vector, self.store.vectors(self.embedder.id, Where(), numbers=missing))}


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
        source=note.source,
    )
