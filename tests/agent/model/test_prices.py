"""What a model costs and holds, by the bundled list."""

import subprocess
import sys

import pytest

from agent.events import Usage
from agent.model.dialect import Endpoint
from agent.model.prices import Prices

OFFICIAL = Endpoint.of(None)
MILLION = Usage(prompt_tokens=1_000_000, completion_tokens=100_000)


def test_a_known_model_has_a_price_and_a_window() -> None:
    prices = Prices("gpt-5.4-mini", OFFICIAL)
    price = prices.price(MILLION)
    assert price is not None
    assert 0.1 < price < 10
    window = prices.window()
    assert window is not None
    assert window >= 128_000


def test_cached_tokens_are_cheaper_and_too_many_of_them_are_no_error() -> None:
    prices = Prices("gpt-5.4-mini", OFFICIAL)
    plain = prices.price(Usage(prompt_tokens=1000))
    cached = prices.price(Usage(prompt_tokens=1000, cached_tokens=1000))
    assert plain is not None
    assert cached is not None
    assert 0 < cached < plain
    assert prices.price(Usage(prompt_tokens=1000, cached_tokens=5000)) == cached


@pytest.mark.parametrize(("name", "url"), [("no-such-model", None), ("gpt-5.4-mini", "https://gateway.example.com/v1")])
def test_what_the_list_lacks_has_no_price_and_no_window(name: str, url: str | None) -> None:
    prices = Prices(name, Endpoint.of(url))
    assert prices.price(MILLION) is None
    assert prices.window() is None


def test_no_tokens_cost_nothing_whatever_the_model() -> None:
    assert Prices("no-such-model", OFFICIAL).price(Usage()) == 0.0


@pytest.mark.parametrize("url", ["http://localhost:11434/v1", "http://127.0.0.1:8000/v1", "http://[::1]:8000/v1"])
def test_a_model_on_this_machine_costs_nothing_and_its_window_is_not_guessed_from_its_name(url: str) -> None:
    prices = Prices("gpt-5.4-mini", Endpoint.of(url))
    assert prices.price(MILLION) == 0.0
    assert prices.window() is None
    assert prices.warm() is None


@pytest.mark.parametrize("name", ["gpt-5.4-mini", "openai/gpt-5.4-mini"])
@pytest.mark.parametrize(
    ("url", "keyed"),
    [
        ("http://10.0.0.5:4000/v1", False),
        ("http://192.168.1.7:8000/v1", True),
        ("http://litellm:4000/v1", False),
        ("http://models.internal/v1", False),
        ("https://llm.company.example/v1", True),
        ("http://localhost:4000/v1", True),
    ],
)
def test_behind_what_may_be_a_gateway_a_model_costs_what_the_list_says_of_its_name(
    name: str, url: str, keyed: bool
) -> None:
    prices = Prices(name, Endpoint.of(url), keyed=keyed)
    assert prices.price(MILLION) == Prices("gpt-5.4-mini", OFFICIAL).price(MILLION)
    assert (prices.window() is not None) == keyed


@pytest.mark.parametrize("name", ["qwen3", "llama3.3:70b", "Qwen/Qwen3-8B", "/", "a/b/c", ""])
def test_there_the_price_of_a_name_that_the_list_lacks_is_not_known(name: str) -> None:
    assert Prices(name, Endpoint.of("http://10.0.0.5:4000/v1")).price(MILLION) is None
    assert Prices(name, Endpoint.of("http://localhost:4000/v1"), keyed=True).price(MILLION) is None


def test_the_list_is_loaded_on_a_thread_and_only_when_it_is_wanted() -> None:
    script = """
import sys
from agent.model.dialect import Endpoint
from agent.model.prices import Prices
prices = Prices("gpt-5.4-mini", Endpoint.of(None))
assert prices.window(load=False) is None
assert "genai_prices" not in sys.modules
prices.warm().join()
assert prices.warm() is None
assert prices.window(load=False) > 1000
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=60)


def test_a_million_tokens_cost_what_short_requests_pay_for_them() -> None:
    found = Prices("gpt-5.4-mini", OFFICIAL).per_million()
    assert found is not None
    prompt, reply = found
    assert 0.1 < prompt < reply < 50
    assert Prices("gpt-5.4-mini", OFFICIAL).price(Usage(prompt_tokens=1000)) == pytest.approx(prompt / 1000)
    assert Prices("no-such-model", OFFICIAL).per_million() is None
    assert Prices("mine", Endpoint.of("http://127.0.0.1:8000/v1")).per_million() == (0.0, 0.0)
