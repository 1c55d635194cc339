"""A memory as it is opened: its parts, wired, told what is to be told, and closed."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ._drafts import clean
from ._endpoint_embedder import EmbeddingEndpoint
from ._erasing import Erasing
from ._given import callable_of, number_of, text_of, whole, wrong
from ._index import VectorIndex
from ._index_folder import IndexFolder
from ._index_place import hashed
from ._index_server import IndexServer, ServerAddress
from ._note_errors import RecallError
from ._reembedding import Reembedding
from ._rules import ENTRIES, Rules
from ._search import Search
from ._sources import Sources
from ._store import Store
from ._upkeep import Upkeep
from ._vector_source import VectorSource
from .embedders import EmbedderName, choose
from .embedding import Embedder

EXACT_UP_TO = 20_000
"""Up to so many notes in a namespace the vectors are scanned exactly.

Measured on two cores, for the first search of a process and for the next: 2,000 notes 0.10 s and 10 ms by the scan,
0.65 s and 9 ms by chromadb, which takes half a second to be imported; 20,000 notes 0.26 s and 70 to 140 ms, against
0.8 to 1.2 s and 40 to 90 ms. Building the index for 20,000 takes 6 s, of which a `close` after a write takes 1 at
most, and the next ones the rest.
"""


class Opened:
    """The parts of a memory; what they are for is told by `Recall`."""

    def __init__(
        self,
        path: Path | str,
        namespace: str = "default",
        embedder: Embedder | EmbedderName | None = "auto",
        *,
        endpoint: EmbeddingEndpoint | None = None,
        chroma: str | None = None,
        tell: Callable[[str], None] | None = None,
        rules: Rules = ENTRIES,
        exact_up_to: int = EXACT_UP_TO,
        busy_seconds: float = 15.0,
        full_text: bool = True,
        upkeep: bool = True,
    ) -> None:
        path, namespace = _opened_with(path, namespace, tell=tell, rules=rules)
        exact_up_to = whole(exact_up_to, "exact_up_to", least=0)
        if number_of(busy_seconds, "busy_seconds") < 0:
            raise RecallError("busy_seconds is to be 0 or more", hint="leave it out to wait 15 seconds at most")
        chosen, why = choose(embedder, endpoint)
        server = None if chroma is None else ServerAddress.of(text_of(chroma, "the address of the chroma server"))
        self._rules = rules
        self._store = Store(path, namespace, busy_seconds=busy_seconds, full_text=full_text, holds=rules.holds)
        self._tell = tell
        self._embedder: VectorSource | None = None
        self._index: VectorIndex | None = None
        self._reembedding: Reembedding | None = None
        folder = path.with_name(path.name + ".index") / hashed(namespace)
        if chosen is not None:
            self._embedder = VectorSource(chosen, stored=self._store.dimensions)
            place = IndexFolder(folder) if server is None else IndexServer(server, folder)
            self._index = VectorIndex(place, self._store, self._embedder, shared=server is not None)
            if upkeep:
                lock = path.with_name(path.name + ".vectors.lock")
                self._reembedding = Reembedding(self._store, self._embedder, lock)
        self._search = Search(store=self._store, embedder=self._embedder, index=self._index, exact_up_to=exact_up_to)
        self._sources = Sources(store=self._store, embedder=self._embedder, rules=rules)
        self._erasing = Erasing(store=self._store, index=self._index, folder=IndexFolder(folder))
        self._upkeep = Upkeep(
            store=self._store,
            embedder=self._embedder,
            index=self._index,
            erasing=self._erasing,
            exact_up_to=exact_up_to,
            why=why,
            tell=tell,
        )
        self.path, self.namespace = path, namespace
        self._closing = threading.Lock()
        self._closed = False
        self._keeps_up = upkeep
        self._has_forgotten = self._wrote = False

    @property
    def _embedder_id(self) -> str:
        return "" if self._embedder is None else self._embedder.id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take what was forgotten out of the vector index, bring that of a large store up to date, and let go of all
        files. Twice does no harm."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            if self._reembedding is not None:
                self._reembedding.close()
                with suppress(RecallError):
                    self._say(left=self._reembedding.left())
            try:
                # Late is no harm for the index: what it has not heard of waits in the outbox.
                with suppress(RecallError):
                    if self._keeps_up:
                        self._upkeep.purge()
                    if self._keeps_up or self._has_forgotten:
                        self._erasing.finish()
                    if self._keeps_up and self._wrote:  # who only asks does not wait: the scan is quicker
                        self._upkeep.sync_if_large()
                self._say_index()
            finally:
                if self._index is not None:
                    self._index.close()
                if self._embedder is not None:
                    self._embedder.close()
                self._store.close()

    def _erase(self) -> None:
        self._has_forgotten = self._wrote = True
        if not self._erasing.soon() and self._tell is not None:
            self._tell(
                f"{self.path.name}-wal keeps the bytes of what was forgotten until the process that is reading it ends"
            )

    def _see_to_vectors(self, *, searching: bool) -> None:
        if self._reembedding is not None:
            self._reembedding.nudge(searching=searching)
        if not searching:
            self._say()

    def _say(self, *, left: int = 0) -> None:
        """Tell, once, why vectors are not to be had; else how many notes are `left` without one."""
        if self._tell is None or self._embedder is None:
            return
        if (trouble := self._embedder.news()) is not None:
            self._tell(f"notes are found by their words alone: {trouble}")
            return
        self._say_index()
        if left and self._embedder.trouble is None:
            wait = "1 note waits for its vector" if left == 1 else f"{left:,} notes wait for their vectors"
            self._tell(f"notes are found by their words alone: {wait} by {self._embedder.id}")
        if (refused := self._embedder.refusals()) is not None:
            self._tell(refused)

    def _say_index(self) -> None:
        """Tell, once, why the vector index is not used where it would be."""
        if self._tell is not None and self._index is not None and (why := self._index.news()) is not None:
            self._tell(f"vectors are compared one by one: {self._index.where} cannot be used: {why}")


def _opened_with(path: Any, namespace: Any, *, tell: Any, rules: Any) -> tuple[Path, str]:
    """Where a memory lies and what its namespace is called; what cannot be meant is refused."""
    if isinstance(path, bytes) or not isinstance(path, str | os.PathLike):
        raise wrong("the path of a memory", path, "a path", hint='give the path of its file, such as "notes.db"')
    name = unicodedata.normalize("NFC", clean(text_of(namespace, "a namespace", hint="give its name")))
    if not name:
        raise RecallError("a namespace needs a name", hint="leave it out for the default one")
    if not isinstance(rules, Rules):
        raise wrong("rules", rules, "a Rules", hint="take ENTRIES, NOTES or PASSAGES of memory.recall")
    callable_of(tell, "tell")
    return Path(path), name
