"""One run from the command line: begun or gone on with, watched and steered by a person, its exit code given."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.cli.dialogue import Dialogue
from agent.cli.interrupts import Interrupts
from agent.cli.introducing import is_introduced
from agent.cli.lines import Lines
from agent.cli.listening import Listening, reloading
from agent.cli.menu import GoOn, Menu
from agent.cli.output import Output
from agent.cli.picturing import picturing
from agent.cli.saying import say
from agent.cli.streams import own_stdin, own_stdout, piped_words
from agent.cli.terminals import is_terminal
from agent.errors import UsageError
from agent.events import Feedback, Finished, Record, Stopped
from agent.forking import Fork, fork
from agent.goal import Goal, goal_from_words
from agent.opening.flags import Flags
from agent.opening.inputs import parse_inputs
from agent.opening.source import changed_since
from agent.opening.wanted import read_goal
from agent.opening.work import Wanted, Work, forget_if_empty, wanted_again, wanted_first
from agent.runs import Run, folder_of
from agent.screen import Screen, make_console
from agent.settings import Settings
from agent.spending import counted, spent_line

CODES = {"reached": 0, "not_reached": 1, "limit": 3, "loop": 4, "blocked": 5, "model": 6, "interrupted": 130}
"""The exit code for each state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """How a stored run is gone on with, beside the flags. `goal`: words or a file that take the place of its goal;
    `fork`: not itself, but a new run that branches off from it, before step `from_step` where that is stated."""

    inputs: tuple[str, ...] = ()
    feedback: str | None = None
    settled: Literal["again", "done"] | None = None
    goal: str | None = None
    fork: bool = False
    from_step: int | None = None


def meant(goal: str | Goal, inputs: tuple[str, ...], settings: Settings) -> Goal:
    """The goal that the command line names: a file, words, `-` for stdin; or one that was asked for."""
    given = parse_inputs(inputs)
    if isinstance(goal, Goal):
        return goal
    return goal_from_words(piped_words(sys.stdin)) if goal == "-" else read_goal(goal, given, settings)


def start_run(goal: str | Goal, inputs: tuple[str, ...], flags: Flags) -> int:
    """`thinkact run`: the exit code."""
    settings = Settings.load(cwd=Path.cwd(), take_keys=True)
    wanted = wanted_first(meant(goal, inputs, settings), flags, settings)
    introduced = is_introduced(wanted)
    with ExitStack() as stack:
        run = Run.create(settings.runs_folder)
        stack.callback(forget_if_empty, run.folder)
        stack.enter_context(run)
        return Session(stack, run, wanted, introduced=introduced).start()


def resume_run(text: str, again: Again, flags: Flags) -> int:
    """`thinkact resume`: the exit code."""
    settings = Settings.load(cwd=Path.cwd(), take_keys=True)
    if again.from_step is not None and not again.fork:
        raise UsageError(
            "--from-step goes with --fork: what a run did stays written down",
            hint="add --fork: a new run branches off there, and this one stays as it is",
        )
    folder = folder_of(settings.runs_folder, text)
    given = parse_inputs(again.inputs)
    branch = fork(folder, settings.runs_folder, step=again.from_step) if again.fork else None
    with ExitStack() as unbegun, ExitStack() as stack:
        if branch is not None:  # where nothing is begun nothing stays, which `last` would mean from then on
            unbegun.callback(shutil.rmtree, branch.folder, ignore_errors=True)
        run = stack.enter_context(Run.open(branch.folder if branch else folder))
        wanted = wanted_again(run, flags, settings, inputs=given, goal=again.goal, forked=branch is not None)
        session = Session(stack, run, wanted)
        unbegun.pop_all()
        if again.goal is None and run.history.started and (line := changed_since(run.history, given)):
            say(line)
        if branch is not None:
            _tell_fork(run, branch, folder.name)
        return session.resume(again)


