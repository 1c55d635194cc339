"""Which model is called, with real servers on loopback; nothing goes out."""

from __future__ import annotations

import time

import pytest

from agent.errors import ModelRefused, ModelUnavailable, SettingsError
from agent.model.choice import DEFAULT, choose
from tests.agent.model.places import answering, dead_url, reply, trickle
from tests.server import ChatServer


def test_offline_is_offline_whatever_else_is_set() -> None:
    assert choose("offline", base_url="http://127.0.0.1:1/v1", api_key="key").name == "offline"
    assert choose("offline", base_url="no url", api_key=None).name == "offline"


def test_a_name_with_an_endpoint_or_a_key_is_taken_as_it_is_and_nobody_is_asked() -> None:
    url = dead_url()
    assert choose("mine", base_url=url, api_key=None).base_url == url
    chosen = choose("mine", base_url=None, api_key="key")
    assert (chosen.name, chosen.base_url, chosen.api_key) == ("mine", None, "key")
    assert "key" not in repr(chosen).replace("api_key", "")


def test_a_key_alone_means_the_default_and_nobody_is_asked() -> None:
    chosen = choose(None, base_url=None, api_key="key", local=())
    assert (chosen.name, chosen.base_url) == (DEFAULT, None)
    assert "key" in chosen.why


def test_a_base_url_alone_means_the_first_model_that_it_lists_asked_with_the_key() -> None:
    with ChatServer(models=("one", "two")) as server:
        chosen = choose(None, base_url=server.url, api_key="secret")
        assert (chosen.name, chosen.base_url, chosen.api_key) == ("one", server.url, "secret")
        assert [request.headers.get("authorization") for request in server.others] == ["Bearer secret"]
        choose(None, base_url=server.url + "/", api_key=None)
        assert server.others[1].path == "/v1/models"
        assert "authorization" not in server.others[1].headers


def test_a_server_on_this_machine_is_found_and_one_that_has_no_model_is_passed_over() -> None:
    with ChatServer(models=()) as bare, ChatServer(models=("small",)) as server:
        local = [("Gone", dead_url()), ("Bare", bare.url), ("Full", server.url)]
        chosen = choose(None, base_url=None, api_key=None, local=local)
        assert (chosen.name, chosen.base_url, chosen.api_key) == ("small", server.url, None)
        assert "Full runs on this machine" in chosen.why
        assert choose("named", base_url=None, api_key=None, local=local).base_url == bare.url  # it may load it


def test_with_nothing_at_all_the_rule_based_model_works_and_a_name_is_an_error() -> None:
    local = [("Gone", dead_url())]
    assert choose(None, base_url=None, api_key=None, local=local).name == "offline"
    with pytest.raises(ModelRefused, match="the model mine is named, but there is no key") as refused:
        choose("mine", base_url=None, api_key=None, local=local)
    assert "OPENAI_API_KEY" in (refused.value.hint or "")


@pytest.mark.parametrize("named", ["offlin", "Offline", "off-line", "ofline"])
def test_what_is_nearly_offline_is_asked_about_where_there_is_nothing_else(named: str) -> None:
    with pytest.raises(ModelRefused, match=r'; did you mean "offline"\?$'):
        choose(named, base_url=None, api_key=None, local=())
    assert choose(named, base_url=None, api_key="key", local=()).name == named  # there it may be the name of a model


def test_another_name_is_not_taken_for_offline() -> None:
    for named in ("gpt-5.4", "qwen3:8b", "local", "潮汐"):
        with pytest.raises(ModelRefused, match=r"no endpoint for it$"):
            choose(named, base_url=None, api_key=None, local=())


@pytest.mark.parametrize("url", ["nonsense", "ftp://host/v1", "http://", "http://[::1/v1"])
def test_an_address_that_is_none_is_said(url: str) -> None:
    with pytest.raises(SettingsError, match="is no URL of a server"):
        choose(None, base_url=url, api_key=None)


