"""Whether two notes are the same sentence but for a day of the week, a month, or a denial.

The rest is to be the same word for word, so that nothing else can be meant. What happened is left alone: that somebody
called on Monday does not say that nobody called on Tuesday.
"""

from __future__ import annotations

import re

from ._contradiction import stated
from ._times import ADDING_UP, DAY, TIMES

_DENIALS = frozenset(("not", "never", "no", "longer"))
_FILLING = frozenset(("do", "does", "a", "an", "the", "any"))
_TOKEN = re.compile(r"[^\W_]+|[#%€$£¥+<>=-](?=\S)|(?<=\w)[#%€$£¥+]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CHINESE_DENIAL = re.compile(r"不再|并不|并未|没有|不|没|未")
_CHINESE_OWN = re.compile(r"[有是]")  # 没有 denies 有, and 不是 denies 是
_HAPPENED = re.compile(
    r"\b(?:\w{2,}ed|was|were|had|did|came|went|met|saw|said|told|bought|sold|got|gave|took|left|made|found|sent|wrote|won|"
    r"lost|paid|broke|began|ran|fell|felt|held|spoke|chose|built)\b|[了过]",
    re.IGNORECASE,
)
_STATES = re.compile(
    r"\b(?:closed|locked|blocked|enabled|disabled|allowed|supported|required|needed|emptied|fed)\b", re.I
)
_SEVERAL = re.compile(r"[?？;；\n]|[.。!！]\s*\S|\b(?:and|or|but)\b|[和与或但]", re.IGNORECASE)
_ONES_OWN = re.compile(
    r"^(?:(?:i|we|you|he|she|they)\b|(?-i:[A-Z])\w+\s+(?!is\b)\w+s\b)|^(?:我|你|他|她|用户)", re.IGNORECASE
)
"""Who does something on Monday may do so on Tuesday too: a pronoun, or a name with its verb."""
_LONGEST = 300  # characters; what is longer says more than one thing


def differ_in_day_or_denial(one: str, other: str) -> bool:
    """Are they one sentence about what is so, with other days or months, or the one denied and the other not?"""
    first, second = _plain(one), _plain(other)
    if first is None or second is None:
        return False
    return _denied(first, second) or _another_day(first, second)


def happened(text: str) -> bool:
    """Does a sentence tell what was done once, as far as its words show?"""
    return _HAPPENED.search(_STATES.sub("", text)) is not None


def _plain(text: str) -> str | None:
    plain = text.strip().rstrip(".。!！ ").replace("’", "'")
    return None if not plain or len(plain) > _LONGEST or _SEVERAL.search(plain) else plain


def _another_day(one: str, other: str) -> bool:
    if happened(one) or happened(other) or _ONES_OWN.search(one):
        return False
    if ADDING_UP.search(one) or ((plain := stated(one)) is not None and plain.kind in TIMES and plain.several):
        return False
    days, others = DAY.findall(one.casefold()), DAY.findall(other.casefold())
    if not days or len(days) != len(others) or days == others:
        return False
    return _tokens(DAY.sub("0", one)) == _tokens(DAY.sub("0", other))


def _denied(one: str, other: str) -> bool:
    if _CHINESE.search(one):
        first, second = ("".join(_tokens(text)) for text in (one, other))
        found, others = (len(_CHINESE_DENIAL.findall(text)) for text in (first, second))
        bare = (_CHINESE_OWN.sub("", _CHINESE_DENIAL.sub("", text)) for text in (first, second))
        return abs(found - others) == 1 and len(set(bare)) == 1
    first_words, second_words = (_undenied(text) for text in (one, other))
    if first_words[0] != second_words[0] or len(first_words[0]) < 2:
        return False
    return first_words[1] != second_words[1]


def _undenied(text: str) -> tuple[list[str], bool]:
    """The words without denials, articles and the "do" of a denied verb; and whether there was a denial."""
    plain = re.sub(r"\bcan(?:not|'t)\b", "can not", text, flags=re.IGNORECASE)
    plain = re.sub(r"\bwon't\b", "will not", plain, flags=re.IGNORECASE)
    tokens = _tokens(re.sub(r"n't\b", " not", plain, flags=re.IGNORECASE))
    kept = [one[:-1] if len(one) > 3 and one.endswith("s") else one for one in tokens if one not in _DENIALS | _FILLING]
    return kept, any(one in _DENIALS - {"longer"} for one in tokens)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())
