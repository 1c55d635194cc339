"""Ctrl-C while documents are brought in: what is in hand is ended in good order, and by force where it hangs."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_PATIENCE = 8.0  # seconds
_SHOW_CURSOR = "\x1b[?25h"


class Stopping:
    """Within its `within`, Ctrl-C raises `KeyboardInterrupt` as ever; if the work has not ended some seconds later,
    whatever waits for whatever, the line is written and the process ends. What is on disk is whole at any moment.

    Work that looks whether it was `asked` to end goes within `gently`: the first Ctrl-C raises nothing there, since an
    exception from anywhere may leave a lock held for ever, that of the screen or of a library. The second does.
    """

    def __init__(self, line: str) -> None:
        self._line = line
        self._forced: threading.Timer | None = None
        self._gentle = False

    def asked(self) -> bool:
        """Was Ctrl-C pressed?"""
        return self._forced is not None

    @contextmanager
    def within(self) -> Iterator[None]:
        """The whole of the work."""
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            if self._forced is not None:
                self._forced.cancel()

    @contextmanager
    def gently(self) -> Iterator[None]:
        """Work that ends by itself once it was asked to.

        Raises:
            KeyboardInterrupt: it was, at the end.
        """
        self._gentle = True
        try:
            yield
        finally:
            self._gentle = False
        if self.asked():
            raise KeyboardInterrupt

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        first = self._forced is None
        if self._forced is None:
            self._forced = threading.Timer(_PATIENCE, self._leave)
            self._forced.daemon = True
            self._forced.start()
        if not (first and self._gentle):
            raise KeyboardInterrupt

    def _leave(self) -> None:
        start = f"{_SHOW_CURSOR}\r\n" if sys.stderr.isatty() else ""
        os.write(2, f"{start}thinkact: {self._line}\n".encode())  # not by way of a lock that may be held for ever
        os._exit(130)
