"""One run from the command line: parts made, loop driven, end told, exit code given."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from agent import checks
from agent.approval import PROGRAM, Approval, Policy
from agent.cli.collecting import collect_at_a_thought
from agent.cli.dialogue import Dialogue
from agent.cli.flags import Flags
from agent.cli.interrupts import Interrupts
from agent.cli.kept import endpoint_of, first_choice, narrowed, next_choice, read_kept
from agent.cli.output import Output
from agent.cli.parts import (
    MEMORY_TOOLS,
    PERSON_TOOLS,
    NoNotes,
    RecallNotes,
    ShelfArtifacts,
    describe_tool,
    make_model,
    make_toolbox,
    open_workspace,
    version,
)
from agent.cli.provenance import remember_written
from agent.cli.streams import own_stdout
from agent.cli.wanted import read_goal, stored_goal, with_flags
from agent.ending import FINISH_TOOL
from agent.errors import RunError, SettingsError, UsageError
from agent.events import Feedback, Finished, Record, RunResumed, RunStarted, Stopped
from agent.goal import Budget, Goal, goal_to_dict
from agent.kit import Items, Kit
from agent.limits import Allowance, Limits
from agent.loop import loop
from agent.model import Model
from agent.model.choice import Choice
from agent.prompt import Prompt
from agent.runs import Run, envelope, folder_of, records
from agent.screen import Screen, make_console
from agent.settings import Settings, effective_budget
from agent.settle import settle
from agent.spelling import nearest
from agent.spending import Allowed
from agent.terminal import plain
from memory.artifacts import Shelf
from memory.tokens import Counter
from plugins import Artifacts, Notes

CODES = {"reached": 0, "not_reached": 1, "limit": 3, "loop": 4, "blocked": 5, "model": 6, "interrupted": 130}
"""The exit code for each state."""


def start_run(text: str, inputs: tuple[str, ...], flags: Flags) -> int:
    """`thinkact run`: the exit code."""
    settings = Settings.load(cwd=Path.cwd())
    goal = with_flags(read_goal(text, inputs, settings), flags)
    choice = first_choice(flags, goal, settings)
    pinned = flags.base_url is not None
    with ExitStack() as stack:
        run = Run.create(settings.runs_folder)
        stack.callback(_remove_if_empty, run.folder)
        stack.enter_context(run)
        return _Session(stack, run, goal, settings, flags, choice, pinned=pinned).start()


def _remove_if_empty(folder: Path) -> None:
    """A run that ended before its first event was on disk never began: `last` must not mean it."""
    with suppress(RunError):
        if next(records(folder), None) is None:
            shutil.rmtree(folder, ignore_errors=True)


def resume_run(
    wanted: str,
    inputs: tuple[str, ...],
    feedback: str | None,
    settled: Literal["again", "done"] | None,
    flags: Flags,
) -> int:
    """`thinkact resume`: the exit code."""
    settings = Settings.load(cwd=Path.cwd())
    with ExitStack() as stack:
        run = stack.enter_context(Run.open(folder_of(settings.runs_folder, wanted)))
        started = run.history.started
        assert started is not None
        if isinstance(run.history.ended, Finished) and run.history.ended.state == "reached":
            raise UsageError(f"the run {run.id} has reached its goal; there is nothing to go on with")
        if not Path(started.workspace).is_dir():
            hint = "put it back where it was, or start anew with: thinkact run GOAL"
            raise UsageError(f"the workspace {started.workspace} of the run {run.id} is gone", hint=hint)
        kept = read_kept(run.folder)
        flags = replace(narrowed(flags, kept), workspace=Path(started.workspace), namespace=started.namespace)
        goal = with_flags(stored_goal(started.goal, inputs), flags)
        choice, pinned = next_choice(kept, flags, goal, settings)
        return _Session(stack, run, goal, settings, flags, choice, pinned=pinned).resume(feedback, settled)


class _Session:
    """A run being driven."""

    def __init__(
        self, stack: ExitStack, run: Run, goal: Goal, settings: Settings, flags: Flags, choice: Choice, *, pinned: bool
    ) -> None:
        self.run, self.goal, self.settings, self.flags = run, goal, settings, flags
        self.endpoint, self.pinned = endpoint_of(choice), pinned
        stack.enter_context(own_stdout())
        self.model: Model = make_model(choice, goal, settings)
        self.files = stack.enter_context(open_workspace(goal, flags.workspace, settings, cwd=Path.cwd()))
        self.artifacts: Artifacts = ShelfArtifacts(Shelf(run.folder / "artifacts"))
        self.namespace = goal.namespace or settings.namespace or "default"
        self.notes = self._notes(stack)
        attended = sys.stdin is not None and sys.stdin.isatty() and not flags.yes
        allowance = effective_budget(settings, goal=goal.budget, flags=_earlier(run, flags.budget()))
        budget = allowance.budget
        self.usd_stated = allowance.origins.get("usd") != "default"
        self.allowance = Allowance(
            steps=budget.steps or 0,
            model_calls=budget.model_calls or 0,
            tokens=budget.tokens or 0,
            usd=budget.usd,
            time=budget.time or 0.0,
            tool_calls=budget.tool_calls,
        )
        console = make_console(colour=not settings.no_color)
        allowed = Allowed(steps=self.allowance.steps, tokens=self.allowance.tokens, usd=self.allowance.usd)
        self.screen = Screen(console, run.history, allowed)
        self.interrupts = Interrupts(tell=lambda text: print(f"\nthinkact: {text}", file=sys.stderr))  # noqa: T201
        self.dialogue = Dialogue(self.screen.pause, self.interrupts.prompting) if attended else None
        self.attended = attended
        self.unheard = False
        self.told: set[str] = set()
        self.output = stack.enter_context(Output.open(flags.output, flags.file))
        self.toolbox = make_toolbox(settings, memory=goal.recall, person=attended)
        self.handed = self._handed()

    def _notes(self, stack: ExitStack) -> Notes:
        if not self.goal.recall:
            return NoNotes()
        from memory.recall import Recall, RecallError

        path = self.settings.memory_folder / "notes.db"
        try:
            recall = stack.enter_context(Recall(path, namespace=self.namespace))
        except RecallError as error:
            hint = f"{error.hint}; or go without memory: --no-memory" if error.hint else "--no-memory goes without it"
            raise SettingsError(error.message, hint=hint) from error
        return RecallNotes(recall, self.run.id)

    def _kit(self) -> Kit:
        run, goal = self.run, self.goal
        policy = Policy(
            allow=goal.tools.allow,
            own=(*self.settings.allow, *self.flags.allow),
            ask=goal.tools.ask,
            deny=(*goal.tools.deny, *self.settings.deny, *self.flags.deny),
            attended=self.attended,
            yes=self.flags.yes,
            unasked=run.history.step + self.flags.steps if self.flags.steps else 0,
        )
        approval = Approval(policy, self.dialogue)
        described = [describe_tool(one) for one in self.toolbox.describe()]
        offered = [one for one in described if not approval.denied(one.name)]
        prompt = Prompt(
            goal,
            [*offered, FINISH_TOOL],
            counter=Counter(),
            keep=lambda text: self.artifacts.put(text.encode("utf-8", "replace"), name="result.txt").handle,
            files=self.handed,
            cache_key=run.id,
        )
        return Kit(
            goal=goal,
            history=run.history,
            model=self.model,
            toolbox=self.toolbox,
            files=self.files,
            artifacts=self.artifacts,
            notes=self.notes,
            approval=approval,
            limits=Limits(self.allowance, run.history, self.model.price, elapsed=run.elapsed),
            prompt=prompt,
            environment=self.settings.program_environment,
            today=date.today,
            recall_at_start=goal.recall,
            usd_stated=self.usd_stated,
            stop=self.interrupts.stop,
        )

    def _handed(self) -> list[str]:
        """The goal's context files, kept as artifacts: a line each for the model."""
        lines = []
        for name in self.goal.files:
            file = Path(name)
            try:
                kept = self.artifacts.put(file.read_bytes(), media_type="text/plain", name=file.name)
            except OSError as error:
                raise UsageError(f"the context file {file} cannot be read: {error.strerror}") from error
            lines.append(f"{file.name}: handle {kept.handle}, {kept.bytes} bytes")
        return lines

    def start(self) -> int:
        """Begin the run and drive it to its end."""
        self._listen()
        goal = self.goal
        self.run.record(
            RunStarted(
                run_id=self.run.id,
                goal=goal_to_dict(goal),
                source=goal.source,
                model=self.model.name,
                workspace=str(self.files.root),
                namespace=self.namespace,
                unattended=not self.attended,
                tools=tuple(self.toolbox.tools),
                thinkact=version(),
                limits=self.flags.stated_limits(),
                baseline=checks.baseline(goal, self.files),
                deny=self.flags.deny,
                endpoint=self.endpoint,
                pinned=self.pinned,
            )
        )
        self.run.commit()
        kit = self._kit()
        return self._drive(loop(kit))

    def resume(self, feedback: str | None, settled: Literal["again", "done"] | None) -> int:
        """Go on with the run."""
        self._listen()
        self.run.record(
            RunResumed(
                model=self.model.name,
                limits=self.flags.stated_limits(),
                unattended=not self.attended,
                seconds=self.run.history.seconds,
                deny=self.flags.deny,
                endpoint=self.endpoint,
                pinned=self.pinned,
                memory=self.flags.memory,
            )
        )
        if feedback:
            self.run.record(Feedback(text=feedback, origin="user"))
        self.run.commit()
        kit = self._kit()

        def items() -> Items:
            yield from settle(kit, settled)
            if not kit.ended:
                yield from loop(kit)

        return self._drive(items())

    def _listen(self) -> None:
        for warning in self.settings.warnings:
            self._say(warning)
        self.run.listen(self.screen)
        self.run.listen(self._tell_output)
        self.run.listen(collect_at_a_thought)
        self.run.listen(remember_written(self.settings.home, self.files.root, self.run.id))
        if any(plugin.observers for plugin in self.toolbox.plugins):
            self.run.listen(self._tell_plugins)
        self._tell_of_rules_for_nothing()
        for plugin in self.toolbox.plugins:
            if plugin.fault is not None:
                self._say(f"plugin {plugin.name} is left out: {plugin.fault}")

    def _tell_of_rules_for_nothing(self) -> None:
        """A rule that names no tool is most likely a slip of the pen, and one that denies must not pass unseen."""
        names = {*self.toolbox.tools, *MEMORY_TOOLS, *PERSON_TOOLS, PROGRAM}
        rules = self.goal.tools
        stated = (*rules.allow, *rules.ask, *rules.deny, *self.flags.allow, *self.flags.deny)
        for pattern in (*stated, *self.settings.allow, *self.settings.deny):
            if not any(fnmatchcase(name, pattern) for name in names):
                guess = nearest(pattern, names)
                self._say(f"the rule {pattern!r} matches no tool{f'; did you mean {guess}?' if guess else ''}")

    def _tell_output(self, record: Record) -> None:
        """Where the events of a run cannot be written any more, that is said once, and the run goes on."""
        if self.unheard:
            return
        try:
            self.output.tell(record)
        except OSError as error:
            self.unheard = True
            again = f"`thinkact runs show {self.run.id} --json` tells them all"
            self._say(f"the events cannot be written ({error.strerror}); the run goes on, {again}")

    def _tell_plugins(self, record: Record) -> None:
        for fault in self.toolbox.tell(envelope(record)):
            observer = fault.partition(" failed: ")[0]
            if observer not in self.told:
                self.told.add(observer)
                self._say(f"{fault} (said once)")

    def _drive(self, items: Items) -> int:
        with _answer_only(), self.interrupts.watched():
            ended = self.run.drive(items)
        self.screen.report(self.run.id, ended, resumable=ended.state != "reached")
        code = CODES[ended.state]
        if isinstance(ended, Stopped) and ended.state == "interrupted":
            code = self.interrupts.code
        try:
            self.output.end(self.run, ended)
        except OSError as error:
            again = f"`thinkact runs replay {self.run.id}` tells it again"
            self._say(f"the answer cannot be written ({error.strerror}); {again}")
            return code or 1
        return code or int(self.unheard)

    def _say(self, text: str) -> None:
        print(f"thinkact: {plain(text)}", file=sys.stderr)  # noqa: T201


def _earlier(run: Run, flags: Budget) -> Budget:
    """The limits that flags state, now or at an earlier `resume`: a raised limit stays raised."""
    raised: dict[str, Any] = dict(run.history.raised)
    return replace(flags, **{name: value for name, value in raised.items() if getattr(flags, name) is None})


@contextmanager
def _answer_only() -> Iterator[None]:
    """Stdout is kept for the answer: what a plugin prints goes to stderr."""
    with redirect_stdout(sys.stderr):
        yield
