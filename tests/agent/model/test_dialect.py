"""What one endpoint takes, and where it is."""

import json
from typing import Any

import pytest

from agent.errors import SettingsError
from agent.events import ToolCall
from agent.model import Message, Request, ToolDescription
from agent.model.dialect import Dialect, Endpoint

TOOL = ToolDescription("read_file", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
CALL = ToolCall(id="c1", tool="read_file", arguments={"path": "ä.txt"})
REQUEST = Request(
    messages=[
        Message("system", "Be good."),
        Message("user", "Go"),
        Message("assistant", "I look.", (CALL,)),
        Message("tool", "text", call_id="c1"),
    ],
    tools=[TOOL],
    temperature=0.0,
    reply=500,
    schema={"type": "object"},
    cache_key="run-1",
)


def dialect(*, official: bool = False, stream: bool = True) -> Dialect:
    return Dialect("m-1", stream=stream, official=official)


def sent(speaks: Dialect, request: Request = REQUEST) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(speaks.body(request))
    return found


def test_the_body_is_what_chat_completions_take_with_the_messages_last() -> None:
    body = sent(dialect())
    assert list(body)[-2:] == ["tools", "messages"]
    assert body["model"] == "m-1"
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert body["max_tokens"] == 500
    assert body["temperature"] == 0.0
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert body["messages"] == [json.loads(message.wire) for message in REQUEST.messages]
    assert body["tools"] == [json.loads(TOOL.wire)]
    assert "prompt_cache_key" not in body


def test_openai_itself_gets_its_own_names() -> None:
    body = sent(dialect(official=True))
    assert body["max_completion_tokens"] == 500
    assert body["prompt_cache_key"] == "run-1"
    assert "max_tokens" not in body


def test_what_is_not_asked_for_is_not_sent() -> None:
    body = sent(dialect(stream=False), Request(messages=[Message("user", "Hi")], reply=0))
    assert body == {"model": "m-1", "stream": False, "messages": [{"role": "user", "content": "Hi"}]}


def test_two_requests_in_a_row_share_their_prefix_byte_for_byte() -> None:
    speaks = dialect()
    first = speaks.body(REQUEST)
    more = Request(
        messages=[*REQUEST.messages, Message("user", "More")],
        tools=[TOOL],
        temperature=0.0,
        reply=500,
        schema={"type": "object"},
    )
    assert speaks.body(more).startswith(first[:-2])


def test_a_refused_parameter_is_left_out_from_then_on() -> None:
    speaks = dialect()
    assert speaks.learn("Unrecognized request argument supplied: stream_options", None, REQUEST) == "stream_options"
    assert speaks.learn("'temperature' does not support 0.0 with this model", "temperature", REQUEST) == "temperature"
    assert not {"stream_options", "temperature"} & set(sent(speaks))
    assert speaks.learn("Unrecognized request argument supplied: stream_options", None, REQUEST) is None


def test_the_name_of_the_reply_limit_is_changed_and_then_left_out() -> None:
    speaks = dialect(official=True)
    said = "Unsupported parameter: 'max_completion_tokens'. Use 'max_tokens' instead."
    assert speaks.learn(said, None, REQUEST) == "max_completion_tokens"
    assert sent(speaks)["max_tokens"] == 500
    assert speaks.learn("max_tokens: extra inputs are not permitted", None, REQUEST) == "max_tokens"
    assert not {"max_tokens", "max_completion_tokens"} & set(sent(speaks))


def test_a_reply_limit_that_is_too_high_is_lowered_to_what_the_server_names() -> None:
    speaks = dialect()
    said = "max_tokens is too large: 500. This model supports at most 256 completion tokens"
    assert speaks.learn(said, "max_tokens", REQUEST) == "max_tokens"
    assert sent(speaks)["max_tokens"] == 256


def test_a_schema_is_asked_for_in_milder_and_milder_ways() -> None:
    speaks = dialect()
    assert speaks.learn("response_format type is unavailable", None, REQUEST) == "response_format"
    assert sent(speaks)["response_format"] == {"type": "json_object"}
    assert speaks.learn("'response_format.type' must be 'text'", "response_format", REQUEST) == "response_format"
    assert "response_format" not in sent(speaks)


@pytest.mark.parametrize(
    ("said", "parameter"),
    [("Your organization must be verified to stream", "stream"), ("streaming is not supported", None)],
)
def test_a_server_that_cannot_stream_is_not_asked_to(said: str, parameter: str | None) -> None:
    speaks = dialect()
    assert speaks.learn(said, parameter, REQUEST) == "stream"
    assert sent(speaks)["stream"] is False
    assert "stream_options" not in sent(speaks)


@pytest.mark.parametrize(
    "said", ["Invalid 'messages[3].content'", "", "An assistant message with 'tool_calls' must be followed"]
)
def test_nothing_is_learned_from_a_refusal_of_something_else(said: str) -> None:
    assert dialect().learn(said, "messages", REQUEST) is None


@pytest.mark.parametrize(
    "said",
    [
        "registry.example/gemma does not support tools",
        "tools param requires --jinja flag",
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        "No endpoints found that support tool use.",
    ],
)
def test_an_endpoint_without_tools_is_told_of_them_in_words(said: str) -> None:
    speaks = dialect()
    assert speaks.learn(said, None, REQUEST) == "tools"
    assert speaks.tools_as_text
    body = sent(speaks)
    assert "tools" not in body
    told, *rest = body["messages"]
    assert told["role"] == "system"
    assert "read_file: Read a file." in told["content"]
    assert '"path"' in told["content"]
    assert [message["role"] for message in rest] == ["system", "user", "assistant", "user"]
    assert rest[2]["content"] == 'I look.\n<tool_call>{"name": "read_file", "arguments": {"path": "ä.txt"}}</tool_call>'
    assert rest[3]["content"] == "<tool_response>\ntext\n</tool_response>"
    assert "tool_calls" not in rest[2]
    assert speaks.learn(said, None, REQUEST) is None


@pytest.mark.parametrize(
    ("url", "host", "loopback", "private", "official"),
    [
        (None, "api.openai.com", False, False, True),
        ("https://eu.api.openai.com/v1", "eu.api.openai.com", False, False, True),
        ("https://name.openai.azure.com/openai/v1/", "name.openai.azure.com", False, False, True),
        ("https://openrouter.ai/api/v1", "openrouter.ai", False, False, False),
        ("https://api.openai.com.example.org/v1", "api.openai.com.example.org", False, False, False),
        ("http://localhost:11434/v1", "localhost:11434", True, True, False),
        ("http://127.0.0.1:8000/v1", "127.0.0.1:8000", True, True, False),
        ("http://[::1]:8000/v1", "[::1]:8000", True, True, False),
        ("http://0.0.0.0:8000", "0.0.0.0:8000", True, True, False),
        ("http://192.168.1.7/v1", "192.168.1.7", False, True, False),
        ("http://ollama:11434/v1", "ollama:11434", False, True, False),
        ("http://box.local/v1", "box.local", False, True, False),
        ("http://8.8.8.8/v1", "8.8.8.8", False, False, False),
        ("https://user:secret@gateway.example/v1", "gateway.example", False, False, False),
    ],
)
def test_an_endpoint_knows_where_it_is(
    url: str | None, host: str, loopback: bool, private: bool, official: bool
) -> None:
    found = Endpoint.of(url)
    assert (found.host, found.loopback, found.private, found.official) == (host, loopback, private, official)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:11434",
        "ftp://example.org",
        "http://",
        "http://host:port/v1",
        "http://ho st/v1",
        "http://[::1/v1",
        "x",
    ],
)
def test_what_is_no_url_of_a_server_is_refused_naming_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="OPENAI_BASE_URL") as caught:
        Endpoint.of(url)
    assert caught.value.hint is not None
