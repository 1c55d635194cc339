"""The first page of a file of notes, made anew where it is lost: without it SQLite opens nothing of the rest."""

from __future__ import annotations

import struct
from pathlib import Path

from ._schema import APPLICATION, SCHEMA_VERSION

_MAGIC = b"SQLite format 3\0"
_TOP = 100
_TREES = (2, 5, 10, 13)  # what a page of a table or an index begins with


def put_first_page(file: Path, size: int) -> None:
    """Give a file of pages of `size` bytes a header of ours. Where the rest of its first page is lost too, which tells
    what tables there are, the file seems to hold none."""
    with file.open("r+b") as opened:
        page = bytearray(opened.read(size))
        log = file.with_name(file.name + "-wal")
        page[:_TOP] = _header(file.stat().st_size // size, size, logged=log.exists())
        if page[_TOP] not in _TREES:
            page[_TOP:] = struct.pack(">BHHHB", 13, 0, 0, size % 65536, 0).ljust(size - _TOP, b"\0")
        opened.seek(0)
        opened.write(page)


def _header(pages: int, size: int, *, logged: bool) -> bytes:
    version = 2 if logged else 1  # who has a log is read with it
    head = _MAGIC + struct.pack(">HBBBBBB", 1 if size == 65536 else size, version, version, 0, 64, 32, 32)
    counts = struct.pack(">IIIIIIIII", 1, pages, 0, 0, 1, 4, 0, 0, 1)
    ours = struct.pack(">III", SCHEMA_VERSION, 0, APPLICATION)
    return head + counts + ours + bytes(20) + struct.pack(">II", 1, 3_040_000)
