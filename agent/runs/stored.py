"""Stored runs: their ids and folders, and their events as they were written down."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import RunError
from agent.events import JSON, Record, UnknownEvent, decode, encode
from agent.runs.clock import Clock
from memory.journal import JournalError, Row, read
from memory.private import make_private_folder

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-z]{4}")


def new_id(now: float) -> str:
    """A fresh run id: UTC date and time, the part of the second in two characters, so that ids sort by their time,
    and two random ones."""
    part = int(now % 1 * 1024)
    tail = (_DIGITS[part // 32], _DIGITS[part % 32], secrets.choice(_DIGITS), secrets.choice(_DIGITS))
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{''.join(tail)}"


def envelope(record: Record) -> dict[str, JSON]:
    """A record as `--output stream-json` and plugins' observers see it."""
    body: dict[str, JSON] = {"seq": record.seq, "time": round(record.time, 3), **encode(record.event)}
    if record.path:
        body["path"] = record.path
    return body


def folder_of(runs: Path, wanted: str) -> Path:
    """The folder of a run, by its id, the beginning of one, or `last`.

    Raises:
        RunError: there is none, or the beginning fits several.
    """
    ids = listed(runs)
    if wanted == "last":
        if not ids:
            raise RunError("there is no run yet", hint="start one with: thinkact run GOAL")
        return runs / ids[-1]
    found = [one for one in ids if one == wanted] or [one for one in ids if one.startswith(wanted)]
    if len(found) != 1:
        why = f"{len(found)} runs begin with {wanted!r}" if found else f"there is no run {wanted!r}"
        raise RunError(why, hint="thinkact runs list shows all")
    return runs / found[0]


def listed(runs: Path) -> list[str]:
    """The ids of all runs, oldest first."""
    if not runs.is_dir():
        return []
    return sorted(one.name for one in runs.iterdir() if _ID.fullmatch(one.name) and (one / "journal.db").exists())


def records(folder: Path, after: int = 0) -> Iterator[Record]:
    """The stored events of a run, also while another process writes it.

    Raises:
        RunError: the journal cannot be read; what stands before the damage has been yielded.
    """
    with renamed():
        for row in read(folder / "journal.db", after):
            yield record_of(row)


def record_of(row: Row) -> Record:
    """A row of a journal as the event that it is. Raises `RunError` where a newer thinkact wrote it."""
    try:
        return Record(seq=row.seq, time=row.time, elapsed=row.elapsed, path=row.path, event=decode(row.body))
    except UnknownEvent as error:
        raise RunError(str(error), hint="update thinkact to read this run") from error


@contextmanager
def renamed() -> Iterator[None]:
    """Turns the journal's errors into ours."""
    try:
        yield
    except JournalError as error:
        raise RunError(error.message, hint=error.hint) from error


def make_folder(runs: Path, clock: Clock) -> Path:
    """The folder of a new run, empty; its name is the run's id.

    Raises:
        RunError: it cannot be made.
    """
    folder = runs / new_id(clock.wall())
    try:
        while folder.exists():
            folder = runs / new_id(clock.wall())
        make_private_folder(folder, anew=True)
    except OSError as error:
        hint = "choose another place with THINKACT_HOME"
        raise RunError(f"the run's folder {folder} cannot be made: {error.strerror}", hint=hint) from error
    return folder
