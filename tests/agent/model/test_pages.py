"""Pages of an endpoint, fetched from real servers on loopback."""

from __future__ import annotations

import time

import pytest

from agent.errors import ModelRefused, ModelUnavailable
from agent.model.dialect import Endpoint
from agent.model.pages import NO_VALUE, Door
from tests.agent.model.places import answering, dead_url, reply, trickle
from tests.server import ChatServer, Reply


def test_a_page_is_read_as_json_with_the_key_and_one_of_the_host_lies_beside_the_api() -> None:
    with ChatServer(pages={"/props": {"n": "潮汐"}, "/v1/a": [1]}) as server:
        door = Door(Endpoint.of(server.url), "secret")
        assert door.fetch("/a", patience=5).value == [1]
        assert door.fetch("//props?model=x", patience=5).value == {"n": "潮汐"}
        assert [one.path for one in server.others] == ["/v1/a", "/props?model=x"]
        assert {one.headers["authorization"] for one in server.others} == {"Bearer secret"}
        missing = door.fetch("/b", patience=5)
        assert missing.status == 404


def test_a_body_is_posted_and_no_key_is_shown_where_there_is_none() -> None:
    with ChatServer(pages={"/api/show": {"ok": True}}) as server:
        page = Door(Endpoint.of(server.url + "/")).fetch("//api/show", patience=5, body={"model": "q"})
        assert page.value == {"ok": True}
        assert server.others[0].json == {"model": "q"}
        assert "authorization" not in server.others[0].headers


@pytest.mark.parametrize(
    ("raw", "web"),
    [
        (reply("200 OK", b"<html>Sign in</html>"), True),
        (reply("200 OK", b"\xef\xbb\xbf \n<!doctype html>"), True),
        (reply("200 OK", b"plain words"), False),
        (reply("200 OK", b"[" * 100_000), False),
        (reply("200 OK", b""), False),
    ],
)
def test_what_is_no_json_has_no_value(raw: bytes, web: bool) -> None:
    with answering(raw) as (url, _):
        page = Door(Endpoint.of(url)).fetch("/models", patience=5)
        assert (page.value is NO_VALUE, page.web) == (True, web)


def test_a_redirect_is_told_and_not_followed_and_tells_no_password() -> None:
    with answering(reply("301 Moved", b"", "Location: /v2/models")) as (url, seen):
        address = url.replace("http://", "http://user:word@")
        page = Door(Endpoint.of(address), "secret").fetch("/models", patience=5)
        assert page.moved == url.replace("/v1", "/v2/models")
        assert len(seen) == 1
    with answering(reply("302 Found", b"", "Location: http://[::1")) as (url, _):
        assert Door(Endpoint.of(url)).fetch("/models", patience=5).moved == "http://[::1"


def test_nobody_there_is_said_as_such() -> None:
    with pytest.raises(ModelUnavailable, match=r"cannot be reached \(.*refused"):
        Door(Endpoint.of(dead_url())).fetch("/models", patience=5)


def test_no_page_takes_longer_than_the_patience() -> None:
    hanging = ChatServer(pages={"/v1/models": Reply(body="[]", hang=5)})
    with hanging, answering(trickle) as (trickling, _):
        for url in (hanging.url, trickling):
            began = time.monotonic()
            with pytest.raises(ModelUnavailable, match=r"does not answer within|no reply from"):
                Door(Endpoint.of(url)).fetch("/models", patience=0.3)
            assert time.monotonic() - began < 2


def test_a_page_without_an_end_is_given_up() -> None:
    with ChatServer(pages={"/v1/models": Reply(body=" " * 40, piece=2, pause=0.05)}) as server:
        began = time.monotonic()
        with pytest.raises(ModelUnavailable):
            Door(Endpoint.of(server.url)).fetch("/models", patience=0.3)
        assert time.monotonic() - began < 0.9


def test_a_page_of_the_outside_comes_through_the_proxy_and_one_of_this_machine_does_not() -> None:
    with ChatServer(models=("far",)) as proxy, ChatServer(models=("near",)) as server:
        address = f"http://127.0.0.1:{proxy.port}"
        far = Door(Endpoint.of("http://models.example.org/v1"), proxy=address).fetch("/models", patience=5)
        near = Door(Endpoint.of(server.url), proxy=address).fetch("/models", patience=5)
        assert "far" in str(far.value)
        assert "near" in str(near.value)
        assert [one.path for one in proxy.others] == ["http://models.example.org/v1/models"]


def test_a_proxy_that_is_gone_or_cannot_be_used_is_said() -> None:
    far = Endpoint.of("http://models.example.org/v1")
    with pytest.raises(ModelUnavailable, match=r"models\.example\.org cannot be reached"):
        Door(far, proxy=dead_url().removesuffix("/v1")).fetch("/models", patience=5)
    for proxy in ("socks5://127.0.0.1:1080", "nonsense://x"):
        with pytest.raises(ModelRefused, match="the proxy cannot be used") as refused:
            Door(far, proxy=proxy).fetch("/models", patience=5)
        assert "HTTPS_PROXY" in (refused.value.hint or "")


def test_a_key_that_cannot_be_sent_is_said() -> None:
    with pytest.raises(ModelRefused, match="OPENAI_API_KEY cannot be sent"):
        Door(Endpoint.of(dead_url()), "schlüssel").fetch("/models", patience=5)
