"""Plain text and source code of any encoding, and tables of separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from plugins._convert._document import Document, Part, Source, flowing
from plugins._convert._markdown import WIDEST, numbered_rows, weight
from plugins._decoding import decode, to_newlines

__all__ = ["beyond", "read_csv", "read_text"]

_SEPARATORS = ",;\t|"
_LOOKED_AT = 30  # lines


def _decoded(source: Source) -> str:
    """The text of a file, with a note where its encoding had to be guessed."""
    text, encoding = decode(source.content)
    if encoding.broken:
        source.note(f"read as {encoding.name}; bytes that do not fit are shown as \ufffd")
    elif not encoding.plain:
        source.note(f"decoded from {encoding.name}")
    return to_newlines(text)


def read_text(source: Source) -> Document:
    """A text as it stands, but for its line ends."""
    text = _decoded(source)
    if not source.quota.spend(len(text)):
        text = text[: source.limits.characters]
    return source.document("text", flowing(text))


def read_csv(source: Source) -> Document:
    """A table of separated values, a table of Markdown for some thousand characters each, its header repeated.
    Rows are numbered from 1, the header being the first."""
    text = _decoded(source)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text))
    try:
        return source.document("csv", _parts(source, rows), marked=True)
    except csv.Error as error:
        source.note(f"shown as it stands, since it is no clean table: line {rows.line_num}: {error}")
        return read_text(source)


def separator(text: str) -> str:
    """The character that divides the most lines into equally many cells, and into the most of them."""
    lines = [line for line in text[:100_000].split("\n")[:_LOOKED_AT] if line.strip()]

    def fit(mark: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=mark)]
        usual = max(set(counts), key=counts.count, default=1)
        return (counts.count(usual) if usual > 1 else 0, usual)

    try:
        return max(_SEPARATORS, key=fit)
    except csv.Error:
        return ","


def beyond(columns: int) -> str:
    """The note of a table that is too wide."""
    return f"columns beyond {columns} are left out"


def _parts(source: Source, rows: Iterator[list[str]]) -> tuple[Part, ...]:
    header: Sequence[str] = next(rows, [])

    def body() -> Iterator[tuple[int, Sequence[str]]]:
        for number, row in enumerate(rows, 2):
            if number > source.limits.rows:
                source.quota.stop(f"the first {source.limits.rows:,} rows")
                return
            if not source.quota.spend(weight(row)):
                return
            if len(row) > WIDEST:
                source.note(beyond(WIDEST))
            if any(text.strip() for text in row):
                yield number, row

    parts = tuple(numbered_rows("", body(), header))
    return parts or tuple(numbered_rows("", [(1, header)], []))
