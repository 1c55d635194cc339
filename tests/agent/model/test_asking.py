"""One question within its time and its number of billed replies, and what it costs however it ends."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from agent.errors import ModelError, ModelRefused, ModelUnavailable, OutOfTime
from agent.events import Thought, ThoughtDelta, Usage
from agent.model import Bill, Message, Model, Request
from agent.model.fallback import FallbackModel
from agent.model.openai_model import OpenAIModel
from agent.model.retry import Retry
from tests.server import ChatServer, Replies, Reply

MESSAGES = [Message("user", "How high is the tide?")]


def ask(model: Model, **fields: Any) -> tuple[list[ThoughtDelta], Thought]:
    """All that comes of one request."""
    thinking, deltas = model.think(Request(messages=MESSAGES, **fields)), list[ThoughtDelta]()
    while True:
        try:
            deltas.append(next(thinking))
        except StopIteration as ended:
            return deltas, ended.value


def at_most(calls: int) -> Callable[[int], bool]:
    """So many replies may be paid for."""
    return lambda billed: billed < calls


Connect = Callable[..., tuple[ChatServer, OpenAIModel]]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Starts a server with a script, and a model that asks it."""
    assert openai.OpenAI is not None  # loaded: the first call of a process takes its time for that
    opened: list[Any] = []

    def start(replies: Replies, *, repeat: bool = False, **options: Any) -> tuple[ChatServer, OpenAIModel]:
        server = ChatServer(replies, repeat=repeat).__enter__()
        model = OpenAIModel("m", **{"base_url": server.url, **options})
        opened.extend([server, model])
        return server, model

    yield start
    for one in reversed(opened):
        one.close()


def ended_in_time(model: Model, seconds: float, **fields: Any) -> OutOfTime:
    """The error of a call that is cut after so many seconds, and not much later."""
    began, used = time.monotonic(), time.thread_time()
    with pytest.raises(OutOfTime) as caught:
        ask(model, within=seconds, **fields)
    took = time.monotonic() - began
    assert seconds <= took < seconds + 2.0
    assert time.thread_time() - used < seconds * 0.8  # it waited, and was not busy
    return caught.value


# -- time


def test_what_the_answer_may_take_is_no_part_of_the_question() -> None:
    plain, bound = Request(messages=MESSAGES), Request(messages=MESSAGES, within=1, again=at_most(2), bill=Bill())
    assert plain.hash == bound.hash
    assert plain == bound
    with ChatServer(["one", "two"]) as server, OpenAIModel("m", base_url=server.url) as model:
        ask(model)
        ask(model, within=60, again=at_most(5), bill=Bill())
        assert server.requests[0].body == server.requests[1].body


def test_a_stream_that_trickles_is_cut_and_charged_for_what_came(connect: Connect) -> None:
    _, model = connect([Reply(text="ab " * 200, piece=3, pause=0.05)])
    error = ended_in_time(model, 0.6)
    assert error.usage is not None
    assert error.usage.estimated
    assert error.usage.prompt_tokens > 20
    assert error.usage.completion_tokens > 1
    assert "0.6 s" in error.message or "1 s" in error.message


def test_a_reply_in_one_object_that_trickles_is_cut_and_its_prompt_is_charged(connect: Connect) -> None:
    _, model = connect([Reply(text="ab" * 500, piece=10, pause=0.05)], stream=False)
    error = ended_in_time(model, 0.6)
    assert error.usage is not None
    assert error.usage.prompt_tokens > 20


def test_an_error_that_trickles_is_cut(connect: Connect) -> None:
    server, model = connect([Reply(status=503, body="x" * 500, piece=5, pause=0.05)], repeat=True)
    assert ended_in_time(model, 0.6).usage is None
    assert len(server.requests) == 1


def test_a_server_that_does_not_begin_is_left_and_costs_nothing(connect: Connect) -> None:
    server, model = connect([Reply(hang=30)])
    assert ended_in_time(model, 0.5).usage is None
    assert len(server.requests) == 1


def test_a_connection_that_is_used_again_keeps_to_the_time_of_the_new_call(connect: Connect) -> None:
    server, model = connect(["one", Reply(hang=30)])
    ask(model, within=60)
    ended_in_time(model, 0.4)
    assert len({request.port for request in server.requests}) == 1


def test_a_call_without_a_time_is_not_cut_by_that_of_the_one_before(connect: Connect) -> None:
    _, model = connect(["one", Reply(text="abcdef", piece=1, pause=0.1)])
    ask(model, within=0.4)
    assert ask(model)[1].text == "abcdef"


