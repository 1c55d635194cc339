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


@contextmanager
def ending_soon(line: str) -> Iterator[None]:
    """Within it, Ctrl-C raises `KeyboardInterrupt` as ever; if the work has not ended some seconds later, whatever
    waits for whatever, the line is written and the process ends. What is on disk is whole at any moment."""
    forced: list[threading.Timer] = []

    def leave() -> None:
        start = f"{_SHOW_CURSOR}\r\n" if sys.stderr.isatty() else ""
        os.write(2, f"{start}thinkact: {line}\n".encode())  # not by way of a lock that may be held for ever
        os._exit(130)

    def interrupted(_signal: int, _frame: FrameType | None) -> None:
        if not forced:
            forced.append(threading.Timer(_PATIENCE, leave))
            forced[0].daemon = True
            forced[0].start()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        for timer in forced:
            timer.cancel()
