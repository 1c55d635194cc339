"""The flags of `run` and `resume`, as given, and the limits that they state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from agent.errors import UsageError
from agent.events import JSON
from agent.goal import Budget
from agent.quantities import read_amount, read_duration

SMALLEST_WINDOW, LARGEST_WINDOW = 256, 100_000_000
"""Tokens, the same bounds as in a goal file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The flags of `run` and `resume`, as given."""

    model: str | None
    base_url: str | None
    mode: str | None
    yes: bool
    steps: int
    window: str | None
    max_steps: int | None
    max_model_calls: int | None
    max_tokens: str | None
    max_usd: float | None
    max_time: str | None
    max_tool_calls: tuple[str, ...]
    workspace: Path | None
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    namespace: str | None
    memory: bool
    output: Literal["text", "json", "stream-json"]
    file: Path | None

    def budget(self) -> Budget:
        """The limits that the flags state."""
        return Budget(
            steps=self.max_steps,
            model_calls=self.max_model_calls,
            tokens=amount("--max-tokens", self.max_tokens),
            usd=self.max_usd,
            time=duration("--max-time", self.max_time),
            tool_calls=dict(map(_tool_limit, self.max_tool_calls)),
        )

    def stated_limits(self) -> dict[str, JSON]:
        """The limits that the flags state, by name: a run keeps them when it is resumed."""
        budget = self.budget()
        stated = {one.name: getattr(budget, one.name) for one in fields(Budget)}
        return {name: value for name, value in stated.items() if value is not None and value != {}}


def _tool_limit(text: str) -> tuple[str, int]:
    """What `--max-tool-calls NAME=N` says. Raises UsageError."""
    name, equals, number = text.partition("=")
    if not equals or not name.strip() or not number.strip().isdecimal():
        raise UsageError(f"--max-tool-calls must be NAME=N, such as web_search=10, not {text!r}")
    return name.strip(), int(number)


_AMOUNTS = ("steps", "model_calls", "tokens")


def read_limits(words: Sequence[str]) -> dict[str, JSON]:
    """The limits that words such as `steps=80`, `usd=2`, `time=30m` or `web_search=10` (a tool's calls) state.

    Raises:
        UsageError: a word is none.
    """
    found: dict[str, JSON] = {}
    tools: dict[str, JSON] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name or not text:
            raise UsageError(f"a limit is NAME=N, such as steps=80, not {word!r}")
        if name in _AMOUNTS:
            found[name] = at_least_one(name, amount(name, text) or 0)
        elif name == "time":
            found[name] = duration(name, text)
        elif name == "usd":
            found[name] = _money(text)
        else:
            tools[name] = at_least_one(name, amount(name, text) or 0)
    return found | ({"tool_calls": tools} if tools else {})


def at_least_one(name: str, count: int) -> int:
    """A limit that lets something be done. Raises UsageError."""
    if count < 1:
        raise UsageError(f"{name} must be 1 or more")
    return count


def _money(text: str) -> float:
    try:
        usd = float(text.removeprefix("$"))
    except ValueError:
        usd = -1.0
    if not 0 <= usd < math.inf:
        raise UsageError(f"usd must be a number of US dollars, such as 0.50, not {text!r}")
    return usd


def amount(flag: str, text: str | None) -> int | None:
    """The number that a flag's text states, such as 200k; None where it was not given. Raises UsageError."""
    try:
        return None if text is None else read_amount(text)
    except ValueError as error:
        raise UsageError(f"{flag} must be {error}, not {text!r}") from error


def window(text: str) -> int:
    """The window in tokens that `--window` states; raises UsageError."""
    found = amount("--window", text)
    if found is None or not SMALLEST_WINDOW <= found <= LARGEST_WINDOW:
        raise UsageError(f"--window must be from {SMALLEST_WINDOW} to {LARGEST_WINDOW:,} tokens, not {text}")
    return found


def duration(flag: str, text: str | None) -> float | None:
    """The seconds that a flag's text states, such as 15m; None where it was not given. Raises UsageError."""
    try:
        return None if text is None else read_duration(text)
    except ValueError as error:
        raise UsageError(f"{flag} must be {error}, not {text!r}") from error
