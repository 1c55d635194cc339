"""Writing: literal words exactly as they stand, documents or lines of them, results as they came, and briefs."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from agent.events import JSON
from agent.goal import FileCheck, Goal, RegexCheck
from agent.model.offline.answers import answer
from agent.model.offline.copying import copy_documents, copy_into, copy_lines
from agent.model.offline.documents import documents, is_there, named_so
from agent.model.offline.findings import Finding
from agent.model.offline.focusing import collect, files_about
from agent.model.offline.gather import read_each, show
from agent.model.offline.intents import Outcome, Steps, Wants
from agent.model.offline.lexicon import PUT_SOMEWHERE
from agent.model.offline.literals import is_only_a_part, literal_of, pairs_of
from agent.model.offline.marks import Mark, Marked, mark
from agent.model.offline.matching import Match
from agent.model.offline.matter import invented, is_copied, matter, refers_back, refuses_form
from agent.model.offline.putting import put, write_brief, write_plain
from agent.model.offline.scopes import where_to_search
from agent.model.offline.script import Job, list_arguments
from agent.model.offline.searching import search_for
from agent.model.offline.sources import Wanted, wanted
from agent.model.offline.targets import folder_of, placed, stands_right_behind, target_of, targets_of
from agent.model.offline.things import Thing, thing_of
from agent.model.offline.transcript import Result
from agent.model.offline.wishes import topic_of, wish
from agent.model.offline.wording import short


def rule_write(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Write a file, or (where none is named) tell in the answer what would be written."""
    yield from _write(job, marked, match, outcome, append=False)


