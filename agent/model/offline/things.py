"""What a sub-goal wants written: a document as it is, lines of it, what it says of something, or what no rule gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agent.model.offline.composable import COMPOSABLE_ENGLISH
from agent.model.offline.extents import number_of, without_lengths
from agent.model.offline.marks import Mark, Marked, mark
from agent.model.offline.matching import Match
from agent.model.offline.parts import lead_of
from agent.model.offline.wishes import topic_of
from agent.model.offline.words import IDEOGRAPH, stem, words_of

_PATH, _QUOTE = "\ue001", "\ue002"
"""Stand for a path and for quoted words in the shape of an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is to be written. `kind`: "copy", the documents as they are; "lines", some of their lines, from `first` on
    (negative: from the end) `count` of them; "hits", the lines that have `words`; "answer", that to the question in
    `words`; "listing", which files there are; "brief", what can be put together, about `topic` (`document`: the name of
    the one that it is in, where no path is named); "unknown", what no rule gives, in `words`."""

    kind: Literal["copy", "lines", "hits", "answer", "listing", "brief", "unknown"]
    words: str = ""
    topic: str = ""
    document: str = ""
    first: int = 1
    count: int = 1


_DOCUMENTS = rf"{_PATH}(?:\s*(?:,|、|，|and|or|&|和|与|及|以及|跟)\s*(?:the\s+)?{_PATH})*"
_COPY = re.compile(
    r"(?:(?:a copy of|all of|everything in|(?:the )?(?:(?:whole|entire|full|complete) )?(?:files?|documents?|texts?|"
    r"contents?)"
    rf"(?: of| named| called)?|the)\s+)*{_DOCUMENTS}(?:\s+(?:as (?:it is|they are)|unchanged|whole))?|"
    rf"{_DOCUMENTS}\s*(?:(?:里面?|中)?的?(?:全部|所有|完整)*(?:内容|全文|原文|文本))?",
    re.IGNORECASE,
)
_COUNT = r"\d{1,6}|[a-z]+|[一二两三四五六七八九十百]{1,4}"
_EACH = (
    r"(?:(?:each|every|all)\s+(?:of\s+)?(?:the\s+)?(?:\w+\s+)?(?:(?:files?|documents?)\s+(?:in|of|under|from)\s+)?"
    r"(?:the\s+)?)?"
)
_LINES = (
    re.compile(
        rf"(?:only |just )?(?:the )?(?P<end>first|last|top)\s+(?:(?P<count>{_COUNT})\s+)?lines?\s+"
        rf"(?:of|in|from)\s+{_EACH}{_DOCUMENTS}",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:only |just )?(?:the )?lines?\s+(?P<first>\d{1,9})(?:\s*(?:to|-|–|—|through|and)\s*(?P<last>\d{1,9}))?\s+"
        rf"(?:of|in|from)\s+{_EACH}{_DOCUMENTS}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_DOCUMENTS}\s*(?:里面?|中)?的?\s*(?P<end>前|最?后|末|首)(?P<count>{_COUNT})?\s*行(?:内容)?"),
    re.compile(
        rf"{_DOCUMENTS}\s*(?:里面?|中)?的?\s*第\s*(?P<first>{_COUNT})\s*"
        rf"(?:行?\s*[到至\-—]\s*第?\s*(?P<last>{_COUNT})\s*)?行(?:内容)?"
    ),
)
_LINE_NOUNS = r"(?:lines?|rows?|entries|sentences?|places?|passages?|hits?|occurrences?|mentions?|matches)"
_WHERE = (
    rf"(?:\s+(?:in|from|of|under|out of)\s+(?:{_DOCUMENTS}|"
    r"(?:the\s+|my\s+)?[\w\-./]+(?:\s+(?:folder|directory|files?))?))?"
)
_HITS = (
    re.compile(
        rf"(?:(?:all|every|each|any|the)\s+)*{_LINE_NOUNS}\s+(?:(?:that|which)\s+)?"
        r"(?:with|containing|contains?|mentioning|mentions?|having|ha(?:ve|s)|includ(?:e|es|ing)|of|about|for)\s+"
        rf"(?:the\s+)?(?:words?\s+|terms?\s+|phrases?\s+)?(?:{_QUOTE}|(?P<words>[\w\-]+)){_WHERE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_DOCUMENTS}\s*(?:里面?|中|内)?(?:的|所有|全部)*(?:提到|提及|包含|含有?|带有?|出现|写有|写着|有关|关于|有)(?:了|过)?"
        rf"\s*(?:{_QUOTE}|(?P<words>[\w\-]{{1,12}}?))\s*的(?:所有|全部|那一?|各)*(?:行|句子?|内容|地方|部分|段落|条目|记录)"
    ),
    re.compile(rf"{_QUOTE}\s+(?:in|from|out of)\s+{_DOCUMENTS}", re.IGNORECASE),
    re.compile(rf"{_DOCUMENTS}\s*(?:里面?|中|内)?的\s*{_QUOTE}\s*(?:的?(?:行|句子?|内容|部分|一行|那一?行))?"),
)
_ANSWER = re.compile(
    rf"(?:the |an )?(?:answers?|reply|response) (?:to|for) (?:the question )?{_QUOTE}.*|"
    rf"(?:问题)?{_QUOTE}(?:这个问题)?的(?:答案|回答)",
    re.IGNORECASE,
)
_LISTING = re.compile(
    r"(?:(?:a|the) )?(?:list|listing|names?|index) (?:of|for) (?:(?:all|every|each|the|\.?\w+) )*(?:files?|"
    r"documents?)(?: (?:in|under|inside|from|of) "
    rf"(?:the (?:folder|directory) )?(?:{_PATH}|[\w\-./]+)(?: folder| directory)?)?|"
    rf"{_PATH}\s*(?:文件夹|目录)?(?:里面?|中|下面?|内)?的?(?:所有|全部)?(?:文件|文档)(?:的?(?:列表|清单|目录|名单|名字|名称|名))|"
    rf"(?:文件|文档)(?:列表|清单|目录|名单|名)",
    re.IGNORECASE,
)
_A_PART = re.compile(
    r"(?:the\s+)?(?:titles?|headings?|headlines?|size|length|language|author|name|word count|number of \w+)\s+(?:of|"
    rf"in|from)\s+{_PATH}|"
    r"(?:the\s+)?(?:first|last|second|third|fourth|fifth|\d+(?:st|nd|rd|th))\s+(?:[\w\-]+\s+)?(?:lines?|sentences?|words?|paragraphs?|"
    r"sections?|chapters?|pages?|characters?|rows?|columns?|items?|points?|half|tables?)\b|"
    r"(?:第[\d一二两三四五六七八九十]+|最后一?|前[\d一二两三四五六七八九十]+)[个]?(?:句|段|章|节|页|字|列|条|个字|部分|张表)",
    re.IGNORECASE,
)
"""Parts of a document that are counted, of which no rule knows where they begin."""
_ABOUT_QUOTE = re.compile(
    rf"\b(?:about|regarding|concerning|on|mention(?:s|ing)?)\s+(?:the\s+)?(?:(?:words?|terms?|topic|subject)\s+)?{_QUOTE}|"
    rf"(?:关于|有关|围绕|提到|提及)\s*{_QUOTE}",
    re.IGNORECASE,
)
_ADVERBS = re.compile(
    r"(?:都|全都|全部|一起|一并|原样|完整地?|直接|重新|分别|再|也|先|另外|单独|请)+\s*$|^\s*(?:down|back|out|only|just)\s+"
)
_NOUN_BEHIND = re.compile(
    rf"^(?P<documents>{_DOCUMENTS})\s*(?:(?:里面?|中|内|上|下面?)?(?:(?:所有|全部|每个|各个)?(?:文件|文档))?的|(?:里面?|中|内)?(?:关于|有关))\s*(?P<topic>[^{_PATH}{_QUOTE}]+)$"
)
_IN_A_QUOTE = re.compile(rf"{_QUOTE}\s*(?:里面?|中|内)的?(?P<topic>[^{_PATH}{_QUOTE}]+)")
_BESIDE = re.compile(rf"^(?:the\s+)?{_DOCUMENTS}\s*(?P<beside>[^{_PATH}]+)$", re.IGNORECASE)


def thing_of(marked: Marked, match: Match, target: Mark | None) -> Thing:
    """What the sub-goal's verb writes: what stands behind it up to the file, or between 把 and it."""
    shape = _ADVERBS.sub("", _object(marked, match, target)).strip(" ,，.。:：")
    if _COPY.fullmatch(shape):
        return Thing(kind="copy")
    lines = next((found for pattern in _LINES if (found := pattern.fullmatch(shape))), None)
    if lines is not None and (span := _span(lines.groupdict())) is not None:
        return Thing(kind="lines", first=span[0], count=span[1])
    hits = next((found for pattern in _HITS if (found := pattern.fullmatch(shape))), None)
    if hits is not None:
        return Thing(kind="hits", words=hits.groupdict().get("words") or _quoted(marked))
    if _ANSWER.fullmatch(shape):
        return Thing(kind="answer", words=_quoted(marked))
    if _LISTING.fullmatch(shape):
        return Thing(kind="listing")
    if part := _A_PART.search(shape):
        return Thing(kind="unknown", words=re.sub(rf"\s+(?:of|in|from)\s+{_PATH}|{_PATH}", "", part.group()))
    if _ABOUT_QUOTE.search(shape):
        return Thing(kind="brief", topic=_quoted(marked))
    inside = _IN_A_QUOTE.fullmatch(shape)
    if inside is not None:
        return Thing(kind="brief", topic=topic_of(mark(inside["topic"]), 0), document=_quoted(marked))
    noun = _NOUN_BEHIND.match(shape)
    if noun is not None:
        return Thing(kind="brief", topic=topic_of(mark(noun["topic"]), 0))
    beside = _BESIDE.match(shape)
    if beside is not None and not _says_how(beside["beside"]):
        return Thing(kind="unknown", words=beside["beside"].strip())
    return Thing(kind="brief")


