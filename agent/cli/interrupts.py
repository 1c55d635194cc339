"""Ctrl-C and SIGTERM: once stops after the step, and at a terminal brings up the menu; twice stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGBREAK") if hasattr(signal, name))
"""What asks for an end, but for Ctrl-C. SIGBREAK: Windows' Ctrl-Break, and all that is sent to a group of processes."""


@dataclass(slots=True)
class Interrupts:
    """What the user's signals ask for.

    `stop` is set by the first; the second, or one while a question is open (`prompting`), raises KeyboardInterrupt in
    the main thread. `code` is the exit code that a stop by signal ends with: 130, or 143 after SIGTERM. `menu`: a
    person is there, who can say how to go on after the step.
    """

    tell: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)
    prompting: threading.Event = field(default_factory=threading.Event)
    code: int = 130
    menu: bool = False
    at_once: bool = False

    @property
    def asks(self) -> bool:
        """Did the person press Ctrl-C once, and no more than that?"""
        return self.stop.is_set() and not self.at_once and self.code == 130

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take a signal."""
        del frame
        if number != signal.SIGINT:
            self.code = 143
        if self.stop.is_set() or self.prompting.is_set():
            self.at_once = True
            self.stop.set()
            raise KeyboardInterrupt
        self.stop.set()
        with suppress(RuntimeError):  # the signal came in the middle of a write to the same stream
            then = "you are asked after this step" if self.menu and self.code == 130 else "stopping after this step"
            self.tell(f"{then}; once more stops at once")

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM, and on Windows SIGBREAK, while this lasts."""
        numbers = (signal.SIGINT, *_ENDING)
        before = [signal.signal(number, self) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)
