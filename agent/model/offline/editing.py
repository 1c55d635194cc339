"""Words replaced in a file: everywhere, but never in the middle of longer words that nobody named."""

from __future__ import annotations

import re

from agent.model.offline.hits import lines_with
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Match
from agent.model.offline.replacing import replacement
from agent.model.offline.rules import rule_any
from agent.model.offline.script import Job
from agent.model.offline.wording import short


def rule_edit(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Replace words in the file that is named. Without quotes they are words: where they also stand inside longer ones
    (apple in pineapple), nothing is changed and the place is told."""
    pair = replacement(marked)
    paths = marked.of("path")
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
    yield from rule_any(job, marked, match, outcome)
