"""Sub-goals that only send one somewhere: "Look in bees.txt", 查看 bees.txt; a question goes with such a place."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.model.offline.clauses import Clause, is_question
from agent.model.offline.marks import BLANK, Marked, mark

_LOOK = re.compile(
    r"(?:(?:please\s+)?(?:look(?:\s+it)?(?:\s+up)?|check|see|consult|search|use|read|open|refer\s+to|go\s+to|turn\s+to|take\s+it\s+from)\b|"
    r"查看|查阅|参考|参阅|参见|阅读|读取|打开|查|看|读|见|在)",
    re.IGNORECASE,
)
_ONLY_A_PLACE = re.compile(
    rf"(?:\b(?:in|into|at|through|inside|the|my|our|file|files|folder|document|documents|and|or|"
    rf"for (?:the answer|it|this|that)|"
    rf"to find out|up|it|also)\b|文件夹?|文档|里面?|中|和|与|找|查找|一下|[{BLANK}\s,，、.。])*",
    re.IGNORECASE,
)


_LOOK_IN_FOLDER = re.compile(
    r"(?:look|search|check|go)\s+(?:in|into|inside|through)\s+(?:the\s+|my\s+)?[\w\-]+(?:\s+(?:folder|directory))?",
    re.IGNORECASE,
)


_LOOK_FOR = re.compile(
    rf"(?:look|check|scan|examine|inspect|go)\b(?:\s+(?:in|into|inside|through|at|over))?[^,，]*?\bfor\s+"
    rf"(?:(?:all|every|any|the|lines?|places?|with|mentions?|occurrences?|of|words?|terms?|phrases?)\s+)*{BLANK}",
    re.IGNORECASE,
)


_WHICH_FILES = re.compile(
    r"(?:(?:find|list|show|get|tell|give)\s+(?:me\s+|us\s+)?)?(?:the\s+names?\s+of\s+)?(?:all|any|every|each|the|which|what)?\s*"
    r"(?:of\s+)?(?:the\s+|all\s+|my\s+)?(?:\w+\s+)?(?:files?|documents?|notes?|texts?)\b[^?,，]*?\b"
    r"(?:mention|contain|includ|hav|ha[sd]\b|with\b|about\b|say|speak of|talk about)\w*\s+(?:the\s+)?(?:words?\s+|"
    rf"terms?\s+)?{BLANK}|"
    r"(?:找出|列出|查找|看看|查看|搜索)?(?:所有|全部)?(?:哪些|哪个|有哪些)?(?:文件|文档|笔记)(?:里面?|中)?(?:提到|提及|包含|含有?|有|出现)了?"
    rf"\s*{BLANK}|(?:找出|列出|查找|搜索)(?:所有|全部)?(?:提到|提及|包含|含有?|有|出现)了?\s*{BLANK}+\s*的(?:所有)?(?:文件|文档|笔记|地方|行)",
    re.IGNORECASE,
)


def looks_for_words(marked: Marked) -> int:
    """Where the verb ends in "look in docs for 'gravel'" and "which files mention 'gravel'": quoted words are to be
    searched; 0 where nothing is said so."""
    begins = {one.start for one in marked.of("quote")}
    for pattern in (_LOOK_FOR, _WHICH_FILES):
        found = pattern.match(marked.masked)
        place = next((one for one in sorted(begins) if found is not None and found.start() < one < found.end()), 0)
        if place:
            return place
    return 0


def only_looks(text: str) -> bool:
    """Does a sub-goal do nothing but send one to documents: "Look in bees.txt"?"""
    marked = mark(text)
    verb = _LOOK.match(marked.masked)
    if not marked.places:
        return _LOOK_IN_FOLDER.fullmatch(text.strip(" .")) is not None
    return bool(verb and _ONLY_A_PLACE.fullmatch(marked.masked[verb.end() :]))


def looked_up_first(found: Sequence[Clause]) -> list[Clause]:
    """The sub-goals with each place to look in before the question that it belongs to."""
    ordered = list(found)
    for at in range(1, len(ordered)):
        before, one = ordered[at - 1], ordered[at]
        plain = not (before.negated or before.conditional or one.negated or one.conditional)
        if plain and is_question(before.text) and not mark(before.text).places and only_looks(one.text):
            ordered[at - 1], ordered[at] = one, before
    return ordered
