"""What the checks of a goal came to, in words that are the same wherever they are told.

A result is a pair: was the check required, and did it pass?
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from agent.spending import counted

Results: TypeAlias = Iterable[tuple[bool, bool]]


def why_reached(results: Results) -> str:
    """Why a goal is reached whose required checks, if it has some, have passed."""
    required, _, optional, passed = _counts(results)
    if not required and not optional:
        return "finished with an answer; nothing was checked"
    first = f"{counted(required, 'check')} passed" if required else "no required check"
    return f"{first}; {passed} of {counted(optional, 'optional check')} passed" if optional else first


def how_many(results: Results) -> str:
    """How many of the checks that were made have passed: `2 of 3 passed, 0 of 1 optional`."""
    required, kept, optional, passed = _counts(results)
    if not optional:
        return f"{kept} of {required} passed"
    if not required:
        return f"none required; {passed} of {optional} optional passed"
    return f"{kept} of {required} passed, {passed} of {optional} optional"


def kind_of(*, required: bool) -> str:
    """What a check is called."""
    return "check" if required else "optional check"


def _counts(results: Results) -> tuple[int, int, int, int]:
    """Required checks, those of them that passed, optional ones, those that passed."""
    found = list(results)
    required = [passed for needed, passed in found if needed]
    optional = [passed for needed, passed in found if not needed]
    return len(required), sum(required), len(optional), sum(optional)
