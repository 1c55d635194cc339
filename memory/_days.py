"""Days as people write them: "7 May 2023", "May 7th", "2023-05-07", "last week of May", "5月7日"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ._counted import CHINESE, counted

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_VERBS = frozenset({"may", "march"})
_LONG = frozenset(name for name in _MONTHS if len(name) > 3 and name != "march")
NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ISO = re.compile(r"(?<![\d-])((?:1[5-9]|2[01])\d\d)[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")  # 23.01.2024, the day first
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({NAMES})\b\.?(?:,?\s+(\d{{4}}))?", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({NAMES})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+(\d{{4}}))?", re.IGNORECASE)
_MONTH = re.compile(rf"\b({NAMES})\b\.?,?(?:\s+(?:of\s+)?(\d{{4}}))?", re.IGNORECASE)
_CHINESE = re.compile(
    rf"(?:(\d{{4}})\s?年\s?)?(?<!\d)(\d{{1,2}}|{CHINESE})\s?月(?![亮季球饼光])(?:\s?(\d{{1,2}}|{CHINESE})\s?[日号])?"
)
_PART = re.compile(
    r"\b(first|second|third|last|early|mid|late|beginning|start|middle|end)\b[^.?!]{0,20}$", re.IGNORECASE
)
_PARTS = {
    "first": (1, 8),
    "second": (8, 15),
    "third": (15, 22),
    "last": (22, 31),
    "early": (1, 11),
    "beginning": (1, 11),
    "start": (1, 11),
    "mid": (9, 21),
    "middle": (9, 21),
    "late": (20, 31),
    "end": (20, 31),
}
_LEADING = re.compile(r"\b(in|of|since|until|by|during|early|late|mid|last|next|this)[\s-]+$", re.IGNORECASE)
_MOST = 40  # days that are read of one text


@dataclass(frozen=True, slots=True)
class Days:
    """A day, some days of a month, a month, or such of any year (`year` None)."""

    year: int | None
    month: int
    first: int = 1
    last: int = 31

    def meets(self, other: Days) -> bool:
        """Have the two a day in common, as far as they tell?"""
        years = self.year is None or other.year is None or self.year == other.year
        return years and self.month == other.month and self.first <= other.last and other.first <= self.last

    @property
    def single(self) -> bool:
        """Is it one day?"""
        return self.first == self.last

    @property
    def spellings(self) -> Sequence[str]:
        """How notes may write it, as the words that `words` gives, one after another."""
        month = next(name for name, number in _MONTHS.items() if number == self.month)
        found = []
        if self.year is not None:
            found += [f"{self.year} {self.month:02d}", f"{self.year} {self.month}", f"{month} {self.year}"]
        if self.single:
            found += [f"{self.first} {month}", f"{month} {self.first}", f"{self.month:02d} {self.first:02d}"]
            found += [f"{self.first:02d} {self.month:02d}", f"{self.month} 月 {self.first}"]
        return found


def days_in(text: str) -> list[Days]:
    """The days that a text names, in no order. A month's name alone is one where it can hardly be another word."""
    return read_days(text)[0]


def read_days(text: str) -> tuple[list[Days], str]:
    """The days that a text names, and the text without those that it names by a number."""
    found: list[Days] = []
    rest = text

    def take(pattern: re.Pattern[str], year: int, month: int, day: int) -> None:
        nonlocal rest
        for match in pattern.finditer(rest):
            if pattern is _MONTH_FIRST and match[month] in _VERBS and not match[year]:
                continue  # it may 3 times fail
            number = _number(match[month])
            first = counted(match[day]) if match[day] else 0
            if 1 <= number <= 12 and first <= 31:
                days = (first, first) if first else _part(rest, match.start())
                found.append(Days(int(match[year]) if match[year] else None, number, *days))
        rest = pattern.sub(" ; ", rest)

    take(_ISO, 1, 2, 3)
    take(_DOTTED, 3, 2, 1)
    take(_DAY_FIRST, 3, 2, 1)
    take(_MONTH_FIRST, 3, 1, 2)
    take(_CHINESE, 1, 2, 3)
    for match in _MONTH.finditer(rest):
        name = match[1]
        if match[2] or (name[0].isupper() and (name.lower() in _LONG or _led(rest, match.start()))):
            year = int(match[2]) if match[2] else None
            found.append(Days(year, _MONTHS[name.lower()], *_part(rest, match.start())))
    return found[:_MOST], rest


def _number(month: str) -> int:
    return _MONTHS.get(month.lower()) or counted(month)


def _part(text: str, end: int) -> tuple[int, int]:
    part = _PART.search(text[max(0, end - 40) : end])
    return _PARTS[part[1].lower()] if part else (1, 31)


def _led(text: str, end: int) -> bool:
    """Does a word stand before it that makes "May" or "March" a month?"""
    return bool(_LEADING.search(text[max(0, end - 20) : end]))
