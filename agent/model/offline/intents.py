"""What passes between the script and the run: calls that are wanted, and what became of a sub-goal."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from agent.events import JSON
from agent.model.offline.transcript import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A call that is wanted. `late` works out the arguments that depend on results; only a new call needs them."""

    tool: str
    arguments: Mapping[str, JSON]
    late: Callable[[], Mapping[str, JSON]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """Calls of one thought, and the line that tells of them."""

    intents: tuple[Intent, ...]
    line: str


Steps: TypeAlias = Generator[Wants, list[Result], None]
"""Wants calls made and is sent their results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Something for the answer; `source` is the document in which it stands, "" for none. It is worked out only when
    the answer is given."""

    text: Callable[[], str]
    source: str = ""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a sub-goal. `done` tells of calls that worked, `failed` of what did not; `shown` is what was found
    and is to be told in the answer."""

    text: str
    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)

    def show(self, text: str) -> None:
        """Tell a text in the answer."""
        self.shown.append(Shown(text=lambda: text))

    @property
    def ok(self) -> bool:
        """Was all of it done?"""
        return not self.failed
