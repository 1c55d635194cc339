"""What endpoints list, in the dialects that are in use."""

from __future__ import annotations

from typing import Any

import pytest

from agent.errors import ModelUnavailable
from agent.model.dialect import Endpoint
from agent.model.listing import Listed, Moved, first_to_talk_to, is_embedder, list_models
from tests.agent.model.places import answering, reply
from tests.server import ChatServer


def listed(url: str) -> tuple[Listed, ...]:
    return list_models(Endpoint.of(url), None, 5.0)


@pytest.mark.parametrize(
    ("more", "window"),
    [
        ({"max_model_len": 32_768}, 32_768),  # vLLM
        ({"context_length": 262_144, "top_provider": {"context_length": 131_072}}, 131_072),  # OpenRouter
        ({"context_length": 8_192, "top_provider": {"context_length": None}}, 8_192),
        ({"max_input_tokens": 200_000, "max_output_tokens": 8_000}, 200_000),  # LiteLLM
        ({"context_window": 131_072}, 131_072),  # Groq
        ({"max_context_length": 32_000}, 32_000),  # Mistral
        ({"meta": {"n_ctx": 4_096, "n_ctx_train": 131_072}}, 4_096),  # llama.cpp
        ({"meta": {"n_ctx_train": 131_072}}, None),  # what it was trained with is not what is served
        ({"context_length": "much"}, None),
        ({"context_length": True}, None),
        ({"context_length": -1}, None),
        ({}, None),
    ],
)
def test_a_list_may_tell_the_window(more: dict[str, Any], window: int | None) -> None:
    with ChatServer(models=[{"id": "m", "owned_by": "me", **more}]) as server:
        assert listed(server.url) == (Listed("m", window, "me"),)


def test_a_bare_list_is_a_list_and_its_order_stays() -> None:
    with ChatServer(pages={"/v1/models": [{"id": "b"}, {"id": "潮汐"}, {"id": "a"}]}) as server:
        assert [one.name for one in listed(server.url)] == ["b", "潮汐", "a"]
    with ChatServer(models=()) as server:
        assert listed(server.url) == ()


def test_a_web_page_and_an_error_with_status_200_are_told_with_what_to_look_at() -> None:
    with ChatServer(pages={"/models": {"error": "Unexpected endpoint or method. (GET /models)"}}) as server:
        with pytest.raises(ModelUnavailable, match="what it sent is none") as refused:
            listed(server.url.removesuffix("/v1"))
        assert "usually ends in /v1" in (refused.value.hint or "")
    with answering(reply("200 OK", b"<html>")) as (url, _):
        with pytest.raises(ModelUnavailable, match="it sent a web page") as refused:
            listed(url)
        assert "/v1" not in (refused.value.hint or "")


def test_a_redirect_is_told_with_the_address_to_set() -> None:
    with answering(reply("308 Moved", b"", "Location: https://api.example.org/v1/models?x=1")) as (url, _):
        with pytest.raises(Moved, match=r"another address, https://api\.example\.org/v1$") as moved:
            listed(url)
        assert "set it as the base URL" in (moved.value.hint or "")


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["nomic-embed-text:latest", "qwen3:8b"], "qwen3:8b"),
        (["BAAI/bge-m3", "Qwen/Qwen3-Reranker-8B", "openai/whisper-1", "gpt-oss:20b"], "gpt-oss:20b"),
        (["tts-1", "dall-e-3", "omni-moderation-latest", "潮汐"], "潮汐"),
        (["bgelike", "attse5", "qwen3"], "bgelike"),  # only whole words count
        (["mxbai-embed-large"], "mxbai-embed-large"),
    ],
)
def test_the_first_to_talk_to_is_none_that_only_embeds(names: list[str], first: str) -> None:
    assert first_to_talk_to([Listed(name) for name in names]) == first


def test_an_embedder_is_known_by_its_name() -> None:
    assert all(map(is_embedder, ("text-embedding-3-small", "nomic-embed-text", "BAAI/bge-m3", "intfloat/e5-large")))
    assert not any(map(is_embedder, ("qwen3:8b", "Qwen3-Reranker", "gpt-5.4-mini", "edge5")))
