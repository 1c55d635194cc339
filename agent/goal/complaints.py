"""Complaints about a file: what is wrong and where, gathered while it is read and told together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from agent.goal.yaml_scan import Place

SHOWN = 10
"""So many complaints are told at once."""


class Rank(IntEnum):
    """Which complaints come first: the earlier ones are often the cause of the later."""

    SPELLING = 0  # a key that nobody knows
    VALUE = 1
    ABSENT = 2  # something that is not there, perhaps only because it is misspelled
    UNUSED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong with a file. `path` is its key path (`checks[0].file`), "" for the whole file."""

    place: Place
    path: str
    message: str
    rank: Rank = Rank.VALUE
    hint: str | None = None


class Expand(Protocol):
    """Fills the inputs into a text."""

    def __call__(self, text: str, *, style: str, secret: bool) -> str | None:
        """The filled text; None where an input is not known yet. Raises ValueError for what cannot be filled."""
        ...


def as_written(text: str, *, style: str, secret: bool) -> str | None:  # noqa: ARG001 - the names are the protocol's
    """Fill nothing: for files that know no inputs."""
    return text


@dataclass(slots=True)
class Reading:
    """The state of reading one file: complaints so far, the place of every key path, how inputs are filled in.

    `unfilled` are the texts, as written, that hold an input which is not known yet: nothing can be said of them.
    """

    expand: Expand = as_written
    complaints: list[Complaint] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    unfilled: set[str] = field(default_factory=set)

    def complain(
        self, path: str, message: str, *, at: Place | None = None, rank: Rank = Rank.VALUE, hint: str | None = None
    ) -> None:
        """Note what is wrong; the place is that of the key path where none is given."""
        place = at or self.places.get(path) or Place(1, 1)
        self.complaints.append(Complaint(place=place, path=path, message=message, rank=rank, hint=hint))


def told(complaints: Sequence[Complaint], *, file: str) -> tuple[str, str | None]:
    """The complaints as lines, the clearest first, with the hint of the first; at most `SHOWN`, and how many more."""
    ordered = sorted(complaints, key=lambda one: (one.rank, one.place))
    if any(one.rank < Rank.UNUSED for one in ordered):
        ordered = [one for one in ordered if one.rank < Rank.UNUSED]  # its use may stand in what could not be read
    lines = [tell(one, file=file) for one in ordered[:SHOWN]]
    if len(ordered) > SHOWN:
        lines.append(f"... and {len(ordered) - SHOWN} more")
    return "\n".join(lines), ordered[0].hint


def tell(complaint: Complaint, *, file: str) -> str:
    """`file:line:column: key path: what is wrong`, on one line whatever the file's own words in it are."""
    where = f"{_shortened(complaint.path, 120)}: " if complaint.path else ""
    message = _shortened(complaint.message, 500)
    return f"{file}:{complaint.place.line}:{complaint.place.column}: {where}{message}"


def _shortened(text: str, most: int) -> str:
    line = " ".join(text[: most + 1].splitlines())
    return line if len(line) <= most else line[: most - 3] + "..."
