"""A run in one line: how it stands, what it cost, what it was for; and many of them added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.archive.stored import Fact, current
from agent.events import Usage
from agent.history import Spend

_PAID = frozenset({"thought", "model.called"})
_ENDS = frozenset({"finished", "stopped"})
_OPENINGS = frozenset({"run.started", "run.resumed"})


@dataclass(slots=True)
class Work:
    """What was asked of a model: what it cost, and the seconds that were waited for it."""

    spend: Spend = field(default_factory=Spend)
    seconds: float = 0.0


@dataclass(slots=True)
class Summary:
    """A run, folded into what a line tells of it.

    `state` is how it ended, None where it has not; `seconds` the run's own time; `models` the work of each model by
    its name. `goal` is its text, `name` that of its goal file, "" for a goal in words. `seq` is the last event's
    number.
    """

    state: str | None = None
    reason: str = ""
    answer: str = ""
    began: float | None = None
    goal: str = ""
    name: str = ""
    workspace: str = ""
    steps: int = 0
    seconds: float = 0.0
    seq: int = 0
    spend: Spend = field(default_factory=Spend)
    models: dict[str, Work] = field(default_factory=dict)
    _forked: int = 0
    _before: float = 0.0

    def apply(self, fact: Fact, fields: Mapping[str, Any] | None = None) -> None:
        """Take in the next event, in their order; its fields, where the caller has read them."""
        self.seq = fact.seq
        if fact.seq <= self._forked:
            self._before = fact.elapsed
        self.seconds = fact.elapsed - self._before
        if fact.kind in _PAID:
            self._pay(fields or current(fact), fact)
        elif not fact.path and fact.kind in _ENDS:
            fields = fields or current(fact)
            self.state, self.reason, self.answer = fields["state"], fields["reason"], fields.get("answer", "")
        elif not fact.path and fact.kind in _OPENINGS:
            self._open(fields or current(fact), fact)

    def _open(self, fields: Mapping[str, Any], fact: Fact) -> None:
        self.state = None
        if fact.kind == "run.started":
            self.began, self.workspace = fact.time, str(fields.get("workspace", ""))
            self.goal = goal_text(fields["goal"])
            self.name = str(fields["goal"].get("name") or "") if fields.get("source") else ""
            self._forked = int(fields.get("forked", 0))
        elif fields.get("goal") is not None:
            self.goal = goal_text(fields["goal"])

    def _pay(self, fields: Mapping[str, Any], fact: Fact) -> None:
        if fact.kind == "thought" and not fact.path:
            self.steps = int(fields.get("step", 0))
        if fact.seq <= self._forked:
            return  # the run that this one branched off from has paid for it
        usage = Usage(**fields["usage"])
        self.spend.add(usage)
        work = self.models.setdefault(str(fields.get("model", "")), Work())
        work.spend.add(usage)
        work.seconds += float(fields.get("seconds", 0.0))


def goal_text(goal: Mapping[str, Any]) -> str:
    """A goal in words, its parts one after the other."""
    goals = goal.get("goals", "")
    return "; ".join(map(str, goals)) if isinstance(goals, list | tuple) else str(goals)


def summarise(facts: Iterable[Fact]) -> Summary:
    """Fold the events of a run. What `facts` raises is passed on."""
    summary = Summary()
    for fact in facts:
        summary.apply(fact)
    return summary


@dataclass(slots=True)
class Total:
    """Runs added up. `seconds` are the runs' own for a goal, and those waited for answers for a model."""

    name: str
    runs: int = 0
    reached: int = 0
    steps: int = 0
    seconds: float = 0.0
    spend: Spend = field(default_factory=Spend)

    def add(self, summary: Summary, spend: Spend, seconds: float) -> None:
        """Count one more run, with what of its cost and time belongs here."""
        self.runs += 1
        self.reached += summary.state == "reached"
        self.steps += summary.steps
        self.seconds += seconds
        added(self.spend, spend)


def added(total: Spend, more: Spend) -> None:
    """Count what was spent to what was spent before."""
    total.model_calls += more.model_calls
    total.prompt_tokens += more.prompt_tokens
    total.cached_tokens += more.cached_tokens
    total.completion_tokens += more.completion_tokens
    total.usd += more.usd
    total.priced = total.priced and more.priced


def by_goal(summaries: Iterable[Summary]) -> list[Total]:
    """The runs added up by their goal: by the name it was given, else by its words. The dearest first."""
    totals: dict[str, Total] = {}
    for one in summaries:
        name = one.name or one.goal
        totals.setdefault(name, Total(name)).add(one, one.spend, one.seconds)
    return _dearest_first(totals)


def by_model(summaries: Iterable[Summary]) -> list[Total]:
    """The runs added up by the models that answered; one that two models worked on counts at both."""
    totals: dict[str, Total] = {}
    for one in summaries:
        for name, work in one.models.items():
            totals.setdefault(name, Total(name)).add(one, work.spend, work.seconds)
    return _dearest_first(totals)


def _dearest_first(totals: Mapping[str, Total]) -> list[Total]:
    return sorted(totals.values(), key=lambda one: (-one.spend.usd, -one.spend.tokens, -one.seconds, one.name))
