"""How long something lasts, and how long something else is done with it: "the tunnel is closed for two years"."""

from __future__ import annotations

import re

from agent.model.offline.words import IDEOGRAPH, stem, words_of

_ASKED = re.compile(r"\bhow long (?:is|are|was|were|do|does|did|will)\b|多长时间|多久(?!.{0,6}一次)", re.IGNORECASE)
_TIME = r"\b(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b"
_LASTS = re.compile(
    r"\b(?:long|length|last(?:s|ed|ing)?|tak(?:es?|en|ing)|took|runs?|ran|duration|period|goes on|continues?|"
    r"\w*met(?:re|er)s?|km|miles?|feet)\b",
    re.IGNORECASE,
)
"""Says itself how long the thing is."""
_DONE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|stays?|stayed|remains?|remained)\s+(?:(?:not|now|still|only|again|\w+ly)\s+)*"
    rf"(\w+(?:ed|en|wn)|shut|built|held|lost|kept|cut|put|made|sold|left|lent)\b(?=[^.;]*{_TIME})",
    re.IGNORECASE,
)
_KEPT_TO = frozenset(
    map(stem, words_of("limited planned scheduled fixed guaranteed granted given meant designed extended open written"))
)
"""What is done with a thing that has a duration, and tells it."""
_COUNTED = re.compile(
    rf"([{IDEOGRAPH}]{{2}})了?(?:[\d一二三四五六七八九十两半几]+\s*)(?:年|个月|天|小时|分钟|周|学期)(?=[，。；,;\s]|$)"
)
_SAID = re.compile("[期时程长为达约共需要用续近满是于间过到限效开均]$")
"""How a Chinese text goes on to a duration that is the thing's own: 为期, 历时, 持续."""


def is_of_something_done(question: str, text: str) -> bool:
    """Does a text tell for how long something is done with a thing, where a question asks how long the thing lasts?"""
    if not _ASKED.search(question) or _LASTS.search(text):
        return False
    asked = {stem(one) for one in re.findall(r"[a-z]+", question, re.IGNORECASE)}
    if any(stem(one) not in asked | _KEPT_TO for one in _DONE.findall(text)):
        return True
    said = _COUNTED.findall(text)
    return bool(said) and not any(_SAID.search(one) or not set(question).isdisjoint(one) for one in said)
