"""Excel workbooks: sheet by sheet and row by row, without holding a sheet; values as they were last calculated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugins._convert._archive import Archive
from plugins._convert._document import Document, Part, Source
from plugins._convert._markdown import WIDEST, numbered_rows, weight
from plugins._convert._markup import Node, attribute, children, find, inside, local, pieces
from plugins._convert._plain import beyond

__all__ = ["read_xlsx"]

_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_LETTERS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^][]*\]', re.I)
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,9})")
_EPOCH = datetime(1899, 12, 30)
_EPOCH_MAC = datetime(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class _Book:
    """What the cells of all sheets refer to."""

    strings: Sequence[str]
    dates: Sequence[bool]
    """For each number of a cell's style: is it a date?"""
    epoch: datetime


def read_xlsx(source: Source) -> Document:
    """Every sheet in its order, those that are hidden included. A date is as ISO writes it; a formula without a value
    that was calculated is shown itself."""
    parts: list[Part] = []
    with Archive(source) as archive:
        main = next((target for kind, target in archive.links("").values() if kind == "officeDocument"), "")
        main = main if main in archive.names else "xl/workbook.xml"
        root, links = archive.tree(main), archive.links(main)
        book = _book(archive, root, links, source)
        left = _Left(source)
        for place, name in _sheets(root, links, archive)[: source.limits.pages]:
            with archive.open(name) as stream:
                found = numbered_rows(place, left.take(_rows(pieces(stream, within="sheetData"), book, source)), [])
                own = list(found)
            parts += own or ([] if source.quota.note else [Part(place=place, text="(empty)")])
            if source.quota.note:
                break
    return source.document("xlsx", parts, marked=True)


class _Left:
    """Counts rows and characters over all sheets."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows = source.limits.rows

    def take(self, rows: Iterator[tuple[int, Sequence[str]]]) -> Iterator[tuple[int, Sequence[str]]]:
        quota = self._source.quota
        for number, row in rows:
            self._rows -= 1
            if self._rows < 0:
                quota.stop(f"the first {self._source.limits.rows:,} rows")
                return
            if not quota.spend(weight(row)):
                return
            yield number, row


def _sheets(root: Node, links: Mapping[str, tuple[str, str]], archive: Archive) -> list[tuple[str, str]]:
    """Place and part of each sheet of cells; charts on sheets of their own are none."""
    found: list[tuple[str, str]] = []
    for sheet in inside(root, "sheets"):
        kind, target = links.get(next((str(v) for k, v in sheet.items() if k.endswith("}id")), ""), ("", ""))
        if kind == "worksheet" and target in archive.names:
            hidden = " (hidden)" if attribute(sheet, "state") in ("hidden", "veryHidden") else ""
            title = " ".join(attribute(sheet, "name").split())
            found.append((f'sheet "{title}"{hidden}', target))
    return found


def _book(archive: Archive, root: Node, links: Mapping[str, tuple[str, str]], source: Source) -> _Book:
    targets = {kind: target for kind, target in links.values() if target in archive.names}
    strings: list[str] = []
    if "sharedStrings" in targets:
        with archive.open(targets["sharedStrings"]) as stream:
            strings = _strings(pieces(stream, within="sst"), source.limits.characters)
    dates = _dates(archive.tree(targets["styles"])) if "styles" in targets else []
    properties = find(root, "workbookPr")
    mac = properties is not None and attribute(properties, "date1904") in ("1", "true")
    return _Book(strings, dates, _EPOCH_MAC if mac else _EPOCH)


def _strings(items: Iterator[Node], most: int) -> list[str]:
    found: list[str] = []
    for item in items:
        found.append(_rich(item) if most > 0 else "")
        most -= len(found[-1])
    return found


def _rich(item: Node) -> str:
    """A text in runs, without the readings that are written above Japanese words."""
    texts: list[str] = []
    for child in item:
        if local(child) == "t":
            texts.append(child.text or "")
        elif local(child) == "r":
            texts += [text.text or "" for text in children(child, "t")]
    return "".join(texts)


def _dates(root: Node) -> list[bool]:
    """For each style of a cell: does its format show a date or a time?"""
    own = {attribute(one, "numFmtId"): attribute(one, "formatCode") for one in inside(root, "numFmts")}
    found: list[bool] = []
    for style in inside(root, "cellXfs"):
        number = attribute(style, "numFmtId")
        if number in own:
            found.append(bool(re.search(r"[ymdhs年月日]", _NOT_LETTERS.sub("", own[number].split(";")[0]), re.I)))
        else:
            found.append(number.isdecimal() and int(number) in _DATES)
    return found


def _rows(rows: Iterator[Node], book: _Book, source: Source) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that hold something, with their numbers."""
    number = 0
    for row in rows:
        if local(row) != "row":
            continue
        said = attribute(row, "r")
        number = int(said) if said.isdecimal() and len(said) < 10 else number + 1
        texts: list[str] = []
        for cell in row:
            place = _column(cell.get("r", ""), len(texts))
            if place >= WIDEST:
                source.note(beyond(WIDEST))
                break
            text = _cell(cell, book)
            if text:
                texts += [""] * (place - len(texts) + 1)
                texts[place] = text
            elif not cell.get("r"):
                texts.append("")
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def _column(reference: str, otherwise: int) -> int:
    """From 0, of a reference such as `BC12`."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return otherwise
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def _cell(cell: Node, book: _Book) -> str:
    value = formula = ""
    shares = ""
    for child in cell:
        name = local(child)
        if name == "v":
            value = child.text or ""
        elif name == "f":
            formula, shares = child.text or "", attribute(child, "ref") or attribute(child, "t")
        elif name == "is":
            value = _rich(child)
    if not value:
        return f"={formula}" if formula else "=(as the formula that it shares)" if shares == "shared" else ""
    return _SHOWN.get(cell.get("t", "n"), _plain)(value, cell, book)


def _plain(value: str, _cell: Node, _book: _Book) -> str:
    return value


def _shared(value: str, _cell: Node, book: _Book) -> str:
    place = int(value) if value.strip().isdecimal() and len(value) < 10 else len(book.strings)
    return book.strings[place] if place < len(book.strings) else ""


def _boolean(value: str, _cell: Node, _book: _Book) -> str:
    return "TRUE" if value.strip() in ("1", "true") else "FALSE"


def _number(value: str, cell: Node, book: _Book) -> str:
    style = cell.get("s", "0")
    if style.isdecimal() and int(style) < len(book.dates) and book.dates[int(style)]:
        return _date(value, book.epoch)
    try:
        number = float(value)
    except ValueError:
        return value
    # Excel keeps 17 digits and shows 15: 0.1 + 0.2 is not meant to be 0.30000000000000004.
    return f"{number:.15g}" if "e" not in value.casefold() and "." in value else value


_SHOWN: Mapping[str, Callable[[str, Node, _Book], str]] = {"s": _shared, "b": _boolean, "n": _number}


def _date(value: str, epoch: datetime) -> str:
    """Days since the epoch as ISO writes them; below one day, only the time."""
    try:
        days = float(value)
        if epoch == _EPOCH and 1 <= days < 60:
            days += 1  # Excel believes that there was a 29 February 1900
        moment = epoch + timedelta(seconds=round(days * 86_400))
    except (ValueError, OverflowError):
        return value
    if days < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if moment.time() == moment.min.time() else moment.isoformat(" ")
