from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.goal import (
    AbsentCheck,
    AnswerCheck,
    Budget,
    Check,
    FileCheck,
    Goal,
    JudgeCheck,
    ModelChoice,
    RegexCheck,
    RunCheck,
    ToolRules,
)
from agent.goal.advice import Surroundings, advice

TOOLS = ("read_file", "web_search", "write_file")


def told(*checks: Check, around: Surroundings | None = None, **fields: object) -> list[str]:
    goal = Goal(goals=("a",), checks=checks, **fields)  # type: ignore[arg-type]  # the fields are the tests' own
    return [f"{path}: {text}" for path, text in advice(goal, around)]


def place(folder: Path, *, model: str | None = None, endpoint: bool = False) -> Surroundings:
    """Where these tools are, and this is set."""
    return Surroundings(tools=lambda: TOOLS, model=model, endpoint=endpoint, workspace=folder)


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


def test_programs_of_checks_that_reach_more_than_the_stated_hosts_are_told(tmp_path: Path) -> None:
    held, free = place(tmp_path), replace(place(tmp_path), unconfined="THINKACT_SANDBOX=off")
    words = "the programs of `run` checks are not held to the hosts: they have the whole network (THINKACT_SANDBOX=off)"
    assert told(RunCheck(run="make"), around=free, hosts=()) == [f"network.hosts: {words}"]
    assert told(RunCheck(run="make"), around=held, hosts=()) == []
    assert told(RunCheck(run="make"), around=free) == []
    assert told(AnswerCheck(answer="x"), around=free, hosts=("example.org",)) == []


def test_a_budget_of_no_dollars_is_explained() -> None:
    assert told(AnswerCheck(answer="x"), budget=Budget(usd=0.0)) == ["budget.usd: 0 means that money is not limited"]


def test_a_check_of_a_file_that_is_there_already_is_no_slip(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    checks = (FileCheck(file="notes.txt"), FileCheck(file="other.txt"))
    [only] = told(*checks, write=("out/**",), around=place(tmp_path))
    assert only.startswith("checks[1]: other.txt is covered by no pattern")
    assert told(*checks, write=("out/**",), workspace=str(tmp_path)) == [only]
    assert len(told(*checks, write=("out/**",))) == 2


def test_rules_that_match_no_tool_are_told_with_what_was_meant(tmp_path: Path) -> None:
    rules = ToolRules(allow=("read_fiel", "web_*"), ask=("writefile",), deny=("潮汐",))
    budget = Budget(tool_calls={"web_serch": 3, "read_file": 2})
    assert told(AnswerCheck(answer="x"), tools=rules, budget=budget, around=place(tmp_path)) == [
        "tools.allow[0]: read_fiel matches no tool; did you mean read_file?",
        "tools.ask[0]: writefile matches no tool; did you mean write_file?",
        "tools.deny[0]: 潮汐 matches no tool",
        "budget.tool_calls.web_serch: web_serch matches no tool; did you mean web_search?",
    ]


def test_where_no_rule_speaks_of_a_tool_none_is_looked_for(tmp_path: Path) -> None:
    def fails() -> tuple[str, ...]:
        raise AssertionError

    around = Surroundings(tools=fails, model=None, endpoint=False, workspace=tmp_path)
    assert told(AnswerCheck(answer="x"), around=around) == []


def test_a_workspace_that_is_not_there_is_told(tmp_path: Path) -> None:
    def of(folder: Path) -> list[str]:
        return told(AnswerCheck(answer="x"), workspace=str(folder), around=place(tmp_path))

    assert of(tmp_path) == []
    assert of(tmp_path / "desk") == [f"workspace.dir: {tmp_path / 'desk'} is not there; a run makes it, empty"]
    assert "nor the folder that it would lie in" in of(tmp_path / "no" / "desk")[0]


@pytest.mark.parametrize(
    ("named", "model", "endpoint", "word"),
    [
        ("offline", None, True, "cannot pass"),
        (None, "offline", True, "cannot pass"),
        ("gpt-x", "offline", False, ""),
        (None, None, True, ""),
        (None, None, False, "passes only with a language model"),
    ],
)
def test_a_judge_without_a_model_that_judges_is_told(
    tmp_path: Path, named: str | None, model: str | None, endpoint: bool, word: str
) -> None:
    around = place(tmp_path, model=model, endpoint=endpoint)
    lines = told(AnswerCheck(answer="x"), JudgeCheck(judge="?"), model=ModelChoice(name=named), around=around)
    assert [line.split(": ")[0] for line in lines] == (["checks[1]"] if word else [])
    assert word in "".join(lines)
