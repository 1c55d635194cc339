"""The flags of `run` and `resume`, as given, and the limits that they state."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from agent.errors import UsageError
from agent.events import JSON
from agent.goal import Budget
from agent.quantities import read_amount, read_duration
from agent.spelling import nearest

SMALLEST_WINDOW, LARGEST_WINDOW = 256, 100_000_000
"""Tokens, the same bounds as in a goal file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """What is said of a run beside its goal and the settings: by the flags of `run` and `resume`, or by a script.

    `limits` are those that beat goal and settings; `steps`: so many run without asking. `reload`: plugins
    whose files change while the run works are loaded anew. `output` and `file` are where
    the command line gives its answer.
    """

    model: str | None = None
    base_url: str | None = None
    mode: str | None = None
    yes: bool = False
    steps: int = 0
    window: int | None = None
    limits: Budget = field(default_factory=Budget)
    workspace: Path | None = None
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    namespace: str | None = None
    memory: bool = True
    reload: bool = False
    project_context: bool = False
    skills: bool = False
    output: Literal["text", "json", "stream-json"] = "text"
    file: Path | None = None


def read_tool_limit(text: str) -> tuple[str, int]:
    """What `--max-tool-calls NAME=N` says. Raises UsageError."""
    name, equals, number = text.partition("=")
    if not equals or not name.strip() or not number.strip().isdecimal():
        raise UsageError(f"--max-tool-calls must be NAME=N, such as web_search=10, not {text!r}")
    return name.strip(), int(number)


_AMOUNTS = ("steps", "model_calls", "tokens")


_LIMITS = (*_AMOUNTS, "time", "usd")


def _refuse_misspelt(name: str, tools: Collection[str] | None) -> None:
    """Raises UsageError for a name that is neither a limit's nor a tool's: it would limit nothing, unnoticed."""
    if tools is not None and name in tools:
        return
    bare = name.lower().replace("-", "_").removeprefix("max_")
    meant = nearest(bare, _LIMITS) if tools is not None or {bare, f"{bare}s"} & {*_LIMITS} else None
    meant = meant or nearest(name, tools or ())
    if meant is None and tools is None:
        return
    known = f"{', '.join(_LIMITS)} or the name of a tool, whose calls it limits"
    hint = f"did you mean {meant}?" if meant else None
    raise UsageError(f"there is no limit {name!r}: it is {known}", hint=hint)


def read_limits(words: Sequence[str], tools: Collection[str] | None = None) -> Budget:
    """The limits that words such as `steps=80`, `usd=2`, `time=30m` or `web_search=10` (a tool's calls) state.

    `tools` are the names of all that there are; None where they are not known yet.

    Raises:
        UsageError: a word is none, or names neither a limit nor a tool.
    """
    found: dict[str, Any] = {}
    calls: dict[str, int] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name or not text:
            raise UsageError(f"a limit is NAME=N, such as steps=80, not {word!r}")
        if name in _AMOUNTS:
            found[name] = _at_least_one(name, text)
        elif name == "time":
            found[name] = duration(name, text)
        elif name == "usd":
            found[name] = _money(text)
        else:
            _refuse_misspelt(name, tools)
            calls[name] = _at_least_one(name, text)
    return Budget(**found, tool_calls=calls)


def stated(limits: Budget) -> dict[str, JSON]:
    """The limits by name, those alone that are stated."""
    every = {one.name: getattr(limits, one.name) for one in fields(Budget)}
    return {name: value for name, value in every.items() if value is not None and value != {}}


def merged(earlier: Budget, later: Budget) -> Budget:
    """Both, the later where both state one."""
    both: dict[str, Any] = stated(later)
    return replace(earlier, **both | {"tool_calls": {**earlier.tool_calls, **later.tool_calls}})


def _at_least_one(name: str, text: str) -> int:
    count = amount(name, text) or 0
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


def window(text: str | None) -> int | None:
    """The window in tokens that `--window` states; raises UsageError."""
    found = amount("--window", text)
    if found is not None and not SMALLEST_WINDOW <= found <= LARGEST_WINDOW:
        raise UsageError(f"--window must be from {SMALLEST_WINDOW} to {LARGEST_WINDOW:,} tokens, not {text}")
    return found


def duration(flag: str, text: str | None) -> float | None:
    """The seconds that a flag's text states, such as 15m; None where it was not given. Raises UsageError."""
    try:
        return None if text is None else read_duration(text)
    except ValueError as error:
        raise UsageError(f"{flag} must be {error}, not {text!r}") from error
