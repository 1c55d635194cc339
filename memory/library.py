"""A knowledge base: documents of the user's own, kept as passages that are found again.

    with Recall(file, rules=PASSAGES) as recall:
        library = Library(recall)
        for step in library.add([Path("docs")], convert):
            print(step)
        library.search("how high is the pier?", 5)

What turns a file into text comes in as an argument. One document is written in one transaction, so that whoever is
interrupted has each document whole, as it was or as it is, and goes on by asking for the same again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ._filling import (
    Added,
    Convert,
    Converted,
    Filling,
    Forgotten,
    NotConverted,
    Planned,
    Skipped,
    Step,
)
from ._standing import State, state_of
from .days import Days, dates_in, spelled, without_dates
from .recall import Hit, Recall, Source

__all__ = [
    "Added",
    "Convert",
    "Converted",
    "Forgotten",
    "Library",
    "NotConverted",
    "Planned",
    "Quoted",
    "Skipped",
    "State",
    "Step",
]

MOST_BYTES = 100_000_000
"""Of a file, where nobody says."""
MOST_WORKERS = 8
"""Where nobody says: each may take some hundred megabytes for a document of another kind than text."""
_DATES = 3  # days of a query whose passages are looked for
_PER_SPELLING = 8  # passages that are looked for by each spelling of a day
_OTHERS = 4  # of so many passages one is left to those that name no day


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A passage that was found. `file` is its document as it is told and `name` its name among `Library.sources`;
    `place` is where in it the passage stands (`page 3`, `lines 10-24`, `paragraph 2` below its heading), `heading` the
    headings above it, or "". `score` is between 0 and 1."""

    id: str
    text: str
    score: float
    file: str
    place: str
    heading: str
    name: str = ""


class Library:
    """The documents of one namespace of a `Recall` whose rules are `PASSAGES`. It holds nothing itself."""

    def __init__(self, recall: Recall) -> None:
        self._recall = recall

    def add(
        self,
        paths: Sequence[Path],
        convert: Convert,
        *,
        workers: int | None = None,
        most_bytes: int = MOST_BYTES,
        leave: Collection[Path] = (),
        told: Callable[[str], str] | None = None,
        working: Callable[[str], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Generator[Step, None, None]:
        """Bring the documents of folders, or single files, into the library: one step after another, each durable once
        it is told. A document that is as it was is not read again; one of such a folder that is gone is forgotten.
        Nothing is forgotten where a folder has no file at all, as one that is not mounted.

        Args:
            paths: Each a folder or a file that is there.
            convert: Turns the content of a file into text. It is called in threads.
            workers: How many documents are converted at a time; None: one for each processor, `MOST_WORKERS` at most.
            most_bytes: A larger file is passed over.
            leave: Folders that are not entered.
            told: How the steps name a file, by its absolute path; None: by the folder that was named and the way from
                there, as passages do.
            working: Is called, between two steps, with the file that is being converted or written.
            cancelled: Is asked between two files, and some times a second while one is waited for: once it says yes,
                nothing more is begun, and the steps end.

        Raises:
            RecallError: the library cannot be written; what was told of before is kept.
        """
        filling = Filling(
            recall=self._recall,
            convert=convert,
            workers=workers or min(os.cpu_count() or 1, MOST_WORKERS),
            most_bytes=most_bytes,
            told=told,
            working=working,
            cancelled=cancelled,
        )
        yield from filling.fill(paths, leave=leave)

    def search(self, query: str, k: int = 5) -> list[Quoted]:
        """The passages nearest to a query, best first, at most `k`; none where nothing is relevant. Where it names a
        day, those that stand under one or speak of one like it come first, in whatever spelling."""
        hits = self._recall.search(query, k)
        dates, rest = without_dates(query)
        if dates:
            hits = self._of_days(rest, dates, hits, k)
        return [
            Quoted(
                id=hit.id,
                text=hit.text,
                score=hit.score,
                file=str(hit.metadata.get("file", "")),
                place=str(hit.metadata.get("place", "")),
                heading=str(hit.metadata.get("heading", "")),
                name=hit.source or "",
            )
            for hit in hits
        ]

    def _of_days(self, rest: str, dates: Sequence[Days], hits: Sequence[Hit], k: int) -> list[Hit]:
        """The hits that are of these days before the others. A passage has the words of its own spelling of a day, so
        it is looked for by each, with the `rest` of the query and alone: what many passages say would hide it."""
        found = {hit.id: hit for hit in hits}
        for date in dates[:_DATES]:
            for query in (f"{before}{one}" for before in (f"{rest} ", "") for one in spelled(date)):
                for hit in self._recall.search(query, max(k, _PER_SPELLING)):
                    found.setdefault(hit.id, hit)
        near = {one.id: _nearness(one, dates) for one in found.values()}
        of_them = sorted((one for one in found.values() if near[one.id]), key=lambda one: (-near[one.id], -one.score))
        kept = of_them[: max(1, k - k // _OTHERS)]
        known = {one.id for one in kept}
        return [*kept, *(one for one in hits if one.id not in known)][:k]

    def sources(self) -> Sequence[Source]:
        """Its documents by name: their absolute paths."""
        return self._recall.sources()

    def states(self, names: Iterable[str]) -> Mapping[str, State]:
        """What has become of the files of documents since they were added, for those of these names that are in the
        library. A file whose size or time is another is read, to tell whether its content is."""
        wanted = set(names)
        return {one.name: state_of(one) for one in self.sources() if one.name in wanted}

    def remove(self, names: Iterable[str]) -> int:
        """Remove documents by name, with all that was kept of them; how many there were."""
        return self._recall.forget_sources(names)


def _nearness(hit: Hit, dates: Sequence[Days]) -> int:
    """How surely a passage is of one of these days: 3 where that is what it stands under, 2 where it names one, 1 where
    it names one of any year; 0 where it is not."""
    under = dates_in(" ; ".join(str(hit.metadata.get(key, "")) for key in ("heading", "file")))
    for sureness, named in ((3, under), (2, dates_in(hit.text))):
        if any(one == date or (date.year is None and one.meets(date)) for one in named for date in dates):
            return sureness
    return int(any(one.meets(date) for one in (*under, *dates_in(hit.text)) for date in dates))
