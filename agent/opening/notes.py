"""Notes: long-term memory behind a run: its project's own, and what the user prefers everywhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from agent.notes import NewNote
from plugins import Found, Newest, Remembered, Seen, ToolError

if TYPE_CHECKING:
    from memory.recall import Hit, Kind, Note, Recall

GLOBAL = "global"
"""The namespace of what holds whatever the project is."""
_LOOKED_AT = 200
"""Of the newest notes so many are looked at for what the user prefers everywhere, and for how tools are called."""
_OWN = "the note {id} is the user's own word, which only the user changes"


class RecallNotes:
    """Long-term memory, as runs and tools have it. A context manager: it closes what it opened.

    Args:
        namespace: The run's.
        opened: Opens the notes of a namespace; those of `global` only once they are needed.
        run: Written beside each note.
        tell: Says a line to the person.

    Raises:
        RecallError: the store cannot be had.
    """

    rules = True

    def __init__(
        self, namespace: str, opened: Callable[[str], Recall], *, run: str, tell: Callable[[str], None]
    ) -> None:
        self._namespace, self._opened = namespace, opened
        self._run, self._tell = run, tell
        self._own = opened(namespace)
        self._global: Recall | None = self._own if namespace == GLOBAL else None
        self._opening = threading.Lock()
        self._warned = False

    def __enter__(self) -> RecallNotes:
        return self

    def __exit__(self, *raised: object) -> None:
        self._own.close()
        if self._global is not None:
            self._global.close()

    # ---------------------------------------------------------------- writing

    def write(self, note: NewNote) -> Remembered:
        """Store a note; a correction goes to where the note is that it corrects."""
        with self._told():
            if (done := self._replaced_before(note)) is not None:
                return done
            store, older = self._store_of(note)
            if older is not None and older.origin == "user" and note.origin != "user" and not note.approved:
                hint = "tell the user, or keep yours as a note of its own"
                raise ToolError(_OWN.format(id=older.id), hint=hint)
            similar = store.similar(note.text, 4)
            added = store.add(
                note.text,
                dict(note.about),
                kind=cast("Kind", note.kind),
                origin=note.origin,
                run=self._run or None,
                step=note.step,
                supersedes=older.id if older is not None else _succeeded(store, note),
                expires=note.expires,
            )
            return self._became(store, note, added, similar)

    def _replaced_before(self, note: NewNote) -> Remembered | None:
        """What became of a correction that was stored before, as when a run was killed before its journal knew it."""
        for store in self._stores() if note.replaces is not None else ():
            older = store.get(note.replaces or "")
            newer = store.get(older.superseded_by) if older is not None and older.superseded_by else None
            if newer is not None and newer.superseded_by is None and newer.text.split() == note.text.split():
                return self._became(store, note, newer.id, store.similar(note.text, 4))
        return None

    def _store_of(self, note: NewNote) -> tuple[Recall, Note | None]:
        """Where a note goes, and the note that it is to replace."""
        if note.replaces is None:
            return (self._everywhere() if note.everywhere else self._own), None
        for store in self._stores():
            older = store.get(note.replaces)
            if older is not None and older.superseded_by is None:
                return store, older
        raise ToolError(f"there is no note {note.replaces} to replace", hint="recall tells the ids of notes")

    def _became(self, store: Recall, note: NewNote, added: str, similar: Sequence[Note]) -> Remembered:
        now = store.get(added)
        space = self._namespace if store is self._own else GLOBAL
        if now is None:  # forgotten meanwhile, by another process
            return Remembered(id=added, state="new", namespace=space)
        if now.text.split() != note.text.split():
            return Remembered(id=added, state="covered", namespace=space, similar=(_found_note(now),))
        if now.copies > 1:
            return Remembered(id=added, state="counted", namespace=space)
        replaced = [one for one in store.history(added) if one.superseded_by == added]
        gone = {added, *(one.id for one in replaced)}
        return Remembered(
            id=added,
            state="replaced" if replaced else "new",
            namespace=space,
            replaced=tuple(map(_found_note, replaced)),
            similar=tuple(_found_note(one) for one in similar if one.id not in gone)[:3],
        )

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        """Store a note of a tool's that is called by hand."""
        return self.write(NewNote(text=text, kind=kind, replaces=replaces))

    def used(self, ids: Iterable[str]) -> None:
        """Count that these notes were put before a model."""
        with self._told():
            wanted = list(ids)
            self._own.mark_used(wanted)
            if self._global is not None and self._global is not self._own:
                self._global.mark_used(wanted)

    # ---------------------------------------------------------------- reading

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        """The notes nearest to a query, those of the project and those that hold everywhere."""
        if count < 1:
            return ()
        where = {"kind": list(kinds)} if kinds else None
        with self._told():
            hits = [hit for store in self._stores() for hit in store.search(query, count, where)]
        return _found(_relevant(hits), count)

    def newest(self, *, count: int = 20) -> Newest:
        """The newest notes of the project and of those that hold everywhere, episodes last."""
        with self._told():
            stores = self._stores()
            listed = [note for store in stores for note in store.list(_LOOKED_AT)]
            total = sum(store.count() for store in stores)
        listed.sort(key=lambda one: (one.kind == "episode", -one.created))
        return Newest(notes=tuple(map(_found_note, listed[:count])), total=total)

    def standing(self, query: str, *, count: int) -> Sequence[Found]:
        """What the user prefers wherever they work, in their own words: the nearest first, then the newest."""
        where: Mapping[str, Any] = {"kind": "preference", "origin": "user"}
        with self._told():
            store = self._everywhere()
            found = _found(_relevant(store.search(query, count, where)), count)
            known = {one.id for one in found}
            newest = (one for one in store.list(_LOOKED_AT) if (one.kind, one.origin) == ("preference", "user"))
            found += [_found_note(one, score=0.0) for one in newest if one.id not in known]
        return found[:count]

    def forms(self, tools: Collection[str], *, count: int) -> Sequence[Found]:
        """Lessons on the form in which these tools want to be called: first what had to be learned most often, then the
        newest."""
        with self._told():
            newest = self._own.list(_LOOKED_AT, kind="lesson")
        known = [one for one in newest if one.metadata.get("cause") == "form" and one.metadata.get("tool") in tools]
        known.sort(key=lambda one: -one.copies)  # newest first where they are as many
        return [_found_note(one, score=0.0) for one in known[:count]]

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        """Nothing: only a run has steps."""
        del query, count
        return ()

    def _stores(self) -> Sequence[Recall]:
        everywhere = self._everywhere()
        return (self._own,) if everywhere is self._own else (self._own, everywhere)

    def _everywhere(self) -> Recall:
        with self._opening:
            if self._global is None:
                self._global = self._opened(GLOBAL)
            return self._global

    def _warn(self) -> None:
        """Tell the person, once, where a secret that was not noted stands all the same: a run needs what was said to it
        as it was said."""
        if self._run and not self._warned:
            self._warned = True
            holds = "the secret was not noted, but the run's journal holds what was said"
            self._tell(f"{holds}: thinkact runs delete {self._run} removes it")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns the store's errors into ones for the model; a place of this machine is told to the person alone."""
        from memory.recall import RecallError, SecretFound

        try:
            yield
        except RecallError as error:
            if isinstance(error, SecretFound):
                self._warn()
            if error.what != error.message:
                self._tell(error.message)
            raise ToolError(error.what, hint=error.hint) from error


