"""Lines found by words: in which files the words of a question stand, and around which lines to read a long one."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from agent.events import JSON
from agent.model.offline.intents import Intent, Outcome, Wants
from agent.model.offline.parameters import parameters
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result
from agent.model.offline.weighing import weigh
from agent.model.offline.wording import short
from agent.model.offline.words import pattern_of, terms

MOST_WORDS = 8
"""So many words of a question are looked for."""
_HIT = re.compile(r"^\s*(?:[-*]\s+)?(?P<path>[^\s:][^:\n]*?):(?P<line>\d+):\s?(?P<text>.*)$", re.MULTILINE)
_MORE = re.compile(r"^\[only the first \d+ are shown", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A line in which a word stands; `line` counts from 1."""

    path: str
    line: int
    text: str


def hits(
    job: Job, outcome: Outcome, words: Sequence[str], *, path: str = ""
) -> Generator[Wants, list[Result], list[Hit]]:
    """The lines in which any of these terms stands, in a file or everywhere. Where common words crowd out the rare ones
    each word is looked for alone."""
    tool = job.tools.for_concept("search")
    names = {one.name: one.kind for one in parameters(tool)} if tool else {}
    pattern = next((name for name in ("regex", "pattern") if name in names), None)
    words = [word for word in words if len(word) > 2 or not word.isascii() or word.isdigit()][:MOST_WORDS]
    if tool is None or pattern is None or not words:
        return []
    where: dict[str, JSON] = {"path": path} if path and names.get("path") == "path" else {}
    line = job.say("search", what=short(", ".join(words)))
    result = yield from job.call(outcome, tool.name, {pattern: pattern_of(*words), **where}, line)
    found = _parsed(result)
    if result.ok and _MORE.search(result.text) and len(words) > 1:
        intents = [Intent(tool=tool.name, arguments={pattern: pattern_of(one), **where}) for one in words]
        results = yield from job.calls(outcome, intents, [job.say("search", what=one) for one in words])
        found += [hit for one in results for hit in _parsed(one)]
    return list(dict.fromkeys(found))


def lines_with(job: Job, regex: str, *, path: str, what: str) -> Generator[Wants, list[Result], list[Hit]]:
    """The lines of a file that a regular expression finds; none where nothing here can search."""
    tool = job.tools.for_concept("search")
    names = {one.name: one.kind for one in parameters(tool)} if tool else {}
    pattern = next((name for name in ("regex", "pattern") if name in names), None)
    if tool is None or pattern is None or names.get("path") != "path":
        return []
    aside = Outcome(text=what)
    return _parsed(
        (yield from job.call(aside, tool.name, {pattern: regex, "path": path}, job.say("search", what=what)))
    )


def _parsed(result: Result) -> list[Hit]:
    return hits_in(result.text) if result.ok else []


def hits_in(text: str) -> list[Hit]:
    """The lines that the result of a search tells."""
    return [Hit(one["path"], int(one["line"]), one["text"]) for one in _HIT.finditer(text)]


def files_of(found: Sequence[Hit], words: Sequence[str], *, most: int = 3) -> list[str]:
    """The files that have most of these words, rare ones counting more; none that has far less than the best."""
    weights = weigh([terms(hit.text) for hit in found])
    had: dict[str, set[str]] = {}
    for hit in found:
        had.setdefault(hit.path, set()).update(terms(hit.text))
    shares = {path: weights.share(words, own) for path, own in had.items()}
    best = max(shares.values(), default=0.0)
    fitting = [path for path, share in shares.items() if share >= 0.5 * best]
    return sorted(fitting, key=lambda path: (-shares[path], path))[:most]


def lines_of(found: Sequence[Hit], words: Sequence[str], *, most: int = 8) -> list[int]:
    """The lines that have most of these words, rare ones counting more."""
    weights = weigh([terms(hit.text) for hit in found])
    ordered = sorted(found, key=lambda hit: (-weights.share(words, terms(hit.text)), hit.line))
    return sorted(hit.line for hit in ordered[:most])
