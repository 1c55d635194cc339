"""Days: from when on pages are wanted, and the date with which an engine's words on a page begin."""

from __future__ import annotations

import re
from datetime import date, timedelta

from plugins._outcome import ToolError

_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366, "天": 1, "日": 1, "周": 7, "星期": 7, "月": 31, "年": 366}
_BEFORE = re.compile(
    r"(?:in )?(?:the )?(?:past|last|this|within|过去|最近|近|上|本|这)?\s*"
    r"(?P<many>\d{1,4}|[一二两三四五六七八九十])?\s*个?"
    r"(?P<unit>day|week|month|year|天|日|周|星期|月|年)s?(?:\s*ago)?(?:内|以内|以来|前)?",
    re.IGNORECASE,
)
_NUMBERS = {one: number for number, one in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_ISO = re.compile(r"(?P<year>\d{4})(?:[-/.年](?P<month>\d{1,2})(?:[-/.月](?P<day>\d{1,2})日?|月?)|年?)(?:T.*)?")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_LEADS = (
    re.compile(r"(?P<year>\d{4})[-/.年]\s?(?P<month>\d{1,2})[-/.月]\s?(?P<day>\d{1,2})日?(?=\D|$)"),
    re.compile(rf"{_MONTH} (?P<day>\d{{1,2}}), (?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"(?P<day>\d{{1,2}}) {_MONTH} (?P<year>\d{{4}})\b", re.IGNORECASE),
)
_AGO = re.compile(
    r"(?P<many>\d{1,3}) ?(?:(?P<unit>hour|day|week|month|year)s? ago|(?P<chinese>小时|天|周|个月|年)前)", re.IGNORECASE
)
_AGO_DAYS = {
    "hour": 0,
    "day": 1,
    "week": 7,
    "month": 30,
    "year": 365,
    "小时": 0,
    "天": 1,
    "周": 7,
    "个月": 30,
    "年": 365,
}


def since_of(text: str, today: date) -> date | None:
    """The first day that is wanted; None for any.

    Args:
        text: A date ("2026-03-01", "2026-03", "2026年3月1日"), or a period up to today ("day", "week", "past 3 months",
            "最近一周").
        today: The day that it is.

    Raises:
        ToolError: it is neither, or lies ahead.
    """
    wanted = " ".join(text.split())
    if not wanted:
        return None
    if wanted.casefold() in ("today", "今天", "今日"):
        return today
    if before := _BEFORE.fullmatch(wanted):
        many = before["many"] or "1"
        days = int(_NUMBERS.get(many, many)) * _DAYS[before["unit"].casefold()]
        return today - timedelta(days=min(days, (today - date.min).days))
    found = _day(_ISO.fullmatch(wanted))
    if found is None:
        raise ToolError(
            f"since {wanted[:60]!r} is no time", hint="say day, week, month or year, or a date such as 2026-03-01"
        )
    if found > today:
        raise ToolError(f"since {wanted} lies ahead: it is {today} today", hint="name an earlier date, or leave it out")
    return found


def date_at_head(text: str, today: date) -> str:
    """The date with which an engine's words on a page begin, as ISO has it; "" where they begin otherwise."""
    for pattern in _LEADS:
        found = _day(pattern.match(text))
        if found is not None:
            return found.isoformat() if found <= today else ""
    if ago := _AGO.match(text):
        unit = (ago["unit"] or ago["chinese"]).casefold()
        return (today - timedelta(days=int(ago["many"]) * _AGO_DAYS[unit])).isoformat()
    return ""


def iso_day(text: object) -> str:
    """The day of a time as programs write it ("2026-03-01T10:00:00"); "" where it is none."""
    found = _day(_ISO.fullmatch(text.strip().replace(" ", "T", 1))) if isinstance(text, str) else None
    return found.isoformat() if found else ""


def _day(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    parts = found.groupdict()
    name = parts.get("name")
    month = _MONTHS[name.casefold()] if name else int(parts.get("month") or 1)
    try:
        return date(int(parts["year"]), month, int(parts.get("day") or 1))
    except ValueError:
        return None
