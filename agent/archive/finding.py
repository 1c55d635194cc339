"""Which runs there are, by their folders alone: no journal is opened."""

from __future__ import annotations

import calendar
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from agent.errors import RunError

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-z]{4}")


def newest(runs: Path) -> Iterator[str]:
    """The ids of all runs, the newest first; a folder is looked into only when its id is asked for."""
    try:
        with os.scandir(runs) as entries:
            ids = sorted((one.name for one in entries if _ID.fullmatch(one.name)), reverse=True)
    except (FileNotFoundError, NotADirectoryError):
        return
    folder = os.fspath(runs)  # of two thousand runs a path each would take 20 ms
    yield from (one for one in ids if os.path.exists(f"{folder}{os.sep}{one}{os.sep}journal.db"))  # noqa: PTH110


def find(runs: Path, wanted: str) -> Path:
    """The folder of a run, by its id, the beginning of one, or `last`.

    Raises:
        RunError: there is none, or the beginning fits several; nothing, as an empty variable of a script, fits none.
    """
    if not wanted.strip():
        raise RunError("the id of a run is missing: it is empty", hint="thinkact runs list shows all")
    if wanted == "last":
        last = next(newest(runs), None)
        if last is None:
            raise RunError("there is no run yet", hint="start one with: thinkact run GOAL")
        return runs / last
    begin_so = [one for one in newest(runs) if one.startswith(wanted)]
    found = [one for one in begin_so if one == wanted] or begin_so
    if len(found) != 1:
        why = f"{len(found)} runs begin with {wanted!r}" if found else f"there is no run {wanted!r}"
        raise RunError(why, hint="thinkact runs list shows all")
    return runs / found[0]


def started(run: str) -> float | None:
    """When a run began, in seconds since the epoch, as its id tells; None where it tells no date that there is."""
    try:
        return float(calendar.timegm(time.strptime(run[:15], "%Y%m%d-%H%M%S")))
    except ValueError:
        return None
