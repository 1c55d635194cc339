"""Words replaced in a file: everywhere, but never in the middle of longer words that nobody named; where the result is
to be saved elsewhere, in a copy."""

from __future__ import annotations

import re

from agent.model.offline.copying import copy_documents
from agent.model.offline.hits import lines_with
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Mark, Marked, mark
from agent.model.offline.matching import Match, find
from agent.model.offline.matter import refers_back
from agent.model.offline.replacing import replacement
from agent.model.offline.rules import rule_any
from agent.model.offline.script import Job
from agent.model.offline.targets import target_of
from agent.model.offline.wording import short


def rule_edit(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Replace words in the file that is named. Without quotes they are words: where they also stand inside longer ones
    (apple in pineapple), nothing is changed and the place is told."""
    pair = replacement(marked)
    paths = [one for one in marked.of("path") if one.part != "target" or len(marked.of("path")) == 1]
    quoted = marked.of("quote") or any(one.quoted for one in paths)
    if (
        pair is not None
        and len(paths) == 1
        and not quoted
        and re.fullmatch(r"[^\W\d_]+", pair[0])
        and pair[0].isascii()
    ):
        regex = rf"[^\W_]{pair[0]}|{pair[0]}[^\W_]"
        found = yield from lines_with(job, regex, path=paths[0].text, what=pair[0])
        if found:
            where = f"{found[0].path}:{found[0].line}: {short(found[0].text, 80)}"
            outcome.failed.append(job.say("inside", what=pair[0], where=where))
            return
    elsewhere = _saved_elsewhere(job)
    if elsewhere and len(paths) == 1 and elsewhere != paths[0].text:
        yield from copy_documents(job, outcome, [paths[0].text], elsewhere, append=False)
        if outcome.failed:
            return
        job.settled = job.following
        marked = _with_path(marked, paths[0], elsewhere)
        match = next((one for one in find(marked, job.tools) if one.concept == match.concept), match)
    yield from rule_any(job, marked, match, outcome)


def _saved_elsewhere(job: Job) -> str:
    """The file to which the next sub-goal saves what comes of this one ("and save it as b.md"), or ""."""
    following = job.following
    if following is None or following.negated or following.conditional or following.chain != job.chain:
        return ""
    marked = mark(following.text)
    match = next((one for one in find(marked, job.tools) if one.concept == "write"), None)
    target = target_of(marked)
    alone = target is not None and len(marked.places) == 1 and not marked.of("quote")
    return target.text if target is not None and alone and match is not None and refers_back(marked, match) else ""


def _with_path(marked: Marked, place: Mark, path: str) -> Marked:
    """The same sub-goal about another file."""
    return mark(f'{marked.text[: place.start]}"{path}"{marked.text[place.end :]}')
