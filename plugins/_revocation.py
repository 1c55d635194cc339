"""A context that can be taken back: the gate that every change passes, and the record of what was changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain

from plugins._contract import ToolError

__all__ = ["Gate", "Written"]


class Gate:
    """What every change through a context passes. Once closed it stays closed."""

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel = cancel
        self._changed = threading.Condition()
        self._inside = 0
        self._closed: str | None = None

    def check(self) -> None:
        """Raises `ToolError`, kind "cancelled", once the gate is closed or the call is cancelled."""
        if self._closed is not None or self._cancel.is_set():
            reason = self._closed or "the call was cancelled"
            raise ToolError(f"{reason}; nothing more can be done through its context", kind="cancelled")

    @contextmanager
    def passing(self) -> Iterator[None]:
        """A change on its way: a gate that is being closed waits for its end."""
        with self._changed:
            self.check()
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self, reason: str, *, patience: float) -> None:
        """Let nothing more through; changes on their way have `patience` seconds to end."""
        with self._changed:
            if self._closed is None:
                self._closed = reason
            self._changed.wait_for(lambda: self._inside == 0, patience)


class Written:
    """The files that were changed through a context, and those whose change is on its way. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed: dict[str, None] = {}
        self._under_way: list[tuple[str, ...]] = []
        self._new: dict[str, bool] = {}

    @contextmanager
    def changing(self, paths: Mapping[str, bool]) -> Iterator[None]:
        """A change of these files, each with whether it is there: they count once the change has ended well, and
        while it is on its way. What was there is told by the first change of a file alone."""
        wanted = tuple(map(str, paths))
        with self._lock:
            self._under_way.append(wanted)
            for path, there in paths.items():
                self._new.setdefault(str(path), not there)
        try:
            yield
            with self._lock:
                self._changed.update(dict.fromkeys(wanted))
        finally:
            with self._lock:
                self._under_way.remove(wanted)
                for path in set(wanted).difference(self._known()):
                    del self._new[path]  # a refused change says nothing: another hand may have made the file since

    def told(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Each path once, in the order of the first change; and those of them that were not there before it."""
        with self._lock:
            known = self._known()
            return known, tuple(path for path in known if self._new[path])

    def _known(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self._changed, *chain.from_iterable(self._under_way)]))
