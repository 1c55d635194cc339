"""The goal file that a run came from: what it said then counts, and that it says something else by now is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shlex import quote

from agent.errors import GoalError
from agent.events import JSON, RunStarted
from agent.goal import Goal, goal_from_dict, goal_to_dict, masked
from agent.goal.folder import read_text
from agent.history import History

_GOES_ON = "the run goes on with the goal it began with"


def digest_of(goal: Goal) -> str:
    """The sha256 of the text of the goal's file, by which it is known again; "" where there is none."""
    try:
        return _digest(read_text(Path(goal.source))) if goal.source is not None else ""
    except GoalError:
        return ""


def changed_since(history: History, secrets: Mapping[str, str]) -> str | None:
    """The line of `changed` for a run as it stands; None also where it was given another goal meanwhile."""
    started = history.started
    if started is None or history.goal != started.goal:
        return None
    return changed(started, secrets)


def changed(started: RunStarted, secrets: Mapping[str, str]) -> str | None:
    """A line where the goal file of a run is not what it was, or is not there any more; None where there is nothing to
    be said. What flags may have put in the place of the file's own, and which files lie beside it, does not count.

    Args:
        started: How the run began.
        secrets: Its secret inputs, given again.
    """
    if started.source is None:
        return None
    file = Path(started.source)
    try:
        if not file.exists():
            return f"{file} is gone; {_GOES_ON}"
        if _digest(read_text(file)) == started.source_hash:
            return None
        now = _read(file, started, secrets)
    except (GoalError, OSError, ValueError) as fault:
        first = str(fault).partition("\n")[0]
        return f"{file} cannot be used as it is now ({first.removeprefix(str(file)).lstrip(': ')}); {_GOES_ON}"
    if now is not None and _bare(now) == _bare(goal_from_dict(started.goal)):
        return None
    way = f"what it says now counts with --goal {quote(str(file))}"
    return f"{file} has changed since; {_GOES_ON} ({way})"


def _read(file: Path, started: RunStarted, secrets: Mapping[str, str]) -> Goal | None:
    """The file as it is now, with the inputs of the run; None where it takes other inputs. Raises GoalError where it
    is no goal file any more."""
    from agent.goal.file import check_goal, read_goal

    kept = goal_from_dict(started.goal)
    plain = {
        name: _text(value) for name, value in kept.inputs.items() if value is not None and name not in masked(kept)
    }
    try:
        return goal_from_dict(goal_to_dict(read_goal(file, inputs={**plain, **secrets})))
    except GoalError:
        check_goal(file)
        return None


def _text(value: JSON) -> str:
    """A kept input as `--set` takes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _bare(goal: Goal) -> Goal:
    bare = replace(goal, model=replace(goal.model, window=None), namespace=None, recall=True, files=(), secrets=())
    return replace(bare, project_context=False, skills=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
