"""A watch over replies that come: silence in the midst of one ends it, and so does the end of the call's time.

The transport knows one timeout for each time that it reads, and that must be long: a model on this machine may read
its prompt for minutes before its first word. Once it speaks, long silence means that it is gone. And no timeout of
the transport ends a reply that trickles.
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
    """One reply that is watched. `silent` tells that it was ended for its silence, `late` that its time was over."""

    def __init__(self, response: httpx2.Response, *, idle: float, until: float = math.inf) -> None:
        self.silent = self.late = False
        self.due = math.inf
        self.until = until
        self._stream: Any = response.extensions.get("network_stream")
        self._idle = idle

    @property
    def ended(self) -> bool:
        """Was it ended here? What still comes of it is no reply."""
        return self.silent or self.late

    def seen(self, *, soon: bool = False) -> None:
        """Something came, and more is waited for. `soon`: nothing but the connection's end is due."""
        self.due = time.monotonic() + (min(1.0, self._idle) if soon else self._idle)

    def hold(self) -> None:
        """Whoever reads is busy: that is no silence of the server's."""
        self.due = math.inf

    def judge(self, now: float) -> bool:
        """Is it to be ended at this time?"""
        self.late = self.late or self.until <= now
        self.silent = self.silent or self.due < now
        return self.ended

    def end(self) -> None:
        """Shut the connection, so that whoever waits for it goes on with an error."""
        try:
            # not the method of a TLS socket, which would let the bytes that still come pass as the reply's own
            socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)
        except (OSError, AttributeError, TypeError, ValueError):
            return  # it has ended by itself


class Watch:
    """Watches any number of replies from one thread, which starts with the first and ends with `close`.

    Args:
        idle: Seconds of silence that are too long; noticed a quarter of that late, or a second, at most. The end of
            a call's time is noticed at once.
    """

    def __init__(self, *, idle: float) -> None:
        self._idle = idle
        self._pause = min(1.0, idle / 4)
        self._changed = threading.Condition()
        self._watched: set[Watched] = set()
        self._thread: threading.Thread | None = None

    def add(self, response: httpx2.Response, *, until: float = math.inf) -> Watched:
        """Watch a reply: for silence from its first `seen` on, and for its time, which is over at `until` (of
        `time.monotonic`)."""
        watched = Watched(response, idle=self._idle, until=until)
        with self._changed:
            self._watched.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="thinkact-watch", daemon=True)
                self._thread.start()
            elif until < time.monotonic() + self._pause:  # before the thread would look again by itself
                self._changed.notify_all()
        return watched

    def remove(self, watched: Watched) -> None:
        """The reply is over."""
        with self._changed:
            self._watched.discard(watched)

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)

    def _run(self) -> None:
        with self._changed:
            while self._thread is threading.current_thread():
                now = time.monotonic()
                for one in [one for one in self._watched if one.judge(now)]:
                    self._watched.discard(one)
                    one.end()
                nearest = min((one.until for one in self._watched), default=math.inf)
                self._changed.wait(min(self._pause, nearest - now))
