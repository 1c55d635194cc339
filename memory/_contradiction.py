"""Whether two notes say different things of the same: "The port is 8080" and "The port is 9090".

Without a model this is decided for plain statements of what holds once at a time: a subject that is named alike, a
verb of state, and two values of one kind. What may hold side by side ("Anna likes tea", "Anna likes coffee"), what
happened ("Anna bought tea") and what differs in its subject ("invoice 17 is paid", "invoice 18 is paid") is left alone:
a note that is hidden by mistake costs more than two that stand side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .embedding import COMMON, words

_VERBS = {
    "be": r"is now|is|are now|are|was changed to|changed to|was renamed to|should be|must be|equals",
    "live": r"lives? in|has moved to|have moved to|moved to",
    "work": r"works? (?:at|for)",
    "prefer": r"prefers?",
    "open": r"opens? (?:at|on)",
    "close": r"closes? (?:at|on)",
    "start": r"starts? (?:at|on)",
    "end": r"ends? (?:at|on)|expires? (?:at|on|in)",
    "meet": r"meets? (?:at|on|in)|takes place (?:at|on|in)",
    "cost": r"costs?",
    "weigh": r"weighs?",
    "run": r"runs? (?:on|at)|listens? (?:on|at)",
    "belong": r"belongs? to",
    "report": r"reports? to",
}
_CHINESE_VERBS = {
    "be": "现在是|目前是|改成了|改成|改为|换成了|换成|应该是|应为|设为|等于|是|为|叫",
    "live": "住在|搬到了|搬到",
    "place": "位于",
    "time": r"在(?=每?(?:周|星期|礼拜)[一二三四五六日天]|[一二三四五六七八九十\d]{1,3}[月号日点])",
    "prefer": "更喜欢",
}
_STATES = {name: re.compile(rf"\b(?:{verbs})\b\s*", re.IGNORECASE) for name, verbs in _VERBS.items()}
_CHINESE_STATES = {name: re.compile(rf"(?:{verbs})") for name, verbs in _CHINESE_VERBS.items()}
_ASSIGNED = re.compile(r"\s*(?:[:：=＝]|->|→)\s*")
_HEADING = re.compile(
    r"^(?:todo|fixme|lesson|note|fix|warning|tip|remember|idea|question|待办|注意|教训|提示)\b", re.IGNORECASE
)
_FILLING = re.compile(r"\b(?:now|currently|today|at the moment|from now on)\b|现在|目前|如今|从现在起", re.IGNORECASE)
_BEFORE = re.compile(r"^(in|at|on|to|by|from|with|under|behind|for|of)\s+", re.IGNORECASE)
_DIGITS = "零〇一二两三四五六七八九十百千万"
ADDING_UP = re.compile(
    r"\b(?:clos(?:e[sd]?|ing)?|shut|open(?:s|ed|ing)?|off|free|holidays?)\b|"
    r"营业|休息|开门|关门|[开闭]馆|放假|[停接开]诊|上班|值班",
    re.IGNORECASE,
)
"""What may be so on several days, of which each note names one: that it is closed on Monday does not say that it is
open on Sunday."""
DAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|may|june|july|august|september|"
    r"october|november|december)\b|(?:周|星期|礼拜)[一二三四五六日天]",
    re.IGNORECASE,
)
_ONE_PLACE = ("live", "place", "belong", "report")
"""Verbs of which a subject has one object at a time, whatever its name."""
_NUMBER = re.compile(rf"\d|^[{_DIGITS}]+(?:$|[点元号月日年天周岁层楼次个美欧块])")
_NAME = re.compile(r"[A-Z\"'`“‘«「『/~]|\w[/_@-]\w|\w\.\w")
_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
_SEVERAL = re.compile(
    r"^(?:an?|one of|also|not|never|too|both|either|very|only|一个|一种|一位|也|不)(?:\b|(?<=[一-鿿]))|"
    r"\b(?:and|or|but|because|if|when|while|which|that)\b|[,;，、；]|[和与或但]",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[?？;；\n]|[.。!！]\s*\S")
_DOTS = re.compile(r"(?<=\w)\.(?=\w)|\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|No|e\.g|i\.e)\.")
_ONCE = frozenset(
    word
    for word in words(
        "url favourite favorite default preferred current main status state version name title colour color language "
        "currency timezone editor branch manager owner deadline address size price capital leader theme mode "
        "target region ceo cto cfo coo president chairman chairwoman chairperson director mayor maintainer landlord "
        "最喜 默认 状态 名字 名称 颜色 语言 版本 地址 价格 主题 模式 负责 截止 目标 区域 总裁 总监 主席 校长 市长 经理"
    )
    if len(word) > 1
)
"""Words of a subject that has one such thing at a time, whatever it is said to be."""
_MANY = frozenset(
    word
    for word in words("phone phones telephone mobile number numbers email mail contact 电话 手机 邮箱 号码 联系")
    if len(word) > 1  # the characters of 手机 are those of other machines
)
"""Words of a subject that may well have several such things at once."""
_PEOPLE = re.compile(r"^(?:[A-Z]\w*(?:ish|ese|ian|can|ean)|German|French|Dutch|Greek|Swiss|Thai|Turk|Dane|Swede|Finn)$")
"""What tells where somebody comes from, and is no name."""
_SEATED = frozenset(words("office headquarters company warehouse factory school shop team server"))
"""Subjects that are in one named place at a time."""
_LONGEST = 300  # characters; what is longer says more than one thing
_MOST_WORDS = 8  # of a value


@dataclass(frozen=True, slots=True)
class Statement:
    """What a plain statement is about and how (`verb`, with the preposition behind it), and what it says of it. `kind`
    is that of the value: "number", "day", "name", "people" (German) or "word"."""

    subject: tuple[str, ...]
    verb: str
    value: tuple[str, ...]
    kind: str

    @property
    def unit(self) -> tuple[str, ...]:
        """The value's words without a digit."""
        return tuple(word for word in self.value if not any(sign.isdigit() or sign in _DIGITS for sign in word))


