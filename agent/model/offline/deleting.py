"""Deleting: whole files, and never a file of which only a part is to go ("remove the table from a.md")."""

from __future__ import annotations

import re

from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import BLANK, Marked
from agent.model.offline.matching import Match
from agent.model.offline.rules import rule_any
from agent.model.offline.script import Job

_FILE_WORDS = re.compile(
    r"\b(?:the|a|an|all|both|each|every|any|these|those|this|that|my|our|its|their|old|new|existing|whole|entire|empty|"
    r"temporary|files?|documents?|folders?|director(?:y|ies)|cop(?:y|ies)|originals?|drafts?|notes?|everything|named|"
    r"called|titled|and|or|also|as well|now|again|please|completely|permanently|for me|from|in|inside|under|within|of|"
    r"out|workspace|disk|here|there|them|it|afterwards?|too|except|but|not|md|txt|csv|json|ya?ml|html?|log|py|markdown|"
    r"text)\b|"
    r"\.?\b[A-Za-z]{1,5}(?=\s*(?:files?\b|文件|文档))|"
    r"文件夹?|目录|文档|工作区|所有|全部|每个|这个|那个|这些|那些|旧的?|临时的?|空的?|请|把|将|掉|了|一下|和|与|以及|及|里面?|中|内|下面?|上|"
    rf"的|从|在|除|以外|之外|外|都|也|再|它们?|名为|叫|[{BLANK}\s.,;:!?*，。、；：！？\-\"“”]",
    re.IGNORECASE,
)


def rule_delete(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Delete the files that are named. Where words are left that speak of no file (空行, "the table"), they are what is
    to go, and to delete the file would lose all the rest."""
    words = f"{marked.masked[: match.start]} {marked.masked[match.end :]}"
    part = _FILE_WORDS.sub(" ", words).strip()
    if marked.places and (part or marked.of("quote")):
        outcome.failed.append(job.say("only_whole"))
        return
    yield from rule_any(job, marked, match, outcome)
