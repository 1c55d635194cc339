"""Edited arguments: the model is told with what its call was really made, and by whom, now and after a resume."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from agent.approval import Allow, Deny, Edit, Policy
from agent.events import Event, Observed, Record, Thought, ToolCall, ToolStarted, Verdict, WindowFolded
from agent.goal import Goal
from agent.history import History
from agent.limits import Allowance
from agent.model import Message, Request, ToolDescription
from agent.model.dialect import Dialect
from agent.prompt import MOST_EDITED, Prompt
from agent.summary import material
from memory.tokens import Counter, estimate
from tests.kits import House, called, finish
from tests.scripted import ScriptedModel
from tests.tools import look, post, put

ASKED = called("put", path="a.txt", text="x")
NEW = {"path": "b.txt", "text": "new"}


@pytest.fixture
def small(house: House) -> House:
    house.tools, house.built_in, house.policy = (look, put, post), False, Policy(yes=True, allow=("post",))
    return house


def results(request: Request) -> list[str]:
    """What the request tells of calls, on the wire."""
    return [json.loads(one.wire)["content"] for one in request.messages if one.role == "tool"]


def shout(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**arguments, "text": arguments["text"].upper()} if name == "put" else arguments


def test_the_model_is_told_what_the_person_made_of_its_arguments(small: House) -> None:
    small.seat(Edit(NEW), Allow())
    model = ScriptedModel([ASKED, finish()])
    small.run("Put.", model)
    line = '(The user changed the arguments to: {"path":"b.txt","text":"new"})'
    assert results(model.requests[1]) == [f"{line}\nput 3 characters into b.txt"]
    (answer,) = [one for one in model.requests[1].messages if one.role == "tool"]
    assert (answer.text, answer.remark) == ("put 3 characters into b.txt", line)


def test_and_what_a_plugin_made_of_them(small: House) -> None:
    small.hooks = (shout,)
    model = ScriptedModel([[ASKED, called("look", name="sky")], finish()])
    small.run("Put.", model)
    first, second = results(model.requests[1])
    assert first.startswith('(A plugin changed the arguments to: {"path":"a.txt","text":"X"})\n')
    assert second == "sky is blue"


def test_the_person_who_says_yes_to_a_plugins_edit_has_not_edited_and_who_edits_it_has(small: House) -> None:
    small.hooks = (shout,)
    small.seat(Allow(), Edit({"path": "b.txt", "text": "Softly"}), Allow())
    calls = [called("put", "c1", path="a.txt", text="x"), called("put", "c2", path="b.txt", text="y")]
    model = ScriptedModel([calls, finish()])
    small.run("Put.", model)
    first, second = results(model.requests[1])
    assert first.startswith("(A plugin changed")
    assert second.startswith('(The user changed the arguments to: {"path":"b.txt","text":"Softly"})\n')


def test_nothing_is_said_where_nothing_was_changed_or_the_call_was_not_made(small: House) -> None:
    small.seat(Edit({"path": "a.txt", "text": "x"}), Allow(), Edit({"text": "other"}), Deny("no"))
    model = ScriptedModel([[ASKED, called("post", text="y")], finish()])
    small.run("Put.", model)
    assert results(model.requests[1]) == ["put 1 characters into a.txt", "Error (denied): no"]


def test_a_resumed_run_sends_the_same_bytes_and_every_request_begins_as_the_one_before(small: House) -> None:
    looks = [called("look", name=name) for name in ("sky", "sea", "sand")]
    small.seat(Edit(NEW), Allow())
    small.allowance = Allowance(steps=2)
    before = ScriptedModel([ASKED, *looks])
    small.run("Put.", before)
    small.allowance = Allowance(steps=9)
    after = ScriptedModel([looks[1], looks[2], finish()])
    small.resume(after)
    requests = [*before.requests, *after.requests]
    assert len(requests) == 5
    for one, following in pairwise(requests):
        assert following.messages_wire.startswith(one.messages_wire.removesuffix(one.messages[-1].wire + b"]"))
    assert all(results(one)[0].startswith("(The user changed the arguments to: ") for one in requests[1:])


def test_long_arguments_are_told_in_part_and_the_rest_is_read_by_a_handle(small: House) -> None:
    text = "第一章\n" + "长" * 3000
    small.seat(Edit({"path": "b.txt", "text": text}), Allow())
    model = ScriptedModel([ASKED, finish()])
    outcome = small.run("Put.", model)
    (said,) = results(model.requests[1])
    line = said.split("\nput ")[0]
    exact = json.dumps({"path": "b.txt", "text": text}, ensure_ascii=False, separators=(",", ":"))
    assert line.startswith(f"(The user changed the arguments to: {exact[:MOST_EDITED]} [")
    assert f"offset={MOST_EDITED}) reads on])" in line
    handle = line.split('handle="')[1].split('"')[0]
    assert outcome.kit.artifacts.get(handle)[1].decode() == exact


CALL = ToolCall(id="c1", tool="put", arguments={"path": "a.txt"})
EDITED = {"path": "b.txt", "text": "long " * 300}
EVENTS = (
    Thought(text="", calls=(CALL,), step=1),
    Verdict(call="c1", decision="ask", by="policy", reason="r"),
    Verdict(call="c1", decision="ask", by="person", reason="r", arguments=EDITED),
    Verdict(call="c1", decision="allow", by="person", reason="yes", arguments=EDITED),
    ToolStarted(call="c1", tool="put", arguments=EDITED, arguments_hash="h", effect="write"),
    Observed(call="c1", tool="put", ok=True, text="done " * 300, whole="kept"),
)


def told(*events: Event) -> History:
    return History(Record(seq=n, time=0.0, elapsed=0.0, path="", event=event) for n, event in enumerate(events, 1))


def test_where_the_window_wants_results_cut_the_line_is_cut_with_its_result() -> None:
    fold = WindowFolded(
        upto=0, until=1, cap=100, summary="", tokens_before=9, tokens_after=9, mechanical=True, window=None
    )
    prompt = Prompt(Goal(goals=("g",)), [], counter=Counter(), keep=lambda _: "h1")
    shown = prompt.request(told(*EVENTS, fold), Allowance(), 100, date(2026, 11, 1)).messages[-2].text
    assert shown.startswith("(The user changed the arguments to: ")
    assert estimate(shown) <= 100
    assert 'read_artifact(handle="h' in shown


def test_what_is_summed_up_later_is_what_was_done() -> None:
    assert "put(path=b.txt" in material(told(*EVENTS), 0, 1, 400, estimate)


def test_an_endpoint_without_tools_reads_the_line_too() -> None:
    dialect = Dialect("m", stream=False, official=False)
    message = Message("tool", "put", call_id="c1", remark="(The user changed it)")
    request = Request(messages=[message], tools=[ToolDescription("put", "Put.", {"type": "object"})])
    dialect.learn("tools are not supported", "tools", request)
    assert dialect.tools_as_text
    assert "(The user changed it)\\nput" in dialect.body(request).decode()