def _object(marked: Marked, match: Match, target: Mark | None) -> str:
    """The object of the verb, with each path and each quote as one sign."""
    before = re.search("[把将](?!来)", marked.masked[: match.start])
    if before is not None:
        return _shape(marked, before.end(), match.start)
    end = lead_of(marked.text[: target.start]) if target is not None and target.start >= match.end else len(marked.text)
    behind = _INTO_A_FOLDER.sub("", _shape(marked, match.end, max(match.end, end)))
    if behind.strip():
        return behind
    if target is not None and (held := _HELD.match(_shape(marked, target.end, len(marked.text)))):
        return held["object"]  # create a.md with the contents of b.md
    before_it = _shape(marked, 0, match.start)
    return before_it if re.match(rf"{_PATH}[^{_PATH}]*$", before_it) else ""  # a.md 另存为 b.md


_INTO_A_FOLDER = re.compile(
    r"\s+(?:to|into|in|under)\s+(?:(?:the|my|our|a|new)\s+)*"
    r"(?:(?:folder|directory)\s+[\w\-./]+|[\w\-./]+\s+(?:folder|directory))\W*$",
    re.IGNORECASE,
)
_HELD = re.compile(
    rf"\s*(?:containing|holding|with|that (?:contains|holds|has))\s+(?P<object>(?!{_PATH}).*{_PATH}.*)$", re.IGNORECASE
)


