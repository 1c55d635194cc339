"""The script of a run: a generator that wants calls made, one thought's worth at a time, and is sent their results.

It is played from the start at every thought. Calls that were made already are answered from the transcript, so it comes
out where the run stands; nothing is kept in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent.events import JSON
from agent.goal import FileCheck, Goal, RegexCheck
from agent.model.offline.clauses import Clause, clauses
from agent.model.offline.compose import Wish
from agent.model.offline.extents import says_only_a_length
from agent.model.offline.findings import Finding
from agent.model.offline.forbidding import forbids
from agent.model.offline.intents import Intent, Outcome, Wants
from agent.model.offline.looking import looked_up_first
from agent.model.offline.marks import BLANK, mark
from agent.model.offline.matching import Toolset
from agent.model.offline.sources import Wanted
from agent.model.offline.transcript import Result, Transcript
from agent.model.offline.wording import say, short
from agent.model.offline.words import is_chinese

LONGEST = 4000
"""Characters of a sub-goal's text that the rules read."""
BATCH = 8
"""So many calls that only read go out in one thought."""
_HELD = "Error (held): a step before it failed"
_ADDING = ("remember", "ask_user")
"""Tools that change something and take nothing away."""
_FREE_WORDS = ("remember", "recall", "ask_user")
"""Tools that are given the user's words, in which a path is none to be written."""


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
    touched: list[str] = field(default_factory=list)
    passed_on: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    expanded: set[str] = field(default_factory=set)
    known: dict[str, Result] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    remembered: list[str] = field(default_factory=list)
    lengths: list[str] = field(default_factory=list)
    wished: dict[int, list[str]] = field(default_factory=dict)
    retold: list[Finding] = field(default_factory=list)
    chain: int = 0
    broken: dict[int, str] = field(default_factory=dict)
    doubtful: dict[str, str] = field(default_factory=dict)
    barren: dict[int, str] = field(default_factory=dict)
    web: dict[str, str] = field(default_factory=dict)
    sought: str = ""
    story: str = ""
    pictures: dict[str, str] = field(default_factory=dict)
    complaint: Outcome | None = None
    following: Clause | None = None
    settled: Clause | None = None

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
            held = {_key(one): Result(_HELD) for one in part if self.doubt(one, replaces=False)}
            new = [one for one in part if _key(one) not in self.known and _key(one) not in held]
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
            given |= held
            results += [given.get(_key(one)) or self.known[_key(one)] for one in part]
        given_up = self._no_loss(intents, results)
        for one, result, told_line in zip(intents, results, lines, strict=True):
            if result.ok:
                outcome.done.append(told_line)
                self._take(one, result)
            elif result.text == _HELD:
                outcome.failed.append(self.say("held_back", line=told_line, why=self.doubt(one, replaces=False)))
            elif result.text.startswith("Error (prohibited)"):
                self.left_alone.append(told_line)
            elif result in given_up:
                outcome.done.append(self.say("left_out", line=told_line, why=short(_without_kind(result.text), 120)))
            else:
                outcome.failed.append(f"{told_line} — {short(_without_kind(result.text), 200)}")
        return results

    def _take(self, intent: Intent, result: Result) -> None:
        """Keep in mind which files a call took to change them, and which words it was given."""
        effect = next((tool.effect for tool in self.tools.tools if tool.name == intent.tool), "")
        if intent.tool in _FREE_WORDS:
            self.passed_on += _texts(intent.arguments)
        elif effect not in ("read", "fetch"):
            self.touched += [*_texts(intent.arguments), result.path]

    def doubt(self, intent: Intent, *, replaces: bool = True) -> str:
        """The failed sub-goal because of which this call must not be made, or "". What deletes, moves, replaces or
        sends waits for all that stands before it in its chain, and for all that was to be done with the same file.

        Args:
            intent: The call.
            replaces: Is there something that a call which writes would replace?
        """
        effects = {tool.name: tool.effect for tool in self.tools.tools}
        writes = self.tools.for_concept("write")
        harmless = (
            effects.get(intent.tool) in ("read", "fetch") or intent.tool in _ADDING or intent.arguments.get("append")
        )
        if harmless or (writes is not None and intent.tool == writes.name and not replaces):
            return ""
        of_files = (why for value in intent.arguments.values() if (why := self.doubtful.get(str(value))))
        return self.broken.get(self.chain, "") or next(of_files, "")

    def wrote(self, path: str) -> bool:
        """Did a call that changes something take this path, or (of a folder) a path in it? One that only stands in the
        words of a note or of a question to the user is taken with them."""
        name = spelt(path)
        taken = (spelt(one) for one in self.touched)
        return any(one == name or one.startswith(f"{name}/") for one in taken) or any(
            path in one for one in self.passed_on
        )

    def fail(self, outcome: Outcome, paths: Sequence[str]) -> None:
        """Keep in mind that a sub-goal failed, and of which files it spoke."""
        why = short(outcome.text, 80)
        self.broken.setdefault(self.chain, why)
        for path in paths:
            self.doubtful.setdefault(path, why)

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

    def prohibits(self, intent: Intent) -> bool:
        """Does the goal, or what the user said since, forbid this call?"""
        return any(forbids(clause, intent, self.tools) for clause in self.prohibitions)


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


