"""Threads for calls: each call has one to itself, and one that is through takes the next call."""

from __future__ import annotations

import os
import queue
import threading
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Crew"]

_MOST_IDLE = 8  # threads that wait for a call; more than that end

_Order: TypeAlias = "tuple[str, Callable[[], None]]"
_Inbox: TypeAlias = "queue.SimpleQueue[_Order | None]"


@dataclass(slots=True)
class _Bench:
    """The inboxes of threads that have nothing to do. There is no lock: `dismiss` may come in the middle of anything,
    as it is called when the crew is collected."""

    idle: deque[_Inbox] = field(default_factory=deque)
    over: bool = False

    def seat(self, inbox: _Inbox) -> None:
        """Let a thread wait here for the next call, or let it end."""
        if len(self.idle) >= _MOST_IDLE:
            inbox.put(None)
            return
        self.idle.append(inbox)
        if self.over:
            self.dismiss()

    def dismiss(self) -> None:
        """Nobody needs them any more: let them end, and those that come later."""
        self.over = True
        while self.idle:
            with suppress(IndexError):  # another one was quicker
                self.idle.pop().put(None)


class Crew:
    """Daemon threads that run functions side by side. To start one costs more than most calls take, so it is kept.

    A function that does not end keeps its thread to itself, and holds nobody up; the threads go with the crew. Each
    function finds no context variable that another has set.
    """

    def __init__(self) -> None:
        self._bench = _Bench()
        self._process = os.getpid()
        weakref.finalize(self, self._bench.dismiss).atexit = False

    def run(self, name: str, function: Callable[[], None]) -> None:
        """Run a function at once, in a thread that is called `name` as long as it does.

        Raises:
            RuntimeError: the system has no thread left.
        """
        if self._process != os.getpid():  # a fork, into which no thread went along
            self._process = os.getpid()
            self._bench.idle.clear()
        try:
            inbox = self._bench.idle.pop()
        except IndexError:
            inbox = queue.SimpleQueue()
            threading.Thread(target=_serve, args=(inbox, self._bench), daemon=True).start()
        inbox.put((name, function))


def _serve(inbox: _Inbox, bench: _Bench) -> None:
    """The thread knows its inbox and the bench, not the crew, so one that nobody needs any more is collected."""
    thread = threading.current_thread()
    while (order := inbox.get()) is not None:
        thread.name, function = order
        Context().run(function)
        del order, function  # what they hold is not kept until the next one comes
        thread.name = "idle"
        bench.seat(inbox)
