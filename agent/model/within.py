"""Work that may take longer than anybody wants to wait: a name that is looked up, a server that trickles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Later", "within"]

T = TypeVar("T")


class Later(Generic[T]):
    """Work that has begun, on a daemon thread of its own: nobody misses it where nobody waits for it any more."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._given: list[T] = []
        self._raised: list[BaseException] = []
        self._work = work
        self._thread = threading.Thread(target=self._run, name="thinkact-later", daemon=True)
        self._thread.start()

    def get(self, until: float) -> T:
        """What it gives; what it raises is raised here.

        Raises:
            TimeoutError: it is not done at that time, of `time.monotonic`.
        """
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._raised:
            raise self._raised[0]
        if not self._given:
            raise TimeoutError
        return self._given[0]

    def _run(self) -> None:
        try:
            self._given.append(self._work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits
            self._raised.append(error)


def within(seconds: float, work: Callable[[], T]) -> T:
    """What work gives that may take so many seconds.

    Raises:
        TimeoutError: it takes longer.
    """
    until = time.monotonic() + seconds
    return Later(work).get(until)
