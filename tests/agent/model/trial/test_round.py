"""A trial of a model: the real SDK against real servers on loopback, some of which lack what others have."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from agent.model.dialect import Endpoint
from agent.model.trial.finding import NAMES, Finding, Report
from agent.model.trial.round import Target, try_model
from tests.agent.model.places import answering, dead_url, reply, trickle
from tests.agent.model.trial.obliging import VECTOR, cities, obliging
from tests.server import Call, ChatServer, Replies, Reply

PAGES = {"/v1/embeddings": VECTOR, "/props": {"default_generation_settings": {"n_ctx": 8192}}}
CHATS = 6
"""Requests of a whole trial, each billed once."""


def tried(url: str, name: str = "m", *, key: str = "", seconds: float = 8.0, proxy: str | None = None) -> Report:
    target = Target(name=name, endpoint=Endpoint.of(url), key=key, proxy=proxy)
    return try_model(target, until=time.monotonic() + seconds)


def with_model(
    replies: Replies,
    *,
    pages: Mapping[str, Any] = PAGES,
    models: Sequence[str | Mapping[str, Any]] = ("m",),
    seconds: float = 8.0,
) -> tuple[dict[str, Finding], ChatServer]:
    with ChatServer(replies, pages=pages, models=models) as server:
        report = tried(server.url, seconds=seconds)
    assert tuple(one.name for one in report.findings) == NAMES
    return {one.name: one for one in report.findings}, server


def refusal(message: str) -> Reply:
    return Reply(status=400, body=json.dumps({"error": {"message": message, "type": "invalid_request_error"}}))


def test_where_all_works_everything_passes_and_is_timed_and_paid() -> None:
    with ChatServer(obliging, pages=PAGES, models=("m", "nomic-embed-text")) as server:
        report = tried(server.url)
    assert {one.name: one.outcome for one in report.findings} == dict.fromkeys(NAMES, "passed")
    assert report.works
    found = {one.name: one for one in report.findings}
    assert {found[name].way for name in NAMES if "call" in name} == {"native"}
    assert found["JSON"].way == "json_schema"
    assert found["embeddings"].detail == "nomic-embed-text: vectors of 3 numbers"
    assert found["streaming"].first is not None
    assert 0 <= found["streaming"].first <= (found["streaming"].seconds or 0) < 5
    assert found["chat"].first is None
    assert (report.window.tokens, report.window.source) == (8192, "llama.cpp (/props)")
    assert report.usage is not None
    assert report.usage.calls == CHATS + 1
    assert report.usage.usd == 0.0
    assert report.usage.prompt_tokens > 100


def test_what_is_asked_is_what_a_run_would_ask_and_little() -> None:
    found, server = with_model(obliging)
    assert found["chat"].outcome == "passed"
    assert len(server.requests) == CHATS
    first, *rest = [one.json for one in server.requests]
    assert "hello" in first["messages"][-1]["content"]
    assert not first["stream"]
    assert [one.time for one in server.requests][1] > server.answered[0]  # chat goes alone
    assert sum(one["stream"] for one in rest) == 3
    assert sum("tools" in one for one in rest) == 3
    assert {one["max_tokens"] for one in (first, *rest)} == {256, 512}
    assert all(len(one.body) < 1500 for one in server.requests)
    (vector,) = [one.json for one in server.others if one.path == "/v1/embeddings"]
    assert vector == {"model": "m", "input": ["thinkact"]}


def test_a_server_that_takes_no_tools_is_told_with_its_words_and_the_calls_come_from_the_text() -> None:
    def toolless(asked: dict[str, Any], number: int) -> Reply | str:
        if asked.get("tools"):
            return refusal("registry.ollama.ai/library/gemma:2b does not support tools")
        if "<tool_call>" in str(asked["messages"]):
            calls = [{"name": "temperature", "arguments": {"city": city}} for city in cities(asked)]
            return "".join(f"<tool_call>{json.dumps(one)}</tool_call>" for one in calls)
        return obliging(asked, number)

    found, _ = with_model(toolless)
    for name in ("tool calls", "tool calls, streamed"):
        assert (found[name].outcome, found[name].way) == ("not supported", "prompt")
        assert "gemma:2b does not support tools" in found[name].detail
        assert "it made the call" in found[name].detail
    assert (found["two calls at once"].outcome, found["two calls at once"].way) == ("passed", "prompt")


def test_a_model_that_calls_nothing_with_the_tools_told_in_the_prompt_is_told_too() -> None:
    def mute(asked: dict[str, Any], number: int) -> Reply | str:
        if asked.get("tools"):
            return refusal('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set')
        return obliging(asked, number)

    found, _ = with_model(mute)
    assert (found["tool calls"].outcome, found["tool calls"].way) == ("not supported", "prompt")
    assert "--enable-auto-tool-choice" in found["tool calls"].detail
    assert "it made no such call" in found["tool calls"].detail
    assert found["two calls at once"].outcome == "not supported"


def test_calls_that_are_written_into_the_text_are_no_native_calls() -> None:
    def writing(asked: dict[str, Any], number: int) -> Reply | str:
        if asked.get("tools"):
            return "\n".join(json.dumps({"name": "temperature", "arguments": {"city": c}}) for c in cities(asked))
        return obliging(asked, number)

    found, _ = with_model(writing)
    assert (found["tool calls"].outcome, found["tool calls"].way) == ("not supported", "text")
    assert (found["two calls at once"].outcome, found["two calls at once"].way) == ("passed", "text")


@pytest.mark.parametrize(
    ("made", "outcome", "way", "said"),
    [
        ("It is 21° in 巴黎.", "failed", "words", "it answered: It is 21° in 巴黎."),
        ("", "failed", "words", "no answer in words"),
        (Reply(reasoning="Hm. " * 50, finish="length"), "failed", "words", "went into thinking"),
        (
            Reply(calls=[Call(name="temperature", arguments='{"city": "Par')], finish="length"),
            "failed",
            "spoilt",
            "Par",
        ),
        (Reply(calls=[Call(name="temperature", arguments={"city": "Rome"})]), "failed", "words", "no call"),
        (Reply(calls=[Call(name="weather", arguments={"city": "Paris"})]), "failed", "words", "no call"),
    ],
)
def test_a_call_that_does_not_come_as_it_should_fails(made: Reply | str, outcome: str, way: str, said: str) -> None:
    found, _ = with_model(lambda asked, number: made if asked.get("tools") else obliging(asked, number))
    one = found["tool calls"]
    assert (one.outcome, one.way) == (outcome, way)
    assert said in one.detail


def test_one_call_of_two_is_told_as_that() -> None:
    def one_at_a_time(asked: dict[str, Any], number: int) -> Reply | str:
        made = obliging(asked, number)
        return Reply(calls=made.calls[:1]) if isinstance(made, Reply) else made

    found, _ = with_model(one_at_a_time)
    assert (found["tool calls"].outcome, found["tool calls, streamed"].outcome) == ("passed", "passed")
    assert (found["two calls at once"].outcome, found["two calls at once"].way) == ("failed", "one")


def test_a_server_that_does_not_stream_is_told_and_calls_are_still_tried() -> None:
    def whole(asked: dict[str, Any], number: int) -> Reply | str:
        return refusal("this model does not support streaming") if asked["stream"] else obliging(asked, number)

    found, _ = with_model(whole)
    assert found["streaming"].outcome == "not supported"
    assert "does not support streaming" in found["streaming"].detail
    assert found["tool calls, streamed"].outcome == "passed"


def test_a_stream_in_one_piece_and_tokens_that_nobody_tells_are_told() -> None:
    def silent(asked: dict[str, Any], number: int) -> Reply | str:
        made = obliging(asked, number)
        return Reply(text=made, piece=1000, usage=None) if isinstance(made, str) else made

    found, _ = with_model(silent)
    assert found["streaming"].outcome == "passed"
    assert "in one piece" in found["streaming"].detail
    assert "does not tell its tokens" in found["streaming"].detail


@pytest.mark.parametrize(
    ("refused", "outcome", "way"), [(("json_schema",), "passed", "json_object"), (("json",), "not supported", "")]
)
def test_the_format_that_the_server_takes_is_told(refused: tuple[str, ...], outcome: str, way: str) -> None:
    def strict(asked: dict[str, Any], number: int) -> Reply | str:
        form = asked.get("response_format", {}).get("type", "")
        if any(one in form for one in refused):
            return refusal(f"response_format {form} is not supported")
        return obliging(asked, number)

    found, _ = with_model(strict)
    assert (found["JSON"].outcome, found["JSON"].way) == (outcome, way)
    assert outcome == "passed" or "is not supported" in found["JSON"].detail


@pytest.mark.parametrize("text", ["```json\n{}\n```", "[7]", '{"town": "Oslo"}', "Oslo: 7"])
def test_what_is_no_json_of_the_schema_fails_and_is_shown(text: str) -> None:
    found, _ = with_model(lambda asked, number: text if asked.get("response_format") else obliging(asked, number))
    assert found["JSON"].outcome == "failed"
    assert text.split()[0] in found["JSON"].detail


def test_a_model_that_only_thinks_in_its_short_reply_works_and_an_empty_reply_does_not() -> None:
    thinking = Reply(reasoning="Hm. " * 20, finish="length")
    found, _ = with_model(lambda asked, number: thinking if number == 0 else obliging(asked, number))
    assert found["chat"].outcome == "passed"
    assert "went into thinking" in found["chat"].detail
    found, server = with_model([""])
    assert (found["chat"].outcome, found["chat"].detail) == ("failed", "the reply is empty")
    assert {found[name].outcome for name in NAMES[1:]} == {"not tried"}
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("page", "outcome", "said"),
    [
        (Reply(status=404, body='{"error": {"message": "no such page"}}'), "not supported", "no such page"),
        (
            Reply(status=501, body='{"error": {"message": "start me with --embeddings"}}'),
            "not supported",
            "--embeddings",
        ),
        (Reply(status=400, body='{"error": "this model does not support embeddings"}'), "not supported", "does not"),
        (Reply(body='{"error": "Unexpected endpoint or method."}'), "not supported", "no vector"),
        (Reply(body="<html>"), "not supported", "no vector"),
        (Reply(status=503, body="later"), "failed", "later"),
        ({"data": [{"embedding": []}]}, "not supported", "no vector"),
    ],
)
def test_embeddings_that_are_not_there_are_told(page: Any, outcome: str, said: str) -> None:
    found, _ = with_model(obliging, pages={"/v1/embeddings": page})
    assert found["embeddings"].outcome == outcome
    assert said in found["embeddings"].detail
    assert found["window"].outcome == "unknown"


@pytest.mark.parametrize("keyed", [True, False])
def test_a_refused_key_is_one_finding_and_the_key_is_not_shown(keyed: bool) -> None:
    secret = "sk-very-secret"
    words = f"Incorrect API key provided: {secret}"
    with ChatServer([Reply(status=401, body=json.dumps({"error": {"message": words}}))]) as server:
        report = tried(server.url, key=secret if keyed else "")
    chat, *others = report.findings
    assert (chat.outcome, report.works, report.usage) == ("failed", False, None)
    assert ("does not accept the key" if keyed else "wants a key") in chat.detail
    assert not keyed or secret not in chat.detail
    assert "OPENAI_API_KEY" in (chat.hint or "")
    assert {one.outcome for one in others} == {"not tried"}


def test_an_unknown_model_is_held_against_the_list() -> None:
    gone = Reply(status=404, body='{"error": {"message": "model \\"qwen3\\" not found, try pulling it first"}}')
    for models, hint in ((("llama3", "qwen3:8b"), 'did you mean "qwen3:8b"?'), (("潮汐",), "shows what it has")):
        with ChatServer([gone], models=models) as server:
            chat = tried(server.url, "qwen3").findings[0]
        assert "no model qwen3" in chat.detail
        assert "try pulling it" in chat.detail
        assert hint in (chat.hint or "")


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    began = time.monotonic()
    chat = tried(dead_url()).findings[0]
    assert chat.outcome == "failed"
    assert "cannot be reached" in chat.detail
    assert "start the server" in (chat.hint or "")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("raw", "path", "said", "hint"),
    [
        (reply("200 OK", b"<html>Sign in"), "/v1", "a web page", "look at the base URL"),
        (reply("200 OK", b"<html>Sign in"), "", "a web page", "usually ends in /v1"),
        (reply("200 OK", b'{"error": "Unexpected endpoint"}'), "", "Unexpected endpoint", "usually ends in /v1"),
        (
            reply("301 Moved", b"", "Location: http://127.0.0.1:9/v1/models"),
            "/v1",
            "http://127.0.0.1:9/v1",
            "set it as",
        ),
        (b"SSH-2.0-OpenSSH\r\n", "/v1", "cannot be reached", "look at the base URL"),
    ],
)
def test_what_is_no_model_server_is_told_with_what_to_look_at(raw: bytes, path: str, said: str, hint: str) -> None:
    with answering(raw) as (url, _):
        chat = tried(url.removesuffix("/v1") + path, key="secret-key").findings[0]
        assert chat.outcome == "failed"
        assert said in chat.detail
        assert hint in (chat.hint or "")
        assert "\n" not in chat.detail


def test_a_server_that_hangs_or_trickles_ends_with_the_time() -> None:
    for slow in (trickle, lambda handler: time.sleep(4)):
        with answering(slow) as (url, _):
            began = time.monotonic()
            chat, *others = tried(url, seconds=0.6).findings
            assert time.monotonic() - began < 3
            assert chat.outcome == "failed"
            assert "does not answer" in chat.detail
            assert "loaded first" in (chat.hint or "")
            assert {one.outcome for one in others} == {"not tried"}


def test_what_has_no_time_left_is_told_as_that_and_the_rest_is_still_found() -> None:
    def slow(asked: dict[str, Any], number: int) -> Reply | str:
        made = obliging(asked, number)
        return Reply(calls=made.calls, hang=5) if isinstance(made, Reply) else made

    began = time.monotonic()
    found, _ = with_model(slow, seconds=1.2)
    assert time.monotonic() - began < 3
    late = {name for name, one in found.items() if one.outcome == "not tried in time"}
    assert late == {"tool calls", "tool calls, streamed", "two calls at once"}
    assert {found[name].outcome for name in NAMES if name not in late} == {"passed"}


def test_a_stream_that_trickles_is_cut_at_the_end_of_the_time() -> None:
    def endless(asked: dict[str, Any], number: int) -> Reply | str:
        return Reply(text="word " * 500, pause=0.1, piece=5) if asked["stream"] else obliging(asked, number)

    began = time.monotonic()
    found, _ = with_model(endless, seconds=1.0)
    assert time.monotonic() - began < 3.5
    assert found["streaming"].outcome == "not tried in time"
    assert found["streaming"].usage is not None  # what came was paid


def test_a_busy_server_is_asked_once_more_where_there_is_time() -> None:
    def busy(asked: dict[str, Any], number: int) -> Reply | str:
        return Reply(status=503, body='{"error": "Loading model"}') if number == 0 else obliging(asked, number)

    found, server = with_model(busy)
    assert {one.outcome for one in found.values()} == {"passed"}
    assert len(server.requests) == CHATS + 1
    limit = Reply(status=429, body='{"error": "slow down"}', headers={"Retry-After": "60"})
    found, server = with_model([limit])
    assert found["chat"].outcome == "failed"
    assert "rate limit (429): slow down" in found["chat"].detail
    assert len(server.requests) == 1


def test_a_model_of_the_internet_is_priced_and_the_proxy_is_gone_through() -> None:
    with ChatServer(obliging, pages=PAGES) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        report = tried("http://mine.openai.azure.com/openai/v1", "gpt-5.4-mini", key="k", proxy=address)
        assert {one.path.split("/v1")[0] for one in proxy.requests} == {"http://mine.openai.azure.com/openai"}
        assert {one.headers["authorization"] for one in proxy.requests} == {"Bearer k"}
        assert "max_completion_tokens" in proxy.requests[0].json
    assert report.works
    assert report.usage is not None
    assert report.usage.usd is not None
    assert 0 < report.usage.usd < 0.02
    assert report.window.listed
    assert not [one for one in proxy.others if "/props" in one.path]  # those pages are of servers of one's own


def test_without_a_key_nothing_is_sent_to_the_internet() -> None:
    chat = tried("https://api.example.org/v1").findings[0]
    assert (chat.outcome, chat.detail) == ("failed", "no key for api.example.org")
