"""Limits: what is granted is never more than what is allowed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.approval import Allow, Deny, Policy
from agent.events import LimitReached, Observed, Record, Stopped, Thought, ToolCall, ToolStarted, Usage
from agent.goal import FileCheck, Goal
from agent.history import History
from agent.limits import MINIMUM_REPLY, Allowance, Limits, Remaining, Reservation
from agent.model import Request
from plugins import Context, Effect, tool
from tests.kits import House, Person, called, finish
from tests.scripted import ScriptedModel
from tests.tools import look


@tool(effect=Effect.READ)
def many(count: int, *, context: Context) -> str:
    """Look at many things at once.

    Args:
        count: How many.
    """
    with ThreadPoolExecutor(count) as pool:
        found = list(pool.map(lambda n: context.call("look", {"name": f"thing {n}"}), range(count)))
    return f"{sum(one.ok for one in found)} of {count}"


def limits(
    allowance: Allowance, history: History | None = None, *, rate: float | None = 0.0, seconds: float = 0.0
) -> Limits:
    def price(usage: Usage) -> float | None:
        return None if rate is None else usage.tokens * rate

    return Limits(allowance, history or History(), price, elapsed=lambda: seconds)


def spend(history: History, usage: Usage) -> None:
    event = Thought(text="x", usage=usage, step=history.step + 1)
    history.apply(Record(seq=history.seq + 1, time=0.0, elapsed=0.0, path="", event=event))


def name_of(found: object) -> str:
    assert isinstance(found, LimitReached), found
    return found.name


ONE = st.tuples(st.integers(0, 3000), st.integers(1, 3000), st.floats(0, 1), st.booleans())


@settings(max_examples=150, deadline=None)
@given(
    wanted=st.lists(ONE, max_size=25),
    tokens=st.integers(1, 20_000),
    usd=st.one_of(st.none(), st.floats(0.0, 2.0)),
    calls=st.integers(1, 20),
)
def test_what_is_reserved_and_spent_together_never_passes_what_is_allowed(
    wanted: list[tuple[int, int, float, bool]], tokens: int, usd: float | None, calls: int
) -> None:
    history, rate = History(), 0.0001
    mine = limits(Allowance(tokens=tokens, usd=usd, model_calls=calls), history, rate=rate)
    open_ones: list[tuple[Reservation, int, float]] = []
    made = 0
    for prompt, reply, part, later in wanted:
        held = mine.reserve(prompt, reply)
        if isinstance(held, Reservation):
            made += 1
            assert held.reply <= reply
            assert held.tokens == prompt + held.reply
            open_ones.append((held, prompt, part))
        if open_ones and not later:
            one, sent, share = open_ones.pop(0)
            usage = Usage(prompt_tokens=sent, completion_tokens=int(one.reply * share))
            spend(history, replace(usage, usd=usage.tokens * rate))
            mine.settle(one)
        held_tokens = sum(one.tokens for one, _, _ in open_ones)
        assert history.spend.tokens + held_tokens <= tokens
        if usd:
            assert history.spend.usd + sum(one.usd for one, _, _ in open_ones) <= usd + 1e-9
    assert made <= calls


def test_threads_that_reserve_side_by_side_cannot_overdraw_together() -> None:
    mine = limits(Allowance(tokens=10_000, model_calls=7))
    gate = threading.Barrier(16)

    def grab(_: int) -> bool:
        gate.wait()
        return isinstance(mine.reserve(500, 500), Reservation)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(grab, range(16))) == 7


def test_a_thread_that_is_only_hindered_by_calls_under_way_waits_until_they_are_paid() -> None:
    history = History()
    mine = limits(Allowance(tokens=2_000, model_calls=9), history)
    held = mine.reserve(500, 1_000)
    assert isinstance(held, Reservation)
    assert name_of(mine.reserve(500, 500)) == "tokens"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(mine.reserve, 500, 500, wait=lambda: True)
        spend(history, Usage(prompt_tokens=500, completion_tokens=10))
        mine.settle(held)
        assert waiting.result(5) == Reservation(500, 500)


def test_a_thread_does_not_wait_for_more_time_nor_where_nothing_is_under_way_nor_longer_than_it_wants() -> None:
    assert name_of(limits(Allowance(tokens=100)).reserve(500, 500, wait=lambda: True)) == "tokens"
    late = limits(Allowance(time=5), seconds=5.0)
    assert name_of(late.reserve(1, 1, wait=lambda: True)) == "time"
    mine, looks = limits(Allowance(model_calls=1)), iter([True, True, False])
    mine.reserve(1, 1)
    assert name_of(mine.reserve(1, 1, wait=lambda: next(looks))) == "model_calls"


def test_what_remains_is_neither_spent_nor_set_aside() -> None:
    history = History()
    mine = limits(Allowance(tokens=1_000, model_calls=5, usd=1.0), history, rate=0.001)
    spend(history, Usage(prompt_tokens=100, usd=0.1))
    mine.reserve(50, 50)
    left = mine.remaining()
    assert (left.model_calls, left.tokens) == (3, 800)
    assert left.usd == pytest.approx(0.8)
    assert limits(Allowance(tokens=0, model_calls=0, usd=0)).remaining() == Remaining(model_calls=0, tokens=0, usd=None)


def test_a_reply_is_made_shorter_to_fit_the_tokens_that_are_left() -> None:
    mine = limits(Allowance(tokens=1000))
    assert mine.reserve(500, 4096) == Reservation(500, 500)
    assert name_of(mine.reserve(0, 4096)) == "tokens"


def test_a_call_with_too_little_room_for_a_reply_is_refused_and_says_what_it_needs() -> None:
    found = limits(Allowance(tokens=1000)).reserve(1000 - MINIMUM_REPLY + 1, 4096)
    assert name_of(found) == "tokens"
    assert isinstance(found, LimitReached)
    assert "needs about 1001" in found.text


def test_a_short_reply_needs_only_its_own_room() -> None:
    assert isinstance(limits(Allowance(tokens=150)).reserve(50, 100), Reservation)


def test_a_reply_is_made_shorter_to_fit_the_money_that_is_left() -> None:
    held = limits(Allowance(usd=1.0), rate=0.001).reserve(100, 4096)
    assert isinstance(held, Reservation)
    assert MINIMUM_REPLY <= held.reply < 900
    assert held.usd <= 1.0
    assert name_of(limits(Allowance(usd=1.0), rate=0.001).reserve(900, 4096)) == "usd"


@pytest.mark.parametrize("usd", [0.0, None])
def test_no_limit_on_money_is_no_limit(usd: float | None) -> None:
    assert isinstance(limits(Allowance(usd=usd), rate=1.0).reserve(100, 100), Reservation)


def test_an_unknown_price_leaves_the_limit_on_tokens() -> None:
    mine = limits(Allowance(usd=0.01, tokens=1000), rate=None)
    assert isinstance(mine.reserve(100, 900), Reservation)
    assert name_of(mine.reserve(100, 100)) == "tokens"


def test_money_can_be_left_out_of_account() -> None:
    assert isinstance(limits(Allowance(usd=0.01), rate=1.0).reserve(100, 100, price=False), Reservation)


def test_time_that_is_up_refuses_steps_and_calls() -> None:
    mine = limits(Allowance(time=60.0), seconds=60.0)
    assert name_of(mine.time()) == "time"
    assert name_of(mine.step()) == "time"
    assert name_of(mine.reserve(1, 1)) == "time"
    assert limits(Allowance(time=60.0), seconds=59.9).time() is None


def test_steps_are_counted() -> None:
    history = History()
    mine = limits(Allowance(steps=2), history)
    for _ in range(2):
        assert mine.step() is None
        spend(history, Usage())
    assert name_of(mine.step()) == "steps"


def test_a_tool_may_be_called_as_often_as_allowed_and_what_is_given_back_counts_no_more() -> None:
    started = ToolStarted(call="c", tool="look", arguments={}, arguments_hash="h", effect="read")
    history = History([Record(seq=1, time=0.0, elapsed=0.0, path="", event=started)])
    mine = limits(Allowance(tool_calls={"look": 2}), history)
    assert mine.tool("look") is None
    assert name_of(mine.tool("look")) == "tool_calls.look"
    mine.give_back("look")
    assert mine.tool("look") is None
    assert mine.tool("other") is None


def test_tools_called_side_by_side_are_never_called_once_too_often(house: House) -> None:
    house.tools, house.allowance = (look, many), Allowance(tool_calls={"look": 3})
    outcome = house.run("Look.", ScriptedModel([called("many", count=8), finish()]))
    assert [one.text for one in outcome.of(Observed) if one.tool == "many"] == ["3 of 8"]
    assert outcome.run.history.tool_calls["look"] == 3


SPENT = Usage(prompt_tokens=900, completion_tokens=100)


def numbered() -> Callable[[Request], ToolCall]:
    """A model that looks at one thing after the other."""
    number = iter(range(1000))
    return lambda _: called("look", name=f"thing {next(number)}")


@pytest.mark.parametrize(
    ("allowance", "name", "calls"),
    [
        (Allowance(steps=4), "steps", 4),
        (Allowance(model_calls=3), "model_calls", 3),
        (Allowance(tokens=5000), "tokens", 4),
        (Allowance(usd=0.5), "usd", 4),
        (Allowance(time=0.0), "time", 0),
    ],
)
def test_not_one_call_is_made_beyond_a_limit(house: House, allowance: Allowance, name: str, calls: int) -> None:
    house.tools, house.built_in, house.allowance = (look,), False, allowance
    model = ScriptedModel(numbered(), usage=SPENT, price=0.0001)
    outcome = house.run("Look at everything.", model)
    assert outcome.ended.state == "limit"
    assert [one.name for one in outcome.of(LimitReached)] == [name]
    assert len(model.requests) == calls
    spent = outcome.run.history.spend
    assert spent.tokens <= allowance.tokens
    assert spent.usd <= (allowance.usd or 0.0)


def test_a_raised_limit_lets_the_run_go_on_and_the_same_one_does_not(house: House) -> None:
    house.tools, house.built_in, house.allowance = (look,), False, Allowance(steps=2)
    assert house.run("Look.", ScriptedModel(numbered())).ended.state == "limit"
    again = ScriptedModel([finish()])
    assert house.resume(again).ended.state == "limit"
    assert again.requests == []
    house.allowance = Allowance(steps=3)
    assert house.resume(again).ended.state == "reached"


def test_a_refused_tool_call_is_told_to_the_model_and_the_run_goes_on(house: House) -> None:
    house.tools, house.allowance = (look,), Allowance(tool_calls={"look": 1})
    replies = [called("look", name="sky"), called("look", name="sea"), finish("The sky is blue.")]
    model = ScriptedModel(replies)
    outcome = house.run("Look.", model)
    assert outcome.ended.state == "reached"
    assert "look may be called 1 times" in model.requests[2].messages[-2].text
    assert outcome.run.history.tool_calls["look"] == 1


def test_a_refused_tool_call_and_an_end_without_the_checks_is_the_limit(house: House) -> None:
    house.tools, house.allowance = (look,), Allowance(tool_calls={"look": 0})
    goal = Goal(goals=("Look and write a.txt",), checks=(FileCheck(file="a.txt"),), attempts=0)
    outcome = house.run(goal, ScriptedModel([called("look", name="sky"), finish("I could not.")]))
    assert outcome.ended == Stopped(state="limit", reason="look may be called 0 times, and was", answer="I could not.")


def test_a_limit_reached_inside_a_tool_and_an_end_without_the_checks_is_the_limit(house: House) -> None:
    house.tools, house.allowance = (look, many), Allowance(tool_calls={"look": 0})
    goal = Goal(goals=("Look and write a.txt",), checks=(FileCheck(file="a.txt"),), attempts=0)
    outcome = house.run(goal, ScriptedModel([called("many", count=1), finish("I could not.")]))
    assert outcome.ended.state == "limit"


def test_three_refusals_of_one_tool_end_the_run(house: House) -> None:
    house.tools, house.allowance = (look,), Allowance(tool_calls={"look": 1})
    model = ScriptedModel(numbered())
    outcome = house.run("Look.", model)
    assert outcome.ended.state == "limit"
    assert len(outcome.of(LimitReached)) == 3
    assert len(model.requests) == 4


def test_a_call_that_is_denied_does_not_use_up_its_limit(house: House) -> None:
    @tool(effect=Effect.SEND)
    def post(text: str) -> str:
        """Post a text.

        Args:
            text: The text.
        """
        return "posted"

    house.tools, house.allowance = (post,), Allowance(tool_calls={"post": 1})
    house.policy, house.approver = Policy(attended=True), Person([Deny("not so"), Allow()])
    outcome = house.run("Post.", ScriptedModel([called("post", text="a"), called("post", text="b"), finish()]))
    assert outcome.of(LimitReached) == []
    assert outcome.run.history.tool_calls["post"] == 1


def test_time_that_runs_out_between_two_calls_of_a_turn_stops_the_run(house: House) -> None:
    @tool(effect=Effect.WRITE)
    def wait(name: str) -> str:
        """Wait.

        Args:
            name: A name.
        """
        time.sleep(0.4)
        return name

    house.tools, house.built_in, house.allowance = (wait,), False, Allowance(time=0.3)
    calls = [called("wait", "a", name="x"), called("wait", "b", name="x")]
    outcome = house.run("Wait.", ScriptedModel([calls]))
    assert outcome.ended.state == "limit"
    assert outcome.of(LimitReached)[0].name == "time"
    assert outcome.run.history.tool_calls["wait"] == 1


def test_what_is_set_aside_and_what_is_left_of_the_time() -> None:
    mine = limits(Allowance(model_calls=3, time=10))
    held = mine.reserve(10, 10)
    assert isinstance(held, Reservation)
    assert mine.held() == (held,)
    mine.settle(held)
    assert mine.held() == ()
    assert mine.left() == pytest.approx(10, abs=1)
    assert limits(Allowance(time=0)).left() == 0


def test_another_try_is_set_aside_like_the_first_and_given_back_with_it() -> None:
    mine = limits(Allowance(model_calls=3, tokens=10_000))
    held, other = mine.reserve(10, 10), mine.reserve(10, 10)
    assert isinstance(held, Reservation)
    assert isinstance(other, Reservation)
    assert mine.again(held, 0)
    assert mine.again(held, 1)
    assert mine.again(held, 1)  # it has that one already
    assert not mine.again(held, 2)
    assert not mine.again(other, 1)
    mine.settle(held)
    assert mine.again(other, 2)
    mine.settle(other)
    assert mine.held() == ()


def test_no_other_try_where_the_tokens_or_the_money_do_not_allow_it() -> None:
    for allowance in (Allowance(tokens=1500), Allowance(usd=1.5)):
        mine = limits(allowance, rate=0.001)
        held = mine.reserve(500, 400)
        assert isinstance(held, Reservation)
        assert not mine.again(held, 1)
