"""Days told by the day on which they are told: "yesterday", "last week", "three days ago", "上周五"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, date, timedelta

from ._counted import CHINESE, ENGLISH, counted
from ._days import Days

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERED = "一二三四五六日"
_WEEK = "(?:个)?(?:周|星期|礼拜)"

# What tells it, and the first and the last day, counted from the day of the telling. Chinese puts no spaces between
# words, so what only looks like one of them is named: 目前天气 (the weather now), 说明天书, 晚上月亮.
_SPANS: tuple[tuple[re.Pattern[str], int, int], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), first, last)
    for pattern, first, last in (
        ("大前天", -3, -3),
        (
            r"\bday before yesterday\b|(?<![大目之以眼提空史生先从当面往向年月日天周期])前天(?![线气空下花性才天])",
            -2,
            -2,
        ),
        (r"(?<!before )\b(?:yesterday|last night)\b|昨[天晚日夜]", -1, -1),
        (r"\b(?:today|tonight|this (?:morning|afternoon|evening))\b|今[天晚日早]", 0, 0),
        (
            r"(?<!after )\btomorrow\b|(?<![说透声证光文聪发清表黎分鲜照])明(?:天(?!花|书)|[晚日早])",
            1,
            1,
        ),
        (r"\bday after tomorrow\b|(?<![大然之以最今先饭午年月日天])后天(?![性天])", 2, 2),
        ("大后天", 3, 3),
        (rf"上上{_WEEK}", -20, -8),
        (rf"\blast week(?:end)?\b(?! of)|(?<![晚早上])上{_WEEK}(?![一二三四五六日天围])", -13, -1),
        (rf"\bnext week(?:end)?\b|(?<![楼脚天地底手下])下{_WEEK}(?![一二三四五六日天围])", 1, 13),
    )
)
_AGO = re.compile(
    rf"(?<![A-Za-z\d.,百千万半十一二三四五六七八九-])(?<!half )((?:\d{{1,3}}(?:,\d{{3}})*|{ENGLISH}|{CHINESE}))"
    r"[^\S\n]{0,2}个?(days?|weeks?|天|日|周|星期|礼拜)[^\S\n]{0,2}(?:ago\b|之?前(?!天)|以前)",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"\b(last|next) month\b(?! of)|"
    "(?:(?<![晚早楼马上])(上)|(?<![楼脚天地底手下])(下))个?月(?![亮季球饼光])",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    rf"\b(last|next) ({'|'.join(_WEEKDAYS)})\b|(?<![晚早上楼下])(上|下){_WEEK}([{_NUMBERED}天])", re.IGNORECASE
)
_AROUND = {"w": 2, "周": 2, "星": 2, "礼": 2}  # "two weeks ago" is about a day
_MOST = 8  # spans that are read of one text
_FARTHEST = 40_000  # days, a hundred years and more


def relative_days(text: str, told: date) -> list[Days]:
    """The days that a text names by the day of its telling, in no order; a span over two months is two."""
    if not MINYEAR + 200 < told.year < MAXYEAR - 200:
        return []
    found: list[Days] = []
    for number, (first, last) in enumerate(_offsets(text, told)):
        if number == _MOST:
            break
        if abs(first) <= _FARTHEST and abs(last) <= _FARTHEST:
            found += _spread(told + timedelta(first), told + timedelta(last))
    return found


def _offsets(text: str, told: date) -> Iterator[tuple[int, int]]:
    for pattern, first, last in _SPANS:
        if pattern.search(text):
            yield first, last
    for match in _AGO.finditer(text):
        unit = match[2][0].lower()
        back = counted(match[1]) * (7 if unit in _AROUND else 1)
        yield -back - _AROUND.get(unit, 0), -back + _AROUND.get(unit, 0)
    for match in _MONTH.finditer(text):
        yield _month(told, forward=(match[1] or match[2] or match[3]).lower() in ("next", "下"))
    for match in _WEEKDAY.finditer(text):
        yield _weekday(match, told)


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
        away = _NUMBERED.index(match[4].replace("天", "日")) - told.weekday()
        day = away + (7 if match[3] == "下" else -7)
    return day, day


def _spread(first: date, last: date) -> Iterator[Days]:
    while (first.year, first.month) != (last.year, last.month):
        yield Days(first.year, first.month, first.day, 31)
        first = (first.replace(day=1) + timedelta(32)).replace(day=1)
    yield Days(last.year, last.month, first.day, last.day)
