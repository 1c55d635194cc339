"""The start of the program: a fork that gives up what the program must not have, and becomes it."""

from __future__ import annotations

import os
import struct
import sys

assert sys.platform == "linux"

from ._forking import close_all_but, fork, give_up
from ._kernel import check, close, die_with_parent, libc
from ._landlock import restrict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 22, 24, 38, 47
_SECCOMP_MODE_FILTER = 2


def start(orders: dict[str, Any], report: int) -> int:
    """Fork the program; what goes wrong before its start is a `Fault`."""
    parent = os.getpid()

    def become(telling: int) -> None:
        if orders["way"] == "landlock":  # bubblewrap does so itself
            die_with_parent()
        # In a namespace of processes of its own the parent has the number 0.
        if os.getppid() not in (parent, 0):
            os._exit(126)
        if orders["apart"]:
            _become_first(telling)
        _become(orders, keep={telling, report})

    return fork(become)


def _become_first(telling: int) -> None:
    """Stay as the first process of the namespace, with whose end the kernel ends all others; go on in a child."""
    child = os.fork()
    if child == 0:
        die_with_parent()
        return
    os.close(telling)
    for descriptor in range(3):
        close(descriptor)
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def _become(orders: dict[str, Any], keep: set[int]) -> None:
    """Give up what the program must not have, and become it."""
    give_up(orders, all_limits=True)
    words, environment = orders["words"], orders["environment"]
    wrapper = orders["wrapper"]
    wanted = {0, 1, 2, *orders["pass"]}
    for descriptor in orders["pass"]:
        os.set_inheritable(descriptor, True)
    program = orders["filter"]
    if orders["way"] == "bwrap":
        # The program's environment goes by a file: bubblewrap itself must obey none of it, such as LD_PRELOAD.
        rules = [*wrapper[1:], "--clearenv", *(one for pair in environment.items() for one in ("--setenv", *pair))]
        given = _held("".join(f"{one}\0" for one in rules).encode("utf-8", "surrogateescape"))
        held = _held(program)
        close_all_but(wanted | {given, held} | keep, "/proc/self/fd")
        if orders["source"]:
            words = _with_an_output_of_its_own(words, taken=wanted | {given, held} | keep)
        words = [wrapper[0], "--args", str(given), "--seccomp", str(held), "--", *words]
        environment = {}
    else:
        os.chdir(orders["cwd"])
        close_all_but(wanted | keep, "/proc/self/fd")
        check(libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
        restrict(orders)
        _drop_capabilities()
        _filter(program)
    os.execvpe(words[0], words, environment)


def _with_an_output_of_its_own(words: list[str], taken: set[int]) -> list[str]:
    """The program started so that its output is open in nobody else, and whoever reads it sees when it is closed.
    Bubblewrap keeps the three standard descriptors open as long as it runs, and no others."""
    number = next(one for one in range(3, 10) if one not in taken)  # as many as every shell knows
    os.dup2(1, number, inheritable=True)
    os.dup2(2, 1)
    return ["/bin/sh", "-c", f'exec "$@" >&{number} {number}>&-', "sh", *words]


def _held(content: bytes) -> int:
    """A descriptor from which these bytes can be read, open in the program that is started."""
    descriptor = os.memfd_create("thinkact", 0)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.set_inheritable(descriptor, True)
    return descriptor


def _drop_capabilities() -> None:
    library = libc()
    for number in range(64):
        library.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # fails where there is no such capability, or no right to drop
    library.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)
    header = struct.pack("=Ii", 0x20080522, 0)
    check(library.capset(header, bytes(24)), "capabilities")


def _filter(program: bytes) -> None:
    import ctypes

    steps = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    check(libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(whole), 0, 0), "seccomp")
