"""What a goal that can be used does not say well: for `goal check`."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from agent.globs import matches
from agent.goal.envelope import AbsentCheck, Check, FileCheck, Goal, JudgeCheck, RegexCheck, SchemaCheck, UnchangedCheck


def advice(goal: Goal) -> Iterator[tuple[str, str]]:
    """Pairs of a key path and one sentence about it, in the order of the file."""
    yield from _tools(goal)
    if goal.budget.usd == 0:
        yield "budget.usd", "0 means that money is not limited"
    yield from _deciding(goal)
    for index, check in enumerate(goal.checks):
        yield from _of_check(goal, check, f"checks[{index}]")


def _tools(goal: Goal) -> Iterator[tuple[str, str]]:
    for name in goal.tools.allow:
        if any(fnmatchcase(name, pattern) for pattern in goal.tools.deny):
            yield "tools.allow", f"{name} is denied as well, and does not run"
        elif any(fnmatchcase(name, pattern) for pattern in goal.tools.ask):
            yield "tools.allow", f"{name} is under ask as well, and is asked for"


def _deciding(goal: Goal) -> Iterator[tuple[str, str]]:
    if not goal.checks:
        yield "", "there are no checks: any answer counts as reached whose claimed files exist and hold no placeholder"
    elif not any(check.required for check in goal.checks):
        yield "checks", "no check is required, so nothing decides whether the goal is reached"
    elif all(isinstance(check, JudgeCheck | AbsentCheck | UnchangedCheck) for check in goal.checks if check.required):
        if any(isinstance(check, JudgeCheck) for check in goal.checks if check.required):
            yield "checks", "only a model's opinion decides; add a check of a file or a program"
        else:
            yield "checks", "the required checks pass before anything is done; add a check of a file or a program"


def _of_check(goal: Goal, check: Check, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(check, FileCheck | RegexCheck | SchemaCheck):
        return
    file = check.file if isinstance(check, FileCheck) else check.path
    if "{{" in file:
        return
    if goal.write and not any(matches(file, pattern) for pattern in goal.write):
        yield path, f"{file} is covered by no pattern of workspace.write, so the agent cannot write it"
    for other in goal.checks:
        if isinstance(other, AbsentCheck) and matches(file, other.absent):
            yield path, f"{file} must be there and, by absent: {other.absent}, must not"
