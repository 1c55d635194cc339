"""Copying: documents whole and as they stand, one after the other into a file, or each into a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.events import JSON
from agent.model.offline.documents import documents
from agent.model.offline.gather import has, read_each
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Match
from agent.model.offline.putting import is_prose, put
from agent.model.offline.script import Job
from agent.model.offline.targets import folder_of
from agent.model.offline.things import Thing

_PAGE = re.compile(r"\n\[lines \d+-\d+ of [^\n]*\]\s*$")
"""What a reading says at its end where it shows only some of the lines."""
_IT = re.compile(r"\b(?:it|them|this|these|both)\b|它|这", re.IGNORECASE)
_NOT_WHOLE = re.compile(r"\n\[[^\n]*\]\s*$")


def rule_combine(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Write documents one after the other into a file, or one into another, whole and as they stand; into a folder
    each under its own name."""
    target = next((one for one in reversed(marked.of("path")) if one.part == "target"), None)
    folder = folder_of(marked)
    if match.tool is None or (target is None and not folder):
        outcome.failed.append(job.say("not_offered" if match.tool is None else "no_target"))
        return
    paths = yield from documents(job, outcome, marked, without=target)
    if not paths and _IT.search(marked.masked):
        paths = list(job.mentioned)
    if not paths and not outcome.failed:
        outcome.failed.append(job.say("no_source"))
    if outcome.failed:
        return
    if folder:
        yield from _each_into(job, outcome, paths, folder)
    elif target is not None:
        yield from copy_documents(job, outcome, paths, target.text, append=False)


def copy_into(job: Job, marked: Marked, outcome: Outcome, folder: str) -> Steps:
    """Copy the documents that are named into a folder, each under its own name."""
    place = next((one for one in marked.places if one.text.rstrip("/") == folder), None)
    paths = yield from documents(job, outcome, marked, without=place)
    if not outcome.failed:
        yield from _each_into(job, outcome, paths, folder)


def _each_into(job: Job, outcome: Outcome, paths: Sequence[str], folder: str) -> Steps:
    for path in paths:
        yield from copy_documents(job, outcome, [path], f"{folder}/{path.rpartition('/')[2]}", append=False)


def copy_documents(job: Job, outcome: Outcome, paths: Sequence[str], target: str, *, append: bool) -> Steps:
    """Write documents one after the other into a file; one that is not shown whole is not written in part."""
    if not is_prose(target) and any(_ending(path) != _ending(target) for path in paths):
        # The text would be the same, and the form that the ending promises another.
        outcome.failed.append(job.say("form", what=f".{_ending(target)}"))
        return
    since = len(job.findings)
    yield from read_each(job, outcome, paths)
    found = [one for one in job.findings[since:] if one.kind == "text"]
    partly = [one.source for one in found if _NOT_WHOLE.search(one.text)]
    if partly:
        # A page of a long document, or one that was converted, is not the document.
        outcome.failed.append(job.say("not_whole", what=", ".join(dict.fromkeys(partly))))
    elif found and not outcome.failed:
        text = (
            found[0].text if len(found) == 1 else "".join(f"{one.text.rstrip()}\n\n" for one in found).rstrip() + "\n"
        )
        yield from put(job, outcome, target, text, append=append)


def _ending(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].casefold()


def copy_lines(job: Job, outcome: Outcome, paths: Sequence[str], target: str, lines: Thing, *, append: bool) -> Steps:
    """Write some lines of documents into a file, as they stand."""
    tool = job.tools.for_concept("read")
    if tool is None or not (has(tool, "start_line") and has(tool, "lines")):
        outcome.failed.append(job.say("not_offered"))
        return
    more: dict[str, JSON] = {"start_line": lines.first, "lines": lines.count}
    since = len(job.findings)
    yield from read_each(job, outcome, paths, more=more)
    texts = [_PAGE.sub("", one.text) for one in job.findings[since:]]
    if any(_NOT_WHOLE.search(one) for one in texts):
        outcome.failed.append(job.say("not_whole", what=", ".join(paths)))
    elif texts and not outcome.failed:
        yield from put(job, outcome, target, "".join(f"{one.rstrip()}\n" for one in texts), append=append)
