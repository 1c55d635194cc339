"""What a question wants: its words, and the kind of answer: a number, a date, somebody."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, replace

from agent.answering.aspects import Aspect, aspects_of
from agent.answering.dates import without_dates
from agent.answering.forms import (
    AT,
    HOURS,
    IS_AT,
    MEASURES,
    MOMENT,
    NAME,
    WHICH_YEAR,
    YEAR,
    in_length,
    number_of,
    role_asked,
)
from agent.answering.kin import akin
from agent.answering.naming import SOFT, named_in, soft_pairs
from agent.answering.opposites import says_the_opposite
from agent.answering.things import quality_asked, things_of
from agent.model.offline.questions import Question, question_of
from agent.model.offline.words import IDEOGRAPH, stem, terms
from memory.days import Days

_WHO = re.compile(r"\b(?:who|whom|whose)\b|谁|哪位|哪家|何人", re.IGNORECASE)
_ONLY_ASKING = re.compile(
    r"\bhow (?:tall|high|wide|deep|thick|far|long|old|heavy|big|large|often|many|much)\b|"
    r"\b(?:include[sd]?|go(?:es)?|take[ns]?|happen(?:s|ed)?|any(?:thing|one|body))\b|"
    r"(?:多少|几)[个名位条件册本台间份张次届种家路号楼层]|哪[家个位些种]?(?:公司|单位|部门|机构|人)|多长时间|发生",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:多少|几)(?:([名位条件册本台间份张次届])|([\u3400-\u9fff])[了呢吗]?[？?。\s]*$)")
_MONEY_OR_TIME = "钱岁点月号天"
_ALIKE = ("本册", "名位个人", "间个")
"""Words that count the same things."""
_IN_LENGTH = re.compile(
    r"\bin (feet|foot|inches|(?:kilo|centi|milli)?met(?:re|er)s|miles|yards|km|cm|mm)\b", re.IGNORECASE
)
_WHO_IS = re.compile(r"^\W*[Ww]ho(?:['’]s| is| was) (?:[A-Z][\w'’.-]*\s?)+\W*$")
"""Asks who somebody is, by the name."""
_RUN = re.compile(f"[{IDEOGRAPH}]+")
_TELLS_IT = 1.2
"""What a sentence counts that has a word of the measure that is asked for, or a number right before what is counted, or
says from when to when, or of something where it is, where that is asked."""
_WEAK = frozenset(map(stem, ("start", "begin", "end", "run", "need", "开始")))
"""Words of a question that, where they stand nowhere, tell nothing."""
_LATEST = re.compile(r"\b(?:latest|newest|current|last|most recent)\b|最新|当前|目前|现在", re.IGNORECASE)
_HOW_OFTEN = re.compile(r"\bhow often\b|多久.{0,6}一次", re.IGNORECASE)
_WHERE_IS = re.compile(r"\bwhere(?:'s| is| are)(?: the| my| our)?(?: [\w'’-]+){1,4}\W*$", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?:releas|publish|issu|add|introduc|brought|bring|came out|come out|new)(?:ed?|es|s|ing)?\b|"
    r"发布|推出|发行|新增|增加|引入|加入",
    re.IGNORECASE,
)
"""What is done with a version: its heading and its date say it."""
_BESIDE = 0.6
"""What a pair of characters counts that stands nowhere, beside one that does: it may span two words. Between two such
it counts nothing."""
_FRAME = re.compile("[几哪].")
_JOINING = frozenset("有是在要会能由到从需须得去来看做用办")
"""Characters that mostly are words of their own: a pair with one that stands nowhere spans two."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question wants. `words` are its terms, those that only ask left out; `named` are the days of the week and
    the codes in it, which an answer must have; `dates` are the days of the calendar, of one of which it must be;
    `pairs` are those of scripts without spaces, each with its neighbours.

    Of the answer, `aspects` are what it must say; `who`: it must name somebody, and say of whoever has that `role`;
    `measure` are the characters of which it counts by one; `says` finds a word of the measure that is asked for;
    `latest`: it is the newest version's; `year`: a year is asked for; `is_at`: where
    something is; `counted` finds a number right before what is counted.
    """

    question: Question
    words: tuple[str, ...]
    named: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    pairs: dict[str, tuple[str, ...]]
    who: bool
    measure: str
    says: re.Pattern[str] | None = None
    latest: bool = False
    year: bool = False
    is_at: bool = False
    role: re.Pattern[str] | None = None
    counted: re.Pattern[str] | None = None
    dates: tuple[Days, ...] = ()
    things: tuple[str, ...] = ()
    quality: str = ""

    def asks_for(self, name: str) -> bool:
        """Is this aspect asked for?"""
        return any(one.name == name for one in self.aspects)

    @property
    def of_any_day(self) -> bool:
        """Does what is said of some days answer it for the others?"""
        return self.asks_for("opening") or self.question.is_yes_or_no

    def is_met_by(self, text: str, above: str, heading: str = "", *, columns: str = "") -> bool:
        """Has a text the kind of answer that is wanted? `above` is what it hangs on, `heading` what is right above;
        `columns` are the names of those of the table that it is a row of: where one is asked for, its cell answers."""
        named = set(terms(columns)) & set(self.words)
        if not named and not self._has_kind(text, heading, row=bool(columns)):
            return False
        asked = self.question
        if asked.wants == "date":
            if says_the_opposite(asked.text, f"{text}\n{columns}"):
                return False
            if not (YEAR if self.year else MOMENT).search(text):
                return False
            asked = replace(asked, wants="")
        elif _HOW_OFTEN.search(asked.text):  # "once a year" is no number of things
            asked = replace(asked, wants="")
        own = set(terms(text))
        counted = (one for one in asked.counted if akin(one, own))  # "vacation" counts the days of a holiday
        return asked.may_be_answered_by(text, f"{above}\n{' '.join(counted)}")

    def _has_kind(self, text: str, heading: str, *, row: bool) -> bool:
        if not all(one.is_said_by(text, heading) for one in self.aspects):
            return False
        if self.says is not None and not self.says.search(text):
            return False
        if self.who and all(set(terms(one[0])) <= set(self.words) for one in NAME.finditer(text) if terms(one[0])):
            return False
        if not row and self.is_at and not AT.search(text):
            return False
        if not row and self.role is not None and not self.role.search(text):
            return False
        return not self.measure or any(one in f"{text}\n{heading}" for one in self.measure)

    def favour(self, text: str) -> float:
        """What a sentence counts for having the kind of answer: 1, more where it has nothing that is only like it."""
        tells = (
            self.says is not None  # it is there: else the kind were not met
            or (self.asks_for("opening") and HOURS.search(text))
            or (self.asks_for("place") and IS_AT.search(text))
            or (self.counted is not None and self.counted.search(text))
        )
        return _TELLS_IT if tells else 1.0

    def worth(self, term: str, known: Container[str]) -> float:
        """How much a word of the question counts, where these are known."""
        if term in known:
            return 1.0
        if term in _WEAK or SOFT & set(term):
            return 0.0
        beside = sum(one in known for one in self.pairs.get(term, ()))
        if beside and _JOINING & set(term):
            return 0.0
        return (1.0, _BESIDE, 0.0)[beside]


def wanted_of(text: str) -> Wanted:
    """What a question wants."""
    asked = question_of(text)
    dates, undated = without_dates(text)
    named, bare = named_in(undated)
    aspects = aspects_of(text, when=asked.wants == "date", count=asked.wants == "number")
    for one in aspects:
        bare = one.asks.sub(" ", bare)
    if any(one.name == "version" for one in aspects):
        bare = _CHANGED.sub(" ", bare)
    bare = _ONLY_ASKING.sub(" ", bare)
    soft = soft_pairs(_FRAME.sub(" ", bare))
    # A character that is left alone ("多少人") is never found: texts are compared by pairs.
    words = tuple(one for one in question_of(bare).words if not (len(one) == 1 and _RUN.fullmatch(one))) + soft
    counted = _COUNTED.search(text)
    unit = next(filter(None, counted.groups()), "") if counted else ""
    measure = next((alike for alike in _ALIKE if unit in alike), unit) if unit not in _MONEY_OR_TIME else ""
    says = next((said for pattern, said in MEASURES if pattern.search(text)), None)
    if (length := _IN_LENGTH.search(text)) is not None:
        says = in_length(length[1])
    quality = quality_asked(undated, words)
    return Wanted(
        question=asked,
        words=words,
        named=tuple(named),
        aspects=tuple(aspects),
        pairs=_pairs(bare),
        who=bool(_WHO.search(text)) and not _WHO_IS.match(text),
        measure=measure,
        says=says,
        latest=any(one.name == "version" for one in aspects) and bool(_LATEST.search(text)),
        year=bool(WHICH_YEAR.search(text)),
        is_at=bool(_WHERE_IS.search(text)),
        role=role_asked(text),
        counted=number_of(asked.counted[0]) if asked.counted else None,
        dates=dates,
        things=things_of(undated, [one for one in words if one != quality]),
        quality=quality,
    )


def _pairs(text: str) -> dict[str, tuple[str, ...]]:
    """The pairs of characters in a text, each with those that overlap with it."""
    found: dict[str, tuple[str, ...]] = {}
    for run in _RUN.findall(text):
        pairs = [run[at : at + 2] for at in range(len(run) - 1)]
        for at, pair in enumerate(pairs):
            found[pair] = tuple(pairs[max(0, at - 1) : at] + pairs[at + 1 : at + 2])
    return found
