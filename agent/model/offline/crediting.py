"""Words that want the sources named beside what is summed up: 连同来源一起总结, 汇总并注明来源, "and cite the sources".

Whatever is summed up here names its sources unasked, so such words add nothing, and would hide the verb beside them.
"""

from __future__ import annotations

import re

from agent.model.offline.marks import mark

_SUMS = r"总结|汇总|概括|概述|归纳|综述|整理"
_SOURCES = r"(?:其|它们的?|各自的?|全部|所有|每条)?(?:信息|资料|网页|数据)?的?(?:来源|出处)"
_NAME = r"(?:注明|标明|标注|写明|附上|附带|附|带上)"
_CREDITS = re.compile(
    rf"(?:连同|{_NAME}){_SOURCES}(?:一起|一并|一同)?(?=(?:{_SUMS}))|"
    rf"(?<=总结|汇总|概括|概述|归纳|综述|整理|简报|摘要|报告)(?:一下)?\s*[,，、]?\s*(?:并且?|且|同时)?(?:要|需)?{_NAME}{_SOURCES}|"
    r"\s*,?\s*\band\s+(?:cite|name|state|note|credit)\s+(?:(?:the|your|all|their|its|of|used)\s+)*sources?\b(?!\s+(?:in|to|code))",
    re.IGNORECASE,
)


def without_credits(text: str) -> str:
    """A sentence without such words; quoted ones stay."""
    found = [(one.start(), one.end()) for one in _CREDITS.finditer(mark(text).masked)]
    for begin, end in reversed(found):
        text = f"{text[:begin]}{text[end:]}"
    return text
