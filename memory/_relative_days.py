"""Days told by the day on which they are told: "yesterday", "last week", "three days ago", "上周五"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from ._days import Days

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE = "一二三四五六日"
_COUNTED = "a an one 一,two 两 二,three 三,four 四,five 五,six 六,seven 七,eight 八,nine 九,ten 十"
_NUMBERS = {name: number for number, names in enumerate(_COUNTED.split(","), 1) for name in names.split()}
_NUMBER = "|".join(sorted(_NUMBERS, key=len, reverse=True))

# What tells it, and the first and the last day, counted from the day of the telling.
_SPANS: tuple[tuple[re.Pattern[str], int, int], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), first, last)
    for pattern, first, last in (
        (r"\bday before yesterday\b|前天|前日", -2, -2),
        (r"(?<!before )\b(?:yesterday|last night)\b|昨[天晚日夜]", -1, -1),
        (r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b|今[天晚日早]", 0, 0),
        (r"(?<!after )\btomorrow\b|明[天晚日早]", 1, 1),
        (r"\bday after tomorrow\b|后天", 2, 2),
        (r"\blast week(?:end)?\b|上(?:个)?(?:周|星期|礼拜)(?![一二三四五六日天])", -13, -1),
        (r"\bnext week(?:end)?\b|下(?:个)?(?:周|星期|礼拜)(?![一二三四五六日天])", 1, 13),
    )
)
_AGO = re.compile(
    rf"(?<![A-Za-z0-9.])(\d{{1,3}}|{_NUMBER})\s*(?:个)?\s*(days?|weeks?|天|日|周|星期|礼拜)\s*(?:ago\b|之?前|以前)",
    re.IGNORECASE,
)
_MONTH = re.compile(r"\b(last|next) month\b|(上|下)个?月", re.IGNORECASE)
_WEEKDAY = re.compile(
    rf"\b(last|next) ({'|'.join(_WEEKDAYS)})\b|(上|下)(?:个)?(?:周|星期|礼拜)([{_CHINESE}天])", re.IGNORECASE
)
_AROUND = {"w": 2, "周": 2, "星": 2, "礼": 2}  # "two weeks ago" is about a day
_MOST = 8  # spans that are read of one text


def relative_days(text: str, told: date) -> list[Days]:
    """The days that a text names by the day of its telling, in no order; a span over two months is two."""
    found: list[Days] = []
    for number, (first, last) in enumerate(_offsets(text, told)):
        if number == _MOST:
            break
        try:
            found += _spread(told + timedelta(first), told + timedelta(last))
        except OverflowError:  # before the year 1
            continue
    return found


def _offsets(text: str, told: date) -> Iterator[tuple[int, int]]:
    for pattern, first, last in _SPANS:
        if pattern.search(text):
            yield first, last
    for match in _AGO.finditer(text):
        unit = match[2][0].lower()
        back = _number(match[1]) * (7 if unit in _AROUND else 1)
        yield -back - _AROUND.get(unit, 0), -back + _AROUND.get(unit, 0)
    for match in _MONTH.finditer(text):
        yield _month(told, forward=(match[1] or match[2]).lower() in ("next", "下"))
    for match in _WEEKDAY.finditer(text):
        yield _weekday(match, told)


def _number(written: str) -> int:
    return int(written) if written.isdigit() else _NUMBERS[written.lower()]


def _month(told: date, *, forward: bool) -> tuple[int, int]:
    first = told.replace(day=1)
    after = (first + timedelta(32)).replace(day=1)
    if forward:
        return (after - told).days, ((after + timedelta(32)).replace(day=1) - told).days - 1
    return ((first - timedelta(1)).replace(day=1) - told).days, (first - told).days - 1


def _weekday(match: re.Match[str], told: date) -> tuple[int, int]:
    if match[2]:
        away = _WEEKDAYS.index(match[2].lower()) - told.weekday()
        day = away - 7 * (away >= 0) if match[1].lower() == "last" else away + 7 * (away <= 0)
    else:  # of the week before or after, not the nearest of that name
        away = _CHINESE.index(match[4].replace("天", "日")) - told.weekday()
        day = away + (7 if match[3] == "下" else -7)
    return day, day


def _spread(first: date, last: date) -> Iterator[Days]:
    while (first.year, first.month) != (last.year, last.month):
        yield Days(first.year, first.month, first.day, 31)
        first = (first.replace(day=1) + timedelta(32)).replace(day=1)
    yield Days(last.year, last.month, first.day, last.day)
