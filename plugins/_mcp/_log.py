"""What a server says beside the protocol: kept in a file, as far as it is not too much, and its last words at hand."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

from plugins._mcp._words import hide, within

__all__ = ["Log"]

_MOST = 1_000_000  # bytes of a file
_LAST = 4_096  # bytes that are at hand
_BESIDE = re.compile(
    r"npm (?:error|ERR!)\s*(?:$|\}|A complete log|Log files|If you are behind|at |"
    r"(?:code|errno|syscall|address|port|type): )"
)
"""What npm says behind that which is wrong: where its log is, where in its code it was."""


class Log:
    """A file of a server's words, made when there are any; with `place` None they are only at hand. Secrets that are
    known are taken out of whole pieces. Safe to be used by several threads."""

    def __init__(self, place: Path | None, secrets: tuple[str, ...] = ()) -> None:
        self.place = place
        self.code: int | None = None
        self.status: int | None = None  # the last answer of an address that was no success
        self._secrets = secrets
        self._last = b""
        self._written = 0
        self._lock = threading.Lock()

    def add(self, piece: bytes) -> None:
        """Keep what was said; beyond a megabyte, and where the file cannot be written, only its end is at hand."""
        piece = hide(piece.decode("utf-8", "replace"), self._secrets).encode()
        with self._lock:
            self._last = (self._last + piece)[-_LAST:]
            if self.place is None or self._written >= _MOST:
                return
            if self._written == 0:
                self._make_room(self.place)
            piece = piece[: _MOST - self._written]
            self._written += len(piece)
            try:
                self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                number = os.open(self.place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                with os.fdopen(number, "ab") as file:
                    file.write(piece)
            except OSError:
                self.place = None

    def _make_room(self, place: Path) -> None:
        """What an earlier process wrote there stays, as long as it is not too much."""
        try:
            if place.stat().st_size > _MOST // 2:
                place.unlink()
        except OSError:
            return

    def ended(self, code: int | None) -> None:
        """The program has ended with this code."""
        self.code = code

    @property
    def last_words(self) -> str:
        """Its last line that says anything, for a complaint; "" where there is none."""
        with self._lock:
            lines = [one.strip() for one in self._last.decode("utf-8", "replace").splitlines()]
        return within(next((one for one in reversed(lines) if one and not _BESIDE.match(one)), ""), 200)
