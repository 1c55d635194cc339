"""`thinkact models`: what is listed is what is called, and what is found is told in words and in JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from agent.cli.models.advice import about, about_window
from agent.cli.models.endpoints import look_around, through
from agent.model.dialect import Endpoint
from agent.model.trial.finding import Finding
from agent.model.windows import Window
from agent.settings import Settings
from tests.agent.model.places import answering, dead_url, reply
from tests.agent.model.trial.obliging import VECTOR, obliging
from tests.place import Ended, Place, no_traceback
from tests.server import ChatServer, Reply

PAGES = {"/v1/embeddings": VECTOR, "/props": {"default_generation_settings": {"n_ctx": 8192}}}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def models(place: Place, *words: str, code: int = 0, **settings: Any) -> Ended:
    ended = place.thinkact("models", *words, **settings)
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr + ended.stdout
    return ended


def as_json(ended: Ended) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def settings(**more: Any) -> Settings:
    return Settings(home=Path("home"), config=Path("config.toml"), **more)


class TestList:
    def test_the_servers_of_this_machine_and_the_offline_model_are_always_listed(self, place: Place) -> None:
        shown = models(place, "list", THINKACT_MODEL="offline").stdout
        assert "thinkact run calls offline: named" in shown
        assert [line.split()[0] for line in shown.splitlines()[1:4]] == ["Ollama", "LM", "offline"]
        found = as_json(models(place, "list", "--json", THINKACT_MODEL="offline"))
        assert found["calls"] == {"model": "offline", "endpoint": None, "why": "named"}
        assert [one["name"] for one in found["endpoints"]] == ["Ollama", "LM Studio", "offline"]
        assert found["endpoints"][2]["models"][0]["usd_per_million"] == {"prompt": 0.0, "completion": 0.0}

    def test_the_endpoint_of_the_settings_is_asked_with_the_key_and_told_with_its_source(self, place: Place) -> None:
        with ChatServer(models=["zeta", {"id": "Alpha", "max_model_len": 32_768}, "潮汐:8b"]) as server:
            (place.folder / ".env").write_text(f"OPENAI_BASE_URL={server.url}\n", "utf-8")
            found = as_json(models(place, "list", "--json", OPENAI_API_KEY="secret-key"))
            shown = models(place, "list", OPENAI_API_KEY="secret-key").stdout
            assert {one.headers["authorization"] for one in server.others} == {"Bearer secret-key"}
        first = found["endpoints"][0]
        assert (first["name"], first["from"], first["key"], first["count"]) == ("set up", ".env", True, 3)
        assert first["endpoint"] == server.url
        assert [(one["name"], one["window"]) for one in first["models"]] == [
            ("Alpha", 32_768),
            ("zeta", None),
            ("潮汐:8b", None),
        ]
        assert first["models"][0]["usd_per_million"] == {"prompt": None, "completion": None}  # it may be a gateway
        assert found["calls"]["model"] == "zeta"  # the first that the server lists, not the first in this order
        assert "secret-key" not in shown + json.dumps(found)
        assert "32,768" in shown
        assert f"thinkact run calls zeta at 127.0.0.1:{server.port}: the first that" in shown

    @pytest.mark.parametrize("named", [None, "mine"])
    def test_what_is_listed_as_called_is_what_run_calls(self, place: Place, named: str | None) -> None:
        more: dict[str, Any] = {} if named is None else {"THINKACT_MODEL": named}
        with ChatServer(["Done."], models=("text-embedding-x", "talker", "mine"), repeat=True) as server:
            told = as_json(models(place, "list", "--json", OPENAI_BASE_URL=server.url, **more))["calls"]
            place.thinkact("run", "Say it", OPENAI_BASE_URL=server.url, **more)
            assert server.requests
            assert {one.json["model"] for one in server.requests} == {told["model"]} == {named or "talker"}
            assert told["endpoint"] == server.url

    def test_a_server_that_is_away_is_a_row_with_its_reason_and_no_error(self, place: Place) -> None:
        url = dead_url()
        ended = models(place, "list", OPENAI_BASE_URL=url)
        assert "cannot be reached" in ended.stdout
        assert "start the server" in ended.stdout
        assert "thinkact run would end with 6 for that reason" in ended.stdout
        found = as_json(models(place, "list", "--json", OPENAI_BASE_URL=url, THINKACT_MODEL="mine"))
        assert found["endpoints"][0]["state"] == "failed"
        assert "cannot be reached" in found["endpoints"][0]["fault"]
        assert found["calls"]["model"] == "mine"  # it is named, so nobody need list it

    def test_the_one_endpoint_that_was_asked_for_and_is_away_is_an_error(self, place: Place) -> None:
        ended = models(place, "list", "--base-url", dead_url(), code=1)
        assert "offline" not in ended.stdout.split("thinkact run")[0]
        with answering(reply("401 Unauthorized", b"no")) as (url, _):
            ended = models(place, "list", "--base-url", url, code=1, OPENAI_API_KEY="wrong-key-wrong")
            assert "does not accept the key (401)" in ended.stdout
            assert "wrong-key-wrong" not in ended.stdout + ended.stderr

    def test_many_models_are_cut_to_a_screenful_and_words_choose_among_them(self, place: Place) -> None:
        names = [f"maker-{number % 7}/model-{number:03}" for number in range(350)]
        with ChatServer(models=names) as server:
            ended = models(place, "list", "--base-url", server.url)
            assert ended.stdout.count("/model-") - ended.stdout.count("calls maker") == 20
            assert "330 more at set up: --most 350" in ended.stderr
            assert models(place, "list", "--base-url", server.url, "--most", "3").stdout.count("\nmaker-") == 3
            chosen = models(place, "list", "MODEL maker-3", "--base-url", server.url, "--json")
            listed = [one["name"] for one in as_json(chosen)["endpoints"][0]["models"]]
            assert listed == sorted(name for name in names if "maker-3" in name)
            assert as_json(chosen)["endpoints"][0]["count"] == 350
            whole = as_json(models(place, "list", "--base-url", server.url, "--json"))["endpoints"][0]["models"]
            assert [one["name"] for one in whole] == sorted(names)

    def test_words_that_no_name_holds_end_with_1_and_the_nearest_name(self, place: Place) -> None:
        with ChatServer(models=("qwen3:8b",)) as server:
            ended = models(place, "list", "qwem3:8b", "--base-url", server.url, code=1)
        assert 'no model\'s name holds "qwem3:8b"; did you mean "qwen3:8b"?' in ended.stderr
        assert "calls offline: named" in models(place, "list", "offl", THINKACT_MODEL="offline").stdout

    def test_a_model_here_is_free_and_one_behind_a_key_costs_what_the_list_says(self, place: Place) -> None:
        with ChatServer(models=("openai/gpt-5.4-mini",)) as server:
            free = as_json(models(place, "list", "--base-url", server.url, "--json"))
            keyed = as_json(models(place, "list", "--base-url", server.url, "--json", OPENAI_API_KEY="k"))
        (one,), (other,) = (found["endpoints"][0]["models"] for found in (free, keyed))
        assert (one["window"], one["usd_per_million"]) == (None, {"prompt": 0.0, "completion": 0.0})
        assert other["window"] >= 128_000
        assert 0 < other["usd_per_million"]["prompt"] < other["usd_per_million"]["completion"]

    def test_hostile_names_are_shown_harmless_and_kept_whole_in_json(self, place: Place) -> None:
        hostile = "m\x1b[2J\u202e\nthinkact run calls nobody"
        with ChatServer(models=(hostile,)) as server:
            shown = models(place, "list", "--base-url", server.url).stdout
            found = as_json(models(place, "list", "--base-url", server.url, "--json"))
        assert not any(raw in shown for raw in "\x1b\u202e")
        assert "m\\x1b[2J\\u202e\\nthinkact" in shown
        assert found["endpoints"][0]["models"][0]["name"] == hostile

    def test_where_run_would_call_nothing_it_is_told_why(self, place: Place) -> None:
        url: dict[str, Any] = {
            "OPENAI_BASE_URL": "http://mine.openai.azure.com/openai/v1",
            "HTTPS_PROXY": dead_url()[:-3],
        }
        ended = models(place, "list", **url)
        assert "thinkact run would end with 6: mine.openai.azure.com is asked by the name of a dep" in ended.stdout
        assert "through the proxy 127.0.0.1:" in ended.stdout
        found = as_json(models(place, "list", "--json", **url))
        assert found["calls"] is None
        assert "none is named" in found["fault"]
        assert found["endpoints"][0]["name"] == "Azure"

    def test_a_base_url_that_was_passed_over_is_said(self, place: Place) -> None:
        (place.folder / ".env").write_text("OPENAI_BASE_URL=https://one.example/v1\n", "utf-8")
        assert "OPENAI_BASE_URL in .env was passed over" in models(place, "list", THINKACT_MODEL="offline").stderr

    @pytest.mark.parametrize(
        "words", [("list", "--base-url", "nonsense"), ("list", "--most", "0"), ("test", "x", "--base-url", "ftp://a")]
    )
    def test_wrong_words_end_with_2(self, place: Place, words: tuple[str, ...]) -> None:
        models(place, *words, code=2)


class TestFoundHere:
    """Servers on this machine, at ports of the test's own."""

    def test_with_nothing_at_all_run_calls_the_offline_model_and_a_name_has_nowhere_to_go(self) -> None:
        local = [("Ollama", dead_url()), ("LM Studio", dead_url())]
        known = look_around(settings(), None, local=local)
        assert known.choice is not None
        assert known.choice.name == "offline"
        assert "there is no key" in known.choice.why
        known = look_around(settings(model="gpt-5.4"), None, local=local)
        assert (known.choice, [one.state for one in known.places]) == (None, ["absent", "absent"])
        assert "the model gpt-5.4 is named, but there is no key and no endpoint for it" in str(known.fault)

    def test_a_server_that_runs_here_is_listed_and_called_and_gets_no_key(self) -> None:
        with ChatServer(models=("qwen3:8b",)) as server:
            local = [("Ollama", dead_url()), ("LM Studio", server.url)]
            known = look_around(settings(), None, local=local)
            assert [one.state for one in known.places] == ["absent", "listed"]
            assert "nothing listens at" in str(known.places[0].fault)
            assert known.choice is not None
            assert (known.choice.name, known.choice.base_url) == ("qwen3:8b", server.url)
            assert known.choice.why == "LM Studio runs on this machine"
            assert "authorization" not in server.others[0].headers
            assert len(server.others) == 1  # asked once, for the list and for the choice

    def test_a_server_here_that_wants_a_key_is_told_how_it_gets_one(self) -> None:
        with ChatServer(pages={"/v1/models": Reply(status=401, body="{}")}) as server:
            known = look_around(settings(), None, local=[("LM Studio", server.url)])
            fault = known.places[0].fault
        assert fault is not None
        assert "wants a key (401)" in fault.message
        assert f"OPENAI_BASE_URL={server.url}" in (fault.hint or "")
        assert known.choice is not None
        assert known.choice.name == "offline"

    def test_one_that_the_settings_name_is_not_told_twice(self) -> None:
        with ChatServer(models=("m",)) as server:
            stated = settings(base_url=server.url.replace("127.0.0.1", "localhost"), api_key="k")
            known = look_around(stated, None, local=[("Ollama", server.url)])
        assert [(one.title, one.origin) for one in known.places] == [("Ollama", "default")]

    def test_servers_that_hang_are_waited_for_together(self) -> None:
        slow = {"/v1/models": Reply(body="{}", hang=5)}
        with ChatServer(pages=slow) as one, ChatServer(pages=slow) as other:
            began = time.monotonic()
            known = look_around(settings(), None, local=[("One", one.url), ("Other", other.url)], patience=0.6)
            assert time.monotonic() - began < 2
        assert [one.state for one in known.places] == ["failed", "failed"]
        assert known.choice is not None
        assert known.choice.name == "offline"

    def test_a_key_alone_means_openai_and_the_proxy_on_the_way_is_told_without_its_password(self) -> None:
        with ChatServer(models=("far",)) as server:
            stated = settings(base_url="http://gate.example.org/v1", all_proxy=f"http://127.0.0.1:{server.port}")
            known = look_around(stated, None, local=[])
            assert [one.name for one in known.places[0].models] == ["far"]
            assert through(stated, known.places[0].endpoint) == f" through the proxy 127.0.0.1:{server.port}"
        secret = settings(https_proxy="http://user:word@proxy.example:3128")
        assert through(secret, Endpoint.of(None)) == " through the proxy proxy.example:3128"
        assert through(secret, Endpoint.of("http://127.0.0.1:1/v1")) == ""
        assert through(settings(), Endpoint.of(None)) == ""


