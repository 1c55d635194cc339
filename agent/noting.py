"""Noting: a note is written to long-term memory, and told as an event of the run.

The store comes first, then the journal: killed in between, the run writes the very same text again when it goes on,
which the store counts and does not keep twice.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Literal

from agent.events import Feedback, NoteWritten
from agent.hiding import hiding
from agent.kit import Kit
from agent.mail import Item, Items
from agent.notes import MOST_NOTES, NewNote, copied
from plugins import Remembered, ToolError

REMEMBER = "remember"
"""The tool that writes notes: who denies it wants none written."""


def writes_by_rule(kit: Kit) -> bool:
    """Does this run write notes that no tool asked for?"""
    return kit.notes.rules and not kit.approval.denied(REMEMBER)


def may_remember_unasked(kit: Kit) -> bool:
    """Could the model write a note now without anybody's being asked?"""
    tool = kit.toolbox.tools.get(REMEMBER)
    return tool is not None and kit.approval.rule(REMEMBER, tool.effect, kit.history.step).decision == "allow"


def note_by_rule(
    kit: Kit, note: NewNote, why: Literal["correction", "error", "fold", "end"]
) -> Generator[Item, None, Remembered | None]:
    """Write a note; None where it was written before in this run, where memory itself said it (but for a lesson, which
    is made of what happened, and of nobody's words), where the run has written its notes, or where it is refused, which
    is said."""
    history = kit.history
    if note.text in kit.unkept or any(one.text == note.text for one in history.written):
        return None
    if history.notes_written >= MOST_NOTES:
        return None
    told = copied(note.text, history.recalled.values())
    if told is not None and not (why == "error" and told.text == note.text):
        return None  # a lesson that had to be learned again all the same is counted by the store, and not kept twice
    try:
        became = write_note(kit, note)
    except ToolError as error:
        kit.unkept.add(note.text)
        yield Feedback(text=f"(a note for later runs was not kept: {error.message})", origin="product")
        return None
    yield written(note, became, why)
    return became


def write_note(kit: Kit, note: NewNote) -> Remembered:
    """Write a note for later runs. Raises `ToolError` where it is refused."""
    if hiding(kit.goal).holds(note.text):
        raise ToolError("the note holds a secret input of the goal", hint="leave the secret out")
    return kit.notes.write(note)


def written(
    note: NewNote, became: Remembered, why: Literal["remember", "correction", "error", "fold", "end"]
) -> NoteWritten:
    """What became of a note, as an event."""
    return NoteWritten(
        id=became.id,
        text=note.text,
        note=note.kind,
        namespace=became.namespace,
        why=why,
        origin=note.origin,
        state=became.state,
        replaced=tuple(one.id for one in became.replaced),
    )


def note_all(kit: Kit, notes: list[NewNote], why: Literal["correction", "error", "fold", "end"]) -> Items:
    """Write notes, one after the other."""
    for note in notes:
        yield from note_by_rule(kit, note, why)
