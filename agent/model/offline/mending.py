"""Mending: a composed file written anew, where checks failed or the user wants it longer or shorter."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.goal import RegexCheck
from agent.model.offline.compose import Wish, brief
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.putting import put_brief, with_whole_texts
from agent.model.offline.script import Job


def retry(job: Job, complaint: str, outcome: Outcome) -> Steps:
    """One honest other try after failed checks: longer where a file was too short, other sentences of the sources
    where a pattern was not found."""
    for path, wanted in list(job.written.items()):
        found = job.composed.get(path)
        if found is None or path not in complaint:
            continue
        patterns = tuple(one.regex for one in job.goal.checks if isinstance(one, RegexCheck) and one.path == path)
        more = yield from with_whole_texts(job, outcome, found)
        before = brief(found, wanted, chinese=job.chinese)
        size = max(wanted.least_bytes, 2 * len(before.encode("utf-8", "replace")))
        longer = replace(wanted, least_bytes=size, wanted=patterns, sentences=None, most=None)
        if brief(more, longer, chinese=job.chinese) == before:
            outcome.failed.append(job.say("short", path=path))
            continue
        yield from put_brief(job, outcome, path, more, longer)


def rewrite(job: Job, text: str, outcome: Outcome) -> Steps:
    """The user's "longer" or "shorter" about the file that was composed last."""
    path, found = list(job.composed.items())[-1]
    wanted = job.written.get(path) or Wish(title=path)
    if re.search(r"\b(?:shorter|concise|less|too long)\b|太长|更?短一?[些点]|精简|简洁", text, re.IGNORECASE):
        yield from put_brief(job, outcome, path, found, replace(wanted, sentences=3, least=0, least_bytes=0))
        return
    more = yield from with_whole_texts(job, outcome, found)
    size = len(brief(found, wanted, chinese=job.chinese).encode("utf-8", "replace"))
    yield from put_brief(job, outcome, path, more, replace(wanted, least_bytes=size * 2, sentences=None, most=None))


_LENGTH = re.compile(
    r"\b(?:longer|shorter|more detail(?:s|ed)?|in detail|too (?:long|short)|expand it|more concise)\b|"
    r"更?(?:长|详细|短|简洁)一?[些点]|太[长短]",
    re.I,
)


def asks_for_length(text: str) -> bool:
    """Is feedback about the length of what was composed?"""
    return _LENGTH.search(text) is not None
