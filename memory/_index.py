"""The vector index: a chromadb collection in a folder beside the file of notes or on a server, always rebuildable.

What changes in the file of notes waits in its outbox until the collection has heard of it. A collection that does not
hold what the file holds is filled anew.

chromadb takes most of a second to import. Nothing here imports it before the index is really used.
"""

from __future__ import annotations

import math
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ._index_place import IndexAway, Place, hashed
from ._note_errors import RecallError
from ._store import Store
from .embedding import Embedder

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

_NUMBERS = 400_000  # of vectors, that go into the collection at a time: on their way to a server some 8 MB
_MOST = 1_000  # vectors at a time, however short
_BRIEF = 200  # the same where there is a time to keep
_PAGE = 100  # collections listed at a time
_READY = 200  # changes that a search brings into the index by itself; with more it scans, and leaves them to `sync`
_CONFIGURATION = {"hnsw": {"space": "cosine", "ef_search": 200}}  # the default of 100 finds too little in large stores


def _quiet(done: int) -> None:
    """Nobody wants to know how far it is."""


class _Broken(Exception):
    """The index does not hold what it should."""


class VectorIndex:
    """The index of one namespace and one embedder. Safe to be used by several threads; no method raises because of
    the index: `trouble` says why it is not used, or is None.

    Args:
        place: Where it lies.
        embedder: Whose vectors it holds; while its dimensions are not known, there is no index.
        shared: Other files of notes keep theirs at the same place.
    """

    def __init__(self, place: Place, store: Store, embedder: Embedder, *, shared: bool = False) -> None:
        self._place = place
        self._store = store
        self._embedder = embedder
        self.shared = shared
        self._owner: str | None = None
        self._guard = threading.RLock()
        self._client: Client | None = None
        self._collection: Collection | None = None
        self._name = ""
        self._looked = False
        self._held = 0
        self._again = math.inf
        self.trouble: str | None = None
        self._said: str | None = None

    @property
    def exists(self) -> bool:
        """Has an index ever been made here?"""
        return self._place.exists

    @property
    def where(self) -> str:
        """What answers where it is used, for people."""
        return self._place.where

    @property
    def ready(self) -> bool:
        """Is there an index that was brought up to date once, and that nothing is known against?"""
        if self.trouble or not self._embedder.dimensions:
            return False
        return self._collection is not None or self._place.ready(self._named())

    def nearest(self, vector: bytes, count: int) -> list[str] | None:
        """Ids of about `count` notes nearest to the vector, best first.

        None where the index cannot tell now: it was never built, is in use by another process, is not sound, is too
        far behind, or its server is away. It is never built here, which would take long.
        """
        with self._guard:
            if self.trouble and time.monotonic() < self._again:
                return None
            waiting = self._store.pending()
            if waiting > _READY:
                return None
            try:
                if not self._open(build=False, wait=0) or (waiting and not self._place.hold(0)):
                    return None
                if waiting:
                    self._drain()
                if (waiting or not self._looked) and not self._sound(probe=False):
                    raise _Broken("it does not hold the vectors that the file of notes holds")
                self._looked = True
                found = self._ask(vector, count)
                self.trouble = None
                return found
            except RecallError:
                return None  # the file is busy: its vectors can still be read
            except Exception as error:  # noqa: BLE001 - chromadb raises anything; the exact scan answers instead
                self._discard(error)
                return None
            finally:
                self._place.rest()

    def sync(
        self, *, wait: float = 0, anew: bool = False, within: float = math.inf, progress: Callable[[int], None] = _quiet
    ) -> bool:
        """Bring the index up to date, building it where it is missing or not sound (`anew`: in any case).

        False where another process holds it for longer than `wait` seconds, where that takes longer than `within`
        seconds once it is open, or where it cannot be made (`trouble` says why); nothing is lost then, the changes wait
        in the outbox. `progress` is told how many vectors are in it where it is made anew.
        """
        with self._guard:
            for _ in range(2):
                try:
                    if not self._open(build=True, wait=wait) or not self._place.hold(wait):
                        return False
                    until = time.monotonic() + within  # from now on: to load chromadb takes most of a second
                    if not self._drain(until):
                        return False
                    if (anew or not self._sound(probe=True)) and not self._refill(until, progress):
                        return False
                    self._drop_others()
                    self._place.note(self._name)
                    self.trouble = None
                    return True
                except RecallError:
                    raise
                except Exception as error:  # noqa: BLE001 - chromadb raises anything; a second try starts from nothing
                    self._discard(error)
                finally:
                    self._place.rest()
            return False

    def look(self) -> str | None:
        """What is the matter with it, in a line, as far as a look from outside tells; None where nothing is."""
        try:
            return self._place.look()
        except OSError as error:
            return f"it cannot be read: {error.strerror or error}"

    def news(self) -> str | None:
        """Why it is not used, where that was not asked for before."""
        said, self._said = self._said, self.trouble
        return self.trouble if self.trouble != said else None

    def close(self) -> None:
        """Leave the place in good order and to others. What comes next opens it again."""
        with self._guard:
            self._client = self._collection = None
            try:
                self._place.close()
            except Exception as error:  # noqa: BLE001 - what is not sealed, as on a full disk, is made anew
                self.trouble = f"{type(error).__name__}: {error}"

    # ---------------------------------------------------------------- the place

    def _open(self, *, build: bool, wait: float) -> bool:
        if not self._embedder.dimensions:
            return False
        name = self._named()
        if self._collection is not None and name == self._name:
            return True
        if not build and not self._place.ready(name):
            return False
        if self._client is None:
            self._client = self._place.open(build=build, wait=wait)
            if self._client is None:
                return False
        self._name = name
        self._collection, self._looked = self._make(), False
        return True

    def _named(self) -> str:
        """The collection's name: that of whose it is and of what is in it."""
        return f"notes-{hashed(*self._owned_by(), self._embedder.id, str(self._embedder.dimensions))}"

    def _owned_by(self) -> tuple[str, ...]:
        if not self.shared:
            return (self._store.namespace,)
        if self._owner is None:
            with self._store.writing() as change:
                self._owner = change.store_id()
        return self._store.namespace, self._owner

    def _make(self) -> Collection:
        assert self._client is not None  # made by `_open`
        return self._client.get_or_create_collection(
            self._name,
            embedding_function=None,
            configuration=_CONFIGURATION,  # type: ignore[arg-type]  # a plain dict is what its own manual shows
            metadata={"namespace": hashed(*self._owned_by())},
        )

    def _discard(self, error: Exception) -> None:
        """Give up what is open: the next `sync` makes it anew where it is not sound."""
        self.trouble = str(error) if isinstance(error, _Broken | IndexAway) else f"{type(error).__name__}: {error}"
        self._again = time.monotonic() + self._place.retry
        self._client = self._collection = None
        self._place.discard()

    # ---------------------------------------------------------------- the collection

    def _opened(self) -> Collection:
        assert self._collection is not None  # every caller has opened it
        return self._collection

    def _drain(self, until: float = math.inf, progress: Callable[[int], None] = _quiet) -> bool:
        """Bring into the collection what the outbox holds; False where the time is over before all is. Done twice it
        does no harm, so a crash only delays it."""
        most, done = _MOST if until == math.inf else _BRIEF, 0
        batch = min(most, max(1, _NUMBERS // self._embedder.dimensions))
        while changes := self._store.outgoing(self._embedder.id, limit=batch):
            if time.monotonic() > until:
                return False
            latest = {identifier: vector for _, identifier, vector in changes}
            gone = [identifier for identifier, vector in latest.items() if vector is None]
            present = {identifier: _floats(vector) for identifier, vector in latest.items() if vector is not None}
            if gone:
                self._opened().delete(ids=gone)
            if present:
                self._opened().upsert(ids=list(present), embeddings=list(present.values()))
            with self._store.writing() as change:
                change.settle([position for position, _, _ in changes])
            done += len(changes)
            progress(done)
        return True

    def _sound(self, *, probe: bool) -> bool:
        """Does it hold as many vectors as it should, and (`probe`) do some of them come back as they were?"""
        count = self._held = self._opened().count()
        if count != self._expected():
            if self._store.pending() > 0:
                return True  # another process has just written: not a fault
            count = self._held = self._opened().count()  # or has just brought it in
            if count != self._expected():
                return False
        if not probe or not count:
            return True
        for identifier, vector in self._store.samples(self._embedder.id, self._embedder.dimensions):
            kept = self._opened().get(ids=[identifier], include=["embeddings"])["embeddings"]
            if kept is None or len(kept) != 1 or not _alike([float(value) for value in kept[0]], _floats(vector)):
                return False
            wanted = min(10, count)
            if len(self._ask(vector, wanted)) < wanted:
                return False
        return True

    def _expected(self) -> int:
        return self._store.embedded(self._embedder.id, self._embedder.dimensions)

    def _refill(self, until: float, progress: Callable[[int], None]) -> bool:
        """Fill the collection from nothing; False where the time is over before it is full."""
        assert self._client is not None  # every caller has opened it
        if any(one.name == self._name for one in self._collections()):
            self._client.delete_collection(self._name)
        self._collection = self._make()
        with self._store.writing() as change:
            change.announce_all()
        if not self._drain(until, progress):
            return False
        if not self._sound(probe=True):
            raise _Broken("the vectors that were put in do not come back")
        return True

    def _drop_others(self) -> None:
        """Another embedder's collection of this namespace is of no use any more: a note has one vector."""
        assert self._client is not None  # every caller has opened it
        mine = hashed(*self._owned_by())
        for one in self._collections():
            if one.name != self._name and (one.metadata or {}).get("namespace") == mine:
                self._client.delete_collection(one.name)

    def _collections(self) -> list[Any]:
        """All collections there are."""
        assert self._client is not None  # every caller has opened it
        found: list[Any] = []
        while page := self._client.list_collections(limit=_PAGE, offset=len(found)):
            found += page
        return found

    def _ask(self, vector: bytes, count: int) -> list[str]:
        # How many it holds is known since `_sound`: to have it counted takes longer than the question itself.
        if not self._held:
            return []
        answer = self._opened().query(query_embeddings=[_floats(vector)], n_results=min(count, self._held), include=[])
        return answer["ids"][0]


def _floats(vector: bytes) -> Sequence[float]:
    return array("f", vector).tolist()


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    # chromadb brings vectors to length 1 once more, so their last digits differ.
    return len(one) == len(other) and all(abs(a - b) < 1e-4 for a, b in zip(one, other, strict=True))
