"""How far something has come, for a bar on a terminal and for a log that is to stay short."""

from __future__ import annotations

import time

_EVERY = 1.0  # seconds between two lines of a log
_WIDE = 20  # columns of a bar


def bar(done: float, total: float) -> str:
    """A bar, and the figures behind it."""
    full = int(_WIDE * max(0.0, min(1.0, done / total)))
    return f"{'█' * full}{'░' * (_WIDE - full)} {done:g} of {total:g}"


class Tenths:
    """Tells which steps are worth a line of a log: each tenth, but none within a second of the last line or of the
    beginning, so that what is quick says nothing."""

    def __init__(self) -> None:
        self._total = self._done = 0.0
        self._tenth = 0
        self._told = 0.0

    def line(self, text: str, done: float, total: float) -> str | None:
        """The line for a step; None where it is worth none. One that goes back, or is of another whole, begins
        anew."""
        now, tenth = time.monotonic(), int(10 * max(0.0, min(1.0, done / total)))
        if total != self._total or done < self._done:
            self._total, self._tenth, self._told = total, 0, now
        self._done = done
        if tenth <= self._tenth or now - self._told < _EVERY:
            return None
        self._tenth, self._told = tenth, now
        return f"{text or 'done'}: {tenth * 10} % ({done:g} of {total:g})"
