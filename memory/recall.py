"""Long-term memory: small notes, stored for later runs and found again.

The truth is one SQLite file that several processes may use at once; chromadb is an index beside it that can always be
rebuilt. A search weighs two signals: the words that a note and its context share with the query (BM25), and how near
their vectors are. Where everything found is weak, nothing is returned.

Which part answers the vectors' question: up to `exact_up_to` notes in a namespace, a scan over the vectors in SQLite,
which is exact, quicker than starting chromadb, and never imports it. Above that, chromadb, wherever its index is
ready; and the exact scan again while it is not (never built, in another process's hands, damaged, far behind). `add`
writes SQLite only. The index is brought up to date by `sync`; where the store is that large, `close` does a second of
it after a write, and nothing where one only asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ._drafts import Draft, NoteRefused, SecretFound
from ._endpoint_embedder import EmbeddingEndpoint
from ._given import callable_of, number_of
from ._importing import Import, Imported
from ._note_errors import RecallError, StoreBusy, StoreDamaged, StoreError, StoreFull, StoreTooNew, StoreUnusable
from ._noted import Noted
from ._notes import Kind, Note, Origin
from ._opened import EXACT_UP_TO
from ._portable import exported, told
from ._ranking import FLOOR
from ._rules import ENTRIES, NOTES, PASSAGES, Rules
from ._search import Hit
from ._sources import Source
from ._upkeep import Progress, Stats
from .embedders import EmbedderName

__all__ = [
    "ENTRIES",
    "EXACT_UP_TO",
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
    "StoreError",
    "StoreFull",
    "StoreTooNew",
    "StoreUnusable",
    "told",
]


class Recall(Noted):
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
        tell: Is told, in one line and once, why vectors are not to be had, and that a process which is reading the file
            keeps bytes of what was forgotten in its log.
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
        RecallError: from every method, as a `StoreError` (`StoreUnusable`, `StoreDamaged`, `StoreTooNew`, `StoreFull`,
            `StoreBusy`), or for a closed memory, or for what was handed in by mistake.
    """

    # ---------------------------------------------------------------- documents

    def replace_source(
        self, name: str, drafts: Iterable[Draft], *, digest: str, size: int, modified: float
    ) -> Sequence[str]:
        """Store the passages of a document in place of those that it had, in one transaction; their ids, in order.

        Args:
            name: The document's, such as its path. `digest`, `size` and `modified` are kept beside it, see `Source`.
        """
        self._wrote = True
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
        self._wrote = True
        into = Import(store=self._store, embedder=self._embedder, rules=self._rules, trusted=trusted, apart=apart)
        return into.take(rows)

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

    def rebuild(self, *, progress: Progress | None = None, words: bool = True) -> int:
        """Make the words and the vector index anew from the notes, and mend vectors that are damaged or missing.

        The words are made of the whole file, all else of this namespace. Returns how many notes of it are searchable.
        The vector index is made where the store is large enough to use it, or has one. Raises `EmbeddingFailed` as
        `reembed` does.

        A file that is damaged is mended first: every row that can be read goes into a sound file in its place, the
        damaged one is kept beside it (`notes.db.damaged-1`), and `tell` is told how many could not be read. Where none
        can be, it is left as it is, and `StoreDamaged` is raised.

        Args:
            progress: Is told what is being made, "words", "vectors" or "index", how many notes are done, and of how
                many (0: not known).
            words: False: another namespace's `rebuild` has made them just now, and mended the file.
        """
        callable_of(progress, "progress")
        return self._upkeep.rebuild(progress, words=words)
