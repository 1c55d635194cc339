"""What a question wants: its words, and the kind of answer: a number, a date, somebody."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from agent.answering.aspects import Aspect, aspects_of
from agent.answering.dates import without_dates
from agent.answering.durations import is_of_something_done
from agent.answering.forms import (
    AT,
    HOURS,
    IS_AT,
    MEASURES,
    MOMENT,
    PERSON,
    WHICH_YEAR,
    YEAR,
    counts_behind_verb,
    in_length,
    number_of,
    role_asked,
)
from agent.answering.kin import akin
from agent.answering.naming import canonical, named_in
from agent.answering.needs import needs_of
from agent.answering.opposites import says_the_opposite
from agent.answering.quality import quality_asked, says_quality
from agent.answering.somebody import TO_WHOM, is_time, names_somebody
from agent.model.offline.questions import Question, question_of
from agent.model.offline.words import IDEOGRAPH, stem, terms
from memory.days import Days

_WHO = re.compile(r"\b(?:who|whom|whose)\b|谁|哪位|哪家|何人", re.IGNORECASE)
_ONLY_ASKING = re.compile(
    r"\bhow much money\b|\bhow (?:tall|high|wide|deep|thick|far|long|old|heavy|big|large|often|many|much)\b|"
    r"\b(?:include[sd]?|go(?:es)?|take[ns]?|happen(?:s|ed)?|any(?:thing|one|body))\b|"
    r"(?:多少|几)[个名位条件册本台间份张次届种家路号楼层]|哪[家个位些种]?(?:公司|单位|部门|机构|人)|多长时间|发生",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:多少|几)(?:([名位条件册本台间份张次届路楼层级辆座栋棵部场])|([\u3400-\u9fff])[了呢吗]?[？?。\s]*$)"
)
_MONEY_OR_TIME = "钱岁点月号天"
_NO_THINGS = re.compile(f"几[{_MONEY_OR_TIME}]")
_IDEOGRAPHS = re.compile(f"[{IDEOGRAPH}]")
_ALIKE = ("本册", "名位个人", "间个")
"""Words that count the same things."""
_IN_LENGTH = re.compile(
    r"\bin (feet|foot|inches|(?:kilo|centi|milli)?met(?:re|er)s|miles|yards|km|cm|mm)\b", re.IGNORECASE
)
_WHO_IS = re.compile(r"^\W*[Ww]ho(?:['’]s| is| was) (?:[A-Z][\w'’.-]*\s?)+\W*$")
"""Asks who somebody is, by the name."""
_CAPACITY = re.compile(
    r"\bhow many (?:people|persons|guests|visitors)\b.*\b(?:fit|sit|seat|serve|hold|take|accommodate)s?\b|"
    r"(?:坐得?下?|容纳)(?:多少|几)",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"\b(?:people|persons|guests|visitors|accommodate|seat)\b|[人位名]", re.IGNORECASE)
_NO_FIGURE = re.compile(r"(?:^|(?<=;))[^;:]+:(?=[^;\d]*(?:;|$))")
"""The name of a column of whose cell no figure tells how many."""
_HOW = re.compile(
    r"\bhow (tall|high|wide|deep|thick|far|long|old|heavy|big|large)\b|多([高宽深厚长重大])(?!时间)", re.IGNORECASE
)
_SAID_SO = {
    "tall": "tall|high|height",
    "high": "high|height",
    "wide": "wide|width",
    "deep": "deep|depth",
    "far": "away",
}
_VERB = re.compile(
    r"\b(?:do|does|did) (?:[\w'’-]+ ){1,4}?([a-z]+)(?= (?:in|on|at|for|by|per|from|to|during|a|an|each)\b|\W*$)",
    re.IGNORECASE,
)
_OF_A_KIND = re.compile(
    r"\b(?:what|which) (?!(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would|should|must|may)\b)[a-z]|"
    r"\b(?:pay|mean)\b",
    re.IGNORECASE,
)
"""Names the kind of answer itself: "what pressure", "which firm"."""
_IN_TOTAL = re.compile(r"\b(?:in total|altogether|in all|total)\b|一共|总共|合计|总计|共有", re.IGNORECASE)
_MOST = re.compile(r"\b(?:most|least|fewest)\b(?! of\b)", re.IGNORECASE)
_TELLS_IT = 1.2
"""What a sentence counts that has a word of the measure that is asked for, or a number right before what is counted, or
says from when to when, or of something where it is, where that is asked."""
_LATEST = re.compile(r"\b(?:latest|newest|current|last|most recent)\b|最新|当前|目前|现在", re.IGNORECASE)
_HOW_OFTEN = re.compile(r"\bhow often\b|多久.{0,6}一次", re.IGNORECASE)
_WHERE_IS = re.compile(r"\bwhere(?:'s| is| are)(?: the| my| our)?(?: [\w'’-]+){1,4}\W*$", re.IGNORECASE)
_A_THING = re.compile(
    r"\b(?:the|an?|my|our|your|its|their|this|that) ([a-z]+)\b|"
    r"^\W*(?:where|how much)(?:['’]s| is| are)(?: [\w'’-]+){0,3}? ([a-z]+(?<!ed))\W*$|\bhow many ([a-z]+)\b",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:releas|publish|issu|add|introduc|brought|bring|came out|come out|new)(?:ed?|es|s|ing)?\b|"
    r"发布|推出|发行|新增|增加|引入|加入",
    re.IGNORECASE,
)
"""What is done with a version: its heading and its date say it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question wants. `words`, and `runs` of scripts without spaces, must be met by an answer, and so must
    `named`: the days of the week, the months and the codes in it; `dates` are the days of the calendar, of one of which
    it must be; `terms` tell how near one is.

    Of the answer, `aspects` are what it must say; `who`: it must name somebody, and say of whoever has that `role`;
    `measure` are the characters of which it counts by one; `says` finds a word of the measure that is asked for;
    `latest`: it is the newest version's; `year`: a year is asked for; `is_at`: where
    something is; `counted` finds a number right before what is counted; `most`: what is asked for is the most or
    least, which a text must say itself; `how` finds the word by which it is measured ("long"); `verb`: what is said of
    the things, for which a row of a table has no word; `quality`: whether something is so;
    `in_total`: how many there are altogether; `nouns`: those of its words that are things, of which a text that has
    another form has none.
    """

    question: Question
    words: tuple[str, ...]
    named: tuple[str, ...]
    aspects: tuple[Aspect, ...]
    runs: tuple[str, ...]
    terms: tuple[str, ...]
    who: bool
    measure: str
    says: re.Pattern[str] | None = None
    latest: bool = False
    year: bool = False
    is_at: bool = False
    role: re.Pattern[str] | None = None
    counted: re.Pattern[str] | None = None
    dates: tuple[Days, ...] = ()
    quality: str = ""
    most: re.Pattern[str] | None = None
    how: re.Pattern[str] | None = None
    verb: str = ""
    in_total: bool = False
    nouns: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Does it ask nothing that could be met?"""
        return not (self.words or self.runs or self.named or self.dates or self.aspects)

    def asks_for(self, name: str) -> bool:
        """Is this aspect asked for?"""
        return any(one.name == name for one in self.aspects)

    @property
    def asks_for_more(self) -> bool:
        """Does it ask when, where or how much something is, and not only whether it is?"""
        more = self.question.wants != "" or self.asks_for("place") or self.asks_for("price")
        return more and not self.question.is_yes_or_no

    @property
    def of_any_day(self) -> bool:
        """Does what is said of some days answer it for the others?"""
        return self.asks_for("opening") or self.question.is_yes_or_no

    @property
    def weekdays(self) -> frozenset[int]:
        """The days of the week that are asked about, Monday as 0."""
        return frozenset(int(name[4:]) for name in self.named if name.startswith("day:"))

    @property
    def tells_a_year(self) -> bool:
        """Is a year named, or asked for?"""
        return self.question.wants == "date" or bool(self.dates) or YEAR.search(self.question.text) is not None

    def is_met_by(self, text: str, heading: str = "", *, columns: str = "") -> bool:
        """Has a text the kind of answer that is wanted? `heading` is what is right above; `columns` are the names of
        those of the table that it is a row of: where one is asked for, its cell answers."""
        named = set(terms(columns)) & set(self.terms)
        if self.most is not None and not self.most.search(text):
            return False
        if columns and self.who and all(is_time(one[0].strip(": ")) for one in PERSON.finditer(text)):
            return False
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
        own = set(terms(_NO_FIGURE.sub(" ", text) if columns else text))
        if asked.counted and not counts_behind_verb(asked.text, text):  # then what is counted may stand above
            if not any(akin(one, own) for one in asked.counted):
                return False  # "vacation" counts the days of a holiday
            if not columns and self.counted is not None and not self.counted.search(text):
                return False
        return replace(asked, counted=()).may_be_answered_by(text) or (asked.wants == "" and self._says_more(text))

    def _says_more(self, text: str) -> bool:
        """Has a Chinese statement other characters than the question? Of 在最里侧 none is a term."""
        return (
            not text.rstrip().endswith(("?", "？"))
            and len(set(_IDEOGRAPHS.findall(text)) - set(self.question.text)) > 1
        )

    def _has_kind(self, text: str, heading: str, *, row: bool) -> bool:
        if not all(one.is_said_by(text, heading) for one in self.aspects):
            return False
        if self.quality and not says_quality(self.quality, text):
            return False
        if self.says is not None and not self.says.search(text):
            return False
        if not row and is_of_something_done(self.question.text, text):
            return False
        if self.who and not row and not names_somebody(text, self.terms, self.question.text):
            return False
        if not row and self.is_at and not AT.search(text):
            return False
        if not row and self.role is not None and not self.role.search(text):
            return False
        if not self.measure or row:
            return not self.measure or any(one in f"{text}\n{heading}" for one in self.measure)
        return re.search(rf"[\d一二三四五六七八九十百千万亿两几多余半]\s*[{self.measure}]", text) is not None

    def favour(self, text: str) -> float:
        """What a sentence counts for having the kind of answer: 1, more where it has nothing that is only like it."""
        tells = (
            (self.how is not None and self.how.search(text))
            or (self.asks_for("opening") and HOURS.search(text))
            or (self.asks_for("place") and IS_AT.search(text))
            or (self.counted is not None and self.counted.search(text))
        )
        return _TELLS_IT if tells else 1.0


