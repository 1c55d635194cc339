"""What the checks came to: optional ones are no nothing."""

from __future__ import annotations

import pytest

from agent.checked import how_many, why_reached
from agent.goal import AnswerCheck, FileCheck, Goal
from tests.kits import House, finish
from tests.scripted import ScriptedModel

NEEDED, LACKING, KEPT, MISSED = (True, True), (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("results", "reason", "line"),
    [
        ([NEEDED], "1 check passed", "1 of 1 passed"),
        ([NEEDED, NEEDED], "2 checks passed", "2 of 2 passed"),
        ([NEEDED, MISSED], "1 check passed; 0 of 1 optional check passed", "1 of 1 passed, 0 of 1 optional"),
        ([MISSED], "no required check; 0 of 1 optional check passed", "none required; 0 of 1 optional passed"),
        ([KEPT, MISSED], "no required check; 1 of 2 optional checks passed", "none required; 1 of 2 optional passed"),
    ],
)
def test_required_and_optional_checks_are_counted_apart(
    results: list[tuple[bool, bool]], reason: str, line: str
) -> None:
    assert why_reached(results) == reason
    assert how_many(results) == line


def test_those_that_failed_are_counted_too() -> None:
    assert how_many([NEEDED, LACKING, KEPT]) == "1 of 2 passed, 1 of 1 optional"
    assert why_reached([]) == "finished with an answer; nothing was checked"


def test_a_goal_whose_only_check_is_optional_and_failed_does_not_say_that_nothing_was_checked(house: House) -> None:
    goal = Goal(
        goals=("Write.",), checks=(FileCheck(file="a.txt", required=False), AnswerCheck(answer="x", required=False))
    )
    outcome = house.run(goal, ScriptedModel([finish("x")]))
    assert (outcome.ended.state, outcome.ended.reason) == (
        "reached",
        "no required check; 1 of 2 optional checks passed",
    )
