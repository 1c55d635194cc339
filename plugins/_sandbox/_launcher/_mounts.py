"""Namespaces of our own, for Landlock: what must not be written is laid over there."""

from __future__ import annotations

import os
import sys

assert sys.platform == "linux"

from ._kernel import check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_NETWORK = 0x40000000
_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | _NETWORK | 0x08000000  # user, mount, process, net, ipc


def go_apart(orders: dict[str, Any]) -> bool:
    """Take namespaces, and lay over the workspace what must not be written there. False where they are not wanted:
    then Landlock's rules have to do it alone."""
    if not orders["namespaces"]:
        return False
    user, group = os.getuid(), os.getgid()
    _unshare(user, group, _NAMESPACES & ~_NETWORK if orders["network"] else _NAMESPACES)
    _lay_over(orders)
    return True


def _unshare(user: int, group: int, kinds: int) -> None:
    check(libc().unshare(kinds), "namespaces")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    _mount(None, "/", _MS_REC | _MS_PRIVATE)


def _lay_over(orders: dict[str, Any]) -> None:
    for path in orders["pinned"]:
        _mount(path, path, _MS_BIND | _MS_REC)
    for path in orders["readonly"]:
        _mount(path, path, _MS_BIND | _MS_REC)
        _make_readonly(path)
    for path in orders["masked"]:
        empty = orders["empty_folder"] if os.path.isdir(path) else orders["empty_file"]
        _mount(empty, path, _MS_BIND)
        _make_readonly(path)


def _make_readonly(path: str) -> None:
    flags = os.statvfs(path).f_flag
    kept = flags & (2 | 4 | 8 | 1024 | 2048) | ((1 << 21) if flags & 4096 else 0)
    _mount(None, path, _MS_BIND | _MS_REMOUNT | _MS_RDONLY | kept)


def _mount(source: str | None, target: str, flags: int) -> None:
    given = None if source is None else os.fsencode(source)
    import ctypes

    done = libc().mount(given, os.fsencode(target), None, ctypes.c_ulong(flags), None)
    check(done, f"mount of {target}")
