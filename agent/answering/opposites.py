"""Words that say the opposite of one another: when something opens is no answer to when it closes."""

from __future__ import annotations

import re

from agent.answering.forms import HOURS

_SIDES = tuple(
    (re.compile(one, re.IGNORECASE), re.compile(other, re.IGNORECASE))
    for one, other in (
        (
            r"\bopen(?:s|ed|ing)?\b|开门|开放|营业|开馆|上班|开诊|接诊",
            r"\bclos(?:e[sd]?|ing)\b|\bshuts?\b|关门|闭馆|关闭|下班|休息|停诊|停业|歇业|打烊",
        ),
        (
            r"\b(?:starts?|started|starting|begins?|began|begun|beginning|commences?)\b|开始|起始|开课|开工",
            r"\b(?:ends?|ended|ending|finish(?:es|ed)?|stops?|stopped|expires?|expired)\b|结束|截止|完工|终止|到期",
        ),
        (
            r"\b(?:turn|switch)(?:s|es|ed|ing)? (?:[\w'’-]+ ){0,4}?on\b",
            r"\b(?:turn|switch)(?:s|es|ed|ing)? (?:[\w'’-]+ ){0,4}?off\b",
        ),
        (r"\barriv\w+\b|抵达|到达|到站", r"\b(?:depart(?:s|ed|ing|ures?)?|leav(?:es?|ing)|left)\b|出发|发车|离开|启程"),
        (r"\bdid\b[^?]*\bbuy\b|\bbought\b|购入|买[了下进的]", r"\bdid\b[^?]*\bsell\b|\bsold\b|售出|卖[了出掉的]"),
        (r"\bfirst\b|首班|头班", r"\blast\b|末班"),
        (r"\bcheck(?:ing)?[- ]?in\b|入住", r"\bcheck(?:ing)?[- ]?out\b|退房"),
    )
)
_BOTH = re.compile(rf"{HOURS.pattern}|\b24 hours\b|24\s*小时|全天", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:until|till)\b|为止|[到至]\s*(?:\d|[一二三四五六七八九十]+点)", re.IGNORECASE)
"""What says an end without a word for it."""


def says_the_opposite(question: str, text: str) -> bool:
    """Does a text speak of nothing but the opposite of what a question asks for? One from when to when has both."""
    return any(_only(asked, other, question, text, ends=False) for asked, other in _SIDES) or any(
        _only(asked, other, question, text, ends=True) for other, asked in _SIDES
    )


def _only(asked: re.Pattern[str], other: re.Pattern[str], question: str, text: str, *, ends: bool) -> bool:
    if not asked.search(question) or asked.search(text) or not other.search(text) or _BOTH.search(text):
        return False
    return not (ends and _UNTIL.search(text))
