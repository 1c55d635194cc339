"""How long a text is wished for: "in three sentences", "at most 50 words", 不超过100字; and what no rule can honour."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.model.offline.words import in_order

_SPELT = {
    word: number
    for number, word in enumerate(
        in_order(
            """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
            seventeen eighteen nineteen twenty"""
        ),
        1,
    )
} | {"a": 1, "single": 1}
_DIGITS = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_ENGLISH = rf"(?P<number>\d{{1,6}}|{'|'.join(_SPELT)})"
_CHINESE = r"(?P<number>\d{1,6}|[一二两三四五六七八九十百千]{1,7})"
_LEAST = (
    r"(?P<least>(?:at least|no less than|not less than|no fewer than|minimum(?: of)?|(?<!no )(?<!not )more than|over)"
    r"\s+)?"
)
_SENTENCES = (
    re.compile(
        rf"(?<!first )(?<!last )\b{_LEAST}{_ENGLISH}[\s-]+"
        r"(?:(?:short|single|simple|key|main|important|clear|brief|bullet)\s+)*"
        r"(?:sentences?|points?|bullets?|lines?|items?|findings?|facts?|takeaways?|one-liners?)\b",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<![前后第]){_CHINESE}\s*(?:个|条)?\s*(?:句话?|行|要点|关键点|结论|(?<!一)(?:点(?!\d|钟)|条|项))"),
)
_WORDS = (
    re.compile(
        rf"\b{_LEAST}(?P<number>\d{{1,6}}|twenty|ten|fifteen)[\s-]+(?:words?|characters?|letters?)\b"
        r"(?P<more>\s+(?:or more|minimum|at least|plus))?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<least>不少于|至少|不低于|超过(?<!不超过))?\s*{_CHINESE}\s*(?:个)?(?:字符?|汉字|词)(?P<more>以上|或更多)?"
    ),
)
_EACH = re.compile(r"\beach\b(?! of)|\bapiece\b|\bper (?:file|document|page)\b|每[个份篇]|各用?", re.IGNORECASE)
_MOST = (
    r"(?:\b(?:in|with|at most|no more than|not more than|maximum(?: of)?|under|below|up to|within|"
    r"about)|不超过|至多|最多|少于|在)?\s*"
)
_LESS = r"(?:\s*(?:or less|or fewer|at most|long)\b|以内|之内|左右|以下|的)?"
_MEASURE = re.compile(
    rf"\b(?:\d{{1,6}}|{'|'.join(_SPELT)})-(?:sentence|word|line|point|bullet)s?\s+|"
    r"\b(?:very\s+)?(?:short|brief|quick|concise|simple)\s+(?=(?:summary|overview|outline|recap|description)\b)",
    re.IGNORECASE,
)
_UNITS = re.compile(r"characters?|letters?", re.IGNORECASE)
_BEYOND = re.compile(
    r"\bin the (?:style|manner|voice|tone) of [^,.]+|"
    r"\b(?:like|as) an? (?:pirate|poet|poem|rap|song|table|story|letter|tweet|"
    r"haiku|limerick|dialogue|joke)\b|\bin rhymes?\b|\bin (?:an? )?(?:\w+ )?(?:tone|style|manner|voice)\b|"
    r"\bin (?:simple|plain|easy|your own|my own|other|layman'?s) (?:words|english|language|terms)\b|"
    r"\bfor (?:an? )?(?:[\w-]+ )?(?:child|children|kids?|beginners?|toddlers?|five-year-olds?|year-olds?)\b|"
    r"\b(?:\d+|one|two|three|four|five|six|a single) (?:short )?paragraphs?\b|\bas (?:a |an )?(?:markdown )?table\b|"
    r"\bin (?:all )?(?:upper ?case|lower ?case|capitals|capital letters|block letters|reverse(?: order)?|"
    r"alphabetical order)\b|"
    r"\b(?:alphabetically|backwards)\b|"
    r"\b(?:that|which)\s+(?:compares?|contrasts?|ranks?|rates?|translates?|explains why|evaluates?|analyses|analyzes|"
    r"argues|"
    r"criticises|criticizes|judges|predicts)\b|"
    r"\b(?:comparing|contrasting|ranking|translating|rating|evaluating|analysing|analyzing|criticising|criticizing)\b|"
    r"\b(?:without|leaving out|omitting|excluding|except(?: for)?)\s+(?:the|any|all|its)\s+"
    r"(?!(?:files?|documents?|folders?|changes?|original)\b)[^,.\ue000]+|"
    r"(?:用|以|成|全部|都)?(?:大写|小写)|倒序|逆序|倒过来|反过来|按[^，。]{1,8}排序|去重|"
    r"用(?:通俗|简单|自己|幽默)[^，。]{0,6}(?:语言|话|语气)|以[^，。]{1,10}(?:风格|口吻|语气)|[^，。\s]{1,8}的(?:风格|口吻|语气)|"
    r"做成表格|(?:以|用)表格|分?成?[一两二三四五\d]段话?",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:keep|make|it|them|the|use|only|write|limit|to|in|with|at|most|no|not|more|than|under|below|up|within|less|fewer|"
    r"maximum|minimum|max|min|of|exactly|about|around|roughly|or|least|be|should|must|summary|answer|text|brief|report|long|"
    r"please|short|answers?|length)\b|请|用|写|控制|限制|保持|在|以内|之内|不要?|超过|至多|最多|不少于|至少|左右|以上|字数|长度|为|内|总结|摘要|回答",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How long a text is wished for. `sentences`: so many; `least` and `most`: words, or characters of Chinese;
    `letters`: those are characters in any language; `each`: so many sentences of every document."""

    sentences: int | None = None
    least: int = 0
    most: int | None = None
    letters: bool = False
    each: bool = False


