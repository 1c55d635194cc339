"""Lines that a person types: read one at a time, so that what is typed ahead of a question can be thrown away.

A text stream may take more than one line from a terminal and keep the rest where nobody can throw it away; so the lines
of a terminal are read from its descriptor.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Protocol, TextIO

from agent.cli.terminals import is_terminal


class Typed(Protocol):
    """Where typed lines come from."""

    def read_line(self) -> str:
        """Wait for the next line, with its end; empty where there is no more."""
        ...

    def forget(self) -> None:
        """Throw away what was typed and not yet read."""
        ...


def open_typed(stream: TextIO) -> Typed:
    """The lines of a stream. One that is no terminal was written beforehand: of that nothing is thrown away."""
    return _AtTerminal(stream) if is_terminal(stream) else _Written(stream)


class _Written:
    """A file or a pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def read_line(self) -> str:
        return self._stream.readline()

    def forget(self) -> None:
        """Nothing: every line was meant."""


if sys.platform == "win32":  # pragma: no cover  (only there)

    class _AtTerminal(_Written):
        """A console, which hands out one line a read, in Unicode only through the stream."""

        def forget(self) -> None:
            import msvcrt

            while msvcrt.kbhit():
                msvcrt.getwch()

else:

    class _AtTerminal:
        """A terminal in its line mode: a read gives one line at most, the others wait in the kernel."""

        def __init__(self, stream: TextIO) -> None:
            self._descriptor = stream.fileno()
            self._encoding = stream.encoding or "utf-8"

        def read_line(self) -> str:
            line = b""
            with suppress(OSError):  # the terminal is gone: there is no more
                while not line.endswith(b"\n") and (piece := os.read(self._descriptor, 65536)):
                    line += piece
            return line.decode(self._encoding, "replace")

        def forget(self) -> None:
            import termios

            with suppress(termios.error):
                termios.tcflush(self._descriptor, termios.TCIFLUSH)
