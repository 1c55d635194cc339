"""The start of the program: a fork that gives up what the program must not have, and becomes it."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the plain one: the other loads enum
import os
import resource
import struct
import sys

assert sys.platform == "linux"

from ._kernel import SIGPIPE, SIGXFSZ, Fault, check, close, die_with_parent, libc
from ._landlock import restrict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 22, 24, 38, 47
_SECCOMP_MODE_FILTER = 2
_DEFAULT = 0


def start(orders: dict[str, Any], report: int) -> int:
    """Fork the program; a pipe that closes with its start tells of what went wrong before."""
    told, telling = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(told)
            if orders["way"] == "landlock":  # bubblewrap does so itself
                die_with_parent()
            # In a namespace of processes of its own the parent has the number 0.
            if os.getppid() not in (parent, 0):
                os._exit(126)
            if orders["apart"]:
                _become_first(telling)
            _become(orders, keep={telling, report})
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent is told
            os.write(telling, f"{type(error).__name__}: {error}".encode()[:2000])
        finally:
            os._exit(126)
    os.close(telling)
    said = b""
    while piece := os.read(told, 4096):
        said += piece
    os.close(told)
    if said:
        os.waitpid(pid, 0)
        raise Fault(said.decode("utf-8", "replace"))
    return pid


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
    os.setsid()
    for number in (SIGPIPE, SIGXFSZ):  # Python does not heed them, and a program would not either
        _signal.signal(number, _DEFAULT)
    if orders["source"] == 0:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    _limit(orders["limits"])
    os.umask(orders["umask"])
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
        _close_all_but(wanted | {given, held} | keep)
        if orders["source"]:
            words = _with_an_output_of_its_own(words, taken=wanted | {given, held} | keep)
        words = [wrapper[0], "--args", str(given), "--seccomp", str(held), "--", *words]
        environment = {}
    else:
        os.chdir(orders["cwd"])
        _close_all_but(wanted | keep)
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


def _limit(limits: dict[str, Any]) -> None:
    for name, value in limits["each"].items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _close_all_but(kept: set[int]) -> None:
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            close(int(name))


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
