"""What names something in a text beside its words: days of the week, and codes such as `M8`, `X2-Pro` or `4.1.3`.

Both are compared as terms of their own. "Tuesday to Sunday" speaks of Thursday without its name; of the pieces of
`4.1.3` none says which version it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from agent.model.offline.words import terms
from memory.days import months_in

_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE = "一二三四五六日"
_ONE = (
    r"\b(?:(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)days?)|(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b\.?)|"
    r"(?:星期|礼拜|(?<!一)周)[一二三四五六日天](?!次)"
)
_DAY = re.compile(_ONE)
_TO = r"\s*(?:-|–|—|－|~|～|to|till|until|through|至|到)\s*"
_RANGE = re.compile(rf"(?P<first>{_ONE}){_TO}(?P<last>{_ONE}|(?<=[至到\-–—－~～])[一二三四五六日天])")
_SEVERAL = re.compile(
    r"\b(?P<every>daily|every day|seven days a week)\b|\b(?P<work>week ?days?|working days?)\b|\b(?P<rest>weekends?)\b|"
    r"(?P<all>每天|每日|天天|全周)|(?P<labour>工作日)|(?P<off>周末)",
    re.IGNORECASE,
)
_MANY_DAYS = 3
_ALL, _WORK, _REST = range(7), range(5), range(5, 7)
_GROUPS = {"every": _ALL, "all": _ALL, "work": _WORK, "labour": _WORK, "rest": _REST, "off": _REST}

_CODE = re.compile(r"(?<![\w.~/-])(?=[\w.-]*\d)[a-z\d](?:[\w-]|\.(?=\w))*(?![\w/])", re.IGNORECASE | re.ASCII)
_NO_CODE = re.compile(
    r"\d+|\d{4}-\d\d(?:-\d\d)?|\d+(?:st|nd|rd|th|s)|\d+\.\d+|\d+[a-z]{1,3}|\d[\d.-]{6,}|\d+-\d+", re.IGNORECASE
)
_POINTED = re.compile(r"\d+\.\d+")
_NAME = re.compile(r"\b[A-Z][a-z]{2,}(?<!s)s\b(?!['’])")
"""A name that a stem would make another word of: Windows is no window."""
_RANK = re.compile(
    r"(?<![.\d])第?(\d{1,3}|[一二三四五六七八九十]{1,3})\s*(年级|班|期|届|章|季度|号楼|号|层|楼|等|线|环)"
)
"""One of several that are told apart by their number: 四年级."""
_FIGURES = {sign: str(at) for at, sign in enumerate("一二三四五六七八九十", 1)}
_BRACKETED = re.compile(r"\(\s*(\d{1,3}|[一二三四五六七八九十]{1,3})\s*\)(?=\s*[班级栋号])")
_CLASS = re.compile(r"([高初大小][一二三四五六])([一二三四五六七八九十]{1,2})(?=班)")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_A_MONTH = (
    r"(?<![A-Za-z])(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])\.?|(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月"
)
_MONTH = re.compile(rf"{_A_MONTH}份?")
_MONTHS = re.compile(rf"({_A_MONTH})(?:\s*\d{{1,2}}\s*[日号]|\s\d{{1,2}})?{_TO}(?:\d{{1,2}}\s|次年|翌年)?({_A_MONTH})")
_MONTH_CELL = re.compile(rf"(?:^|: )({_A_MONTH})(?=\s*(?:;|$))", re.MULTILINE)
"""A month that is all that a cell has: "May" is a month there."""
_NUMBERED = re.compile(r"(?:\bversion|\bv\.?|版本号?)[\s:：]*(\d{1,6}(?:\.\d{1,6}){1,4})", re.IGNORECASE)
_AFTER_NAME = re.compile(r"(\w+)\s+v?(\d{1,6}(?:\.\d{1,6}){1,4})")
_BEGINS = re.compile(r"^\W*v?(\d{1,6}(?:\.\d{1,6}){1,4})")


def days_in(text: str) -> frozenset[int]:
    """The days of the week that a text names, Monday as 0; those between two that a range names as well."""
    found: set[int] = set()
    for span in _RANGE.finditer(text):
        first, last = _day(span["first"]), _day(span["last"])
        found.update((first + at) % 7 for at in range((last - first) % 7 + 1))
    for several in _SEVERAL.finditer(text):
        found.update(_GROUPS[several.lastgroup or "every"])
    found.update(_day(one[0]) for one in _DAY.finditer(text))
    return frozenset(found)


def speaks_of_all(text: str) -> bool:
    """Does a text say of several days together what holds on them, and so of the others that it does not?"""
    return _SEVERAL.search(text) is not None or _MONTHS.search(text) is not None or len(days_in(text)) >= _MANY_DAYS


def _day(name: str) -> int:
    last = "日" if name[-1] == "天" else name[-1]
    return _CHINESE.index(last) if last in _CHINESE else _ENGLISH.index(name[:3].casefold())


def words_in(text: str) -> list[str]:
    """The terms of a text, the days and codes in it among them as `day:3` and `code:m8`."""
    codes = (one[0].strip(".-") for one in _CODE.finditer(text))
    bare = _DAY.sub(" ", text)
    return [
        *terms(bare),
        *(f"code:{one.casefold()}" for one in _NAME.findall(bare)),
        *_ranks(text),
        *_days(text),
        *_months(text),
        *(f"code:{one.casefold()}" for one in codes),
    ]


def named_in(question: str) -> tuple[list[str], str]:
    """The days and codes that a question names, as `words_in` gives them, and the question without them. Two numbers
    with a point between them are a code: they may be a version."""
    codes: list[str] = []

    def without(found: re.Match[str]) -> str:
        code = found[0].strip(".-")
        if _NO_CODE.fullmatch(code) is not None and not _POINTED.fullmatch(code):
            return found[0]
        codes.append(f"code:{code.casefold()}")
        return " "

    bare = _SEVERAL.sub(" ", _DAY.sub(" ", _CODE.sub(without, question)))
    names = _NAME.findall(bare[1:])  # the first word has its capital anyway
    bare = bare[:1] + _NAME.sub(" ", bare[1:])
    bare = _MONTH.sub(" ", _RANK.sub(" ", bare)) if (months := list(_months(question))) else _RANK.sub(" ", bare)
    return [*_days(question), *months, *_ranks(question), *(f"code:{one.casefold()}" for one in names), *codes], bare


def _ranks(text: str) -> Iterator[str]:
    return (f"code:{_FIGURES.get(one[1], one[1])}{one[2]}" for one in _RANK.finditer(text))


def version_in(text: str, heading: str, of: Collection[str] = ()) -> tuple[int, ...]:
    """The highest version that a text speaks of, or that its heading begins with, or that stands behind the name of
    what it is a version of; () where there is none."""
    named = [*_NUMBERED.findall(text), *_BEGINS.findall(heading)]
    named += [number for name, number in _AFTER_NAME.findall(f"{text}\n{heading}") if set(terms(name)) & set(of)]
    return max((tuple(map(int, one.split("."))) for one in named), default=())


def canonical(text: str) -> str:
    """A text with one spelling of what is written in several: full width, and the number of a class (高一(3)班,
    高一三班)."""
    plain = _BRACKETED.sub(r"\1", unicodedata.normalize("NFKC", text))
    return _CLASS.sub(lambda found: f"{found[1]}{_FIGURES.get(found[2], found[2])}", plain)


def _months(text: str) -> Iterator[str]:
    """The months that a text names, and those between two of a range."""
    found = months_in(text) | {_month(one[1]) for one in _MONTH_CELL.finditer(text)}
    for span in _MONTHS.finditer(text):
        first, last = _month(span[1]), _month(span[2])
        found |= {(first - 1 + at) % 12 + 1 for at in range((last - first) % 12 + 1)}
    return (f"month:{one}" for one in sorted(found))


def _month(name: str) -> int:
    digits = name.rstrip("月份 ")
    if digits.isdecimal():
        return int(digits)
    if digits in _FIGURES or digits in ("十一", "十二"):
        return {"十一": 11, "十二": 12}.get(digits) or int(_FIGURES[digits])
    return _MONTH_NAMES.index(name[:3].casefold()) + 1


def _days(text: str) -> Iterator[str]:
    return (f"day:{one}" for one in sorted(days_in(text)))
