"""What a question asks: about what, and for what kind of answer. "How many" wants a number, "when" a date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agent.model.offline.words import terms

_MONTH = (
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_DAY = (
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:today|tomorrow|yesterday|tonight|noon|midnight|"
    r"mornings?|evenings?|afternoons?|spring|summer|autumn|winter|christmas|easter)\b"
)
SPELLED_HOUR = (
    r"\b(?:at|until|till|(?:half|quarter) (?:past|to))\s+(?:one|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|\d{1,2})(?=\s*(?:$|[.,;!?()]|(?:and|or|to|till|until|in|on|every|each|sharp|for|with)\b))"
)
"""An hour without a colon: "closes at nine", "from half past 7 on"."""
_CHINESE_DAY = r"[年月日号点]|星期|周[一二三四五六日末]|今天|明天|昨天|后天|前天|上午|下午|中午|晚上|凌晨|春|夏天|秋|冬"
_DATE = re.compile(rf"\d|{_MONTH}|{_DAY}|{_CHINESE_DAY}|{SPELLED_HOUR}", re.IGNORECASE)
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundreds?|thousands?|millions?|billions?|dozens?|half|twice|zero|"
    r"none|nobody|free|one(?!\s+(?:of|another|day|can|may|must|should)\b))\b|"
    r"[一二两三四五六七八九十百千万亿零〇几半][一二三四五六七八九十百千万亿零〇点几\s]*"
    r"(?:[个名位只条台件元块倍次年月日天岁米人家种份箱盒瓶本张间层届周辆座栋棵册部场轮]|分之|小时|分钟|公[里斤尺]|美元|欧元|亿|万|千|百|%)|免费|没有",
    re.IGNORECASE,
)
_A_DATE = re.compile(
    rf"\b\d{{1,2}}[:：]\d\d\b|"
    rf"\b\d{{4}}-\d{{1,2}}-\d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})(?: \d{{4}})?|"
    rf"(?:{_MONTH}) \d{{1,2}}(?:, \d{{4}})?\b|"
    r"\b(?:in|since|until|till|by|from|of|before|after|spring|summer|autumn|winter|year)\s+(?:1[5-9]|20)\d\d\b|"
    r"(?:1[5-9]|20)\d\d\s*年|\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号])?",
    re.IGNORECASE,
)
"""A date is no number of things, nor is a time of the day."""
_IN_MAY = re.compile(r"\b(?:in|on|of|from|since|until|by|\d+) May\b|\bMay \d")
"""The one month that is no word of its own among the terms."""
_HOW_OLD = re.compile(r"\bhow old\b|\bwhat age\b|多大(?:年纪|岁数|了)|几岁|多少岁", re.IGNORECASE)
_AGE = re.compile(r"\bold(?:er|est)?\b|\bage[ds]?\b|\bborn\b|\byears?\b|岁|出生|生于", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|high|deep|wide|big|large|heavy|fast|hot|cold|often)\b|"
    r"\bwhat (?:number|percentage|percent|price|age|amount|share|size)\b|"
    r"\bwhat(?: is|'s| was) the (?:\w+ )?(?:number|percentage|price|age|amount|cost|temperature|size)\b|"
    r"多少|多大|多高|多长|多远|多重|多深|多宽|多久|几(?=[个名位只条台件元块倍次天年岁人家种份小])",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"^\W*(?:and\s+|so\s+)?when\b|\b(?:me|us|out|determine|know|say|says|since|until|by)\s+when\b|"
    r"\b(?:what|which) (?:date|day|year|month|time|weekday|week)\b|\bhow (?:long ago|soon)\b|"
    r"什么时候|什么时间|何时|哪[一]?[天年日月]|几[月点日时]|几号(?![窗楼门线车馆店厅桌房室院柜库])|何[年月日]|星期几|周几|哪个月",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow many (?:(?:[\w-]+ ){0,3}?([A-Za-z][\w-]+)(?= (?:is|are|was|were|do|does|did|has|have|had|can|could|may|"
    r"must|will|would|should|there)\b)|(?:different |other |more )?([A-Za-z][\w-]*))|"
    r"(?:多少|几)[个名位只条台件元块种份箱家张间辆座栋棵册部场轮本]?([\u3400-\u9fff]{2,6})",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"什么时候|什么时间|(?:星期|礼拜|周)几|什么|多少钱?|多大|多高|多长|多远|多重|多久|怎么样?|怎样|如何|为什么|为何|哪些|哪里|哪儿|哪个|"
    r"哪[一]?[天年日月]|哪|几[个名位只条台件次天年岁月号点]|谁|何时|何地|是否|有没有|吗|呢|请问|一下|有几|[是有]$",
)
_YES_OR_NO = re.compile(
    r"^\W*(?:is|are|was|were|does|do|did|has|have|had|can|could|will|would|should)\b|吗|是否|是不是|有没有",
    re.IGNORECASE,
)
_WHERE = re.compile(r"^\W*(?:and\s+|so\s+)?(?:from\s+)?where\b|哪里|哪儿|何处|什么地方|在哪", re.IGNORECASE)
_A_PLACE = re.compile(
    r"\b(?:in|on|at|to|from|near|behind|beside|under|above|opposite|between|inside|outside|upstairs|downstairs)\b|[@/]|"
    r"[在到往从至]|位于|旁|对面|附近",
    re.IGNORECASE,
)
_EMPTY_ENGLISH = re.compile(
    r"\b(?:how (?:many|much|long|far|often)|what (?:date|day|weekday|week|month|year|time|number)|"
    r"there|any|says?|said|mentions?|states?|contains?|exactly|altogether|in total)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `matter` is what it is about, without the words that only ask, and `words` the terms of that;
    `wants`: what an answer must hold; `counted`: terms of what "how many" counts, of which an answer must have one."""

    text: str
    matter: str
    words: tuple[str, ...]
    wants: Literal["", "number", "date"]
    counted: tuple[str, ...] = ()

    @property
    def is_yes_or_no(self) -> bool:
        """Is yes or no an answer?"""
        return _YES_OR_NO.search(self.text) is not None

    @property
    def tells_its_kind(self) -> bool:
        """Does it say what kind of answer it is after: a number, a date, a place?"""
        return self.wants != "" or _WHERE.search(self.text) is not None

    def has_its_kind(self, text: str) -> bool:
        """Does a text hold the kind of thing that the question is after, where it says so?"""
        if self.wants == "" and _WHERE.search(self.text):
            return _A_PLACE.search(text) is not None
        return self.may_be_answered_by(text)

    def may_be_answered_by(self, text: str, above: str = "") -> bool:
        """Has a text what the question wants, and says it more than the question's own words? A question or a heading
        that only repeats them answers nothing, unless yes or no is the answer. `above`: what the text hangs on."""
        if self.counted and not set(self.counted) & set(terms(f"{text}\n{above}")):
            return False
        if text.rstrip().endswith(("?", "？")):
            return False
        if not set(terms(text)) - set(terms(self.text)) and not self.is_yes_or_no and not _IN_MAY.search(text):
            return False
        if self.wants == "date":
            return _DATE.search(text) is not None
        if _HOW_OLD.search(self.text) and not _AGE.search(text):
            return False
        return self.wants != "number" or _NUMBER.search(_A_DATE.sub(" ", text)) is not None


def question_of(text: str) -> Question:
    """What a text asks; one that asks nothing is a question about its own words."""
    wants: Literal["", "number", "date"] = ""
    if _WHEN.search(text):
        wants = "date"
    elif _HOW_MANY.search(text):
        wants = "number"
    plain = _EMPTY_ENGLISH.sub(" ", _ASKING.sub(" ", text))
    noun = None if wants == "date" else _COUNTED.search(text)  # 几点关门 counts nothing
    # Of "how many beehives" a word is what is counted; of Chinese any pair of characters may be.
    counted = terms(noun[3]) if noun and noun[3] else terms(noun[1] or noun[2])[:1] if noun else []
    return Question(text, plain, tuple(dict.fromkeys(terms(plain))), wants, tuple(counted))