def _succeeded(store: Recall, note: NewNote) -> str | None:
    """The note that gives up its place to this one, by the conditions that it names."""
    for condition in note.succeeds:
        for hit in store.search(note.text, 1, condition, floor=0.0):
            return hit.id
    return None


def _relevant(hits: Iterable[Hit]) -> list[Hit]:
    """Those that have to do with what was asked. A prompt has room for no others; the best of them tells nothing of
    the rest."""
    from memory.recall import FLOOR

    return [hit for hit in hits if hit.score >= FLOOR]


def _found(hits: Iterable[Hit], count: int) -> list[Found]:
    best = sorted(hits, key=lambda hit: -hit.score)[:count]
    return [
        Found(id=one.id, text=one.text, score=one.score, kind=one.kind, origin=one.origin, date=one.date)
        for one in best
    ]


def _found_note(note: Note, *, score: float = 1.0) -> Found:
    return Found(id=note.id, text=note.text, score=score, kind=note.kind, origin=note.origin, date=note.date)


class NoNotes:
    """Long-term memory, turned off."""

    rules = False

    def write(self, note: NewNote) -> Remembered:
        """Refused."""
        raise ToolError(f"memory is off in this run; {note.kind} of {len(note.text)} characters not kept")

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        """Nothing."""
        del query, count, kinds
        return ()

    def newest(self, *, count: int = 20) -> Newest:
        """Nothing."""
        del count
        return Newest(notes=(), total=0)

    def standing(self, query: str, *, count: int) -> Sequence[Found]:
        """Nothing."""
        del query, count
        return ()

    def forms(self, tools: Collection[str], *, count: int) -> Sequence[Found]:
        """Nothing."""
        del tools, count
        return ()

    def used(self, ids: Iterable[str]) -> None:
        """Nothing was."""
        del ids
