"""The filter of system calls for a container, as docker and podman read it: by names, where `_filter` has numbers.

It stands in the place of docker's own, which lets sockets of the workspace be reached, and files be made that run as
their owner. What `_filter` closes is closed here as well, by the same tables, but for calls that are newer than those
named here, or than docker knows names for: those go on. The other way round, a list of what is allowed, cannot say
which words to a terminal are refused, and would stop programs by every call that it forgot.

Source: the runtime specification of the Open Container Initiative, linux.seccomp; asm/unistd.h of Linux 6.18.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from typing import Any

from plugins._sandbox._filter import DENIED, MISSING, NEW_NAMESPACES, SET_ID, TERMINAL

__all__ = ["container_filter"]

_NEWER = (  # than the last call that was looked at
    *("map_shadow_stack", "futex_wake", "futex_wait", "futex_requeue", "statmount", "listmount", "lsm_get_self_attr"),
    *("lsm_set_self_attr", "lsm_list_modules", "mseal", "setxattrat", "getxattrat", "listxattrat", "removexattrat"),
    *("open_tree_attr", "file_getattr", "file_setattr", "listns", "fchmodat2"),
)
_CREATES = {"open": (1, 2), "openat": (2, 3)}  # places of the flags, and of the mode
_SET_CREATES = (0o100, 0o20000000)  # O_CREAT, and what makes O_TMPFILE more than O_DIRECTORY
_MODES = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "creat": 1, "mknod": 1, "mknodat": 2}
_OF_ITSELF = {"prlimit64": 0, "sched_setaffinity": 0, "sched_setscheduler": 0, "sched_setparam": 0, "sched_setattr": 0}
_DEVICES = (0o020000, 0o060000, 0o140000)  # of characters, of blocks, and sockets
_TYPE = 0o170000
_LOW = 0xFFFFFFFF


def container_filter() -> dict[str, Any]:
    """The filter, ready to be written as JSON. A rule refuses what fits it; all else goes on."""
    rules = [_refused(DENIED, errno.EPERM), _refused([*MISSING, *_NEWER], errno.ENOSYS), _refused(["socket"])]
    rules += [_refused(["clone"], when=[_bits(0, bit)]) for bit in _each_bit(NEW_NAMESPACES)]
    rules += [_refused([name], when=[_other(place, 0)]) for name, place in _OF_ITSELF.items()]
    rules += [_refused(["setpriority"], when=[_other(0, 0)]), _refused(["setpriority"], when=[_other(1, 0)])]
    rules += [_refused(["ioprio_set"], when=[_other(0, 1)]), _refused(["ioprio_set"], when=[_other(1, 0)])]
    rules += [_refused(["personality"], when=[_bits(0, bit)]) for bit in _each_bit(_LOW)]
    rules += [_refused(["socketpair"], when=[_other(0, 1)])]
    rules += [_refused(["ioctl"], when=[_bits(1, _LOW, word)]) for word in TERMINAL]
    for name, place in _MODES.items():
        rules += [_refused([name], when=[_bits(place, bit)]) for bit in _each_bit(SET_ID)]
        if name.startswith("mknod"):
            rules += [_refused([name], when=[_bits(place, _TYPE, kind)]) for kind in _DEVICES]
    for name, (flags, mode) in _CREATES.items():
        for making in _SET_CREATES:
            rules += [_refused([name], when=[_bits(flags, making), _bits(mode, bit)]) for bit in _each_bit(SET_ID)]
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],  # calls of any other are answered with the end
        "syscalls": rules,
    }


def _refused(
    names: Iterable[str], code: int = errno.EPERM, *, when: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    return {"names": [*names], "action": "SCMP_ACT_ERRNO", "errnoRet": code, "args": when or []}


def _bits(place: int, mask: int, value: int | None = None) -> dict[str, Any]:
    """The argument holds this under a mask; without a value all of the mask."""
    wanted = mask if value is None else value
    return {"index": place, "value": mask, "valueTwo": wanted, "op": "SCMP_CMP_MASKED_EQ"}


def _other(place: int, value: int) -> dict[str, Any]:
    """The argument is another one."""
    return {"index": place, "value": value, "valueTwo": 0, "op": "SCMP_CMP_NE"}


def _each_bit(mask: int) -> list[int]:
    return [1 << place for place in range(32) if mask >> place & 1]