def test_waits_between_tries_are_not_sat_out_where_no_time_is_left_for_the_try(connect: Connect) -> None:
    server, model = connect([Reply(status=429, headers={"Retry-After": "30"}, text="slow down")])
    began = time.monotonic()
    with pytest.raises(OutOfTime, match="slow down; no time is left to try again in 30 s"):
        ask(model, within=5)
    assert time.monotonic() - began < 2
    assert len(server.requests) == 1


def test_several_tries_share_the_time(connect: Connect) -> None:
    server, model = connect([Reply(status=503, hang=0.3)], repeat=True, retry=Retry(first=0.01))
    began = time.monotonic()
    with pytest.raises(OutOfTime):
        ask(model, within=1.0)
    assert time.monotonic() - began < 2.5
    assert 2 <= len(server.requests) <= 4


def test_with_no_time_left_nothing_is_asked(connect: Connect) -> None:
    server, model = connect(["never"])
    with pytest.raises(OutOfTime, match="no time is left"):
        ask(model, within=0)
    assert server.requests == []


def test_a_reply_that_was_there_in_time_is_taken_however_late_it_is_read(connect: Connect) -> None:
    _, model = connect([Reply(text="ab" * 10, piece=2)])
    thinking = model.think(Request(messages=MESSAGES, within=0.3))
    first = next(thinking).text
    time.sleep(0.6)
    assert first + "".join(delta.text for delta in thinking) == "ab" * 10


def test_a_refusal_is_told_as_such_whatever_time_is_left(connect: Connect) -> None:
    _, model = connect([Reply(status=401)])
    with pytest.raises(ModelRefused):
        ask(model, within=30)


def test_a_fall_back_has_what_the_models_before_it_left(connect: Connect) -> None:
    _, first = connect([Reply(status=401, hang=0.4)])
    server, second = connect([Reply(text="ab " * 200, piece=3, pause=0.05)])
    error = ended_in_time(FallbackModel([first, second]), 0.9)
    assert len(server.requests) == 1
    assert error.usage is not None


def test_where_the_time_is_over_no_other_model_is_asked(connect: Connect) -> None:
    _, first = connect([Reply(hang=30)])
    server, second = connect(["never"])
    ended_in_time(FallbackModel([first, second]), 0.3)
    assert server.requests == []


# -- calls

BILLED = Reply(chunks=[{"choices": [], "usage": {"prompt_tokens": 7_000, "completion_tokens": 1_000}}])


@pytest.mark.parametrize(("calls", "asked"), [(1, 1), (2, 2), (9, 3)])
def test_no_more_replies_are_paid_for_than_the_request_allows(connect: Connect, calls: int, asked: int) -> None:
    server, model = connect([BILLED], repeat=True, retry=Retry(first=0.01))
    with pytest.raises(ModelUnavailable, match="given up after") as caught:
        ask(model, again=at_most(calls))
    assert len(server.requests) == caught.value.calls == asked


def test_tries_that_bill_nothing_do_not_count_against_the_calls(connect: Connect) -> None:
    server, model = connect([*[Reply(status=503)] * 4, "there again"], retry=Retry(first=0.01, longest=0.01))
    assert ask(model, again=at_most(1))[1].text == "there again"
    assert len(server.requests) == 5


def test_calls_that_are_used_up_leave_none_for_a_fall_back(connect: Connect) -> None:
    server, second = connect(["never"])
    _, first = connect([BILLED], repeat=True)
    with pytest.raises(ModelUnavailable) as caught:
        ask(FallbackModel([first, second]), again=at_most(1))
    assert caught.value.usage == Usage(prompt_tokens=7_000, completion_tokens=1_000, usd=0.0)
    assert server.requests == []


def test_calls_that_are_left_are_those_of_the_fall_back(connect: Connect) -> None:
    _, first = connect([BILLED, Reply(status=401)], retry=Retry(first=0.01))
    server, second = connect([BILLED], repeat=True, retry=Retry(first=0.01))
    with pytest.raises(ModelError) as caught:
        ask(FallbackModel([first, second]), again=at_most(3))
    assert (len(server.requests), caught.value.calls) == (2, 3)


# -- what was billed, though nothing told so


