"""Which words a sub-goal wants replaced by which: "change apples to pears", 把苹果改成香蕉."""

from __future__ import annotations

import re

from agent.model.offline.marks import BLANK, Marked

_ENGLISH = re.compile(
    r"\b(?:replace|substitute|change|correct|swap|turn)\s+"
    r"(?:(?:all|every|each|any|the)\s+)*(?:(?:words?|terms?|phrases?|texts?|strings?|occurrences?|instances?|mentions?)\s+)?"
    r"(?:of\s+)?(?:the\s+words?\s+)?(?P<old>[^\ue000]+?)\s+(?:with|by|to|into)\s+(?:the\s+words?\s+)?(?P<new>[^\ue000]+?)"
    r"(?:\s+(?:in|within|inside|throughout|across|everywhere|of|from)\b[^\ue000]*\ue000.*|\s+everywhere)?$",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?P<old>[^\ue000，,。]+?)\s*(?:全部|全都|都|统一|一律)?\s*(?:替换|更改|修改|改|换)(?:成|为|作)\s*(?P<new>[^\ue000，,。]+)"
)
_BEFORE_OLD = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^.*{BLANK}",
        r"^.*(?:把|将)",
        r"^\s*(?:这个)?(?:文件|文档)?(?:里面?|中|内)?的?",
        r"^\s*(?:所有|全部|每个|每处)的?",
    )
)
"""What stands before the words that go, to be taken off in this order."""
_SIGNS = " \t“”「」\"'‘’`.。!！"
_ONCE = re.compile(r"\b(?:first|once|only one|a single)\b|第一[个处次]|一次|只改一", re.IGNORECASE)


def replacement(marked: Marked) -> tuple[str, str] | None:
    """The words that go and the words that come; None where a sub-goal does not say both."""
    text = marked.text.strip()
    for place in marked.places:
        text = text[: place.start] + BLANK * (place.end - place.start) + text[place.end :]
    found = _ENGLISH.search(text.rstrip(_SIGNS[6:] + " "))
    if found is None:
        found = _CHINESE.search(text)
    if found is None:
        return None
    old, new = found["old"], found["new"]
    if found.re is _CHINESE:
        text = text[: found.end("old")]
        for before in _BEFORE_OLD:
            text = before.sub("", text, count=1)
        old = text
    old = re.sub(r"^.*\bfrom\s+", "", old, flags=re.IGNORECASE)
    old, new = old.strip(_SIGNS), new.strip(_SIGNS)
    return (old, new) if old and new and old != new else None


def is_for_once(marked: Marked) -> bool:
    """Is only one place to be replaced? Where nothing is said every place is meant."""
    return _ONCE.search(marked.masked) is not None
