"""What a memory is asked: searches, lists, and what is known of one note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, get_args

from ._drafts import clean
from ._given import id_of, number_of, several, text_of, whole
from ._note_errors import RecallError
from ._notes import MOST, Kind, Note, Where
from ._opened import Opened
from ._ranking import FLOOR
from ._search import Hit
from ._upkeep import Stats
from ._writing import similar

_LONGEST = 4_000  # characters of a query, as of a note: with a file of them a search would take a minute
_QUOTING = 100  # notes at most that are named as quoting another

Hits: TypeAlias = list[Hit]
Listing: TypeAlias = list[Note]
Names: TypeAlias = list[str]


class Asked(Opened):
    """The reading half of `Recall`."""

    def search(self, query: str, k: int = 5, where: Mapping[str, Any] | None = None, *, floor: float = FLOOR) -> Hits:
        """The notes nearest to a query, best first, at most `k` (1 or more); none where even the best is below `floor`
        (0 to 1), or where the query is blank. Of a query the first 4,000 characters count.

        Args:
            where: Only notes for which all of this holds: a key of its metadata has this value, or (`id`, `kind`,
                `origin`, `label`, `run`, `step`) the note itself has; a list means any of its values.
        """
        conditions = Where.of(where)
        query = clean(text_of(query, "the query", hint="give the words or the question to look for")[:_LONGEST])
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

    def whereabouts(self, id: str) -> str | None:  # noqa: A002 - as in `forget`
        """The namespace of the file in which the note with this id is; None where there is none."""
        return self._store.whereabouts(clean(id_of(id)))

    def count(self) -> int:
        """How many notes there are, superseded ones left out."""
        return self._store.count()

    def namespaces(self) -> Names:
        """Every namespace of the file that holds a note, sorted."""
        return self._store.namespaces()

    def stats(self) -> Stats:
        """What this namespace holds, and how its vectors are searched."""
        return self._upkeep.stats()

    def check_index(self) -> str | None:
        """What is the matter with the vector index: its folder is not what was written, or its server does not answer
        within two seconds. None where nothing is known against it, or there is none."""
        return self._upkeep.index.look() if self._upkeep.index is not None else None

    def check(self) -> None:
        """Read the whole file of notes, which may take a while. Raises `StoreDamaged` where it is broken anywhere."""
        self._store.check()
