"""The fork that becomes the program: what it gives up, whatever it is confined by."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the plain one: the other loads enum
import os
import resource
import sys

assert sys.platform != "win32"

from ._kernel import Fault, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_DEFAULT = 0
_NEEDED = ("CORE", "CPU", "FSIZE", "NOFILE")  # those that every system has and keeps


def fork(become: Callable[[int], None]) -> int:
    """Fork a process that becomes the program; `become` is given a descriptor that closes with its start, and over
    which the parent hears of what went wrong before."""
    told, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(told)
            become(telling)
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


class Child:
    """A process that was forked: whether it has ended, and with which status."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: int | None = None

    def ended(self) -> bool:
        """Has it?"""
        if self.status is None:
            found, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if found else None
        return self.status is not None


def give_up(orders: dict[str, Any], *, all_limits: bool) -> None:
    """Leave the session, heed the signals that Python does not, read nothing of ours, keep within limits. Without
    `all_limits` those that only some systems have are left where they are."""
    os.setsid()
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # Python does not heed them, and a program would not either
        _signal.signal(number, _DEFAULT)
    if orders["source"] == 0:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    for name, value in orders["limits"]["each"].items():
        try:
            _limit(name, value)
        except (OSError, ValueError, AttributeError):
            if all_limits or name in _NEEDED:
                raise
    os.umask(orders["umask"])


def _limit(name: str, value: int) -> None:
    kind = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def close_all_but(kept: set[int], listed: str = "/dev/fd") -> None:
    for name in os.listdir(listed):
        if int(name) not in kept:
            close(int(name))
