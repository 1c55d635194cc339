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
SAME_ERRORS = 3
"""So many steps in a row with the very same error are worth a word."""
EMPTY_TURNS = 3
"""So many turns in a row without a call and without words end the run."""

_LOOKS = ("read", "fetch")  # effects that change nothing: the same call after them is the same again


@dataclass(frozen=True, slots=True)
class Circle:
    """What the guard saw. `stage` 1: a note, 2: a demand, 3: the run is to be stopped."""

    stage: Literal[1, 2, 3]
    text: str


def earlier(done: Sequence[Done], tool: str, arguments_hash: str) -> Done | None:
    """The same call made before, if nothing was changed since; the newest one."""
    for one in reversed(done[-NEARBY:]):
        if one.tool == tool and one.arguments_hash == arguments_hash:
            return one
        if _changed(one):
            return None
    return None


def watch(history: History) -> Circle | None:
    """Judge the last call that came back; None where all is well.

    What one turn repeats within itself counts once: the agent hears of it only after the turn. What was before the
    last resume does not count: somebody decided to go on.
    """
    done = history.done[max(history.done_before, len(history.done) - NEARBY - 1) :]
    return (_repeats(done) or _cycles(done) or _errors(done)) if done else None


def empty_turns(history: History) -> int:
    """How many turns in a row since the last resume, the last one first, had neither a call nor words."""
    count = 0
    for number in range(len(history.steps) - 1, history.steps_before - 1, -1):
        thought = history.steps[number].thought
        if thought.calls or thought.text.strip():
            break
        count += 1
    return count


def _repeats(done: Sequence[Done]) -> Circle | None:
    """The last call was made before, with the same result and nothing changed in between."""
    last, times, steps = done[-1], 1, {done[-1].step}
    for one in reversed(done[:-1]):
        if _fingerprint(one) == _fingerprint(last):
            times += 1
            steps.add(one.step)
        elif _changed(one):
            break
    if times == 1:
        return None
    text = f"{last.tool} was called {times} times with the same arguments and gave the same result each time"
    return Circle(_stage(len(steps) - 1), text)


def _cycles(done: Sequence[Done]) -> Circle | None:
    """The last calls are one block over and over."""
    prints = [_fingerprint(one) for one in done]
    longest, length = 0, 0
    for period in PERIODS:
        block, count = prints[-period:], 0
        while prints[-period * (count + 2) : len(prints) - period * (count + 1)] == block:
            count += 1
        if count > longest and len(set(block)) > 1:
            longest, length = count, period
    steps = {one.step for one in done[-length * (longest + 1) :]}
    if not longest or len(steps) == 1:
        return None
    text = f"the same {length} calls were made {longest + 1} times over with the same results"
    return Circle(_stage(min(longest, len(steps) - 1)), text)


def _errors(done: Sequence[Done]) -> Circle | None:
    """The last calls, one after the other, failed in the very same words with the same tool."""
    last, times, steps = done[-1], 0, set()
    for one in reversed(done):
        if one.ok or one.tool != last.tool or one.error != last.error:
            break
        times += 1
        steps.add(one.step)
    if len(steps) < SAME_ERRORS:
        return None
    return Circle(_stage(len(steps) - SAME_ERRORS + 1), f"{last.tool} failed {times} times in a row with: {last.error}")


def _stage(count: int) -> Literal[1, 2, 3]:
    return 1 if count <= 1 else 2 if count == 2 else 3


def _fingerprint(done: Done) -> tuple[str, str, str]:
    return (done.tool, done.arguments_hash, done.result_hash)


def _changed(done: Done) -> bool:
    """Did this call change something, so that the same look may show something else?"""
    return done.ok and done.effect not in _LOOKS
