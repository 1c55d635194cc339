"""Looking into documents for one thing: they are read, long ones around the lines that have its words, and only the
sentences about it are kept."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from agent.events import JSON
from agent.model.offline.findings import ONWARD, Finding, Sentence, ranked, shared
from agent.model.offline.gather import has, name_of, summarise_each
from agent.model.offline.hits import Hit, files_of, hits, lines_of
from agent.model.offline.intents import Intent, Outcome, Steps, Wants
from agent.model.offline.questions import question_of
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result
from agent.model.offline.wording import short
from agent.model.offline.words import terms

LEAST = 0.4
"""Which part of a topic, by the weight of its words, a sentence must have to be about it."""
_AROUND = 2
"""Lines read before a line that was found."""


def texts_about(
    job: Job, outcome: Outcome, paths: Sequence[str], topic: str
) -> Generator[Wants, list[Result], list[Finding]]:
    """The documents as texts, for a look at what they say of a topic: short ones whole, of long ones the lines around
    its words. They are returned and not kept as findings."""
    tool = job.tools.for_concept("read")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return []
    name = name_of(tool, "path") or "path"
    lines = [job.say("question", what=path, topic=short(topic)) for path in paths]
    intents = [Intent(tool=tool.name, arguments={name: path}) for path in paths]
    results = yield from job.calls(outcome, intents, lines)
    found: list[Finding] = []
    for path, result in zip(paths, results, strict=True):
        if result.ok:
            found.append(Finding(source=path, kind="text", text=result.text))
        if result.ok and ONWARD.search(result.text) and has(tool, "start_line"):
            found += yield from _around(job, outcome, tool.name, {name: path}, topic)
    return found


def _around(
    job: Job, outcome: Outcome, tool: str, arguments: dict[str, JSON], topic: str
) -> Generator[Wants, list[Result], list[Finding]]:
    path = str(next(iter(arguments.values())))
    words = question_of(topic).words
    lines = yield from hits(job, outcome, words, path=path)
    spans = _spans(lines, words)
    if not spans:
        return []
    intents = [
        Intent(tool=tool, arguments={**arguments, "start_line": first, "lines": last - first + 1})
        for first, last in spans
    ]
    told = [job.say("spans", what=path, line=first) for first, _ in spans]
    results = yield from job.calls(outcome, intents, told)
    return [Finding(source=path, kind="text", text=one.text) for one in results if one.ok]


def _spans(found: Sequence[Hit], words: Sequence[str]) -> list[tuple[int, int]]:
    """The lines around the best hits, as first and last line; those that touch are one."""
    spans: list[tuple[int, int]] = []
    for line in lines_of(found, words):
        first, last = max(1, line - _AROUND), line + 2 * _AROUND
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(last, spans[-1][1]))
        else:
            spans.append((first, last))
    return spans


def about(texts: Sequence[Finding], topic: str) -> list[Sentence]:
    """The sentences of the texts that are about a topic, in their order; empty where there is none."""
    found = ranked(texts, topic=topic)
    shares = shared(
        matter if terms(matter := question_of(topic).matter) else topic, [(one.text, one.above) for one in found]
    )
    most = max(shares, default=0.0)
    if most < LEAST:
        return []
    return [one for one, share in zip(found, shares, strict=True) if share >= max(0.4 * most, LEAST)]


def look(job: Job, outcome: Outcome, paths: Sequence[str], topic: str, *, most: int = 12) -> Steps:
    """Keep as findings what the documents say of a topic, and tell truthfully of which they say nothing."""
    texts = yield from texts_about(job, outcome, paths, topic)
    found = about(texts, topic)
    best = sorted(found, key=lambda one: -one.score)[:most]
    kept = [one for one in found if one in best]
    for source in dict.fromkeys(one.source for one in kept):
        text = "\n".join(one.text for one in kept if one.source == source)
        job.find(Finding(source=source, kind="summary", text=text))
    silent = [
        path for path in dict.fromkeys(one.source for one in texts) if not any(path == one.source for one in kept)
    ]
    if silent:
        line = job.say("nothing_on", topic=short(topic), what=", ".join(silent))
        (outcome.done if kept else outcome.failed).append(re.sub(r"\s+", " ", line))


def collect(job: Job, outcome: Outcome, paths: Sequence[str], *, topic: str = "") -> Steps:
    """Keep as findings what documents say: of a topic, or (without one) of all that they are about."""
    if topic:
        yield from look(job, outcome, paths, topic)
    else:
        yield from summarise_each(job, outcome, paths)


def files_about(job: Job, topic: str, outcome: Outcome) -> Generator[Wants, list[Result], list[str]]:
    """The files in which the words of a topic or a question stand, those with the rarest of them first."""
    words = question_of(topic).words
    found = yield from hits(job, outcome, words)
    return files_of(found, words)
