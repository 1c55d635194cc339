"""The latest runs: whether their journals can be read to the end, and whether the newest could go on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding

_MOST = 20
"""Runs that are looked at, the newest."""


def look_at_runs(around: Around) -> Iterator[Finding]:
    """Read the journals of the newest runs."""
    from agent.archive.finding import newest
    from agent.errors import RunError

    runs, until, read = around.settings.runs_folder, time.monotonic() + around.wait / 2, 0
    broken = []
    try:
        names = list(newest(runs))
    except OSError as error:
        what = f"{runs} cannot be read: {error.strerror}"
        yield Finding(name="runs", state="fault", what=what, mend=mending.give_rights(runs), value={"run": None})
        return
    for name in islice(names, _MOST):
        if time.monotonic() > until:
            break
        try:
            _read(runs / name)
        except RunError as error:
            finding = _broken(runs / name, error)
            if finding is not None:
                broken.append(finding)
                yield finding
        read += 1
    if not broken:
        told = f"the newest {read} of {len(names)} runs" if names else "there is no run yet"
        what = f"{told} can be read to their end" if names else told
        yield Finding(name="runs", state="ok", what=what, value={"runs": len(names), "read": read})


def _read(folder: Path) -> None:
    from agent.cli.runs.places import facts_of

    for _ in facts_of(folder):
        pass


def _broken(folder: Path, error: Exception) -> Finding | None:
    from memory.journal import JournalBusy, JournalDamaged

    cause, value = error.__cause__, {"run": folder.name}
    what = f"the run {folder.name}: {error}"
    if isinstance(cause, JournalBusy) or not (folder / "journal.db").exists():
        return None  # in use, or deleted meanwhile
    if isinstance(cause, JournalDamaged):
        mend = _set_aside(folder)
        return Finding(name="runs", state="fault", what=what, mend=mend, value=value)
    if "cannot be read" in str(error):
        return Finding(name="runs", state="fault", what=what, mend=mending.give_rights(folder), value=value)
    upgrade = mending.install("--upgrade", "thinkact")
    return Finding(name="runs", state="warning", what=what, mend=upgrade, value=value)


def _set_aside(folder: Path) -> str:
    """Out of the list of runs, with all that can still be read of it."""
    return mending.move_into(folder, folder.parent.parent / "damaged")
