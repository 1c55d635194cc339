"""What draws: a back-end says in no time whether it can work here and why not, and then draws picture by picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from plugins._given_images import Drawing, Drawn

__all__ = ["Backend", "Commission", "State"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How it stands with a back-end, as can be told without loading anything.

    Attributes:
        name: The back-end's.
        works: Can it be asked now?
        why: A few words: what it is where it works, what it lacks where it does not.
        hint: What would make it work; "" where it does.
        abilities: What it does: "generate", …; empty where it does not work.
        model: The model that it draws with, where that is known.
    """

    name: str
    works: bool
    why: str
    hint: str = ""
    abilities: frozenset[str] = frozenset()
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """A drawing that was asked for, with who asks and how it is told; see `Images.draw`."""

    drawing: Drawing
    seeds: Sequence[int]
    tool: str
    parents: Sequence[tuple[str, str]] = ()
    progress: Callable[[int, int], None] = field(default=lambda _done, _of: None)
    cancelled: Callable[[], bool] = field(default=lambda: False)


class Backend(Protocol):
    """Draws."""

    @property
    def state(self) -> State:
        """How it stands with it; within a few milliseconds."""
        ...

    def draw(self, wanted: Commission) -> Iterator[Drawn]:
        """One picture for each seed; see `Images.draw`."""
        ...

    def close(self) -> None:
        """Let go of what is loaded."""
        ...
