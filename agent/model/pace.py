"""Keeps requests to the time that they may take, from the connecting to the last byte of the reply.

The transport tells of each request that goes out and of each response whose head is there; from then on the watch
looks after it.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from agent.model.watch import Watch, Watched

if TYPE_CHECKING:
    import httpx2

__all__ = ["Pace"]


class _Mine(threading.local):
    """What the request of this thread may take, and its response."""

    until: float = math.inf
    watched: Watched | None = None


class Pace:
    """The pace of one client's requests, each of which is made within one thread.

    Args:
        idle: Seconds of silence amid a reply that end it.
    """

    def __init__(self, *, idle: float) -> None:
        self._watch = Watch(idle=idle)
        self._mine = _Mine()

    def begin(self, until: float) -> None:
        """This thread is about to make a request, whose time is over at `until` (of `time.monotonic`)."""
        self._mine.until = until

    def asked(self, request: httpx2.Request) -> None:
        """The request goes out, a redirected one too: none of its steps outlasts the call."""
        if self._mine.until < math.inf:
            limits = _Left(request.extensions.get("timeout") or {}, self._mine.until)
            request.extensions = {**request.extensions, "timeout": limits}

    def answered(self, response: httpx2.Response) -> None:
        """The head of the response is there, be it that of an error or of a redirect."""
        self.end()
        self._mine.watched = self._watch.add(response, until=self._mine.until)

    def take(self) -> Watched | None:
        """The response of this thread's request, to be ended with `forget` by whoever takes it; None where there is
        none."""
        watched, self._mine.watched = self._mine.watched, None
        return watched

    def end(self) -> None:
        """The request is over, if nobody took its response."""
        if (watched := self.take()) is not None:
            self.forget(watched)

    def forget(self, watched: Watched) -> None:
        """A response that was taken is over."""
        self._watch.remove(watched)

    def close(self) -> None:
        """End the watch; it begins again with the next response."""
        self._watch.close()


class _Left(Mapping[str, float | None]):
    """The transport's timeouts as it looks them up before each step: none is longer than what is left."""

    def __init__(self, stated: Mapping[str, float | None], until: float) -> None:
        self._stated = stated
        self._until = until

    def __getitem__(self, name: str) -> float | None:
        left = max(0.001, self._until - time.monotonic())  # 0 would mean: do not wait at all, and fail in another way
        stated = self._stated[name]
        return left if stated is None else min(stated, left)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stated)

    def __len__(self) -> int:
        return len(self._stated)
