from __future__ import annotations

import pytest

from agent.goal import AbsentCheck, AnswerCheck, Budget, Check, FileCheck, Goal, JudgeCheck, RegexCheck, ToolRules
from agent.goal.advice import advice


def told(*checks: Check, **fields: object) -> list[str]:
    goal = Goal(goals=("a",), checks=checks, **fields)  # type: ignore[arg-type]  # the fields are the tests' own
    return [f"{path}: {text}" for path, text in advice(goal)]


def test_a_goal_that_is_decided_by_a_file_gets_no_advice() -> None:
    assert told(FileCheck(file="out/a.md"), AbsentCheck(absent="*.tmp"), write=("out/**",)) == []
    assert told(AnswerCheck(answer="x")) == []


@pytest.mark.parametrize(
    ("checks", "word"),
    [
        ((), "there are no checks"),
        ((FileCheck(file="a", required=False),), "no check is required"),
        ((JudgeCheck(judge="?"), FileCheck(file="a", required=False)), "only a model's opinion"),
        ((AbsentCheck(absent="*.tmp"),), "pass before anything is done"),
        ((FileCheck(file="a.tmp"), AbsentCheck(absent="*.tmp")), "a.tmp must be there and, by absent: *.tmp, must not"),
    ],
)
def test_checks_that_decide_too_little_are_told(checks: tuple[Check, ...], word: str) -> None:
    assert word in "\n".join(told(*checks))


def test_a_file_that_must_be_there_and_may_not_be_written_is_told() -> None:
    assert told(FileCheck(file="b/a.md"), RegexCheck(regex="x", path="out/a.md"), write=("*.md", "out/*")) == [
        "checks[0]: b/a.md is covered by no pattern of workspace.write, so the agent cannot write it"
    ]


def test_an_allowed_tool_that_is_denied_or_asked_for_is_told() -> None:
    rules = ToolRules(allow=("web_search", "read_file", "x"), ask=("read_*",), deny=("web_*",))
    assert told(AnswerCheck(answer="x"), tools=rules) == [
        "tools.allow: web_search is denied as well, and does not run",
        "tools.allow: read_file is under ask as well, and is asked for",
    ]


def test_a_budget_of_no_dollars_is_explained() -> None:
    assert told(AnswerCheck(answer="x"), budget=Budget(usd=0.0)) == ["budget.usd: 0 means that money is not limited"]
