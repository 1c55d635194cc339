"""Whether another process holds a lock, on each platform."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.ENOSYS)

if sys.platform == "win32":  # pragma: no cover - only there

    def is_held(lock_file: Path) -> bool:
        """Does a process hold this lock? It can only be tried there: who wants it at this very moment gets it a
        moment later."""
        from filelock import FileLock, Timeout

        wanted = FileLock(lock_file, timeout=0)
        try:
            wanted.acquire()
        except Timeout:
            return True
        except OSError:
            return False
        wanted.release()
        return False

else:

    def is_held(lock_file: Path) -> bool:
        """Does a process hold this lock? Nothing is made, and who wants it at this very moment gets it a moment
        later."""
        import fcntl

        try:
            descriptor = os.open(lock_file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False  # gone, or another user's
        try:
            # Shared, so that two who look do not take each other for a writer.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            # A disk that knows no locks has a file instead, which is there as long as it is held.
            return error.errno in _HELD
        finally:
            os.close(descriptor)
        return False
