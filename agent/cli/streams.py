"""The process's own streams, whose reader may go away: a terminal that was closed, a full disk, `| head`."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, TextIO


class Lasting(io.TextIOWrapper):
    """A text stream that loses what it cannot write, and raises nothing: a run outlives those who watch it. A plugin
    cannot close it."""

    def write(self, text: str) -> int:
        """Write, or lose it; the number of characters."""
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Hand on what was written, or lose it."""
        with suppress(OSError):
            super().flush()

    def close(self) -> None:
        """Stay open: it is the process's."""
        self.flush()


def outlive_stderr() -> None:
    """From now on nothing fails because nobody can read what stderr says."""
    stream = sys.stderr
    if isinstance(stream, io.TextIOWrapper) and not isinstance(stream, Lasting):
        sys.stderr = Lasting(stream.detach(), encoding="utf-8", errors="replace", line_buffering=True)


def reader_went_away(error: OSError, *, windows: bool = os.name == "nt") -> bool:
    """Does a failed write say that nobody reads the pipe any more? Windows calls it an invalid argument."""
    return isinstance(error, BrokenPipeError) or (windows and error.errno == errno.EINVAL)


def let_go(stream: IO[Any]) -> None:
    """Send what is still to be written nowhere: it was said that it is lost, and Python would say it again at exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def own_stdout() -> Iterator[None]:
    """While this lasts `sys.stdout` is the process's stdout, and nothing else reaches it: what a plugin or a program
    of its own writes to the descriptor 1 goes to stderr."""
    before = sys.stdout
    try:
        descriptor = before.fileno()
        before.flush()
        kept = os.dup(descriptor)
    except (OSError, ValueError):
        yield
        return
    os.dup2(2, descriptor)
    with open(kept, "w", encoding="utf-8", errors="replace") as stdout:  # noqa: PTH123 - a descriptor has no path
        sys.stdout = stdout
        try:
            yield
        finally:
            sys.stdout = before
            os.dup2(kept, descriptor)
            try:
                stdout.flush()
            except OSError:
                let_go(stdout)


@contextmanager
def own_stdin() -> Iterator[TextIO]:
    """What the person types, for as long as this lasts, read by nobody else: a tool, and a program that it starts,
    finds `sys.stdin` and the descriptor 0 empty. One that reads on after its time must not take the next answer."""
    before = sys.stdin
    try:
        descriptor = before.fileno()
        kept = os.dup(descriptor)
    except (OSError, ValueError):
        yield before
        return
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    with open(kept, encoding="utf-8", errors="replace") as typed:  # noqa: PTH123 - a descriptor has no path
        try:
            yield typed
        finally:
            os.dup2(kept, descriptor)


def piped_words(stream: TextIO) -> str:
    """All that was written to a stream beforehand, in whatever encoding the program before the pipe has."""
    content: IO[bytes] | None = getattr(stream, "buffer", None)
    if content is None:
        return stream.read()
    from plugins._decoding import decode

    return decode(content.read())[0].replace("\r\n", "\n").replace("\r", "\n")
