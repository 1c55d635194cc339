"""The other end of a probation: imports plugins one after the other, and writes down how far it came."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn, TextIO

from plugins._origins import Origin

__all__ = ["main"]

_ENDS = ("os.exec", "os.kill")  # what Python tells of beforehand, and may be the end of this process


def main(order: Mapping[str, Any]) -> NoReturn:
    """Import what the order names. The notes go to what was the process's stdout; nobody else reaches that."""
    book = _Book([Origin.of_data(one) for one in order["origins"]])
    leave = os._exit

    def told(status: int) -> NoReturn:
        book.leave()
        leave(status)

    os._exit = told
    sys.addaudithook(lambda event, _: book.leave() if event in _ENDS else None)
    clock = _Clock(order["seconds"], book.file)
    for origin in book.origins:
        book.begin(origin)
        clock.start()
        with suppress(BaseException):  # it is told where it is imported for good
            origin.load(fresh=order["fresh"])
        clock.stop()
        book.note("through")
    leave(0)


class _Clock:
    """Ends the process, and writes down where it was, where it is not stopped in time, whatever it hangs in. A plugin
    that takes the signal for itself is ended from outside. Where there is no such signal, a thread does it, which costs
    a millisecond and more for each plugin on a busy machine."""

    def __init__(self, seconds: float, file: TextIO) -> None:
        self._seconds, self._file = seconds, file

    if sys.platform == "win32":

        def start(self) -> None:
            faulthandler.dump_traceback_later(self._seconds, exit=True, file=self._file)

        def stop(self) -> None:
            faulthandler.cancel_dump_traceback_later()

    else:

        def start(self) -> None:
            faulthandler.register(signal.SIGALRM, file=self._file, chain=True)  # behind it comes the end
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

        def stop(self) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.unregister(signal.SIGALRM)


class _Book:
    """Where it is written down how far this process came, and at which line a plugin means to end it."""

    def __init__(self, origins: list[Origin]) -> None:
        self.origins, self._at = origins, origins[0]
        self.file = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogateescape")
        os.dup2(2, 1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        faulthandler.enable(file=self.file)

    def note(self, text: str) -> None:
        """Write a line, at once."""
        self.file.write(f"\0{text}\n")
        self.file.flush()

    def begin(self, origin: Origin) -> None:
        """A plugin is imported from now on."""
        self._at = origin
        self.note("begun")

    def leave(self) -> None:
        """The process may end now; nothing but this tells afterwards where."""
        frame = sys._getframe(1)
        while frame.f_back is not None and not self._at.is_own(str(frame.f_globals.get("__name__"))):
            frame = frame.f_back
        if self._at.is_own(str(frame.f_globals.get("__name__"))):
            self.note(f"left {frame.f_code.co_filename}:{frame.f_lineno}")
