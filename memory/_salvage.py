"""A damaged file of notes mended: what can be read of it goes into a sound file, which takes its place.

Words, the outbox and most vectors can be made of the rows, so a page that is lost of them costs nothing. A page of rows
costs those rows alone: they are read by their numbers, and a stretch that cannot be read is halved until what is left
out is as little as can be. What no way leads to any more is taken from the pages themselves. SQLite itself copies pages
in both directions, within its own locks: other processes may have the file open, and see either the whole old one or
the whole new one. A file that it cannot even open, because its header is lost, is read as a copy that has got another.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from ._carving import page_size
from ._durable import sync, sync_folder
from ._first_page import put_first_page
from ._full_text import one
from ._note_errors import StoreBusy, damaged
from ._places import error_name
from ._rescued import Reading
from ._schema import APPLICATION, SCHEMA_VERSION

_STEP = 8  # pages copied at a time: fewer than any file of notes has, so that the first step is never the last
_TRIES = 3  # of those who write meanwhile, each wins once at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What became of a damaged file: `notes` rows of it were read, superseded ones too, and `lost` could not be (None:
    what would tell is lost, too), or no more than that, if `at_most`; it is kept as it was as `kept`."""

    notes: int
    lost: int | None
    at_most: bool
    kept: Path

    def __str__(self) -> str:
        most = "up to " if self.at_most else ""
        lost = "nothing was lost" if not self.lost else f"{most}{self.lost:,} could not be read"
        if self.lost is None:
            lost = "whether there were more cannot be told"
        many = "1 note" if self.notes == 1 else f"{self.notes:,} notes"
        return f"the file was damaged: {many} were read, {lost}; as it was it is kept as {self.kept.name}"


class _Changed(Exception):
    """Another process wrote while the file was read."""


def salvage(file: Path, *, busy_seconds: float, holds: str) -> Salvaged:
    """Put a sound file in the place of a damaged one; see this module's docstring.

    Raises:
        StoreDamaged: nothing can be read of it. It is left as it is.
        StoreBusy: other processes kept writing.
        sqlite3.Error, OSError: there is no room, or no right, for the new file or the copy.
    """
    fresh = file.with_name(f"{file.name}.mending-{os.getpid()}")
    kept = next(path for n in count(1) if not (path := file.with_name(f"{file.name}.damaged-{n}")).exists())
    try:
        if not _opens(file):
            return _without_header(file, fresh, kept, holds=holds)
        for _ in range(_TRIES):
            with suppress(_Changed):
                return _mended(file, fresh, kept, busy_seconds=busy_seconds, holds=holds)
            _remove(kept)
    except BaseException:
        _remove(kept)
        raise
    finally:
        _remove(fresh)
    raise StoreBusy(f"other processes keep writing {holds}", hint="end them, and try again", file=file)


def _opens(file: Path) -> bool:
    """Can SQLite make anything of it?"""
    with closing(_opened(file, 0)) as connection:
        try:
            connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            if error_name(error) == "SQLITE_NOTADB":
                return False
    return True


def _without_header(file: Path, fresh: Path, kept: Path, *, holds: str) -> Salvaged:
    """As `_mended`, where no other process can have opened the file either."""
    size = page_size(file.read_bytes())
    if size is None:
        raise damaged(file, "no note can be read", holds=holds, mendable=False)
    copy = fresh.with_name(f"{fresh.name}-copy")
    try:
        for its, to in ((file, copy), (_log(file), _log(copy))):
            if its.exists():
                shutil.copyfile(its, to)
        put_first_page(copy, size)
        with closing(_opened(fresh, 0)) as new, closing(_opened(copy, 0)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            new.execute(f"PRAGMA page_size={size}")
            notes, lost, at_most = Reading(old, new, copy).take()
            if not notes:
                raise damaged(file, "no note can be read", holds=holds, mendable=False)
            new.execute("PRAGMA journal_mode=WAL")
    finally:
        _remove(copy)
    shutil.copyfile(file, kept)
    for path in (kept, fresh):
        with path.open("r+b") as opened:
            sync(opened.fileno())
    logged = _log(file).exists()
    if logged:  # else its pages would be put into the sound file
        _log(file).replace(_log(kept))
    try:
        fresh.replace(file)
    except BaseException:
        if logged:
            _log(kept).replace(_log(file))
        raise
    sync_folder(file.parent)
    return Salvaged(notes=notes, lost=lost, at_most=at_most, kept=kept)


def _log(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _mended(file: Path, fresh: Path, kept: Path, *, busy_seconds: float, holds: str) -> Salvaged:
    _remove(fresh)
    with closing(_opened(file, busy_seconds)) as watching, closing(_opened(fresh, busy_seconds)) as new:
        with closing(_opened(file, busy_seconds)) as old:
            _begin(old, file, holds)
            before = one(watching, "PRAGMA data_version")
            with closing(_opened(kept, busy_seconds)) as copy:
                watching.backup(copy)  # who is about to write copies nothing
            new.execute(f"PRAGMA page_size={one(old, 'PRAGMA page_size')}")
            notes, lost, at_most = Reading(old, new, kept).take()
            if not notes:
                raise damaged(file, "no note can be read", holds=holds, mendable=False)
            old.execute("ROLLBACK")
        until = time.monotonic() + busy_seconds
        started = False

        def look(status: int, left: int, pages: int) -> None:  # noqa: ARG001 - as `backup` calls it
            nonlocal started
            if not started and status == sqlite3.SQLITE_OK:
                started = True  # and so nobody else can write any more
                if one(watching, "PRAGMA data_version") != before:
                    raise _Changed
            if not started and time.monotonic() > until:
                raise StoreBusy(f"another process keeps the {holds} locked", hint="end it, and try again", file=file)

        with closing(_opened(file, busy_seconds)) as place:
            new.backup(place, pages=_STEP, progress=look)
            place.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Salvaged(notes=notes, lost=lost, at_most=at_most, kept=kept)


def _begin(old: sqlite3.Connection, file: Path, holds: str) -> None:
    """Nobody else writes from now on. What is no file of ours is refused."""
    if one(old, "PRAGMA application_id") != APPLICATION or one(old, "PRAGMA user_version") > SCHEMA_VERSION:
        raise damaged(file, "it is not what thinkact wrote", holds=holds, mendable=False)
    old.execute("BEGIN IMMEDIATE")


def _opened(file: Path, busy_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=busy_seconds, isolation_level=None)
    # Else a file that ends too early is not opened at all.
    connection.execute("PRAGMA writable_schema=ON")
    return connection


def _remove(file: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
