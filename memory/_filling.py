"""How documents come into a library: found, compared with what is there, converted side by side, written one by one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Protocol, TypeAlias

from ._drafts import Draft, NoteRefused, clean
from ._standing import hashed
from ._vanished import vanished
from ._walking import Candidate, PassedOver, Walk, content_of
from .documents import Passage, place_passages
from .recall import Recall, Source

CUT = "2"
"""Changes whenever documents are cut differently, so that those that are there are cut anew."""
_AT_ONCE = 24_000_000  # bytes of files that are under way together; a larger one is alone
_TICK = 0.25  # seconds between two looks: Ctrl-C does not end a longer wait on Windows
_RACE = 3.0  # seconds before it was read in which a file may have changed again with the same time
_HEADING, _TAIL = 300, 200  # characters
_PLACE, _ROWS = 200, 40  # characters of a place, and of its end, where the rows of a sheet are told
_SAID = 200  # characters that are told of what nobody foresaw
_PLAIN = frozenset({"", "md", "markdown", "mdown", "mkd", "mdx", "qmd", "rmd", "txt", "text", "rst", "adoc", "org"})
"""Endings of texts in which a line that begins with `#` is a heading, and no comment."""


class NotConverted(Exception):
    """A file has no text that could be had; the text says why, in one line that names the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What a file says: parts, each a place and its text, as `documents.place_passages` takes them. `kind` is "text"
    where the file itself is one; `notes` are what a reader should know, such as pages that cannot be read."""

    kind: str
    parts: Sequence[tuple[str, str]]
    marked: bool
    title: str = ""
    notes: Sequence[str] = ()


class Convert(Protocol):
    """Turns the content of a file into text."""

    def __call__(self, content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
        """The text; `name` is the file's, to be told and for its ending. Ends soon after `cancelled` says yes.

        Raises:
            NotConverted: there is none, or it was cancelled.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The files are found: so many, with so many bytes, `hidden` more left out for their names."""

    files: int
    bytes: int
    hidden: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A document is there. `how`: it is new, has changed, or is as it was."""

    file: str
    how: str
    passages: int
    bytes: int
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file is left out. `kept`: what was there of it before stays."""

    file: str
    reason: str
    kept: bool
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A document whose file is gone was removed."""

    file: str


