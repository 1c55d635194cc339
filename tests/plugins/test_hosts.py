"""The hosts that a goal file allows: which names a pattern means, and that no other is opened by whatever way."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins._hosts import permitted
from plugins._judging import NotAllowed, Refused, Rules
from tests.plugins.test_http import Client, Site, client, other, page, to

__all__ = ["client", "other"]


@pytest.mark.parametrize(
    ("host", "port", "pattern"),
    [
        ("example.org", 443, "example.org"),
        ("EXAMPLE.org.", 80, "example.org"),
        ("a.b.example.org", 443, "*.example.org"),
        ("example.org", 8080, "example.org:8080"),
        ("例子.中国", 443, "xn--fsqu00a.xn--fiqs8s"),
        ("xn--fsqu00a.xn--fiqs8s", 443, "例子.中国"),
        ("维基.例子.中国", 443, "*.例子.中国"),
        ("weiß.example", 443, "weiß.example"),
        ("xn--wei-7ka.example", 443, "weiß.example"),
        ("::1", 80, "[::1]"),
        ("2001:db8::1", 80, "[2001:0db8:0::1]"),
        ("[::1]", 8080, "[::1]:8080"),
    ],
)
def test_a_pattern_means(host: str, port: int, pattern: str) -> None:
    assert permitted(host, port, ["other.net", pattern])


@pytest.mark.parametrize(
    ("host", "port", "pattern"),
    [
        ("example.org.evil.net", 443, "example.org"),
        ("evilexample.org", 443, "*.example.org"),
        ("www.example.org", 443, "example.org"),
        ("example.org", 443, "*.example.org"),
        ("example.org", 443, "example.org:8080"),
        ("exampleXorg", 443, "example.org"),
        ("127.0.0.1", 80, "localhost"),
        ("weiß.example", 443, "weiss.example"),
        ("weiss.example", 443, "weiß.example"),
        ("a.weiß.example", 443, "*.weiss.example"),
        ("a\u200cb.example", 443, "ab.example"),
        ("", 443, "example.org"),
        ("::1", 81, "[::1]:80"),
    ],
)
def test_a_pattern_does_not_mean(host: str, port: int, pattern: str) -> None:
    assert not permitted(host, port, [pattern])


def test_no_other_host_is_opened_by_a_redirect_either_nor_read_from_what_was_kept(
    client: Client, site: Site, other: Site, tmp_path: Path
) -> None:
    site.answers |= {"/": page(cache_control="max-age=600"), "/on": to(f"http://127.0.0.1:{other.port}/")}
    other.answers["/"] = page(cache_control="max-age=600")
    private = frozenset({f"127.0.0.1:{site.port}", f"127.0.0.1:{other.port}"})
    before = client(rules=Rules(private=private), cache=tmp_path)
    before.get(other.url("/"))
    asked = list(other.asked)
    narrowed = client(rules=Rules(private=private, hosts=[f"127.0.0.1:{site.port}"]), cache=tmp_path)
    assert narrowed.get(site.url("/")).status == 200
    for url in (other.url("/"), site.url("/on")):
        with pytest.raises(NotAllowed, match="is not among the hosts that the goal file allows"):
            narrowed.get(url)
    assert other.asked == asked


def test_an_allowed_host_that_is_private_has_to_be_named_by_the_user_as_well(client: Client, site: Site) -> None:
    with pytest.raises(Refused) as refused:
        client(rules=Rules(hosts=["127.0.0.1"])).get(site.url("/"))
    assert "THINKACT_PRIVATE_HOSTS" in str(refused.value.hint)
    assert site.asked == []


def test_a_private_address_of_ipv6_may_be_named_with_its_brackets() -> None:
    rules = Rules(private=frozenset({"[::1]:8127"}))
    assert rules.names("::1", 8127)
    assert rules.names("[::1]", 8127)
    assert not rules.names("::1", 80)
    with pytest.raises(Refused) as refused:
        rules.judged("::1", 8128, timeout=1)
    assert str(refused.value.hint).endswith("THINKACT_PRIVATE_HOSTS=[::1]:8128")


def test_a_name_that_no_name_server_could_know_is_no_address(client: Client) -> None:
    with pytest.raises(Refused, match="is no address of the web"):
        client().get(f"http://xn--{'a' * 300}.example/")
