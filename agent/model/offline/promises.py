"""Files that a sub-goal names to be written: each comes of it, or the sub-goal failed. None is silently passed over."""

from __future__ import annotations

from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked
from agent.model.offline.matter import is_whole
from agent.model.offline.putting import put, write_plain
from agent.model.offline.script import Job


def keep_promises(job: Job, marked: Marked, outcome: Outcome, since: int) -> Steps:
    """See to the files of a sub-goal that its rule went without: what a tool found goes there as it came ("search for
    'x' in docs into hits.txt"), and so does a document that was read whole; where neither is to be had, the sub-goal
    failed.

    Args:
        job: The play.
        marked: The sub-goal.
        outcome: What became of it so far.
        since: The number of findings before it.
    """
    wished = list(dict.fromkeys(one.text for one in marked.of("path") if one.part == "target"))
    missing = [path for path in wished if not job.wrote(path)]
    found = job.findings[since:]
    if outcome.failed or not missing:
        return
    if missing == wished and len(missing) == 1 and found and all(one.kind == "plain" for one in found):
        yield from write_plain(job, outcome, missing[0], found)
    elif missing == wished and len(missing) == 1 and len(found) == 1 and is_whole(found[0]):
        yield from put(job, outcome, missing[0], found[0].text, append=False)
    missing = [path for path in missing if not job.wrote(path)]
    if missing and not outcome.failed:
        outcome.failed.append(job.say("not_written", what=", ".join(missing)))