def spelt(path: str) -> str:
    """A path in its one spelling: with slashes, without "./" before it and "/" behind."""
    return path.replace("\\", "/").removeprefix("./").rstrip("/")


def _texts(arguments: Mapping[str, JSON]) -> list[str]:
    values = [one for value in arguments.values() for one in (value if isinstance(value, list) else [value])]
    return [one for one in values if isinstance(one, str)]


def _key(intent: Intent) -> str:
    return f"{intent.tool}{sorted((name, repr(value)) for name, value in intent.arguments.items())}"


def _without_kind(text: str) -> str:
    return re.sub(r"^Error \(([^)]*)\):\s*", r"\1: ", text)


def begin(goal: Goal, tools: Toolset, transcript: Transcript) -> Job:
    """What a goal asks for: its sub-goals in order, and what it forbids."""
    job = Job(goal, tools, transcript, chinese=_is_in_chinese(goal))
    for text in goal.goals:
        take_in(job, text)
    for text in goal.constraints:
        job.prohibitions += [clause for clause in clauses(text, tools.verbs) if clause.negated]
    for said in transcript.said:
        if said.origin == "user":
            job.prohibitions += [clause for clause in clauses(said.text[:LONGEST], tools.verbs) if clause.negated]
    return job


def _is_in_chinese(goal: Goal) -> bool:
    """The language of the goal's own words, whatever files they name."""
    own = " ".join(mark(text[:LONGEST]).masked.replace(BLANK, " ") for text in goal.goals)
    return is_chinese(own) or is_chinese(" ".join(goal.goals))


def take_in(job: Job, text: str) -> list[Clause]:
    """Add the sub-goals of a text to what is to be done, and what it forbids to what must not be; returned are those
    that are new. What is only a length for the text before it, is a sub-goal of its own no more."""
    if len(text) > LONGEST:
        job.outcomes.append(Outcome(text=text[LONGEST:], failed=[job.say("too_long", count=LONGEST)]))
        text = text[:LONGEST]
    first = max((clause.chain for clause in job.todo), default=0) + 1
    new: list[Clause] = []
    for clause in looked_up_first(clauses(text, job.tools.verbs, wishing=True)):
        if says_only_a_length(clause.text) and not clause.wish:
            job.lengths.append(f"not {clause.text}" if clause.negated else clause.text)
        elif clause.negated:
            job.prohibitions.append(replace(clause, chain=clause.chain + first))
        else:
            new.append(replace(clause, chain=clause.chain + first))
    job.todo += new
    return new
