"""One run from the command line: begun or gone on with, driven to its end, its end told, its exit code given."""

from __future__ import annotations

import shutil
import sys
from contextlib import ExitStack, redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from agent import checks
from agent.approval import Approval
from agent.cli.assembly import Parts, at_a_terminal, make_kit, make_parts, make_policy, namespace
from agent.cli.dialogue import Dialogue
from agent.cli.flags import Flags
from agent.cli.interrupts import Interrupts
from agent.cli.kept import endpoint_of, first_choice, kept_of, narrowed, next_choice
from agent.cli.listening import Listening
from agent.cli.output import Output
from agent.cli.parts import version
from agent.cli.streams import own_stdin, own_stdout
from agent.cli.wanted import read_goal, stored_goal, with_flags
from agent.errors import RunError, UsageError
from agent.events import Feedback, Finished, RunResumed, RunStarted, Stopped
from agent.goal import Goal, goal_to_dict
from agent.kit import Items, Kit
from agent.loop import loop
from agent.model.choice import Choice
from agent.paying import late
from agent.runs import Run, folder_of, records
from agent.screen import Screen, make_console
from agent.settings import Settings
from agent.settle import go_on
from agent.spending import Allowed

CODES = {"reached": 0, "not_reached": 1, "limit": 3, "loop": 4, "blocked": 5, "model": 6, "interrupted": 130}
"""The exit code for each state."""


def start_run(text: str, inputs: tuple[str, ...], flags: Flags) -> int:
    """`thinkact run`: the exit code."""
    settings = Settings.load(cwd=Path.cwd())
    goal = with_flags(read_goal(text, inputs, settings), flags)
    choice = first_choice(flags, goal, settings)
    with ExitStack() as stack:
        run = Run.create(settings.runs_folder)
        stack.callback(_remove_if_empty, run.folder)
        stack.enter_context(run)
        wanted = Wanted(goal=goal, choice=choice, pinned=flags.base_url is not None, settings=settings, flags=flags)
        return Session(stack, run, wanted).start()


def _remove_if_empty(folder: Path) -> None:
    """A run that ended before its first event was on disk never began: `last` must not mean it."""
    with suppress(RunError):
        if next(records(folder), None) is None:
            shutil.rmtree(folder, ignore_errors=True)


