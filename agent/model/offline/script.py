"""The script of a run: a generator that wants calls made, one thought's worth at a time, and is sent their results.

It is played from the start at every thought. Calls that were made already are answered from the transcript, so it comes
out where the run stands; nothing is kept in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from agent.events import JSON
from agent.goal import FileCheck, Goal, RegexCheck
from agent.model.offline.clauses import Clause, clauses
from agent.model.offline.compose import Wish
from agent.model.offline.findings import Finding
from agent.model.offline.marks import Mark, Marked, mark
from agent.model.offline.matching import Toolset, phrases
from agent.model.offline.sources import MOST_FILES, Wanted, chosen, wanted
from agent.model.offline.transcript import Result, Transcript
from agent.model.offline.wording import say, short
from agent.model.offline.words import is_chinese, stems

LONGEST = 4000
"""Characters of a sub-goal's text that the rules read."""
BATCH = 8
"""So many calls that only read go out in one thought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A call that is wanted. `late` works out the arguments that depend on results; only a new call needs them."""

    tool: str
    arguments: Mapping[str, JSON]
    late: Callable[[], Mapping[str, JSON]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """Calls of one thought, and the line that tells of them."""

    intents: tuple[Intent, ...]
    line: str


Steps: TypeAlias = Generator[Wants, list[Result], None]
"""Wants calls made and is sent their results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Something for the answer; `source` is the document in which it stands, "" for none. It is worked out only when
    the answer is given."""

    text: Callable[[], str]
    source: str = ""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a sub-goal. `done` tells of calls that worked, `failed` of what did not; `shown` is what was found
    and is to be told in the answer."""

    text: str
    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def show(self, text: str) -> None:
        """Tell a text in the answer."""
        self.shown.append(Shown(text=lambda: text))

    @property
    def ok(self) -> bool:
        """Was all of it done?"""
        return not self.failed


@dataclass(slots=True)
class Job:
    """One play of the script: what is asked, what was found, what was written."""

    goal: Goal
    tools: Toolset
    transcript: Transcript
    chinese: bool
    todo: list[Clause] = field(default_factory=list)
    prohibitions: list[Clause] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    fresh: int = 0
    mentioned: list[str] = field(default_factory=list)
    written: dict[str, Wish] = field(default_factory=dict)
    composed: dict[str, list[Finding]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    left_alone: list[str] = field(default_factory=list)
    expanded: set[str] = field(default_factory=set)
    known: dict[str, Result] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """A line in the goal's language."""
        return say(key, chinese=self.chinese, **values)

    @property
    def targets(self) -> set[str]:
        """Files that the run is to write: never sources of a whole folder."""
        places = [place for clause in self.todo for place in mark(clause.text).of("path") if place.part == "target"]
        checked = [check.file for check in self.goal.checks if isinstance(check, FileCheck)]
        checked += [check.path for check in self.goal.checks if isinstance(check, RegexCheck)]
        return {place.text for place in places} | set(checked) | set(self.written)

    def call(
        self,
        outcome: Outcome,
        tool: str,
        arguments: Mapping[str, JSON],
        line: str,
        *,
        late: Callable[[], Mapping[str, JSON]] | None = None,
    ) -> Generator[Wants, list[Result], Result]:
        """Make one call and note what became of it."""
        results = yield from self.calls(outcome, [Intent(tool=tool, arguments=arguments, late=late)], [line])
        return results[0]

    def calls(
        self, outcome: Outcome, intents: Sequence[Intent], lines: Sequence[str]
    ) -> Generator[Wants, list[Result], list[Result]]:
        """Make calls that do not depend on each other; what only reads, and was read already, is not read again."""
        results: list[Result] = []
        effects = {tool.name: tool.effect for tool in self.tools.tools}
        for begin in range(0, len(intents), BATCH):
            part, told = intents[begin : begin + BATCH], lines[begin : begin + BATCH]
            new = [one for one in part if _key(one) not in self.known]
            if new:
                spoken = told[0] if len(part) == 1 else self._together(told)
                answers = yield Wants(intents=tuple(new), line=spoken)
                for one, answer in zip(new, answers, strict=True):
                    if effects.get(one.tool) not in ("read", "fetch") and answer.ok:
                        self.known.clear()
                    if answer.ok and effects.get(one.tool) in ("read", "fetch"):
                        self.known[_key(one)] = answer
                given = dict(zip(map(_key, new), answers, strict=True))
            else:
                given = {}
            results += [given.get(_key(one)) or self.known[_key(one)] for one in part]
        given_up = self._no_loss(intents, results)
        for result, told_line in zip(results, lines, strict=True):
            if result.ok:
                outcome.done.append(told_line)
            elif result.text.startswith("Error (prohibited)"):
                self.left_alone.append(told_line)
            elif result in given_up:
                outcome.done.append(self.say("left_out", line=told_line, why=short(_without_kind(result.text), 120)))
            else:
                outcome.failed.append(f"{told_line} — {short(_without_kind(result.text), 200)}")
        return results

    def _no_loss(self, intents: Sequence[Intent], results: Sequence[Result]) -> list[Result]:
        """Failures for files that only a wildcard named and that hold no text, where others were read."""
        if not any(result.ok for result in results):
            return []
        return [
            result
            for one, result in zip(intents, results, strict=True)
            if not result.ok
            and set(map(str, one.arguments.values())) & self.expanded
            and re.search(r"is empty|is not text", result.text)
        ]

    def _together(self, lines: Sequence[str]) -> str:
        shown = "; ".join(lines[:3]) if not self.chinese else "；".join(lines[:3])
        return shown if len(lines) <= 3 else self.say("more", what=shown, count=len(lines) - 3)

    def find(self, finding: Finding) -> None:
        """Keep what a call found."""
        self.findings.append(finding)

    def mention(self, paths: Sequence[str]) -> None:
        """Remember the documents that were spoken of last: "it", "them"."""
        if paths:
            self.mentioned = list(paths)

    def documents(
        self, outcome: Outcome, marked: Marked, *, without: Mark | None = None
    ) -> Generator[Wants, list[Result], list[str]]:
        """The documents that a sub-goal speaks of; folders and wildcards are listed first. Those spoken of before
        stand for "it" and "the documents"; empty where there is none."""
        asked = wanted(marked, without=without)
        everything = re.search(r"\b(?:all|every|each|everything)\b|所有|全部|每|各", marked.masked, re.IGNORECASE)
        if asked and asked[0].path == "" and not everything and self.mentioned and not marked.places:
            return self.mentioned
        found: list[str] = []
        for one in asked:
            if one.glob is None:
                found.append(one.path)
            else:
                found += yield from self._listed(outcome, one)
        found = list(dict.fromkeys(found))
        self.mention(found)
        return found

    def _listed(self, outcome: Outcome, one: Wanted) -> Generator[Wants, list[Result], list[str]]:
        tool = self.tools.for_concept("list")
        if tool is None:
            outcome.failed.append(self.say("not_offered"))
            return []
        aside = Outcome(text=outcome.text)
        line = self.say("list", what=one.path or self.say("workspace"))
        result = yield from self.call(aside, tool.name, list_arguments(self.tools, one), line)
        outcome.failed += aside.failed
        if not result.ok:
            return []
        names, skipped = chosen(result.text, one, leave_out=sorted(self.targets))
        if skipped:
            outcome.done.append(self.say("skipped", what=", ".join(skipped[:5])))
        if not names:
            outcome.failed.append(self.say("no_files", what=one.glob or one.path))
        if len(names) > MOST_FILES:
            outcome.failed.append(self.say("too_many", count=MOST_FILES, total=len(names)))
        self.expanded.update(names)
        return names[:MOST_FILES]

    def concerns_a_tool(self, clause: Clause) -> bool:
        """Is a prohibition about anything that a tool here does?"""
        named = [place.text for place in mark(clause.text).places] or [""]
        return any(
            _forbids(clause, Intent(tool=tool.name, arguments={"path": named[0]}), self.tools)
            for tool in self.tools.tools
        )

    def prohibits(self, intent: Intent) -> bool:
        """Does the goal, or what the user said since, forbid this call?"""
        return any(_forbids(clause, intent, self.tools) for clause in self.prohibitions)


def list_arguments(tools: Toolset, one: Wanted) -> dict[str, JSON]:
    """The arguments to list a folder with all that is in it."""
    tool = tools.for_concept("list")
    properties = tool.parameters.get("properties") if tool else None
    names = list(properties) if isinstance(properties, dict) else []
    arguments: dict[str, JSON] = {}
    for name in names:
        if name in ("path", "folder", "directory", "dir") and one.path:
            arguments[name] = one.path
        if name in ("pattern", "glob") and one.glob and not one.glob.endswith("**/*"):
            arguments[name] = one.glob.removeprefix(f"{one.path}/") if one.path else one.glob
        if name == "recursive":
            arguments[name] = True
    return arguments


def _key(intent: Intent) -> str:
    return f"{intent.tool}{sorted((name, repr(value)) for name, value in intent.arguments.items())}"


def _without_kind(text: str) -> str:
    return re.sub(r"^Error \(([^)]*)\):\s*", r"\1: ", text)


def _forbids(clause: Clause, intent: Intent, tools: Toolset) -> bool:
    marked = mark(clause.text)
    tool = next((one for one in tools.tools if one.name == intent.tool), None)
    if tool is None:
        return False
    heads = {concept.name: concept for concept in tools.concepts_of(tool)}
    words = [*phrases(tool), *(phrase for one in heads.values() for phrase in (*one.english, *one.chinese))]
    if tool.effect == "write" and tool.name != "remember":
        words += ["change", "modify", "touch", "alter", "overwrite", "改动", "更改", "修改", "动", "覆盖"]
    about = _begins_with(clause.text, words) or tool.name in clause.text
    named = [place.text.replace("\\", "/") for place in marked.places]
    values = [str(value).replace("\\", "/") for value in intent.arguments.values() if isinstance(value, str)]
    if not about and not (named and tool.effect != "read" and re.match(r"touch|动|碰", clause.text)):
        return False
    return not named or any(
        value == name or value.startswith(f"{name.rstrip('/')}/") for name in named for value in values
    )


def _begins_with(text: str, words: Sequence[str]) -> bool:
    first = stems(text[:80])
    return any((wanted_words := stems(word)) and first[: len(wanted_words)] == wanted_words for word in words)


def begin(goal: Goal, tools: Toolset, transcript: Transcript) -> Job:
    """What a goal asks for: its sub-goals in order, and what it forbids."""
    job = Job(goal, tools, transcript, chinese=is_chinese(" ".join(goal.goals)))
    for text in goal.goals:
        take_in(job, text)
    for text in goal.constraints:
        job.prohibitions += [clause for clause in clauses(text, tools.verbs) if clause.negated]
    for said in transcript.said:
        if said.origin == "user":
            job.prohibitions += [clause for clause in clauses(said.text[:LONGEST], tools.verbs) if clause.negated]
    return job


def take_in(job: Job, text: str) -> None:
    """Add the sub-goals of a text to what is to be done, and what it forbids to what must not be."""
    if len(text) > LONGEST:
        job.outcomes.append(Outcome(text=text[LONGEST:], failed=[job.say("too_long", count=LONGEST)]))
        text = text[:LONGEST]
    for clause in clauses(text, job.tools.verbs):
        (job.prohibitions if clause.negated else job.todo).append(clause)
