"""An author's code under a clock: a thread that is kept for it, and left to itself where the code does not end."""

from __future__ import annotations

import queue
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Hung", "Outcome", "Worker"]


_PAUSE = 1.0  # seconds of one wait: Ctrl-C does not end it on Windows, but is seen after it


class Hung(Exception):
    """The code did not end in time; whatever it still does, nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a piece of code: what it returned, or what it raised, whatever that is."""

    value: Any = None
    error: BaseException | None = None


class _Task:
    """A function to be called; `ended` can be had once it has been."""

    __slots__ = ("ended", "function", "outcome")

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.outcome = Outcome()
        self.ended = threading.Lock()
        self.ended.acquire()


_Inbox: TypeAlias = "queue.SimpleQueue[_Task | None]"


class Worker:
    """Calls functions one at a time, in a daemon thread of its own: the same one, as long as they end in time.

    The thread starts with the first call and goes with the worker. Whoever waits can be interrupted.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._inbox: _Inbox | None = None

    def run(self, function: Callable[[], Any], *, seconds: float) -> Outcome:
        """Call a function and wait for it at most so many seconds; after that its error is a `Hung`."""
        with self._turn:
            task = _Task(function)
            try:
                self._hired().put(task)
                until = time.monotonic() + seconds
                while (left := until - time.monotonic()) > 0:
                    if task.ended.acquire(timeout=min(left, _PAUSE)):
                        return task.outcome
            except RuntimeError as error:  # pragma: no cover  the system has no thread left
                return Outcome(error=error)
            except BaseException:
                self._dismiss()
                raise
            self._dismiss()
            return Outcome(error=Hung(f"it did not end within {seconds:g} s"))

    def _hired(self) -> _Inbox:
        if self._inbox is None:
            inbox: _Inbox = queue.SimpleQueue()
            # The thread knows the inbox alone, so a worker that nobody needs any more is collected, and it ends.
            threading.Thread(target=_serve, args=(inbox,), name="plugin code", daemon=True).start()
            weakref.finalize(self, inbox.put, None).atexit = False
            self._inbox = inbox
        return self._inbox

    def _dismiss(self) -> None:
        """Wait for the thread no more; should it ever be through, it ends."""
        if self._inbox is not None:
            self._inbox.put(None)
            self._inbox = None


def _serve(inbox: _Inbox) -> None:
    while (task := inbox.get()) is not None:
        try:
            task.outcome = Outcome(value=task.function())
        except BaseException as error:  # noqa: BLE001  whatever foreign code raises is told, in the thread that waits
            task.outcome = Outcome(error=error)
        task.ended.release()
        del task  # what it holds is not kept until the next one comes
