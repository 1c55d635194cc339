"""Runs: one run from opening to end. Pull an event, write it down, take it in, tell the listeners.

A run is a folder `runs/<id>/` with its journal and its artifacts. What is announced is on disk before the loop goes
past a barrier, and only then are the listeners told; deltas and progress pass by at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Protocol, TypeAlias

from agent.errors import ModelError, RunError
from agent.events import Event, Finished, Progress, Record, Stopped, ThoughtDelta, encode
from agent.history import History
from agent.mail import Barrier, Items, Nested
from agent.runs.clock import Clock, OwnTime
from agent.runs.stored import make_folder, record_of, renamed
from memory.journal import Journal

Listener: TypeAlias = Callable[[Record], None]
"""Told of every event, in order; those that are journaled only once they are on disk."""


class Late(Protocol):
    """What is still to be taken in before a run ends."""

    def __call__(self, ending: Finished | Stopped, *, hurry: bool) -> Items:
        """Before this event, which ends it. In a `hurry`: without waiting for anything."""
        ...


def _drawn(told: deque[Record]) -> Iterator[Record]:
    while told:
        yield told.popleft()


def _nothing_late(ending: Finished | Stopped, *, hurry: bool) -> Items:
    del ending, hurry
    yield from ()


class Run:
    """An open run: the one writer of its journal.

    Attributes:
        id: Its id, also the name of its folder.
        folder: Where its journal and artifacts are.
        history: Everything so far, folded.
    """

    def __init__(self, folder: Path, journal: Journal, *, clock: Clock | None = None) -> None:
        self.id = folder.name
        self.folder = folder
        self.history = History()
        self._journal = journal
        self._clock = clock or Clock()
        self._listeners: list[Listener] = []
        self._untold: deque[Record] = deque()
        self._time = OwnTime(self._clock)

    @classmethod
    def create(cls, runs: Path, *, clock: Clock | None = None) -> Run:
        """Open a new run, with an empty journal.

        Raises:
            RunError: its folder cannot be written.
        """
        clock = clock or Clock()
        folder = make_folder(runs, clock)
        with renamed():
            return cls(folder, Journal.create(folder / "journal.db", meta={"run": folder.name}), clock=clock)

    @classmethod
    def open(cls, folder: Path, *, clock: Clock | None = None) -> Run:
        """Open a stored run to go on with it; its time so far counts.

        Raises:
            RunError: it is unknown, busy in another process, damaged, or of a newer thinkact.
        """
        with renamed():
            run = cls(folder, Journal.open(folder / "journal.db"), clock=clock)
            try:
                for row in run._journal.rows():
                    run.history.apply(record_of(row))
            except BaseException:
                run.close()
                raise
        run._time.before = run.history.seconds
        if run.history.started is None:
            run.close()
            raise RunError(f"the run {folder.name} ended before it began", hint="start it anew with: thinkact run GOAL")
        return run

    def listen(self, listener: Listener) -> None:
        """Tell this one of every event from now on."""
        self._listeners.append(listener)

    def record(self, event: Event, path: str = "") -> None:
        """Write an event down and take it in; the listeners hear of it at the next barrier.

        Raises:
            RunError: the journal cannot be written; what was committed stays.
        """
        elapsed = self.elapsed()
        if isinstance(event, ThoughtDelta | Progress):
            self._tell(Record(seq=0, time=self._clock.wall(), elapsed=elapsed, path=path, event=event))
            return
        with renamed():
            row = self._journal.append(encode(event), path=path, elapsed=elapsed, now=self._clock.wall())
        record = Record(seq=row.seq, time=row.time, elapsed=elapsed, path=path, event=event)
        self.history.apply(record)
        self._untold.append(record)

    def elapsed(self) -> float:
        """The run's own time in seconds, summed over resumes."""
        return self._time.elapsed()

    def waiting(self) -> AbstractContextManager[None]:
        """A stretch in which a person is waited for: the run's own time stands still. From any thread, and at once."""
        return self._time.waiting()

    def commit(self) -> None:
        """Put everything so far on disk, then tell the listeners."""
        with renamed():
            self._journal.commit()
        while self._untold:  # one by one: Ctrl-C in the midst leaves the others for the next time
            self._tell(self._untold.popleft())

    def drive(self, items: Items, *, late: Late = _nothing_late) -> Finished | Stopped:
        """Pull the loop to its end, as `stream` does, and tell how the run ended."""
        with closing(self.stream(items, late=late)) as records:
            try:
                for _ in records:
                    pass
            except KeyboardInterrupt:  # it came between two events
                records.close()
        assert self.history.ended is not None
        return self.history.ended

    def stream(self, items: Items, *, late: Late = _nothing_late) -> Generator[Record, None, None]:
        """Pull the loop to its end and write down every event before asking for the next.

        A model that cannot be had and a second Ctrl-C end the run like a limit does: as an event, to be resumed; so
        does whoever closes this before the end. What `late` brings is written down before the event that ends the run.

        Yields:
            Every event, once the listeners have been told of it; those first that were recorded before.
        """
        told: deque[Record] = deque()
        hear = told.append
        self._listeners.append(hear)
        try:
            with closing(items):
                try:
                    for item in items:
                        if isinstance(item, Finished | Stopped):
                            self._take_all(late(item, hurry=False))
                        self._take(item)
                        yield from _drawn(told)
                except ModelError as error:
                    hint = f" ({error.hint})" if error.hint else ""
                    stopped = Stopped(state="model", reason=f"{error.message}{hint}")
                    self._take_all(late(stopped, hurry=False))
                    self.record(stopped)
                except (KeyboardInterrupt, GeneratorExit) as stop:
                    self._interrupted(late)
                    if isinstance(stop, GeneratorExit):
                        raise
            self.commit()
            yield from _drawn(told)
        finally:
            self._listeners.remove(hear)

    def _interrupted(self, late: Late) -> None:
        """End the run where it is, unless it has ended."""
        if self.history.ended is None:
            stopped = Stopped(state="interrupted", reason="stopped by the user")
            self._take_all(late(stopped, hurry=True))
            self.record(stopped)
        self.commit()

    def _take_all(self, items: Items) -> None:
        for item in items:
            self._take(item)

    def _take(self, item: Event | Barrier | Nested) -> None:
        if isinstance(item, Barrier):
            self.commit()
        elif isinstance(item, Nested):
            self.record(item.event, item.path)
        else:
            self.record(item)

    def _tell(self, record: Record) -> None:
        for listener in self._listeners:
            listener(record)

    def close(self) -> None:
        """Let go of the journal; what is not committed yet is."""
        self._journal.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
