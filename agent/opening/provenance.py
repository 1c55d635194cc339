"""Goal files that a run wrote are not run: what an agent writes must not become what it is allowed.

Whenever a run writes a file that could be a goal file, its place and hash are noted in the user's own folder; a goal
file found there with that hash is refused until a person copies or changes it.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from agent.errors import GoalError
from agent.events import Observed, Record
from agent.runs import Listener
from memory.private import make_private_folder

LEDGER = "written.jsonl"
MOST_BYTES = 256 * 1024
"""A larger file is no goal file."""


def remember_written(home: Path, root: Path, run: str) -> Listener:
    """A listener that notes the files a run writes into the workspace `root`."""

    def listen(record: Record) -> None:
        if not isinstance(record.event, Observed):
            return
        lines = [
            json.dumps({"path": str((root / change.path).resolve()), "sha256": change.sha256, "run": run})
            for change in record.event.files
            if change.sha256 is not None and change.bytes <= MOST_BYTES
        ]
        if lines:
            from filelock import FileLock  # an append is one step on POSIX only

            make_private_folder(home)
            file = home / LEDGER
            with (
                FileLock(home / f"{LEDGER}.lock", timeout=10),
                file.open("a", encoding="utf-8", newline="\n") as ledger,
            ):
                ledger.write("".join(f"{line}\n" for line in (["", *lines] if _is_torn(file) else lines)))

    return listen


def _is_torn(file: Path) -> bool:
    """Does the last line lack its end? What is written next must not go with it."""
    with file.open("rb") as ledger:
        if not ledger.seek(0, os.SEEK_END):
            return False
        ledger.seek(-1, os.SEEK_END)
        return ledger.read(1) != b"\n"


def refuse_if_written(file: Path, home: Path) -> None:
    """Raises GoalError if a run wrote this file as it stands."""
    ledger = home / LEDGER
    if not ledger.is_file() or not file.is_file():
        return
    digest, place = hashlib.sha256(file.read_bytes()).hexdigest(), str(file.resolve())
    with ledger.open(encoding="utf-8", errors="replace") as lines:  # digests are ASCII; a bad byte spoils one line
        for line in lines:
            noted = _read(line) if digest in line else {}
            if noted.get("sha256") == digest and _same(noted.get("path", ""), place):
                raise GoalError(
                    f"{file}: this goal file was written by the run {noted.get('run')}, not by a person",
                    hint="read it, and copy it to another place if it is what you want",
                )


def _same(noted: str, place: str) -> bool:
    """Are these paths of one file? A disk may take several spellings for one."""
    try:
        return noted == place or Path(noted).samefile(place)
    except (OSError, ValueError):
        return False


def _read(line: str) -> dict[str, str]:
    """A line of the ledger; one that was cut off by a crash says nothing."""
    try:
        noted = json.loads(line)
    except ValueError:
        return {}
    return noted if isinstance(noted, dict) else {}
