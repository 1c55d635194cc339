"""Vectors for the notes that have none of the present embedder, made beside everything else.

It begins with the first search or note of a memory, in a thread of low priority, in one process at a time. Each batch
is durable when it is done, so that whoever comes next goes on where this one was ended.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from ._index_place import WriterLock
from ._lacking import lacking
from ._note_errors import RecallError
from ._store import Store
from ._vector_source import VectorSource
from ._vectors import packed, packed_or_none
from .embedding import EmbeddingFailed

PAUSE = 30.0
"""Seconds until what was ended by a failure is begun again."""

_BATCH = 32  # texts at a time: for a local model a quarter of a second
_PROBE = "a short text"
"""Goes with a single text, and tells what is refused from an embedder that is away: to one that is, no text is sent
alone, since that would be one for which somebody waits."""
_FEW = 200  # notes whose vectors a first search waits for, if they come soon
_PATIENCE = 0.25  # seconds that it waits
_LOOK = 0.2  # seconds between two looks at whether another process is done
_NICE = 10
_SAID = 300  # characters that are told of what nobody foresaw
_END = 2.0  # seconds that `close` waits for the batch in hand; an endpoint may take longer, and is not waited for


_Rows: TypeAlias = Sequence[tuple[int, str]]
"""Numbers and texts of notes."""


def embed_missing(
    store: Store,
    source: VectorSource,
    *,
    stop: threading.Event | None = None,
    rest: float = 0,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Give vectors to the notes that have none of this embedder; how many they were. Texts that it refuses, though it
    gives vectors of others, are passed over, and are known to the source from then on (`VectorSource.refused`).

    Args:
        stop: Ends it after the batch in hand.
        rest: How long to rest after each batch, as a part of the time that it took.
        progress: Is told after each batch how many are done.

    Raises:
        EmbeddingFailed: the embedder gave none; what was done before is kept.
    """
    done = last = 0
    while not (stop is not None and stop.is_set()):
        rows = store.unembedded(source.id, source.dimensions, limit=_BATCH, after=last)
        if not rows:
            break
        began, last = time.monotonic(), rows[-1][0]
        done += _embed(store, source, [row for row in rows if row[0] not in source.refused], stop)
        if progress is not None:
            progress(done)
        if stop is not None and rest:
            stop.wait(rest * (time.monotonic() - began))
    return done


def _embed(
    store: Store, source: VectorSource, rows: _Rows, stop: threading.Event | None, *, halved: bool = False
) -> int:
    """Give vectors to these notes; how many got theirs. Where the embedder refuses a text among them, the others get
    theirs all the same; where it gives none at all, that is raised."""
    if not rows or (stop is not None and stop.is_set()):
        return 0
    texts, before = [text for _, text in rows], source.dimensions
    try:
        vectors = packed(source, texts if len(texts) > 1 else [*texts, _PROBE])[: len(texts)]
    except EmbeddingFailed as error:
        changed = before and before != source.dimensions  # then those that were done before are to be made anew
        if changed or ((not halved or len(rows) == 1) and packed_or_none(source, [_PROBE, _PROBE]) is None):
            raise
        if len(rows) == 1:
            source.refuse(rows[0][0], str(error))
            return 0
        half = len(rows) // 2
        return sum(_embed(store, source, part, stop, halved=True) for part in (rows[:half], rows[half:]))
    with store.writing() as change:
        for (number, text), vector in zip(rows, vectors, strict=True):
            change.embed(number, text, vector, embedder=source.id)
    return len(rows)


class Reembedding:
    """The thread that does so, for one memory.

    Args:
        lock: The file by which processes agree on who does it.
        pause: See `PAUSE`.
    """

    def __init__(self, store: Store, source: VectorSource, lock: Path, *, pause: float = PAUSE) -> None:
        self._store = store
        self._source = source
        self._lock_file = lock
        self._pause = pause
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._done = threading.Event()
        self._complete = False
        self._ended = -float("inf")

    @property
    def running(self) -> bool:
        """Is it at work in this process?"""
        return self._thread is not None and self._thread.is_alive()

    def nudge(self, *, searching: bool) -> None:
        """See to it that it is at work where there is any. A search waits a moment for a small work to be done.

        Once all was done it is begun again only after a failure of the embedder: of two programs that use different
        embedders for the same notes, each would otherwise undo the other's work for ever.
        """
        with self._guard:
            if self._stop.is_set() or self.running or not self._due():
                return
            missing = self._missing()
            if not missing:
                self._complete, self._ended = True, time.monotonic()
                return
            self._done.clear()
            thread = threading.Thread(target=self._work, name="thinkact-vectors", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # this machine has no thread left: words alone find, until the next try
                self._ended = time.monotonic()
                return
            self._thread = thread
        if searching and missing <= _FEW:
            self._done.wait(_PATIENCE)

    def left(self) -> int:
        """How many notes are still without a vector, where it was begun and not brought to its end."""
        return 0 if self._thread is None or self._complete else max(self._missing(), 0)

    def close(self) -> None:
        """End it after the batch in hand."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_END)

    def _due(self) -> bool:
        if self._complete:
            if self._source.failed_at <= self._ended:
                return False
            return time.monotonic() >= self._source.failed_at + self._pause
        return time.monotonic() >= self._ended + self._pause

    def _missing(self) -> int:
        if not self._store.exists:
            return 0
        return lacking(self._store, self._source)

    def _work(self) -> None:
        try:
            self._embed_alone()
        except (EmbeddingFailed, RecallError, OSError):
            pass  # the embedder keeps what it said; the file is busy, full or closed: the next one goes on
        except Exception as error:  # noqa: BLE001  whatever it is, it ends this thread alone, and is told
            if not self._stop.is_set():  # else the notes were closed meanwhile
                said = " ".join(str(error).split())[:_SAID]
                self._source.give_up(f"no vectors were made: {type(error).__name__}{f': {said}' if said else ''}")
        finally:
            self._ended = time.monotonic()
            self._done.set()

    def _embed_alone(self) -> None:
        """Make the missing vectors, in no more than one process at a time."""
        lock = WriterLock(self._lock_file)
        try:
            _lower_priority()
            while not lock.acquire(0):  # another process is at it; perhaps it leaves something
                if self._stop.wait(_LOOK):
                    return
            embed_missing(self._store, self._source, stop=self._stop, rest=0.25)
            self._complete = not self._stop.is_set()
        finally:
            with suppress(OSError):
                lock.release()


def _lower_priority() -> None:
    """Of this thread alone, where the system knows such a thing."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
