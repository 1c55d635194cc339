"""Somebody at a terminal of any width, before a `thinkact` that starts in no time; and the way to a scripted server."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from tests.nursery import nursery
from tests.place import Place
from tests.server import ChatServer
from tests.test_terminal_session import Terminal


@contextmanager
def at_a_terminal(place: Place, *words: str, columns: int = 80, **settings: str) -> Iterator[Terminal]:
    """`thinkact` with a controlling terminal of its own, forked from the tests' parent: it starts in no time."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = place.environment(TERM="xterm-256color", **settings)
    del environment["COLUMNS"]
    with nursery().alone:
        process = nursery().seat(words, cwd=place.folder, environment=environment, terminal=slave)
        os.close(slave)
        try:
            yield Terminal(cast("subprocess.Popen[bytes]", process), master)
        finally:
            process.kill()
            process.wait()
            os.close(master)


def at(server: ChatServer) -> dict[str, Any]:
    """The settings that lead there."""
    return {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted"}
