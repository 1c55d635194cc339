"""The guard: sees that the agent goes round in circles, and says so before it stops it.

It compares fingerprints (tool, arguments, result) of the calls that came back. Three stages: a note, a demand for
another way, a stop with state `loop`. A call with the same arguments but another result is progress, and so is the
same call after something was changed in between; only a longer cycle of the very same results is not. Of errors it
compares what they say and not of what: the fifth file that is not there is no news, wherever it was looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.history import Done, History

NEARBY = 24
"""How many calls back a repeat is looked for."""
PERIODS = (2, 3, 4)
"""Lengths of the cycles that are looked for (a single call has its own rule)."""
ALIKE = 3
"""After so many steps in a row with alike errors another way is demanded."""
TOO_MANY_ALIKE = 5
"""So many of them end the run."""
EMPTY_TURNS = 3
"""So many turns in a row without a call and without words end the run."""

_LOOKS = ("read", "fetch")  # effects that change nothing: the same call after them is the same again
_MADE_WRONG = ("arguments", "unknown-tool")  # calls that could not even be made: alike whatever they were meant to be
_NO_FAILURE = "feedback"  # the kind of what is held back for the user's words
_SHOWN = 160  # characters of an error that are repeated


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


def watch(history: History, *, by_rule: bool = False) -> Circle | None:
    """Judge the last call that came back; None where all is well.

    What one turn repeats within itself counts once: the agent hears of it only after the turn. What was before the
    last resume does not count: somebody decided to go on. `by_rule`: the model works off a list that has an end, on
    which alike errors are none of its making.
    """
    since = history.done[history.done_before :]
    if not since:
        return None
    near = since[-NEARBY - 1 :]
    found = (_repeats(near), _cycles(near, _fingerprint if by_rule else _outcome), None if by_rule else _errors(since))
    return max((circle for circle in found if circle), key=lambda circle: circle.stage, default=None)


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


def _cycles(done: Sequence[Done], outcome: Callable[[Done], tuple[str, str, str]]) -> Circle | None:
    """The last calls are one block over and over, as told by their `outcome`."""
    prints = [outcome(one) for one in done]
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
    """The last calls, one after the other, failed alike."""
    last, times, steps = done[-1], 0, set[int]()
    if (error := _error(last)) is None:
        return None
    for one in reversed(done):
        if _error(one) != error:
            break
        times += 1
        steps.add(one.step)
    if len(steps) < ALIKE:
        return None
    said = last.error if len(last.error) <= _SHOWN else f"{last.error[:_SHOWN]} …"
    what = (
        f"{times} calls in a row could not be made"
        if last.kind in _MADE_WRONG
        else f"{last.tool} failed {times} times in a row"
    )
    return Circle(2 if len(steps) < TOO_MANY_ALIKE else 3, f"{what}, the last one with: {said}")


def _stage(count: int) -> Literal[1, 2, 3]:
    return 1 if count <= 1 else 2 if count == 2 else 3


def _fingerprint(done: Done) -> tuple[str, str, str]:
    return (done.tool, done.arguments_hash, done.result_hash)


def _outcome(done: Done) -> tuple[str, str, str]:
    """A call and its result; of one that failed, what alike errors share."""
    return _error(done) or _fingerprint(done)


def _error(done: Done) -> tuple[str, str, str] | None:
    """What alike errors share; None where nothing failed."""
    if done.ok or done.kind == _NO_FAILURE:
        return None
    return ("made wrong", "", "") if done.kind in _MADE_WRONG else (done.tool, done.kind, done.like)


def _changed(done: Done) -> bool:
    """Did this call change something, so that the same look may show something else?"""
    return done.ok and done.effect not in _LOOKS
