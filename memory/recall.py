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

import os
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias, get_args

from ._drafts import Draft, NoteRefused, SecretFound, checked, clean, draft_of
from ._endpoint_embedder import EmbeddingEndpoint
from ._erasing import Erasing
from ._given import callable_of, id_of, number_of, several, text_of, whole, wrong
from ._importing import Import, Imported
from ._index import VectorIndex
from ._index_folder import IndexFolder
from ._index_place import hashed
from ._index_server import IndexServer, ServerAddress
from ._note_errors import RecallError, StoreBusy, StoreDamaged, StoreFull, StoreTooNew, StoreUnusable
from ._notes import MOST, Kind, Note, Origin, Where
from ._portable import edited, exported, told
from ._ranking import FLOOR
from ._reembedding import Reembedding
from ._rules import ENTRIES, NOTES, PASSAGES, Rules
from ._search import Hit, Search
from ._sources import Source, Sources
from ._store import Store
from ._upkeep import Stats, Upkeep
from ._vector_source import VectorSource
from ._vectors import packed_or_none
from ._writing import put, similar
from .embedders import EmbedderName, choose
from .embedding import Embedder

__all__ = [
    "ENTRIES",
    "FLOOR",
    "NOTES",
    "PASSAGES",
    "Draft",
    "EmbedderName",
    "EmbeddingEndpoint",
    "Hit",
    "Imported",
    "Kind",
    "Note",
    "NoteRefused",
    "Origin",
    "Recall",
    "RecallError",
    "Rules",
    "SecretFound",
    "Source",
    "Stats",
    "StoreBusy",
    "StoreDamaged",
    "StoreFull",
    "StoreTooNew",
    "StoreUnusable",
    "told",
]

EXACT_UP_TO = 20_000
"""Up to so many notes in a namespace the vectors are scanned exactly.

Measured on two cores, for the first search of a process and for the next: 2,000 notes 0.10 s and 10 ms by the scan,
0.65 s and 9 ms by chromadb, which takes half a second to be imported; 20,000 notes 0.26 s and 70 to 140 ms, against
0.8 to 1.2 s and 40 to 90 ms. Building the index for 20,000 takes 6 s, of which a `close` takes 5 at most, and
the next ones the rest.
"""

_QUOTING = 100  # notes at most that are named as quoting another

Hits: TypeAlias = list[Hit]
Listing: TypeAlias = list[Note]
Names: TypeAlias = list[str]


