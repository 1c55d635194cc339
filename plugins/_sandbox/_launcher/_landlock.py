"""Landlock: which files a program may read and write, by the kernel's own rules."""

from __future__ import annotations

import errno
import os
import struct
import sys

assert sys.platform == "linux"

from ._kernel import Fault, check, error_number, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every machine
LEAST_VERSION = 6
"""The first version of Landlock (Linux 6.12) that keeps a process from signalling others."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_EVERY_RIGHT = (1 << 16) - 1
_SPECIAL = 1 << 6 | 1 << 9 | 1 << 11 | 1 << 15  # devices and sockets are neither made nor controlled
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_WRITING = _EVERY_RIGHT & ~_SPECIAL


def restrict(orders: dict[str, Any]) -> None:
    """Hold this process, and all that it starts, to the paths of the orders."""
    import ctypes

    library = libc()
    version = library.syscall(_CREATE, None, ctypes.c_size_t(0), 1)
    if version < LEAST_VERSION:
        raise Fault(f"Landlock is too old here (version {version})")
    # Files; TCP; abstract sockets and signals of those outside.
    handled = struct.pack("=QQQ", _EVERY_RIGHT, 0 if orders["network"] else 3, 3)
    ruleset = library.syscall(_CREATE, handled, ctypes.c_size_t(len(handled)), 0)
    check(ruleset, "Landlock")
    for path in orders["read"]:
        _permit(ruleset, path, _READING)
    for path in orders["devices"]:
        _permit(ruleset, path, _READ_FILE | _WRITE_FILE)
    for path in orders["write"]:
        _permit(ruleset, path, _WRITING)
    guarded = {} if orders["apart"] else _guarded(orders)
    for path, writable in orders["trees"]:
        _permit_tree(ruleset, path, guarded, writable)
    check(library.syscall(_RESTRICT, ruleset, 0), "Landlock's rules")
    os.close(ruleset)


def _guarded(orders: dict[str, Any]) -> dict[str, bool]:
    """What must not be written, by its path; True where it must not be read either."""
    return {**dict.fromkeys(orders["readonly"], False), **dict.fromkeys(orders["masked"], True)}


def _permit_tree(ruleset: int, path: str, guarded: dict[str, bool], writable: bool) -> None:
    """Permit all below a folder but what is guarded. Rules only add up: so in a folder with something guarded below it
    no name can be made or taken away, and each of its entries has a rule of its own."""
    below = [one for one in guarded if one.startswith(f"{path.rstrip('/')}/")]
    if not below:
        _permit(ruleset, path, _WRITING if writable else _READING)
        return
    if not any(guarded[one] and os.path.isdir(one) for one in below):
        _permit(ruleset, path, _READ_DIR)
    for entry in os.scandir(path):
        if entry.is_symlink():
            continue
        if entry.path in guarded:
            if not guarded[entry.path]:
                _permit(ruleset, entry.path, _READING)
        elif entry.is_dir():
            _permit_tree(ruleset, entry.path, guarded, writable)
        elif entry.is_file():
            _permit(ruleset, entry.path, _WRITING if writable else _READING)


def _permit(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there cannot be reached either
    try:
        if os.fstat(descriptor).st_mode & 0o170000 != 0o040000:  # no folder
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        if libc().syscall(_ADD, ruleset, 1, rule, 0) != 0:
            code = error_number()
            if code != errno.EBADFD:  # a file of which Landlock knows nothing stays closed
                raise OSError(code, os.strerror(code), path)
    finally:
        os.close(descriptor)
