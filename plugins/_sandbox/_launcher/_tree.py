"""The program with all that it started, as the table of processes tells: where the kernel has nothing better."""

from __future__ import annotations

import os
import sys
import time

assert sys.platform != "win32"

from ._forking import Child
from ._kernel import SIGCONT, SIGKILL, SIGSTOP, kill

_KIB = 1024
_ROUNDS, _BETWEEN = 50, 0.02  # of looking for what is left; seconds


class Tree:
    """All that is in the program's group, and all whose parent was ever seen to belong to it. One that leaves the
    group, and whose parent ends before the next look, is missed: it stays confined, and runs on."""

    def __init__(self, child: Child) -> None:
        self._child, self._pid = child, child.pid
        self._seen: dict[int, str] = {}  # with the moment of its start: a number may be another's by and by
        self._look()

    def beyond(self, limits: dict[str, int]) -> str | None:
        """Which limit it is beyond."""
        found = self._look()
        if len(found) > limits["processes"]:
            return "processes"
        return "memory" if sum(found.values()) > limits["memory"] else None

    def pause(self, *, on: bool) -> bool:
        """Stop all of it where it is, or let it go on. It always does."""
        done: set[int] = set()
        while fresh := set(self._look()) - done:  # those that were begun meanwhile too
            self._signal_group(SIGSTOP if on else SIGCONT)
            for one in fresh:
                kill(one, SIGSTOP if on else SIGCONT)
            done |= fresh
        return True

    def end(self) -> None:
        """End all that is left: each is stopped first, as what is stopped cannot make more."""
        for _ in range(_ROUNDS):
            left = self._look()
            self._signal_group(SIGSTOP)
            for number in (SIGSTOP, SIGKILL):
                for one in left:
                    kill(one, number)
            self._signal_group(SIGKILL)
            if self._child.ended() and not left:
                break
            time.sleep(_BETWEEN)

    def _signal_group(self, number: int) -> None:
        try:
            os.killpg(self._pid, number)
        except OSError:
            pass

    def _look(self) -> dict[int, int]:
        """Those that run, with the bytes that each holds."""
        table = processes()
        if not table:  # it cannot be looked at now
            return dict.fromkeys([self._pid, *self._seen], 0)
        self._seen = {pid: since for pid, since in self._seen.items() if pid in table and table[pid][3] == since}
        mine = {pid for pid, (_, group, _, _) in table.items() if pid == self._pid or group == self._pid}
        mine |= set(self._seen)
        while more := {pid for pid, (parent, *_) in table.items() if parent in mine} - mine:
            mine |= more
        self._seen.update({pid: table[pid][3] for pid in mine})
        return {pid: table[pid][2] for pid in mine}


def processes() -> dict[int, tuple[int, int, int, str]]:
    """Of every process its parent, its group, the bytes that it holds and the moment of its start; none that has ended
    and is not taken in yet. Empty where it cannot be looked at."""
    import subprocess  # slow to import

    columns = ("pid", "ppid", "pgid", "rss", "stat", "lstart")
    words = [
        "ps",
        "-ax",
        *(word for one in columns for word in ("-o", f"{one}=")),
    ]  # some take all behind a = as a title
    given = {"LC_ALL": "C", "PATH": "/bin:/usr/bin"}
    try:
        said = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=given).stdout
    except OSError:
        return {}
    found = {}
    for line in said.decode("utf-8", "replace").splitlines():
        parts = line.split(None, 5)
        if len(parts) == 6 and not parts[4].startswith("Z"):
            pid, parent, group, held = map(int, parts[:4])
            found[pid] = parent, group, held * _KIB, parts[5]
    return found
