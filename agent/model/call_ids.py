"""The ids of tool calls: each is given once, whatever the servers number."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence

from agent.model import Message

__all__ = ["CallIds", "unique_id"]


class CallIds:
    """The ids of all calls so far: some servers give the same again in the next reply. May be used from several
    threads."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def note(self, messages: Sequence[Message]) -> None:
        """The calls of these messages have their ids already, also those of before a restart."""
        used = {call.id for message in messages for call in message.calls}
        with self._lock:
            self._taken |= used

    def take(self, id_: str) -> str:
        """The id for a new call: the one that the server sent, where it sent one that no other call has."""
        with self._lock:
            while not id_ or id_ in self._taken:
                id_ = unique_id()
            self._taken.add(id_)
        return id_


def unique_id() -> str:
    """An id for a call: nine letters and digits, which is what the strictest server takes back."""
    return uuid.uuid4().hex[:9]
