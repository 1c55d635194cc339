from __future__ import annotations

import json
from typing import Any

import pytest

from agent.errors import GoalError
from agent.goal import (
    AbsentCheck,
    AnswerCheck,
    Budget,
    CitationsCheck,
    FileCheck,
    Goal,
    JudgeCheck,
    ModelChoice,
    RegexCheck,
    RunCheck,
    SchemaCheck,
    ToolRules,
    UnchangedCheck,
    goal_from_dict,
    goal_from_words,
    goal_to_dict,
    mask,
    masked,
)

FULL = Goal(
    goals=("one", "两"),
    name="full",
    role="r",
    instructions="i",
    constraints=("c",),
    inputs={"items": ["a", "b"], "n": 1.5, "none": None, "token": mask("token"), "other": mask("other")},
    model=ModelChoice(name="m", fallback=("local",), temperature=0, window=1000, reply=10),
    mode="loop",
    tools=ToolRules(allow=("a_*",), ask=("b",), deny=("c",)),
    workspace="/w",
    write=("out/**",),
    hosts=(),
    namespace="n",
    recall=False,
    budget=Budget(steps=3, usd=0.0, time=1.5, tool_calls={"a": 2}),
    parallel=2,
    checks=(
        FileCheck(file="a", min_bytes=3),
        RegexCheck(regex="x", path="a", min_count=2, required=False),
        RunCheck(run="p", env={"A": "Bearer abc, abcdef", "B": "plain"}),
        SchemaCheck(schema="/s.json", path="o.json", content={"enum": [1, [2]]}),
        AnswerCheck(answer="ok"),
        AbsentCheck(absent="*.tmp"),
        UnchangedCheck(unchanged="src/**"),
        CitationsCheck(citations="a", min_count=2, min_quotes=1),
        JudgeCheck(judge="?"),
    ),
    attempts=0,
    files=("/f",),
    source="/g.yaml",
    secrets=("abc", "abcdef"),
)
SECRETS = {"token": "abc", "other": "abcdef"}


def journaled(goal: Goal) -> dict[str, Any]:
    """What comes back from a journal: the dict, through JSON."""
    body: dict[str, Any] = json.loads(json.dumps(goal_to_dict(goal), allow_nan=False))
    return body


@pytest.mark.parametrize(
    "goal", [FULL, Goal(goals=("a",)), Goal(goals=("a",), hosts=None, checks=(JudgeCheck(judge="q"),))]
)
def test_a_goal_comes_back_from_its_dict_as_it_was(goal: Goal) -> None:
    assert goal_from_dict(journaled(goal), secrets=SECRETS) == goal


def test_no_secret_is_in_the_dict_or_in_what_is_printed() -> None:
    body = json.dumps(journaled(FULL))
    assert "abc" not in body
    assert '"Bearer <secret token>, <secret other>"' in body
    assert "secrets" not in body
    assert "abc" not in repr(FULL)


def test_without_its_secrets_a_goal_keeps_the_masks_and_names_what_is_wanted() -> None:
    goal = goal_from_dict(journaled(FULL))
    assert goal.secrets == ()
    assert masked(goal) == ("token", "other")
    assert goal_from_dict(journaled(FULL), secrets=SECRETS) == FULL


def test_a_missing_secret_is_asked_for_by_name() -> None:
    with pytest.raises(GoalError, match="needed again: other") as raised:
        goal_from_dict(journaled(FULL), secrets={"token": "abc"})
    assert raised.value.hint == "give them again: --set other=..."


def test_a_masked_goal_can_be_kept_again() -> None:
    once = journaled(FULL)
    assert journaled(goal_from_dict(once)) == once


def test_a_goal_of_a_newer_version_is_refused() -> None:
    with pytest.raises(GoalError, match="newer thinkact"):
        goal_from_dict(journaled(FULL) | {"version": 2})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"goals": ["a"], "checks": [{"what": 1}]},
        {"goals": ["a"], "budget": {"miles": 3}},
        {"goals": ["a"], "model": 3},
    ],
)
def test_a_dict_that_is_no_goal_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(GoalError, match="no goal"):
        goal_from_dict(body)


def test_fields_that_older_versions_did_not_keep_have_their_defaults() -> None:
    assert goal_from_dict({"goals": ["a"], "later": 1}) == Goal(goals=("a",))


def test_a_string_is_one_goal_and_never_split() -> None:
    assert goal_from_words(" write\n1. a\n2. b ").goals == ("write\n1. a\n2. b",)
    assert goal_from_words("x").goals == ("x",)


def test_a_list_is_any_number_of_sub_goals() -> None:
    assert goal_from_words([str(n) for n in range(9)]).goals == tuple("012345678")


@pytest.mark.parametrize("words", ["", "  \n", [], ["a", " "]])
def test_no_words_are_no_goal(words: str | list[str]) -> None:
    with pytest.raises(GoalError, match="empty"):
        goal_from_words(words)


def test_half_characters_of_a_command_line_are_made_whole() -> None:
    assert goal_from_words("\ud83d\ude00 \udcff").goals == ("😀 \ufffd",)
