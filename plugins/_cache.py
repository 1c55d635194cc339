"""What was worked out once and may be needed again soon, such as the text of a document that is read page by page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

__all__ = ["Cache"]

Value = TypeVar("Value")

_MOST = 64 * 1024 * 1024  # bytes


@dataclass(slots=True)
class _Turn:
    """Who works a value out; the others wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    users: int = 0


class Cache:
    """Values by their keys, held in memory: those used last, up to `most` bytes. May be used from several threads.

    A key says all that its value depends on, the hash of a file's content and not its path. A value is shared, so it
    must not be changed.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._held = 0
        self._values: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._turns: dict[str, _Turn] = {}
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], Value], *, size: Callable[[Value], int]) -> Value:
        """The value of a key, worked out by `make` where it is not held. Threads that want the same at the same time
        wait for the one that works it out; what that one raises is raised for it alone, and the next one tries.

        Args:
            key: What it is; it begins with the name of the tool that it is for.
            make: Works it out.
            size: About how many bytes it takes; one that alone is larger than all may be is not held.
        """
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.users += 1
        try:
            with turn.lock:
                held = self._held_value(key)
                if held is None:
                    held = (make(),)
                    self._hold(key, held[0], max(1, size(held[0])))
                found: Value = held[0]
                return found
        finally:
            with self._lock:
                turn.users -= 1
                if not turn.users:
                    del self._turns[key]

    def _held_value(self, key: str) -> tuple[Any] | None:
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return (self._values[key][0],)

    def _hold(self, key: str, value: Any, size: int) -> None:
        if size > self._most:
            return
        with self._lock:
            self._values[key] = (value, size)
            self._held += size
            while self._held > self._most:
                self._held -= self._values.popitem(last=False)[1][1]
