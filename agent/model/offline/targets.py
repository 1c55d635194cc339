"""The file, or the folder, that a sub-goal writes to."""

from __future__ import annotations

import re
from itertools import pairwise

from agent.model.offline.marks import Mark, Marked


def target_of(marked: Marked, *, behind: int = -1) -> Mark | None:
    """The file that a sub-goal writes to; with `behind`, the place where its verb ends, also one that it only names
    there or in which it says to write."""
    paths = [one for one in marked.of("path") if not one.text.endswith("/")]
    for part in ("target", "within") if behind >= 0 else ("target",):
        found = next((one for one in reversed(paths) if one.part == part), None)
        if found is not None:
            return found
    plain = [one for one in paths if one.part == "plain"]
    alone = behind >= 0 and len(plain) == 1 and not _TAKEN_FROM.search(marked.masked[behind : plain[0].start])
    return plain[0] if alone and plain[0].start >= behind else None


_TAKEN_FROM = re.compile(
    r"\b(?:of|from|about|for|in|on|with|using|based|that|which|to)\b|根据|来自|关于|参考|按照|的|[,，]", re.IGNORECASE
)


def stands_right_behind(marked: Marked, target: Mark, verb: int) -> bool:
    """Is a file named right behind the verb that ends there: "create the file a.md"?"""
    between = marked.masked[verb : target.start]
    words = r"\s*(?:(?:a|an|the|new|empty|blank|text|markdown|file|document|called|named|titled|down)\s+)*"
    chinese = r"(?:\s|一个|一份|新的?|空白?的?|文件|文档|名为|叫做?)*"
    return re.fullmatch(rf"{words}|{chinese}", between, re.IGNORECASE) is not None


_NAME = r"(?P<folder>[\w\-.]+(?:/[\w\-.]+)*)/?"
_TO, _IN = r"(?P<lead>to|into|in|under)", "(?P<lead>[到进入至在])"
_INTO_FOLDER = (
    re.compile(
        rf"\b{_TO}\s+(?:(?:the|my|a|new|our)\s+)*(?:folder|directory)\s+(?:called\s+|named\s+)?{_NAME}", re.IGNORECASE
    ),
    re.compile(rf"\b{_TO}\s+(?:(?:the|my|our)\s+)*{_NAME}\s+(?:folder|directory)\b", re.IGNORECASE),
    re.compile(rf"{_IN}\s*(?:文件夹|目录)\s*{_NAME}"),
    re.compile(
        rf"{_IN}\s*(?P<folder>[A-Za-z0-9_\-./]+|[^\s，。\ue000]{{1,20}}?)/?\s*(?:这个)?(?:文件夹|目录)"
        r"(?:里面?|中|下面?|内)?\s*$"
    ),
)


def folder_of(marked: Marked, *, loosely: bool = False) -> str:
    """The folder into which a sub-goal puts something, "" where it names none; with `loosely` also one *in* which it
    says to put it, which for other verbs is where something is."""
    parts = ("target", "within") if loosely else ("target",)
    slashed = [one.text.rstrip("/") for one in marked.of("path") if one.part in parts and one.text.endswith("/")]
    if slashed:
        return slashed[-1]
    found = [
        one["folder"]
        for pattern in _INTO_FOLDER
        for one in pattern.finditer(marked.text)
        if loosely or one["lead"].casefold() not in ("in", "under", "在")
    ]
    return next((one for one in found if "." not in one.rpartition("/")[2]), "")


_FOLDER_BEHIND = re.compile(
    rf"\s*(?:,\s*)?(?:in|inside|under|within)\s+(?:the\s+|my\s+)?(?:(?:folder|directory)\s+{_NAME}|"
    rf"{_NAME.replace('folder', 'named')}\s+(?:folder|directory)\b)",
    re.IGNORECASE,
)
_FOLDER_BEFORE = re.compile(
    r"\W*(?:请|帮我)?(?:在|往)\s*(?P<folder>[A-Za-z0-9_\-./]+?|[^\s，。\ue000]{1,20}?)/?\s*(?:文件夹|目录)(?:里面?|中|下面?|内)?[,，]?\s*"
    r"(?:新建|创建|生成|建立?|写|保存|存)|"
    r"\W*in(?:side)?\s+(?:the\s+|my\s+)?(?:(?:folder|directory)\s+(?P<named>[\w\-./]+?)|(?P<other>[\w\-./]+?)\s+(?:folder|directory)),?\s+"
    r"(?:create|make|write|save|put)\b",
    re.IGNORECASE,
)


def placed(marked: Marked, target: Mark) -> str:
    """The path of a file to be written: one of a bare name lies in the folder that is named right beside it."""
    if "/" in target.text:
        return target.text
    behind = next((one for one in marked.of("path") if one.start > target.end and one.text.endswith("/")), None)
    between = marked.text[target.end : behind.start] if behind is not None else ""
    slashed = behind.text if behind is not None and re.fullmatch(r"\s*(?:in|inside|under|within)\s+", between) else ""
    found = _FOLDER_BEHIND.match(marked.text[target.end :]) or _FOLDER_BEFORE.match(marked.text)
    named = next((one for one in found.groupdict().values() if one), "") if found is not None else ""
    folder = (slashed or named).rstrip("/")
    return f"{folder}/{target.text}" if folder else target.text


_AND = re.compile(
    r"\s*(?:,|、|，|and|or|&|和|与|及|以及|跟)?\s*(?:,|and)?\s*(?:(?:also|as well|to|into)\s+)?", re.IGNORECASE
)


def targets_of(marked: Marked) -> list[str] | None:
    """All the files to which the same is to be written ("into a.md and b.md"); None where different things are."""
    targets = [one for one in marked.of("path") if one.part == "target"]
    joined = all(_AND.fullmatch(marked.text[one.end : two.start]) for one, two in pairwise(targets))
    return list(dict.fromkeys(one.text for one in targets)) if joined else None
