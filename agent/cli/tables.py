"""Listings: JSON for programs, or aligned columns for people, on stdout."""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from collections.abc import Sequence

import typer

from agent.terminal import neutral, plain


def as_json(value: object) -> None:
    """Print a value as one JSON document. Every character that could harm a terminal is escaped: it reads back as the
    very same value."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    typer.echo("\n".join(line if neutral(line) == line else _escaped(line) for line in text.split("\n")))


def _escaped(line: str) -> str:
    return "".join(one if neutral(one) == one else json.dumps(one)[1:-1] for one in line)


def table(rows: Sequence[Sequence[str]], *, most: int = 60) -> None:
    """Print rows in columns as wide as their widest cell, of at most `most` characters; foreign text neutralised.

    The last column is whole, but at a terminal ends where the line does.
    """
    shown = [
        [_cut(plain(cell), most) if n < len(row) - 1 else plain(cell) for n, cell in enumerate(row)] for row in rows
    ]
    widths = [
        max((width(row[n]) for row in shown if n < len(row)), default=0) for n in range(max(map(len, shown), default=0))
    ]
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in shown:
        cells = [cell + " " * (widths[n] - width(cell)) for n, cell in enumerate(row[:-1])]
        line = "  ".join([*cells, row[-1]]).rstrip()
        typer.echo(line if columns is None else _within(line, columns))


def width(text: str) -> int:
    """Columns that a text takes on a terminal: wide characters take two."""
    return sum(
        2 if unicodedata.east_asian_width(one) in "WF" else 0 if unicodedata.combining(one) else 1 for one in text
    )


def _within(line: str, columns: int) -> str:
    """A line cut to so many columns; the cut shows."""
    if width(line) <= columns:
        return line
    taken = 1  # the mark of the cut
    for place, one in enumerate(line):
        taken += width(one)
        if taken > columns:
            return line[:place] + "…"
    return line


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
