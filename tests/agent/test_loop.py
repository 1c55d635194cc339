"""The loop over real parts, with a scripted model."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.approval import Policy
from agent.events import CheckResult, Feedback, Finished, LimitReached, Observed, Stopped, Thought, ToolStarted, Verdict
from agent.goal import AnswerCheck, FileCheck, Goal
from agent.limits import Allowance
from plugins import Context, Effect, ToolError, WorkspacePath, tool
from tests.kits import House, called, finish
from tests.scripted import ScriptedModel


@tool(effect=Effect.READ)
def look(name: str) -> str:
    """Look at a thing.

    Args:
        name: The thing.
    """
    if name == "nothing":
        raise ToolError("there is nothing", hint="look at something")
    return f"{name} is blue"


@tool(effect=Effect.WRITE, after=lambda given, old: {given["path"]: given["text"].encode()})
def put(path: WorkspacePath, text: str, *, context: Context) -> str:
    """Put a text into a file.

    Args:
        path: The file.
        text: The text.
    """
    context.workspace.write(path, text.encode())
    return f"put {len(text)} characters into {path}"


@pytest.fixture
def small(tmp_path: Path) -> House:
    return House(tmp_path, tools=(look, put), built_in=False)


def test_a_goal_is_reached_by_calls_and_a_finish(small: House) -> None:
    model = ScriptedModel([called("look", name="sky"), called("put", path="a.txt", text="blue"), finish("It is blue.")])
    outcome = small.run(Goal(goals=("Write down the colour.",), checks=(FileCheck(file="a.txt"),)), model)
    assert outcome.ended == Finished(state="reached", answer="It is blue.", reason="1 check passed")
    assert small.read("a.txt") == "blue"
    assert [one.tool for one in outcome.of(ToolStarted)] == ["look", "put"]
    assert outcome.run.history.files["a.txt"].change == "created"


def test_a_model_that_lies_does_not_reach_the_goal(small: House) -> None:
    model = ScriptedModel(lambda request: finish("All done, saved to a.txt."))
    outcome = small.run(Goal(goals=("Write a.txt",), checks=(FileCheck(file="a.txt"),)), model)
    assert outcome.ended.state == "not_reached"
    assert "a.txt is not there" in outcome.ended.reason
    assert len(model.requests) == 3
    assert [one.attempt for one in outcome.of(CheckResult)] == [1, 2, 3]
    assert "Checks not passed" in model.requests[1].messages[-2].text


def test_words_alone_are_taken_as_the_answer_the_second_time(small: House) -> None:
    outcome = small.run("What colour is the sky?", ScriptedModel(["It is blue.", "It is blue."]))
    assert outcome.ended == Finished(
        state="reached", answer="It is blue.", reason="finished with an answer; nothing was checked"
    )


def test_a_model_that_repeats_itself_is_stopped(small: House) -> None:
    outcome = small.run("Look.", ScriptedModel(lambda request: called("look", name="sky")))
    assert outcome.ended.state == "loop"
    assert [one.origin for one in outcome.of(Feedback)] == ["guard", "guard"]
    assert len(outcome.of(Thought)) == 4


def test_a_write_that_is_repeated_is_not_made_again(small: House) -> None:
    outcome = small.run("Put.", ScriptedModel(lambda request: called("put", path="a.txt", text="x")))
    assert outcome.ended.state == "loop"
    assert len(outcome.of(ToolStarted)) == 1


def test_a_model_that_spends_is_stopped_before_one_call_too_many(small: House) -> None:
    small.allowance = Allowance(model_calls=3)
    number = iter(range(100))
    model = ScriptedModel(lambda request: called("look", name=f"thing {next(number)}"))
    outcome = small.run("Look.", model)
    assert outcome.ended.state == "limit"
    assert len(model.requests) == 3
    assert outcome.of(LimitReached)[0].name == "model_calls"


def test_money_is_refused_before_it_is_spent(small: House) -> None:
    small.allowance = Allowance(usd=1.0)
    number = iter(range(1000))
    model = ScriptedModel(lambda request: called("look", name=f"thing {next(number)}"), price=0.0001)
    outcome = small.run("Look.", model)
    assert outcome.ended.state == "limit"
    assert outcome.run.history.spend.usd <= 1.0
    assert len(model.requests) > 2


def test_a_denied_call_is_told_and_a_run_without_its_checks_is_blocked(small: House) -> None:
    small.policy = Policy(deny=("put",))
    model = ScriptedModel([called("put", path="a.txt", text="x"), finish("no"), finish("no"), finish("no")])
    outcome = small.run(Goal(goals=("Write a.txt",), checks=(FileCheck(file="a.txt"),)), model)
    assert outcome.ended.state == "blocked"
    assert [one.decision for one in outcome.of(Verdict)] == ["deny"]
    assert "denied" in outcome.of(Observed)[0].text
    assert not (small.workspace / "a.txt").exists()


def test_an_unknown_tool_is_answered_with_the_nearest_names(small: House) -> None:
    outcome = small.run("Look.", ScriptedModel([called("lok", name="sky"), finish()]))
    assert outcome.of(Observed)[0].error.kind == "unknown-tool"
    assert "look" in outcome.of(Observed)[0].text


def test_empty_turns_are_nudged_and_then_end_the_run(small: House) -> None:
    outcome = small.run("Look.", ScriptedModel(["", "", ""]))
    assert outcome.ended == Stopped(state="loop", reason="3 turns in a row had neither a call nor words")
    assert [one.origin for one in outcome.of(Feedback)] == ["product", "product"]


def test_giving_up_is_not_reached_even_where_the_checks_pass(small: House) -> None:
    outcome = small.run(
        Goal(goals=("Say yes",), checks=(AnswerCheck(answer="yes"),)), ScriptedModel([finish("yes", reached=False)])
    )
    assert outcome.ended.state == "not_reached"


def test_calls_of_one_turn_are_all_answered_in_their_order(small: House) -> None:
    calls = [
        called("look", "a", name="sky"),
        called("put", "b", path="x.txt", text="1"),
        called("look", "c", name="nothing"),
        called("put", "d", path="x.txt", text="2"),
    ]
    outcome = small.run("Look.", ScriptedModel([calls, finish()]))
    assert [one.call for one in outcome.of(Observed)] == ["a", "b", "c", "d"]
    assert [one.ok for one in outcome.of(Observed)] == [True, True, False, True]
    assert small.read("x.txt") == "2"
