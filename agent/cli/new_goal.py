"""A goal from a person: `thinkact run` without one, and `thinkact goal new`."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from agent.cli.asking import agreed
from agent.cli.asking_file import ask_whole
from agent.cli.asking_goal import Around, ask_short
from agent.cli.keeping import file_fault, keep, named, placed, proposed
from agent.cli.questions import LEFT, QUOTED, Asked, Left, Mend, Questions, can_be_asked
from agent.cli.saying import say
from agent.errors import GoalError, UsageError
from agent.goal import Goal
from agent.goal.draft import SCHEMA, Draft, goal_file_text
from agent.goal.file import read_goal_text
from agent.opening.desk import find_workspace
from agent.opening.flags import Flags, stated
from agent.opening.work import wanted_first
from agent.quantities import write_duration
from agent.settings import Settings, effective_budget

HELLO = ("What shall be done? ? explains a question, < goes back to the one before, Ctrl-C leaves and keeps nothing.",)


def ask_goal(inputs: tuple[str, ...], flags: Flags) -> Goal | str:
    """The goal that `thinkact run` is to work on, asked for at the terminal; or the goal file that it was kept as.

    What the flags state is not asked. Ends the process where the person leaves.

    Raises:
        UsageError: nobody can be asked, or nobody is to be.
        ThinkactError: no run could begin, whatever were answered.
    """
    if flags.yes or not can_be_asked():
        raise UsageError('no GOAL is given; write: thinkact run "what is wanted", run FILE.yaml, or run - for stdin')
    if inputs:
        raise UsageError("--set gives inputs to a goal file, and none is named", hint="name a .yaml file")
    settings, cwd = Settings.load(cwd=Path.cwd()), Path.cwd()
    wanted_first(Goal(goals=("ask",)), flags, settings)  # what cannot begin is said before anything is asked
    passed = frozenset(stated(flags.limits)) | ({"workspace"} if flags.workspace is not None else set())
    around = Around(settings=settings, cwd=cwd, passed=passed)

    def flow(questions: Questions) -> tuple[Draft, Path | None]:
        questions.tell(HELLO)
        draft = ask_short(questions, around)
        _show(questions, draft, around, flags)
        explained = ("A goal file can be run again, changed, and given to others. Either way it is worked on now.",)
        if not questions.agrees("Keep it as a goal file?", explained):
            return draft, None
        return draft, _kept(questions, draft, cwd, None)

    with _leaving():
        draft, path = Questions().go(flow)
    if path is None:
        return replace(_goal_of(draft, cwd), source=None)
    say(f"kept; it runs again with: thinkact run {_word(path)}")
    return str(path)


def new_goal(file: str | None, given: Draft, *, yes: bool, tools: Callable[[], Mapping[str, str]]) -> Path | None:
    """Write a goal file: of what is given where that holds a goal, else of what is asked for at the terminal.

    Args:
        file: Where; None: it is asked for.
        given: What flags state, looked through. Its workspace is absolute.
        yes: Take the place of a file that is there, without a question.
        tools: The tools with their effects.

    Returns:
        The file, as a person names it from here; it was read back. None: another is there, and stays. Ends the process
        where the person leaves.

    Raises:
        UsageError: something is missing and nobody can be asked; or the file cannot be written.
        GoalError: what was given does not fit together.
    """
    settings, cwd = Settings.load(cwd=Path.cwd()), Path.cwd()
    if file is not None and (wrong := file_fault(file, cwd)) is not None:
        raise UsageError(wrong)
    if given.goals:
        return _unasked(file, given, cwd, yes=yes)
    if not can_be_asked():
        raise UsageError("no goal is given; write: thinkact goal new FILE --goal TEXT, as often as there are goals")
    around = Around(settings=settings, cwd=cwd, given=given, tools=tools)

    def flow(questions: Questions) -> Path:
        questions.tell(HELLO)
        draft = ask_whole(questions, around)
        _show(questions, draft, around, None)
        return _kept(questions, draft, cwd, file)

    with _leaving():
        return Questions().go(flow)


def notes(path: Path) -> Iterator[str]:
    """What is worth knowing of a goal file that was just written, beside what `goal check` says."""
    goal = read_goal_text(path.read_text("utf-8"), file=path, lenient=True)
    root = Path(goal.workspace) if goal.workspace is not None else Path.cwd() / "workspace"
    if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        yield "it lies in the workspace: its own run cannot change it, but the run of another goal may"
    if not (path.parent / SCHEMA).exists():
        yield f"an editor completes its keys with: thinkact goal schema > {_word(path.parent / SCHEMA)}"


def _word(path: Path) -> str:
    """A path as a shell takes it for one word."""
    return str(path) if re.fullmatch(r"[\w@%+=:,./-]+", str(path)) else shlex.quote(str(path))


def _unasked(file: str | None, given: Draft, cwd: Path, *, yes: bool) -> Path | None:
    if file is None:
        raise UsageError("no file is named; write: thinkact goal new FILE --goal TEXT")
    path = named(file, cwd)
    there = os.path.lexists(path)
    if there and not agreed(f"{file} is there already. Overwrite it?", yes=yes):
        return None
    for name in sorted(given.used()):
        say(f"{{{{ {name} }}}} is no input, and stands as it is; declare it in the file to have it filled in")
    keep(given, path, overwrite=there)
    return _near(path, cwd)


def _kept(questions: Questions, draft: Draft, cwd: Path, file: str | None) -> Path:
    """Ask for the file's name, never taking another's place unasked, and write it. The last thing of a flow."""
    while True:
        answer = questions.ask(
            Asked(
                text="File to keep it in" if file is None else "Enter writes it; or name another file",
                help=("Where the goal is kept, seen from the folder where you are. Its name ends in .yaml.",),
                default=proposed(draft, cwd) if file is None else str(_near(named(file, cwd), cwd)),
                fault=lambda text: file_fault(text, cwd),
            )
        )
        path = named(answer, cwd)
        there = os.path.lexists(path)
        lost = ("What is in it now is lost then. n asks for another name.",)
        if not there or questions.agrees(f"{answer} is there already. Overwrite it?", lost, seen=True):
            break
    try:
        keep(draft, path, overwrite=there)
    except (UsageError, GoalError) as error:
        raise Mend(error.message) from None
    return _near(path, cwd)


def _near(path: Path, cwd: Path) -> Path:
    return path.relative_to(cwd) if path.is_relative_to(cwd) else path


def _goal_of(draft: Draft, cwd: Path) -> Goal:
    """The goal of a draft, as a goal file in this folder would state it."""
    return read_goal_text(goal_file_text(placed(draft, cwd)), file=cwd / "goal.yaml", lenient=True)


def _show(questions: Questions, draft: Draft, around: Around, flags: Flags | None) -> None:
    """Show the goal as its file would have it, and what holds beside. What does not fit together is to be mended."""
    lines = goal_file_text(placed(draft, around.cwd)).splitlines()[1:]
    try:
        goal = _goal_of(draft, around.cwd)
    except GoalError as error:
        raise Mend(f"{error.message}; < goes back to it") from None
    budget = effective_budget(around.settings, goal=goal.budget, flags=flags.limits if flags else None).budget
    money = f"${budget.usd:.2f}" if budget.usd else "any amount of money"
    limits = f"At most {budget.steps} steps, {money} and {write_duration(budget.time or 0)}"
    desk = find_workspace(flag=flags.workspace if flags else None, stated=goal.workspace, cwd=around.cwd)
    made = "" if desk.root.exists() else ", which is made"
    questions.tell(["", *(f"{QUOTED}{line}" for line in lines), f"{limits}, in {desk.root}{made}.", ""])


@contextmanager
def _leaving() -> Iterator[None]:
    """Who leaves ends the process, and nothing is left behind."""
    try:
        yield
    except Left:
        say("left; nothing was kept")
        sys.exit(LEFT)
