"""What tells an endpoint's cache where a prefix ends that will be sent again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.events import ToolCall
from agent.model import Message, Request
from agent.model.dialect import Dialect, Endpoint

OPENAI = "https://api.openai.com/v1"
ROUTER = "https://openrouter.ai/api/v1"


def request(steps: int) -> Request:
    messages = [Message("system", "Be good."), Message("user", "目标")]
    ends = [1]
    for n in range(steps):
        call = ToolCall(id=f"c{n}", tool="read_file", arguments={})
        messages += [Message("assistant", "", (call,)), Message("tool", f"result {n}", call_id=f"c{n}")]
        ends.append(len(messages) - 1)
    return Request(messages=[*messages, Message("user", "# State")], cache_key="run-1", stable=ends)


def sent(model: str, url: str, asked: Request, speaks: Dialect | None = None) -> dict[str, Any]:
    speaks = speaks or speaking(model, url)
    found: dict[str, Any] = json.loads(speaks.body(asked))
    return found


def speaking(model: str, url: str) -> Dialect:
    endpoint = Endpoint.of(url)
    return Dialect(model, stream=False, official=endpoint.official, host=endpoint.host)


def marks(body: dict[str, Any], name: str) -> list[int]:
    return [
        n
        for n, message in enumerate(body["messages"])
        if isinstance(message["content"], list) and name in message["content"][0]
    ]


def test_openais_newer_models_get_a_breakpoint_behind_each_step_and_none_behind_the_tail() -> None:
    body = sent("gpt-5.6-mini", OPENAI, request(3))
    assert marks(body, "prompt_cache_breakpoint") == [1, 3, 5, 7]
    assert body["prompt_cache_options"] == {"mode": "explicit"}
    assert body["prompt_cache_key"] == "run-1"
    marked = body["messages"][3]
    assert marked == {
        "role": "tool",
        "tool_call_id": "c0",
        "content": [{"type": "text", "text": "result 0", "prompt_cache_breakpoint": {"mode": "explicit"}}],
    }


def test_what_is_marked_stays_marked_so_that_the_prefix_repeats_byte_for_byte() -> None:
    speaks = speaking("gpt-6", OPENAI)
    first, second = speaks.body(request(3)), speaks.body(request(4))
    shared = first[: first.index(b'{"role":"user","content":"# State"')]
    assert second.startswith(shared)
    assert len(shared) > len(first) - 60


def test_of_very_many_steps_the_latest_eighty_are_marked() -> None:
    assert len(marks(sent("gpt-5.6", OPENAI, request(100)), "prompt_cache_breakpoint")) == 80


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("gpt-5.4-mini", OPENAI),
        ("o3", OPENAI),
        ("gpt-5.6", "http://localhost:8000/v1"),
        ("anthropic/claude-opus-5", "http://localhost:4000"),
        ("meta-llama/llama-4", ROUTER),
        ("gpt-oss-120b", ROUTER),
    ],
)
def test_an_endpoint_that_finds_prefixes_by_itself_or_is_not_known_gets_plain_messages(model: str, url: str) -> None:
    body = sent(model, url, request(3))
    assert all(isinstance(message["content"], str | None) for message in body["messages"])
    assert "prompt_cache_options" not in body


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("anthropic/claude-opus-5", ROUTER),
        ("google/gemini-3-pro", ROUTER),
        ("openai/gpt-5.6", ROUTER),
        ("qwen3-max", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
    ],
)
def test_where_four_marks_are_taken_they_stand_at_the_beginning_and_behind_the_last_two_steps(
    model: str, url: str
) -> None:
    body = sent(model, url, request(6))
    assert marks(body, "cache_control") == [1, 3, 11, 13]
    assert marks(sent(model, url, request(7)), "cache_control") == [1, 3, 13, 15]
    assert marks(sent(model, url, request(0)), "cache_control") == [1]
    assert "prompt_cache_key" not in body


def test_a_text_of_nothing_and_a_turn_of_the_model_take_no_mark() -> None:
    asked = Request(
        messages=[Message("user", "go"), Message("assistant", "words"), Message("tool", " ", call_id="c")],
        stable=[0, 1, 2],
    )
    assert marks(sent("anthropic/claude-opus-5", ROUTER, asked), "cache_control") == [0]


@pytest.mark.parametrize(
    "said",
    [
        "Unknown parameter: 'messages[1].content[0].prompt_cache_breakpoint'.",
        "Unrecognized request argument supplied: prompt_cache_breakpoint",
        "messages.1.content: content must be a string",
    ],
)
def test_an_endpoint_that_refuses_the_marks_gets_none_from_then_on(said: str) -> None:
    speaks = speaking("gpt-5.6", OPENAI)
    assert speaks.learn(said, None, request(2)) == "prompt_cache_breakpoint"
    body = sent("", "", request(2), speaks)
    assert marks(body, "prompt_cache_breakpoint") == []
    assert "prompt_cache_options" not in body
    assert speaks.learn(said, None, request(2)) is None


def test_refused_options_leave_the_marks() -> None:
    speaks = speaking("gpt-5.6", OPENAI)
    assert speaks.learn("Unknown parameter: 'prompt_cache_options'", "prompt_cache_options", request(2))
    body = sent("", "", request(2), speaks)
    assert marks(body, "prompt_cache_breakpoint") == [1, 3, 5]
    assert "prompt_cache_options" not in body


def test_a_fall_back_behind_another_endpoint_marks_the_same_messages_in_its_own_way() -> None:
    asked = request(2)
    assert marks(sent("gpt-5.6", OPENAI, asked), "prompt_cache_breakpoint") == [1, 3, 5]
    assert marks(sent("anthropic/claude-opus-5", ROUTER, asked), "cache_control") == [1, 3, 5]


def test_a_request_is_the_same_question_wherever_its_marks_stand() -> None:
    one, other = request(2), request(2)
    assert Request(messages=other.messages).hash == one.hash
