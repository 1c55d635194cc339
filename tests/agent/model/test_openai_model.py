"""The model behind an endpoint: the real SDK against a real server on loopback."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ContextTooLong, ModelError, ModelRefused, ModelUnavailable, SettingsError
from agent.events import Thought, ThoughtDelta, ToolCall, Usage, decode, encode
from agent.history import Spend
from agent.model import Message, Model, Request, ToolDescription
from agent.model.openai_model import OpenAIModel
from agent.model.retry import Retry
from tests.server import Call, ChatServer, Replies, Reply, call

ROOT = Path(__file__).parents[3]
TOOL = ToolDescription("read_file", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
REQUEST = Request(messages=[Message("user", "Grüß dich")], tools=[TOOL], reply=100)


class Spoken:
    """What came of one request."""

    def __init__(self, model: Model, request: Request = REQUEST) -> None:
        self.deltas: list[ThoughtDelta] = []
        thinking = model.think(request)
        while True:
            try:
                self.deltas.append(next(thinking))
            except StopIteration as ended:
                self.thought: Thought = ended.value
                return

    def heard(self, channel: str) -> list[str]:
        return [one.text for one in self.deltas if one.channel == channel]


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def connect(waits: list[float]) -> Iterator[Callable[..., tuple[ChatServer, OpenAIModel]]]:
    """Starts a server with a script, and a model that asks it and notes its waits instead of sleeping."""
    opened: list[Any] = []

    def start(
        replies: Replies, *, server: dict[str, Any] | None = None, **options: Any
    ) -> tuple[ChatServer, OpenAIModel]:
        running = ChatServer(replies, **(server or {})).__enter__()
        options.setdefault("base_url", running.url)
        model = OpenAIModel("m-1", sleep=waits.append, **options)
        opened.extend([running, model])
        return running, model

    yield start
    for one in reversed(opened):
        one.close()


Connect = Callable[..., tuple[ChatServer, OpenAIModel]]


@pytest.mark.parametrize("stream", [True, False])
def test_a_reply_comes_with_its_text_usage_and_request(connect: Connect, stream: bool) -> None:
    usage = {"prompt_tokens": 50, "completion_tokens": 4, "cached_tokens": 32}
    server, model = connect([Reply(text="Héllo 你好", usage=usage, piece=3)], stream=stream)
    spoken = Spoken(model)
    assert "".join(spoken.heard("text")) == spoken.thought.text == "Héllo 你好"
    assert len(spoken.deltas) == (3 if stream else 1)
    assert spoken.thought.usage == Usage(prompt_tokens=50, completion_tokens=4, cached_tokens=32, usd=0.0)
    assert (spoken.thought.model, spoken.thought.finish) == ("m-1", "stop")
    assert spoken.thought.request == REQUEST.hash
    assert spoken.thought.seconds > 0
    asked = server.requests[0].json
    assert asked["stream"] is stream
    assert asked["messages"] == [{"role": "user", "content": "Grüß dich"}]


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("given", [True, False])
def test_a_stream_and_plain_json_are_both_understood_whatever_was_asked(
    connect: Connect, asked: bool, given: bool
) -> None:
    reply = Reply(text="Hi", calls=[Call(name="read_file", arguments={"path": "a"})], streamed=given)
    thought = Spoken(connect([reply], stream=asked)[1]).thought
    assert (thought.text, thought.calls[0].arguments, thought.finish) == ("Hi", {"path": "a"}, "tool_calls")


def test_the_kind_of_reply_is_told_by_its_look_where_the_header_lies(connect: Connect) -> None:
    replies = [
        Reply(text="one", media_type="application/json"),
        Reply(text="two", streamed=False, media_type="text/plain"),
    ]
    _, model = connect(replies)
    assert [Spoken(model).thought.text, Spoken(model).thought.text] == ["one", "two"]


def test_parallel_calls_stream_in_pieces_with_ids_of_their_own(connect: Connect) -> None:
    calls = [
        Call(name="read_file", arguments={"path": f"{n}.txt"}, id=id_) for n, id_ in enumerate(("same", "same", ""))
    ]
    _, model = connect([Reply(calls=calls, piece=2), Reply(calls=calls)])
    made = [one for _ in range(2) for one in Spoken(model).thought.calls]
    assert [one.arguments["path"] for one in made] == ["0.txt", "1.txt", "2.txt"] * 2
    assert made[0].id == "same"
    assert len({one.id for one in made} - {""}) == 6


def test_an_id_of_the_history_is_not_given_again_after_a_restart(connect: Connect) -> None:
    earlier = ToolCall(id="call_0", tool="read_file", arguments={})
    request = Request(
        messages=[Message("assistant", "", (earlier,)), Message("tool", "x", call_id="call_0")], tools=[TOOL]
    )
    _, model = connect([Reply(calls=[Call(name="read_file", id="call_0")])])
    assert Spoken(model, request).thought.calls[0].id not in ("call_0", "")


@pytest.mark.parametrize(
    "spoilt",
    ['{"path": "a.txt",}', "{'path': 'a.txt'}", '"{\\"path\\": \\"a.txt\\"}"', '```json\n{"path": "a.txt"}\n```'],
)
def test_spoilt_arguments_are_repaired_without_another_request(connect: Connect, spoilt: str) -> None:
    server, model = connect([Reply(calls=[Call(name="read_file", arguments=spoilt)])])
    (made,) = Spoken(model).thought.calls
    assert (made.arguments, made.fault) == ({"path": "a.txt"}, None)
    assert len(server.requests) == 1


def test_a_call_cut_off_at_the_token_limit_is_a_fault(connect: Connect) -> None:
    _, model = connect([Reply(calls=[Call(name="read_file", arguments='{"path": "a.t')], finish="length")])
    thought = Spoken(model).thought
    assert thought.finish == "length"
    assert thought.calls[0].arguments == {}
    assert thought.calls[0].fault is not None
    assert thought.calls[0].raw == '{"path": "a.t'


def test_a_call_written_as_text_is_a_call(connect: Connect) -> None:
    _, model = connect(['I look. <tool_call>{"name": "read_file", "arguments": {"path": "a"}}</tool_call>'])
    thought = Spoken(model).thought
    assert (thought.text, [made.tool for made in thought.calls]) == ("I look.", ["read_file"])
    assert thought.calls[0].id


def test_reasoning_streams_apart_and_is_not_in_the_text(connect: Connect) -> None:
    _, model = connect([Reply(reasoning="I wonder", text="<think>still</think>\nYes", piece=4)])
    spoken = Spoken(model)
    assert spoken.thought.text == "Yes"
    assert "".join(spoken.heard("reasoning")) == "I wonderstill"


def test_usage_that_is_not_told_is_estimated(connect: Connect) -> None:
    server, model = connect([Reply(text="Hello there", usage=None)])
    usage = Spoken(model).thought.usage
    assert usage.estimated
    assert usage.prompt_tokens == -(-len(server.requests[0].body) // 3)
    assert usage.completion_tokens == 4


# -- the request


def test_the_history_grows_at_the_end_and_the_bytes_before_stay(connect: Connect) -> None:
    server, model = connect(["one", "two"])
    Spoken(model)
    Spoken(model, Request(messages=[*REQUEST.messages, Message("user", "More")], tools=[TOOL], reply=100))
    first, second = (request.body for request in server.requests)
    assert second.startswith(first[:-2])


def test_one_connection_serves_all_requests(connect: Connect) -> None:
    server, model = connect(["one", call("read_file", path="a"), Reply(status=503, text="busy"), "three"])
    for _ in range(3):
        Spoken(model)
    assert len({request.port for request in server.requests}) == 1


def test_no_key_is_needed_on_this_machine_and_a_given_one_is_sent(connect: Connect) -> None:
    server, model = connect(["one"])
    Spoken(model)
    assert server.requests[0].headers["authorization"] == "Bearer none"
    server, model = connect(["one"], api_key=" sk-mine\n")
    Spoken(model)
    assert server.requests[0].headers["authorization"] == "Bearer sk-mine"


def test_nothing_of_the_environment_gets_into_the_request_behind_our_settings(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "secret-of-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer secret-of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://192.0.2.1/v1")
    server, model = connect(["one"])
    Spoken(model)
    assert "secret-of-the-environment" not in str(server.requests[0].headers)


def test_this_machine_is_never_asked_through_a_proxy(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert Spoken(connect(["one"], proxy="http://127.0.0.1:9")[1]).thought.text == "one"


@pytest.mark.parametrize("stated", [True, False])
def test_the_internet_is_asked_through_the_proxy_that_is_stated_or_of_the_environment(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, stated: bool
) -> None:
    server, _ = connect(["through the proxy"])
    proxy = server.url.removesuffix("/v1")
    if not stated:
        monkeypatch.setenv("HTTP_PROXY", proxy)
    _, model = connect([], base_url="http://model.invalid/v1", api_key="sk-test", proxy=proxy if stated else None)
    assert Spoken(model).thought.text == "through the proxy"
    assert server.requests[0].path.startswith("http://model.invalid/v1/")


@pytest.mark.parametrize("stated", [True, False])
def test_no_proxy_is_honoured(connect: Connect, monkeypatch: pytest.MonkeyPatch, stated: bool) -> None:
    server, _ = connect(["through the proxy"])
    proxy = server.url.removesuffix("/v1")
    monkeypatch.setenv("no_proxy", "model.invalid")
    monkeypatch.setenv("HTTP_PROXY", proxy)
    _, model = connect(
        [],
        base_url="http://model.invalid/v1",
        api_key="sk-test",
        proxy=proxy if stated else None,
        retry=Retry(tries=1),
    )
    with pytest.raises(ModelUnavailable, match=r"model\.invalid cannot be reached"):
        Spoken(model)
    assert server.requests == []


def test_a_proxy_that_is_no_url_is_refused_in_one_line(connect: Connect) -> None:
    _, model = connect([], base_url="http://model.invalid/v1", api_key="sk-test", proxy="carrier-pigeon://x")
    with pytest.raises(ModelRefused, match="proxy cannot be used"):
        Spoken(model)


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ("stream_options", "Unrecognized request argument supplied: stream_options"),
        ("max_tokens", "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."),
        ("temperature", "Unsupported value: 'temperature' does not support 0.5 with this model."),
    ],
)
def test_a_parameter_that_is_refused_is_left_out_once_and_for_all(
    connect: Connect, parameter: str, message: str
) -> None:
    def reply(asked: dict[str, Any], number: int) -> Reply:
        if parameter in asked:
            return Reply(status=400, body=json.dumps({"error": {"message": message, "param": None}}))
        return Reply(text="fine")

    server, model = connect(reply)
    request = Request(messages=REQUEST.messages, temperature=0.5)
    assert [Spoken(model, request).thought.text for _ in range(2)] == ["fine", "fine"]
    assert [parameter in request.json for request in server.requests] == [True, False, False]


def test_a_refusal_by_a_strict_gateway_is_learned_from_too(connect: Connect) -> None:
    refused = {
        "detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs", "input": "x"}]
    }
    server, model = connect([Reply(status=422, body=json.dumps(refused)), "fine"])
    assert Spoken(model).thought.text == "fine"
    assert "stream_options" not in server.requests[1].json


def test_an_endpoint_without_tools_gets_them_in_words_and_the_user_is_told(connect: Connect) -> None:
    refused = Reply(status=400, body='{"error": {"message": "m-1 does not support tools"}}')
    server, model = connect([refused, '<tool_call>{"name": "read_file", "arguments": {"path": "a"}}</tool_call>'])
    spoken = Spoken(model)
    assert spoken.thought.calls[0].arguments == {"path": "a"}
    assert "takes no tools" in spoken.heard("notice")[0]
    assert "tools" not in server.requests[1].json


def test_a_server_that_refuses_whatever_is_left_out_is_a_refusal_in_the_end(connect: Connect) -> None:
    def reply(asked: dict[str, Any], number: int) -> Reply:
        return Reply(
            status=400, body=json.dumps({"error": {"message": f"no {' '.join(asked)}, and streaming not supported"}})
        )

    server, model = connect(reply)
    with pytest.raises(ModelRefused, match="refuses the request"):
        Spoken(model, Request(messages=REQUEST.messages, temperature=0.5, schema={"type": "object"}))
    assert len(server.requests) <= 12


# -- trouble that passes

OUTAGES = {
    "429": Reply(status=429),
    "500": Reply(status=500, body="<html>oops</html>"),
    "503": Reply(status=503, body=""),
    "html": Reply(body="<!DOCTYPE html><html></html>"),
    "empty": Reply(body=b""),
    "no json": Reply(body="{", media_type="application/json"),
    "no choices": Reply(chunks=[{"id": "x"}]),
    "error in a reply": Reply(body='{"error": {"message": "try later"}}'),
    "error in a stream": Reply(chunks=[{"error": {"message": "overloaded", "code": 503}}]),
    "dropped": Reply(drop=True),
    "cut": Reply(text="x" * 200, cut=300),
    "cut error": Reply(status=503, body="x" * 200, cut=20),
    "no end": Reply(chunks=[{"choices": [{"index": 0, "delta": {"role": "assistant"}}]}], done=False),
}


@pytest.mark.parametrize("kind", OUTAGES)
def test_six_failures_in_a_row_are_outlasted(connect: Connect, waits: list[float], kind: str) -> None:
    server, model = connect([OUTAGES[kind]] * 6 + ["there again"])
    spoken = Spoken(model)
    assert spoken.thought.text == "there again"
    assert len(server.requests) == 7
    assert len({request.body for request in server.requests}) == 1
    assert len(waits) == 6
    assert sum(waits) <= 30
    assert "trying again in" in spoken.heard("notice")[0]
    assert "try 2 of 8" in spoken.heard("notice")[0]


def test_the_eighth_failure_is_the_last(connect: Connect, waits: list[float]) -> None:
    server, model = connect([Reply(status=503, text="be patient")], server={"repeat": True})
    with pytest.raises(ModelUnavailable, match="be patient; given up after 8 tries"):
        Spoken(model)
    assert len(server.requests) == 8
    assert len(waits) == 7


def test_a_reply_that_breaks_off_is_taken_back_and_its_cost_is_counted(connect: Connect) -> None:
    whole = Reply(text="Whole", usage={"prompt_tokens": 50, "completion_tokens": 4})
    _, model = connect([Reply(text="Half of it" * 10, cut=700), whole])
    spoken = Spoken(model)
    channels = [one.channel for one in spoken.deltas]
    assert channels[0] == "text"
    assert channels[channels.index("restart") :] == ["restart", "notice", "text"]
    assert spoken.thought.text == "Whole"
    assert spoken.thought.usage.prompt_tokens > 50
    assert spoken.thought.usage.completion_tokens > 4
    assert spoken.thought.usage.estimated


BILLED = Reply(chunks=[{"choices": [], "usage": {"prompt_tokens": 7_000, "completion_tokens": 1_000}}])
HALF = Reply(chunks=[{"choices": [{"index": 0, "delta": {"content": "Half of it"}}]}], done=False)
REFUSED = Reply(status=401, text="no more")
LONG = Reply(status=400, body='{"error": {"message": "prompt is too long: 900 tokens > 800 maximum"}}')


def test_billed_replies_without_an_answer_are_given_up_after_three_and_the_error_carries_their_cost(
    connect: Connect, waits: list[float]
) -> None:
    server, model = connect([BILLED], server={"repeat": True})
    with pytest.raises(
        ModelUnavailable, match="without an answer; given up after 3 replies that were billed"
    ) as caught:
        Spoken(model)
    assert (len(server.requests), len(waits)) == (3, 2)
    assert caught.value.usage == Usage(prompt_tokens=21_000, completion_tokens=3_000, usd=0.0, estimated=True, calls=3)
    assert caught.value.calls == 3
    assert caught.value.hint is not None
    assert "pays" in caught.value.hint


def test_streams_that_break_off_are_given_up_after_three_and_the_error_carries_an_estimate(connect: Connect) -> None:
    server, model = connect([HALF], server={"repeat": True})
    with pytest.raises(ModelUnavailable, match="broke off; given up after 3 replies that were billed") as caught:
        Spoken(model)
    sent = len(server.requests[0].body)
    assert len(server.requests) == caught.value.calls == 3
    assert caught.value.usage == Usage(
        prompt_tokens=3 * -(-sent // 3), completion_tokens=3 * 4, usd=0.0, estimated=True, calls=3
    )


def test_a_thought_is_charged_for_the_billed_attempts_before_it_and_counts_them(connect: Connect) -> None:
    whole = Reply(text="Whole", usage={"prompt_tokens": 50, "completion_tokens": 4})
    _, model = connect([BILLED, Reply(status=503), BILLED, whole])
    spoken = Spoken(model)
    assert spoken.heard("restart") == []
    assert spoken.thought.usage == Usage(
        prompt_tokens=14_050, completion_tokens=2_004, usd=0.0, estimated=True, calls=3
    )
    spend = Spend()
    spend.add(spoken.thought.usage)
    assert (spend.model_calls, spend.tokens) == (3, 16_054)


def test_outages_that_bill_nothing_are_outlasted_beside_two_that_do(connect: Connect) -> None:
    server, model = connect([BILLED, *[Reply(status=503)] * 5, HALF, "there again"])
    assert Spoken(model).thought.usage.calls == 3
    assert len(server.requests) == 8


@pytest.mark.parametrize(("last", "kind"), [(REFUSED, ModelRefused), (LONG, ContextTooLong)])
def test_whatever_ends_the_call_carries_what_was_billed_before(
    connect: Connect, last: Reply, kind: type[ModelError]
) -> None:
    _, model = connect([BILLED, last])
    with pytest.raises(kind) as caught:
        Spoken(model)
    assert caught.value.usage == Usage(prompt_tokens=7_000, completion_tokens=1_000, usd=0.0)
    assert caught.value.calls == 1


def test_an_error_amid_a_reply_is_charged_for_the_words_before_it(connect: Connect) -> None:
    half = {"choices": [{"index": 0, "delta": {"content": "Half"}}]}
    chunks: list[dict[str, Any]] = [half, {"error": {"message": "no", "code": "403"}}]
    with pytest.raises(ModelRefused) as caught:
        Spoken(connect([Reply(chunks=chunks)])[1])
    assert caught.value.usage is not None
    assert (caught.value.calls, caught.value.usage.completion_tokens) == (1, 2)


@pytest.mark.parametrize("reply", [Reply(status=503), REFUSED, Reply(drop=True), Reply(body="<html></html>")])
def test_an_error_for_which_nothing_was_billed_carries_no_usage(connect: Connect, reply: Reply) -> None:
    with pytest.raises(ModelError) as caught:
        Spoken(connect([reply], server={"repeat": True})[1])
    assert (caught.value.usage, caught.value.calls) == (None, 0)


def test_how_many_calls_were_billed_is_kept_in_the_journal_and_one_where_an_older_one_does_not_say(
    connect: Connect,
) -> None:
    thought = Spoken(connect([BILLED, "fine"])[1]).thought
    stored: dict[str, Any] = dict(encode(thought))
    assert decode(stored) == thought
    older = {name: value for name, value in stored["usage"].items() if name != "calls"}
    found = decode({**stored, "usage": older})
    assert isinstance(found, Thought)
    assert (thought.usage.calls, found.usage.calls) == (2, 1)


def test_a_reply_that_was_whole_before_the_connection_broke_is_taken(connect: Connect) -> None:
    stop = {"choices": [{"index": 0, "delta": {"content": "Whole"}, "finish_reason": "stop"}]}
    size = len(json.dumps(stop)) + 8
    server, model = connect([Reply(chunks=[stop, stop], cut=size)])
    spoken = Spoken(model)
    assert spoken.thought.text == "Whole"
    assert spoken.thought.usage.estimated
    assert len(server.requests) == 1


def test_an_error_after_a_reply_that_was_whole_does_not_matter(connect: Connect) -> None:
    stop = {"choices": [{"index": 0, "delta": {"content": "Whole"}, "finish_reason": "stop"}]}
    server, model = connect([Reply(chunks=[stop, {"error": {"message": "no usage today"}}])])
    assert Spoken(model).thought.text == "Whole"
    assert len(server.requests) == 1


def test_the_wait_that_the_server_asks_for_is_kept(connect: Connect, waits: list[float]) -> None:
    _, model = connect([Reply(status=429, headers={"Retry-After": "7"}), "there again"])
    assert "in 7 s" in Spoken(model).heard("notice")[0]
    assert waits == [7.0]


def test_a_wait_of_an_hour_ends_the_attempt_and_says_when_to_come_back(connect: Connect, waits: list[float]) -> None:
    server, model = connect([Reply(status=429, headers={"Retry-After": "3600"})])
    with pytest.raises(ModelUnavailable, match="come back in 60 min"):
        Spoken(model)
    assert (len(server.requests), waits) == (1, [])


def test_a_server_that_is_not_there_is_asked_until_it_is(waits: list[float]) -> None:
    with ChatServer() as gone:
        url = gone.url
    refused = pytest.raises(ModelUnavailable, match=r"cannot be reached .*given up after 8 tries")
    with OpenAIModel("m-1", base_url=url, sleep=waits.append) as model, refused:
        Spoken(model)
    assert len(waits) == 7


def test_a_server_that_does_not_answer_is_asked_thrice(connect: Connect, waits: list[float]) -> None:
    server, model = connect([Reply(hang=5)], server={"repeat": True}, timeout=0.1)
    with pytest.raises(ModelUnavailable, match=r"no reply from .*3 tries"):
        Spoken(model)
    assert len(server.requests) == 3


def test_silence_amid_a_reply_ends_it_and_it_is_begun_anew(connect: Connect) -> None:
    _, model = connect([Reply(text="ab" * 50, piece=2, pause=0.4), "whole"], idle=0.1)
    spoken = Spoken(model)
    assert spoken.thought.text == "whole"
    assert "fell silent" in spoken.heard("notice")[0]


def test_a_slow_reply_is_no_silent_one(connect: Connect) -> None:
    _, model = connect([Reply(text="abcdef", piece=1, pause=0.05)], idle=5)
    assert Spoken(model).thought.text == "abcdef"


def test_an_interrupt_while_waiting_is_not_swallowed() -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with ChatServer([Reply(status=503), "never"]) as server:
        with OpenAIModel("m-1", base_url=server.url, sleep=interrupted) as model, pytest.raises(KeyboardInterrupt):
            Spoken(model)
        assert len(server.requests) == 1


def test_a_listener_who_leaves_in_the_midst_leaves_no_connection_open(connect: Connect) -> None:
    _, model = connect([Reply(text="ab" * 5000, piece=2), "next"])
    thinking = model.think(REQUEST)
    next(thinking)
    thinking.close()
    assert Spoken(model).thought.text == "next"


# -- trouble for good


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(status=401, text="Incorrect API key provided: sk-very-secret"), ModelRefused, "does not accept the key"),
        (Reply(status=404, text="model not found"), ModelRefused, "no model m-1 at 127.0.0.1"),
        (Reply(status=400, text="nonsense"), ModelRefused, "nonsense"),
        (Reply(status=429, body='{"error": {"message": "x", "code": "insufficient_quota"}}'), ModelRefused, "credit"),
        (Reply(body='{"error": {"message": "bad key", "code": 401}}'), ModelRefused, "does not accept the key"),
        (Reply(chunks=[{"error": {"message": "no", "code": "403"}}]), ModelRefused, "does not accept the key"),
    ],
)
def test_a_refusal_for_good_is_not_tried_again_and_never_shows_the_key(
    connect: Connect, reply: Reply, kind: type[ModelError], words: str
) -> None:
    server, model = connect([reply, "too late"], api_key="sk-very-secret")
    with pytest.raises(kind, match=words) as caught:
        Spoken(model)
    assert len(server.requests) == 1
    assert "sk-very-secret" not in f"{caught.value} {caught.value.message} {caught.value.hint}"


def test_the_key_is_not_shown_in_a_notice_either(connect: Connect) -> None:
    _, model = connect([Reply(status=503, text="bad sk-very-secret"), "fine"], api_key="sk-very-secret")
    assert "bad …" in Spoken(model).heard("notice")[0]


def test_a_prompt_that_is_too_long_tells_the_window_and_the_model_keeps_it_in_mind(connect: Connect) -> None:
    _, model = connect(["never"], server={"limit_tokens": 50})
    assert model.window is None
    with pytest.raises(ContextTooLong) as caught:
        Spoken(model)
    assert caught.value.limit == 50
    assert model.window == 50


def test_an_error_about_length_inside_a_stream_is_told_the_same(connect: Connect) -> None:
    error = {"error": {"message": "prompt is too long: 900 tokens > 800 maximum"}}
    with pytest.raises(ContextTooLong) as caught:
        Spoken(connect([Reply(chunks=[error])])[1])
    assert caught.value.limit == 800


def test_a_stated_window_is_told_and_a_smaller_one_that_is_learned_counts(connect: Connect) -> None:
    _, model = connect(["never"], server={"limit_tokens": 50}, window=1000)
    assert model.window == 1000
    with pytest.raises(ContextTooLong):
        Spoken(model)
    assert model.window == 50


def test_a_missing_key_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ModelRefused, match=r"no key for api\.openai\.com") as caught:
        Spoken(OpenAIModel("m-1"))
    assert caught.value.hint is not None
    assert "OPENAI_API_KEY" in caught.value.hint


@pytest.mark.parametrize("key", ["sk-a b", "sk-é", "sk-\x00"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ModelRefused, match="OPENAI_API_KEY cannot be sent") as caught:
        Spoken(OpenAIModel("m-1", api_key=key))
    assert key not in str(caught.value)


def test_a_base_url_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(SettingsError):
        OpenAIModel("m-1", base_url="localhost:1234")


# -- the rest


def test_a_price_at_home_is_nothing_and_one_unknown_is_none(connect: Connect) -> None:
    _, model = connect([])
    assert model.price(Usage(prompt_tokens=1000)) == 0.0
    assert OpenAIModel("m-1", base_url="https://gateway.example/v1").price(Usage(prompt_tokens=1000)) is None


def test_several_threads_may_ask_at_once(connect: Connect) -> None:
    def echo(asked: dict[str, Any], number: int) -> Reply:
        return Reply(text=asked["messages"][0]["content"], pause=0.01)

    _, model = connect(echo)
    found: dict[int, str] = {}

    def ask(number: int) -> None:
        found[number] = Spoken(model, Request(messages=[Message("user", f"I am {number}")])).thought.text

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == {number: f"I am {number}" for number in range(6)}


def test_a_closed_model_opens_a_new_connection_when_it_is_asked_again(connect: Connect) -> None:
    _, model = connect(["one", "two"])
    assert Spoken(model).thought.text == "one"
    model.close()
    assert Spoken(model).thought.text == "two"


def test_nothing_heavy_is_loaded_before_the_first_request_or_for_a_model_at_home() -> None:
    script = """
