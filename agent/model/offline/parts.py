"""What part a path plays in a sub-goal, by the words around it: written to, looked into, taken from, or left out."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from agent.model.offline.lexicon import PUT_SOMEWHERE
from agent.model.offline.words import any_of

Part: TypeAlias = Literal["target", "within", "source", "left out", "plain"]
"""What the words around a path make of it: written to, looked into, taken from, left out, or nothing said."""

_KIND = (
    r"(?:an?\s+(?:[\w-]+\s+){0,2}(?:brief|summary|report|digest|memo|overview|list|table|letter|page)\s*[,:]?\s+|"
    r"一[份个篇张封](?:[\u4e00-\u9fff]{0,4})(?:简报|摘要|总结|报告|清单|概述|综述|表格?|信)\s*[,，:：]?\s*)?"
)
"""What is made, before the name that it gets: "into a short brief, out.md"."""
_SMALL = _KIND + (
    r"(?:(?:a|an|the|new|my|our|file|files|folder|named|called|document|path)\s+|(?:一个|新的?|文件|名为|叫|文档)\s*)*$"
)
_PUT_IN = any_of(one for one in PUT_SOMEWHERE if one[-1] in "在于回")
_TARGET_BEFORE = re.compile(
    r"(?:\b(?:to|into|as|onto|titled as|output)\s+|(?:→|->|=>)\s*|"
    rf"(?:{_PUT_IN}|[到至入进为成]|命名为|输出)\s*){_SMALL}",
    re.IGNORECASE,
)
_NAMED_BEFORE = re.compile(rf"(?:\b(?:named|called)\s+|(?:叫做?|名为|名叫)\s*){_SMALL}", re.IGNORECASE)
_MAKES = re.compile(
    r"\b(?:write|create|compose|produce|generate|draft|prepare|make)\b|写|生成|创建|新建|制作", re.IGNORECASE
)
"""Verbs behind which a file with a name is one that is to be made: "create a file named a.md"."""
_TO_NO_TARGET = re.compile(
    r"\b(?:according|compar\w+|similar|refer\w*|going|go|listen\w*|switch\w*|respect|relat\w+|links?|thanks|due|next|"
    r"close|attention|belong\w*|point\w*|stick\w*)\s+to\s+"
    r"(?:(?:the|a|an|my|our|file|document|folder|contents? of|text of|both|of)\s+)*$|"
    r"^\W*(?:what|which|who)\b[^,]*\b(?:was|were|is|are|has been|have been)\s+\w+\s+(?:to|into|as)\s+$",
    re.IGNORECASE,
)
"""Words that end in "to" and lead to no file that is written."""
_THINGS_TO = re.compile(
    r"\b(?:save|store|export|put|write|copy|append|add|output|print|send|extract|collect|gather|list|note|record)\b[^,;]*"
    r"(?<!\bthat )(?<!\bwhich )(?<!\bwho )\b(?:points?|links?|comparisons?|references?|relations?)\s+to\s+"
    r"(?:(?:the|a|an|my|our|file|document)\s+)*$",
    re.IGNORECASE,
)
"""And the things called so that are put somewhere: "save the key points to a.md"."""
_WITHIN_BEFORE = re.compile(
    r"(?:\b(?:in|inside|within|at|under|on)\s+|[在往向]\s*)"
    r"(?:(?:a|an|the|new|my|our|file|folder|named|called)\s+|(?:文件|文档)\s*)*$",
    re.IGNORECASE,
)
_SOURCE_BEFORE = re.compile(
    r"(?:\b(?:of|from|about|\w{3,}ing|based on|on the basis of|for|with|out of|according to|refer to|use|"
    r"contents? of)\s+|"
    r"(?:根据|基于|从|对|给|关于|按照|依据|参考|参照|来自|取自|出自|源自|摘自|把|将|用)\s*)"
    r"(?:(?:a|an|the|my|our|file|files|document|documents|both|all|folder)\s+|(?:文件|文档)\s*)*$",
    re.IGNORECASE,
)
_LEFT_OUT_BEFORE = re.compile(
    r"(?:\b(?:except(?:ing)?(?: for)?|excluding|apart from|other than|leaving out|not(?: includ\w+)?|don't include|"
    r"without)\s+|"
    r"(?:除[了去开]|(?<![删去移清排解消])除|(?:不要?|别|请勿|勿)(?:含|包括|包含|算)|不(?:要|是)|"
    r"(?<![分区个特类级])别|排除)\s*)(?:(?:the|file|files)\s+|(?:文件|文档)\s*)*$",
    re.IGNORECASE,
)
_WITHIN_AFTER = re.compile(r"^\s*(?:这个)?(?:文件|文件夹|目录|文档)?(?:里面?|中|内)")
_SOURCE_AFTER = re.compile(
    r"^\s*(?:里面?|中|内)?的\s*(?:全部|所有|主要|重要|最)*"
    r"(?:总结|摘要|要点|内容|概述|综述|结论|全文|重点|关键点|大意|译文|副本|简报)"
)
""" "写入 a.md 的总结": the summary of the file is written, and not the file."""


def part_of(before: str, after: str) -> Part:
    """The part of a path, by the text before and behind it."""
    if _LEFT_OUT_BEFORE.search(before):
        return "left out"
    no_target = _TO_NO_TARGET.search(before) is not None and not _THINGS_TO.search(before)
    if _TARGET_BEFORE.search(before) and not no_target and not _SOURCE_AFTER.match(after):
        return "target"
    named = _NAMED_BEFORE.search(before)
    if named is not None and _MAKES.search(before):
        return "target"
    before = before[: named.start()] if named is not None else before
    if no_target or _SOURCE_BEFORE.search(before):
        return "source"
    return "within" if _WITHIN_BEFORE.search(before) or _WITHIN_AFTER.match(after) else "plain"


_JOINED = re.compile(r"^[\s,，、]*(?:and|or|&|和|与|及|以及|跟)?[\s,，、]*$", re.IGNORECASE)
_LEADS_ON = re.compile(
    rf"\s*(?:\b(?:to|into|as)\b|→|->|=>|(?:的\S{{1,6}})?\s*(?:{any_of(PUT_SOMEWHERE)}|保存|复制到|移动?到|改名为|重命名为))"
)
"""Words behind a path that lead to another one: "… to a.md and b.md to c.md" does not write to b.md."""


def is_joined(between: str, after: str) -> bool:
    """Does a path play the part of the one before it, by the words between them and behind it?"""
    return _JOINED.match(between) is not None and _LEADS_ON.match(after) is None


def lead_of(before: str) -> int:
    """Where the words begin that lead to a file to be written, by the text before it: those of "to the file"."""
    found = _TARGET_BEFORE.search(before) or _NAMED_BEFORE.search(before) or _WITHIN_BEFORE.search(before)
    return found.start() if found is not None else len(before)
