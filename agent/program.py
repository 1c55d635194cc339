"""Programs that the user's own goal file starts: in a group that dies with us, without our secrets, within a time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent import _supervisor

KEPT = 64 * 1024
"""Bytes of a program's output that are kept: its end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code, the end of what it said, and whether its time was up."""

    code: int
    output: str
    timed_out: bool


def run_program(command: str, *, folder: Path, timeout: float, env: Mapping[str, str]) -> Ended:
    """Run a command line through the platform's shell in `folder`, for at most `timeout` seconds.

    Its standard input is empty and its environment is `env` and nothing else. The whole process group is killed at
    the timeout, at its end, and when this process dies, in whatever way.
    """
    shell = ["/bin/sh", "-c", command] if os.name == "posix" else ["cmd", "/c", command]
    with tempfile.TemporaryFile() as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-I", str(_supervisor.__file__), *shell],
            cwd=folder,
            env={**env, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )
        timed_out = False
        try:
            supervisor.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            assert supervisor.stdin is not None
            supervisor.stdin.close()
            supervisor.wait()
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - KEPT))
        return Ended(supervisor.returncode, output.read().decode("utf-8", "replace"), timed_out)
