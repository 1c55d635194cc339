"""What an endpoint wants back with its own replies, seen in the requests."""

import json
from typing import Any

import pytest

from agent.errors import ModelRefused
from agent.events import Thought
from agent.model import Message, Request, ToolDescription
from agent.model.openai_model import OpenAIModel
from tests.server import ChatServer, Reply

TOOL = ToolDescription("read_file", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
ASKED = Message("user", "Read a")
SIGNATURE = {"google": {"thought_signature": "c2lnbmVk"}}
UNSIGNED = {"google": {"thought_signature": "skip_thought_signature_validator"}}
DEEPSEEK = "The `reasoning_content` in the thinking mode must be passed back to the API."
KIMI = "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2"


def wants(*ids: str, **fields: Any) -> dict[str, Any]:
    """A chunk with calls, and what comes beside them."""
    made = [
        {"index": place, "id": id_, "function": {"name": "read_file", "arguments": "{}"}}
        for place, id_ in enumerate(ids)
    ]
    return {"choices": [{"index": 0, "delta": {"tool_calls": made, **fields}, "finish_reason": "tool_calls"}]}


def ask(model: OpenAIModel, *messages: Message) -> Thought:
    thinking = model.think(Request(messages=[ASKED, *messages], tools=[TOOL]))
    while True:
        try:
            next(thinking)
        except StopIteration as ended:
            thought: Thought = ended.value
            return thought


def step(thought: Thought) -> list[Message]:
    results = [Message("tool", "nothing", call_id=call.id) for call in thought.calls]
    return [Message("assistant", thought.text, thought.calls), *results]


def refusal(text: str, *, listed: bool = False) -> Reply:
    error = {"error": {"code": 400, "message": text, "status": "INVALID_ARGUMENT"}}
    return Reply(status=400, body=json.dumps([error] if listed else error))


def assistants(asked: dict[str, Any]) -> list[dict[str, Any]]:
    return [message for message in asked["messages"] if message["role"] == "assistant"]


@pytest.mark.parametrize("complaint", [DEEPSEEK, KIMI, "Missing `reasoning_content` field in the assistant message"])
def test_reasoning_goes_back_to_a_server_that_refuses_a_history_without_it(complaint: str) -> None:
    def replies(asked: dict[str, Any], number: int) -> Reply:
        if any("reasoning_content" not in message for message in assistants(asked)):
            return refusal(complaint)
        return Reply(chunks=[wants(f"c{number}", reasoning_content=f"I think {number}")])

    with ChatServer(replies) as server, OpenAIModel("m", base_url=server.url) as model:
        old = Message("assistant", "from a run before")
        first = ask(model)
        second = ask(model, old, *step(first))
        ask(model, old, *step(first), *step(second))
        told = [[one.get("reasoning_content") for one in assistants(request.json)] for request in server.requests]
    assert told == [[], [None, None], ["", "I think 0"], ["", "I think 0", "I think 2"]]


def test_a_server_that_never_asked_for_reasoning_gets_none() -> None:
    with (
        ChatServer([Reply(chunks=[wants("c", reasoning_content="secret")]), "done"]) as server,
        OpenAIModel("m", base_url=server.url) as model,
    ):
        ask(model, *step(ask(model)))
        assert b"reasoning_content" not in server.requests[1].body


def test_a_server_that_is_content_neither_with_nor_without_reasoning_is_refused_in_the_end() -> None:
    with (
        ChatServer([refusal(DEEPSEEK)], repeat=True) as server,
        OpenAIModel("m", base_url=server.url) as model,
        pytest.raises(ModelRefused, match="passed back"),
    ):
        ask(model, Message("assistant", "Hm"))
    assert ["reasoning_content" in str(request.json) for request in server.requests] == [False, True, False]


def test_the_signature_of_a_call_goes_back_with_it() -> None:
    signed = wants("c1", "c2")
    signed["choices"][0]["delta"]["tool_calls"][0]["extra_content"] = SIGNATURE
    with ChatServer([Reply(chunks=[signed]), "done"]) as server, OpenAIModel("m", base_url=server.url) as model:
        ask(model, *step(ask(model)))
        calls = assistants(server.requests[1].json)[0]["tool_calls"]
    assert [one.get("extra_content") for one in calls] == [SIGNATURE, None]
    assert {one["function"]["name"] for one in calls} == {"read_file"}


@pytest.mark.parametrize("listed", [True, False])
def test_a_call_that_gemini_did_not_make_is_sent_with_the_mark_for_such(listed: bool) -> None:
    complaint = refusal("Function call is missing a thought_signature in functionCall parts.", listed=listed)
    with ChatServer(["x", complaint, "done"]) as server, OpenAIModel("m", base_url=server.url) as model:
        other = ChatServer([Reply(chunks=[wants("c1", "c2")])])
        with other, OpenAIModel("m", base_url=other.url) as before:
            history = step(ask(before))
        ask(model)
        ask(model, *history)
        calls = assistants(server.requests[2].json)[0]["tool_calls"]
    assert [one.get("extra_content") for one in calls] == [UNSIGNED, None]


def test_the_bytes_that_were_sent_before_stay_also_where_something_goes_back() -> None:
    signed = wants("c1")
    signed["choices"][0]["delta"]["tool_calls"][0]["extra_content"] = SIGNATURE
    with ChatServer([Reply(chunks=[signed]), "a", "b"]) as server, OpenAIModel("m", base_url=server.url) as model:
        history = step(ask(model))
        ask(model, *history)
        ask(model, *history, Message("user", "More"))
        second, third = (request.body for request in server.requests[1:])
    assert third.startswith(second[:-2])
