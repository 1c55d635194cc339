"""The upkeep of a memory: its vectors and its index kept complete, and what it holds told."""

from __future__ import annotations

from dataclasses import dataclass

from ._index import VectorIndex
from ._store import Store
from ._vectors import packed
from .embedding import Embedder

_BATCH = 64  # texts embedded at a time when a store is re-embedded


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What the memory of a namespace holds. `embedded`: notes with the present embedder's vector. `waiting`: changes
    that the vector index has not heard of. `index`: "exact scan", or "chromadb", and why where it is not used. `ready`:
    there is an index that was brought up to date once, and that nothing is known against."""

    notes: int
    superseded: int
    embedded: int
    waiting: int
    bytes: int
    embedder: str | None
    index: str
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Whatever is done for a store as a whole, as `Recall`'s methods of the same names promise it. `index` is there
    wherever an `embedder` is."""

    store: Store
    embedder: Embedder | None
    index: VectorIndex | None
    exact_up_to: int

    def stats(self) -> Stats:
        """Counts, and how the vectors are searched."""
        notes, embedder = self.store.count(), self.embedder
        index = "exact scan" if notes <= self.exact_up_to or self.index is None else "chromadb"
        if self.index is not None and self.index.trouble:
            index = f"exact scan, because chromadb cannot be used: {self.index.trouble}"
        return Stats(
            notes=notes,
            superseded=self.store.superseded(),
            embedded=0 if embedder is None else self.store.embedded(embedder.id, embedder.dimensions),
            waiting=self.store.pending(),
            bytes=self.store.size,
            embedder=None if embedder is None else embedder.id,
            index=index,
            ready=self.index is not None and self.index.ready,
        )

    def sync(self, *, wait: float = 0) -> bool:
        """Bring the vector index up to date; was it?"""
        if self.index is None or not self.store.exists:
            return False
        return self.index.sync(wait=wait)

    def sync_if_large(self) -> None:
        """The same where the store is large enough for its index to be asked, and the index lags behind."""
        if self.index is None or self.store.count() <= self.exact_up_to:
            return
        if self.store.pending() or not self.index.ready:
            self.sync()

    def reembed(self) -> int:
        """Give vectors to the notes that have none of the present embedder; how many they were."""
        embedder, done = self.embedder, 0
        if embedder is None:
            return 0
        while rows := self.store.unembedded(embedder.id, embedder.dimensions, limit=_BATCH):
            vectors = packed(embedder, [text for _, text in rows])
            with self.store.writing() as change:
                for (number, _), vector in zip(rows, vectors, strict=True):
                    change.embed(number, vector, embedder=embedder.id)
            done += len(rows)
        return done

    def rebuild(self) -> int:
        """Make words, vectors and index anew from the notes; how many can be found then."""
        if not self.store.exists:
            return 0
        with self.store.writing() as change:
            change.reindex(recut=True)
            change.drop_unsound()
        self.reembed()
        if self.index is not None and (self.index.exists or self.store.count() > self.exact_up_to):
            self.index.sync(anew=True)
        return self.store.count()
