"""The launcher from its orders to its report."""

from __future__ import annotations

import marshal
import os
import sys

assert sys.platform == "linux"

from ._kernel import SIGKILL, Fault, check, libc
from ._mounts import go_apart
from ._start import start
from ._tidying import remove, remove_folder
from ._watching import end, watch
from ._words import quoted, read, tell

_PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Do as ordered; the exit status says nothing, the report does."""
    import ctypes  # noqa: F401 - while the orders are not there yet

    source = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    size = int.from_bytes(read(source, 8), "little")
    orders = {**marshal.loads(read(source, size)), "source": source}
    report = orders["report"]
    for descriptor in {report, source}:
        os.set_inheritable(descriptor, False)
    alone = orders["way"] == "landlock"
    _go_ahead()
    try:
        if alone:  # else the first process of a namespace gathers what is left
            check(libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")
        orders["apart"] = alone and go_apart(orders)
        pid = start(orders, report)
    except (Fault, OSError) as error:
        tell(report, f'{{"fault": {quoted(str(error))}}}')
        return
    if source:
        _let_go()
    stopped, status = watch(pid, orders)
    end(pid if status is None else None)
    if stopped == "left":
        remove(orders["placeholders"], apart=orders["apart"])
        remove_folder(orders["scratch"])
    code = os.waitstatus_to_exitcode(status) if status is not None else -SIGKILL
    why = "null" if stopped is None else f'"{stopped}"'
    tell(report, f'{{"code": {code if code >= 0 else 128 - code}, "stopped": {why}}}')


def _go_ahead() -> None:
    """Come before all that is started from here, where we may: for root the kernel limits no number of processes, and
    among thousands that want to run it would be long until they are counted. What is started does not inherit it."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError:
        pass


def _let_go() -> None:
    """The pipes are the program's alone from here on: their other end must see when it closes them."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