def rule_append(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Add to the end of a file."""
    yield from _write(job, marked, match, outcome, append=True)


_FOLDER = re.compile(
    r"\s*(?:(?:a|the|new|empty|sub)\s*)*(?:sub-?folder|folder|directory)s?\b|\s*(?:一个|新的?)*(?:子?文件夹|目录)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Into:
    """Where to write. `path` is None where the answer tells it; `mark`: where the sub-goal names it."""

    path: str | None
    mark: Mark | None
    append: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a sub-goal wants written, and where: the `literal` words if it gives them, else the `thing`; into a `folder`
    where it names no file."""

    into: Into
    folder: str
    thing: Thing
    literal: str | None


def _write(job: Job, marked: Marked, match: Match, outcome: Outcome, *, append: bool) -> Steps:
    if match.tool is None or _FOLDER.match(marked.masked[match.end :]):
        outcome.failed.append(job.say("not_offered" if match.tool is None else "no_folders"))
        return
    plan = yield from _planned(job, marked, match, append=append)
    if problem := _problem(job, marked, match, plan):
        outcome.failed.append(problem)
    elif plan.into.path is None and plan.folder:
        yield from copy_into(job, marked, outcome, plan.folder)
    elif plan.literal is not None:
        for text, file in pairs_of(marked) or [(plan.literal, plan.into.path or "")]:
            yield from put(job, outcome, file, text, append=append)
    else:
        targets = targets_of(marked) or []
        for path in targets if len(targets) > 1 else [plan.into.path]:
            if not outcome.failed:
                yield from _write_thing(job, marked, match, outcome, plan.thing, replace(plan.into, path=path))


def _planned(job: Job, marked: Marked, match: Match, *, append: bool) -> Generator[Wants, list[Result], Plan]:
    """What the sub-goal's words say: where to write, and what."""
    target = target_of(marked, behind=match.end)
    thing = thing_of(marked, match, target)
    literal = literal_of(marked, target) if thing.kind not in ("hits", "answer") else None
    if literal is None and target is not None and not append and (yield from _is_a_source(job, marked, match, target)):
        target = None
    path = placed(marked, target) if target is not None else _checked_file(job, marked)
    folder = folder_of(marked, loosely=_keeps(marked, match)) if path is None else ""
    if target is None:
        place = next((one for one in marked.of("path") if folder and one.text.rstrip("/") == folder), None)
        thing = thing_of(marked, match, place)
    return Plan(into=Into(path=path, mark=target, append=append), folder=folder, thing=thing, literal=literal)


def _problem(job: Job, marked: Marked, match: Match, plan: Plan) -> str:
    """Why nothing can be written, "" where it can."""
    path = plan.into.path
    if targets_of(marked) is None and not (plan.literal is not None and pairs_of(marked)):
        return job.say("several")
    if plan.literal is not None and is_only_a_part(marked, plan.into.mark):
        return job.say("unknown", what=short(marked.text[match.end :]))
    if path is None and plan.folder and plan.thing.kind != "copy":
        return job.say("a_folder", what=plan.folder)
    if path is None and not plan.folder and (plan.literal is not None or _is_to_be_kept(marked, match)):
        return job.say("no_target")
    return ""


_DEFINITE = re.compile(r"\s*(?:down\s+)?(?:the|its|their|all|every|any|what)\b", re.IGNORECASE)


def _is_a_source(job: Job, marked: Marked, match: Match, target: Mark) -> Generator[Wants, list[Result], bool]:
    """Is a file that no word says to write to rather the one that is spoken of ("write the key points in a.md", "save
    a.md")? It was read before, or it is there already and nothing else can be meant."""
    if target.part == "target" or target.text in job.own:
        return False
    if target.text in {one.source for one in job.findings}:
        return True
    others = [one for one in marked.places if one != target and one.part != "target"]
    if others:
        return False
    if target.part == "within":
        doubtful = not job.findings or (_DEFINITE.match(marked.masked, match.end) and not refers_back(marked, match))
    else:
        doubtful = _keeps(marked, match) or not stands_right_behind(marked, target, match.end)
    return bool(doubtful) and (yield from is_there(job, target.text))


_KEEPS = frozenset(("save", "store", "export", "put", "保存", "导出")) | {
    one for one in PUT_SOMEWHERE if not one.startswith(("写", "整理", "汇总", "输出")) or one[-1] in "入到进回"
}
"""Verbs that put something into a file: to tell it in the answer is not what they mean."""
_INTO_A_FILE = re.compile(
    r"\b(?:in|into|to|as)\s+(?:(?:a|an|the|another|one|some|its|their|own|new|text|markdown|separate)\s+)+files?\b|"
    r"\b(?:create|make|write|generate)\s+(?:(?:a|an|the|new|text|markdown)\s+)+files?\b|[到入进成为]\s*(?:一个|新的?)*(?:文件|文档)(?!夹)",
    re.IGNORECASE,
)


def _keeps(marked: Marked, match: Match) -> bool:
    return marked.masked[match.start : match.end].strip().casefold() in _KEEPS


def _is_to_be_kept(marked: Marked, match: Match) -> bool:
    """Is a file meant, and not the answer, though none is named?"""
    behind = marked.masked[match.end :]
    told = marked.masked[match.start : match.end].strip().casefold() == "put" and not re.search(
        r"\b(?:into|to|under|in\s+it)\b", behind, re.IGNORECASE
    )
    return (_keeps(marked, match) and not told) or _INTO_A_FILE.search(marked.masked) is not None


def _write_thing(job: Job, marked: Marked, match: Match, outcome: Outcome, thing: Thing, into: Into) -> Steps:
    """Write, or show where no file is named, what the sub-goal asks for, if it can be had."""
    noun, known = invented(marked, match.end) if thing.kind in ("brief", "unknown") else ("", False)
    if thing.kind == "unknown" or noun:
        key = "invent" if known else "unknown"
        outcome.failed.append(job.say(key, what=short(noun if known else thing.words or noun)))
        return
    sources = [one for one in marked.places if one != into.mark and one.part != "target"]
    why = job.barren.get(job.chain)
    if why and not sources:
        # What the step before was to give is not there, and nothing else is written in its place.
        outcome.failed.append(job.say("held_back", line=job.say("write", what=into.path or ""), why=why))
    elif thing.kind == "hits":
        yield from _write_hits(job, marked, outcome, thing, into)
    elif thing.kind == "answer":
        since = len(job.findings)
        yield from answer(job, mark(thing.words), 0, outcome)
        if into.path is not None and len(job.findings) > since and not outcome.failed:
            yield from write_brief(job, marked, match, outcome, into.path, job.findings[since:], append=into.append)
    elif thing.kind == "listing":
        yield from _write_listing(job, marked, outcome, into)
    elif thing.kind in ("copy", "lines"):
        yield from _write_documents(job, marked, outcome, thing, into)
    else:
        yield from _write_found(job, marked, match, outcome, thing, into)


def _write_documents(job: Job, marked: Marked, outcome: Outcome, thing: Thing, into: Into) -> Steps:
    """Write documents, or lines of one, as they stand."""
    paths = yield from documents(job, outcome, marked, without=into.mark)
    if outcome.failed:
        return
    if into.path is None:
        since = len(job.findings)
        lines: dict[str, JSON] = {"start_line": thing.first, "lines": thing.count}
        yield from read_each(job, outcome, paths, more=lines if thing.kind == "lines" else None)
        show(job, outcome, since, whole=True)
    elif thing.kind == "copy":
        yield from copy_documents(job, outcome, paths, into.path, append=into.append)
    else:
        yield from copy_lines(job, outcome, paths, into.path, thing, append=into.append)


def _write_hits(job: Job, marked: Marked, outcome: Outcome, thing: Thing, into: Into) -> Steps:
    since = len(job.findings)
    places = yield from where_to_search(job, marked, outcome, without=into.mark)
    if not outcome.failed:
        yield from search_for(job, marked, outcome, thing.words, places)
    if into.path is not None and len(job.findings) > since:
        yield from write_plain(job, outcome, into.path, job.findings[since:], append=into.append)


def _write_listing(job: Job, marked: Marked, outcome: Outcome, into: Into) -> Steps:
    tool = job.tools.for_concept("list")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    found: list[Finding] = []
    for one in wanted(marked, without=into.mark) or [Wanted("", "**/*")]:
        whole = Wanted(one.path, one.glob or (f"{one.path}/**/*" if one.path else "**/*"))
        line = job.say("list", what=one.path or job.say("workspace"))
        result = yield from job.call(outcome, tool.name, list_arguments(job.tools, whole), line)
        if result.ok:
            found.append(Finding(source=one.path or job.say("workspace"), kind="plain", text=result.text))
    if into.path is None:
        outcome.show("\n".join(one.text for one in found))
    elif found and not outcome.failed:
        yield from write_plain(job, outcome, into.path, found, append=into.append)


def _write_found(job: Job, marked: Marked, match: Match, outcome: Outcome, thing: Thing, into: Into) -> Steps:
    if refuses_form(job, marked, outcome):
        return
    if thing.topic or thing.document:
        since = len(job.findings)
        paths = yield from documents(job, outcome, marked, without=into.mark)
        if thing.document and not paths:
            paths, names = yield from named_so(job, thing.document)
            if not paths:
                outcome.failed.append(job.say("not_called", what=", ".join(names[:8])))
        if not paths and not outcome.failed:
            paths = yield from files_about(job, thing.topic, outcome)
        if paths and not outcome.failed:
            yield from collect(job, outcome, paths, topic=thing.topic)
        found: Sequence[Finding] = job.findings[since:]
    else:
        found = yield from matter(job, marked, match, outcome, into.mark)
    if not found:
        if not outcome.failed:
            outcome.failed.append(job.say("no_matter"))
    elif into.path is None:
        job.fresh = len(job.findings)
        topic = topic_of(marked, match.end)
        shown = wish(job, marked, target="", title="", topic=topic)
        show(job, outcome, len(job.findings) - len(found), wish=shown)
        job.retold = list(found)  # "it" is what was made of them from here on
    elif all(one.kind == "plain" for one in found):
        yield from write_plain(job, outcome, into.path, found, append=into.append)
    elif is_copied(marked, match, found) and found[0] not in job.retold:
        yield from put(job, outcome, into.path, found[0].text, append=into.append)
    else:
        yield from write_brief(job, marked, match, outcome, into.path, found, append=into.append)


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
