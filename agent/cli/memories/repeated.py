"""Where the words of a forgotten note still stand: in the journals of runs, and in other notes that quote it."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli.saying import say
from agent.spending import counted
from agent.terminal import plain

if TYPE_CHECKING:
    from memory.recall import Note, Recall

_SECONDS = 3.0
"""For so long the journals are looked through, the newest run first; each is a file of its own."""
_LETTERS, _BYTES = 12, 18
"""From so many characters on, or bytes of UTF-8, a sentence is a quotation: six characters of Chinese say as much."""
_MOST = 40  # sentences that are looked for: with more, one by one would take too long
_NAMED = 5
_FILE = 4_000_000  # bytes of an artifact that is looked into
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """Where a text still stands: runs by their ids, the newest first, and notes. `looked` of `runs_there` runs were
    looked through in the time there was; `cut`: not for all sentences."""

    runs: Sequence[str]
    notes: Sequence[Note]
    looked: int
    runs_there: int
    cut: bool

    def fields(self) -> dict[str, Any]:
        """The same for programs."""
        notes = [{"id": note.id, "namespace": note.namespace, "kind": note.kind} for note in self.notes]
        return {"runs": list(self.runs), "notes": notes, "runs_looked_at": self.looked, "runs_there": self.runs_there}

    def tell(self, here: str) -> None:
        """The same for people, with the commands that remove it; `here` is the namespace that needs no naming."""
        if self.runs:
            named = " ".join(self.runs[:_NAMED])
            more = f" (and {len(self.runs) - _NAMED} more)" if len(self.runs) > _NAMED else ""
            say(f"still kept by {counted(len(self.runs), 'run')}: thinkact runs delete {named}{more}")
        for note in self.notes[:_NAMED]:
            space = "" if note.namespace == here else f" --namespace {shlex.quote(plain(note.namespace))}"
            say(f"still in the {note.kind} {note.id}: thinkact memory forget {note.id}{space}")
        if len(self.notes) > _NAMED:
            say(f"and in {len(self.notes) - _NAMED} more notes, which thinkact memory search finds")
        if self.cut:
            say(f"only {_MOST} of the sentences were looked for in runs and other notes")
        if self.looked < self.runs_there:
            say(
                f"only the newest {self.looked} of {self.runs_there} runs were looked through: older ones may repeat it"
            )


def sentences(notes: Iterable[Note]) -> list[str]:
    """What is looked for: each note as it is written, and each sentence of it that is long enough to be told apart."""
    parts = (part.strip() for note in notes for part in (note.text, *_SENTENCE.split(note.text)))
    found: dict[str, None] = {}
    for part in parts:
        if _is_telling(part):
            found[part] = None
        if len(found) == _MOST:
            break
    return list(found)


def repeated(recall: Recall, texts: Sequence[str], ids: Sequence[str], runs: Path) -> Repeated:
    """Where these texts stand, after their notes were forgotten, or the notes are told of by their `ids`."""
    from agent.archive.finding import newest

    wanted = [*texts, *(one for one in ids[:_MOST] if _is_telling(one))]
    there = list(newest(runs)) if wanted else []
    found, looked, end = list[str](), 0, time.monotonic() + _SECONDS
    for run in there:
        if looked and time.monotonic() > end:
            break
        looked += 1
        if _stands_in(runs / run, wanted):
            found.append(run)
    cut = len(texts) == _MOST
    return Repeated(runs=found, notes=recall.quoting(texts), looked=looked, runs_there=len(there), cut=cut)


def _is_telling(text: str) -> bool:
    return len(text) >= _LETTERS or len(text.encode("utf-8", "replace")) >= _BYTES


def _stands_in(run: Path, texts: Sequence[str]) -> bool:
    from memory.journal import JournalError
    from memory.mentions import mentions

    try:
        if mentions(run / "journal.db", texts):
            return True
    except JournalError:
        pass  # what cannot be read is looked at as the file that it is
    wanted = [text.encode("utf-8", "replace") for text in texts]
    return any(text in content for content in _artifacts(run) for text in wanted)


def _artifacts(run: Path) -> Iterator[bytes]:
    for path in (run / "artifacts").rglob("*"):
        try:
            if path.is_file() and path.stat().st_size <= _FILE:
                yield path.read_bytes()
        except OSError:
            continue
