"""Empty files and folders that hold a protected name which is absent, while programs run that must not take it.

Several runs may work in one workspace, and one's placeholder is another's protection. So whoever relies on one holds a
shared lock on it, and only the last one takes it away; the kernel lets a killed one's lock go.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field

from plugins._sandbox._descriptors import lock

__all__ = ["Placeholders", "is_empty"]

_TRIES = 100
_LOOKS, _BETWEEN = 5, 0.004  # seconds


@dataclass(slots=True)
class Placeholders:
    """Those that one asker relies on: by path, the descriptor that holds the lock."""

    held: dict[str, int] = field(default_factory=dict)

    def hold(self, path: str, *, folder: bool) -> bool:
        """Hold a name that is absent, or that another run holds by now. False: it is really there, or nobody may make
        it here, and then neither may what is confined."""
        for _ in range(_TRIES):
            try:
                if folder:
                    os.mkdir(path)
                else:
                    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
            except FileExistsError:
                if self.shares(path) or os.path.lexists(path):
                    return path in self.held
                continue  # its holder took it away at this moment
            except OSError:
                return False
            if self._rely(path):
                return True
        return False

    def shares(self, path: str) -> bool:
        """Is it a placeholder on which we rely? One of another run, which lives, is relied on from here on: it stays
        until both have ended."""
        if path not in self.held and is_empty(path) and _is_relied_on(path):
            self._rely(path)
        return path in self.held

    def clear(self) -> None:
        """Take them away, those that are still empty and on which nobody else relies."""
        for path, descriptor in self.held.items():
            if _locked(descriptor, alone=True):
                with suppress(OSError):
                    if not os.path.samestat(os.fstat(descriptor), os.lstat(path)):
                        pass  # somebody's own stands there by now
                    elif os.path.isdir(path):
                        os.rmdir(path)
                    elif os.path.getsize(path) == 0:
                        os.unlink(path)
            os.close(descriptor)
        self.held.clear()

    def _rely(self, path: str) -> bool:
        """Lock it. False: it is gone, or is being taken away."""
        try:
            descriptor = _opened(path)
        except OSError:
            return False
        with suppress(OSError):
            if _locked(descriptor, alone=False) and os.path.samestat(os.fstat(descriptor), os.lstat(path)):
                self.held[path] = descriptor
                return True
        os.close(descriptor)
        return False


def _locked(descriptor: int, *, alone: bool) -> bool:
    """Lock it. Others who only ask whether it is relied on hold it for a moment."""
    for _ in range(_LOOKS):
        if lock(descriptor, alone=alone):
            return True
        time.sleep(_BETWEEN)
    return False


def _opened(path: str) -> int:
    return os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def is_empty(path: str) -> bool:
    """Is it an empty file or folder?"""
    try:
        return not os.listdir(path) if os.path.isdir(path) else os.path.getsize(path) == 0
    except OSError:
        return False


def _is_relied_on(path: str) -> bool:
    """Does somebody hold a lock on it?"""
    try:
        descriptor = _opened(path)
    except OSError:
        return False
    try:
        return not lock(descriptor, alone=True)
    finally:
        os.close(descriptor)
