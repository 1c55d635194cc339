"""Whether two notes say different things of the same: "The port is 8080" and "The port is 9090".

Without a model this is decided for plain statements of what holds once at a time: a subject that is named alike, a
verb of state, and two values of one kind. What may hold side by side ("Anna likes tea", "Anna likes coffee"), what
happened ("Anna bought tea"), what differs in its subject ("invoice 17 is paid", "invoice 18 is paid") and what is of no
certain thing ("a desk is free") is left alone: a note that is hidden by mistake costs more than two that stand side by
side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ._subjects import (
    IDENTIFIERS,
    IN_PLACES,
    MANY,
    ONCE,
    SEATED,
    is_definite,
    is_first_person,
    is_indefinite,
    is_measured,
    is_much,
    is_reached,
    subject_of,
)
from ._times import ADDING_UP, DAY, TIMES, has_one_time, time_of
from ._whereabouts import place
from .embedding import words

_VERBS = {
    "be": r"is now|is|are now|are|was changed to|changed to|was renamed to|should be|must be|equals",
    "call": r"is (?:called|named)",
    "live": r"lives? in|live in",
    "move": r"(?:has |have |was |were )?moved (?:in)?to",
    "work": r"works? (?:at|for)",
    "prefer": r"prefers?",
    "open": r"opens? (?:at|on)",
    "close": r"closes? (?:at|on)",
    "start": r"starts? (?:at|on)",
    "end": r"ends? (?:at|on)|expires? (?:at|on|in)",
    "meet": r"meets? (?:at|on|in)",
    "take": r"takes place (?:at|on|in)",
    "cost": r"costs?",
    "weigh": r"weighs?",
    "run": r"runs? (?:on|at)|listens? (?:on|at)",
    "belong": r"belongs? to",
    "report": r"reports? to",
}
_CHINESE_DAY = r"每?(?:周|星期|礼拜)[一二三四五六日天]|[一二三四五六七八九十\d]{1,3}[月号日点]"
_CHINESE_VERBS = {
    "be": "现在是|目前是|改成了|改成|改为|换成了|换成|应该是|应为|设为|等于|是|为|叫",
    "live": "住在",
    "move": "[搬移挪迁]到了?",
    "time": rf"(?:[定改安]排?在|[改推]迟?到|提前到|在)(?={_CHINESE_DAY})",
    "place": rf"位于|[放设改]?(?<![现存正实所潜内外自])在(?!于|{_CHINESE_DAY})",
    "prefer": "更喜欢",
}
_STATES = {name: re.compile(rf"\b(?:{verbs})\b\s*", re.IGNORECASE) for name, verbs in _VERBS.items()}
_CHINESE_STATES = {name: re.compile(rf"(?:{verbs})") for name, verbs in _CHINESE_VERBS.items()}
_ASSIGNED = re.compile(r"\s*(?:[:：=＝]|->|→)\s*")
_LOGGED = re.compile(r'=.*=|[{}|"]')
_HEADING = re.compile(
    r"^(?:todo|fixme|lesson|note|fix|warning|tip|remember|idea|question|待办|注意|教训|提示)\b", re.IGNORECASE
)
_FILLING = re.compile(r"\b(?:now|currently|at the moment|from now on)\b|现在|目前|如今|从现在起", re.IGNORECASE)
_BEFORE = re.compile(
    r"^(in|at|on|to|by|from|with|under|behind|for|of|inside|beneath|below|above|beside|next to)\s+", re.IGNORECASE
)
_LYING = frozenset(("in", "at", "on", "under", "behind", "inside", "beneath", "below", "above", "beside", "next to"))
"""Prepositions that tell where something is."""
_OF_MANY = re.compile(r"\b(?:are|were)\b", re.IGNORECASE)
_DIGITS = "零〇一二两三四五六七八九十百千万"
_ONE_OBJECT = ("live", "place", "belong", "report", "call")
"""Verbs of which a subject has one object at a time, whatever its name."""
_WITHIN = ("storey", "room", "container")
"""Places within a house: where things are put."""
_NUMBERED = re.compile(r"^[A-Za-z]?\d{1,4}[A-Za-z]?(?:室|房间?|号)?$")
_NUMBER = re.compile(rf"\d|^[{_DIGITS}]+(?:$|[点元号月日年天周岁层楼次个美欧块])")
_NAME = re.compile(r"[A-Z\"'`“‘«「『/~]|\w[/_@-]\w|\w\.\w")
_CJK = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
_SEVERAL = re.compile(
    r"^(?:an?|one of|also|not|never|too|both|either|very|only|一个|一种|一位|也|不)(?:\b|(?<=[一-鿿]))|"
    r"\b(?:and|or|but|because|if|when|while|which|that)\b|,(?!\d{3}\b)|[;，、；]|和(?![平谐气睦解尚田县])|[与或但]",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[?？;；\n]|[.。!！]\s*\S")
_DOTS = re.compile(r"(?<=\w)\.(?=\w)|\b(?:[A-Z]|Mr|Mrs|Ms|Dr|St|No|e\.g|i\.e)\.")
_PEOPLE = re.compile(r"^(?:[A-Z]\w*(?:ish|ese|ian|can|ean)|German|French|Dutch|Greek|Swiss|Thai|Turk|Dane|Swede|Finn)$")
"""What tells where somebody comes from, and is no name."""
_LONGEST = 300  # characters; what is longer says more than one thing
_MOST_WORDS = 8  # of a value


@dataclass(frozen=True, slots=True)
class Statement:
    """What a plain statement is about and how (`verb`, with the preposition behind it), and what it says of it. `kind`
    is that of the value: "number", "clock", "day", "date", a kind of place, "name", "people" (German) or "word".
    `several`: it may be of one of several such things, or at one of several times."""

    subject: tuple[str, ...]
    verb: str
    kind: str
    value: tuple[str, ...]
    several: bool = False

    @property
    def unit(self) -> tuple[str, ...]:
        """The value's words without a digit."""
        return tuple(word for word in self.value if not _counts(word))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The value's words with a digit, in order: of a version, a clock, a date."""
        return tuple(word.lstrip("0") or "0" for word in self.value if _counts(word))


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
    before = _BEFORE.match(value)
    if before is not None:
        value = value[before.end() :]
    about, said = subject_of(subject), tuple(words(value))
    if not about or not said or len(value.split()) > _MOST_WORDS or _SEVERAL.search(value):
        return None
    if is_indefinite(subject) and verb in ("be", "call", "place"):
        return None
    how = None if before is None else before[1].lower()
    if (spot := _spot(verb, how, subject, about, value)) is not None:
        several = bool(IN_PLACES & set(about)) or is_measured(plain)
        if spot[0] == "place":  # some of it may lie elsewhere
            several = several or is_much(subject, about) or _OF_MANY.search(plain[start:end]) is not None
        return Statement(about, *spot, said, several=several)
    if verb == "place":
        return None  # 小王在看书: what he does, and no place
    kind = time_of(value, at=how == "at" or plain[start:end].split()[-1:] == ["at"]) or _kind(value)
    if kind == "day" and is_first_person(about):
        return None  # who runs on Monday may run on Tuesday
    several = is_reached(subject) or is_measured(plain)
    if kind in TIMES:
        several = several or not has_one_time(frozenset(about), verb, value)
    return Statement(about, verb if how is None else f"{verb} {how}", kind, said, several=several)


