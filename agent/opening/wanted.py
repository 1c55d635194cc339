"""What is wanted: the goal as somebody names it, or as a run kept it, with what the flags say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from agent.errors import UsageError
from agent.events import JSON
from agent.goal import Goal, goal_from_dict, goal_from_words, masked
from agent.opening.flags import Flags
from agent.opening.provenance import refuse_if_written
from agent.settings import Settings
from agent.spelling import nearest


def _beside(file: Path) -> Path | None:
    """The goal file in the same folder that was most likely meant."""
    try:
        names = [one.name for one in file.parent.iterdir() if one.suffix.lower() in (".yaml", ".yml")]
    except OSError:
        return None
    meant = nearest(file.name, names)
    return None if meant is None else file.parent / meant


def read_goal(text: str, inputs: Mapping[str, str], settings: Settings) -> Goal:
    """A goal file by its name, or a goal in words.

    Raises:
        UsageError, GoalError: there is no such file, or it is not what a goal file must be.
    """
    file = Path(text)
    there = bool(text.strip()) and _exists(file)
    if there or file.suffix.lower() in (".yaml", ".yml"):
        if not there:
            meant = _beside(file)
            look = f"did you mean {meant}? If" if meant else "look at the name; if"
            hint = f"{look} these are words and no file, end them with a full stop"
            raise UsageError(f"{text}: there is no such goal file", hint=hint)
        return read_goal_file(file, inputs, settings)
    if inputs:
        raise UsageError("--set gives inputs to a goal file, and this goal is in words", hint="name a .yaml file")
    return goal_from_words(text)


def read_goal_file(file: Path, inputs: Mapping[str, str], settings: Settings) -> Goal:
    """A goal file, unless a run wrote it. Raises GoalError."""
    from agent.goal.file import read_goal as read_file

    refuse_if_written(file, settings.home)
    return read_file(file, inputs=inputs)


def _exists(file: Path) -> bool:
    """Is there anything of this name? What can be no name is not there."""
    try:
        return file.exists()
    except (OSError, ValueError):
        return False


def stored_goal(body: Mapping[str, JSON], given: Mapping[str, str]) -> Goal:
    """The journal's goal; its secrets are not kept, so they must be given again."""
    wanted = masked(goal_from_dict(body))
    if missing := [name for name in wanted if name not in given]:
        words = " ".join(f"--set {name}=…" for name in missing)
        raise UsageError("the goal's secrets are not kept and must be given again", hint=f"add {words}")
    if other := [name for name in given if name not in wanted]:
        raise UsageError(f"--set {other[0]}: a resumed run keeps its inputs; only secrets are given again")
    return goal_from_dict(body, secrets=given)


def changed_goal(wanted: str | Goal, body: Mapping[str, JSON], given: Mapping[str, str], settings: Settings) -> Goal:
    """The goal that takes the place of the one in the journal: another file's, with its checks and limits; or other
    words in the envelope of the old one."""
    if isinstance(wanted, Goal):
        return wanted
    file = Path(wanted)
    if file.suffix.lower() in (".yaml", ".yml") or _exists(file):
        return read_goal(wanted, given, settings)
    return replace(stored_goal(body, given), goals=goal_from_words(wanted).goals)


def with_flags(goal: Goal, flags: Flags) -> Goal:
    """The goal with what the flags say in its place. Raises UsageError where one cannot hold."""
    if flags.mode == "plan":
        raise UsageError("--mode plan is not yet in this version", hint="use --mode loop")
    model = goal.model
    if flags.window is not None:
        model = replace(model, window=flags.window)
    return replace(
        goal,
        model=model,
        namespace=flags.namespace or goal.namespace,
        recall=goal.recall and flags.memory,
        project_context=goal.project_context or flags.project_context,
        skills=goal.skills or flags.skills,
    )
