"""Thinking: one thought, within window and limits; what the endpoint teaches; questions that are paid once."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest

from agent.errors import ContextTooLong, ModelRefused, ModelUnavailable
from agent.events import Feedback, ModelCalled, Stopped, Thought, ThoughtDelta, ToolCall, Usage, WindowFolded
from agent.goal import FileCheck, Goal, JudgeCheck, ModelChoice
from agent.limits import Allowance
from agent.model import Request
from memory.tokens import estimate
from plugins import Effect, tool
from tests.kits import House, called, finish
from tests.scripted import ScriptedModel


@tool(effect=Effect.READ)
def look(name: str) -> str:
    """Look at a thing.

    Args:
        name: The thing.
    """
    return f"{name}: " + "many words of it " * 60


@pytest.fixture
def small(house: House) -> House:
    house.tools, house.built_in = (look,), False
    return house


def narrow(window: int, steps: int, *, says: bool) -> tuple[list[Request], Callable[[Request], Any]]:
    """An endpoint whose window is smaller than anybody said; `says`: its refusal names the size."""
    seen: list[Request] = []

    def reply(request: Request) -> Any:
        if estimate(request.messages_wire.decode()) + estimate(request.tools_wire.decode()) + request.reply > window:
            return ContextTooLong("too long", limit=window if says else None)
        if request.purpose == "fold":
            return "Findings: words."
        seen.append(request)
        return finish() if len(seen) > steps else called("look", name=f"thing {len(seen)}")

    return seen, reply


@pytest.mark.parametrize("says", [True, False])
def test_a_window_that_nobody_stated_is_learned_from_one_refusal(small: House, says: bool) -> None:
    _, reply = narrow(6000, 40, says=says)
    model = ScriptedModel(reply)
    outcome = small.run(Goal(goals=("Look.",), model=ModelChoice(reply=500)), model)
    assert outcome.ended.state == "reached"
    learned = [one for one in outcome.of(WindowFolded) if one.window is not None]
    assert len(learned) == 1
    assert outcome.run.history.window is not None
    assert outcome.run.history.window <= 6000


def test_a_learned_window_is_known_again_after_a_resume(small: House) -> None:
    _, reply = narrow(6000, 200, says=True)
    small.allowance = Allowance(steps=30, tokens=10**9)
    first = small.run(Goal(goals=("Look.",), model=ModelChoice(reply=500)), ScriptedModel(reply))
    assert first.ended.state == "limit"
    assert first.run.history.window == 6000
    small.allowance = Allowance(steps=50, tokens=10**9)
    again = small.resume(ScriptedModel(reply))
    assert [one for one in again.of(WindowFolded) if one.window is not None] == []


def test_an_endpoint_that_refuses_everything_ends_the_run(small: House) -> None:
    model = ScriptedModel(lambda _: ContextTooLong("no", limit=10))
    outcome = small.run("Look.", model)
    assert outcome.ended == Stopped(state="model", reason="the endpoint refuses every prompt as too long")
    assert len(model.requests) == 4


def test_a_model_that_cannot_be_had_stops_the_run_and_resume_goes_on(small: House) -> None:
    outcome = small.run("Look.", ScriptedModel([ModelUnavailable("no connection", hint="try later")]))
    assert outcome.ended == Stopped(state="model", reason="no connection (try later)")
    assert small.resume(ScriptedModel([ModelRefused("wrong key")])).ended == Stopped(state="model", reason="wrong key")
    assert small.resume(ScriptedModel([finish()])).ended.state == "reached"


def test_what_was_set_aside_for_a_call_that_failed_is_given_back(small: House) -> None:
    small.allowance = Allowance(tokens=8000)
    replies: list[Any] = [ContextTooLong("no", limit=5000)] * 2 + [finish()]
    outcome = small.run(Goal(goals=("Look.",), model=ModelChoice(reply=4000)), ScriptedModel(replies))
    assert outcome.ended.state == "reached"


def test_calls_get_ids_of_their_own(small: House) -> None:
    ids = ["a", "a", "", "x/1", "checks7", "undo1"]
    first = [ToolCall(id=id_, tool="look", arguments={"name": f"{n}"}) for n, id_ in enumerate(ids)]
    again = ToolCall(id="a", tool="look", arguments={"name": "again"})
    outcome = small.run("Look.", ScriptedModel([first, again, finish()]))
    assert [call.id for thought in outcome.of(Thought) for call in thought.calls] == [
        "a",
        "a-1-2",
        "call-1-3",
        "x-1-1-4",
        "call-checks7-1-5",
        "call-undo1-1-6",
        "a-2-1",
        "finish-1",
    ]
    assert [thought.step for thought in outcome.of(Thought)] == [1, 2, 3]


def test_a_thought_is_priced_and_streams_past_the_journal(small: House) -> None:
    small.allowance = Allowance(usd=None)
    outcome = small.run("Say it.", ScriptedModel(["It is blue."] * 2, price=0.5, usage=Usage(prompt_tokens=2)))
    assert [one.usage.usd for one in outcome.of(Thought)] == [1.0, 1.0]
    assert "".join(one.text for one in outcome.of(ThoughtDelta)) == "Itisblue." * 2
    assert all(record.seq == 0 for record in outcome.records if isinstance(record.event, ThoughtDelta))


def test_an_unknown_price_is_kept_as_unknown(small: House) -> None:
    outcome = small.run("Say it.", ScriptedModel([finish()], price=None))
    assert outcome.of(Thought)[0].usage.usd is None
    assert not outcome.run.history.spend.priced


class Pricing(ScriptedModel):
    """Notes when a price was asked for before a call."""

    def __init__(self, replies: Any) -> None:
        super().__init__(replies, price=0.0)
        self.asked: list[int] = []

    def price(self, usage: Usage) -> float | None:
        self.asked.append(len(self.requests))
        return super().price(usage)


@pytest.mark.parametrize("stated", [True, False])
def test_the_first_call_is_priced_beforehand_only_where_the_user_stated_a_limit(small: House, stated: bool) -> None:
    def state(kit: Any) -> None:
        kit.usd_stated = stated

    small.prepare = state
    model = Pricing([called("look", name="a"), finish()])
    small.run("Look.", model)
    assert (0 in model.asked) is stated
    assert 1 in model.asked


def test_a_judge_is_asked_once_for_the_same_work_also_after_an_interruption(small: House) -> None:
    goal = Goal(goals=("Say it.",), checks=(JudgeCheck(judge="Is it kind?"), FileCheck(file="a.txt")), attempts=3)
    judged = 0

    def reply(request: Request) -> Any:
        nonlocal judged
        if request.purpose == "judge":
            judged += 1
            return "YES\nit is"
        return finish("You are kind.")

    small.allowance = Allowance(steps=2)
    assert small.run(goal, ScriptedModel(reply)).ended.state == "limit"
    small.allowance = Allowance(steps=9)
    assert small.resume(ScriptedModel(reply)).ended.state == "not_reached"
    assert judged == 1


class Noticing(ScriptedModel):
    """Tells of a retry in the middle of a reply."""

    def think(self, request: Request) -> Generator[ThoughtDelta, None, Thought]:
        yield ThoughtDelta(text="the server is busy", channel="notice")
        yield ThoughtDelta(text="secret words")
        return (yield from super().think(request))


def test_of_a_question_only_the_notices_pass_by(small: House) -> None:
    goal = Goal(goals=("Say it.",), checks=(JudgeCheck(judge="Is it kind?"),))
    outcome = small.run(goal, Noticing([finish("yes"), "YES"]))
    assert outcome.ended.state == "reached"
    assert [one.text for one in outcome.of(ThoughtDelta)] == [
        "the server is busy",
        "secret words",
        "the server is busy",
    ]
    assert [one.purpose for one in outcome.of(ModelCalled)] == ["judge"]


def test_a_question_that_the_budget_does_not_allow_is_not_asked(small: House) -> None:
    small.allowance = Allowance(model_calls=1)
    goal = Goal(goals=("Say it.",), checks=(JudgeCheck(judge="Is it kind?"),), attempts=0)
    model = ScriptedModel([finish("yes")])
    outcome = small.run(goal, model)
    assert outcome.ended.state == "limit"
    assert outcome.ended.reason == "1 of 1 calls of the model are used"
    assert "the judge was not asked: 1 of 1 calls of the model are used" in outcome.of(Feedback)[-1].text
    assert len(model.requests) == 1


def test_what_was_billed_for_replies_that_were_none_counts(house: House) -> None:
    error = ModelUnavailable("nothing but noise")
    error.usage = Usage(prompt_tokens=8000, completion_tokens=10, usd=0.5, calls=3)
    outcome = house.run("Look.", ScriptedModel([error]))
    assert outcome.ended.state == "model"
    spend = outcome.run.history.spend
    assert (spend.model_calls, spend.prompt_tokens, spend.usd) == (3, 8000, 0.5)


def test_more_calls_in_a_turn_than_are_taken_are_said(small: House) -> None:
    calls = [called("look", f"c{number}", name=f"thing {number}") for number in range(40)]
    outcome = small.run("Look.", ScriptedModel([calls, finish()]))
    assert len(outcome.of(Thought)[0].calls) == 32
    assert [one.text for one in outcome.of(Feedback)] == [
        "You asked for 40 calls in one turn. Only the first 32 were taken."
    ]
