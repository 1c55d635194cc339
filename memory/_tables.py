"""Tables as converters write them in Markdown: their headers, and which rows stand in a piece of one."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DELIMITER = re.compile(r"\|(?:\s*:?-{3,}:?\s*\|)+")
_LETTERED = re.compile(r"\| row \| A \|(?: [A-Z]{1,3} \|)*$")
_ROW = re.compile(r"\| (\d{1,9}) \|")
_FIGURE = re.compile(r"[\s.,:%/+\-–—€$£¥]*\d[\d\s.,:%/+\-–—€$£¥]*")
_ROWS = re.compile(r"\brows? \d+(?:-\d+)?$")


def header_of(text: str, *, named: bool = False) -> str:
    """The lines that tell what the cells of a table are; "" where the text is no table.

    Args:
        text: A whole block of Markdown.
        named: Where the columns are lettered, as those of a spreadsheet, the row below belongs to the header.
    """
    first, _, rest = text.partition("\n")
    second, _, rest = rest.partition("\n")
    if not first.startswith("|") or _DELIMITER.fullmatch(second.strip()) is None or not rest:
        return ""
    third = rest.partition("\n")[0]
    header = f"{first}\n{second}"
    return f"{header}\n{third}" if named and is_named(text) else header


def is_named(text: str) -> bool:
    """Does the first row below lettered columns name them: several cells, none of them a figure?"""
    lines = text.split("\n", 3)
    if len(lines) < 3 or _LETTERED.match(lines[0]) is None:
        return False
    cells = [cell.strip() for cell in lines[2].strip().strip("|").split("|")][1:]
    filled = [cell for cell in cells if cell]
    return len(filled) > 1 and not any(_FIGURE.fullmatch(cell) for cell in filled)


def with_names(text: str, names: str) -> str:
    """A later part of such a table, with the row of the names below its header."""
    first, second, rest = (*text.split("\n", 2), "", "")[:3]
    return f"{first}\n{second}\n{names}\n{rest}" if _LETTERED.match(first) else text


def names_in(text: str) -> str:
    """The row that names the columns of such a table; "" where there is none."""
    return text.split("\n", 3)[2] if is_named(text) else ""


def rows_place(place: str, lines: Iterable[str]) -> str:
    """The place of some lines of a table at `place`, such as `sheet "2024", rows 1-90`: narrowed to their own rows."""
    numbers = [int(found[1]) for line in lines if (found := _ROW.match(line))]
    if not numbers or _ROWS.search(place) is None:
        return place
    low, high = numbers[0], numbers[-1]
    return _ROWS.sub(f"rows {low}-{high}" if high > low else f"row {low}", place)