def _shape(marked: Marked, begin: int, end: int) -> str:
    text, at = "", begin
    for one in marked.of("path", "pattern", "quote"):
        if begin <= one.start < end:
            text += marked.text[at : one.start] + (_QUOTE if one.kind == "quote" else _PATH)
            at = one.end
    return text + marked.text[at:end] if at < end else text


def _quoted(marked: Marked) -> str:
    return next((one.text for one in marked.of("quote")), "")


def _span(found: Mapping[str, str | None]) -> tuple[int, int] | None:
    """The first line and how many; None where a number is none."""
    if found.get("first"):
        first = number_of(found["first"] or "")
        last = number_of(found.get("last") or "") if found.get("last") else first
        return (first, last - first + 1) if first and last and last >= first else None
    count = number_of(found.get("count") or "") if found.get("count") else 1
    if not count:
        return None
    return (1, count) if (found.get("end") or "").casefold() in ("first", "top", "前", "首") else (-count, count)


_SMALL = words_of("as a an the in of and with short brief briefly for me only please")


def _says_how(beside: str) -> bool:
    """Do words behind a document only say how long it is to be told, or in which way: "in three sentences"?"""
    rest = without_lengths(beside)
    if re.search(f"[{IDEOGRAPH}]", rest):
        return not re.sub(r"简要|简短|详细|简洁|地|的|用|以|成|为|一份|总结|概括|内容|要点|一下|[\s，,]", "", rest)
    known = {stem(word) for word in (*COMPOSABLE_ENGLISH, *_SMALL)}
    return all(stem(word) in known for word in re.findall(r"[A-Za-z]+", rest))
