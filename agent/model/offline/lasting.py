"""Lasting wishes: sentences of a goal that ask for nothing now and say how things are to be done from now on.

Such a sentence is noted as a preference. "Always" and "never" alone may as well be meant for the work at hand, so they
count only in a goal that asks for no work; "from now on" counts anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.model.offline.dictation import asks, is_dictation
from agent.model.offline.marks import mark

_POLITE = (
    r"^\s*(?:(?:please|and|so|but|also|then|well|now)\b[,;:]?\s*)*(?:you\s+(?:should|must|have\s+to|need\s+to)\s+)?"
)
_LASTING = re.compile(
    r"\b(?:from\s+now\s+on|going\s+forward|from\s+here\s+on)\b|^\W*in\s+(?:the\s+)?future\b|\bin\s+future\W*$|"
    r"(?:以后|今后|往后|从现在(?:开始|起)|从今(?:以后|往后|天起)|下次|每次)[，,]?(?:都(?!会|是|出|失|报)|请|要|不要|别|一律|一定|统一|"
    r"务必|就用|用|只|先)|(?:以后|今后|从现在(?:开始|起))[^，。,]{1,10}都(?:要|用|请|得|不要|别)",
    re.IGNORECASE,
)
_LIKING = re.compile(
    r"\bI\s+(?:\w+ly\s+|always\s+)?prefer\b|\bI\s+(?:really\s+)?(?:hate|dislike|like|love)\s+(?:it\s+)?when\b|"
    r"我(?:一直|一般|通常|平时)?(?:更|比较|最)?(?:偏好|倾向于|习惯用)|我更喜欢",
    re.IGNORECASE,
)
_ALWAYS = re.compile(
    rf"{_POLITE}(?:always|never(?!\s+mind\b))\s+[a-z]+|{_POLITE}(?:do\s+not|don['’]t)\s+ever\s+[a-z]+|"
    r"^\s*请?(?:永远|总是|始终|一律|绝对|千万)(?:都)?(?:不要|别|要|用|以|把|先|按|写)",
    re.IGNORECASE,
)
_ASKED = re.compile(r"怎么|什么|为何|如何|多少|哪[里儿个些天]|谁|几[点时个]|是否|能否")
_NOW = re.compile(
    r"\b(?:this\s+time|for\s+now|just\s+once|today|in\s+this\s+(?:run|case|step|text|file|answer))\b|"
    r"这次|这一次|本次|这回|暂时|今天",
    re.IGNORECASE,
)


def wishes(sentences: Sequence[str]) -> frozenset[str]:
    """Those of a goal's sentences that are lasting wishes."""
    lasting = {one for one in sentences if _is_wish(one, _LASTING)}
    lasting |= {one for one in sentences if _is_wish(one, _LIKING) and not mark(one).places}
    always = {one for one in sentences if one not in lasting and _is_wish(one, _ALWAYS)}
    rest = [one for one in sentences if one not in lasting | always and not is_dictation(one)]
    return frozenset(lasting if rest else lasting | {one for one in always if not mark(one).places})


def _is_wish(sentence: str, words: re.Pattern[str]) -> bool:
    masked = mark(sentence).masked
    asked = asks(sentence) or _ASKED.search(masked) is not None
    return bool(words.search(masked)) and not (asked or is_dictation(sentence) or _NOW.search(masked))
