"""Gathering: documents read or summarised, and what of it is told in the answer."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from functools import partial

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.compose import Wish, cited, fitting, is_limited
from agent.model.offline.findings import ONWARD, Finding, best, extent, ranked
from agent.model.offline.intents import Intent, Outcome, Shown, Wants
from agent.model.offline.parameters import parameters
from agent.model.offline.prose import prose
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result

_SHOWN = 6
"""So many sentences of a document are told in the answer, where nothing else is asked."""
_SHORT = 1500
"""Characters up to which a document that was read is told as it stands."""
PAGES = 6
"""So many pages of `read_file` are read of a document at most."""

_Found = Generator[Wants, list[Result], None]


def summarise_each(job: Job, outcome: Outcome, paths: Sequence[str]) -> _Found:
    """Summarise documents; where no tool does, or where it ran lines together that are no prose, read them."""
    tool = job.tools.for_concept("summarise")
    if tool is None:
        yield from read_each(job, outcome, paths)
        return
    name = name_of(tool, "path") or "path"
    intents = [Intent(tool=tool.name, arguments={name: path}) for path in paths]
    results = yield from job.calls(outcome, intents, [job.say("summarise", what=path) for path in paths])
    for path, result in zip(paths, results, strict=True):
        if result.ok and _is_glued(result.text) and job.tools.for_concept("read") is not None:
            yield from read_each(job, outcome, [path])
        elif result.ok:
            job.find(Finding(source=path, kind="summary", text=result.text))


_LONG_LINE = 40
"""Characters from which a sentence without an end mark is taken for several lines run together."""


def _is_glued(summary: str) -> bool:
    """Are there sentences in a summary that no mark ends, too long for a heading or a line of a list?"""
    return any(len(one) >= _LONG_LINE and one[-1] not in '.!?。！？…:：;；"”’」』)）' for one in prose(summary))


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


def _read_on(job: Job, outcome: Outcome, tool: str, arguments: Mapping[str, JSON], page: str) -> _Found:
    """Read the following pages of a long document, up to `PAGES` in all."""
    path = str(next(iter(arguments.values())))
    for _ in range(PAGES - 1):
        onward = ONWARD.search(page)
        if onward is None:
            return
        line = job.say("onward", what=path, line=onward["next"])
        result = yield from job.call(outcome, tool, {**arguments, "start_line": int(onward["next"])}, line)
        if not result.ok:
            return
        page = result.text
        job.find(Finding(source=path, kind="text", text=page))
    if ONWARD.search(page):
        outcome.done.append(job.say("cut", what=path, extent=extent(page)))


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


def show(job: Job, outcome: Outcome, since: int, *, wish: Wish | None = None, whole: bool = False) -> None:
    """Put what was found since into the answer: a tool's words as they are, of documents the best sentences, as many
    and as long as was wished for; with `whole` a short document as it stands."""
    for finding in job.findings[since:]:
        if finding.kind == "plain":
            outcome.show(cut(finding.text))
    found = [one for one in job.findings[since:] if one.kind != "plain"]
    if wish is not None and is_limited(wish):
        _show_limited(job, outcome, found, wish)
        return
    for source in dict.fromkeys(one.source for one in found):
        mine = [one for one in found if one.source == source]
        as_it_stands = whole and len(mine) == 1 and len(mine[0].text) <= _SHORT
        text = partial(_whole, mine[0]) if as_it_stands else partial(_best_of, source, mine)
        outcome.shown.append(Shown(source=source, text=text))


def _whole(found: Finding) -> str:
    return f"{found.source}:\n{found.text.strip()}"


def _best_of(source: str, found: Sequence[Finding]) -> str:
    chosen = best(ranked(found), _SHOWN)
    return "\n".join([f"{source}:", *(f"- {cited(one)}" for one in chosen)]) if chosen else ""


def _show_limited(job: Job, outcome: Outcome, found: Sequence[Finding], wish: Wish) -> None:
    chosen = fitting(ranked(found, topic=wish.topic), wish, count=_SHOWN)
    check_limits(job, outcome, found, wish)
    for source in dict.fromkeys(one.source for one in chosen):
        mine = [one for one in chosen if one.source == source]
        lines = [f"- {cited(one) if wish.most is None else one.text}" for one in mine]  # a place would be counted too
        outcome.show("\n".join([f"{source}:", *lines]))


def check_limits(job: Job, outcome: Outcome, found: Sequence[Finding], wish: Wish) -> None:
    """Say so where the sentences that were found do not give the length that was wished for."""
    sentences = ranked(found, topic=wish.topic)
    chosen = fitting(sentences, wish, count=_SHOWN)
    if sentences and not chosen:
        outcome.failed.append(job.say("too_tight", count=wish.most))
    elif wish.sentences is not None and not wish.each and len(chosen) < wish.sentences:
        outcome.done.append(job.say("fewer", count=len(chosen), wanted=wish.sentences))


def cut(text: str, most: int = 1500) -> str:
    """The beginning of a result, for the answer."""
    return text.strip() if len(text.strip()) <= most else text.strip()[:most].rstrip() + " …"


def escaped(text: str) -> str:
    """A text as a regular expression that finds it as it stands."""
    return re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", text)
