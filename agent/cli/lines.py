"""Lines between thinkact and the person at the terminal: shown on stderr, typed on stdin."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console

from agent.cli.typed import open_typed
from agent.screen import FRAME, folded


class Lines:
    """The person's terminal. One question is open at a time.

    Args:
        pause: Takes the live line away before a question.
        prompting: Set while an answer is awaited, so that Ctrl-C then stops at once.
        source: Where typed lines come from, stdin if not given; `target` is where lines are shown, else stderr.
    """

    def __init__(
        self,
        pause: Callable[[], None],
        prompting: threading.Event,
        *,
        source: TextIO | None = None,
        target: TextIO | None = None,
    ) -> None:
        self._pause = pause
        self._prompting = prompting
        self._source = open_typed(source or sys.stdin)
        self._target = target or sys.stderr
        self._lock = threading.Lock()

    def show(self, lines: Sequence[str]) -> None:
        """Lines, folded at the terminal's width so that none of a foreign text begins at the edge."""
        width = Console(file=self._target).width
        for line in lines:
            for piece in folded(line, width, FRAME):
                self._target.write(f"{piece}\n")
        self._target.flush()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While this lasts a question is open: from before it is seen, for whoever then presses Ctrl-C is at it. What
        was typed before cannot have been meant for it and is thrown away."""
        with self._lock:
            self._pause()
            self._source.forget()
            self._prompting.set()
            try:
                yield
            finally:
                self._prompting.clear()

    def read(self) -> str | None:
        """The line that is typed; None where there is no more."""
        self._target.write("> ")
        self._target.flush()
        line = self._source.read_line()
        return line.rstrip("\n") if line else None
