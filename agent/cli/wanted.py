"""What is wanted: the goal as the command line names it, or as a run kept it, with what the flags say of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from agent.cli.flags import Flags, window
from agent.cli.inputs import parse_inputs
from agent.cli.provenance import refuse_if_written
from agent.errors import UsageError
from agent.events import JSON
from agent.goal import Goal, goal_from_dict, goal_from_words, masked
from agent.settings import Settings


def read_goal(text: str, inputs: tuple[str, ...], settings: Settings) -> Goal:
    """A goal file, words, or `-`."""
    given = parse_inputs(inputs)
    if text == "-":
        return goal_from_words(sys.stdin.read())
    file = Path(text)
    there = bool(text.strip()) and _exists(file)
    if there or file.suffix.lower() in (".yaml", ".yml"):
        from agent.goal.file import read_goal as read_file

        if not there:
            hint = "look at the name; if these are words and no file, end them with a full stop"
            raise UsageError(f"{text}: there is no such goal file", hint=hint)
        refuse_if_written(file, settings.home)
        return read_file(file, inputs=given)
    if given:
        raise UsageError("--set gives inputs to a goal file, and this goal is in words", hint="name a .yaml file")
    return goal_from_words(text)


def _exists(file: Path) -> bool:
    """Is there anything of this name? What can be no name is not there."""
    try:
        return file.exists()
    except (OSError, ValueError):
        return False


def stored_goal(body: Mapping[str, JSON], inputs: tuple[str, ...]) -> Goal:
    """The journal's goal; its secrets are not kept, so they must be given again."""
    given = parse_inputs(inputs)
    wanted = masked(goal_from_dict(body))
    if missing := [name for name in wanted if name not in given]:
        words = " ".join(f"--set {name}=…" for name in missing)
        raise UsageError("the goal's secrets are not kept and must be given again", hint=f"add {words}")
    if other := [name for name in given if name not in wanted]:
        raise UsageError(f"--set {other[0]}: a resumed run keeps its inputs; only secrets are given again")
    return goal_from_dict(body, secrets=given)


def with_flags(goal: Goal, flags: Flags) -> Goal:
    """The goal with what the flags say in its place. Raises UsageError where a flag cannot be read."""
    flags.budget()  # what cannot be read is said before anything is made
    if flags.mode == "plan":
        raise UsageError("--mode plan is not yet in this version", hint="use --mode loop")
    model = goal.model
    if flags.window is not None:
        model = replace(model, window=window(flags.window))
    return replace(
        goal,
        model=model,
        namespace=flags.namespace or goal.namespace,
        recall=goal.recall and flags.memory,
    )
