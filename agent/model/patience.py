"""Waiting for the first words of a reply without falling silent oneself."""

from __future__ import annotations

import queue
import threading
import time
import weakref
from collections.abc import Callable, Generator, Sequence
from itertools import chain, count

from agent.events import ThoughtDelta

__all__ = ["Patience"]

MARKS = (5.0, 15.0, 30.0)
"""Seconds after which it is said that nothing came yet; from then on every minute."""
_PAUSE = 1.0  # seconds between two looks: a wait without an end cannot be interrupted on every platform


class Patience:
    """Reads replies up to their first words on threads of its own, since whoever waits for a socket can say nothing
    meanwhile. A thread that is free is used again. May be used from several threads.

    Args:
        marks: Seconds after which a notice is due, before those of every minute.
    """

    def __init__(self, *, marks: Sequence[float] = MARKS) -> None:
        self._marks = tuple(marks)
        self._readers = _Readers()
        weakref.finalize(self, self._readers.close)

    def read(
        self, coming: Generator[ThoughtDelta, None, None], tell: Callable[[float], str]
    ) -> Generator[ThoughtDelta, None, None]:
        """What a reply brings, and until its first words a notice now and then. Whoever leaves before them leaves the
        reading behind: it ends with what it waits for.

        Args:
            coming: The reply, which nobody else reads. Its errors come out here.
            tell: The words of a notice, given the seconds that were waited so far.
        """
        fetching = _Fetching(coming)
        self._readers.run(fetching.fetch)
        try:
            begun, marks = time.monotonic(), chain(self._marks, count(60.0, 60.0))
            due = next(marks)
            while True:
                waited = time.monotonic() - begun
                if waited >= due:
                    yield ThoughtDelta(text=tell(due), channel="notice", waited=due)
                    due = next(marks)
                    continue
                try:
                    found = fetching.take(min(_PAUSE, due - waited))
                except queue.Empty:
                    continue
                if found is None:
                    return
                yield found
                if _words(found):
                    yield from coming
                    return
        finally:
            fetching.leave()


def _words(delta: ThoughtDelta) -> bool:
    return delta.channel in ("text", "reasoning")


class _Fetching:
    """One reply, read up to its first words or to its end."""

    def __init__(self, coming: Generator[ThoughtDelta, None, None]) -> None:
        self._coming = coming
        self._box: queue.SimpleQueue[ThoughtDelta | BaseException | None] = queue.SimpleQueue()
        self._left = False

    def fetch(self) -> None:
        """In a thread of its own: read."""
        try:
            for delta in self._coming:
                self._box.put(delta)
                if self._left:
                    self._close()
                if _words(delta):
                    return
            self._box.put(None)
        except BaseException as error:  # noqa: BLE001  (whatever it is, it belongs to whoever waits)
            self._box.put(error)

    def take(self, seconds: float) -> ThoughtDelta | None:
        """The next that came; None where the reply is over. Raises what the reading raised, and `queue.Empty` where
        nothing came within these seconds."""
        found = self._box.get(timeout=seconds)
        if not isinstance(found, BaseException):
            return found
        try:
            raise found
        finally:
            del found  # an error that is held by its own frame would keep the reply until somebody cleans up

    def leave(self) -> None:
        """Nobody takes anything any more."""
        self._left = True
        self._close()

    def _close(self) -> None:
        try:
            self._coming.close()
        except ValueError:  # it is being read: the thread closes it as soon as it can
            return


class _Readers:
    """Threads that run what they are given, and wait for more of it until all is closed."""

    def __init__(self) -> None:
        self._free: list[queue.SimpleQueue[Callable[[], None] | None]] = []
        self._lock = threading.Lock()
        self._closed = False

    def run(self, work: Callable[[], None]) -> None:
        """Have it run by a thread that is free."""
        with self._lock:
            tasks = self._free.pop() if self._free else None
        if tasks is None:
            tasks = queue.SimpleQueue()
            threading.Thread(target=self._serve, args=(tasks,), name="thinkact-reply", daemon=True).start()
        tasks.put(work)

    def close(self) -> None:
        """End those that are free, and each other once it is."""
        with self._lock:
            self._closed = True
            for tasks in self._free:
                tasks.put(None)

    def _serve(self, tasks: queue.SimpleQueue[Callable[[], None] | None]) -> None:
        while (work := tasks.get()) is not None:
            work()
            del work  # what it holds must not live until the next
            with self._lock:
                if self._closed:
                    return
                self._free.append(tasks)
