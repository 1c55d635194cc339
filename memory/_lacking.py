"""Which notes have no vector, and are to get one."""

from __future__ import annotations

from collections.abc import Collection

from ._store import Store
from .embedding import Embedder


def lacking(store: Store, embedder: Embedder) -> int:
    """How many notes are to get a vector of this embedder before vectors are compared: those without one, but for those
    whose text it has refused."""
    left = store.count() - store.embedded(embedder.id, embedder.dimensions)
    return left - refused(store, embedder) if left > 0 else left


def refused(store: Store, embedder: Embedder) -> int:
    """How many notes have no vector since this embedder has refused their text."""
    numbers: Collection[int] = getattr(embedder, "refused", ())
    return store.unembedded_among(embedder.id, embedder.dimensions, numbers) if numbers else 0
