"""Recalling: when a run looks into long-term memory without a tool's asking: at its start, at the start of a planned
task, and after an error that it has not met before; not at every step."""

from __future__ import annotations

from collections.abc import Sequence

from agent.events import Feedback, Observed, Recalled
from agent.history import FINISH
from agent.kit import Kit
from agent.mail import Items
from agent.notes import recalled
from plugins import Found, ToolError

QUERY = 2_000
"""Characters of a goal that are looked for."""
AT_START = 6
"""Notes that are recalled for a goal or a task."""
STANDING = 3
"""Preferences of the user that are told at the start, however little they have to do with the goal."""
FORMS = 2
"""Lessons on the form of its tools' calls that are told a run at the start."""
EPISODES = 2
"""Of those that are recalled for a goal: what happened before is told by the next of kin."""
AT_ERROR = 2
ENOUGH = 0.3
"""Below this score a lesson is about another failure: the name of the tool alone makes any two alike."""
SURELY = 0.5
"""Below this score another note shares some words with the error and says nothing of it."""
MOST_ERRORS = 10
"""Errors for which a run looks into its memory."""
EPISODE = "episode"
_LOOKED_AT = 24
"""Of the notes nearest to a goal so many are looked at."""
_HOLDING = ("fact", "preference", "lesson", "note")
"""What holds; an episode was once. It repeats the goal that it had, and would come before all that is known of it."""
_STATED = ("fact", "note", EPISODE)
_MESSAGE = 300
_NO_FAILURE = ("denied", "feedback", "limit", "cancelled", "no-person", "repeated", "arguments", "unknown-tool")


def recall_for_goal(kit: Kit) -> Items:
    """What memory knows of the goal, how the user likes things done, and how tools want to be called."""
    query = " ".join((*kit.goal.goals, *kit.goal.constraints))[:QUERY]
    yield from _recall_all(kit, query, of_task=False)


def recall_for_task(kit: Kit, task: str) -> Items:
    """What memory knows of one task of a plan."""
    yield from _recall_all(kit, task[:QUERY], of_task=True)


def _recall_all(kit: Kit, query: str, *, of_task: bool) -> Items:
    try:
        known, episodes = _nearest(kit, query)
        if not of_task:
            tools = {one.name for one in kit.prompt.tools}
            known += (*kit.notes.standing(query, count=STANDING), *kit.notes.forms(tools, count=FORMS))
    except ToolError as error:
        yield Feedback(text=f"(long-term memory could not be read: {error.message})", origin="product")
        return
    found: dict[str, Found] = {}
    for one in (*known, *episodes):
        found.setdefault(one.id, one)
    if found:
        yield Recalled(query=query, notes=recalled(found.values()), trigger="task" if of_task else "start")


def _nearest(kit: Kit, query: str) -> tuple[list[Found], list[Found]]:
    """The notes nearest to a query: those that hold, and few episodes. Where a project has left so many episodes that
    there is hardly anything else among the nearest, what holds is looked for alone."""
    found = kit.notes.recall(query, count=_LOOKED_AT)
    episodes = [one for one in found if one.kind == EPISODE][:EPISODES]
    held = [one for one in found if one.kind != EPISODE][:AT_START]
    if len(held) < AT_START and len(found) == _LOOKED_AT:
        held = list(kit.notes.recall(query, count=AT_START, kinds=_HOLDING))
    best = sorted((*held, *episodes), key=lambda one: -one.score)[
        :AT_START
    ]  # what holds is first where scores are equal
    return [one for one in best if one.kind != EPISODE], [one for one in best if one.kind == EPISODE]


def recall_for_errors(kit: Kit) -> Items:
    """What earlier runs learned of an error of the newest step: once for each, and not of more than a few."""
    history = kit.history
    if kit.ended or not kit.recalls or not history.steps:
        return
    for result in history.steps[-1].results.values():
        error = result.error
        if error is None or result.tool == FINISH or error.kind in _NO_FAILURE:
            continue
        seen = (result.tool, error.message[:_MESSAGE])
        if seen in kit.sought or len(kit.sought) >= MOST_ERRORS:
            continue
        kit.sought.add(seen)
        yield from _recall_error(kit, result, error.message)


def _recall_error(kit: Kit, result: Observed, message: str) -> Items:
    """Lessons of such an error; where there are not enough, what else is surely about what it says."""
    query = f"{result.tool} failed: {message}"[:_MESSAGE]
    known = {one.id for one in kit.history.written} | {one.id for one in kit.history.notes}
    try:
        lessons = _new(kit.notes.recall(query, count=AT_ERROR, kinds=("lesson",)), ENOUGH, known)
        others: Sequence[Found] = ()
        if len(lessons) < AT_ERROR:
            others = _new(kit.notes.recall(message[:_MESSAGE], count=AT_ERROR, kinds=_STATED), SURELY, known)
    except ToolError:
        return  # it was told at the start, or will be where a tool asks
    if found := [*lessons, *others][:AT_ERROR]:
        yield Recalled(query=query, notes=recalled(found), trigger="error")


def _new(found: Sequence[Found], least: float, known: set[str]) -> list[Found]:
    return [one for one in found if one.score >= least and one.id not in known]
