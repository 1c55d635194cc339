"""Paying: set aside before, counted after, however a call ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from agent.errors import ModelUnavailable, OutOfTime
from agent.events import LimitReached, ModelCalled, Observed, Stopped, ThoughtDelta, ToolCall, Usage
from agent.goal import Goal, JudgeCheck
from agent.limits import Allowance
from agent.model import Request, Thinking
from plugins import Context, Effect, tool
from tests.kits import House, called, finish, within
from tests.scripted import ScriptedModel

KIND = JudgeCheck(judge="Is it kind?")


class Slow(ScriptedModel):
    """Answers a tool's question only once `release` is set; all else at once."""

    def __init__(self, thoughts: Sequence[ToolCall | BaseException], release: threading.Event) -> None:
        left = list(thoughts)
        super().__init__(lambda request: "word" if request.purpose == "word" else left.pop(0))
        self.release = release

    def think(self, request: Request) -> Thinking:
        """As scripted, late."""
        if request.purpose == "word":
            yield ThoughtDelta(text="thinking", channel="notice")
            self.release.wait(30)
        return (yield from super().think(request))


@tool(effect=Effect.READ, timeout=0.2)
def wonder(*, context: Context) -> str:
    """Ask for a word, for longer than there is time."""
    assert context.ask is not None
    return context.ask("A word?", purpose="word", reply=100)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_reply_that_a_tool_given_up_still_paid_for_is_counted_before_the_run_ends(
    house: House, released: threading.Event
) -> None:
    house.tools = (wonder,)
    model = Slow([called("wonder"), finish()], released)
    house.seen.append(lambda item: released.set() if isinstance(item, Observed) and item.tool == "wonder" else None)
    outcome = house.run("Wonder.", model)
    assert outcome.of(Observed)[0].error.kind == "timeout"
    (paid,) = outcome.of(ModelCalled)
    assert (paid.purpose, paid.text) == ("word", "word")
    assert outcome.kinds()[-1] == "finished"
    assert outcome.run.history.spend.model_calls == 3


def test_one_that_does_not_come_in_time_is_counted_as_what_was_set_aside(
    house: House, released: threading.Event
) -> None:
    house.tools = (wonder,)
    with within(9):
        outcome = house.run("Wonder.", Slow([called("wonder"), finish()], released))
    (paid,) = outcome.of(ModelCalled)
    assert (paid.purpose, paid.usage.completion_tokens, paid.usage.estimated) == ("abandoned", 100, True)
    assert paid.usage.prompt_tokens > 0
    assert outcome.kinds()[-2:] == ["model.called", "finished"]


def test_ctrl_c_does_not_wait_for_it(house: House, released: threading.Event) -> None:
    house.tools = (wonder,)
    with within(4):
        outcome = house.run("Wonder.", Slow([called("wonder"), KeyboardInterrupt()], released))
    assert [one.purpose for one in outcome.of(ModelCalled)] == ["interrupted", "abandoned"]
    assert outcome.ended == Stopped(state="interrupted", reason="stopped by the user")


def test_a_thought_that_is_interrupted_is_counted_as_far_as_it_came(house: House) -> None:
    class Interrupted(ScriptedModel):
        def think(self, request: Request) -> Thinking:
            """Some words, then Ctrl-C."""
            self.requests.append(request)
            yield ThoughtDelta(text="one two three four")
            raise KeyboardInterrupt

    outcome = house.run("Look.", Interrupted([], price=0.00001))
    (paid,) = outcome.of(ModelCalled)
    assert paid.usage.estimated
    assert paid.usage.completion_tokens > 2
    assert paid.usage.usd == pytest.approx(paid.usage.tokens * 0.00001)
    assert outcome.run.history.spend.model_calls == 1


def test_the_offline_model_costs_nothing_also_when_it_is_interrupted(house: House) -> None:
    assert house.run("Look.", ScriptedModel([KeyboardInterrupt()], offline=True)).of(ModelCalled) == []


def test_a_request_carries_the_time_that_is_left_and_asks_for_another_try(house: House) -> None:
    house.allowance = Allowance(time=100, model_calls=3)
    model = ScriptedModel(["thinking aloud", finish()])
    house.run("Look.", model)
    assert all(one.within is not None and 90 < one.within <= 100 for one in model.requests)
    assert all(one.again is not None for one in model.requests)


def test_tries_that_the_budget_does_not_allow_end_the_run_by_its_limit(house: House) -> None:
    def tries(request: Request) -> ModelUnavailable:
        assert request.again is not None
        billed = 1
        while request.again(billed):
            billed += 1
        error = ModelUnavailable("noise")
        error.usage = Usage(prompt_tokens=100 * billed, completion_tokens=0, calls=billed)
        return error

    house.allowance = Allowance(model_calls=4)
    outcome = house.run("Look.", ScriptedModel([tries]))
    assert outcome.run.history.spend.model_calls == 4
    assert outcome.ended == Stopped(state="limit", reason="4 of 4 calls of the model are used")


def test_a_thought_that_takes_longer_than_the_run_may_is_a_limit(house: House) -> None:
    error = OutOfTime("no reply within the time that was left")
    error.usage = Usage(prompt_tokens=50, completion_tokens=5, usd=0.1)
    outcome = house.run("Look.", ScriptedModel([error]))
    assert outcome.ended.state == "limit"
    assert [one.name for one in outcome.of(LimitReached)] == ["time"]
    assert outcome.run.history.spend.tokens == 55


def test_a_judge_that_takes_too_long_is_a_limit_too(house: House) -> None:
    goal = Goal(goals=("Be kind.",), checks=(KIND,), attempts=0)
    outcome = house.run(goal, ScriptedModel([finish("x"), OutOfTime("late")]))
    assert outcome.ended.state == "limit"


def test_a_tool_is_cut_when_the_runs_time_is_over(house: House) -> None:
    @tool(effect=Effect.READ, timeout=600)
    def sleep() -> str:
        """Sleep for long."""
        time.sleep(20)
        return "awake"

    house.tools = (sleep,)
    house.allowance = Allowance(time=0.5)
    with within(5):
        outcome = house.run("Sleep.", ScriptedModel([called("sleep")]))
    assert outcome.ended.state == "limit"
    assert outcome.of(Observed)[0].error.kind == "timeout"


def test_a_question_of_a_tool_that_fails_is_told_to_it_and_counted(house: House) -> None:
    error = ModelUnavailable("down", hint="wait")
    error.usage = Usage(prompt_tokens=7, usd=0.0)
    house.tools = (wonder,)
    outcome = house.run("Wonder.", ScriptedModel([called("wonder"), error, finish()]))
    assert outcome.of(Observed)[0].error.kind == "model"
    assert [one.purpose for one in outcome.of(ModelCalled)] == ["failed"]
