"""Rows taken from the pages of a file of notes themselves, where SQLite finds no way to them any more.

A page of rows tells all of them without any other page, but for a long text, which goes on in pages that are named.
So notes outlast the first page, which says what there is, and the pages that lead to theirs. The layout is that of
https://www.sqlite.org/fileformat2.html. What was forgotten is in no page: it was overwritten with zeros.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

_SIZES = (4096, 8192, 16384, 32768, 65536, 2048, 1024, 512)
_LEAF = 0x0D  # a page of rows
_TOP = 100  # bytes of the first page that are the file's header
_NUMBERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # bytes of an integer by its type
_TEXTS = range(1, 11)  # columns of a note that are texts: from `id` to `origin`
_DIGEST, _CREATED, _COUNTS = 5, 14, (16, 17)
_DIGITS = 32  # of the digest of a note's text
_FEWEST, _MOST = 19, 22  # columns of a note, from the first version of the file to this one

Value = int | float | str | bytes | None
Row = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Carved:
    """The rows that were found: each of `notes` with its number first and all columns of this version, each of
    `vectors` whole."""

    notes: Sequence[Row]
    vectors: Sequence[Row]


def carved(content: bytes, size: int) -> Carved:
    """All notes and vectors that stand in the pages of a file, of `size` bytes each."""
    notes: list[Row] = []
    vectors: list[Row] = []
    for number, values in _rows(content, size):
        if _is_note(values):
            notes.append((number, *values[1:], *[None] * (_MOST - len(values))))
        elif _is_vector(values):
            vectors.append((number, *values[1:]))
    return Carved(notes, vectors)


def page_size(content: bytes) -> int | None:
    """The size of the pages of a file whose header may be lost; None where no note is found with any size."""
    sizes = (size for size in _SIZES if size <= len(content))
    return next((size for size in sizes if any(_is_note(values) for _, values in _rows(content, size))), None)


def holds_notes(file: Path) -> bool:
    """Does a file that SQLite takes for no database hold notes that can be read?"""
    try:
        return page_size(file.read_bytes()) is not None
    except OSError:
        return False


def _is_note(values: Row) -> bool:
    if not _FEWEST <= len(values) <= _MOST or values[0] is not None:
        return False
    if not all(isinstance(values[place], str) for place in _TEXTS) or len(str(values[_DIGEST])) != _DIGITS:
        return False
    return isinstance(values[_CREATED], int | float) and all(isinstance(values[place], int) for place in _COUNTS)


def _is_vector(values: Row) -> bool:
    if len(values) != 5 or values[0] is not None:
        return False
    _, embedder, dimensions, digest, vector = values
    if not isinstance(embedder, str) or not isinstance(dimensions, int) or not isinstance(vector, bytes):
        return False
    return blake2b(vector, digest_size=8).digest() == digest


def _rows(content: bytes, size: int) -> Iterator[tuple[int, Row]]:
    """The rows of every table, each with its number; those that are not whole are passed over."""
    for start in range(0, len(content) - size + 1, size):
        head = start + (_TOP if start == 0 else 0)
        if content[head] != _LEAF:
            continue
        (count,) = struct.unpack_from(">H", content, head + 3)
        if head + 8 + 2 * count > start + size:
            continue
        for place in struct.unpack_from(f">{count}H", content, head + 8):
            try:
                yield _row(content, start, place, size)
            except (ValueError, IndexError, struct.error):
                continue


def _row(content: bytes, start: int, place: int, size: int) -> tuple[int, Row]:
    if not 8 <= place < size:
        raise ValueError("no place in this page")
    length, at = _varint(content, start + place)
    number, at = _varint(content, at)
    if not 0 < length <= len(content):
        raise ValueError("no length of a row")
    here = _kept_in_page(length, size)
    if at + here > start + size:
        raise ValueError("it goes beyond its page")
    payload = content[at : at + here]
    if here < length:
        (page,) = struct.unpack_from(">I", content, at + here)
        payload += _rest(content, page, length - here, size)
    return number, _values(payload)


def _kept_in_page(length: int, size: int) -> int:
    """How many bytes of a row stand in its own page."""
    if length <= size - 35:
        return length
    least = (size - 12) * 32 // 255 - 23
    more = least + (length - least) % (size - 4)
    return more if more <= size - 35 else least


def _rest(content: bytes, page: int, length: int, size: int) -> bytes:
    """What of a row stands in other pages, each of which names the next."""
    parts, passed = [], set[int]()
    while length > 0:
        if page < 2 or page in passed:
            raise ValueError("no such page, or in a circle")
        passed.add(page)
        start = (page - 1) * size
        (page,) = struct.unpack_from(">I", content, start)
        part = content[start + 4 : start + 4 + min(length, size - 4)]
        if not part:
            raise ValueError("the file ends before it")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _values(payload: bytes) -> Row:
    ends, at = _varint(payload, 0)
    types = []
    while at < ends:
        kind, at = _varint(payload, at)
        types.append(kind)
    values: list[Value] = []
    for kind in types:
        value, at = _value(payload, at, kind)
        values.append(value)
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    """One column of this type, and where the next begins."""
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind == 7:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    long = _NUMBERS[kind] if kind in _NUMBERS else (kind - 12) // 2
    part = payload[at : at + long]
    if len(part) < long or kind in (10, 11):
        raise ValueError("it ends before it should")
    if kind in _NUMBERS:
        return int.from_bytes(part, "big", signed=True), at + long
    return (part.decode("utf-8") if kind % 2 else part), at + long


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where what follows it begins."""
    number = 0
    for n in range(9):
        byte = content[at + n]
        if n == 8:
            return (number << 8) | byte, at + 9
        number = (number << 7) | (byte & 0x7F)
        if byte < 0x80:
            return number, at + n + 1
    raise ValueError("no number")  # never: the ninth byte ends it
