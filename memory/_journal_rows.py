"""The rows of a journal: their format, the chain of checksums over them, and how they are read back and verified."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias

from ._journal_errors import JournalNewer, damaged, unreadable

_FORMAT = 1
_APPLICATION = 0x7468_6A31  # tells a journal from any other SQLite file
_CHUNK = 64  # rows fetched at a time: a snapshot held open would keep the write-ahead file growing

_META = "CREATE TABLE meta (body TEXT NOT NULL, checksum BLOB NOT NULL)"
_ROW = (
    "CREATE TABLE row (seq INTEGER PRIMARY KEY, time REAL NOT NULL, elapsed REAL NOT NULL,"
    " path TEXT NOT NULL, body TEXT NOT NULL, checksum BLOB NOT NULL)"
)
# Texts go in as the very bytes that are sealed, and come out as such: see `connect`.
_INSERT_META = "INSERT INTO meta (body, checksum) VALUES (CAST(? AS TEXT), ?)"
_INSERT = (
    "INSERT INTO row (seq, time, elapsed, path, body, checksum) VALUES (?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), ?)"
)
_SELECT = "SELECT seq, time, elapsed, path, body, checksum FROM row WHERE seq > ? ORDER BY seq LIMIT ?"
_SELECT_LAST = "SELECT seq, checksum FROM row ORDER BY seq DESC LIMIT 1"
_TYPES = (int, float, float, bytes, bytes, bytes)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode

Columns: TypeAlias = tuple[int, float, float, bytes, bytes]
"""Number, wall clock, run's time, path and body of a row, its texts as they are stored."""

Sealed: TypeAlias = tuple[int, float, float, bytes, bytes, bytes]
"""The columns of a row and its checksum."""

Link: TypeAlias = tuple[int, bytes]
"""Number and checksum of a row, on which the next one builds. Before the first row stands 0, with that of the meta
values."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its envelope.

    `seq` counts from 1 without gaps. `time` is the wall clock in seconds since the epoch, `elapsed` the run's own
    time in seconds, `path` the address of nested work, `body` a JSON object.
    """

    seq: int
    time: float
    elapsed: float
    path: str
    body: dict[str, Any]


def encoded(value: Mapping[str, Any]) -> bytes:
    """A JSON object as it is stored.

    Raises:
        TypeError, ValueError: it is none.
    """
    if not isinstance(value, Mapping):
        raise TypeError("a journal keeps JSON objects")
    try:
        return _encode(dict(value)).encode()
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot hold and an escape can
        return _encode_ascii(dict(value)).encode()
    except RecursionError:
        raise ValueError("the object is nested too deeply to be kept as JSON") from None


def encoded_path(path: str) -> bytes:
    """An address as it is stored; what came from a file name of no encoding is kept too."""
    return path.encode("utf-8", "surrogatepass")


def decoded(row: Sealed, file: Path) -> Row:
    """A verified row as it was given.

    Raises:
        JournalDamaged: its text is no JSON.
    """
    seq, moment, spent, path, body, _ = row
    try:
        return Row(seq, moment, spent, path.decode("utf-8", "surrogatepass"), json.loads(body))
    except (ValueError, RecursionError) as error:
        raise damaged(file, seq, f"its text cannot be read ({error})") from error


def seal(previous: bytes, columns: Columns) -> bytes:
    """The checksum of a row: over the checksum of the row before it, and over itself."""
    seq, moment, spent, path, body = columns
    head = struct.pack(">qddq", seq, moment, spent, len(path))
    return blake2b(b"".join((previous, head, path, body)), digest_size=16).digest()


def lay_out(connection: sqlite3.Connection, meta: bytes) -> None:
    """Make an empty database a journal without rows, within the open transaction."""
    connection.execute(_META)
    connection.execute(_ROW)
    connection.execute(_INSERT_META, (meta, _seal_meta(meta)))
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute(f"PRAGMA user_version = {_FORMAT}")


def insert(connection: sqlite3.Connection, columns: Columns, checksum: bytes) -> None:
    """Add a row to the open transaction."""
    connection.execute(_INSERT, (*columns, checksum))


def last_link(connection: sqlite3.Connection) -> Link | None:
    """The last row, not verified; None where there is none."""
    found: Link | None = connection.execute(_SELECT_LAST).fetchone()
    return found


def head(connection: sqlite3.Connection, file: Path) -> tuple[Mapping[str, Any], bytes]:
    """The meta values and their checksum, from which the chain begins.

    Raises:
        JournalBusy: another process keeps the file to itself.
        JournalDamaged: it is no journal, or its meta values are not what was written.
        JournalNewer: it was written by a later version of thinkact.
    """
    version = 0
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if application != _APPLICATION:
            raise damaged(file, 0, "this is not a journal of thinkact")
        ((body, checksum),) = connection.execute("SELECT body, checksum FROM meta").fetchall()
        if type(body) is not bytes or checksum != _seal_meta(body):
            raise ValueError("its meta values are not what was written")
        meta = json.loads(body)
    except (sqlite3.Error, ValueError) as error:
        if version > _FORMAT:
            raise JournalNewer(
                f"{file} is of format {version}, this version of thinkact knows {_FORMAT}", hint="update thinkact"
            ) from None
        if isinstance(error, sqlite3.Error):
            raise unreadable(file, 0, error) from error
        raise damaged(file, 0, error) from error
    if version != _FORMAT:  # the checksum, which is over the true version, has just held
        raise damaged(file, 0, f"its format is said to be {version}")
    return meta, checksum


def scan(connection: sqlite3.Connection, file: Path, *, after: int, origin: bytes) -> Iterator[Sealed]:
    """The rows behind number `after`, in order, each verified against the one before it. `origin` is the checksum of
    the meta values.

    Raises:
        JournalBusy: another process keeps the file to itself.
        JournalDamaged: a row is not what was written; those before it were given.
        JournalError: the file cannot be read, or its connection was closed.
    """
    seq = max(after, 0)
    previous = _checksum(connection, file, seq) if seq else origin
    while True:
        chunk, failure = _fetch(connection, seq)
        for found in chunk:
            if found[0] != seq + 1:
                raise damaged(file, seq + 1, "it is missing")
            if tuple(map(type, found)) != _TYPES or found[5] != seal(previous, found[:5]):
                raise damaged(file, seq + 1, "it is not what was written")
            seq, previous = found[0], found[5]
            yield found
        if failure is not None:
            raise unreadable(file, seq + 1, failure) from failure
        if len(chunk) < _CHUNK:
            return


def _checksum(connection: sqlite3.Connection, file: Path, seq: int) -> bytes:
    try:
        found = connection.execute("SELECT checksum FROM row WHERE seq = ?", (seq,)).fetchone()
    except sqlite3.Error as error:
        raise unreadable(file, seq, error) from error
    return found[0] if found else b""  # of a row that is missing: no row can build on that


def _fetch(connection: sqlite3.Connection, after: int) -> tuple[list[Any], sqlite3.Error | None]:
    chunk: list[Any] = []
    try:
        for found in connection.execute(_SELECT, (after, _CHUNK)):
            chunk.append(found)  # one by one: a list() would lose the rows before the one that fails
    except sqlite3.Error as error:
        return chunk, error
    return chunk, None


def _seal_meta(body: bytes) -> bytes:
    return blake2b(struct.pack(">q", _FORMAT) + body, digest_size=16).digest()
