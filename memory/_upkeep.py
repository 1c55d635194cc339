"""The upkeep of a memory: its vectors and its index kept complete, and what it holds told."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ._erasing import Erasing
from ._index import VectorIndex
from ._lacking import lacking, refused
from ._note_errors import StoreDamaged
from ._reembedding import embed_missing
from ._store import Store
from ._vector_source import VectorSource

_CLOSING = 1.0  # seconds that `close` may take for the index: who has just stored a note does not wait for 100,000

Progress: TypeAlias = Callable[[str, int, int], None]
"""Is told what is being made ("words", "vectors" or "index"), how many notes are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What the memory of a namespace holds. `embedded`: notes with the present embedder's vector. `waiting`: changes
    that the vector index has not heard of. `embedder`: its id, None where notes are found by their words alone; `why`
    it is this one, and `vectors`: whether they are compared, and why where they are not. `index`: "exact scan", or
    "chromadb", or which chroma server, and why where it is not used. `ready`: there is an index that was brought up to
    date once, and that nothing is known against."""

    notes: int
    superseded: int
    embedded: int
    waiting: int
    bytes: int
    embedder: str | None
    why: str
    vectors: str
    index: str
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Whatever is done for a store as a whole, as `Recall`'s methods of the same names promise it. `index` is there
    wherever an `embedder` is."""

    store: Store
    embedder: VectorSource | None
    index: VectorIndex | None
    erasing: Erasing
    exact_up_to: int
    why: str
    tell: Callable[[str], None] | None = None

    def stats(self) -> Stats:
        """Counts, and how the vectors are searched."""
        notes, embedder = self.store.count(), self.embedder
        embedded = 0 if embedder is None else self.store.embedded(embedder.id, embedder.dimensions)
        index = "exact scan" if notes <= self.exact_up_to or self.index is None else self.index.where
        if self.index is not None and self.index.trouble:
            index = f"exact scan, because {self.index.where} cannot be used: {self.index.trouble}"
        return Stats(
            notes=notes,
            superseded=self.store.superseded(),
            embedded=embedded,
            waiting=self.store.pending(),
            bytes=self.store.size,
            embedder=None if embedder is None else embedder.id,
            why=self.why,
            vectors=self._vectors(),
            index=index,
            ready=self.index is not None and self.index.ready,
        )

    def _vectors(self) -> str:
        if self.embedder is None:
            return "not compared: there is no embedder"
        if self.embedder.trouble is not None:
            return f"not compared: {self.embedder.trouble}"
        if (missing := lacking(self.store, self.embedder)) > 0:
            return f"not compared until {missing:,} more notes have theirs"
        without = refused(self.store, self.embedder)
        return f"compared, but for {without:,} that {self.embedder.id} refuses" if without else "compared"

    def sync(self, *, wait: float = 0) -> bool:
        """Bring the vector index up to date; was it? Where vectors that it holds were forgotten, it is made anew."""
        if self.index is None or not self.store.exists:
            return False
        self.erasing.finish()
        return self.index.sync(wait=wait)

    def purge(self) -> None:
        """Remove what has expired, if there is anything."""
        if self.store.exists and self.store.number("SELECT count(*) FROM notes WHERE expires <= ?", time.time()):
            with self.store.writing() as change:
                change.purge()

    def sync_if_large(self) -> None:
        """The same where the store is large enough for its index to be asked, and the index lags behind; what takes
        longer than a second is left to the next one."""
        if self.index is None or (count := self.store.count()) <= self.exact_up_to:
            return
        work = self.store.pending() if self.index.ready else count
        if self.store.exists and work:
            self.index.sync(within=_CLOSING)

    def reembed(self) -> int:
        """Give vectors to the notes that have none of the present embedder; how many they were."""
        return 0 if self.embedder is None else embed_missing(self.store, self.embedder)

    def rebuild(self, progress: Progress | None = None, *, words: bool = True) -> int:
        """Make words, vectors and index anew from the notes; how many can be found then. `words` False: these of the
        whole file were just made."""
        if not self.store.exists:
            return 0
        told = progress or _quiet
        if words:
            told("words", 0, 0)
            self._mend_words()
        else:
            with self.store.writing() as change:
                change.drop_unsound()
        if self.embedder is not None:
            missing = lacking(self.store, self.embedder)
            embed_missing(self.store, self.embedder, progress=lambda done: told("vectors", done, max(missing, done)))
        self.erasing.finish()
        if self.index is not None and (self.index.exists or self.store.count() > self.exact_up_to):
            self.erasing.vectors()
            count = self.store.count()
            self.index.sync(anew=True, progress=lambda done: told("index", min(done, count), count))
        return self.store.count()

    def _mend_words(self) -> None:
        """The words of the whole file, which is mended where it is damaged."""
        try:
            self.store.check()
            self._words_anew()
        except StoreDamaged as error:
            if not error.mendable:
                raise
            mended = self.store.mend()
            if self.tell is not None:
                self.tell(str(mended))
            self._words_anew()

    def _words_anew(self) -> None:
        with self.store.writing() as change:
            change.reindex(recut=True)
            change.drop_unsound()


def _quiet(what: str, done: int, of: int) -> None:
    """Nobody wants to know how far it is."""