def _tell_fork(run: Run, branch: Fork, parent: str) -> None:
    """Say, and let the agent know, what the new run does not remember and finds all the same."""
    say(f"the run {run.id} branches off from {parent} before step {branch.step}")
    if not branch.left:
        return
    names = ", ".join(branch.left[:8]) + (f" and {len(branch.left) - 8} more" if len(branch.left) > 8 else "")
    say(f"files that were changed from there on stay as they are: {names}")
    say(f"`thinkact runs undo {parent} --from-step {branch.step}` puts them back as they were before")
    forgotten = "The run branched off here. What it did from here on is forgotten, but these files hold what it left"
    text = f"({forgotten}: {names})"
    run.record(Feedback(text=text, origin="product"))


def _say_below(text: str) -> None:
    """A line below the one in which the terminal has written ^C."""
    sys.stderr.write("\n")
    say(text)


def _nothing() -> None:
    """Nothing."""


class Session:
    """A run being driven, with its screen, its person and its output."""

    def __init__(self, stack: ExitStack, run: Run, wanted: Wanted, *, introduced: bool = False) -> None:
        settings, flags = wanted.settings, wanted.flags
        attended = is_terminal(sys.stdin) and not flags.yes
        stack.enter_context(own_stdout())
        self._run = run
        self._interrupts = Interrupts(tell=_say_below, menu=attended)
        self._pause: Callable[[], None] = _nothing  # no screen is there yet
        lines = Lines(lambda: self._pause(), self._interrupts.prompting, source=stack.enter_context(own_stdin()))
        self._dialogue = Dialogue(lines) if attended else None
        self._work = Work(stack, run, wanted, attended=attended, tell=say, trusting=self._dialogue)
        console = make_console(colour=not settings.no_color)
        picture = picturing(settings, run.folder, console.width)
        self._screen = Screen(console, run.history, self._work.allowed, introduced=introduced, picture=picture)
        self._pause = self._screen.pause
        self._output = stack.enter_context(Output.open(flags.output, flags.file))
        # stdout is kept for the answer, and what is typed for the dialogue: no plugin writes or reads there
        stack.enter_context(redirect_stdout(sys.stderr))
        self._menu = Menu(lines, self._work.parts.toolbox.tools) if attended else None
        self._listening = Listening(run, self._output)
        self._work.listen(self._screen, *self._listening.listeners())
        if flags.reload:
            run.listen(reloading(settings, self._work.parts.toolbox))
        self._listening.warn(self._work.parts.toolbox, wanted)

    def start(self) -> int:
        """Begin the run and drive it to its end."""
        return self._drive(self._work.start(self._dialogue, self._interrupts.stop))

    def resume(self, again: Again) -> int:
        """Go on with the run."""
        stop = self._interrupts.stop
        return self._drive(self._work.resume(self._dialogue, stop, feedback=again.feedback, settled=again.settled))

    def _drive(self, records: Generator[Record, None, None]) -> int:
        with self._interrupts.watched():
            ended = self._pull(records)
            while (wish := self._asked(ended)) is not None:
                self._interrupts.stop.clear()
                records = self._work.go_on(
                    self._dialogue,
                    self._interrupts.stop,
                    feedback=wish.feedback,
                    limits=wish.limits,
                    goal=wish.goal,
                )
                self._screen.allow(self._work.allowed)
                ended = self._pull(records)
        self._screen.report(self._run.id, ended, resumable=ended.state != "reached")
        code = CODES[ended.state]
        if isinstance(ended, Stopped) and ended.state == "interrupted":
            code = self._interrupts.code
        return self._listening.end(ended, code)

    def _pull(self, records: Generator[Record, None, None]) -> Finished | Stopped:
        with closing(records):
            try:
                for _ in records:
                    pass
            except KeyboardInterrupt:  # it came between two events
                records.close()
        assert self._run.history.ended is not None
        return self._run.history.ended

    def _asked(self, ended: Finished | Stopped) -> GoOn | None:
        """What the person says at the menu, where one Ctrl-C has brought it up; None: the run stops here."""
        if self._menu is None or ended.state != "interrupted" or not self._interrupts.asks:
            return None
        history = self._run.history
        told = f"stopped after {counted(history.step, 'step')} · {spent_line(history, self._work.allowed)}"
        return self._menu.ask(self._work.wanted.goal, [told])
