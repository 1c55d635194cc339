"""Putting text into files: results as they came, and briefs composed of what was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence

from agent.events import JSON
from agent.model.offline.compose import Wish, brief, is_limited, is_long_enough
from agent.model.offline.documents import is_there
from agent.model.offline.findings import Finding
from agent.model.offline.gather import check_limits, read_each
from agent.model.offline.intents import Intent, Outcome, Steps, Wants
from agent.model.offline.literals import title_of
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Match
from agent.model.offline.matter import wants_another_language
from agent.model.offline.memories import unread
from agent.model.offline.script import Job
from agent.model.offline.transcript import Note, Result
from agent.model.offline.wishes import topic_of, wish
from agent.model.offline.words import terms

_PROSE = re.compile(r"(?:^|/)[^./]+$|\.(?:md|markdown|mdown|txt|text|rst|adoc|org|log|notes?)$", re.IGNORECASE)


def is_prose(path: str) -> bool:
    """May a file be plain text or Markdown? Of others the ending promises another form."""
    return _PROSE.search(path) is not None


def write_brief(
    job: Job,
    marked: Marked,
    match: Match,
    outcome: Outcome,
    path: str,
    found: Sequence[Finding],
    *,
    append: bool = False,
) -> Steps:
    """Compose a brief of what was found and write it; for a wished length that summaries cannot give, the documents
    are read as well."""
    if wants_another_language(marked, found):
        outcome.failed.append(job.say("translate"))
        return
    if not is_prose(path):
        outcome.failed.append(job.say("form", what=f".{path.rpartition('.')[2]}"))
        return
    topic = (job.sought if found and all(one.is_a_page for one in found) else "") or topic_of(marked, match.end)
    wanted = wish(job, marked, target=path, title=title_of(marked, path, topic), topic=topic)
    found = list(found)
    if is_limited(wanted):
        check_limits(job, outcome, [one for one in found if one.kind != "plain"], wanted)
    sized = wanted.least_bytes > 1 or wanted.least > 0
    if sized and not is_long_enough(brief(found, wanted, chinese=job.chinese), wanted):
        found = yield from with_whole_texts(job, outcome, found)
    yield from put_brief(job, outcome, path, found, wanted, append=append)


def with_whole_texts(
    job: Job, outcome: Outcome, found: Sequence[Finding]
) -> Generator[Wants, list[Result], list[Finding]]:
    """The findings, and the documents that were only summarised read as well."""
    summarised = {one.source for one in found if one.kind == "summary"}
    whole = {one.source for one in job.findings if one.kind == "text"}
    since = len(job.findings)
    yield from read_each(job, outcome, sorted(summarised - whole))
    texts = [one for one in job.findings if one.kind == "text" and one.source in summarised]
    return [*found, *(one for one in texts if one not in found or one in job.findings[since:])]


def put_brief(
    job: Job, outcome: Outcome, path: str, found: Sequence[Finding], wanted: Wish, *, append: bool = False
) -> Steps:
    """Write a brief of these findings, and remember what it was made of."""
    kept = list(found)
    job.written[path], job.composed[path] = wanted, kept

    def compose() -> str:
        return brief(kept, wanted, notes=_known_before(job, kept), chinese=job.chinese)

    yield from put(job, outcome, path, compose, append=append)


def _known_before(job: Job, found: Sequence[Finding]) -> list[Note]:
    """Notes of earlier runs that speak of the same: they share words with the goal and with what was found."""
    goal = set(terms(" ".join(job.goal.goals)))
    matter = {term for one in found for term in terms(one.text)}
    near = [note for note in job.transcript.notes if len(set(terms(note.text)) & (goal | matter)) >= 2]
    return unread(near, [one for one in job.findings if one.kind != "plain"])[:5] if near else []


def write_plain(job: Job, outcome: Outcome, path: str, found: Sequence[Finding], *, append: bool = False) -> Steps:
    """Write the results of tools as they came."""
    yield from put(job, outcome, path, "\n\n".join(one.text.strip() for one in found) + "\n", append=append)


def put(job: Job, outcome: Outcome, path: str, text: str | Callable[[], str], *, append: bool) -> Steps:
    """Write a text to a file, or add it; what waits for a step that failed is told and not done."""
    tool = job.tools.for_concept("write")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    if path.endswith("/"):
        outcome.failed.append(job.say("a_folder", what=path.rstrip("/")))
        return
    given: dict[str, JSON] = {"path": path}
    if append:
        given["append"] = True
    line = job.say("write", what=path)
    doubt = job.doubt(Intent(tool=tool.name, arguments=given))
    if doubt and path not in job.own and (yield from is_there(job, path)):
        outcome.failed.append(job.say("held_back", line=line, why=doubt))
        job.written.pop(path, None)
        job.composed.pop(path, None)
        return
    if isinstance(text, str):
        given["content"] = text if not append or text.endswith("\n") else f"{text}\n"
        result = yield from job.call(outcome, tool.name, given, line)
    else:
        compose = text
        result = yield from job.call(outcome, tool.name, given, line, late=lambda: {"content": compose()})
    if result.ok:
        path = _as_written(job, outcome, path, result)
        job.written.setdefault(path, Wish())
        job.own.add(path)
        job.gone.discard(path)
        job.fresh = len(job.findings)
        if not job.mentioned:
            job.mention([path])
    else:
        job.written.pop(path, None)
        job.composed.pop(path, None)


def _as_written(job: Job, outcome: Outcome, path: str, result: Result) -> str:
    """The file that was really written: the user may have named another one when asked."""
    actual = result.path
    if not actual or actual == path:
        return path
    outcome.done[-1:] = [job.say("write", what=actual)]
    if path in job.written:
        job.written[actual] = job.written.pop(path)
    if path in job.composed:
        job.composed[actual] = job.composed.pop(path)
    return actual
