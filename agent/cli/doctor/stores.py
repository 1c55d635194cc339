"""The files of the long-term memory, as far as they are looked at alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding

if TYPE_CHECKING:
    from agent.opening.store import Held


def broken(around: Around, holds: Held, error: Exception) -> Finding:
    """What is the matter with a file that cannot be read, and the command that mends it."""
    from agent.opening.store import file_of
    from memory.recall import StoreBusy, StoreDamaged, StoreTooNew

    file = file_of(holds, around.settings)
    what = str(error) if str(file) in str(error) else f"{file}: {error}"
    value = {"file": str(file), holds: None}
    if isinstance(error, StoreBusy):
        return Finding(name=holds, state="warning", what=what, value=value)
    if isinstance(error, StoreDamaged) and error.mendable:
        mend = mending.thinkact("memory", "rebuild")
    elif isinstance(error, StoreDamaged):
        mend = mending.move_away(file, beside="*")
    elif isinstance(error, StoreTooNew):
        mend = mending.install("--upgrade", "thinkact")
    else:
        mend = mending.give_rights(file.parent)
    return Finding(name=holds, state="fault", what=what, mend=mend, value=value)
