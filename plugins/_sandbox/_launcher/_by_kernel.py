"""Confined by what a Linux kernel gives: bubblewrap, or Landlock, both with a filter of system calls."""

from __future__ import annotations

import ctypes  # noqa: F401 - while the orders are not there yet
import os
import sys

assert sys.platform == "linux"

from ._kernel import SIGKILL, Fault, check, libc
from ._mounts import go_apart
from ._start import start
from ._tidying import remove, remove_folder
from ._watching import end, watch
from ._words import let_go, tell_end, tell_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PR_SET_CHILD_SUBREAPER = 36


def confine(orders: dict[str, Any]) -> None:
    """Start the program, watch it, end it, and tell how it ended."""
    report = orders["report"]
    alone = orders["way"] == "landlock"
    _go_ahead()
    try:
        if alone:  # else the first process of a namespace gathers what is left
            check(libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")
        orders["apart"] = alone and go_apart(orders)
        pid = start(orders, report)
    except (Fault, OSError) as error:
        tell_fault(report, str(error))
        return
    if orders["source"]:
        let_go()
    stopped, status = watch(pid, orders)
    end(pid if status is None else None)
    if stopped == "left":
        remove(orders["placeholders"], apart=orders["apart"])
        remove_folder(orders["scratch"])
    tell_end(report, os.waitstatus_to_exitcode(status) if status is not None else -SIGKILL, stopped)


def _go_ahead() -> None:
    """Come before all that is started from here, where we may: for root the kernel limits no number of processes, and
    among thousands that want to run it would be long until they are counted. What is started does not inherit it."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError:
        pass
