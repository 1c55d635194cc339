"""The mail: the way from the work inside a tool, in a thread of its own, to the run's stream of events."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from agent.events import Event, Progress
from plugins import Observation, ToolError

_AT_ONCE = 64  # letters that are taken in with one commit
_PATIENCE = 1.0  # seconds between two looks: a wait without an end cannot be interrupted on every platform


@dataclass(frozen=True, slots=True)
class Barrier:
    """In the stream of the loop: all that was announced so far must be on disk before the loop is pulled again."""


BARRIER = Barrier()


@dataclass(frozen=True, slots=True)
class Nested:
    """An event of work inside a tool; `path` is its address, such as `c1` for the tool that is answering call c1."""

    path: str
    event: Event


Item: TypeAlias = Event | Barrier | Nested
"""What the loop yields."""

Items: TypeAlias = Generator[Item, None, None]


@dataclass(frozen=True, slots=True)
class Mail:
    """What a tool's thread sends to the loop: an event, and whether it waits until that is on disk."""

    path: str
    event: Event
    written: threading.Event | None


@dataclass(frozen=True, slots=True)
class Returned:
    """A tool's thread is through with a call."""

    call: str
    observation: Observation


class Mailbox:
    """What tools' threads send to the loop. `over` is set once nobody reads it any more."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._letters: queue.SimpleQueue[Mail | Returned] = queue.SimpleQueue()

    def returning(self, call: str) -> Callable[[Observation], None]:
        """For a tool's thread: hand in what came of this call."""
        return lambda observation: self._letters.put(Returned(call, observation))

    def post(self, path: str, event: Event, *, wait: bool = False) -> None:
        """From a tool's thread: put an event into the run's stream; with `wait`, return once it is on disk.

        Raises:
            ToolError: kind "cancelled": the run was stopped meanwhile.
        """
        written = threading.Event() if wait else None
        self._letters.put(Mail(path, event, written))
        while written is not None and not written.wait(_PATIENCE):
            if self.over.is_set():
                raise ToolError("the run was stopped", kind="cancelled")

    def settle(self, path: str, text: str) -> None:
        """From a tool's thread: return once all that was posted so far is on disk."""
        self.post(path, Progress(text=text), wait=True)

    def receive(self) -> Sequence[Mail | Returned]:
        """In the loop: the next letter of a tool's thread, whenever it comes, and those that lie there with it."""
        letters: list[Mail | Returned] = []
        while not letters or (len(letters) < _AT_ONCE and not self._letters.empty()):
            with suppress(queue.Empty):
                letters.append(self._letters.get(timeout=_PATIENCE))
        return letters

    def deliver(self, letters: Iterable[Mail]) -> Iterator[Item]:
        """In the loop: hand on what tools' threads posted, and tell the threads once it is written: one commit for
        all. Where an interrupt comes in between, what was not handed on yet goes back into the mail."""
        waiting, handed = deque(letters), list[Mail]()
        try:
            while waiting:
                handed.append(waiting.popleft())
                yield Nested(handed[-1].path, handed[-1].event)
        finally:
            for mail in waiting:
                self._letters.put(mail)
        waits = [mail.written for mail in handed if mail.written is not None]
        if waits:
            yield BARRIER
        for written in waits:
            written.set()

    def take(self, *, timeout: float) -> Iterator[Item]:
        """Hand on the next letter of a tool that nobody waits for any more. Raises `queue.Empty` where none comes."""
        found = self._letters.get(timeout=timeout)
        if isinstance(found, Mail):
            yield from self.deliver([found])

    def drain(self) -> Iterator[Item]:
        """Hand on what abandoned tools still posted: a paid call counts, whoever made it."""
        while not self._letters.empty():
            yield from self.take(timeout=0)
