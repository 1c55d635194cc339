"""Listings: JSON for programs, or aligned columns for people, on stdout."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich.cells import cell_len, chop_cells

from agent.cli.terminals import is_terminal
from agent.terminal import neutral, plain

if TYPE_CHECKING:
    from agent.events import Usage


def as_json(value: object) -> None:
    """Print a value as one JSON document. Every character that could harm a terminal is escaped: it reads back as the
    very same value."""
    typer.echo(json_text(value))


def json_text(value: object) -> str:
    """What `as_json` prints."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return "\n".join(line if neutral(line) == line else _escaped(line) for line in text.split("\n"))


def usage_described(usage: Usage | None) -> dict[str, Any] | None:
    """What calls of a model cost, as every command's JSON has it; None where none was made."""
    if usage is None:
        return None
    return {
        "model_calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "completion_tokens": usage.completion_tokens,
        "usd": None if usage.usd is None else round(usage.usd, 6),
    }


def _escaped(line: str) -> str:
    return "".join(one if neutral(one) == one else json.dumps(one)[1:-1] for one in line)


def table(rows: Sequence[Sequence[str]], *, most: int = 60) -> None:
    """Print rows in columns as wide as their widest cell, of at most `most` columns; foreign text neutralised.

    The last cell of a row is whole, but at a terminal ends where the line does.
    """
    shown = [
        [within(plain(one), most) if n < len(row) - 1 else plain(one) for n, one in enumerate(row)] for row in rows
    ]
    widths = [
        max((width(row[n]) for row in shown if n < len(row)), default=0) for n in range(max(map(len, shown), default=0))
    ]
    columns = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else None
    for row in shown:
        cells = [one + " " * (widths[n] - width(one)) for n, one in enumerate(row[:-1])]
        line = "  ".join([*cells, row[-1]]).rstrip()
        typer.echo(line if columns is None else within(line, columns))


def fitted(line: str, *, frame: str) -> list[str]:
    """A line for stdout: at a terminal folded at its width, each further line begun with `frame`, so that nothing
    foreign begins at its edge; elsewhere as it is."""
    if not is_terminal(sys.stdout) or (columns := shutil.get_terminal_size().columns) >= 2 * len(line):
        return [line]
    from agent.screen import folded

    return folded(line, columns, frame)


def cell(value: object) -> str:
    """A value for people: money with its cents, what is not known as a dash."""
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def width(text: str) -> int:
    """Columns that a text takes on a terminal: wide characters take two, joined ones what their picture takes."""
    return len(text) if text.isascii() else cell_len(text)


def within(text: str, columns: int) -> str:
    """A text of at most so many columns; the cut shows."""
    if width(text) <= columns:
        return text
    pieces = chop_cells(text, max(columns - 1, 1))
    return f"{pieces[0] if columns > 1 else ''}…"


def when(moment: float) -> str:
    """A moment, in seconds since the epoch, as date and time of this place: `2026-11-22 19:37`."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
