"""Long-term memory: small notes, stored for later runs and found again.

The truth is one SQLite file that several processes may use at once; chromadb is an index beside it that can always be
rebuilt. A search weighs two signals: the words that a note and its context share with the query (BM25), and how near
their vectors are. Where everything found is weak, nothing is returned.

Which part answers the vectors' question: up to `exact_up_to` notes in a namespace, a scan over the vectors in SQLite,
which is exact, quicker than starting chromadb, and never imports it. Above that, chromadb, wherever its index is
ready; and the exact scan again while it is not (never built, in another process's hands, damaged, far behind). `add`
writes SQLite only. The index is brought up to date by `sync`, which `close` calls where the store is that large.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeAlias

from ._drafts import Draft, NoteRefused, SecretFound, checked, clean
from ._index import VectorIndex
from ._notes import (
    Kind,
    Note,
    Origin,
    RecallError,
    StoreBusy,
    StoreDamaged,
    StoreFull,
    StoreTooNew,
    StoreUnusable,
    Where,
)
from ._ranking import FLOOR
from ._search import Hit, Search
from ._store import Store
from ._vectors import packed, packed_or_none
from ._writing import put
from .embedding import Embedder, HashingEmbedder

__all__ = [
    "FLOOR",
    "Draft",
    "Hit",
    "Kind",
    "Note",
    "NoteRefused",
    "Origin",
    "Recall",
    "RecallError",
    "SecretFound",
    "Stats",
    "StoreBusy",
    "StoreDamaged",
    "StoreFull",
    "StoreTooNew",
    "StoreUnusable",
]

EXACT_UP_TO = 2_000
"""Up to so many notes in a namespace the vectors are scanned exactly."""

_BATCH = 64  # texts embedded at a time when a store is re-embedded


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What the memory of a namespace holds. `embedded`: notes with the present embedder's vector. `waiting`: changes
    that the vector index has not heard of. `index`: "exact scan", or "chromadb", and why where it is not used."""

    notes: int
    superseded: int
    embedded: int
    waiting: int
    bytes: int
    embedder: str | None
    index: str


Hits: TypeAlias = list[Hit]
Listing: TypeAlias = list[Note]
Names: TypeAlias = list[str]


