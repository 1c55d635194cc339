"""Tools that the prompt does not tell of: found, called, and the list as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.approval import Approval, Policy
from agent.events import Observed, Thought, ToolCall, ToolStarted
from agent.goal import Goal, ModelChoice
from agent.model import Request
from agent.opening.offering import make_offer
from bench.tool_catalogue import plugins
from plugins import Effect, Plugin, Tool, Toolbox, built_in_plugins, tool
from tests.kits import House, Outcome, called, finish
from tests.scripted import ScriptedModel
from tests.tools import look


@tool(effect=Effect.READ, aliases=("潮汐", "涨潮"))
def tide_table(harbour: str, days: int = 1) -> str:
    """Tell when the tide is high in a harbour.

    Args:
        harbour: Its name.
        days: So many days ahead.
    """
    return f"{harbour}: high at 06:12 for {days} days"


@tool(effect=Effect.READ)
def at_sea(ship: str) -> str:
    """Tell whether a ship is at sea.

    Args:
        ship: Its name.
    """
    return f"{ship} is at sea"


def _of(*tools: Tool) -> Plugin:
    return Plugin(name="mine", origin="mine.py", tools=tools)


@pytest.fixture
def many(house: House) -> House:
    """A house with three hundred tools beside those that come with thinkact."""
    theirs: list[Tool] = [one for plugin in plugins() for one in plugin.tools]
    house.tools = [*theirs, tide_table]
    return house


def names(request: Request) -> list[str]:
    return [one.name for one in request.tools]


def through(name: str, _id: str = "x1", **arguments: Any) -> ToolCall:
    return called("call_tool", _id, name=name, arguments=arguments)


def went(house: House, *calls: ToolCall, goal: str | Goal = "Write a poem") -> tuple[Outcome, ScriptedModel]:
    model = ScriptedModel([*calls, finish()])
    return house.run(goal, model), model


def observed(outcome: Outcome, number: int = 0) -> Observed:
    found: Observed = outcome.of(Observed)[number]
    return found


def test_a_tool_is_found_by_what_it_does_and_called_with_the_list_as_it_was(many: House) -> None:
    outcome, model = went(
        many, called("find_tools", query="when is high tide"), through("tide_table", harbour="Hollin", days="2")
    )
    assert "tide_table" not in names(model.requests[0])
    assert {one.tools_wire for one in model.requests} == {model.requests[0].tools_wire}
    found, tide = outcome.of(Observed)[:2]
    assert found.value[0] == "tide_table"
    assert json.loads(next(line for line in found.text.splitlines() if "tide_table" in line)) == json.loads(
        json.dumps({"type": "function", "function": _schema(many, "tide_table")})
    )
    assert (tide.tool, tide.ok, tide.text) == ("tide_table", True, "Hollin: high at 06:12 for 2 days")


def _schema(house: House, name: str) -> dict[str, Any]:
    made = next(one for one in house.tools if one.name == name)
    return {"name": name, "description": made.description, "parameters": made.parameters}


def test_what_was_asked_through_call_tool_is_sent_back_as_it_was_and_kept_as_what_it_is(many: House) -> None:
    outcome, model = went(many, through("tide_table", harbour="Hollin"))
    sent = json.loads(model.requests[1].messages_wire)[2]["tool_calls"][0]["function"]
    assert sent["name"] == "call_tool"
    assert json.loads(sent["arguments"]) == {"name": "tide_table", "arguments": '{"harbour":"Hollin"}'}
    kept = outcome.of(Thought)[0].calls[0]
    assert (kept.tool, dict(kept.arguments), kept.via) == ("tide_table", {"harbour": "Hollin"}, "call_tool")
    assert outcome.of(ToolStarted)[0].tool == "tide_table"


def test_a_tool_that_is_not_listed_is_served_by_its_own_name(many: House) -> None:
    outcome, model = went(many, called("tide_table", harbour="Hollin"))
    assert observed(outcome).text == "Hollin: high at 06:12 for 1 days"
    assert "tide_table" in [one.name for one in model.requests[0].unlisted]


def test_a_goal_in_chinese_is_told_of_the_tool_whose_other_name_it_says(many: House) -> None:
    _, model = went(many, goal="霍林港今天什么时候涨潮?")
    assert "tide_table" in names(model.requests[0])


def test_a_tool_is_found_by_words_in_chinese(many: House) -> None:
    outcome, _ = went(many, called("find_tools", query="潮汐"))
    assert observed(outcome).value == ["tide_table"]
    outcome, _ = went(many, called("find_tools", query="给客户退款"))
    assert "refund_payment" in outcome.of(Observed)[0].value


def test_a_denied_tool_is_neither_told_of_nor_found_nor_called(many: House) -> None:
    many.policy = Policy(deny=("tide_*",))
    outcome, model = went(
        many,
        called("find_tools", query="tide_table when is the tide high"),
        through("tide_table", harbour="Hollin"),
        goal="Call tide_table",
    )
    assert "tide_table" not in names(model.requests[0])
    assert "tide_table" not in observed(outcome, 0).text
    refused = observed(outcome, 1)
    assert not refused.ok
    assert refused.error is not None
    assert refused.error.kind == "denied"


def test_wrong_arguments_of_a_tool_that_was_not_told_of_bring_its_schema(many: House) -> None:
    outcome, _ = went(many, through("tide_table", port="Hollin"))
    text = observed(outcome).text
    assert text.startswith('unknown argument "port"')
    assert 'Its schema: {"type":"function","function":{"name":"tide_table"' in text


def test_wrong_arguments_of_a_tool_that_is_listed_bring_no_schema(many: House) -> None:
    outcome, _ = went(many, called("read_file", file="x"))
    assert "Its schema" not in observed(outcome).text


def test_an_unknown_name_leads_to_find_tools(many: House) -> None:
    outcome, _ = went(many, through("moon_phase"))
    assert "find_tools" in observed(outcome).text


def test_words_that_fit_nothing_say_so(many: House) -> None:
    outcome, _ = went(many, called("find_tools", query="qwertyuiop"), called("find_tools", "f2", query="  "))
    assert observed(outcome, 0).text.startswith("No tool fits these words")
    assert observed(outcome, 1).error is not None


def test_with_few_tools_all_are_told_of_and_there_is_nothing_to_find(house: House) -> None:
    house.tools = [tide_table]
    house.built_in = False
    outcome, model = went(house, called("find_tools", query="tide"))
    assert names(model.requests[0]) == ["tide_table", "finish"]
    assert observed(outcome).text.startswith("There are no tools beside")


def test_the_rule_based_model_is_told_of_every_tool(many: House) -> None:
    model = ScriptedModel([finish()], offline=True)
    many.run("Write a poem", model)
    assert len(names(model.requests[0])) > 300


def test_calls_of_find_tools_are_limited_like_any(many: House) -> None:
    many.allowance = type(many.allowance)(tool_calls={"find_tools": 1})
    outcome, _ = went(many, called("find_tools", query="tide"), called("find_tools", "f2", query="mail"))
    assert [one.ok for one in outcome.of(Observed)[:2]] == [True, False]


def test_a_resumed_run_has_the_same_list(many: House) -> None:
    first, second = ScriptedModel([called("find_tools", query="tide"), KeyboardInterrupt()]), ScriptedModel([finish()])
    many.run("Refund the payment of Meyer", first)
    many.resume(second)
    assert first.requests[0].tools_wire == second.requests[0].tools_wire
    assert "refund_payment" in names(second.requests[0])


def test_what_was_found_and_called_joins_the_list_where_the_window_is_folded(many: House) -> None:
    def reply(request: Request) -> Any:
        number = len(model.requests)
        if request.purpose != "think":
            return "Folded."
        if number == 1:
            return through("tide_table", harbour="Hollin")
        write = called("write_file", f"w{number}", path=f"{number}.md", content=f"{number} much to see " * 150)
        return write if number < 20 else finish()

    model = ScriptedModel(reply)
    goal = Goal(goals=("Write a poem",), model=ModelChoice(window=9000, reply=300))
    many.run(goal, model)
    thoughts = [one for one in model.requests if one.purpose == "think"]
    lists = list(dict.fromkeys(tuple(names(one)) for one in thoughts))
    assert len(lists) == 2
    assert lists[1] == (*lists[0], "tide_table")
    at = next(n for n, one in enumerate(thoughts) if "tide_table" in names(one))
    assert "# Summary of steps" in thoughts[at].messages[2].text
    assert "# Summary of steps" not in thoughts[at - 1].messages[2].text


def test_what_has_come_since_a_run_of_few_tools_began_is_told_of_behind_them() -> None:
    few = make_offer(Goal(goals=("g",)), None, Toolbox([_of(look)]), Approval(Policy()))
    now = Toolbox([_of(look, tide_table, at_sea)])
    later = make_offer(Goal(goals=("g",)), None, now, Approval(Policy()), few.names)
    assert [one.name for one in later.told] == ["look", "at_sea", "tide_table", "finish"]


def test_a_run_that_had_many_tools_keeps_its_own_where_few_are_left(many: House) -> None:
    box = Toolbox([*built_in_plugins(), *plugins()])
    goal = Goal(goals=("Refund the payment of Meyer",))
    first = make_offer(goal, None, box, Approval(Policy()))
    later = make_offer(goal, None, Toolbox([_of(*many.tools[:50])]), Approval(Policy()), first.names)
    assert [one.name for one in later.told] == ["find_tools", "call_tool", "finish"]
    assert len(later.others) == 50
