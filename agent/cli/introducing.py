"""When the offline model is introduced: where it works though nobody named it, and did not in the run before.

Who has read it once knows; who had a real model until now, and has none today, must not take the one for the other.
"""

from __future__ import annotations

from pathlib import Path

from agent.errors import RunError
from agent.events import RunStarted
from agent.opening.kept import OFFLINE
from agent.opening.work import Wanted
from agent.runs import listed, records


def is_introduced(wanted: Wanted) -> bool:
    """Is a new run to say what the offline model is, and how to have a real one? Asked before the run has a folder."""
    named = wanted.flags.model or wanted.goal.model.name or wanted.settings.model
    return wanted.choice.name == OFFLINE and named is None and not _was_offline(wanted.settings.runs_folder)


def _was_offline(runs: Path) -> bool:
    """Did the newest run begin with the offline model?"""
    ids = listed(runs)
    try:
        first = next(records(runs / ids[-1]), None) if ids else None
    except RunError:
        return False
    return first is not None and isinstance(first.event, RunStarted) and first.event.model == OFFLINE
