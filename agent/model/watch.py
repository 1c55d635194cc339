"""A watch over replies that stream: silence in the midst of one ends it.

The transport knows one timeout for all it reads, and that must be long: a model on this machine may read its prompt
for minutes before its first word. Once it speaks, long silence means that it is gone.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

__all__ = ["Watch", "Watched"]


class Watched:
    """One reply that is watched. `fired` tells that it was ended for its silence."""

    def __init__(self, response: httpx2.Response, *, idle: float) -> None:
        self.fired = False
        self.until = math.inf
        self._stream: Any = response.extensions.get("network_stream")
        self._idle = idle

    def seen(self, *, soon: bool = False) -> None:
        """Something came, and more is waited for. `soon`: nothing but the connection's end is due."""
        self.until = time.monotonic() + (min(1.0, self._idle) if soon else self._idle)

    def hold(self) -> None:
        """Whoever reads is busy: that is no silence of the server's."""
        self.until = math.inf

    def end(self) -> None:
        """Shut the connection, so that whoever waits for it goes on with an error."""
        self.fired, self.until = True, math.inf
        try:
            self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        except (OSError, AttributeError, ValueError):
            return  # it has ended by itself


class Watch:
    """Watches any number of replies from one thread, which starts with the first and ends with `close`.

    Args:
        idle: Seconds of silence that are too long; noticed a quarter of that late, or a second, at most.
    """

    def __init__(self, *, idle: float) -> None:
        self._idle = idle
        self._pause = min(1.0, idle / 4)
        self._lock = threading.Lock()
        self._watched: set[Watched] = set()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, response: httpx2.Response) -> Watched:
        """Watch a reply, from its first `seen` on."""
        watched = Watched(response, idle=self._idle)
        with self._lock:
            self._watched.add(watched)
            if self._thread is None:
                self._over.clear()
                self._thread = threading.Thread(target=self._run, name="thinkact-watch", daemon=True)
                self._thread.start()
        return watched

    def remove(self, watched: Watched) -> None:
        """The reply is over."""
        with self._lock:
            self._watched.discard(watched)

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._over.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)

    def _run(self) -> None:
        while not self._over.wait(self._pause):
            now = time.monotonic()
            with self._lock:
                silent = [one for one in self._watched if one.until < now]
            for one in silent:
                one.end()
