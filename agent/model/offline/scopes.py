"""Where to search: files and folders that a sub-goal names by path or by a bare word, "documents" or 会议记录."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from agent.model.offline.documents import is_a_folder, named_so
from agent.model.offline.intents import Outcome, Wants
from agent.model.offline.marks import Mark, Marked
from agent.model.offline.matching import Match
from agent.model.offline.script import Job
from agent.model.offline.sources import wanted
from agent.model.offline.transcript import Result
from agent.model.offline.words import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place to search: a file or a folder, or (with `glob`) files that match; neither: everywhere."""

    path: str = ""
    glob: str = ""


_NAME = r"(?P<name>[\w\-.]+(?:/[\w\-.]+)*)"
_BEHIND_IN = re.compile(
    rf"\b(?:in|inside|within|under|through|across)\s+(?:(?:the|my|our)\s+)?(?:folder\s+|directory\s+)?{_NAME}/?"
    r"(?:\s+(?:folder|directory))?(?=\s*(?:[.?!,]|$)|\s+(?:for|search|find|look|grep|locate|to|into|and)\b)",
    re.IGNORECASE,
)
_BEFORE_FOR = re.compile(
    rf"^\s*(?:(?:all|the|my|our|of|through|in)\s+)*(?:folder\s+|directory\s+)?{_NAME}/?(?:\s+(?:folder|"
    r"directory))?\s+for\b",
    re.IGNORECASE,
)
CHINESE_PLACE = re.compile(
    r"^\s*(?P<name>[^\s，,的\ue000]{1,40}?)\s*(?:这个)?(?:文件夹?|目录|文档)?(?:里面?|中|内|下面?)(?:的\s*|\s+|(?=\ue000))"
)
"""What stands between a verb and what is looked for: documents 中的 of 搜索 documents 中的屋顶."""
_CHINESE_IN = re.compile(
    r"[在从于]\s*(?P<name>[^\s\ue000，,在从]{1,40}?)\s*(?:这个)?(?:文件夹|目录)?(?:里面?|中|内|下面?|之中)"
)
_ANYWHERE = words_of(
    """file files document documents doc docs text texts note notes everything all here there workspace folder
    folders directory project place places them it these those this that full general particular total each every
    any case order english chinese german french whole data
    文件 文档 工作区 所有 全部 这里 哪里 资料 项目 文本 内容 当前 其 它 它们 所有文件 全部文件 各文件 文件夹 目录 这"""
)
"""Words that name no place of their own: with them everything is searched."""


def where_to_search(
    job: Job,
    marked: Marked,
    outcome: Outcome,
    *,
    quotes: Sequence[Mark] = (),
    verb: Match | None = None,
    without: Mark | None = None,
) -> Generator[Wants, list[Result], list[Place]]:
    """The places in which to search, none for everywhere. A place that is named and is not there is told: to search
    somewhere else would be another answer.

    Args:
        job: The play.
        marked: The sub-goal.
        outcome: What becomes of it.
        quotes: Marks that are what is looked for.
        verb: The verb of searching, where it leads the sub-goal.
        without: The file that the sub-goal writes to.
    """
    named = [one for one in marked.places if one not in quotes and one != without and one.part != "target"]
    if named:
        places = [_place(one) for one in named]
        for word in _beside(marked, named):
            if (yield from is_a_folder(job, word)):
                places.append(Place(path=word))
        return places
    folders = [Place(path=one.path) for one in wanted(marked) if one.glob is not None and one.path]
    if folders:
        return folders
    word = _bare(marked, verb)
    if not word:
        return []
    if (yield from is_a_folder(job, word)):
        return [Place(path=word)]
    if word.casefold() in _ANYWHERE:
        return []
    found, names = yield from named_so(job, word)
    if not found:
        outcome.failed.append(job.say("nowhere", what=word, names=", ".join(names[:8])))
    return [Place(path=one) for one in found]


def _place(one: Mark) -> Place:
    return Place(glob=one.text) if one.kind == "pattern" else Place(path=one.text.rstrip("/") or ".")


def _beside(marked: Marked, named: Sequence[Mark]) -> list[str]:
    """Bare words that are joined to a path: documents in "search documents and a.md"."""
    found: list[str] = []
    for one in named:
        before = _WORD_BEFORE.search(marked.masked[: one.start])
        behind = _WORD_BEHIND.match(marked.masked[one.end :])
        found += [word[1] for word in (before, behind) if word is not None]
    return found


_WORD_BEFORE = re.compile(
    r"(?<![\w/])([\w\-]{2,})\s*(?:,|，|、|\band\b|\bor\b|&|[和与及或])\s*(?:the\s+)?$", re.IGNORECASE
)
_WORD_BEHIND = re.compile(
    r"\s*(?:,|，|、|\band\b|\bor\b|&|[和与及或])\s*(?:the\s+)?([\w\-]{2,}?)(?=\s+for\b|\s*(?:里|中|内|下|[.,，。?!]|$))",
    re.IGNORECASE,
)


def _bare(marked: Marked, verb: Match | None) -> str:
    """A word that may be the name of a place to search in."""
    if verb is not None:
        behind = marked.masked[verb.end :]
        for pattern in (_BEFORE_FOR, CHINESE_PLACE):
            if found := pattern.match(behind):
                return found["name"]
    found = _BEHIND_IN.search(marked.masked) or _CHINESE_IN.search(marked.masked)
    return found["name"] if found is not None else ""
