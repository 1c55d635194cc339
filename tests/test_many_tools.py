"""Many tools, through the real command line: what the endpoint is sent, what is kept, what is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place, no_traceback
from tests.server import Call, ChatServer, Recorded, Reply

_FIRST = """
from plugins import Effect, tool
"""
_TOOL = '''

@tool(effect=Effect.READ)
def {name}(what: str, where: str = "here") -> str:
    """{about}.

    Args:
        what: What it is about, as somebody of the trade would say it, in a few plain words.
        where: Where it is looked for, such as the name of a harbour or of a town near it.
    """
    return "{name}: " + what + " at " + where
'''
_TRADES = (
    *("anchor", "beacon", "buoy", "cargo", "chart", "crane", "crew", "dock", "ferry", "fog"),
    *("hull", "light", "mast", "moor", "net", "oar", "pilot", "pump", "quay", "rope"),
)
FINISH = Reply(calls=[Call(name="finish", arguments={"answer": "Done."})])


def harbour(*more: tuple[str, str]) -> str:
    """A plugin of forty tools, and more."""
    tools = [(f"{trade}_{what}", f"Tell the {what} of a {trade}") for trade in _TRADES for what in ("price", "age")]
    return _FIRST + "".join(_TOOL.format(name=name, about=about) for name, about in (*tools, *more))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.plugin("harbour.py", harbour())
    return made


def go(place: Place, server: ChatServer, *words: str) -> Ended:
    ended = place.thinkact(*words, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    no_traceback(ended)
    return ended


def sent(request: Recorded) -> list[str]:
    """The names of the tools of a request."""
    return [tool["function"]["name"] for tool in request.json["tools"]]


def observations(place: Place) -> list[dict[str, Any]]:
    return [event for event in place.events() if event["kind"] == "observation" and event["tool"] != "finish"]


def test_a_tool_is_found_and_called_and_every_request_has_the_same_tools(place: Place) -> None:
    calls = [
        Call(name="find_tools", arguments={"query": "how old is a beacon"}),
        Call(name="call_tool", arguments={"name": "beacon_age", "arguments": {"what": "the beacon"}}),
    ]
    with ChatServer([*(Reply(calls=[one]) for one in calls), FINISH]) as server:
        ended = go(place, server, "run", "Write a poem")
        assert ended.returncode == 0, ended.stderr
        requests = server.requests
    assert {"find_tools", "call_tool", "read_file", "finish"} <= set(sent(requests[0]))
    assert "beacon_age" not in sent(requests[0])
    assert len({json.dumps(one.json["tools"]) for one in requests}) == 1
    messages = requests[-1].json["messages"]
    assert messages[: len(requests[1].json["messages"]) - 1] == requests[1].json["messages"][:-1]
    assert '"name":"beacon_age"' in messages[3]["content"]
    assert messages[4]["tool_calls"][0]["function"]["name"] == "call_tool"
    assert messages[5]["content"] == "beacon_age: the beacon at here"
    assert "found beacon_age" in ended.stderr
    assert "→ beacon_age(" in ended.stderr


@pytest.mark.parametrize(
    "reply",
    [
        Reply(calls=[Call(name="fog_age", arguments={"what": "fog"})]),
        Reply(text='{"name": "fog_age", "arguments": {"what": "fog"}}'),
        Reply(text='<tool_call>{"name": "fog_age", "arguments": {"what": "fog"}}</tool_call>'),
    ],
)
def test_a_tool_that_was_not_told_of_is_served_by_its_name(place: Place, reply: Reply) -> None:
    with ChatServer([reply, FINISH]) as server:
        assert go(place, server, "run", "Write a poem").returncode == 0
        assert "fog_age" not in sent(server.requests[0])
    assert [(one["tool"], one["text"]) for one in observations(place)] == [("fog_age", "fog_age: fog at here")]


def test_a_goal_is_told_of_the_tools_that_fit_it(place: Place) -> None:
    with ChatServer([FINISH, FINISH]) as server:
        go(place, server, "run", "What is the age of the crane, and the price of a mast?")
        go(place, server, "run", "Call `rope_price`, then rope_age")
        first, second = map(sent, server.requests)
    assert {"crane_age", "mast_price"} <= set(first)
    assert {"rope_price", "rope_age"} <= set(second)


def test_a_resumed_run_has_the_same_tools_whatever_has_come_since(place: Place) -> None:
    goal = "What is the age of the crane?"
    with ChatServer([Reply(calls=[Call(name="list_files", arguments={})]), FINISH, FINISH]) as server:
        assert go(place, server, "run", goal, "--max-steps", "1").returncode == 3
        place.plugin(
            "harbour.py", harbour(("crane_years", "Tell the age of the crane, its age in years, age of crane"))
        )
        assert go(place, server, "resume", "--max-steps", "5").returncode == 0
        go(place, server, "run", goal)
        first, second, other = map(sent, server.requests)
    assert first == second
    assert "crane_years" in other
    assert "crane_years" not in first
    started = next(event for event in place.events() if event["kind"] == "run.started")
    assert "crane_years" in started["offered"]


def test_a_changed_goal_gets_the_tools_that_fit_it(place: Place) -> None:
    with ChatServer([Reply(calls=[Call(name="list_files", arguments={})]), FINISH]) as server:
        go(place, server, "run", "What is the age of the crane?", "--max-steps", "1")
        go(place, server, "resume", "--goal", "What is the price of a ferry?", "--max-steps", "5")
        first, second = map(sent, server.requests)
    assert "crane_age" in first
    assert "ferry_price" not in first
    assert "ferry_price" in second


def test_a_denied_tool_cannot_be_found(place: Place) -> None:
    find = Reply(calls=[Call(name="find_tools", arguments={"query": "the age of the beacon"})])
    with ChatServer([find, FINISH]) as server:
        go(place, server, "run", "Write a poem", "--deny", "beacon_*")
    assert "beacon_" not in observations(place)[0]["text"]


def test_a_dry_run_tells_what_would_be_told_and_what_is_to_be_found(place: Place) -> None:
    with ChatServer([]) as server:
        goal = "What is the age of the crane?"
        shown = go(place, server, "run", goal, "--dry-run", "--deny", "buoy_age").stdout
        report = json.loads(go(place, server, "run", goal, "--dry-run", "--output", "json").stdout)
    assert (
        "  crane_age · read · allow: only reads" in shown or "  crane_age · read · allow: its effect is read" in shown
    )
    below = shown.partition("To be found with find_tools (")[2].partition("\n\n")[0]
    assert "beacon_age" in below
    assert "crane_age" not in below
    assert "buoy_age" not in below
    tools = {one["name"]: one for one in report["tools"]}
    assert (tools["crane_age"]["offered"], tools["crane_age"]["found"]) == (True, False)
    assert (tools["fog_price"]["offered"], tools["fog_price"]["found"]) == (False, True)
    assert tools["find_tools"]["definition"]["function"]["name"] == "find_tools"


def test_the_list_of_tools_says_which_the_prompt_tells_of(place: Place) -> None:
    bare = {one["name"]: one["told"] for one in json.loads(place.thinkact("tools", "list", "--json").stdout)}
    assert (bare["read_file"], bare["crane_age"]) == ("always", "by goal")
    words = ("tools", "list", "--goal", "起重机 crane 的 age", "--json")
    told = {one["name"]: one["told"] for one in json.loads(place.thinkact(*words).stdout)}
    assert (told["read_file"], told["crane_age"], told["fog_price"]) == ("always", "by goal", "found")
    assert "TOLD" in place.thinkact("tools", "list").stdout
