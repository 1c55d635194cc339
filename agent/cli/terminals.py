"""Is a person there?"""

from __future__ import annotations

import sys
from typing import IO, Any

__all__ = ["is_terminal"]


def is_terminal(stream: IO[Any] | None) -> bool:
    """Does a stream lead to a terminal: can what it shows be seen, and what it asks for be typed? A stream that is
    missing or closed leads nowhere."""
    if stream is None:
        return False
    try:
        return stream.isatty() and _is_console(stream)
    except (OSError, ValueError):
        return False


if sys.platform == "win32":  # pragma: no cover - only there

    def _is_console(stream: IO[Any]) -> bool:
        """Windows takes its nothing (NUL) for a terminal; only a real one has a mode."""
        import ctypes
        import msvcrt
        from ctypes import wintypes

        ask = ctypes.WinDLL("kernel32").GetConsoleMode
        ask.argtypes = [wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD)]
        return bool(ask(msvcrt.get_osfhandle(stream.fileno()), ctypes.byref(wintypes.DWORD())))

else:

    def _is_console(stream: IO[Any]) -> bool:
        del stream
        return True
