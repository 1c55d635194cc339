"""The vector index in a folder beside the file of notes, in the hands of one process at a time.

chromadb silently loses vectors when two processes write to a folder, and its native code can crash on a damaged file.
So all use of it is behind a lock that one process holds from its first use to `close`. `close` seals the folder with a
hash over its files, and a folder that is not sealed (its process was killed) or differs from its seal (it was damaged)
is never opened, but made anew.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import struct
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ._index_place import SEAL, SERVER_MARKS, IndexAway, WriterLock

if TYPE_CHECKING:
    from chromadb.api.client import Client

_HEADER = struct.Struct("<i6QiI3QdQ")
"""What hnswlib writes beside its vectors; the third to the fifth number are how many there is room for, how many there
are, and how many bytes each takes."""
_DAMAGED = "its files are not what was written; thinkact memory rebuild makes them anew"
_LENGTH = 4
"""Bytes that each takes in its file of lengths."""


class IndexFolder:
    """A `Place` on this machine's disk."""

    where = "chromadb"
    retry = math.inf

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = WriterLock(folder / "lock")
        self._generation: Path | None = None
        self._client: Client | None = None

    @property
    def exists(self) -> bool:
        """Is the folder there?"""
        return self._folder.exists()

    def look(self) -> str | None:
        """Is it what it was when it was closed? What a process has open, or left open, is not looked into."""
        return _DAMAGED if self._seal.exists() and self._sealed() is None and self._seal.exists() else None

    def ready(self, name: str) -> bool:  # noqa: ARG002 - a folder is sealed as a whole
        """Is it sealed, or open here?"""
        return self._client is not None or self._seal.exists()

    def open(self, *, build: bool, wait: float) -> Client | None:
        """Open what is sealed, or (`build`) begin anew where nothing is.

        Raises:
            IndexAway: what was sealed is not what it was, and `build` is not meant.
        """
        if not (build or self._seal.exists()) or not self.hold(wait):
            return None
        generation = self._sealed()
        if generation is None and not build:
            raise IndexAway(_DAMAGED)
        self._seal.unlink(missing_ok=True)
        if generation is None:
            # A new name each time: chromadb keeps what it once opened, also in vain, under its path until the exit.
            for old in self._folder.glob("chroma-*"):
                shutil.rmtree(old, ignore_errors=True)
            generation = self._folder / f"chroma-{os.urandom(6).hex()}"
        self._generation = generation
        import chromadb
        from chromadb.config import Settings

        # Not the .env of whatever folder thinkact was started in: it may be a stranger's.
        settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
        # What it is declared to return lacks the `close` that what it returns has.
        self._client = cast("Client", chromadb.PersistentClient(path=str(generation), settings=settings))
        return self._client

    def hold(self, wait: float) -> bool:
        """Take the folder; it is kept until it is closed."""
        return self._lock.acquire(wait)

    def note(self, name: str) -> None:  # noqa: ARG002 - as in `ready`
        """Nothing is known any more of what a server holds: it does not hear of what comes from now on."""
        (self._folder / SERVER_MARKS).unlink(missing_ok=True)

    def rest(self) -> None:
        """Nothing: the folder is kept until it is closed."""

    def close(self) -> None:
        """Seal it, and let others use it."""
        try:
            if self._client is not None and self._generation is not None:
                self._client.close()
                _blank_unused(self._generation)
                seal = {"generation": self._generation.name, "hash": _hash_of(self._generation)}
                self._seal.write_text(json.dumps(seal), encoding="utf-8")
        finally:
            self._client = self._generation = None
            self._lock.release()

    def erase(self) -> bool:
        """Remove all that chromadb ever wrote here, what it still holds of deleted vectors with it. False where a
        process is using it, this one too."""
        if not self.exists:
            return True
        if self._client is not None or not self.hold(0):
            return False
        try:
            self._seal.unlink(missing_ok=True)
            for old in self._folder.glob("chroma-*"):
                shutil.rmtree(old, ignore_errors=True)
            return not any(self._folder.glob("chroma-*"))
        finally:
            self._lock.release()

    def discard(self) -> None:
        """Give the folder up, unsealed: the next to build makes a new one."""
        if self._client is not None:
            with suppress(Exception):
                self._client.close()
        self._client = self._generation = None
        self._lock.release()

    @property
    def _seal(self) -> Path:
        return self._folder / SEAL

    def _sealed(self) -> Path | None:
        """The folder of the last `close`, if it is byte for byte what it was then."""
        try:
            seal = json.loads(self._seal.read_text(encoding="utf-8"))
            generation = self._folder / Path(seal["generation"]).name
            return generation if generation.is_dir() and _hash_of(generation) == seal["hash"] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _blank_unused(generation: Path) -> None:
    """Overwrite what chromadb wrote of memory that it had never filled: the files of a new collection have room for a
    hundred vectors, and hold whatever stood there in this process before, be it what was just forgotten, or a key."""
    for header in generation.glob("*/header.bin"):
        content = header.read_bytes()
        if len(content) == _HEADER.size:
            _, _, room, count, each, *_ = _HEADER.unpack(content)
            _blank(header.with_name("data_level0.bin"), count, room, each)
            _blank(header.with_name("length.bin"), count, room, _LENGTH)


def _blank(file: Path, count: int, room: int, each: int) -> None:
    """Overwrite a file of fixed records behind the first `count`; one of another size is let alone."""
    if count < room and file.exists() and file.stat().st_size == room * each:
        with file.open("r+b") as opened:
            opened.seek(count * each)
            opened.write(bytes((room - count) * each))


def _hash_of(folder: Path) -> str:
    digest = blake2b(digest_size=16)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
