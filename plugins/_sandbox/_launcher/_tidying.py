"""What was laid out for the program, taken away where its asker cannot do so any more."""

from __future__ import annotations

import os
import sys

assert sys.platform == "linux"

from ._kernel import libc


def remove(placeholders: list[str], *, apart: bool) -> None:
    """The asker is gone: what it laid into the workspace goes too, if it is still empty."""
    for path in placeholders:
        if apart:
            libc().umount2(os.fsencode(path), 2)  # in our own namespace it is laid over
        try:
            if os.path.isdir(path):
                os.rmdir(path)
            elif os.path.getsize(path) == 0:
                os.unlink(path)
        except OSError:
            continue


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
