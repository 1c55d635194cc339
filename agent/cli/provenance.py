"""Goal files that a run wrote are not run: what an agent writes must not become what it is allowed.

Whenever a run writes a YAML file, its place and hash are noted in the user's own folder; a goal file found there with
that hash is refused until a person copies or changes it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from agent.errors import GoalError
from agent.events import Observed, Record
from agent.runs import Listener

LEDGER = "written.jsonl"


def remember_written(home: Path, root: Path, run: str) -> Listener:
    """A listener that notes the YAML files a run writes."""

    def listen(record: Record) -> None:
        if not isinstance(record.event, Observed):
            return
        for change in record.event.files:
            if change.sha256 is not None and change.path.lower().endswith((".yaml", ".yml")):
                line = json.dumps({"path": str(root / change.path), "sha256": change.sha256, "run": run})
                with (home / LEDGER).open("a", encoding="utf-8") as ledger:
                    ledger.write(line + "\n")

    return listen


def refuse_if_written(file: Path, home: Path) -> None:
    """Raises GoalError if a run wrote this file as it stands."""
    ledger = home / LEDGER
    if not ledger.is_file() or not file.is_file():
        return
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    for line in ledger.read_text("utf-8").splitlines():
        noted = json.loads(line)
        if noted["sha256"] == digest and noted["path"] == str(file.resolve()):
            raise GoalError(
                f"{file}: this goal file was written by the run {noted['run']}, not by a person",
                hint="read it, and copy it to another place if it is what you want",
            )
