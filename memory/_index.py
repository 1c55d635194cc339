"""The vector index: a chromadb collection in a folder beside the file of notes, always rebuildable from it.

chromadb silently loses vectors when two processes write, and its native code can crash on a damaged file. So all use
of the folder is behind a lock that one process holds from its first use to `close`; every other process scans the
vectors in SQLite instead. `close` seals the folder with a hash over its files, and a folder that is not sealed (its
process was killed) or differs from its seal (it was damaged) is never opened, but made anew.

chromadb takes most of a second to import. Nothing here imports it before the folder is really used.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from array import array
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, cast

from memory.private import make_private_folder

from ._note_errors import RecallError
from ._store import Store

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from filelock import BaseFileLock

_BATCH = 1_000
_READY = 200  # changes that a search brings into the index by itself; with more it scans, and leaves them to `sync`
_CONFIGURATION = {"hnsw": {"space": "cosine", "ef_search": 200}}  # the default of 100 finds too little in large stores


class _Broken(Exception):
    """The index does not hold what it should."""


class VectorIndex:
    """The index of one namespace and one embedder. Safe to be used by several threads; no method raises because of
    the index: `trouble` says why it is not used, or is None."""

    def __init__(self, folder: Path, store: Store, *, embedder: str, dimensions: int) -> None:
        self._folder = folder
        self._store = store
        self._embedder = embedder
        self._dimensions = dimensions
        self._name = f"notes-{_hash(store.namespace, embedder, str(dimensions))}"
        self._guard = threading.RLock()
        self._held: BaseFileLock | None = None
        self._generation: Path | None = None
        self._client: Client | None = None
        self._collection: Collection | None = None
        self.trouble: str | None = None

    @property
    def exists(self) -> bool:
        """Has an index ever been made here?"""
        return self._folder.exists()

    @property
    def ready(self) -> bool:
        """Is there an index that was brought up to date once, and that nothing is known against?"""
        return not self.trouble and (self._collection is not None or self._seal.exists())

    def nearest(self, vector: bytes, count: int) -> list[str] | None:
        """Ids of about `count` notes nearest to the vector, best first.

        None where the index cannot tell now: it was never built, is in use by another process, is not sound, or is
        too far behind. It is never built here, which would take long.
        """
        with self._guard:
            if self.trouble or self._store.pending() > _READY:
                return None
            try:
                if not self._open(build=False, wait=0):
                    return None
                self._drain()
                if not self._sound(probe=False):
                    raise _Broken("it does not hold the vectors that the file of notes holds")
                return self._ask(vector, count)
            except RecallError:
                return None  # the file is busy: its vectors can still be read
            except Exception as error:  # noqa: BLE001 - chromadb raises anything; the exact scan answers instead
                self._discard(error)
                return None

    def sync(self, *, wait: float = 0, anew: bool = False) -> bool:
        """Bring the index up to date, building it where it is missing or not sound (`anew`: in any case).

        False where another process holds it for longer than `wait` seconds, or where it cannot be made (`trouble`
        says why); nothing is lost then, the changes wait in the outbox.
        """
        with self._guard:
            for _ in range(2):
                try:
                    if not self._open(build=True, wait=wait):
                        return False
                    self._drain()
                    if anew or not self._sound(probe=True):
                        self._refill()
                    self.trouble = None
                    return True
                except RecallError:
                    raise
                except Exception as error:  # noqa: BLE001 - chromadb raises anything; a second try starts from nothing
                    self._discard(error)
            return False

    def close(self) -> None:
        """Seal the folder and let others use it. What comes next opens it again."""
        with self._guard:
            try:
                if self._client is not None and self._generation is not None:
                    self._client.close()
                    seal = {"generation": self._generation.name, "hash": _hash_of(self._generation)}
                    self._seal.write_text(json.dumps(seal), encoding="utf-8")
            except Exception as error:  # noqa: BLE001 - what is not sealed, as on a full disk, is made anew
                self.trouble = f"{type(error).__name__}: {error}"
            finally:
                self._client = self._collection = self._generation = None
                self._release()

    # ---------------------------------------------------------------- the folder

    @property
    def _seal(self) -> Path:
        return self._folder / "seal.json"

    def _open(self, *, build: bool, wait: float) -> bool:
        if self._collection is not None:
            return True
        if not (build or self._seal.exists()) or not self._acquire(wait):
            return False
        generation = self._sealed()
        if generation is None and not build:
            self._release()
            return False
        self._seal.unlink(missing_ok=True)
        if generation is None:
            # A new name each time: chromadb keeps what it once opened, also in vain, under its path until the exit.
            for old in self._folder.glob("chroma-*"):
                shutil.rmtree(old, ignore_errors=True)
            generation = self._folder / f"chroma-{os.urandom(6).hex()}"
        self._generation = generation
        self._connect(generation)
        return True

    def _connect(self, generation: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        # Not the .env of whatever folder thinkact was started in: it may be a stranger's.
        settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
        # What it is declared to return lacks the `close` that what it returns has.
        self._client = cast("Client", chromadb.PersistentClient(path=str(generation), settings=settings))
        self._collection = self._make()

    def _make(self) -> Collection:
        assert self._client is not None  # made by `_connect`
        return self._client.get_or_create_collection(
            self._name,
            embedding_function=None,
            configuration=_CONFIGURATION,  # type: ignore[arg-type]  # a plain dict is what its own manual shows
            metadata={"namespace": _hash(self._store.namespace)},
        )

    def _sealed(self) -> Path | None:
        """The folder of the last `close`, if it is byte for byte what it was then."""
        try:
            seal = json.loads(self._seal.read_text(encoding="utf-8"))
            generation = self._folder / Path(seal["generation"]).name
            return generation if generation.is_dir() and _hash_of(generation) == seal["hash"] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _acquire(self, wait: float) -> bool:
        from filelock import FileLock, Timeout

        if self._held is not None:
            return True
        make_private_folder(self._folder)
        lock = FileLock(self._folder / "lock", thread_local=False)
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            return False
        self._held = lock
        return True

    def _release(self) -> None:
        if self._held is not None:
            self._held.release()
            self._held = None

    def _discard(self, error: Exception) -> None:
        """Give the folder up, unsealed: the next `sync` makes a new one."""
        self.trouble = f"{type(error).__name__}: {error}"
        if self._client is not None:
            with suppress(Exception):
                self._client.close()
        self._client = self._collection = self._generation = None
        self._release()

    # ---------------------------------------------------------------- the collection

    def _opened(self) -> Collection:
        assert self._collection is not None  # every caller has opened it
        return self._collection

    def _drain(self) -> None:
        """Bring into the collection what the outbox holds. Done twice it does no harm, so a crash only delays it."""
        while changes := self._store.outgoing(self._embedder, limit=_BATCH):
            latest = {identifier: vector for _, identifier, vector in changes}
            gone = [identifier for identifier, vector in latest.items() if vector is None]
            present = {identifier: _floats(vector) for identifier, vector in latest.items() if vector is not None}
            if gone:
                self._opened().delete(ids=gone)
            if present:
                self._opened().upsert(ids=list(present), embeddings=list(present.values()))
            with self._store.writing() as change:
                change.settle([position for position, _, _ in changes])

    def _sound(self, *, probe: bool) -> bool:
        """Does it hold as many vectors as it should, and (`probe`) do some of them come back as they were?"""
        count, expected = self._opened().count(), self._store.embedded(self._embedder, self._dimensions)
        if count != expected:
            return self._store.pending() > 0  # another process has just written: not a fault
        if not probe or not count:
            return True
        for identifier, vector in self._store.samples(self._embedder, self._dimensions):
            kept = self._opened().get(ids=[identifier], include=["embeddings"])["embeddings"]
            if kept is None or len(kept) != 1 or not _alike([float(value) for value in kept[0]], _floats(vector)):
                return False
            wanted = min(10, count)
            if len(self._ask(vector, wanted)) < wanted:
                return False
        return True

    def _refill(self) -> None:
        assert self._client is not None  # every caller has opened it
        mine = _hash(self._store.namespace)
        for old in self._client.list_collections():
            # Another embedder's collection of this namespace is of no use any more: a note has one vector.
            if old.name == self._name or (old.metadata or {}).get("namespace") == mine:
                self._client.delete_collection(old.name)
        self._collection = self._make()
        with self._store.writing() as change:
            change.announce_all()
        self._drain()
        if not self._sound(probe=True):
            raise _Broken("the vectors that were put in do not come back")

    def _ask(self, vector: bytes, count: int) -> list[str]:
        held = self._opened().count()
        if not held:
            return []
        answer = self._opened().query(query_embeddings=[_floats(vector)], n_results=min(count, held), include=[])
        return answer["ids"][0]


def _floats(vector: bytes) -> Sequence[float]:
    return array("f", vector).tolist()


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    # chromadb brings vectors to length 1 once more, so their last digits differ.
    return len(one) == len(other) and all(abs(a - b) < 1e-4 for a, b in zip(one, other, strict=True))


def _hash(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _hash_of(folder: Path) -> str:
    digest = blake2b(digest_size=16)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
