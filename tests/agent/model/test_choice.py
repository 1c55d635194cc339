"""Which model is called, with real servers on loopback; nothing goes out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from agent.errors import ModelRefused, ModelUnavailable, SettingsError
from agent.model.choice import DEFAULT, choose
from tests.server import ChatServer


def dead_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


@contextmanager
def answering(raw: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server that sends these bytes, whatever it is asked; its URL, and the authorizations that it was shown."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization", ""))
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the parent's
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def reply(status: str, body: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "Connection: close"])
    return head.encode() + b"\r\n\r\n" + body


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