class TestTest:
    def test_a_model_that_works_is_told_row_by_row_with_what_it_cost(self, place: Place) -> None:
        with ChatServer(obliging, pages=PAGES, models=("qwen3:8b",)) as server:
            ended = models(place, "test", "--base-url", server.url)
            assert {one.json["model"] for one in server.requests} == {"qwen3:8b"}
        lines = ended.stdout.splitlines()
        assert lines[0].startswith(f"qwen3:8b at 127.0.0.1:{server.port} (the first that")
        assert [line.split("  ")[0] for line in lines[2:10]] == [
            *("chat", "streaming", "tool calls", "tool calls, streamed", "two calls at once", "JSON", "embeddings"),
            "window",
        ]
        assert all(" passed " in line for line in lines[2:10])
        assert "window: 8,192 tokens (llama.cpp (/props)); thinkact counts on 128,000 tokens until" in ended.stdout
        assert "--window 8192 spares it that" in ended.stdout
        assert "cost: 7 calls, " in lines[-1]
        assert " tokens, $0.00 · " in lines[-1]
        assert "this takes 10 seconds at most" in ended.stderr

    def test_in_json_there_is_all_of_it(self, place: Place) -> None:
        with ChatServer(obliging, pages=PAGES) as server:
            found = as_json(models(place, "test", "mine", "--json", OPENAI_BASE_URL=server.url))
        assert (found["model"], found["endpoint"], found["why"], found["works"]) == ("mine", server.url, "named", True)
        assert found["fault"] is None
        assert [one["outcome"] for one in found["findings"]] == ["passed"] * 8
        streaming = found["findings"][1]
        assert 0 <= streaming["first_token_seconds"] <= streaming["seconds"]
        assert found["window"] == {"tokens": 8192, "source": "llama.cpp (/props)", "most": None}
        assert found["usage"]["model_calls"] == 7
        assert found["usage"]["usd"] == 0.0
        assert found["seconds"] < 10

    def test_what_does_not_work_is_told_in_the_servers_words_made_harmless(self, place: Place) -> None:
        def toolless(asked: dict[str, Any], number: int) -> Reply | str:
            words = "gemma does not support tools \x1b[2J\u202e"
            refused = Reply(status=400, body=json.dumps({"error": {"message": words}}))
            return refused if asked.get("tools") else obliging(asked, number)

        with ChatServer(toolless) as server:
            ended = models(place, "test", "--base-url", server.url)
        rows = "tool calls · tool calls, streamed · two calls at once"
        assert f"{rows}: gemma does not support tools \\x1b[2J\\u202e" in ended.stdout
        assert "thinkact tells the tools in the prompt" in ended.stdout

    def test_where_chat_does_not_work_it_ends_with_1_and_one_clear_line(self, place: Place) -> None:
        gone = Reply(status=404, body='{"error": {"message": "model not found"}}')
        with ChatServer([gone] * 2, models=("qwen3:8b",)) as server:
            ended = models(place, "test", "qwen3", "--base-url", server.url, code=1)
            found = as_json(models(place, "test", "qwen3", "--base-url", server.url, "--json", code=1))
        (line,) = (line for line in ended.stdout.splitlines() if line.startswith("chat: "))
        assert 'did you mean "qwen3:8b"?' in line
        assert "nothing else was tried" in ended.stdout
        assert "no model qwen3" in found["fault"]
        assert found["works"] is False

    def test_where_nothing_can_be_asked_it_ends_with_1_and_says_why(self, place: Place) -> None:
        for url in ("http://mine.openai.azure.com/openai/v1", dead_url()):
            words = ("test", "--base-url", url)
            ended = models(place, *words, code=1)
            assert ended.stdout == ""
            assert len(ended.stderr.splitlines()) == 2
            found = as_json(models(place, *words, "--json", code=1))
            assert found["works"] is False
            assert found["findings"] == []
            assert found["fault"] in ended.stderr

    def test_the_offline_model_says_what_it_is(self, place: Place) -> None:
        for words in (("test",), ("test", "offline")):
            ended = models(place, *words, THINKACT_MODEL="offline")
            assert "No language model takes part" in ended.stdout
            assert "tool calls  passed" in ended.stdout
        found = as_json(models(place, "test", "offline", "--json", OPENAI_API_KEY="unused-key"))
        assert (found["works"], found["usage"], found["endpoint"]) == (True, None, None)

    @pytest.mark.slow
    def test_a_server_that_hangs_holds_it_no_longer_than_ten_seconds(self, place: Place) -> None:
        place.thinkact("--version")  # the tests' own parent process is there from now on
        with ChatServer([Reply(hang=30)], pages={"/v1/models": Reply(body="{}", hang=30)}) as server:
            for words in (("test", "m"), ("list",)):
                began = time.monotonic()
                ended = models(place, *words, "--base-url", server.url, code=1)
                assert time.monotonic() - began < 10
                assert "does not answer" in ended.stdout


