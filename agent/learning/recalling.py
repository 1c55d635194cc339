"""Recalling: when a run looks into long-term memory without a tool's asking: at its start, at the start of a planned
task, and after an error that it has not met before; not at every step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from agent.events import Feedback, Recalled
from agent.history import FINISH
from agent.kit import Items, Kit
from agent.notes import recalled
from plugins import Found, ToolError

QUERY = 2_000
"""Characters of a goal that are looked for."""
AT_START = 6
"""Notes that are recalled for a goal or a task."""
STANDING = 3
"""Preferences of the user that are told at the start, however little they have to do with the goal."""
EPISODES = 2
"""Of those that are recalled for a goal: what happened before is told by the next of kin."""
AT_ERROR = 2
ENOUGH = 0.3
"""Below this score a lesson is about another failure: the name of the tool alone makes any two alike."""
MOST_ERRORS = 10
"""Errors for which a run looks into its memory."""
_MESSAGE = 300
_NO_FAILURE = ("denied", "feedback", "limit", "cancelled", "no-person", "repeated", "arguments", "unknown-tool")


def recall_for_goal(kit: Kit) -> Items:
    """What memory knows of the goal, and how the user likes things done."""
    query = " ".join((*kit.goal.goals, *kit.goal.constraints))[:QUERY]
    yield from _recall_all(kit, query, trigger_task=False)


def recall_for_task(kit: Kit, task: str) -> Items:
    """What memory knows of one task of a plan."""
    yield from _recall_all(kit, task[:QUERY], trigger_task=True)


def _recall_all(kit: Kit, query: str, *, trigger_task: bool) -> Items:
    try:
        found = _chosen(kit.notes.recall(query, count=AT_START + 4))
        if not trigger_task:
            known = {one.id for one in found}
            found += [one for one in kit.notes.standing(query, count=STANDING) if one.id not in known]
    except ToolError as error:
        yield Feedback(text=f"(long-term memory could not be read: {error.message})", origin="product")
        return
    if found:
        yield Recalled(query=query, notes=recalled(found), trigger="task" if trigger_task else "start")


def _chosen(found: Sequence[Found]) -> list[Found]:
    """The best of them, with few episodes."""
    episodes = list(islice((one for one in found if one.kind == "episode"), EPISODES))
    return [one for one in found if one.kind != "episode" or one in episodes][:AT_START]


def recall_for_errors(kit: Kit) -> Items:
    """What earlier runs learned of an error of the newest step: once for each, and not of more than a few."""
    history = kit.history
    if kit.ended or not kit.recalls or not history.steps:
        return
    for result in history.steps[-1].results.values():
        error = result.error
        if error is None or result.tool == FINISH or error.kind in _NO_FAILURE:
            continue
        query = f"{result.tool} failed: {error.message}"[:_MESSAGE]
        if (result.tool, query) in kit.sought or len(kit.sought) >= MOST_ERRORS:
            continue
        kit.sought.add((result.tool, query))
        yield from _recall_lessons(kit, query)


def _recall_lessons(kit: Kit, query: str) -> Items:
    try:
        found = kit.notes.recall(query, count=AT_ERROR, kinds=("lesson",))
    except ToolError:
        return  # it was told at the start, or will be where a tool asks
    known = {one.id for one in kit.history.written} | {one.id for one in kit.history.notes}
    new = [one for one in found if one.score >= ENOUGH and one.id not in known]
    if new:
        yield Recalled(query=query, notes=recalled(new), trigger="error")
