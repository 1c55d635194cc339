"""A run at work: put together from what was wanted, begun or gone on with, and driven to its end."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from agent import checks
from agent.approval import Approval, Approver
from agent.ending import wind_up
from agent.errors import RunError, UsageError
from agent.events import Feedback, Finished, Record, RunResumed, RunStarted
from agent.goal import Budget, Goal, goal_to_dict
from agent.kit import Kit
from agent.loop import loop
from agent.mail import BARRIER, Items
from agent.model.choice import Choice
from agent.opening.assembly import allowance_now, make_kit, make_parts, make_policy, namespace
from agent.opening.flags import Flags, stated
from agent.opening.kept import endpoint_of, first_choice, kept_of, narrowed, next_choice
from agent.opening.observing import observed_by_plugins
from agent.opening.offering import make_offer, names_to_keep
from agent.opening.parts import make_model, version
from agent.opening.provenance import remember_written
from agent.opening.source import digest_of
from agent.opening.wanted import changed_goal, stored_goal, with_flags
from agent.runs import Listener, Run, records
from agent.settings import Settings
from agent.settle import go_on
from agent.spending import Allowed

Tell = Callable[[str], None]
"""Says a line to the person."""
Records = Generator[Record, None, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run is begun or gone on with. `pinned`: a flag named the endpoint; `changed`: the goal is another than the
    run's was."""

    goal: Goal
    choice: Choice
    pinned: bool
    settings: Settings
    flags: Flags
    changed: bool = False


def wanted_first(goal: Goal, flags: Flags, settings: Settings) -> Wanted:
    """What a new run is begun with. Raises ThinkactError."""
    goal = with_flags(goal, flags)
    choice = first_choice(flags, goal, settings)
    return Wanted(goal=goal, choice=choice, pinned=flags.base_url is not None, settings=settings, flags=flags)


def wanted_again(
    run: Run,
    flags: Flags,
    settings: Settings,
    *,
    inputs: Mapping[str, str],
    goal: str | Goal | None = None,
    forked: bool = False,
) -> Wanted:
    """What a stored run goes on with: its own goal, workspace and model, and what the flags of today say. `goal` is
    another goal, or the words or the file of one, that takes the place of the run's; `forked`: it has just branched
    off, and may go on from whatever its past was.

    Raises:
        UsageError: it has reached its goal, or its workspace is gone.
    """
    history = run.history
    started = history.started
    assert started is not None
    if goal is None and not forked and isinstance(history.ended, Finished) and history.ended.state == "reached":
        hint = "another goal goes on from there (--goal), and --fork branches off from an earlier step"
        raise UsageError(f"the run {run.id} has reached its goal; there is nothing to go on with", hint=hint)
    if not Path(started.workspace).is_dir():
        hint = "put it back where it was, or start anew with: thinkact run GOAL"
        raise UsageError(f"the workspace {started.workspace} of the run {run.id} is gone", hint=hint)
    kept = kept_of(history.openings)
    flags = replace(narrowed(flags, kept), workspace=Path(started.workspace), namespace=started.namespace)
    meant = stored_goal(history.goal, inputs) if goal is None else changed_goal(goal, history.goal, inputs, settings)
    meant = with_flags(meant, flags)
    choice, pinned = next_choice(kept, flags, meant, settings)
    return Wanted(goal=meant, choice=choice, pinned=pinned, settings=settings, flags=flags, changed=goal is not None)


def forget_if_empty(folder: Path) -> None:
    """A run that ended before its first event was on disk never began: `last` must not mean it."""
    with suppress(RunError):
        if next(records(folder), None) is None:
            shutil.rmtree(folder, ignore_errors=True)


