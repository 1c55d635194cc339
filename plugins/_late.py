"""What is made when it is first needed: a client whose libraries take a while to load."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, Self, TypeVar


class Closing(Protocol):
    """Something that is open until it is closed."""

    def close(self) -> None:
        """Let go of what is open."""
        ...


Made = TypeVar("Made", bound=Closing)


class Late(Generic[Made]):
    """Holds what `make` gives: made when it is first asked for, closed at the end. A context manager; safe to be used
    by several threads."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._held: Made | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close what was made."""
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _made(self) -> Made:
        with self._lock:
            if self._held is None:
                self._held = self._make()
            return self._held
