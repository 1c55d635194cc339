"""How an entry of a conversation or a log begins: when it was said, and by whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from ._days import NAMES, Days, days_in

_LONGEST = 80  # characters that may tell when and who

# "[2023-05-08 13:56]", "(1:56 pm on 8 May, 2023)", "Monday, 8 May 2023 -", "2023年5月8日": parts of a date in any
# order, one of them a number, in brackets or not.
_WHEN = re.compile(
    r"(?=\W?\D{0,12}\d)[\[(（【]?"
    r"(?:\d[\d/.:+TZ-]*+(?:st|nd|rd|th)?|[ap]\.?m\b\.?|on\b|at\b|of\b|[年月日号]|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?|(?:星期|周)[一二三四五六日]|"
    rf"(?:{NAMES})\b\.?|[\s,，|-])++"
    r"[\])）】]?[\s:：,|-]*(?:(?<!\w)|(?!\w))(?!\d)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d:\d\d|\d\s?[ap]\.?m\b", re.IGNORECASE)
# Not the level of a log line, a scheme, a drive.
_WHO = re.compile(
    r"[\[(<*]*(?!(?:trace|debug|info|note|notice|warn|warning|error|fatal|critical|todo)\b)"
    r"([^\W\d_][\w.' -]{0,30}?)[\])>*]*\s*[:：>](?!//|\\)",
    re.IGNORECASE,
)
_KEYS = ("speaker", "author", "from")


class Said(NamedTuple):
    """The date that an entry begins with, as it is written ("" where there is none), the name of who said it ("" where
    no one is named), and the entry behind the date."""

    when: str
    who: str
    what: str


def said(text: str) -> Said:
    """Read the beginning of an entry."""
    head = text[:_LONGEST]
    begins = _WHEN.match(head)
    when = begins[0] if begins and begins.end() < len(head) else ""
    if not (_CLOCK.search(when) or days_in(when)):  # a number: "404 errors", "192.168.1.1 is the router"
        when = ""
    who = _WHO.match(head[len(when) :])
    return Said(when, who[1] if who else "", text[len(when) :])


def undated(text: str) -> str:
    """The text behind the date that it begins with, or the whole where nothing is left: what tells of a thing is not
    nearer to what was said on the same day."""
    what = said(text).what
    return what if any(map(str.isalpha, what)) else text


def speaker(entry: Said, metadata: Mapping[str, Any]) -> str:
    """The name of who said it, by its metadata or else by how it begins; "" where neither tells."""
    named = next((metadata[key] for key in _KEYS if key in metadata), None)
    return named if isinstance(named, str) else entry.who if named is None else ""


def day_said(entry: Said, metadata: Mapping[str, Any], otherwise: date) -> date:
    """The day on which it was said: the first whole date that it begins with or that its metadata holds."""
    values = (value for value in metadata.values() if isinstance(value, str) and len(value) <= _LONGEST)
    for text in (entry.when, *values):
        for day in days_in(text):
            if (whole := _whole(day)) is not None:
                return whole
    return otherwise


def _whole(day: Days) -> date | None:
    if day.year is None or not day.single:
        return None
    try:
        return date(day.year, day.month, day.first)
    except ValueError:  # the 31st of a month of 30, the year 0
        return None