Step: TypeAlias = Planned | Added | Skipped | Forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A file that was read: `drafts` are None where its content is as it was."""

    digest: str
    drafts: Sequence[Draft] | None
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """One adding; see `Library.add`."""

    recall: Recall
    convert: Convert
    workers: int
    most_bytes: int
    told: Callable[[str], str] | None = None
    working: Callable[[str], None] | None = None
    cancelled: Callable[[], bool] = lambda: False
    _over: threading.Event = field(default_factory=threading.Event)

    def fill(self, paths: Sequence[Path], *, leave: Collection[Path]) -> Iterator[Step]:
        """Every step, in the order in which they are done."""
        known = {source.name: source for source in self.recall.sources()}
        walks = [Walk(path, leave=leave) for path in paths]
        found: dict[str, Candidate] = {}
        passed: dict[str, PassedOver] = {}
        for one in (one for walk in walks for one in walk):
            if self.cancelled():
                return
            if isinstance(one, Candidate):
                found[one.name] = one
            else:
                passed[one.name] = one
        files = list(found.values())
        yield Planned(files=len(files), bytes=sum(one.size for one in files), hidden=sum(walk.hidden for walk in walks))
        for other in passed.values():
            yield Skipped(
                file=self._told(other), reason=f"{self._told(other)}: {other.reason}", kept=other.name in known
            )
        yield from self._forget(walks, known, found, list(passed.values()))
        fresh: deque[Candidate] = deque()
        for one in files:
            if one.size > self.most_bytes:
                yield Skipped(
                    file=self._told(one),
                    reason=f"{self._told(one)}: has {one.size:,} bytes, and {self.most_bytes:,} are the most",
                    kept=one.name in known,
                    bytes=one.size,
                )
            elif (source := known.get(one.name)) is not None and _is_untouched(one, source):
                yield Added(file=self._told(one), how="unchanged", passages=source.passages, bytes=one.size)
            else:
                fresh.append(one)
        yield from self._read_all(fresh, known)

    def _forget(
        self,
        walks: Sequence[Walk],
        known: Mapping[str, Source],
        found: Mapping[str, Candidate],
        passed: Collection[PassedOver],
    ) -> Iterator[Step]:
        """Remove what lay in one of these folders and lies there no more; not what lies where nobody could look."""
        for walk in walks:
            left = vanished(walk, known, found, passed)
            if left.gone:
                self.recall.forget_sources(left.gone)
            for name in left.gone:
                yield Forgotten(file=self._named(name, _shown(name, walk)))
            for name, count in left.empty.items():
                shown, many = (
                    self._named(name, _shown(name, walk)),
                    "1 document" if count == 1 else f"{count:,} documents",
                )
                reason = f"{shown}: is empty, as a disk that is not mounted, and had {many}"
                yield Skipped(file=shown, reason=reason, kept=True)

    def _read_all(self, fresh: deque[Candidate], known: Mapping[str, Source]) -> Iterator[Step]:
        """Convert side by side, as much as memory is meant to hold, and write whatever is ready."""
        pending: dict[Future[_Read], Candidate] = {}
        pool = ThreadPoolExecutor(max(1, self.workers), thread_name_prefix="document")
        try:
            while (fresh or pending) and not self.cancelled():
                held = sum(one.size for one in pending.values())
                while fresh and len(pending) < 2 * self.workers and (not pending or held + fresh[0].size <= _AT_ONCE):
                    one = fresh.popleft()
                    held += one.size
                    pending[pool.submit(self._read, one, known.get(one.name))] = one
                self._work(next(iter(pending.values())))  # threads take them in their order
                done, _ = wait(pending, timeout=_TICK, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=lambda future: pending[future].name):
                    one = pending.pop(future)
                    self._work(one)
                    yield self._written(one, future, known.get(one.name))
        finally:
            self._over.set()
            pool.shutdown(wait=True, cancel_futures=True)

    def _read(self, one: Candidate, source: Source | None) -> _Read:
        content = content_of(one.path)
        digest = f"{CUT} {hashed(content)}"
        if source is not None and source.digest == digest:
            return _Read(digest=digest, drafts=None)
        converted = self.convert(content, self._told(one), cancelled=self._over.is_set)
        del content
        ending = one.path.suffix[1:].casefold()
        headings = converted.kind != "text" or ending in _PLAIN
        lined = converted.kind == "text"
        passages = place_passages(converted.parts, marked=converted.marked, lined=lined, headings=headings)
        drafts = list(_drafts(passages, one.shown, converted.title))
        if not drafts:
            raise NotConverted(f"{self._told(one)}: there is no text in it")
        return _Read(digest=digest, drafts=drafts, notes=converted.notes)

    def _written(self, one: Candidate, future: Future[_Read], source: Source | None) -> Step:
        try:
            read = future.result()
        except Exception as error:  # noqa: BLE001  a converter is anybody's code, and a document is made to break it
            return self._skipped(one, _reason(self._told(one), error), source)
        if read.drafts is None:
            assert source is not None  # it was compared with what is there
            return Added(file=self._told(one), how="unchanged", passages=source.passages, bytes=one.size)
        try:
            ids = self.recall.replace_source(
                one.name, read.drafts, digest=read.digest, size=one.size, modified=one.modified
            )
        except NoteRefused as error:
            return self._skipped(one, f"{self._told(one)}: cannot be kept: {error}", source)
        how = "added" if source is None else "changed"
        return Added(file=self._told(one), how=how, passages=len(ids), bytes=one.size, notes=read.notes)

    def _skipped(self, one: Candidate, reason: str, source: Source | None) -> Skipped:
        return Skipped(file=self._told(one), reason=reason, kept=source is not None, bytes=one.size)

    def _work(self, one: Candidate) -> None:
        if self.working is not None:
            self.working(self._told(one))

    def _told(self, one: Candidate | PassedOver) -> str:
        return self._named(one.name, one.shown)

    def _named(self, name: str, shown: str) -> str:
        """How a file is told in the steps. In its passages it is always `shown`: they name no place of this machine."""
        return shown if self.told is None else self.told(name)


def _shown(name: str, walk: Walk) -> str:
    return PurePath(walk.root.name, PurePath(name).relative_to(walk.root)).as_posix()


def _reason(shown: str, error: Exception) -> str:
    """Why a file is left out; none keeps the others from being read."""
    if isinstance(error, NotConverted):
        return str(error)
    if isinstance(error, OSError):
        return f"{shown}: cannot be read: {(error.strerror or str(error)).lower()}"
    if isinstance(error, RecursionError):
        return f"{shown}: cannot be read: it is nested too deep"
    said = " ".join(str(error).split())[:_SAID]
    return f"{shown}: cannot be read: {type(error).__name__}{f': {said}' if said else ''}"


def _is_untouched(one: Candidate, source: Source) -> bool:
    """Can a file be taken for what it was without being read? Not where it changed just when it was read."""
    same = (one.size, one.modified) == (source.size, source.modified)
    return same and source.digest.startswith(f"{CUT} ") and one.modified < source.added - _RACE


def _drafts(passages: Iterable[Passage], file: str, title: str) -> Iterator[Draft]:
    """Passages as they are stored. What each stands under is its context: that finds it, and is not quoted."""
    before = ""
    named = " ".join(filter(None, [file.rpartition("/")[2].rpartition(".")[0], title[:_HEADING]]))
    title = " ".join(title.split())[:_HEADING]
    for number, one in enumerate(passages, 1):
        heading = one.heading[-_HEADING:]
        if title and title not in one.heading and title not in one.text:
            heading = f"{title} > {heading}" if heading else title
        if clean(one.text):
            yield Draft(
                text=one.text,
                metadata={"file": file, "place": _short(one.place), "heading": heading, "number": number},
                context="\n".join(filter(None, [named, heading, before])),
                origin="import",
            )
        before = one.text[-_TAIL:]


def _short(place: str) -> str:
    """A place that fits beside its passage: whoever made a workbook may have given a sheet a name without end."""
    return place if len(place) <= _PLACE else f"{place[: _PLACE - _ROWS - 1]}…{place[-_ROWS:]}"
