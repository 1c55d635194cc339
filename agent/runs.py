"""Runs: one run from opening to end. Pull an event, write it down, take it in, tell the listeners.

A run is a folder `runs/<id>/` with its journal and its artifacts. What is announced is on disk before the loop goes
past a barrier, and only then are the listeners told; deltas and progress pass by at once.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from agent.errors import ModelError, RunError
from agent.events import (
    JSON,
    Event,
    Finished,
    Progress,
    Record,
    Stopped,
    ThoughtDelta,
    UnknownEvent,
    decode,
    encode,
)
from agent.history import History
from agent.kit import Barrier, Items, Nested
from memory.journal import Journal, JournalError, Row, read
from memory.private import make_private_folder

Listener: TypeAlias = Callable[[Record], None]
"""Told of every event, in order; those that are journaled only once they are on disk."""


class Late(Protocol):
    """What is still to be taken in before a run ends."""

    def __call__(self, ending: Finished | Stopped, *, hurry: bool) -> Items:
        """Before this event, which ends it. In a `hurry`: without waiting for anything."""
        ...


_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-z]{4}")


def new_id(now: float) -> str:
    """A fresh run id: UTC date and time, the part of the second in two characters, so that ids sort by their time,
    and two random ones."""
    part = int(now % 1 * 1024)
    tail = (_DIGITS[part // 32], _DIGITS[part % 32], secrets.choice(_DIGITS), secrets.choice(_DIGITS))
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{''.join(tail)}"


def envelope(record: Record) -> dict[str, JSON]:
    """A record as `--output stream-json` and plugins' observers see it."""
    body: dict[str, JSON] = {"seq": record.seq, "time": round(record.time, 3), **encode(record.event)}
    if record.path:
        body["path"] = record.path
    return body


def folder_of(runs: Path, wanted: str) -> Path:
    """The folder of a run, by its id, the beginning of one, or `last`.

    Raises:
        RunError: there is none, or the beginning fits several.
    """
    ids = listed(runs)
    if wanted == "last":
        if not ids:
            raise RunError("there is no run yet", hint="start one with: thinkact run GOAL")
        return runs / ids[-1]
    found = [one for one in ids if one == wanted] or [one for one in ids if one.startswith(wanted)]
    if len(found) != 1:
        why = f"{len(found)} runs begin with {wanted!r}" if found else f"there is no run {wanted!r}"
        raise RunError(why, hint="thinkact runs list shows all")
    return runs / found[0]


def listed(runs: Path) -> list[str]:
    """The ids of all runs, oldest first."""
    if not runs.is_dir():
        return []
    return sorted(one.name for one in runs.iterdir() if _ID.fullmatch(one.name) and (one / "journal.db").exists())


def records(folder: Path, after: int = 0) -> Iterator[Record]:
    """The stored events of a run, also while another process writes it.

    Raises:
        RunError: the journal cannot be read; what stands before the damage has been yielded.
    """
    with _renamed():
        for row in read(folder / "journal.db", after):
            yield _record(row)


def _record(row: Row) -> Record:
    try:
        return Record(seq=row.seq, time=row.time, elapsed=row.elapsed, path=row.path, event=decode(row.body))
    except UnknownEvent as error:
        raise RunError(str(error), hint="update thinkact to read this run") from error


@contextmanager
def _renamed() -> Iterator[None]:
    """Turns the journal's errors into ours."""
    try:
        yield
    except JournalError as error:
        raise RunError(error.message, hint=error.hint) from error


@dataclass(frozen=True, slots=True)
class Clock:
    """Two clocks: one for people, one that only ever goes forward."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic


def make_folder(runs: Path, clock: Clock) -> Path:
    """The folder of a new run, empty; its name is the run's id.

    Raises:
        RunError: it cannot be made.
    """
    folder = runs / new_id(clock.wall())
    try:
        while folder.exists():
            folder = runs / new_id(clock.wall())
        make_private_folder(folder, anew=True)
    except OSError as error:
        hint = "choose another place with THINKACT_HOME"
        raise RunError(f"the run's folder {folder} cannot be made: {error.strerror}", hint=hint) from error
    return folder


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
        self._before = 0.0
        self._begun = self._clock.steady()
        self._waits = 0
        self._waiting_since = 0.0
        self._lock = threading.Lock()

    @classmethod
    def create(cls, runs: Path, *, clock: Clock | None = None) -> Run:
        """Open a new run, with an empty journal.

        Raises:
            RunError: its folder cannot be written.
        """
        clock = clock or Clock()
        folder = make_folder(runs, clock)
        with _renamed():
            return cls(folder, Journal.create(folder / "journal.db", meta={"run": folder.name}), clock=clock)

    @classmethod
    def open(cls, folder: Path, *, clock: Clock | None = None) -> Run:
        """Open a stored run to go on with it; its time so far counts.

        Raises:
            RunError: it is unknown, busy in another process, damaged, or of a newer thinkact.
        """
        with _renamed():
            run = cls(folder, Journal.open(folder / "journal.db"), clock=clock)
            try:
                for row in run._journal.rows():
                    run.history.apply(_record(row))
            except BaseException:
                run.close()
                raise
        run._before = run.history.seconds
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
        with _renamed():
            row = self._journal.append(encode(event), path=path, elapsed=elapsed, now=self._clock.wall())
        record = Record(seq=row.seq, time=row.time, elapsed=elapsed, path=path, event=event)
        self.history.apply(record)
        self._untold.append(record)

    def elapsed(self) -> float:
        """The run's own time in seconds, summed over resumes."""
        with self._lock:
            now = self._waiting_since if self._waits else self._clock.steady()
            return self._before + now - self._begun

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A stretch in which a person is waited for: the run's own time stands still. From any thread, and at once."""
        with self._lock:
            if not self._waits:
                self._waiting_since = self._clock.steady()
            self._waits += 1
        try:
            yield
        finally:
            with self._lock:
                self._waits -= 1
                if not self._waits:
                    self._begun += self._clock.steady() - self._waiting_since

    def commit(self) -> None:
        """Put everything so far on disk, then tell the listeners."""
        with _renamed():
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
