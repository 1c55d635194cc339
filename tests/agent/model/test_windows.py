"""How much a model holds, as the servers themselves tell it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from agent.model.dialect import Endpoint
from agent.model.listing import Listed
from agent.model.pages import Door
from agent.model.prices import Prices
from agent.model.windows import Window, find_window
from tests.agent.model.places import dead_url
from tests.server import ChatServer, Reply

UNEXPECTED = {"error": "Unexpected endpoint or method."}
SHOWN = {"model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40_960}, "parameters": "stop x"}


def window_of(pages: dict[str, Any], name: str = "m", listed: int | None = None, seconds: float = 5.0) -> Window:
    with ChatServer(pages=pages) as server:
        door = Door(Endpoint.of(server.url))
        until = time.monotonic() + seconds
        return find_window(door, Listed(name, listed), Prices(name, door.endpoint), until=until, patience=seconds)


def test_the_list_is_believed_where_it_tells_it_and_nobody_else_is_asked() -> None:
    with ChatServer() as server:
        door = Door(Endpoint.of(server.url))
        found = find_window(door, Listed("m", 99), Prices("m", door.endpoint), until=time.monotonic() + 5, patience=5)
        assert (found.tokens, found.source) == (99, "the list of its models")
        assert server.others == []


def test_llama_cpp_tells_what_it_serves() -> None:
    pages = {"/props": {"default_generation_settings": {"n_ctx": 8_192}}, "/api/show": SHOWN}  # it speaks Ollama too
    assert window_of(pages) == Window(8_192, "llama.cpp (/props)")


def test_lm_studio_tells_what_is_loaded_and_what_could_be() -> None:
    loaded = {"key": "qwen/qwen3", "loaded_instances": [{"id": "mine", "config": {"context_length": 4_096}}]}
    other = {"key": "gemma", "loaded_instances": [], "max_context_length": 32_768}
    pages = {"/api/v1/models": {"models": [other, {**loaded, "max_context_length": 40_960}]}, "/props": UNEXPECTED}
    for name in ("qwen/qwen3", "mine"):
        assert window_of(pages, name) == Window(4_096, "LM Studio, as loaded", 40_960)
    assert window_of(pages, "gemma") == Window(None, "LM Studio, as loaded", 32_768)
    assert window_of(pages, "nobody's") == Window()


def test_an_older_lm_studio_tells_it_too() -> None:
    entry = {"id": "m", "state": "loaded", "max_context_length": 32_768, "loaded_context_length": 8_000}
    pages = {"/api/v1/models": UNEXPECTED, "/api/v0/models": {"data": [{"id": "n"}, entry]}}
    assert window_of(pages) == Window(8_000, "LM Studio, as loaded", 32_768)


def test_ollama_tells_what_is_loaded_which_is_less_than_the_model_could_hold_and_cuts_in_silence() -> None:
    running = {"models": [{"name": "x:latest", "context_length": 1}, {"model": "m:latest", "context_length": 4_096}]}
    pages = {"/api/show": SHOWN, "/api/ps": running}
    assert window_of(pages) == Window(4_096, "Ollama, as loaded", 40_960, silent=True)
    assert window_of(pages, "m:latest").tokens == 4_096
    assert window_of(pages, "m:8b") == Window(None, "the model's own num_ctx", 40_960, silent=True)


def test_ollama_tells_the_size_that_a_model_states_for_itself() -> None:
    pages = {"/api/show": {**SHOWN, "parameters": "temperature 1\nnum_ctx                        16384"}}
    assert window_of(pages).tokens == 16_384


@pytest.mark.parametrize(
    "odd", [None, [], "n_ctx", {"models": 3}, {"models": [3]}, {"default_generation_settings": []}]
)
def test_whatever_a_server_sends_is_no_error(odd: Any) -> None:
    paths = ("/props", "/api/show", "/api/ps", "/api/v1/models", "/api/v0/models")
    assert window_of(dict.fromkeys(paths, odd)) == Window()
    assert window_of({"/props": {"default_generation_settings": {"n_ctx": "8k"}}}) == Window()


def test_a_page_that_hangs_keeps_no_other_from_telling() -> None:
    pages = {"/props": Reply(body="{}", hang=3), "/api/show": SHOWN, "/api/ps": {"models": []}}
    began = time.monotonic()
    assert window_of(pages, seconds=0.6).most == 40_960
    assert time.monotonic() - began < 2


def test_a_server_that_is_gone_is_no_error() -> None:
    door = Door(Endpoint.of(dead_url()))
    found = find_window(door, Listed("m"), Prices("m", door.endpoint), until=time.monotonic() + 5, patience=5)
    assert found == Window()


def test_behind_a_gateway_of_this_machine_the_price_list_knows_the_model_by_its_name() -> None:
    with ChatServer() as server:
        door = Door(Endpoint.of(server.url), "key")
        prices = Prices("openai/gpt-5.4-mini", door.endpoint, keyed=True)
        found = find_window(door, Listed(prices.name), prices, until=time.monotonic() + 5, patience=5)
    assert found.listed
    assert (found.tokens or 0) >= 128_000


def test_an_endpoint_of_the_internet_is_not_asked_for_pages_and_the_price_list_tells_it() -> None:
    far = Endpoint.of("https://api.openai.com/v1")
    found = find_window(Door(far), Listed("gpt-5.4-mini"), Prices("gpt-5.4-mini", far), until=0.0, patience=0.0)
    assert found.listed
    assert found.tokens is not None
    assert found.tokens >= 128_000
    unknown = find_window(Door(far), Listed("mystery"), Prices("mystery", far), until=0.0, patience=0.0)
    assert unknown == Window()
