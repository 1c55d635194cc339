"""A passage of a document, as it is put before a model and cited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A passage. `number` is how it is cited, from 1; `place` where it stands in its `file`, which names no place of
    this machine, as `name` does: its absolute path, or ""; `heading` the headings above it, or ""; `score` how near it
    is to the question, from 0 to 1; `now` what has become of the file since it was added."""

    number: int
    id: str
    file: str
    place: str
    heading: str
    text: str
    score: float
    now: Literal["there", "changed", "gone"] = "there"
    name: str = ""

    @property
    def whole(self) -> str:
        """All that a reader sees of it: its text, and what tells where it stands."""
        return f"{self.file}\n{self.place}\n{self.heading}\n{self.text}"