def test_a_server_that_is_not_there_is_said_with_its_reason() -> None:
    with pytest.raises(ModelUnavailable, match=r"127\.0\.0\.1:\d+ cannot be reached \(.*refused"):
        choose(None, base_url=dead_url(), api_key=None)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
        reply("200 OK", b"<html>Sign in</html>"),
        reply("200 OK", b"[]"),
        reply("200 OK", b'{"data": 3}'),
        reply("200 OK", b'{"data": [{"name": "x"}]}'),
        reply("200 OK", b"[" * 100_000),
        reply("200 OK", b"\xff\xfe"),
        reply("404 Not Found", b"no"),
        reply("500 Oops", b"no"),
        reply("302 Found", b"", "Location: http://127.0.0.1:1/v1/models"),
    ],
    ids=["nothing", "ssh", "cut", "html", "list", "number", "no-id", "deep", "bytes", "404", "500", "redirect"],
)
def test_a_server_that_does_not_list_its_models_is_said(raw: bytes) -> None:
    with answering(raw) as (url, _), pytest.raises(ModelUnavailable) as refused:
        choose(None, base_url=url, api_key=None)
    assert "\n" not in refused.value.message
    assert refused.value.hint


def test_a_refused_key_is_said_and_does_not_follow_a_redirect() -> None:
    with answering(reply("401 Unauthorized", b"no")) as (url, _):
        with pytest.raises(ModelRefused, match="does not accept the key") as refused:
            choose(None, base_url=url, api_key="secret")
        assert "OPENAI_API_KEY" in (refused.value.hint or "")
        with pytest.raises(ModelRefused, match="wants a key"):
            choose(None, base_url=url, api_key=None)
    with answering(reply("200 OK", b'{"data": [{"id": "theirs"}]}')) as (other, shown):
        moved = reply("302 Found", b"", f"Location: {other}/models")
        with answering(moved) as (url, _), pytest.raises(ModelUnavailable):
            choose(None, base_url=url, api_key="secret")
        assert shown == []


def test_a_server_without_a_model_is_said() -> None:
    with ChatServer(models=()) as server, pytest.raises(ModelRefused, match="has no model"):
        choose(None, base_url=server.url, api_key=None)


def test_a_model_that_only_embeds_is_not_the_one_to_talk_to() -> None:
    with ChatServer(models=("text-embedding-nomic-embed-text-v1.5", "bge-m3", "qwen3:8b")) as server:
        assert choose(None, base_url=server.url, api_key=None).name == "qwen3:8b"
    with ChatServer(models=("nomic-embed-text",)) as server:  # a name may deceive: it is all that there is
        assert choose(None, base_url=server.url, api_key=None).name == "nomic-embed-text"


def test_openai_by_its_address_means_its_default_and_nobody_is_asked() -> None:
    for url in ("https://api.openai.com/v1", "https://eu.api.openai.com/v1/"):
        chosen = choose(None, base_url=url, api_key="key")
        assert (chosen.name, chosen.base_url) == (DEFAULT, url)


def test_azure_is_asked_by_the_name_of_a_deployment_or_not_at_all() -> None:
    url = "https://mine.openai.azure.com/openai/v1/"
    with pytest.raises(ModelRefused, match=r"mine\.openai\.azure\.com is asked by the name of a deployment") as refused:
        choose(None, base_url=url, api_key="key")
    assert "--model" in (refused.value.hint or "")
    assert choose("my-deployment", base_url=url, api_key="key").name == "my-deployment"


def test_a_name_goes_to_the_server_on_this_machine_that_lists_it() -> None:
    with ChatServer(models=("small",)) as one, ChatServer(models=("large", "mine")) as other:
        local = [("One", one.url), ("Other", other.url)]
        assert choose("mine", base_url=None, api_key=None, local=local).base_url == other.url
        assert choose("small", base_url=None, api_key=None, local=local).base_url == one.url
        assert choose("nobody's", base_url=None, api_key=None, local=local).base_url == one.url  # it may load it
        one.others.clear()
        choose("mine", base_url=None, api_key=None, local=local[:1])  # where there is but one, it is not asked
        assert one.others == []


def test_a_server_that_hangs_or_trickles_holds_nobody_longer_than_the_patience() -> None:
    for slow in (trickle, lambda handler: time.sleep(5)):
        with answering(slow) as (url, _):
            began = time.monotonic()
            with pytest.raises(ModelUnavailable, match=r"does not answer within 0\.3 s"):
                choose(None, base_url=url, api_key=None, patience=0.3)
            assert time.monotonic() - began < 2