def resume_run(
    text: str,
    inputs: tuple[str, ...],
    feedback: str | None,
    settled: Literal["again", "done"] | None,
    flags: Flags,
) -> int:
    """`thinkact resume`: the exit code."""
    settings = Settings.load(cwd=Path.cwd())
    with ExitStack() as stack:
        run = stack.enter_context(Run.open(folder_of(settings.runs_folder, text)))
        wanted = _wanted_again(run, inputs, flags, settings)
        return Session(stack, run, wanted).resume(feedback, settled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run is begun or gone on with. `pinned`: a flag named the endpoint."""

    goal: Goal
    choice: Choice
    pinned: bool
    settings: Settings
    flags: Flags


def _wanted_again(run: Run, inputs: tuple[str, ...], flags: Flags, settings: Settings) -> Wanted:
    """What a stored run goes on with: its own goal, workspace and model, and what the flags of today say."""
    started = run.history.started
    assert started is not None
    if isinstance(run.history.ended, Finished) and run.history.ended.state == "reached":
        raise UsageError(f"the run {run.id} has reached its goal; there is nothing to go on with")
    if not Path(started.workspace).is_dir():
        hint = "put it back where it was, or start anew with: thinkact run GOAL"
        raise UsageError(f"the workspace {started.workspace} of the run {run.id} is gone", hint=hint)
    kept = kept_of(run.history.openings)
    flags = replace(narrowed(flags, kept), workspace=Path(started.workspace), namespace=started.namespace)
    goal = with_flags(stored_goal(started.goal, inputs), flags)
    choice, pinned = next_choice(kept, flags, goal, settings)
    return Wanted(goal=goal, choice=choice, pinned=pinned, settings=settings, flags=flags)


class Session:
    """A run being driven, with its screen, its person and its output."""

    def __init__(self, stack: ExitStack, run: Run, wanted: Wanted) -> None:
        self._run, self._wanted = run, wanted
        settings, flags = wanted.settings, wanted.flags
        self._attended = at_a_terminal(flags)
        stack.enter_context(own_stdout())
        self._parts: Parts = make_parts(
            stack,
            run,
            goal=wanted.goal,
            choice=wanted.choice,
            settings=settings,
            flags=flags,
            attended=self._attended,
        )
        allowance = self._parts.allowance
        allowed = Allowed(steps=allowance.steps, tokens=allowance.tokens, usd=allowance.usd)
        self._screen = Screen(make_console(colour=not settings.no_color), run.history, allowed)
        self._interrupts = Interrupts(tell=lambda text: print(f"\nthinkact: {text}", file=sys.stderr))  # noqa: T201
        self._output = stack.enter_context(Output.open(flags.output, flags.file))
        # stdout is kept for the answer, and what is typed for the dialogue: no plugin writes or reads there
        stack.enter_context(redirect_stdout(sys.stderr))
        self._typed = stack.enter_context(own_stdin())
        self._listening = Listening(run, self._parts.toolbox, self._screen, self._output)

    def start(self) -> int:
        """Begin the run and drive it to its end."""
        wanted, parts = self._wanted, self._parts
        self._listen()
        self._run.record(
            RunStarted(
                run_id=self._run.id,
                goal=goal_to_dict(wanted.goal),
                source=wanted.goal.source,
                model=parts.model.name,
                workspace=str(parts.files.root),
                namespace=namespace(wanted.goal, wanted.settings),
                unattended=not self._attended,
                tools=tuple(parts.toolbox.tools),
                thinkact=version(),
                limits=wanted.flags.stated_limits(),
                baseline=checks.baseline(wanted.goal, parts.files),
                deny=wanted.flags.deny,
                endpoint=endpoint_of(wanted.choice),
                pinned=wanted.pinned,
                handed=tuple(parts.handed),
            )
        )
        self._run.commit()
        kit = self._kit()
        return self._drive(kit, loop(kit))

    def resume(self, feedback: str | None, settled: Literal["again", "done"] | None) -> int:
        """Go on with the run."""
        wanted = self._wanted
        self._listen()
        self._run.record(
            RunResumed(
                model=self._parts.model.name,
                limits=wanted.flags.stated_limits(),
                unattended=not self._attended,
                seconds=self._run.history.seconds,
                deny=wanted.flags.deny,
                endpoint=endpoint_of(wanted.choice),
                pinned=wanted.pinned,
                memory=wanted.flags.memory,
            )
        )
        if feedback:
            self._run.record(Feedback(text=feedback, origin="user"))
        self._run.commit()
        kit = self._kit()
        return self._drive(kit, go_on(kit, settled))

    def _kit(self) -> Kit:
        wanted = self._wanted
        policy = make_policy(wanted.goal, wanted.settings, wanted.flags, self._run.history, attended=self._attended)
        pause, prompting = self._screen.pause, self._interrupts.prompting
        dialogue = Dialogue(pause, prompting, source=self._typed) if self._attended else None
        return make_kit(self._parts, self._run, Approval(policy, dialogue), stop=self._interrupts.stop)

    def _listen(self) -> None:
        wanted = self._wanted
        self._listening.begin(home=wanted.settings.home, root=self._parts.files.root)
        self._listening.warn(wanted.goal, wanted.settings, wanted.flags)

    def _drive(self, kit: Kit, items: Items) -> int:
        with self._interrupts.watched():
            ended = self._run.drive(items, late=partial(late, kit))
        self._screen.report(self._run.id, ended, resumable=ended.state != "reached")
        code = CODES[ended.state]
        if isinstance(ended, Stopped) and ended.state == "interrupted":
            code = self._interrupts.code
        return self._listening.end(ended, code)
