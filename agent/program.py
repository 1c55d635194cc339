"""Programs that the user's own goal file starts: in a group that dies with us, without our secrets, within a time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import IO, Literal

from agent import _supervisor

KEPT = 64 * 1024
"""Bytes of a program's output that are kept: its end."""
MOST_OUTPUT = 64 * 1024 * 1024
"""Bytes of output at which a program is stopped: it writes them to the disk."""

_LOOK_EVERY = 0.25  # seconds
_WINDOWS = os.name == "nt"
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # of a console of its own: the user's Ctrl-C is not for it


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit code (128 + n after signal n), the end of what it said, and whether it was stopped:
    since its "time" was up, its "output" was too much, or for what else a confined program went beyond."""

    code: int
    output: str
    stopped: str | None = None

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
    with tempfile.TemporaryFile() as output:
        try:
            shell, added = for_cmd(command, folder, env) if _WINDOWS else for_sh(command)
            supervisor = subprocess.Popen(
                [sys.executable, "-I", str(_supervisor.__file__), *shell],
                cwd=folder,
                env={**env, "PYTHONUTF8": "1", **added},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=not _WINDOWS,
                creationflags=_NO_WINDOW,
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
        return Ended(supervisor.returncode, in_words(output.read(), cut=size > KEPT), stopped)


def in_words(output: bytes, *, cut: bool = False, other: str | None = "oem" if _WINDOWS else None) -> str:
    """What a program said: UTF-8, or where it is none and there is an `other` encoding, that one: programs of Windows
    write in the code page of consoles. `cut`: its beginning is missing, and may have been cut within a character."""
    whole = output.lstrip(bytes(range(0x80, 0xC0))) if cut and other else output
    try:
        return whole.decode()
    except ValueError:
        return output.decode(other or "utf-8", "replace")


def for_sh(command: str) -> tuple[list[str], Mapping[str, str]]:
    """The arguments with which the supervisor starts a command on POSIX, and what is added to its environment."""
    return ["/bin/sh", "-c", command], {}


def for_cmd(
    command: str, folder: Path | PureWindowsPath, env: Mapping[str, str]
) -> tuple[list[str], Mapping[str, str]]:
    """The same on Windows. `cmd` reads its line itself: between `/s /c "` and the last `"` everything stands as it was
    written, quotes included. It is the system's own, and looks for programs in PATH only: a file of the workspace
    that is called like a tool must not run in its place.

    Raises:
        ValueError: it is more than one line, of which `cmd` would run the first alone, or the folder is on a share,
            in which `cmd` cannot work.
    """
    command = command.strip("\r\n")
    if "\n" in command or "\r" in command:
        raise ValueError("cmd runs one line only; join the commands with &&")
    if PureWindowsPath(folder).drive.startswith("\\\\"):
        raise ValueError(f"cmd cannot work in {folder}, which has no drive letter; map one to it (net use)")
    named = {name.upper(): value for name, value in env.items()}
    file = str(PureWindowsPath(named.get("SYSTEMROOT") or r"C:\Windows", "System32", "cmd.exe"))
    return [file, f'"{file}" /d /s /c "{command}"'], {"NoDefaultCurrentDirectoryInExePath": "1"}


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