def test_a_reply_in_one_object_that_is_cut_is_charged_and_tried_again(connect: Connect) -> None:
    whole = Reply(text="6.2 m", usage={"prompt_tokens": 50, "completion_tokens": 4})
    server, model = connect([Reply(text="ab" * 300, cut=500), whole], stream=False, retry=Retry(first=0.01))
    usage = ask(model)[1].usage
    assert usage.calls == len(server.requests) == 2
    assert usage.estimated
    assert usage.prompt_tokens == 50 + -(-len(server.requests[0].body) // 3)
    assert 4 + 100 < usage.completion_tokens < 4 + 250


def test_one_that_is_cut_before_anything_of_the_answer_came_is_not_charged(connect: Connect) -> None:
    _, model = connect([Reply(text="ab" * 300, cut=40), "6.2 m"], stream=False, retry=Retry(first=0.01))
    assert ask(model)[1].usage.calls == 1


@pytest.mark.parametrize("status", [400, 500])
def test_usage_that_an_error_tells_is_charged(connect: Connect, status: int) -> None:
    body = {"error": {"message": "filtered"}, "usage": {"prompt_tokens": 70, "completion_tokens": 7}}
    _, model = connect([Reply(status=status, body=json.dumps(body))], repeat=True, retry=Retry(tries=1))
    with pytest.raises(ModelError) as caught:
        ask(model)
    assert caught.value.usage == Usage(prompt_tokens=70, completion_tokens=7, usd=0.0)


def test_a_reply_in_one_object_needs_no_finish_reason(connect: Connect) -> None:
    body = {"choices": [{"index": 0, "message": {"content": "6.2 m"}, "finish_reason": None}]}
    server, model = connect([Reply(body=json.dumps(body))], stream=False)
    assert ask(model)[1].text == "6.2 m"
    assert len(server.requests) == 1


# -- the bill


def test_a_stream_that_is_closed_midway_is_on_the_bill(connect: Connect) -> None:
    _, model = connect([Reply(text="ab " * 5_000, piece=3)])
    bill = Bill()
    thinking = model.think(Request(messages=MESSAGES, bill=bill))
    for _ in range(10):
        next(thinking)
    assert bill.usage is not None
    thinking.close()
    assert bill.usage is not None
    assert bill.usage.estimated
    assert bill.usage.prompt_tokens > 20
    assert 10 <= bill.usage.completion_tokens < 100


def test_the_bill_tells_another_thread_what_the_reply_under_way_costs(connect: Connect) -> None:
    told = {"prompt_tokens": 50, "completion_tokens": 400}
    _, model = connect([Reply(text="ab " * 50, piece=3, pause=0.02, usage=told)])
    bill, seen = Bill(), list[Usage | None]()
    thread = threading.Thread(target=lambda: ask(model, bill=bill))
    thread.start()
    while thread.is_alive() and len(seen) < 200:
        seen.append(bill.usage)
        thread.join(0.05)
    thread.join(20)
    costs = [one.completion_tokens for one in seen if one is not None]
    assert costs == sorted(costs)
    assert len(set(costs)) > 3
    assert bill.usage == Usage(prompt_tokens=50, completion_tokens=400, usd=0.0)


def test_an_interrupt_while_waiting_leaves_what_was_billed_before_it_on_the_bill() -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    bill = Bill()
    with (
        ChatServer([BILLED]) as server,
        OpenAIModel("m", base_url=server.url, sleep=interrupted) as model,
        pytest.raises(KeyboardInterrupt),
    ):
        ask(model, bill=bill)
    assert bill.usage == Usage(prompt_tokens=7_000, completion_tokens=1_000, usd=0.0)


def test_the_bill_of_a_call_that_ends_is_what_its_thought_or_its_error_says(connect: Connect) -> None:
    _, model = connect([BILLED, "6.2 m", BILLED, Reply(status=401)], retry=Retry(first=0.01))
    thought_for, failed = Bill(), Bill()
    assert ask(model, bill=thought_for)[1].usage == thought_for.usage
    with pytest.raises(ModelRefused) as caught:
        ask(model, bill=failed)
    assert caught.value.usage == failed.usage == Usage(prompt_tokens=7_000, completion_tokens=1_000, usd=0.0)


def test_one_bill_is_of_all_models_that_are_asked(connect: Connect) -> None:
    _, first = connect([BILLED, Reply(status=401)], retry=Retry(first=0.01))
    _, second = connect(["6.2 m"])
    bill = Bill()
    thought = ask(FallbackModel([first, second]), bill=bill)[1]
    assert thought.usage == bill.usage
    assert thought.usage.calls == 2


def test_a_call_that_cost_nothing_has_an_empty_bill(connect: Connect) -> None:
    _, model = connect([Reply(status=401)])
    bill = Bill()
    with pytest.raises(ModelRefused):
        ask(model, bill=bill)
    assert bill.usage is None