class Recall:
    """The notes of one namespace.

    The file is made by the first `add`; reading where there is none finds nothing and makes nothing. Several threads
    and several processes may use the same file; a process that forks must open its own. Nothing is ever cleared but
    by `forget`. Use it as a context manager, or call `close`.

    Args:
        path: The SQLite file. The vector index lies beside it, in a folder of the same name with `.index` behind.
        namespace: Notes of different namespaces never meet.
        embedder: "auto" (feature hashing: nothing to download), an `Embedder`, or None for words alone. Vectors of
            another embedder are never compared: after a change searches go by words until `reembed` has run.
        exact_up_to: See this module's docstring.
        busy_seconds: How long to wait for another process's write.
        full_text: False: do without SQLite's FTS5, as where it is missing.

    Raises:
        RecallError: from every method, as one of `StoreUnusable`, `StoreDamaged`, `StoreTooNew`, `StoreFull`,
            `StoreBusy`, or for a closed memory.
    """

    def __init__(
        self,
        path: Path,
        namespace: str = "default",
        embedder: Embedder | Literal["auto"] | None = "auto",
        *,
        exact_up_to: int = EXACT_UP_TO,
        busy_seconds: float = 15.0,
        full_text: bool = True,
    ) -> None:
        self._path = Path(path)
        self._namespace = clean(namespace)
        if not self._namespace:
            raise RecallError("a namespace needs a name", hint="leave it out for the default one")
        self._embedder: Embedder | None = HashingEmbedder() if isinstance(embedder, str) else embedder
        self._exact_up_to = exact_up_to
        self._store = Store(self._path, self._namespace, busy_seconds=busy_seconds, full_text=full_text)
        self._index: VectorIndex | None = None
        if self._embedder is not None:
            self._index = VectorIndex(
                self._path.with_name(self._path.name + ".index"),
                self._store,
                embedder=self._embedder.id,
                dimensions=self._embedder.dimensions,
            )
        self._search = Search(store=self._store, embedder=self._embedder, index=self._index, exact_up_to=exact_up_to)
        self._closing = threading.Lock()
        self._closed = False

    def __enter__(self) -> Recall:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---------------------------------------------------------------- writing

    def add(
        self,
        text: str,
        metadata: Mapping[str, Any] | None = None,
        *,
        context: str | None = None,
        kind: Kind = "note",
        origin: Origin = "agent",
        label: str | None = None,
        run: str | None = None,
        step: int | None = None,
        supersedes: str | None = None,
    ) -> str:
        """Store a note, durably, and return its id.

        The same text again is the same note, counted. A text of nearly the same words takes the older one's place,
        which is kept as history and no longer found; but never where they differ in a number, nor does an agent's
        text hide a user's: then the user's note stays, and its id is returned. `supersedes` names the note to replace.

        Args:
            context: What it stood next to (the entry before it): helps to find it, with half the weight.
            label: Whatever the caller needs to know later of where it came from.

        Raises:
            NoteRefused: it is empty, longer than 4,000 characters, of an unknown kind, or its metadata is not JSON.
            SecretFound: it holds a password, key or token.
        """
        draft = Draft(
            text=text,
            metadata=metadata or {},
            context=context,
            kind=kind,
            origin=origin,
            label=label,
            run=run,
            step=step,
            supersedes=supersedes,
        )
        return self.add_many([draft])[0]

    def add_many(self, drafts: Iterable[Draft | str]) -> Names:
        """Store several notes, as `add` does, in one transaction: all of them, or none where one is refused."""
        rows = [checked(Draft(text=draft) if isinstance(draft, str) else draft) for draft in drafts]
        if not rows:
            return []
        texts = [row.text for row in rows]
        vectors: Sequence[bytes | None] = packed_or_none(self._embedder, texts) or [None] * len(rows)
        name = "" if self._embedder is None else self._embedder.id
        with self._store.writing() as change:
            return [put(change, row, vector, embedder=name) for row, vector in zip(rows, vectors, strict=True)]

    def forget(self, id: str) -> bool:  # noqa: A002 - the word that users know it by
        """Remove a note, all that it superseded, their words and their vectors. False where there is none."""
        if not self._path.exists():
            return False
        with self._store.writing() as change:
            forgotten = change.forget(clean(id))
        if forgotten:
            self._store.wipe()
            if self._index is not None and self._index.exists:
                self.sync()
        return forgotten

    def mark_used(self, ids: Iterable[str]) -> None:
        """Count that these notes were put before a model; unknown ids are passed over."""
        if self._path.exists():
            with self._store.writing() as change:
                change.mark_used([clean(one) for one in ids])

    # ---------------------------------------------------------------- reading

    def search(self, query: str, k: int = 5, where: Mapping[str, Any] | None = None, *, floor: float = FLOOR) -> Hits:
        """The notes nearest to a query, best first, at most `k`; none where all are below `floor` (0 to 1).

        Args:
            where: Only notes for which all of this holds. `id`, `kind`, `origin`, `label`, `run` and `step` are the
                note's own fields, every other key one of its metadata; a list means any of its values.
        """
        conditions, query = Where.of(where), clean(query)
        if k < 1 or not query:
            return []
        return self._search.hits(query, k, conditions, floor=floor)

    def list(self, limit: int = 50, offset: int = 0, *, superseded: bool = False) -> Listing:
        """Notes, newest first; with `superseded` also those that another has replaced."""
        return self._store.notes(limit=max(limit, 0), offset=max(offset, 0), superseded=superseded)

    def get(self, id: str) -> Note | None:  # noqa: A002 - as in `forget`
        """The note with this id, superseded or not; None where there is none."""
        return next(iter(self._store.notes(ids=[clean(id)])), None)

    def count(self) -> int:
        """How many notes there are, superseded ones left out."""
        return self._store.count()

    def namespaces(self) -> Names:
        """Every namespace of the file that holds a note, sorted."""
        return self._store.namespaces()

    def stats(self) -> Stats:
        """What this namespace holds, and how its vectors are searched."""
        notes, embedder = self._store.count(), self._embedder
        index = "exact scan" if notes <= self._exact_up_to or self._index is None else "chromadb"
        if self._index is not None and self._index.trouble:
            index = f"exact scan, because chromadb cannot be used: {self._index.trouble}"
        return Stats(
            notes=notes,
            superseded=self._store.superseded(),
            embedded=0 if embedder is None else self._store.embedded(embedder.id, embedder.dimensions),
            waiting=self._store.pending(),
            bytes=self._path.stat().st_size if self._path.exists() else 0,
            embedder=None if embedder is None else embedder.id,
            index=index,
        )

    # ---------------------------------------------------------------- upkeep

    def sync(self, *, wait: float = 0) -> bool:
        """Bring the vector index up to date. False where another process holds it (for longer than `wait` seconds)
        or it cannot be made: searches scan instead, and `stats` says why."""
        if self._index is None or not self._path.exists():
            return False
        return self._index.sync(wait=wait)

    def reembed(self) -> int:
        """Give every note the present embedder's vector that has none; how many that were.

        Raises:
            EmbeddingFailed: the embedder gave none; what was done before is kept.
        """
        embedder, done = self._embedder, 0
        if embedder is None:
            return 0
        while rows := self._store.unembedded(embedder.id, embedder.dimensions, limit=_BATCH):
            vectors = packed(embedder, [text for _, text in rows])
            with self._store.writing() as change:
                for (number, _), vector in zip(rows, vectors, strict=True):
                    change.embed(number, vector, embedder=embedder.id)
            done += len(rows)
        return done

    def rebuild(self) -> int:
        """Make the words and the vector index anew from the notes, and mend vectors that are damaged or missing.

        Returns how many notes are searchable. The vector index is made where the store is large enough to use it, or
        has one. Raises `EmbeddingFailed` as `reembed` does.
        """
        if not self._path.exists():
            return 0
        with self._store.writing() as change:
            change.reindex(recut=True)
            change.drop_unsound()
        self.reembed()
        if self._index is not None and (self._index.exists or self.count() > self._exact_up_to):
            self._index.sync(anew=True)
        return self.count()

    def close(self) -> None:
        """Bring the vector index of a large store up to date and let go of all files. Twice does no harm."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            try:
                # Late is no harm for the index: what it has not heard of waits in the outbox.
                with suppress(RecallError):
                    self._sync_if_large()
            finally:
                if self._index is not None:
                    self._index.close()
                self._store.close()

    def _sync_if_large(self) -> None:
        if self._index is None or self.count() <= self._exact_up_to:
            return
        if self._store.pending() or not self._index.ready:
            self.sync()