@pytest.mark.parametrize(
    ("window", "known", "said"),
    [
        (Window(), None, "counts on 128,000 tokens until the endpoint refuses a longer prompt; --window N states it"),
        (Window(8192, "x"), None, "until the endpoint refuses a longer prompt; --window 8192 spares it that"),
        (Window(256_000, "x"), None, "counts on 128,000 tokens; --window 256000 uses all of it"),
        (Window(400_000, "x", listed=True), 400_000, None),
        (Window(4096, "x", silent=True), None, "cuts what is longer without a word: say --window 4096"),
        (Window(None, "x", 40_960, silent=True), None, "say --window N"),
    ],
)
def test_what_is_said_of_a_window_is_what_a_run_does(window: Window, known: int | None, said: str | None) -> None:
    told = about_window(window, known)
    assert told is None if said is None else said in str(told)


def test_nothing_is_said_of_what_works_or_was_not_tried() -> None:
    assert about(Finding(name="tool calls", outcome="passed", way="native")) is None
    assert about(Finding(name="embeddings", outcome="not tried")) is None
    assert about(Finding(name="streaming", outcome="passed")) is None
    assert "one call after the other" in str(about(Finding(name="two calls at once", outcome="failed", way="one")))
    assert "whole of each reply" in str(about(Finding(name="streaming", outcome="not supported")))