import sys
from agent.model import Message, Request
from agent.model.openai_model import OpenAIModel
heavy = ("genai_prices", "tiktoken", "chromadb", "json_repair", "jsonschema", "rich", "typer", "numpy")
assert "openai" not in sys.modules
with OpenAIModel("m-1", base_url=sys.argv[1]) as model:
    model.window
    assert "openai" not in sys.modules
    for _ in model.think(Request(messages=[Message("user", "Hi")])):
        pass
print([name for name in heavy if name in sys.modules])
"""
    with ChatServer(["one"]) as server:
        command = [sys.executable, "-W", "error", "-c", script, server.url]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, env={**os.environ})
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_server_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    script, port, record = tmp_path / "script.json", tmp_path / "port", tmp_path / "record.jsonl"
    replies = ["one", {"calls": [{"name": "read_file", "arguments": {"path": "a"}}]}]
    script.write_text(json.dumps({"replies": replies, "repeat": True}), encoding="utf-8")
    command = [sys.executable, str(ROOT / "tests" / "server.py"), str(script), "--port-file", str(port)]
    with subprocess.Popen([*command, "--record", str(record)]) as process:
        try:
            for _ in range(500):
                if port.exists():
                    break
                threading.Event().wait(0.02)
            with OpenAIModel("m-1", base_url=f"http://127.0.0.1:{port.read_text()}/v1") as model:
                assert [Spoken(model).thought.text for _ in range(3)] == ["one", "", "one"]
        finally:
            process.terminate()
    lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    assert [line["number"] for line in lines] == [0, 1, 2]
    assert json.loads(lines[0]["body"])["model"] == "m-1"
