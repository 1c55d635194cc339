"""The days of the calendar that a text names, in whatever spelling: "14 June 2025", "2025-06-14", "6月14日"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from ._days import Days, days_in

__all__ = ["Days", "dates_in", "spelled", "without_dates"]

_READ = 400
"""Characters of a question in which days are looked for."""


def dates_in(text: str) -> list[Days]:
    """The single days that a text names; months and the like are none."""
    return [one for one in days_in(text) if one.single]


def without_dates(question: str) -> tuple[tuple[Days, ...], str]:
    """The days that a question names, each once, and the question without them."""
    read = question[:_READ]
    found = dates_in(read)
    return tuple(dict.fromkeys(found)), _without(read, found) + question[_READ:]


def spelled(date: Days) -> list[str]:
    """How a text may write a single day: with the month's name, as numbers, in Chinese."""
    year = "" if date.year is None else str(date.year)
    named = next(one for one in date.spellings if one.startswith(f"{date.first} ") and not one[-1].isdigit())
    numbers = "-".join(filter(None, [year, f"{date.month:02d}", f"{date.first:02d}"]))
    return [f"{named} {year}".strip(), numbers, f"{year}{'年' * bool(year)}{date.month}月{date.first}日"]


def _without(text: str, dates: Sequence[Days]) -> str:
    """A text without the days that it names, whatever the spelling: the least part of it that has them is left out."""
    if not dates:
        return text
    whole = Counter(dates)
    start = _last(len(text), lambda at: Counter(dates_in(text[at:])) == whole)
    end = len(text) - _last(len(text) - start, lambda at: Counter(dates_in(text[start : len(text) - at])) == whole)
    while start > 0 and _joined(text, start):
        start -= 1
    while end < len(text) and _joined(text, end):
        end += 1
    middle = " "
    if len(dates) > 1:
        for at in (at for at in range(start + 1, end) if not text[at].isalnum()):
            left, right = dates_in(text[start:at]), dates_in(text[at:end])
            if left and right and Counter(left) + Counter(right) == whole:
                middle = f" {_without(text[start:at], left)} {_without(text[at:end], right)} "
                break
    return f"{text[:start]}{middle}{text[end:]}"


def _last(most: int, holds: Callable[[int], bool]) -> int:
    """The last of the numbers up to `most` for which something holds that holds for all up to it."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _joined(text: str, at: int) -> bool:
    """Does a word or a number go on across this place? "14th", "03月"."""
    before, after = text[at - 1], text[at]
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
