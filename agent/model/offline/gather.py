"""Gathering: documents read or summarised, and what of it is told in the answer."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from functools import partial

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.arguments import parameters
from agent.model.offline.findings import Finding, best, ranked
from agent.model.offline.script import Intent, Job, Outcome, Shown, Wants
from agent.model.offline.transcript import Result
from agent.model.offline.wording import short
from agent.model.offline.words import terms

PAGES = 6
"""So many pages of a document are read at most."""

_Found = Generator[Wants, list[Result], None]


def summarise_each(job: Job, outcome: Outcome, paths: Sequence[str], *, topic: str = "") -> _Found:
    """Summarise documents; where no tool does, read them."""
    tool = job.tools.for_concept("summarise")
    if tool is None:
        yield from read_each(job, outcome, paths)
        return
    name = name_of(tool, "path") or "path"
    asks = topic if has(tool, "question") else ""
    intents = [Intent(tool=tool.name, arguments={name: path} | ({"question": asks} if asks else {})) for path in paths]
    lines = [
        job.say("question", what=path, topic=short(asks)) if asks else job.say("summarise", what=path) for path in paths
    ]
    results = yield from job.calls(outcome, intents, lines)
    for path, result in zip(paths, results, strict=True):
        if result.ok:
            job.find(Finding(source=path, kind="summary", text=result.text))


def read_each(job: Job, outcome: Outcome, paths: Sequence[str], *, more: Mapping[str, JSON] | None = None) -> _Found:
    """Read documents whole, as far as they are shown."""
    tool = job.tools.for_concept("read")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    name = name_of(tool, "path") or "path"
    intents = [Intent(tool=tool.name, arguments={name: path} | dict(more or {})) for path in paths]
    results = yield from job.calls(outcome, intents, [job.say("read", what=path) for path in paths])
    for path, result in zip(paths, results, strict=True):
        if result.ok:
            job.find(Finding(source=path, kind="text", text=result.text))
            if not more:
                yield from _read_on(job, outcome, tool.name, {name: path}, result.text)


_ONWARD = re.compile(r"\[lines \d+-\d+ of [^\]]*go on with start_line=(\d+)\]\s*$")


def _read_on(job: Job, outcome: Outcome, tool: str, arguments: Mapping[str, JSON], page: str) -> _Found:
    """Read the following pages of a long document, up to `PAGES` in all."""
    path = str(next(iter(arguments.values())))
    for _ in range(PAGES - 1):
        onward = _ONWARD.search(page)
        if onward is None:
            return
        line = job.say("onward", what=path, line=onward[1])
        result = yield from job.call(outcome, tool, {**arguments, "start_line": int(onward[1])}, line)
        if not result.ok:
            return
        page = result.text
        job.find(Finding(source=path, kind="text", text=page))
    if _ONWARD.search(page):
        outcome.done.append(job.say("pages", what=path, count=PAGES))


def read_handed(job: Job, outcome: Outcome) -> _Found:
    """Read the files that were handed over with the goal, by their handles."""
    tool = next((one for one in job.tools.tools if one.name == "read_artifact"), None)
    if tool is None or not job.transcript.handed:
        return
    intents = [Intent(tool=tool.name, arguments={"handle": one.handle}) for one in job.transcript.handed]
    results = yield from job.calls(outcome, intents, [job.say("read", what=one.name) for one in job.transcript.handed])
    for one, result in zip(job.transcript.handed, results, strict=True):
        if result.ok:
            job.find(Finding(source=one.name, kind="text", text=result.text))


def name_of(tool: ToolDescription, kind: str) -> str | None:
    """The first parameter of this kind."""
    return next((one.name for one in parameters(tool) if one.kind == kind), None)


def has(tool: ToolDescription, name: str) -> bool:
    """Has the tool a parameter of this name?"""
    return any(one.name == name for one in parameters(tool))


def show(job: Job, outcome: Outcome, since: int, *, sentences: int = 6) -> None:
    """Put what was found since into the answer: a tool's words as they are, of documents the best sentences."""
    for finding in job.findings[since:]:
        if finding.kind == "plain":
            outcome.show(cut(finding.text))
    found = [one for one in job.findings[since:] if one.kind != "plain"]
    for source in dict.fromkeys(one.source for one in found):
        mine = [one for one in found if one.source == source]
        outcome.shown.append(Shown(source=source, text=partial(_best_of, source, mine, sentences)))


def _best_of(source: str, found: Sequence[Finding], count: int) -> str:
    chosen = best(ranked(found), count)
    return "\n".join([f"{source}:", *(f"- {one.text}" for one in chosen)]) if chosen else ""


def cut(text: str, most: int = 1500) -> str:
    """The beginning of a result, for the answer."""
    return text.strip() if len(text.strip()) <= most else text.strip()[:most].rstrip() + " …"


def escaped(text: str) -> str:
    """A text as a regular expression that finds it as it stands."""
    return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", text)


def files_with(job: Job, question: str, outcome: Outcome) -> Generator[Wants, list[Result], list[str]]:
    """The files in which a question's words stand, most of them first."""
    tool = job.tools.for_concept("search")
    pattern = next((one.name for one in parameters(tool) if one.name in ("regex", "pattern")), None) if tool else None
    words = list(dict.fromkeys(term for term in terms(question) if len(term) > 2 or not term.isascii()))
    if tool is None or pattern is None or not words:
        return []
    regex = "(?i)" + "|".join(escaped(word) for word in words[:8])
    line = job.say("search", what=short(", ".join(words[:8])))
    result = yield from job.call(outcome, tool.name, {pattern: regex}, line)
    hits: dict[str, set[str]] = {}
    for match in re.finditer(
        r"^\s*(?:[-*]\s+)?([^\s:][^:\n]*\.[A-Za-z0-9]{1,8}):(?:\d+:)?(.*)$", result.text, re.MULTILINE
    ):
        hits.setdefault(match[1], set()).update(word for word in words if word in match[2].casefold())
    ordered = sorted(hits, key=lambda path: (-len(hits[path]), path))
    return ordered[:3] if result.ok else []