class Work:
    """A run with all that it works with. What must be closed is left to `stack`.

    Attributes:
        run: The run, whose listeners may be added before it is begun.
        wanted: What it works on, and with what.
        parts: What it is put together from.

    `trusting` is asked, while it is put together, for the trust in MCP servers that are not trusted yet.

    Raises:
        ThinkactError: a part of it cannot be had.
    """

    def __init__(
        self,
        stack: ExitStack,
        run: Run,
        wanted: Wanted,
        *,
        attended: bool,
        tell: Tell,
        trusting: Approver | None = None,
    ) -> None:
        self.run, self.wanted = run, wanted
        self._attended, self._tell = attended, tell
        self._approval: Approval | None = None
        self.parts = make_parts(
            stack,
            run,
            goal=wanted.goal,
            choice=wanted.choice,
            settings=wanted.settings,
            flags=wanted.flags,
            attended=attended,
            tell=tell,
            approver=trusting,
        )

    @property
    def allowed(self) -> Allowed:
        """The limits, as far as the screen shows them."""
        allowance = self.parts.allowance
        return Allowed(steps=allowance.steps, tokens=allowance.tokens, usd=allowance.usd)

    def listen(self, *listeners: Listener) -> None:
        """Let these hear of every event, and behind them those that every run has: the ledger of written files, and the
        plugins' observers."""
        for listener in listeners:
            self.run.listen(listener)
        self.run.listen(remember_written(self.wanted.settings.home, self.parts.files.root, self.run.id))
        changing = self.wanted.flags.reload
        if (observing := observed_by_plugins(self.parts.toolbox, self._tell, changing=changing)) is not None:
            self.run.listen(observing)

    def start(self, approver: Approver | None, stop: threading.Event) -> Records:
        """Begin the run; the events, as it is driven to its end."""
        wanted, parts = self.wanted, self.parts
        self.run.record(
            RunStarted(
                run_id=self.run.id,
                goal=goal_to_dict(wanted.goal),
                source=wanted.goal.source,
                source_hash=digest_of(wanted.goal),
                model=parts.model.name,
                workspace=str(parts.files.root),
                namespace=namespace(wanted.goal, wanted.settings),
                unattended=not self._attended,
                tools=tuple(parts.toolbox.tools),
                thinkact=version(),
                limits=stated(wanted.flags.limits),
                baseline=checks.baseline(wanted.goal, parts.files),
                deny=wanted.flags.deny,
                endpoint=endpoint_of(wanted.choice),
                pinned=wanted.pinned,
                handed=tuple(parts.handed),
                offered=self._offered(wanted.goal, approver),
            )
        )
        return self._driven(approver, stop, loop)

    def resume(
        self,
        approver: Approver | None,
        stop: threading.Event,
        *,
        feedback: str | None = None,
        settled: Literal["again", "done"] | None = None,
    ) -> Records:
        """Go on with the run; the events, as it is driven to its end."""
        self._record_resumed(self.wanted.flags.limits, self.wanted.goal if self.wanted.changed else None)
        self._say_feedback(feedback)
        return self._driven(approver, stop, partial(go_on, unattended=settled))

    def go_on(
        self,
        approver: Approver | None,
        stop: threading.Event,
        *,
        feedback: str | None = None,
        limits: Budget | None = None,
        goal: Goal | None = None,
    ) -> Records:
        """Go on with a run that has just stopped in this process, under other limits or with another goal."""
        if goal is not None:
            self.wanted = replace(self.wanted, goal=goal)
            model = make_model(self.wanted.choice, goal, self.wanted.settings)
            self.parts = replace(self.parts, goal=goal, model=model)
        self._record_resumed(limits or Budget(), goal)
        self._say_feedback(feedback)
        allowance, stated = allowance_now(self.wanted.goal, self.wanted.settings, self.run.history)
        self.parts = replace(self.parts, allowance=allowance, usd_stated=stated)
        return self._driven(approver, stop, go_on)

    def _record_resumed(self, limits: Budget, goal: Goal | None) -> None:
        wanted, history = self.wanted, self.run.history
        event = RunResumed(
            model=self.parts.model.name,
            limits=stated(limits),
            unattended=not self._attended,
            seconds=history.seconds,
            deny=wanted.flags.deny,
            endpoint=endpoint_of(wanted.choice),
            pinned=wanted.pinned,
            memory=wanted.flags.memory,
        )
        if goal is not None:
            now = checks.baseline(goal, self.parts.files)
            baseline = {path: history.baseline.get(path, sha) for path, sha in now.items()}
            gone = {path: sha for path, sha in history.baseline.items() if path not in now}
            event = replace(
                event,
                goal=goal_to_dict(goal),
                baseline=gone | baseline,
                source=goal.source,
                offered=self._offered(goal, None),
            )
        self.run.record(event)
        if goal is not None:
            goals = "\n".join(f"- {one}" for one in goal.goals)
            self.run.record(Feedback(text=f"The goal was changed. From now on it is:\n{goals}", origin="user"))

    def _say_feedback(self, feedback: str | None) -> None:
        if feedback:
            self.run.record(Feedback(text=feedback, origin="user"))

    def _offered(self, goal: Goal, approver: Approver | None) -> tuple[str, ...] | None:
        """The tools that the prompt is to tell of for a goal: a run that goes on has the same."""
        model = self.parts.model
        return names_to_keep(make_offer(goal, model, self.parts.toolbox, self._permitted(approver)), model)

    def _permitted(self, approver: Approver | None) -> Approval:
        """What the user permits as things stand."""
        wanted = self.wanted
        policy = make_policy(wanted.goal, wanted.settings, wanted.flags, self.run.history, attended=self._attended)
        return Approval(policy, approver)

    def _driven(self, approver: Approver | None, stop: threading.Event, items: Callable[[Kit], Items]) -> Records:
        if self._approval is None:  # what the person grants holds as long as this process
            self._approval = self._permitted(approver)
        kit = make_kit(self.parts, self.run, self._approval, stop=stop)
        return self.run.stream(_opened(items(kit)), late=partial(wind_up, kit, self.run.id))


def _opened(items: Items) -> Items:
    """What opens the run, or goes on with it, is on disk before anything is done."""
    yield BARRIER
    yield from items
