"""Writing: the notes that a run leaves without a tool's asking: the user's corrections, what put a failure right, and
how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from agent.events import Feedback, Finished, Stopped
from agent.hiding import Hiding, hiding
from agent.history import History
from agent.kit import Kit
from agent.learning.episodes import episode
from agent.learning.lessons import MOST as MOST_LESSONS
from agent.learning.lessons import lessons
from agent.mail import Items
from agent.notes import NewNote
from agent.noting import note_all, note_by_rule, writes_by_rule
from plugins import ToolError

FORM_LASTS = 90 * 24 * 3600
"""Seconds after which it is not told any more how a tool wants to be called: tools change."""


def write_learned(kit: Kit) -> Items:
    """What the newest step taught: looked at once, when it is done, and again where a run goes on from it."""
    if not writes_by_rule(kit):
        return
    yield from note_all(kit, list(_corrections(kit.history, hiding(kit.goal))), "correction")
    left = MOST_LESSONS - sum(one.why == "error" for one in kit.history.written)
    if left > 0:
        yield from note_all(kit, list(_lessons(kit.history, hiding(kit.goal)))[:left], "error")


def write_episode(kit: Kit, run: str, ended: Finished | Stopped) -> Items:
    """How the run ended, and what its last step taught: written down before the event that ends it, so that a run that
    is killed in between writes it when it goes on. What memory told this run is counted as used."""
    if not writes_by_rule(kit):
        return
    yield from write_learned(kit)
    note = episode(run, kit.history, ended, hiding(kit.goal))
    if note is None:
        return
    yield from note_by_rule(kit, note, "end")
    if kit.history.recalled:
        try:
            kit.notes.used(kit.history.recalled)
        except ToolError as error:
            yield Feedback(text=f"(that notes were used could not be counted: {error.message})", origin="product")


def _corrections(history: History, hidden: Hiding) -> Iterator[NewNote]:
    words: Sequence[Feedback] = history.steps[-1].feedback if history.steps else history.preface
    mine = [one.text for one in words if one.origin == "user"]
    if not mine:
        return
    from agent.learning.corrections import lasting  # its patterns take their time to be compiled: few runs need them

    for text in mine:
        for saying in lasting(hidden.hidden(text)):
            yield NewNote(
                text=saying.text,
                kind=saying.kind,
                origin="user",
                everywhere=saying.everywhere,
                step=history.step or None,
            )


def _lessons(history: History, hidden: Hiding) -> Iterator[NewNote]:
    for one in lessons(history, hidden):
        yield NewNote(
            text=one.text,
            kind="lesson",
            step=history.step,
            about={"tool": one.tool, "cause": one.cause},
            expires=time.time() + FORM_LASTS if one.cause == "form" else None,
        )