def extent_of(text: str) -> Extent:
    """What a text says of a length. A bare number of words is the most: "in 50 words", 用100字."""
    sentences: int | None = None
    least, most, letters = 0, None, False
    for found in (one for pattern in _SENTENCES for one in pattern.finditer(text)):
        sentences = max(1, _value(found["number"]))
    for found in (one for pattern in _WORDS for one in pattern.finditer(text)):
        number = _value(found["number"])
        if found["least"] or found["more"]:
            least = number
        else:
            most = number
        letters = letters or _UNITS.search(found.group()) is not None
    each = sentences is not None and _EACH.search(text) is not None
    return Extent(sentences=sentences, least=least, most=most, letters=letters, each=each)


def _value(word: str) -> int:
    if word.isdecimal():
        return int(word)
    if word.casefold() in _SPELT:
        return _SPELT[word.casefold()]
    total, digit = 0, 0
    for sign in word:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = 0
    return total + digit


def number_of(word: str) -> int:
    """The number that a word or figures say, 0 where they say none."""
    known = word.isdecimal() or word.casefold() in _SPELT or set(word) <= {*_DIGITS, *"十百千"}
    return _value(word) if word and known else 0


def without_measure(text: str) -> str:
    """A text without such a measure before its noun ("a two-sentence summary"): the rest is what is asked for."""
    return _MEASURE.sub("", text)


def without_lengths(text: str) -> str:
    """A text without what it says of a length."""
    for pattern in (*_SENTENCES, *_WORDS):
        text = re.sub(_MOST + pattern.pattern + _LESS, " ", text, flags=re.IGNORECASE)
    return text


def says_only_a_length(text: str) -> bool:
    """Is a sub-goal nothing but a length for the text before it: "Keep it under 50 words"?"""
    rest = text
    for pattern in (*_SENTENCES, *_WORDS):
        rest = pattern.sub(" ", rest)
    return rest != text and not re.search(r"\w", _ONLY.sub(" ", rest))


def beyond(text: str) -> str:
    """What a text says of a form or a tone that no rule can give it; "" where nothing."""
    found = _BEYOND.search(text)
    return found.group().strip() if found else ""
