"""Writing: literal words exactly as they stand, results as they came, and briefs out of what was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence

from agent.events import JSON
from agent.goal import FileCheck, Goal, RegexCheck
from agent.model.offline.compose import Wish, brief, is_limited, is_long_enough
from agent.model.offline.documents import documents, is_there
from agent.model.offline.findings import Finding
from agent.model.offline.gather import check_limits, read_each, show
from agent.model.offline.intents import Intent, Outcome, Steps, Wants
from agent.model.offline.literals import is_source, literal_of, pairs_of, target_of, title_of
from agent.model.offline.marks import Mark, Marked
from agent.model.offline.matching import Match
from agent.model.offline.matter import invented, is_copied, matter, refers_back, refuse_forms, wants_another_language
from agent.model.offline.memories import unread
from agent.model.offline.script import Job
from agent.model.offline.transcript import Note, Result
from agent.model.offline.wishes import topic_of, wish
from agent.model.offline.wording import short
from agent.model.offline.words import terms


def rule_write(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Write a file, or (where none is named) tell in the answer what would be written."""
    yield from _write(job, marked, match, outcome, append=False)


def rule_append(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Add to the end of a file."""
    yield from _write(job, marked, match, outcome, append=True)


def rule_combine(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Write documents one after the other into a file, or one into another, whole and as they stand."""
    target = next((one for one in reversed(marked.of("path")) if one.part == "target"), None)
    if match.tool is None or target is None or target.text.endswith("/"):
        outcome.failed.append(job.say("not_offered" if match.tool is None else "no_target"))
        return
    since = len(job.findings)
    paths = yield from documents(job, outcome, marked, without=target)
    if not paths and not outcome.failed:
        outcome.failed.append(job.say("no_source"))
    if paths and not outcome.failed:
        yield from read_each(job, outcome, paths)
    found = [one for one in job.findings[since:] if one.kind == "text"]
    partly = [one.source for one in found if re.search(r"\n\[[^\n]*\]\s*$", one.text)]
    if partly:
        # A page of a long document, or one that was converted, is not the document.
        outcome.failed.append(job.say("not_whole", what=", ".join(dict.fromkeys(partly))))
    elif found and not outcome.failed:
        text = (
            found[0].text if len(found) == 1 else "".join(f"{one.text.rstrip()}\n\n" for one in found).rstrip() + "\n"
        )
        yield from _put(job, outcome, target.text, text, append=False)


def _write(job: Job, marked: Marked, match: Match, outcome: Outcome, *, append: bool) -> Steps:
    target = target_of(marked, writes=True)
    literal = literal_of(marked, target)
    if match.tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    if literal is None and target is not None and target.part == "plain" and is_source(marked, target):
        target = None
    path = target.text if target is not None else _checked_file(job, marked)
    if literal is not None and path is not None:
        for text, file in pairs_of(marked) or [(literal, path)]:
            yield from _put(job, outcome, file, text, append=append)
    elif literal is not None:
        outcome.failed.append(job.say("no_target"))
    else:
        yield from _write_found(job, marked, match, outcome, target, path, append=append)


def _write_found(
    job: Job,
    marked: Marked,
    match: Match,
    outcome: Outcome,
    target: Mark | None,
    path: str | None,
    *,
    append: bool,
) -> Steps:
    """Write, or show where no file is named, what the sub-goal asks for, if it can be put together."""
    noun, known = invented(marked, match.end)
    if noun:
        outcome.failed.append(job.say("invent" if known else "unknown", what=short(noun)))
        return
    why = job.barren.get(job.chain)
    sources = [one for one in marked.places if one != target and one.part != "target"]
    if why and not sources and refers_back(marked, match):
        outcome.failed.append(job.say("held_back", line=job.say("write", what=path or ""), why=why))
        return
    found = yield from matter(job, marked, match, outcome, target)
    if not found:
        if not outcome.failed:
            outcome.failed.append(job.say("no_matter"))
        return
    refuse_forms(job, marked, outcome)
    if path is None:
        job.fresh = len(job.findings)
        topic = topic_of(marked, match.end)
        shown = wish(job, marked, target="", title="", topic=topic)
        show(job, outcome, len(job.findings) - len(found), wish=shown)
    elif all(one.kind == "plain" for one in found):
        yield from _put(job, outcome, path, "\n\n".join(one.text.strip() for one in found) + "\n", append=append)
    elif is_copied(marked, match, found):
        yield from _put(job, outcome, path, found[0].text, append=append)
    else:
        yield from write_brief(job, marked, match, outcome, path, found, append=append)


def _checked_file(job: Job, marked: Marked) -> str | None:
    """The one file that the checks look at, where the words name none."""
    files = [file for file in checked_files(job.goal) if file not in job.written]
    return files[0] if len(files) == 1 and not marked.of("pattern") else None


def checked_files(goal: Goal) -> list[str]:
    """Text files that the checks look at and that no rule of theirs says are there already."""
    named = [check.file for check in goal.checks if isinstance(check, FileCheck)]
    named += [check.path for check in goal.checks if isinstance(check, RegexCheck)]
    kinds = [file for file in named if re.search(r"\.(?:md|markdown|txt|rst)$", file, re.IGNORECASE)]
    return list(dict.fromkeys(kinds))


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
    topic = topic_of(marked, match.end)
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

    yield from _put(job, outcome, path, compose, append=append)


def _known_before(job: Job, found: Sequence[Finding]) -> list[Note]:
    """Notes of earlier runs that speak of the same: they share words with the goal and with what was found."""
    goal = set(terms(" ".join(job.goal.goals)))
    matter = {term for one in found for term in terms(one.text)}
    near = [note for note in job.transcript.notes if len(set(terms(note.text)) & (goal | matter)) >= 2]
    return unread(near, [one for one in job.findings if one.kind != "plain"])[:5] if near else []


def _put(job: Job, outcome: Outcome, path: str, text: str | Callable[[], str], *, append: bool) -> Steps:
    tool = job.tools.for_concept("write")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
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
