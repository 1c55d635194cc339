"""Confined by a program of the system: macOS's sandbox-exec, or a container of docker or podman.

The kernel gives us no descriptor that tells of an end here, and no word about all that a process started: so the
table of processes is looked at, and a container is ended by its name.
"""

from __future__ import annotations

import os
import select
import sys
import time

assert sys.platform != "win32"

from ._container import Container
from ._forking import Child, close_all_but, fork, give_up
from ._kernel import SIGKILL, Fault
from ._tidying import remove, remove_folder
from ._tree import Tree, processes
from ._words import let_go, tell, tell_end, tell_fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TICK = 0.02  # seconds between two looks at whether it has ended
_LOOK_EVERY, _SLOW, _SOON = 0.25, 1.0, 30.0  # seconds between two looks at the table of processes


def confine(orders: dict[str, Any]) -> None:
    """Start the program, watch it, end it, and tell how it ended."""
    report = orders["report"]
    try:
        if not orders["container"] and not processes():
            raise Fault("the table of processes cannot be looked at (ps), so nothing would be held to its limits")
        _write(orders["files"])
        child = Child(fork(lambda telling: _become(orders, keep={telling, report})))
    except (Fault, OSError) as error:
        tell_fault(report, str(error))
        return
    if orders["source"]:
        let_go()
    held: Container | Tree = Container(child, orders["container"]) if orders["container"] else Tree(child)
    stopped = _watch(child, held, orders)
    held.end()
    for path, _ in orders["files"]:
        _unlink(path)
    if stopped == "left":
        remove(orders["placeholders"], apart=False)
        remove_folder(orders["scratch"])
    code = -SIGKILL if child.status is None else os.waitstatus_to_exitcode(child.status)
    tell_end(report, code, stopped)


def _write(files: list[list[Any]]) -> None:
    """What the confining program reads; for us alone."""
    for path, content in files:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, content)
        os.close(descriptor)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass


def _become(orders: dict[str, Any], keep: set[int]) -> None:
    give_up(orders, all_limits=False)
    kept = {0, 1, 2, *keep}
    if orders["container"] and orders["pass"]:
        # A container gets three descriptors and no more: questions go in by the first, answers come by the second.
        asked, answered = orders["pass"]
        os.dup2(1, 2)
        os.dup2(asked, 0)
        os.dup2(answered, 1)
    else:
        for descriptor in orders["pass"]:
            os.set_inheritable(descriptor, True)
        kept.update(orders["pass"])
    os.chdir(orders["cwd"])
    close_all_but(kept)
    words = [*orders["wrapper"], *orders["words"]]
    os.execvpe(words[0], words, orders["environment"])


def _watch(child: Child, held: Container | Tree, orders: dict[str, Any]) -> str | None:
    """Wait for the end: why it is to be stopped, or None where it ended by itself."""
    source, report = orders["source"], orders["report"]
    poll = select.poll()
    poll.register(source, select.POLLIN | select.POLLHUP)
    began = looked = time.monotonic()
    while True:
        ready = poll.poll(_TICK * 1000)
        if child.ended():
            return None
        if ready:
            said = os.read(source, 1)
            if said not in (b"p", b"r"):
                return "asked" if said else "left"
            if not held.pause(on=said == b"p"):
                return "standstill"  # it would go on while it must not
            if said == b"p":
                tell(report, '{"paused": true}')
        now = time.monotonic()
        if now - looked >= (_LOOK_EVERY if now - began < _SOON else _SLOW):
            looked = now
            if (stopped := held.beyond(orders["limits"])) is not None:
                return stopped
