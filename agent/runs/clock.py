"""The run's own time: it stands still while a person is waited for, and goes on where the run is resumed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Two clocks: one for people, one that only ever goes forward."""

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic


class OwnTime:
    """Measures it, from its making on. Safe to be used by several threads. `before`: seconds of earlier stretches."""

    def __init__(self, clock: Clock) -> None:
        self.before = 0.0
        self._clock = clock
        self._begun = clock.steady()
        self._waits = 0
        self._waiting_since = 0.0
        self._lock = threading.Lock()

    def elapsed(self) -> float:
        """Seconds so far, earlier stretches among them."""
        with self._lock:
            now = self._waiting_since if self._waits else self._clock.steady()
            return self.before + now - self._begun

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A stretch that does not count. From any thread, and several at once."""
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
