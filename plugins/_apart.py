"""Processes of ours that do a part of a step's work: a Ctrl-C at the terminal is for us alone, who finish the step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

__all__ = ["start_apart"]

if sys.platform == "win32":  # pragma: no cover - only there
    _GROUP = None
    _FLAGS = subprocess.CREATE_NO_WINDOW  # a console of its own, that nobody sees: no keys of ours reach it
else:
    _GROUP = 0  # a group of its own: the terminal's signals go to the one in the foreground
    _FLAGS = 0


def start_apart(words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a program that is asked through its standard input and answers through its standard output; what it
    complains of is lost. Nothing that ends us ends it too, save that its input is at an end then: it must watch that.

    Raises:
        OSError: it cannot be started.
    """
    return subprocess.Popen(
        list(words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        process_group=_GROUP,
        creationflags=_FLAGS,
    )
