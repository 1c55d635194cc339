"""Models that stand in for one another."""

import time
from collections.abc import Generator
from typing import Any

import pytest

from agent.errors import ContextTooLong, ModelError, ModelRefused, ModelUnavailable, OutOfTime
from agent.events import Thought, ThoughtDelta, Usage
from agent.model import Bill, Message, Model, Request, Thinking
from agent.model.fallback import FallbackModel
from tests.scripted import ScriptedModel

REQUEST = Request(messages=[Message("user", "Hi")])


def listen(thinking: Generator[ThoughtDelta, None, Thought]) -> tuple[list[ThoughtDelta], Thought]:
    deltas = []
    while True:
        try:
            deltas.append(next(thinking))
        except StopIteration as ended:
            return deltas, ended.value


def billed(error: ModelError, usage: Usage) -> ModelError:
    """The error of a model that was paid in vain."""
    error.usage = usage
    return error


class BreaksOff:
    """A model that says something and then cannot go on."""

    name, window, offline = "breaks-off", None, False

    def think(self, request: Request) -> Thinking:
        yield ThoughtDelta(text="Half of")
        raise ModelUnavailable("gone")

    def price(self, usage: Usage) -> float | None:
        return None


def test_the_first_model_answers_while_it_can() -> None:
    second = ScriptedModel([], name="second")
    model: Model = FallbackModel([ScriptedModel(["Hello"], name="first", window=8, price=1.0), second])
    deltas, thought = listen(model.think(REQUEST))
    assert (thought.text, thought.model) == ("Hello", "first")
    assert [one.channel for one in deltas] == ["text"]
    assert (model.name, model.window, model.offline) == ("first", 8, False)
    assert second.requests == []


@pytest.mark.parametrize("error", [ModelUnavailable("down"), ModelRefused("no key")])
def test_the_next_one_takes_over_with_a_notice_and_stays(error: Exception) -> None:
    first = ScriptedModel([error], name="first", window=8, price=1.0)
    second = ScriptedModel(["Hello", "Again"], name="second", window=16, price=2.0, offline=True)
    model = FallbackModel([first, second])
    deltas, thought = listen(model.think(REQUEST))
    assert thought.model == "second"
    assert deltas[0].channel == "notice"
    assert str(error) in deltas[0].text
    assert "second" in deltas[0].text
    assert (model.name, model.window, model.offline) == ("second", 16, True)
    assert model.price(Usage(prompt_tokens=3)) == 6.0
    assert listen(model.think(REQUEST))[1].text == "Again"
    assert len(first.requests) == 1


def test_a_reply_that_broke_off_is_taken_back_before_the_next_model_begins() -> None:
    deltas, thought = listen(FallbackModel([BreaksOff(), ScriptedModel(["Whole"])]).think(REQUEST))
    assert [one.channel for one in deltas] == ["text", "restart", "notice", "text"]
    assert thought.text == "Whole"


def test_the_first_is_asked_again_when_the_second_fails() -> None:
    first = ScriptedModel([ModelUnavailable("down"), "Back"], name="first")
    second = ScriptedModel(["Hello", ModelUnavailable("down too")], name="second")
    model = FallbackModel([first, second])
    listen(model.think(REQUEST))
    assert listen(model.think(REQUEST))[1].model == "first"


def test_all_that_failed_are_named_and_the_first_is_asked_first_again() -> None:
    first = ScriptedModel([ModelRefused("no key", hint="set one"), "Back"], name="first")
    second = ScriptedModel([ModelUnavailable("down", hint="come back")], name="second")
    model = FallbackModel([first, second])
    with pytest.raises(ModelUnavailable, match="no key; down") as caught:
        listen(model.think(REQUEST))
    assert caught.value.hint == "come back"
    assert listen(model.think(REQUEST))[1].text == "Back"


def test_refusals_alone_are_a_refusal_and_one_alone_is_told_as_it_is() -> None:
    with pytest.raises(ModelRefused, match="a; b"):
        listen(FallbackModel([ScriptedModel([ModelRefused("a")]), ScriptedModel([ModelRefused("b")])]).think(REQUEST))
    alone = ModelRefused("a")
    with pytest.raises(ModelRefused) as caught:
        listen(FallbackModel([ScriptedModel([alone])]).think(REQUEST))
    assert caught.value is alone


def test_a_prompt_that_is_too_long_is_not_handed_on() -> None:
    second = ScriptedModel(["Hello"])
    with pytest.raises(ContextTooLong):
        listen(FallbackModel([ScriptedModel([ContextTooLong("long", limit=8)]), second]).think(REQUEST))
    assert second.requests == []


PAID = Usage(prompt_tokens=100, completion_tokens=10, usd=0.5, calls=3)
DEARER = Usage(prompt_tokens=10, completion_tokens=1, usd=2.0)


def test_what_the_models_before_were_paid_in_vain_is_in_the_usage_of_the_thought() -> None:
    models = [
        ScriptedModel([billed(ModelUnavailable("down"), PAID)]),
        ScriptedModel([ModelRefused("no key")]),
        ScriptedModel(["Hello"], usage=Usage(prompt_tokens=5, completion_tokens=1), price=0.25),
    ]
    usage = listen(FallbackModel(models).think(REQUEST))[1].usage
    assert usage == Usage(prompt_tokens=105, completion_tokens=11, usd=2.0, estimated=True, calls=4)


