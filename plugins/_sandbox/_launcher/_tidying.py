"""What was laid out for the program, taken away where its asker cannot do so any more."""

from __future__ import annotations

import os
import sys
import time

assert sys.platform != "win32"

from ._kernel import libc

_LOOKS, _BETWEEN = 40, 0.025  # seconds


def remove(placeholders: list[str], *, apart: bool) -> None:
    """The asker is gone: what it laid into the workspace goes too, if it is still empty and no other run relies on it
    (`_placeholders` says how that is known)."""
    for path in placeholders:
        if not _let_go(path):
            continue
        if apart:
            libc().umount2(os.fsencode(path), 2)  # in our own namespace it is laid over
        try:
            if os.path.isdir(path):
                os.rmdir(path)
            elif os.path.getsize(path) == 0:
                os.unlink(path)
        except OSError:
            continue


def _let_go(path: str) -> bool:
    """Does nobody hold a lock on it any more? The asker's own goes with its last breath."""
    import fcntl

    for _ in range(_LOOKS):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_BETWEEN)
        else:
            return True
        finally:
            os.close(descriptor)
    return False


def remove_folder(folder: str) -> None:
    """The asker's folder for temporary files goes with it."""
    for here, folders, files in os.walk(folder, topdown=False):
        for name in [*files, *folders]:
            path = os.path.join(here, name)
            try:
                (os.rmdir if name in folders and not os.path.islink(path) else os.unlink)(path)
            except OSError:
                continue
    try:
        os.rmdir(folder)
    except OSError:
        pass
