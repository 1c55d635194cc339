"""Processes of ours that do a part of a step's work: a Ctrl-C at the terminal is for us alone, who finish the step."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

__all__ = ["needed_environment", "start_apart"]

if sys.platform == "win32":  # pragma: no cover - only there
    _GROUP = None
    _FLAGS = subprocess.CREATE_NO_WINDOW  # a console of its own, that nobody sees: no keys of ours reach it
else:
    _GROUP = 0  # a group of its own: the terminal's signals go to the one in the foreground
    _FLAGS = 0

_NEEDED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH")
"""Names in the environment without which a Python may not start, or writes temporary files elsewhere than we do."""


def needed_environment(more: Sequence[str] = ()) -> dict[str, str]:
    """Of our environment what a process of ours needs in order to start, and nothing that it should not know; `more`
    are names that this one needs as well."""
    return {name: os.environ[name] for name in (*_NEEDED, *more) if name in os.environ}


def start_apart(words: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a program that is asked through its standard input and answers through its standard output; what it
    complains of is lost. Nothing that ends us ends it too, save that its input is at an end then: it must watch that.
    Of our environment it gets what finds programs and folders: it reads what strangers wrote, and must not know a key.

    Raises:
        OSError: it cannot be started.
    """
    return subprocess.Popen(
        list(words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=needed_environment(),
        process_group=_GROUP,
        creationflags=_FLAGS,
    )
