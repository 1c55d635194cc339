"""Deadlines of running calls, all watched by one thread: a thread for each would cost more than most calls."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from itertools import count

__all__ = ["Clock", "Deadlines"]


class _Deadline:
    """Something to be called once, unless it is dropped before."""

    __slots__ = ("expire",)

    def __init__(self, expire: Callable[[], object]) -> None:
        self.expire: Callable[[], object] | None = expire


class Deadlines:
    """Calls functions at their time, each in a daemon thread of its own, so that a slow one delays no other.

    The thread that watches goes when it has had nothing to watch for `idle` seconds.
    """

    def __init__(self, *, idle: float = 5.0) -> None:
        self._idle = idle
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, _Deadline]] = []
        self._numbers = count()
        self._watched = False

    def add(self, seconds: float, expire: Callable[[], object]) -> _Deadline:
        """Call `expire` in so many seconds."""
        deadline = _Deadline(expire)
        entry = (time.monotonic() + seconds, next(self._numbers), deadline)
        with self._changed:
            heapq.heappush(self._heap, entry)
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="deadlines", daemon=True).start()
            elif self._heap[0] is entry:
                self._changed.notify()
        return deadline

    def drop(self, deadline: _Deadline) -> None:
        """Do not call it any more; nothing happens if it was called."""
        deadline.expire = None

    def _watch(self) -> None:
        with self._changed:
            while True:
                while self._heap and self._heap[0][2].expire is None:
                    heapq.heappop(self._heap)
                left = self._heap[0][0] - time.monotonic() if self._heap else self._idle
                if left > 0:
                    if not self._changed.wait(min(left, threading.TIMEOUT_MAX)) and not self._heap:
                        self._watched = False
                        return
                    continue
                expire = heapq.heappop(self._heap)[2].expire
                if expire is not None:
                    threading.Thread(target=expire, name="deadline", daemon=True).start()


class Clock:
    """Calls `expire` once so many seconds have run; it can stand still in between."""

    def __init__(self, deadlines: Deadlines, seconds: float, expire: Callable[[], object]) -> None:
        self._deadlines = deadlines
        self._left = seconds
        self._expire = expire
        self._lock = threading.Lock()
        self._deadline: _Deadline | None = None
        self._since = 0.0
        self._stopped = False

    def start(self) -> None:
        """Let it run, or go on; a clock that was stopped does not."""
        with self._lock:
            if not self._stopped:
                self._since = time.monotonic()
                self._deadline = self._deadlines.add(self._left, self._expire)

    def pause(self) -> None:
        """Let it stand still."""
        with self._lock:
            if self._deadline is not None:
                self._deadlines.drop(self._deadline)
                self._left = max(0.0, self._left - (time.monotonic() - self._since))

    def stop(self) -> None:
        """Let it never run again."""
        with self._lock:
            self._stopped = True
            if self._deadline is not None:
                self._deadlines.drop(self._deadline)
