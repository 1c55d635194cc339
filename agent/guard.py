"""The guard: sees that the agent goes round in circles, and says so before it stops it.

It compares fingerprints (tool, arguments, result) of the calls that came back. Three stages: a note, a demand for
another way, a stop with state `loop`. A call with the same arguments but another result is progress, and so is the
same call after something was changed in between; only a longer cycle of the very same results is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.history import Done, History

NEARBY = 24
"""How many calls back a repeat is looked for."""
PERIODS = (2, 3, 4)
"""Lengths of the cycles that are looked for (a single call has its own rule)."""
EMPTY_TURNS = 3
"""So many turns in a row without a call and without words end the run."""


@dataclass(frozen=True, slots=True)
class Circle:
    """What the guard saw. `stage` 1: a note, 2: a demand, 3: the run is to be stopped."""

    stage: Literal[1, 2, 3]
    text: str


def _stage(count: int) -> Literal[1, 2, 3]:
    return 1 if count <= 1 else 2 if count == 2 else 3


def _fingerprint(done: Done) -> tuple[str, str, str]:
    return (done.tool, done.arguments_hash, done.result_hash)


def earlier(done: Sequence[Done], tool: str, arguments_hash: str) -> Done | None:
    """The same call made before, if nothing was changed since; the newest one."""
    for one in reversed(done[-NEARBY:]):
        if one.tool == tool and one.arguments_hash == arguments_hash:
            return one
        if one.ok and one.effect != "read":
            return None
    return None


def _repeats(done: Sequence[Done]) -> int:
    """How often the last call was already made, with the same result and nothing changed in between."""
    last, count = done[-1], 0
    for one in reversed(done[:-1][-NEARBY:]):
        if _fingerprint(one) == _fingerprint(last):
            count += 1
        elif one.ok and one.effect != "read":
            break
    return count


def _cycles(done: Sequence[Done]) -> tuple[int, int]:
    """The longest tail that is one block over and over: (blocks beyond the first, length of the block)."""
    prints = [_fingerprint(one) for one in done[-NEARBY:]]
    best = (0, 0)
    for period in PERIODS:
        block, count = prints[-period:], 0
        if len(set(block)) < 2:
            continue
        while prints[-period * (count + 2) : len(prints) - period * (count + 1)] == block:
            count += 1
        best = max(best, (count, period))
    return best


def _errors(done: Sequence[Done]) -> int:
    """How many calls in a row, the last one first, failed in the very same words with the same tool."""
    last, count = done[-1], 0
    for one in reversed(done):
        if one.ok or one.tool != last.tool or one.error != last.error:
            break
        count += 1
    return count


def watch(history: History) -> Circle | None:
    """Judge the last call that came back; None where all is well."""
    done = history.done
    if not done:
        return None
    last = done[-1]
    count = _repeats(done)
    if count:
        text = f"{last.tool} was called {count + 1} times with the same arguments and gave the same result each time"
        return Circle(_stage(count), text)
    cycles, period = _cycles(done)
    if cycles:
        return Circle(
            _stage(cycles), f"the same {period} calls were made {cycles + 1} times over with the same results"
        )
    errors = _errors(done)
    if errors >= 3:
        return Circle(_stage(errors - 2), f"{last.tool} failed {errors} times in a row with: {last.error}")
    return None


def empty_turns(history: History) -> int:
    """How many turns in a row, the last one first, had neither a call nor words."""
    count = 0
    for step in reversed(history.steps):
        if step.thought.calls or step.thought.text.strip():
            break
        count += 1
    return count