def wanted_of(question: str) -> Wanted:
    """What a question wants."""
    text = canonical(question)
    asked = question_of(text)
    if _NO_THINGS.search(text):
        asked = replace(asked, counted=())
    dates, undated = without_dates(text)
    named, bare = named_in(undated)
    counted = _COUNTED.search(text)
    aspects = aspects_of(text, when=asked.wants == "date", count=asked.wants == "number" or counted is not None)
    for one in aspects:
        bare = one.asks.sub(" ", bare)
    if any(one.name == "version" for one in aspects):
        bare = _LATEST.sub(" ", _CHANGED.sub(" ", bare))
    measures = [(asks, said) for asks, said in MEASURES if asks.search(text)]
    for asks, _ in measures:
        bare = asks.sub(" ", bare)
    says = measures[0][1] if measures else None
    if (length := _IN_LENGTH.search(text)) is not None:
        says, bare = in_length(length[1]), _IN_LENGTH.sub(" ", bare)
    matter = question_of(_ONLY_ASKING.sub(" ", bare)).matter
    quality = quality_asked(undated, terms(matter))
    who = bool(_WHO.search(text)) and not _WHO_IS.match(text)
    by_kind = bool(asked.wants or aspects or says or who or asked.is_yes_or_no or _OF_A_KIND.search(text))
    if _CAPACITY.search(text):
        asked, matter = replace(asked, counted=()), _PEOPLE.sub(" ", matter)
    words, runs = needs_of(matter, but=quality, all_of_it=not by_kind or any(one.name == "place" for one in aspects))
    unit = next(filter(None, counted.groups()), "") if counted else ""
    measure = next((alike for alike in _ALIKE if unit in alike), unit) if unit not in _MONEY_OR_TIME else ""
    most = _MOST.search(text)
    return Wanted(
        question=asked,
        words=words,
        runs=runs,
        terms=tuple(dict.fromkeys(terms(matter))),
        named=tuple(named),
        aspects=tuple(aspects),
        who=who,
        measure=measure,
        says=says,
        latest=any(one.name == "version" for one in aspects) and bool(_LATEST.search(text)),
        year=bool(WHICH_YEAR.search(text)),
        is_at=bool(_WHERE_IS.search(text)),
        role=None if TO_WHOM.search(text) else role_asked(text),
        counted=number_of(asked.counted[0]) if asked.counted else None,
        dates=dates,
        quality=quality,
        how=_how_asked(text),
        nouns=tuple(one for one in _nouns(text) if stem(one) in words),
        in_total=_IN_TOTAL.search(text) is not None,
        verb=stem(verb[1]) if not asked.is_yes_or_no and (verb := _VERB.search(text)) else "",
        most=re.compile(rf"\b{most[0]}\b|最", re.IGNORECASE) if most else None,
    )


def _nouns(question: str) -> list[str]:
    """The English words of a question that certainly are nouns: behind an article, or all that is asked for."""
    return [one for found in _A_THING.findall(question) for one in found if one]


def _how_asked(question: str) -> re.Pattern[str] | None:
    """What finds the word by which something is measured that a question asks how long, old or heavy it is."""
    asked = _HOW.search(question)
    if asked is None:
        return None
    if asked[2]:
        return re.compile(asked[2])
    english = asked[1].lower()
    return re.compile(rf"\b(?:{_SAID_SO.get(english, english)})", re.IGNORECASE)
