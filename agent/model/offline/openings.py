"""Openings: words at the head of a sub-goal that only say where to look or what to go by ("In docs/a.md", 从 a.md 中).

What such words open stays with them. They end where a verb begins, and only a text that has no verb behind them is
nothing but an opening.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.model.offline.manners import without_polite_words
from agent.model.offline.marks import BLANK

_SMALL = (
    r"(?:(?:the|a|my|our|this|these|those|all|both|each|every|of|in|under|files?|folders?|director(?:y|ies)|documents?|"
    r"texts?|notes?|contents?)\s+)*"
)
_MARK = rf"{BLANK}+/?"
_ENGLISH = re.compile(
    r"(?:in|inside|within|under|from|out of|using|with|for|about|on|at|based on|on the basis of|according to|use|"
    r"take)\s+"
    rf"{_SMALL}(?:{_MARK}(?:\s*(?:,|and|or|&|,\s*and)\s*{_SMALL}{_MARK})*|[\w\-./]+)"
    r"(?:\s+(?:folder|directory|file|document|workspace)s?\b)?(?:\s+as (?:the|a|its) (?:source|basis|base))?"
    r"\s*[,，]?\s+(?:to\s+)?",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?:根据|基于|依据|按照|参考|参照|利用|通过|针对|关于|围绕|以|从|在|用|对于?|为)\s*(?=\S)",
)
_END_CHINESE = re.compile(
    rf"(?:{BLANK}(?!{BLANK})|里面?|中间?|内|下面?|上面?|之[中内下上]|文件夹?|目录|文档|内容|资料|材料|为(?:依据|基础|准|蓝本))\s*[,，]?\s*"
)
"""Where the words for a place may end."""
_NOTHING_BUT = re.compile(
    r"(?:in|inside|within|under|from|using|based on|on the basis of|according to|with|for|about|on)\b[^,，]*$|"
    r"(?:根据|基于|依据|按照|参考|参照|针对|关于|围绕|从|在|用|对于?|为)"
    rf"(?:(?:[^，,{BLANK}]*{BLANK}+(?:\s*(?:和|与|及|以及|、|跟|或|[里中内]?的)[^，,{BLANK}]{{0,8}}{BLANK}+)*[^，,{BLANK}]{{0,12}}"
    rf"|[^，,{BLANK}]*)(?<=[{BLANK}里中内下上容据目录夹料分])|[^，,]*{BLANK}\s*[里中内]?的[^，,{BLANK}]{{1,12}})\s*$",
    re.IGNORECASE,
)


def opening_end(masked: str, begins: Callable[[str], bool]) -> int:
    """Where the verb begins behind an opening, 0 where there is no opening with a verb behind it.

    Args:
        masked: A sub-goal with its marks blanked out, polite words already gone.
        begins: Does a verb begin a text?
    """
    english, chinese = _ENGLISH.match(masked), _CHINESE.match(masked)
    ends = [english.end()] if english is not None else []
    ends += [one.end() for one in _END_CHINESE.finditer(masked, chinese.end())] if chinese is not None else []
    for end in ends:
        head = without_polite_words(masked[end:])
        if begins(head):
            return masked.index(head, end)
    return 0


def only_opens(masked: str, begins: Callable[[str], bool]) -> bool:
    """Is a text nothing but an opening, so that what it opens comes behind it?"""
    return _NOTHING_BUT.match(masked) is not None and not opening_end(masked, begins)