class Recall:
    """The notes of one namespace.

    The file is made by the first `add`; reading where there is none finds nothing and makes nothing. Several threads
    and several processes may use the same file; a process that forks must open its own. Nothing is ever cleared but
    by `forget`. Use it as a context manager, or call `close`.

    Args:
        path: The SQLite file. The vector index lies beside it, in a folder of the same name with `.index` behind, which
            has a folder for each namespace.
        namespace: Notes of different namespaces never meet; how its characters are composed makes no difference.
        embedder: "auto" (the endpoint where one is given, else the local model MiniLM where it is installed, else
            chromadb's where it is in its cache, else feature hashing: nothing is ever downloaded), "hashing",
            "minilm", "endpoint", an `Embedder`, or "none" and None for words alone. Vectors of another embedder are
            never compared: after a change the notes get new ones beside everything else, begun by the first search
            or note, and searches go by words until all have theirs.
        endpoint: Where vectors are asked for, for "auto" and "endpoint".
        chroma: The address of a chroma server, such as "http://localhost:8000", for the vector index; None: it lies
            beside the file.
        tell: Is told, in one line and once, why vectors are not to be had.
        exact_up_to: See this module's docstring.
        busy_seconds: How long to wait for another process's write.
        rules: What becomes of a text that is added: `ENTRIES`, `NOTES` or `PASSAGES`, or others of your own.
        full_text: False: do without SQLite's FTS5, as where it is missing.
        upkeep: False: nothing is made beside what is asked for: no vectors for notes that lack them, and `close`
            leaves the vector index as it is.

    Attributes:
        path: The file.
        namespace: The namespace.

    Raises:
        RecallError: from every method, as one of `StoreUnusable`, `StoreDamaged`, `StoreTooNew`, `StoreFull`,
            `StoreBusy`, or for a closed memory.
    """

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
        )
        self.path, self.namespace = path, namespace
        self._closing = threading.Lock()
        self._closed = False
        self._keeps_up = upkeep
        self._has_forgotten = False

    @property
    def _embedder_id(self) -> str:
        return "" if self._embedder is None else self._embedder.id

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
        expires: float | None = None,
    ) -> str:
        """Store a note, durably, and return its id.

        Where the memory's rules merge: the same text again is the same note, counted, with today's date. A text of
        nearly the same words in the same order, which says all that an older one does, takes its place; the older is
        kept as history and no longer found. Never where they differ in a number, a name or a sign such as a currency's.
        So does one that says something else of the same ("The port is 8080", "The port is 9090"), where that is plain.
        An agent's text never hides a user's: then the user's note stays, and its id is returned. Texts whose metadata
        differ, or that stand in different contexts, are different things.

        Args:
            context: What it stood next to (the entry before it): helps to find it, with half the weight.
            label: Whatever the caller needs to know later of where it came from.
            supersedes: The id of the note to replace.
            expires: From when on it is not found any more, in seconds since the epoch; None: it never expires.

        Raises:
            NoteRefused: it is empty, too long, of an unknown kind, or its metadata is not JSON.
            SecretFound: it holds a password, key or token, and the rules refuse these.
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
            expires=expires,
        )
        return self.add_many([draft])[0]

    def add_many(self, drafts: Iterable[Draft | str | Mapping[str, Any]]) -> Names:
        """Store several notes, as `add` does, in one transaction: all of them, or none where one is refused. Each is a
        text, a `Draft`, or a mapping with the fields of one. Returns their ids, in order."""
        given = several(drafts, "what is added", hint="give a list, or one text to add()")
        rows = [checked(draft_of(draft), self._rules) for draft in given]
        if not rows:
            return []
        texts = [row.text for row in rows]
        vectors: Sequence[bytes | None] = packed_or_none(self._embedder, texts) or [None] * len(rows)
        name, merge = self._embedder_id, self._rules.merge
        with self._store.writing() as change:
            change.purge()
            ids = [
                put(change, row, vector, embedder=name, merge=merge) for row, vector in zip(rows, vectors, strict=True)
            ]
        self._see_to_vectors(searching=False)
        return ids

    def edit(self, id: str, **changes: Any) -> bool:  # noqa: A002 - as in `forget`
        """Give a note another text, or other fields, under the id that it has; what it was is kept as its history.
        False where there is no such note.

        Args:
            changes: Fields of `Draft`: `text`, `metadata`, `context`, `kind`, `origin`, `label`, `expires`.

        Raises:
            NoteRefused, SecretFound: as of `add`.
        """
        note = self.get(id)
        if note is not None and not changes:
            return note.superseded_by is None
        if note is None or note.superseded_by is not None:
            return False
        row = checked(edited(note, changes), self._rules, source=note.source)
        vectors = packed_or_none(self._embedder, [row.text])
        vector = vectors[0] if vectors else None
        with self._store.writing() as change:
            found = change.active(note.id)
            if found is not None:
                change.rewrite(found[0], row, vector, embedder=self._embedder_id)
        return found is not None

    def forget(self, id: str) -> bool:  # noqa: A002 - the word that users know it by
        """Remove a note, all that it superseded, their words and their vectors. False where there is none.

        Of the file and its log their bytes are gone when this returns; where another process is just reading, `tell` is
        told that they go when that one ends. The folder of the vector index, which keeps deleted vectors, is removed by
        the next `close`, and made anew.
        """
        identifier = clean(id_of(id))
        if not self._store.exists:
            return False
        with self._store.writing() as change:
            forgotten = change.forget(identifier)
            if forgotten:
                change.tidy()
                change.owe("vectors")
        if forgotten:
            self._erase()
        return forgotten

    def forget_all(self) -> int:
        """Remove every note of the namespace, hidden and expired ones too, as `forget` does; how many were found."""
        if not self._store.exists:
            return 0
        with self._store.writing() as change:
            found = self._store.count()
            change.forget_all("SELECT number FROM notes WHERE namespace = ? AND source IS NULL", change.namespace)
            change.tidy()
            change.owe("vectors")
        self._erase()
        return found

    def mark_used(self, ids: Iterable[str]) -> None:
        """Count that these notes were put before a model; unknown ids are passed over."""
        used = [clean(id_of(one)) for one in several(ids, "the ids of notes", hint="give a list of them")]
        if self._store.exists:
            with self._store.writing() as change:
                change.mark_used(used)

    # ---------------------------------------------------------------- reading

    def search(self, query: str, k: int = 5, where: Mapping[str, Any] | None = None, *, floor: float = FLOOR) -> Hits:
        """The notes nearest to a query, best first, at most `k` (1 or more); none where even the best is below `floor`
        (0 to 1), or where the query is blank.

        Args:
            where: Only notes for which all of this holds: a key of its metadata has this value, or (`id`, `kind`,
                `origin`, `label`, `run`, `step`) the note itself has; a list means any of its values.
        """
        conditions = Where.of(where)
        query = clean(text_of(query, "the query", hint="give the words or the question to look for"))
        k = whole(k, "k, the most notes of a search,", least=1, hint="leave it out for 5")
        floor = number_of(floor, "floor", hint="give a number from 0 to 1, or leave it out")
        if not query:
            return []
        self._see_to_vectors(searching=True)
        hits = self._search.hits(query, min(k, MOST), conditions, floor=floor)
        self._say()
        return hits

    def list(
        self, limit: int = 50, offset: int = 0, *, superseded: bool = False, kind: Kind | str | None = None
    ) -> Listing:
        """Notes, newest first; with `superseded` also those that another has replaced; of one `kind`, if given."""
        limit = min(whole(limit, "limit, the most notes of a list,", least=0), MOST)
        offset = min(whole(offset, "offset, the notes to pass over,", least=0), MOST)
        if kind is not None and kind not in get_args(Kind):
            raise RecallError(f"{kind!r:.60} is no kind of note", hint=f"use one of: {', '.join(get_args(Kind))}")
        return self._store.notes(limit=limit, offset=offset, superseded=superseded, kind=kind)

    def beginning_with(self, id: str) -> Listing:  # noqa: A002 - as in `forget`
        """Notes, superseded or not, whose ids begin so; a few at most."""
        begun = clean(id_of(id))
        return self._store.notes(limit=5, begun=begun) if begun else []

    def counts(self) -> Sequence[tuple[str, str, int]]:
        """How many notes there are of each kind and origin, superseded ones left out."""
        return self._store.counts()

    def get(self, id: str) -> Note | None:  # noqa: A002 - as in `forget`
        """The note with this id, superseded or not; None where there is none."""
        return next(iter(self._store.notes(ids=[clean(id_of(id))])), None)

    def history(self, id: str) -> Listing:  # noqa: A002 - as in `forget`
        """The notes that this one superseded, newest first; each tells why (`superseded_why`)."""
        return self._store.notes(hidden_by=clean(id_of(id)))

    def similar(self, text: str, k: int = 3) -> Listing:
        """Notes that say something of the same as a text would, the most alike first: what it might be meant to
        correct."""
        return similar(self._store, clean(text_of(text, "the text")), whole(k, "k", least=0))

    def quoting(self, texts: Iterable[str]) -> Listing:
        """Notes of every namespace, superseded ones too, in which one of these texts stands word for word, newest
        first: where something that was forgotten is still said."""
        wanted = [text_of(text, "a text") for text in several(texts, "the texts", hint="give a list of them")]
        return self._store.quoting([text for text in wanted if text], limit=_QUOTING)

    def count(self) -> int:
        """How many notes there are, superseded ones left out."""
        return self._store.count()

    def namespaces(self) -> Names:
        """Every namespace of the file that holds a note, sorted."""
        return self._store.namespaces()

    def stats(self) -> Stats:
        """What this namespace holds, and how its vectors are searched."""
        return self._upkeep.stats()

    def check(self) -> None:
        """Read the whole file of notes, which may take a while. Raises `StoreDamaged` where it is broken anywhere."""
        self._store.check()

    def _erase(self) -> None:
        self._has_forgotten = True
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
        elif left and self._embedder.trouble is None:
            wait = "1 note waits for its vector" if left == 1 else f"{left:,} notes wait for their vectors"
            self._tell(f"notes are found by their words alone: {wait} by {self._embedder.id}")

    # ---------------------------------------------------------------- documents

    def replace_source(
        self, name: str, drafts: Iterable[Draft], *, digest: str, size: int, modified: float
    ) -> Sequence[str]:
        """Store the passages of a document in place of those that it had, in one transaction; their ids, in order.

        Args:
            name: The document's, such as its path. `digest`, `size` and `modified` are kept beside it, see `Source`.
        """
        return self._sources.replace(name, drafts, digest=digest, size=size, modified=modified)

    def sources(self) -> Sequence[Source]:
        """The documents that passages are kept of, by name."""
        return self._sources.list()

    def forget_sources(self, names: Iterable[str]) -> int:
        """Remove documents with all their passages, words and vectors; how many of them there were."""
        gone = self._sources.forget(names)
        if gone:
            self._erase()
        return gone

    # ---------------------------------------------------------------- carrying

    def export(self) -> Iterator[dict[str, Any]]:
        """Every note as an object of JSON, oldest first, hidden ones included; without vectors and documents."""
        return exported(self._store)

    def import_notes(self, rows: Iterable[Any], *, trusted: bool = False, apart: bool = False) -> Imported:
        """Put exported notes into this namespace, in one transaction: all of them, or none where one is refused.

        A note whose id or text is here already is passed over.

        Args:
            trusted: They are the user's own, put back, and keep their origins; else it is "import". A known note whose
                origin an import has made that gets its own back.
            apart: Each goes into the namespace that it is of (`namespace`), and into this one where it names none.

        Raises:
            NoteRefused, SecretFound: as of `add`; the number of the note is said.
        """
        return Import(store=self._store, embedder=self._embedder, rules=self._rules, trusted=trusted, apart=apart).take(
            rows
        )

    # ---------------------------------------------------------------- upkeep

    def sync(self, *, wait: float = 0) -> bool:
        """Bring the vector index up to date. False where another process holds it (for longer than `wait` seconds)
        or it cannot be made: searches scan instead, and `stats` says why."""
        return self._upkeep.sync(wait=number_of(wait, "wait, in seconds,"))

    def reembed(self) -> int:
        """Give every note the present embedder's vector that has none; how many that were.

        Raises:
            EmbeddingFailed: the embedder gave none; what was done before is kept.
        """
        return self._upkeep.reembed()

    def rebuild(self) -> int:
        """Make the words and the vector index anew from the notes, and mend vectors that are damaged or missing.

        Returns how many notes are searchable. The vector index is made where the store is large enough to use it, or
        has one. Raises `EmbeddingFailed` as `reembed` does.
        """
        return self._upkeep.rebuild()

    def close(self) -> None:
        """Bring the vector index of a large store up to date and let go of all files. Twice does no harm."""
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
                    if self._keeps_up:
                        self._upkeep.sync_if_large()
            finally:
                if self._index is not None:
                    self._index.close()
                if self._embedder is not None:
                    self._embedder.close()
                self._store.close()


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
