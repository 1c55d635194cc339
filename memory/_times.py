"""What values name a time, and of which subjects a time is told that holds alone.

Most of what has a time has several: pills at 8:00 and at 20:00, yoga on Monday and on Wednesday, the next train. Only
what happens once, and the hours of a place, have one, so that another corrects it.
"""

from __future__ import annotations

import re

from ._subjects import ONCE, listed

ADDING_UP = re.compile(
    r"\b(?:clos(?:e[sd]?|ing)?|shut|open(?:s|ed|ing)?|off|free|holidays?)\b|"
    r"营业|休息|开门|关门|[开闭]馆|放假|[停接开]诊|上班|值班",
    re.IGNORECASE,
)
"""What may be so on several days, of which each note names one: that it is closed on Monday does not say that it is
open on Sunday."""
_MONTH = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_SHORT = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
DAY = re.compile(
    rf"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b{_MONTH}\b|(?:周|星期|礼拜)[一二三四五六日天]", re.IGNORECASE
)
_DATE = re.compile(
    rf"\d(?:st|nd|rd|th)?\s+(?:of\s+)?{_SHORT}(?!\w)|\b{_SHORT}\s+\d|\b\d{{4}}-\d\d?-\d\d?\b|(?<![\d/])\d\d?/\d\d?/\d{{2,4}}\b|"
    r"[\d一二三四五六七八九十]\s*(?:月(?!份?之?[内后前])|[号日](?!元|内|后|前|[线楼码]))",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d:.])\d{1,2}[:：]\d\d(?![\d:：])|\b\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\b|o['’]clock)|\b(?:noon|midnight)\b|"
    r"[\d一二两三四五六七八九十]\s*[点时](?!钟头)",
    re.IGNORECASE,
)
_HOUR = re.compile(r"^\d{1,2}$")
TIMES = ("clock", "day", "date")
"""Kinds of values that name a time."""
_ONE_TIME = ("open", "close", "start", "end", "meet")
"""Verbs that tell of one time each."""
_DUE = re.compile(r"^(?:due|over|closed|open)\b", re.IGNORECASE)
_HAPPENS_ONCE = ONCE | listed(
    "meeting deadline due date start end begin opening closing hour checkout checkin curfew deployment deploy release "
    "launch kickoff standup retrospective wedding funeral birthday anniversary ceremony party exam interview election "
    "conference concert premiere graduation inauguration expiry "
    "会议 例会 年会 大会 晨会 开会 截止 日期 开始 结束 开放 营业 开门 关门 开馆 闭馆 退房 入住 部署 发布 上线 婚礼 "
    "葬礼 生日 纪念日 典礼 聚会 考试 面试 选举 演唱会 音乐会 首映 毕业 到期"
)
"""Words of a subject that has one time: it happens once, or in one rhythm, or is of a place's hours."""


def time_of(value: str, *, at: bool) -> str | None:
    """The kind of time that a value names: "clock", "day" (of the week, a month) or "date"; None where it names none.
    `at`: that preposition stands before it, which makes a bare number an hour."""
    if _DATE.search(value):
        return "date"
    if DAY.search(value):
        return "day"
    return "clock" if _CLOCK.search(value) or (at and _HOUR.search(value)) else None


def has_one_time(about: frozenset[str], verb: str, value: str) -> bool:
    """Is a time told of that holds alone?"""
    return bool(_HAPPENS_ONCE & about) or verb.split()[0] in _ONE_TIME or _DUE.match(value) is not None