def contradicts(one: Statement, other: Statement) -> bool:
    """Do they say different things of the same, of which only one can hold?"""
    alike = one.subject == other.subject and one.verb == other.verb and one.kind == other.kind
    if not alike or one.several or other.several or _within(one, other) or _within(other, one):
        return False
    about = set(one.subject)
    if MANY & about:
        return False
    if one.kind == "number":
        # not "the trip is 5 days" and "the trip is 300 euros"
        return one.unit == other.unit or bool(IDENTIFIERS & about)
    if one.kind in TIMES:
        return one.kind != "day" or not ADDING_UP.search(" ".join((*one.subject, one.verb, *one.value)))
    if one.verb.split()[0] in _ONE_OBJECT:
        return True
    # "The office is closed" and "the office is large" hold together, and so do "Anna is German" and "Anna is CTO".
    return bool(ONCE & about) or (one.kind == "word" and one.value[-1] == other.value[-1])


def _within(one: Statement, other: Statement) -> bool:
    """Does the other say all that this one says? The order of numbers tells: 2.1 is not 1.2, and 10:10 not 10:30."""
    places = range(len(other.numbers) - len(one.numbers) + 1)
    found = any(other.numbers[place : place + len(one.numbers)] == one.numbers for place in places)
    return found and set(one.unit) <= set(other.unit)


def _counts(word: str) -> bool:
    return any(sign.isdigit() or sign in _DIGITS for sign in word)


def _spot(verb: str, how: str | None, subject: str, about: tuple[str, ...], value: str) -> tuple[str, str] | None:
    """The verb and the kind of place, where it is said in what place something is or lives; None where it is not.
    What was moved is there now."""
    kind = place(value)
    if verb == "live":
        return "live", kind or "name"
    if verb == "move":
        if DAY.search(value):
            return "be on", "day"
        lying = about[-1] in SEATED or kind in _WITHIN
        return "place" if lying else "live", kind or "name"
    if ONCE & set(about):  # the address is, and the address is in
        return ("be", kind) if kind is not None and (verb == "place" or how is None) else None
    if verb == "place":
        return None if kind is None and not _NUMBERED.search(value) else ("place", kind or "number")
    if verb != "be" or how not in _LYING:
        return None
    if how == "in" and about[-1] in SEATED and (kind == "country" or _kind(value) == "name"):
        return "place", kind or "name"
    return ("place", kind) if kind in _WITHIN and is_definite(subject) else None


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
    """Where the sign of `key: value` or `key = value` stands. No clock's colon is meant, and no address's, nor the line
    of a log that has several."""
    found = _ASSIGNED.search(text)
    if (
        found is None
        or _LOGGED.search(text)
        or text[: found.start()][-1:].isdigit()
        or "://" in text[: found.end() + 2]
    ):
        return None
    if _HEADING.match(text) or "," in text[: found.start()]:
        return None
    return found.start(), found.end()


def _kind(value: str) -> str:
    if _NUMBER.search(value):
        return "number"
    if _CJK.search(value):
        return "word"
    return "people" if _PEOPLE.match(value) else "name" if _NAME.search(value) else "word"
