"""Where the vector index lies: what a folder beside the notes and a server have in common."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from memory.private import make_private_folder

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from filelock import BaseFileLock

SEAL = "seal.json"
"""In the folder of an index: what it was when it was closed."""
SERVER_MARKS = "server.json"
"""Beside it: which collections of a server are up to date. The outbox is emptied into one of the two, so that there is
never but one of these files."""


class IndexAway(Exception):
    """There is no index where it should be; the text says why, in one line."""


class Place(Protocol):
    """Where chromadb keeps the vectors. Its methods may raise anything that chromadb and the system raise."""

    where: str
    """For people: what is used, such as "chromadb"."""
    retry: float
    """Seconds after which a search may try again what went wrong; endless where only `sync` may."""

    @property
    def exists(self) -> bool:
        """Was anything ever kept here?"""
        ...

    def look(self) -> str | None:
        """What is the matter with it, in a line, as far as can be told within two seconds; None where nothing is, or
        where nothing was ever kept. It is not changed."""
        ...

    def ready(self, name: str) -> bool:
        """Was the collection of this name brought up to date here once?"""
        ...

    def open(self, *, build: bool, wait: float) -> Client | None:
        """The way to it; None where another process is using it for longer than `wait` seconds, or, without `build`,
        where nothing sound is there."""
        ...

    def hold(self, wait: float) -> bool:
        """Be the only process that writes. False where another one still is after `wait` seconds."""
        ...

    def note(self, name: str) -> None:
        """The collection of this name is up to date."""
        ...

    def rest(self) -> None:
        """Let others write, where it can be shared."""
        ...

    def close(self) -> None:
        """Leave it in good order, and to others."""
        ...

    def discard(self) -> None:
        """Leave it, since it is not sound, and to others."""
        ...


class WriterLock:
    """A lock file: the process that holds it is the only one that writes. Safe for one thread at a time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._held: BaseFileLock | None = None

    def acquire(self, wait: float) -> bool:
        """Take it, or keep it. False where another process still holds it after `wait` seconds."""
        from filelock import FileLock, Timeout

        if self._held is None:
            make_private_folder(self._file.parent)
            lock = FileLock(self._file, thread_local=False)
            try:
                lock.acquire(timeout=wait)
            except Timeout:
                return False
            self._held = lock
        return True

    def release(self) -> None:
        """Leave it to others. Twice does no harm."""
        if self._held is not None:
            self._held.release()
            self._held = None


def hashed(*parts: str) -> str:
    """One short name for these parts: chromadb's own take ASCII letters only, and 3 to 512 of them."""
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
