"""What a trial finds: one row for each thing that was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.events import Usage
from agent.model.windows import Window

__all__ = ["NAMES", "Finding", "Name", "Outcome", "Report", "Way"]

Name: TypeAlias = Literal[
    "chat", "streaming", "tool calls", "tool calls, streamed", "two calls at once", "JSON", "embeddings", "window"
]
NAMES: tuple[Name, ...] = (
    *("chat", "streaming", "tool calls", "tool calls, streamed", "two calls at once", "JSON", "embeddings", "window"),
)
"""What is tried, in the order in which it is told."""
Outcome: TypeAlias = Literal["passed", "failed", "not supported", "unknown", "not tried in time", "not tried"]
Way: TypeAlias = Literal["", "native", "text", "prompt", "words", "spoilt", "one", "json_schema", "json_object"]
"""How it went: calls in their own field, written into the text, or with the tools told in the prompt; words where a
call was due, a call that cannot be read, one call of two; the response format that was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of one thing that was tried.

    `detail` is one line, which may hold the server's own words, and `hint` what to do about it. `seconds` it took,
    `first` until the first token came; None where that makes no sense. `usage` is what it cost, priced.
    """

    name: Name
    outcome: Outcome
    detail: str = ""
    hint: str | None = None
    way: Way = ""
    seconds: float | None = None
    first: float | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a trial finds.

    `works`: what is needed works, which is chat. `findings` are in the order of `NAMES`. `usage` is the cost of all
    that was asked, priced; None where nothing was paid.
    """

    works: bool
    findings: tuple[Finding, ...]
    window: Window
    usage: Usage | None = None