def test_what_all_were_paid_in_vain_is_in_the_usage_of_the_error() -> None:
    models = [
        ScriptedModel([billed(ModelUnavailable("down"), PAID)]),
        ScriptedModel([billed(ModelRefused("no"), DEARER)]),
    ]
    with pytest.raises(ModelUnavailable) as caught:
        listen(FallbackModel(models).think(REQUEST))
    assert caught.value.usage == Usage(prompt_tokens=110, completion_tokens=11, usd=2.5, estimated=True, calls=4)
    assert caught.value.calls == 4
    with pytest.raises(ModelUnavailable) as caught:
        listen(
            FallbackModel([ScriptedModel([ModelUnavailable("a")]), ScriptedModel([ModelRefused("b")])]).think(REQUEST)
        )
    assert (caught.value.usage, caught.value.calls) == (None, 0)
    with pytest.raises(ModelUnavailable) as caught:
        listen(FallbackModel([ScriptedModel([billed(ModelUnavailable("a"), PAID)])]).think(REQUEST))
    assert caught.value.usage == PAID


def test_a_prompt_that_is_too_long_for_the_second_carries_what_the_first_was_paid() -> None:
    models = [ScriptedModel([billed(ModelUnavailable("down"), PAID)]), ScriptedModel([ContextTooLong("long", limit=8)])]
    with pytest.raises(ContextTooLong) as caught:
        listen(FallbackModel(models).think(REQUEST))
    assert (caught.value.usage, caught.value.limit) == (PAID, 8)


def test_those_that_hold_connections_are_closed() -> None:
    closed: list[Any] = []

    class Holds(ScriptedModel):
        def close(self) -> None:
            closed.append(self.name)

    FallbackModel([Holds([], name="a"), ScriptedModel([]), Holds([], name="c")]).close()
    assert closed == ["a", "c"]


def test_no_model_at_all_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FallbackModel([])


class Notes:
    """A model that notes what it may take, and cannot be had."""

    name, window, offline = "notes", None, False

    def __init__(self, error: ModelError, seconds: float = 0.0) -> None:
        self.asked: list[Request] = []
        self.error = error
        self.seconds = seconds

    def think(self, request: Request) -> Thinking:
        self.asked.append(request)
        yield ThoughtDelta(text="one moment", channel="notice")
        time.sleep(self.seconds)
        raise self.error

    def price(self, usage: Usage) -> float | None:
        return None


def test_the_next_model_may_take_what_is_left_of_time_and_calls() -> None:
    first = Notes(billed(ModelUnavailable("down"), Usage(prompt_tokens=1, calls=2)), seconds=0.05)
    second = Notes(ModelUnavailable("down too"))
    bill = Bill()
    request = Request(messages=REQUEST.messages, within=60, again=lambda billed: billed < 5, bill=bill)
    with pytest.raises(ModelUnavailable, match="no model can be had"):
        listen(FallbackModel([first, second]).think(request))
    (given,) = second.asked
    assert first.asked == [request]
    assert (given.bill, given.messages) == (bill, request.messages)
    assert given.again is not None
    assert (given.again(2), given.again(3)) == (True, False)
    assert given.within is not None
    assert 50 < given.within <= 59.95


@pytest.mark.parametrize("used", [5, 6])
def test_calls_that_are_used_up_end_it_with_the_error_that_cost_them(used: int) -> None:
    down = billed(ModelUnavailable("down"), Usage(prompt_tokens=1, calls=used))
    second = Notes(ModelUnavailable("never"))
    with pytest.raises(ModelUnavailable) as caught:
        listen(
            FallbackModel([Notes(down), second]).think(
                Request(messages=REQUEST.messages, again=lambda billed: billed < 5)
            )
        )
    assert caught.value is down
    assert second.asked == []


def test_time_that_is_over_before_the_next_model_is_told_with_what_was_paid() -> None:
    paid = Usage(prompt_tokens=1)
    first = Notes(billed(ModelUnavailable("down"), paid), seconds=0.05)
    second = Notes(ModelUnavailable("never"))
    with pytest.raises(OutOfTime, match="down; no time is left to ask another model") as caught:
        listen(FallbackModel([first, second]).think(Request(messages=REQUEST.messages, within=0.02)))
    assert caught.value.usage == paid
    assert second.asked == []


def test_time_that_is_over_within_a_model_is_not_tried_with_another_one() -> None:
    first = Notes(billed(ModelUnavailable("down"), Usage(prompt_tokens=1)))
    second = Notes(billed(OutOfTime("over"), Usage(prompt_tokens=2)))
    third = Notes(ModelUnavailable("never"))
    with pytest.raises(OutOfTime, match="over") as caught:
        listen(FallbackModel([first, second, third]).think(REQUEST))
    assert caught.value.usage is not None
    assert (caught.value.usage.prompt_tokens, third.asked) == (3, [])


def test_a_listener_who_leaves_closes_the_model_that_speaks() -> None:
    closed: list[str] = []

    class Speaks(BreaksOff):
        def think(self, request: Request) -> Thinking:
            try:
                yield ThoughtDelta(text="One")
                yield ThoughtDelta(text="Two")
            finally:
                closed.append("speaks")
            return Thought(text="")

    thinking = FallbackModel([Speaks()]).think(REQUEST)
    next(thinking)
    thinking.close()
    assert closed == ["speaks"]
