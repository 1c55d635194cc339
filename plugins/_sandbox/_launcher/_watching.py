"""The program while it runs: that it keeps within its limits, and that nothing of it is left behind."""

from __future__ import annotations

import os
import select
import sys
import time

assert sys.platform == "linux"

from ._kernel import SIGCONT, SIGKILL, SIGSTOP, kill
from ._words import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TICK = 0.03  # seconds between two looks at what runs
_SLOW_TICK, _SOON = 0.1, 30.0
_MOST_SEEN = 20_000
_PAGE = os.sysconf("SC_PAGE_SIZE")


def watch(pid: int, orders: dict[str, Any]) -> tuple[str | None, int | None]:
    """Wait for the end: why it was stopped, or None, and the status that it left, or None."""
    source, report = orders["source"], orders["report"]
    poll = select.poll()
    poll.register(source, select.POLLIN | select.POLLHUP)
    if hasattr(os, "pidfd_open"):  # else the end is seen at the next look: Python was built for an older Linux
        poll.register(os.pidfd_open(pid), select.POLLIN)
    began = time.monotonic()
    while True:
        ready = poll.poll((_TICK if time.monotonic() - began < _SOON else _SLOW_TICK) * 1000)
        found, status = os.waitpid(pid, os.WNOHANG)
        if found == pid:
            return None, status
        if any(descriptor == source for descriptor, _ in ready):
            match os.read(source, 1):
                case b"p":
                    _signal_all(SIGSTOP)
                    tell(report, '{"paused": true}')
                case b"r":
                    _signal_all(SIGCONT)
                case said:
                    return ("asked" if said else "left"), None
        if (stopped := _beyond(orders["limits"])) is not None:
            return stopped, None


def _beyond(limits: dict[str, Any]) -> str | None:
    pids = _descendants(limits["processes"] + 1)
    if len(pids) > limits["processes"]:
        return "processes"
    if sum(map(_resident, pids)) > limits["memory"]:
        return "memory"
    return None


def _descendants(most: int) -> list[int]:
    """Every process that was started from here and still is there, as far as one look tells; once there are so many,
    no more are looked for."""
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting and len(found) < most:
        one = waiting.pop()
        try:
            for thread in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{thread}/children", "rb") as file:
                    children = [int(word) for word in file.read().split()]
                found += children
                waiting += children
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError):
        return 0


def end(pid: int | None) -> None:
    """End all that is left; `pid` is the program, where it has not ended. Each is stopped first: what is stopped cannot
    make more."""
    if pid is not None:
        kill(pid, SIGKILL)  # the first of a namespace takes all others with it
    while _reaped():
        for one in _signal_all(SIGSTOP):
            kill(one, SIGKILL)
        time.sleep(0.001)


def _signal_all(number: int) -> set[int]:
    """Send a signal to all that was started from here, those that are begun meanwhile too."""
    seen: set[int] = set()
    while fresh := [one for one in _descendants(_MOST_SEEN) if one not in seen]:
        seen.update(fresh)
        for one in fresh:
            kill(one, number)
    return seen


def _reaped() -> bool:
    """Take in those that have ended; are there others?"""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
