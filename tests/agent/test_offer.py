"""Which tools the prompt tells of, and how a call of another is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from agent.events import ToolCall
from agent.goal import AnswerCheck, Goal
from agent.model import ToolDescription
from agent.offer import choose, is_named, offer_of, unwrapped

FINISH = ToolDescription("finish", "End.", {"type": "object"})


def described(*names: str) -> list[ToolDescription]:
    return [ToolDescription(name, f"It does {name}.", {"type": "object"}) for name in names]


TOOLS = described("alpha_one", "beta_two", "delete_file", "gamma_three", "read_file", "run_python", "write_file")


def chosen(
    goal: str | Goal,
    *,
    found: Sequence[tuple[str, float]] = (),
    room: int = 4,
    allowed: Sequence[str] = (),
    own: Sequence[str] = (),
    tools: Sequence[ToolDescription] = TOOLS,
) -> tuple[str, ...]:
    """What is chosen where each tool takes a room of one."""
    made = Goal(goals=(goal,)) if isinstance(goal, str) else goal
    return choose(made, tools, search=lambda _: found, weigh=lambda _: 1, room=room, allowed=allowed, own=own)


def test_what_is_always_needed_comes_first_and_the_order_is_that_of_the_tools() -> None:
    found = [("gamma_three", 2.0), ("beta_two", 1.5), ("delete_file", 1.0)]
    assert chosen("g", found=found) == ("beta_two", "gamma_three", "read_file", "write_file")


def test_what_fits_the_goal_badly_is_left_to_be_found() -> None:
    assert "delete_file" not in chosen("g", found=[("beta_two", 9.0), ("delete_file", 0.5)], room=9)


def test_a_tool_that_the_goal_or_its_checks_name_is_told_of_beyond_the_room() -> None:
    assert "delete_file" in chosen("Use delete_file on old.txt", room=2)
    goal = Goal(goals=("g",), checks=(AnswerCheck(answer="as gamma_three said"),))
    assert "gamma_three" in chosen(goal, room=2)
    assert "gamma_three" in chosen(Goal(goals=("g",), constraints=("ask gamma_three first",)), room=2)


def test_a_tool_that_a_rule_allows_by_name_is_told_of() -> None:
    assert "alpha_one" in chosen("g", allowed=("alpha_one",), room=2)


def test_a_pattern_brings_what_it_matches_as_far_as_there_is_room() -> None:
    assert "alpha_one" in chosen("g", allowed=("alpha_*",), room=3)
    assert "alpha_one" not in chosen("g", allowed=("alpha_*",), room=2)


def test_a_pattern_that_matches_nearly_all_says_nothing() -> None:
    many = [*TOOLS, *described(*(f"many_{n}" for n in range(40)))]
    assert not [name for name in chosen("g", allowed=("many_*",), room=9, tools=many) if name.startswith("many")]


def test_the_users_own_come_before_what_is_of_general_use_and_after_what_fits() -> None:
    assert "alpha_one" in chosen("g", own=("alpha_one",), room=3)
    assert "run_python" not in chosen("g", own=("alpha_one",), room=3)
    assert "alpha_one" not in chosen("g", own=("alpha_one",), found=[("beta_two", 2.0)], room=3)


def test_room_that_is_left_goes_to_what_is_of_general_use() -> None:
    assert "run_python" in chosen("g", room=3)


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("git_log", "look at git_log", True),
        ("git_log", "用git_log查看", True),
        ("git_log", "my_git_log_file", False),
        ("search", "search the shelves", False),
        ("search", "use `search` on the shelves", True),
        ("play", "", False),
    ],
)
def test_a_name_that_is_a_word_too_counts_between_backticks_only(name: str, text: str, *, named: bool) -> None:
    assert is_named(name, text) is named


def test_where_nothing_is_left_out_there_is_nothing_to_find() -> None:
    offer = offer_of([one.name for one in TOOLS], TOOLS, FINISH, search=None, origins={}, denied=lambda _: False)
    assert [one.name for one in offer.told] == [*(one.name for one in TOOLS), "finish"]
    assert offer.find("alpha") == []


def test_few_that_are_left_out_are_named_and_many_are_counted_by_where_they_come_from() -> None:
    def description(others: int) -> str:
        tools = described("read_file", *(f"far_{n:02}" for n in range(others)))
        origins = {one.name: "far\x1b[31m" for one in tools[1:]}
        offer = offer_of(["read_file"], tools, FINISH, search=None, origins=origins, denied=lambda _: False)
        assert [one.name for one in offer.told] == ["read_file", "find_tools", "call_tool", "finish"]
        return offer.told[1].description

    assert "far_00, far_01, far_02" in description(3)
    assert "30 are not told of here, of far\\x1b[31m (30)" in description(30)


def test_where_finding_is_denied_the_others_cannot_be_found() -> None:
    offer = offer_of(["read_file"], TOOLS, FINISH, search=None, origins={}, denied=lambda name: name == "find_tools")
    assert [one.name for one in offer.told] == ["read_file", "finish"]
    assert not offer.others


def call(**arguments: Any) -> ToolCall:
    return unwrapped(ToolCall(id="c1", tool="call_tool", arguments=arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": "look", "arguments": {"at": "sea"}},
        {"name": " look ", "arguments": '{"at": "sea"}'},
        {"tool": "look", "arguments": {"at": "sea"}},
        {"name": "look", "at": "sea"},
    ],
)
def test_a_call_through_call_tool_is_the_call_that_it_asks_for(arguments: dict[str, Any]) -> None:
    found = call(**arguments)
    assert (found.tool, dict(found.arguments), found.via, found.fault) == ("look", {"at": "sea"}, "call_tool", None)


def test_no_arguments_are_none() -> None:
    for arguments in ({"name": "look"}, {"name": "look", "arguments": None}, {"name": "look", "arguments": ""}):
        assert (call(**arguments).arguments, call(**arguments).fault) == ({}, None)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"arguments": {}}, {"name": ""}, {"name": 3}, {"name": "call_tool"}, {"name": "look", "arguments": [1]}],
)
def test_a_call_through_call_tool_that_names_nothing_is_told_what_it_lacks(arguments: dict[str, Any]) -> None:
    found = call(**arguments)
    assert found.tool == "call_tool"
    assert found.fault == "it needs the name of a tool, and its arguments as an object"
