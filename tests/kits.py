"""A run over real parts in a folder of the test's: journal, workspace, artifacts, notes; the model is scripted."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from agent import checks
from agent.approval import Answer, Approval, Approver, Policy, Question
from agent.ending import wind_up
from agent.events import (
    Event,
    Feedback,
    Finished,
    Progress,
    Record,
    RunResumed,
    RunStarted,
    Stopped,
    ThoughtDelta,
    ToolCall,
)
from agent.goal import Goal, goal_from_dict, goal_to_dict
from agent.kit import Kit
from agent.limits import Allowance
from agent.loop import loop
from agent.mail import Barrier, Item, Items, Nested
from agent.model import Model
from agent.notes import LongTerm, NewNote
from agent.opening.assembly import Parts, make_kit
from agent.opening.parts import ShelfArtifacts
from agent.runs import Run
from agent.settle import go_on
from memory.artifacts import Shelf
from plugins import Found, Newest, Plugin, Remembered, Tool, Toolbox, ToolError, Workspace, built_in_plugins

DAY = date(2026, 11, 1)


def called(tool: str, _id: str = "", **arguments: Any) -> ToolCall:
    """A call as a model makes it."""
    return ToolCall(id=_id or f"{tool}-1", tool=tool, arguments=arguments)


def finish(answer: str = "done", **more: Any) -> ToolCall:
    """The call that ends the work."""
    return called("finish", answer=answer, **more)


def opening(run_id: str = "r", **more: Any) -> RunStarted:
    """The first event of a run whose opening matters little: what of it does is named."""
    plain = {"goal": {"goals": ["g"]}, "source": None, "model": "m", "workspace": "/w", "namespace": "n"}
    given = {"run_id": run_id, **plain, "unattended": True, "tools": (), "thinkact": "1", **more}
    return RunStarted(**given)


@dataclass
class Notes:
    """Notes in a list: the newest are found first, where they share a word with the query."""

    kept: list[str] = field(default_factory=list)

    rules = False  # what a run writes by itself has tests of its own, over the real store

    def write(self, note: NewNote) -> Remembered:
        if "refuse" in note.text:
            raise ToolError(f"this {note.kind} is refused")
        self.kept.append(note.text)
        return Remembered(id=f"n{len(self.kept)}", state="new", namespace="test")

    def newest(self, *, count: int) -> Newest:
        found = [
            Found(id=f"n{n}", text=text, score=1.0, kind="note", origin="agent", date="2026-10-01")
            for n, text in reversed(list(enumerate(self.kept, 1)))
        ]
        return Newest(notes=found[:count], total=len(found))

    def standing(self, query: str, *, count: int) -> Sequence[Found]:
        return ()

    def forms(self, tools: Collection[str], *, count: int) -> Sequence[Found]:
        return ()

    def used(self, ids: Iterable[str]) -> None:
        """Nobody counts."""

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        if kinds and "note" not in kinds:
            return ()
        words = set(query.casefold().split())
        return [
            Found(id=f"n{n}", text=text, score=0.5, kind="note", origin="agent", date="2026-10-01")
            for n, text in reversed(list(enumerate(self.kept, 1)))
            if words & set(text.casefold().split())
        ][:count]


@dataclass
class Outcome:
    """What a driven run left."""

    ended: Finished | Stopped
    run: Run
    kit: Kit
    records: list[Record]
    items: list[Item]

    @property
    def events(self) -> list[Event]:
        return [record.event for record in self.records]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def commits(self) -> list[list[str]]:
        """The kinds of the events of each commit that wrote something, in order."""
        found: list[list[str]] = [[]]
        for item in self.items:
            if isinstance(item, Barrier):
                found.append([])
            elif not isinstance(event := item.event if isinstance(item, Nested) else item, ThoughtDelta | Progress):
                found[-1].append(event.kind)
        return [one for one in found if one]


@dataclass
class Person:
    """Somebody at the terminal who answers as told, and remembers what was asked."""

    answers: list[Answer] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def ask(self, question: Question) -> Answer:
        self.questions.append(question)
        return self.answers.pop(0)

    def answer(self, question: str, choices: Sequence[str]) -> str:
        self.asked.append((question, tuple(choices)))
        return self.words.pop(0)


@dataclass
class House:
    """Makes and drives runs in one folder."""

    home: Path
    tools: Sequence[Tool] = ()
    policy: Policy = field(default_factory=Policy)
    approver: Approver | None = None
    allowance: Allowance = field(default_factory=Allowance)
    notes: LongTerm = field(default_factory=Notes)
    hooks: tuple[Any, ...] = ()
    built_in: bool = True
    environment: Mapping[str, str] = field(default_factory=lambda: {"PATH": "/usr/bin:/bin"})
    watchers: list[Callable[[Record], None]] = field(default_factory=list)
    seen: list[Callable[[Item], None]] = field(default_factory=list)
    today: date = DAY
    prepare: Callable[[Kit], None] = lambda _: None

    @property
    def workspace(self) -> Path:
        return self.home / "workspace"

    def write(self, path: str, text: str) -> None:
        file = self.workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def seat(self, *answers: Answer) -> Person:
        """Somebody sits at the terminal, is asked, and answers so."""
        person = Person(list(answers))
        self.policy, self.approver = Policy(attended=True), person
        return person

    def read(self, path: str) -> str:
        return (self.workspace / path).read_text("utf-8")

    def run(self, goal: Goal | str, model: Model) -> Outcome:
        """A new run, to its end."""
        goal = Goal(goals=(goal,)) if isinstance(goal, str) else goal
        with Run.create(self.home / "runs") as run, Workspace.open(self.workspace, write=goal.write) as files:
            run.record(
                RunStarted(
                    run_id=run.id,
                    goal=goal_to_dict(goal),
                    source=None,
                    model=model.name,
                    workspace=str(self.workspace),
                    namespace="test",
                    unattended=True,
                    tools=(),
                    thinkact="test",
                    baseline=checks.baseline(goal, files),
                )
            )
            return self._drive(run, self._kit(run, goal, model, files), loop)

    def resume(
        self,
        model: Model,
        *,
        run_id: str = "",
        feedback: str = "",
        limits: Mapping[str, Any] | None = None,
        word: Any = None,
        goal: Goal | None = None,
    ) -> Outcome:
        """The last run (or the one named), gone on with, with another goal where one is given."""
        name = run_id or sorted(path.name for path in (self.home / "runs").iterdir())[-1]
        with Run.open(self.home / "runs" / name) as run:
            assert run.history.started is not None
            goal = goal or goal_from_dict(run.history.started.goal)
            with Workspace.open(self.workspace, write=goal.write) as files:
                run.record(RunResumed(model=model.name, limits=dict(limits or {}), unattended=True, seconds=0.0))
                if feedback:
                    run.record(Feedback(text=feedback, origin="user"))
                return self._drive(run, self._kit(run, goal, model, files), partial(go_on, unattended=word))

    def _drive(self, run: Run, kit: Kit, items: Callable[[Kit], Items]) -> Outcome:
        records: list[Record] = []
        run.listen(records.append)
        for watcher in self.watchers:
            run.listen(watcher)
        run.commit()
        self.prepare(kit)
        passed: list[Item] = []

        def watched() -> Items:
            with closing(items(kit)) as inner:
                for item in inner:
                    passed.append(item)
                    for see in self.seen:
                        see(item)
                    yield item

        return Outcome(run.drive(watched(), late=partial(wind_up, kit, run.id)), run, kit, records, passed)

    def _kit(self, run: Run, goal: Goal, model: Model, files: Workspace) -> Kit:
        mine = Plugin(name="test", origin="test", tools=tuple(self.tools), before_call=self.hooks)
        parts = Parts(
            goal=goal,
            model=model,
            toolbox=Toolbox([*(built_in_plugins() if self.built_in else ()), mine]),
            files=files,
            artifacts=ShelfArtifacts(Shelf(run.folder / "artifacts")),
            notes=self.notes,
            allowance=self.allowance,
            environment=self.environment,
            today=lambda: self.today,
        )
        return make_kit(parts, run, Approval(self.policy, self.approver))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done in here takes less time than this."""
    begun = time.monotonic()
    yield
    taken = time.monotonic() - begun
    assert taken < seconds, f"{taken:.2f} s, wanted under {seconds} s"
