"""Runs that remember: over the real store of notes, in the folder of a `House`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.kit import Kit
from agent.opening.notes import RecallNotes
from memory.recall import NOTES, Note, Recall
from tests.kits import House

HERE = "here"
"""The namespace of these runs."""


@dataclass
class Recollection:
    """The notes of a house's runs, and what its person was told."""

    file: Path
    told: list[str] = field(default_factory=list)

    def opened(self, namespace: str) -> Recall:
        return Recall(self.file, namespace=namespace, rules=NOTES)

    def add(self, text: str, *, namespace: str = HERE, **fields: object) -> str:
        with self.opened(namespace) as recall:
            return recall.add(text, **fields)  # type: ignore[arg-type]  # the fields of a note, as a test names them

    def notes(self, namespace: str = HERE, *, kind: str | None = None, superseded: bool = False) -> list[Note]:
        """Notes, oldest first."""
        with self.opened(namespace) as recall:
            notes = reversed(recall.list(10_000, superseded=superseded))
            return [one for one in notes if kind in (None, one.kind)]

    def texts(self, namespace: str = HERE, *, kind: str | None = None) -> list[str]:
        return [one.text for one in self.notes(namespace, kind=kind)]


@contextmanager
def remembering(house: House) -> Iterator[Recollection]:
    """The runs of this house remember, each under its own id."""
    kept = Recollection(house.home / "notes.db")
    opened: list[RecallNotes] = []

    def prepare(kit: Kit) -> None:
        started = kit.history.started
        assert started is not None
        kit.notes = RecallNotes(HERE, kept.opened, run=started.run_id, tell=kept.told.append)
        opened.append(kit.notes)

    house.prepare = prepare
    yield kept
    for one in opened:
        one.__exit__()
