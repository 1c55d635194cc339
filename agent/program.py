"""Programs that the user's own goal file starts: in a group that dies with us, without our secrets, within a time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from agent import _supervisor

KEPT = 64 * 1024
"""Bytes of a program's output that are kept: its end."""
MOST_OUTPUT = 64 * 1024 * 1024
"""Bytes of output at which a program is stopped: it writes them to the disk."""

_LOOK_EVERY = 0.25  # seconds


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code (128 + n after signal n), the end of what it said, and whether it was stopped
    because its time was up or it wrote too much."""

    code: int
    output: str
    stopped: Literal["time", "output"] | None = None

    @property
    def passed(self) -> bool:
        """Did it end by itself, with 0?"""
        return self.code == 0 and self.stopped is None


def run_program(command: str, *, folder: Path, timeout: float, env: Mapping[str, str]) -> Ended:
    """Run a command line through the platform's shell in `folder`, for at most `timeout` seconds.

    Its standard input is empty and its environment is `env` and nothing else. The whole process group is killed at
    the timeout, at its end, and when this process dies, in whatever way. A program that cannot be started ends with
    126 and says why.
    """
    shell = ["/bin/sh", "-c", command] if os.name == "posix" else ["cmd", "/c", command]
    with tempfile.TemporaryFile() as output:
        try:
            supervisor = subprocess.Popen(
                [sys.executable, "-I", str(_supervisor.__file__), *shell],
                cwd=folder,
                env={**env, "PYTHONUTF8": "1"},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
            )
        except (OSError, ValueError) as error:
            return Ended(126, f"it cannot be started: {error}")
        try:
            stopped = _wait(supervisor, output, time.monotonic() + timeout)
        finally:
            assert supervisor.stdin is not None
            supervisor.stdin.close()  # ends the program, if it still runs
            supervisor.wait()
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - KEPT))
        return Ended(supervisor.returncode, output.read().decode("utf-8", "replace"), stopped)


def _wait(supervisor: subprocess.Popen[bytes], output: IO[bytes], until: float) -> Literal["time", "output"] | None:
    """Wait for the end; None if it came by itself."""
    while (left := until - time.monotonic()) > 0:
        try:
            supervisor.wait(min(left, _LOOK_EVERY))
        except subprocess.TimeoutExpired:
            if os.fstat(output.fileno()).st_size > MOST_OUTPUT:
                return "output"
            continue
        return None
    return "time"
