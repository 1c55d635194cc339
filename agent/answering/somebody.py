"""Whom a text names: what a question that asks who wants. A month, a day of the week and a place are nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from agent.answering.forms import SURNAMES
from agent.model.offline.words import IDEOGRAPH, terms

_MONTHS = r"Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
_TIME = re.compile(
    rf"(?:{_MONTHS}|Nov(?:ember)?|Dec(?:ember)?|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun|"
    r"Spring|Summer|Autumn|Winter|Christmas|Easter|AM|PM|CET|UTC|EUR|USD|GBP)",
)
_WORD = r"(?:[A-Z][a-z][\w'’-]*|[A-Z]{2,6})(?![\w`])"
_CAPITALS = re.compile(rf"(?<![\w/.-]){_WORD}(?: {_WORD})*")
_BEHIND = re.compile(
    r"(?:\b(?:in|on|near|at|from|to|into|onto|of|off|since|until|till|before|after|during|behind|beside|opposite|outside|"
    r"inside|under|above|below|between|along|around|through|across|towards?|via|next to|for)(?: the)?|\d)[ \-]$",
    re.IGNORECASE,
)
"""What stands right before the name of a place, or of a time; "by" stands before somebody as well."""
_STREET = re.compile(r"\b(?:Street|Road|Lane|Avenue|Square|Hall|Bridge|Station|Park|Hotel|Building)$")
_BEGINS = re.compile(r"(?:^|[.!?] |\n)[\s>*-]*$")
_STARTS = re.compile(
    r"The|An?|In|On|At|Near|From|To|Since|Until|By|Our|Your|My|This|That|Its|Their|Every|Each|After|Before|All"
)
"""First words of a sentence that begin no name."""
_SOMEBODY = (
    r"(?i:(?!(?:end|beginning|start|middle|time|hour|day|week|month|year|season|way|river|lake|sea|road|side|door|window|"
    r"gate|entrance|stairs|wall)\b)[a-z][\w'’-]+)"
)
_BY_ONE = re.compile(rf"(?i:\bby (?:the|an?)) {_SOMEBODY}")
TO_WHOM = re.compile(
    r"\b(to|from|with|for|of) whom\b|^\W*whom?\b[^?]*\b(to|from|with|for|of)\W*$|\bwhose\b", re.IGNORECASE
)
"""Asks whom something is from, or goes to."""
_WHO_MAY = re.compile(r"^\W*who (may|must|can|could|should|will|would)\b", re.IGNORECASE)
_NO_SURNAME = (
    "(?!周[一二三四五六日末天]|[夏][天季]|[高][级温中度]|时|年|方[便法式面]|安[全排装]|金[额]|常|任[何务]|温度|应|"
    "成[人立本]|单[位个]|关[闭门]|管理|全|左右|从|包括|于)"
)
_PERSON = rf"{_NO_SURNAME}[{SURNAMES}][{IDEOGRAPH}]{{1,2}}"
_ROLE = (
    "老师|教师|师傅|医生|医师|护士|经理|主任|主管|主席|秘书|会计|出纳|司机|保安|保洁|物业|工人|员工|职工|学生|志愿者|义工|"
    "家长|业主|住户|租户|教练|教授|律师|厨师|[技工设建]\\w{0,2}师|先生|女士|公司|集团|委员会|协会|基金会|研究院|设计院|"
    rf"大学|事务所|工作室|[校院所馆局处科部班组队站厂会市县镇村]长|[{IDEOGRAPH}]{{2}}员(?!会)"
)
_MARKED = re.compile(
    rf"(?:由(?!于|此)\s*([{IDEOGRAPH}]{{2,8}})|(?:给了?|[被归请找是为叫：:（(、和与]|[长任师理员记练席管家会导])\s*"
    rf"({_PERSON}|[{IDEOGRAPH}]{{1,8}}(?:员|师|部门?|处|队|组|局|厂|社|院)))"
)
_WITH_ROLE = re.compile(rf"[{IDEOGRAPH}]{{0,6}}?(?:{_ROLE})")
_NAME = rf"{_NO_SURNAME}[{SURNAMES}][{IDEOGRAPH}]"
_SUBJECT = re.compile(
    rf"(?:(?<=[。；，！？;,、\n])|^)\s*(?=(?:({_NAME})([{IDEOGRAPH}]{{0,2}}))?)(?=(?:({_NAME}[{IDEOGRAPH}])([{IDEOGRAPH}]{{0,2}}))?)",
    re.MULTILINE,
)
_SAYS = frozenset(["是", "负责", "担任", "说", "先生", "女士"])
_FOREIGN = re.compile(rf"[{IDEOGRAPH}]{{1,6}}·[{IDEOGRAPH}]{{1,6}}")


def names_somebody(text: str, asked: Collection[str], question: str = "") -> bool:
    """Does a text name somebody, or a body of people, by other words than those that a question asks with? Where it
    asks "to whom", or who may or does something, whoever stands there is somebody."""
    named = (*_named(text, asked), *_in_the_place_asked(text, question))
    return any(not set(words) <= set(asked) for one in named if (words := terms(one)))


def _in_the_place_asked(text: str, question: str) -> Iterator[str]:
    if (found := TO_WHOM.search(question)) is not None:
        before = (found[1] or found[2] or "of").lower()
        for one in re.finditer(rf"(?i:\b{before}) ((?:{_WORD})(?: {_WORD})+)", text):
            if not is_time(one[1].split()[0]) and not _STREET.search(one[1]):
                yield one[1]
        if before != "of":  # "of the harbour" is nobody
            yield from (one[0] for one in re.finditer(rf"(?i:\b{before}) (?i:the|an?) {_SOMEBODY}", text))
    if (may := _WHO_MAY.match(question)) is not None:
        subject = rf"(?i:\b(?:the|an?|every|each)) ({_SOMEBODY}) {may[1]} (?!not\b|be\b)"
        yield from (one[1] for one in re.finditer(subject, text))


def is_time(name: str) -> bool:
    """Are these words in capitals the name of a month or a day, and of nobody?"""
    return all(_TIME.fullmatch(word) for word in re.split(r"[\s–-]+", name))


def _named(text: str, asked: Collection[str]) -> Iterator[str]:
    yield from (one[0] for one in _BY_ONE.finditer(text))
    yield from _in_capitals(text)
    yield from (one[1] or one[2] for one in _MARKED.finditer(text))
    yield from (one[0] for one in (*_WITH_ROLE.finditer(text), *_FOREIGN.finditer(text)))
    for one in _SUBJECT.finditer(text):  # a name of two or three characters ends where a word of the question begins
        for name, after in ((one[1], one[2]), (one[3], one[4])):
            if name and (not after or after in asked or after in _SAYS or after[0] in "是在为每"):
                yield name


def _in_capitals(text: str) -> Iterator[str]:
    """Names in capitals, but those of times, and those right behind what stands before a place or a time. The first
    word of a sentence has its capital anyway."""
    for one in _CAPITALS.finditer(text):
        words = one[0].split()
        if _BEGINS.search(text[: one.start()]):
            words = words if len(words) > 1 and not _STARTS.fullmatch(words[0]) else words[1:]
            if len(words) < len(one[0].split()) and _BEHIND.search(f"{one[0].split()[0]} "):
                continue
        elif (
            not text[one.end() :].startswith((", who", " who"))
            and _BEHIND.search(text[: one.start()])
            and not _TIME.fullmatch(words[0])
        ):
            continue
        words = [word for word in words if not _TIME.fullmatch(word)]
        if words and not _STREET.search(words[-1]):
            yield " ".join(words)