def stated(text: str) -> Statement | None:
    """A plain statement of a state, taken apart; None where the text is none, or says more than one thing."""
    plain = text.strip().rstrip(".。!！ ")
    if not plain or len(plain) > _LONGEST or _ENDS.search(_DOTS.sub("", plain)):
        return None
    found = _verb(plain)
    if found is None:
        return None
    verb, start, end = found
    subject, value = _FILLING.sub(" ", plain[:start]).strip(), _FILLING.sub(" ", plain[end:]).strip()
    if before := _BEFORE.match(value):
        verb, value = f"{verb} {before[1].lower()}", value[before.end() :]
    about, said = tuple(word for word in words(subject) if word not in COMMON), tuple(words(value))
    if not about or not said or len(value.split()) > _MOST_WORDS or _SEVERAL.search(value):
        return None
    return Statement(about, verb, said, _kind(value, verb))


def contradicts(one: Statement, other: Statement) -> bool:
    """Do they say different things of the same, of which only one can hold?"""
    alike = one.subject == other.subject and one.verb == other.verb and one.kind == other.kind
    if not alike or set(one.value) <= set(other.value) or set(other.value) <= set(one.value):
        return False
    if one.kind == "number" and _MANY & set(one.subject):
        return False  # a second telephone number is no correction of the first
    if one.kind == "number":
        return one.unit == other.unit  # not "the trip is 5 days" and "the trip is 300 euros"
    if one.kind == "day" and ADDING_UP.search(" ".join((*one.subject, one.verb, *one.value))):
        return False
    if one.kind == "day" or one.verb.split()[0] in _ONE_PLACE:
        return True
    if one.kind == "name" and one.verb == "be in" and one.subject[-1] in _SEATED:
        return True
    # "The office is closed" and "the office is large" hold together, and so do "Anna is German" and "Anna is CTO".
    return bool(_ONCE & set(one.subject)) or (one.kind == "word" and one.value[-1] == other.value[-1])


def _verb(text: str) -> tuple[str, int, int] | None:
    """Which verb of state comes first, and where it begins and ends; `key: value` and `key = value` say "be"."""
    if (found := _assignment(text)) is not None:
        return "be", *found
    tables = (_STATES, _CHINESE_STATES) if _CJK.search(text) else (_STATES,)
    places = [
        (match.start(), -match.end(), name)
        for table in tables
        for name, pattern in table.items()
        if (match := pattern.search(text)) is not None
    ]
    if not places:
        return None
    start, end, name = min(places)
    return name, start, -end


def _assignment(text: str) -> tuple[int, int] | None:
    """Where the sign of `key: value` or `key = value` stands. No clock's colon is meant, and no address's."""
    found = _ASSIGNED.search(text)
    if found is None or text[: found.start()][-1:].isdigit() or "://" in text[: found.end() + 2]:
        return None
    if _HEADING.match(text):
        return None
    return found.start(), found.end()


def _kind(value: str, verb: str) -> str:
    if _NUMBER.search(value):
        return "number"
    if DAY.search(value):
        return "day"
    if _CJK.search(value):
        return "name" if verb in ("live", "place") else "word"
    return "people" if _PEOPLE.match(value) else "name" if _NAME.search(value) else "word"
