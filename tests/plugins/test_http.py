from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

import pytest

from plugins._addresses import why_not
from plugins._answer import Answered
from plugins._http import WebHttp
from plugins._judging import OutOfTime, Refused, Rules, Unreachable
from plugins._outcome import ToolError
from plugins._ways import Web

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = site.answers.get(self.path)
        if answer is None:
            self.reply(404, b"")
        else:
            answer(self)

    do_POST = do_GET  # noqa: N815 (the name that http.server looks for)

    def reply(self, status: int, body: bytes, /, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Site:
    """A server on loopback, what it answers by path, and what it was asked."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


def serve() -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.site = Site(server.server_address[1])  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.site  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@pytest.fixture
def other() -> Iterator[Site]:
    yield from serve()


class Client(Protocol):
    """Opens a client that may open these sites, or one by these rules."""

    def __call__(self, *sites: Site, **options: Any) -> WebHttp: ...


@pytest.fixture
def client() -> Iterator[Client]:
    opened: list[WebHttp] = []

    def open_one(*sites: Site, **options: Any) -> WebHttp:
        options.setdefault("rules", Rules(private=frozenset(f"127.0.0.1:{one.port}" for one in sites)))
        opened.append(WebHttp(Web(**options)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def page(body: bytes = b"<p>hello</p>", **headers: str) -> Answer:
    return lambda handler: handler.reply(200, body, **{"Content_Type": "text/html; charset=gbk", **headers})


def to(location: str, status: int = 302) -> Answer:
    return lambda handler: handler.reply(status, b"", Location=location)


# -------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "::ffff:8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::"],
)
def test_public_addresses_may_be_opened(address: str) -> None:
    assert why_not(address) is None


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://example.org/",
        "data:text/html,hello",
        "//127.0.0.1/",
        "http:///etc/passwd",
        "http://",
        "hello",
        "",
        "http://[::1",
        "http://exa mple/",
        "http://user:word@example.org/",
        "http://127.0.0.1\\@example.org/",
        "http://exa\nmple.org/",
        "http://example.org:99999/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_of_the_web_is_refused(client: Client, url: str) -> None:
    with pytest.raises(Refused) as caught:
        client().get(url, robots=False, timeout=5)
    assert "\n" not in str(caught.value)


def test_a_port_that_is_no_web_servers_is_not_opened(client: Client, site: Site) -> None:
    with pytest.raises(Refused, match=f"port {site.port}"):
        client().get(site.url("/"), robots=False)


def test_what_the_user_named_may_be_opened_and_nothing_beside_it(client: Client, site: Site, other: Site) -> None:
    site.answers["/"] = other.answers["/"] = page()
    http = client(site)
    assert http.get(site.url("/"), robots=False).content == b"<p>hello</p>"
    with pytest.raises(Refused):
        http.get(other.url("/"), robots=False)
    assert other.asked == []


def test_a_name_of_several_addresses_is_refused_for_one_private_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(Refused, match="this machine"):
        client().get("http://both.example/", robots=False)


def test_a_name_is_looked_up_once_and_connected_to_where_it_was_judged(
    client: Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Rebinding: one address at the first look, another at the second. There is no second.
    site.answers["/"] = page()
    looks: list[str] = []
    plain = socket.getaddrinfo

    def rebinding(host: str, *rest: Any, **named: Any) -> Any:
        if host.endswith(".example"):
            looks.append(host)
            return plain("127.0.0.1" if len(looks) == 1 else "127.0.0.9", *rest, **named)
        return plain(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    http = client(rules=Rules(private=frozenset({f"named.example:{site.port}"})))
    assert http.get(site.url("/", "named.example"), robots=False).status == 200
    assert looks == ["named.example"]
    assert site.asked[0][1]["host"] == f"named.example:{site.port}"


# -------------------------------------------------------------------- redirects


def test_a_redirect_is_followed_and_told(client: Client, site: Site) -> None:
    site.answers |= {"/a": to("/b"), "/b": to("c?x=1#part", 301), "/c?x=1": page()}
    found = client(site).get(site.url("/a"), robots=False)
    assert (found.url, found.hops) == (site.url("/c?x=1"), (site.url("/a"), site.url("/b")))
    assert (found.media_type, found.charset) == ("text/html", "gbk")


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:{port}/", "//localhost:{port}/", "http://0x7f.1:{port}/", "file:///etc/passwd"]
)
def test_a_redirect_into_the_private_is_refused(client: Client, site: Site, other: Site, place: str) -> None:
    site.answers["/"] = to(place.format(port=other.port))
    with pytest.raises(Refused):
        client(site).get(site.url("/"), robots=False)
    assert other.asked == []


def test_redirects_without_end_are_cut(client: Client, site: Site) -> None:
    site.answers |= {"/a": to("/b"), "/b": to("/a")}
    with pytest.raises(Answered, match="leads on more than 10 times"):
        client(site).get(site.url("/a"), robots=False)


def test_who_asks_is_proved_to_the_first_host_alone(client: Client, site: Site, other: Site) -> None:
    site.answers |= {"/a": to("/b"), "/b": to(other.url("/"))}
    other.answers["/"] = page()
    given = {"Authorization": "Bearer x", "X-Api-Key": "y", "Accept-Language": "zh"}
    client(site, other).get(site.url("/a"), headers=given, robots=False)
    assert [headers.get("x-api-key") for _, headers in site.asked] == ["y", "y"]
    assert not {"authorization", "x-api-key"} & set(other.asked[0][1])
    assert other.asked[0][1]["accept-language"] == "zh"


def test_what_was_answered_to_one_is_kept_for_nobody(client: Client, site: Site, tmp_path: Path) -> None:
    site.answers["/"] = page(b"for you", Cache_Control="max-age=60")
    http = client(site, cache=tmp_path)
    http.get(site.url("/"), headers={"X-Api-Key": "y"}, robots=False)
    assert not http.get(site.url("/"), robots=False).cached
    assert http.get(site.url("/"), robots=False).cached
    assert not http.get(site.url("/"), headers={"X-Api-Key": "y"}, robots=False).cached


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Proxy-Authorization"])
def test_what_is_the_clients_to_say_is_refused(client: Client, site: Site, name: str) -> None:
    with pytest.raises(Refused, match=f"the header {name.lower()}"):
        client(site).get(site.url("/"), headers={name: "x"}, robots=False)
    assert site.asked == []


def test_what_is_sent_goes_to_no_other_host(client: Client, site: Site, other: Site) -> None:
    site.answers |= {
        "/": to(other.url("/"), 307),
        "/same": to("/there", 307),
        "/there": page(),
        "/see": to("/there", 303),
    }
    http = client(site, other)
    with pytest.raises(Refused, match="wants what was sent"):
        http.send("post", site.url("/"), content=b"secret")
    assert other.asked == []
    assert http.send("POST", site.url("/same"), content=b"x").status == 200
    assert http.send("POST", site.url("/see"), content=b"x").status == 200
    assert "content-length" not in site.asked[-1][1]


# -------------------------------------------------------------------- caps


def test_a_long_answer_is_cut(client: Client, site: Site) -> None:
    site.answers["/"] = page(b"x" * 100_000)
    found = client(site).get(site.url("/"), most_bytes=1_000, robots=False)
    assert (len(found.content), found.cut) == (1_000, True)


@pytest.mark.parametrize("packing", ["gzip", "deflate", "bare deflate"])
def test_packed_answers_are_unpacked(client: Client, site: Site, packing: str) -> None:
    body = "你好 ".encode() * 5_000
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = {
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "bare deflate": bare.compress(body) + bare.flush(),
    }[packing]
    site.answers["/"] = page(packed, Content_Encoding=packing.split()[-1])
    assert client(site).get(site.url("/"), robots=False).content == body
    assert site.asked[0][1]["accept-encoding"] == "gzip, deflate"


def test_a_bomb_bursts_nowhere(client: Client, site: Site) -> None:
    packing = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    bomb = b"".join(packing.compress(bytes(1_000_000)) for _ in range(300)) + packing.flush()
    site.answers["/"] = page(bomb, Content_Encoding="gzip")
    found = client(site).get(site.url("/"), most_bytes=2_000_000, robots=False)
    assert (len(found.content), found.cut) == (2_000_000, True)


@pytest.mark.parametrize(("encoding", "said"), [("br", "packed as br"), ("gzip", "is not")])
def test_what_cannot_be_unpacked_is_told(client: Client, site: Site, encoding: str, said: str) -> None:
    site.answers["/"] = page(b"not packed at all", Content_Encoding=encoding)
    with pytest.raises(ToolError, match=said):
        client(site).get(site.url("/"), robots=False)


def test_a_server_that_drips_is_cut_by_the_clock(client: Client, site: Site) -> None:
    def drip(handler: Handler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 400:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)

    site.answers["/"] = drip
    began = time.monotonic()
    with pytest.raises(OutOfTime):
        client(site).get(site.url("/"), timeout=0.6, robots=False)
    assert time.monotonic() - began < 2


def test_a_silent_server_is_told(client: Client, site: Site) -> None:
    site.answers["/"] = lambda _: time.sleep(2)
    with pytest.raises(Unreachable):
        client(site).get(site.url("/"), timeout=0.4, robots=False)


def test_a_server_that_is_not_there_is_told(client: Client) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached"):
        client(rules=Rules(private=frozenset({f"127.0.0.1:{port}"}))).get(f"http://127.0.0.1:{port}/", robots=False)


# -------------------------------------------------------------------- again, in turn, from the cache


def test_a_hiccup_is_tried_again(client: Client, site: Site) -> None:
    turns = iter([503, 429])

    def answer(handler: Handler) -> None:
        status = next(turns, 200)
        handler.reply(status, b"here", **({"Retry_After": "0"} if status == 429 else {}))

    site.answers["/"] = answer
    assert client(site).get(site.url("/"), robots=False).content == b"here"
    assert len(site.asked) == 3


def test_a_wait_that_is_too_long_is_not_waited(client: Client, site: Site) -> None:
    site.answers["/"] = lambda handler: handler.reply(429, b"", Retry_After="3600")
    began = time.monotonic()
    with pytest.raises(Answered, match="answered 429") as caught:
        client(site).get(site.url("/"), robots=False)
    assert (caught.value.status, len(site.asked)) == (429, 1)
    assert time.monotonic() - began < 1


def test_what_is_sent_is_sent_once(client: Client, site: Site) -> None:
    site.answers["/"] = lambda handler: handler.reply(503, b"")
    with pytest.raises(Answered):
        client(site).send("POST", site.url("/"), content=b"x")
    assert len(site.asked) == 1


def test_many_pages_of_one_host_are_read_six_at_a_time(client: Client, site: Site) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def answer(handler: Handler) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        handler.reply(200, handler.path.encode())

    site.answers |= {f"/{n}": answer for n in range(20)}
    http = client(site)
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda n: http.get(site.url(f"/{n}"), robots=False).content, range(20)))
    assert found == [f"/{n}".encode() for n in range(20)]
    assert most == 6


def test_pages_of_several_hosts_are_read_all_at_the_same_time(client: Client, site: Site, other: Site) -> None:
    together = threading.Barrier(12)

    def answer(handler: Handler) -> None:
        together.wait(5)
        handler.reply(200, b"here")

    urls = [one.url(f"/{n}") for one in (site, other) for n in range(6)]
    site.answers |= {f"/{n}": answer for n in range(6)}
    other.answers |= site.answers
    http = client(site, other)
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(lambda url: http.get(url, robots=False).content, urls)) == [b"here"] * 12


def test_what_is_fresh_is_read_from_the_disk_and_what_is_old_is_asked_for_by_its_tag(
    client: Client, site: Site, tmp_path: Path
) -> None:
    def tagged(handler: Handler) -> None:
        if handler.headers.get("If-None-Match") == '"1"':
            handler.reply(304, b"", ETag='"1"')
        else:
            handler.reply(200, b"tagged", ETag='"1"', Cache_Control="no-cache")

    site.answers |= {
        "/kept": page(b"kept", Cache_Control="max-age=60"),
        "/tagged": tagged,
        "/not": page(b"n", Cache_Control="no-store"),
    }
    for number in range(2):  # by two clients: it lies on the disk
        http = client(site, cache=tmp_path)
        for path, body in (("/kept", b"kept"), ("/tagged", b"tagged"), ("/not", b"n")):
            found = http.get(site.url(path), robots=False)
            assert (found.content, found.cached) == (body, number == 1 and path != "/not")
        http.close()
    assert sorted(site.paths()) == ["/kept", "/not", "/not", "/tagged", "/tagged"]
    http = client(site, cache=tmp_path)
    assert not http.get(site.url("/kept"), robots=False, fresh=True).cached
    http.close()


def test_what_a_named_host_answered_is_read_from_the_disk_only_where_it_is_named(
    client: Client, site: Site, tmp_path: Path
) -> None:
    site.answers["/"] = page(b"inner", Cache_Control="max-age=60")
    for _ in range(2):
        found = client(site, cache=tmp_path).get(site.url("/"), robots=False)
    assert found.cached
    with pytest.raises(Refused):
        client(cache=tmp_path, rules=Rules(ports=frozenset({site.port}))).get(site.url("/"), robots=False)


# -------------------------------------------------------------------- robots.txt, proxies, who asks


def test_what_the_owner_asks_of_programs_is_honoured(client: Client, site: Site) -> None:
    rules = b"User-agent: thinkact\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n"
    site.answers |= {"/robots.txt": page(rules), "/private/a": page(), "/open": page(), "/leads": to("/private/a")}
    http = client(site, version="1.2")
    assert http.get(site.url("/open")).status == 200
    for path in ("/private/a", "/leads"):
        with pytest.raises(ToolError, match=r"robots\.txt"):
            http.get(site.url(path))
    assert site.paths() == ["/robots.txt", "/open", "/leads"]
    assert http.get(site.url("/private/a"), robots=False).status == 200
    assert {headers["user-agent"] for _, headers in site.asked} == {"thinkact/1.2"}


@pytest.mark.parametrize("status", [200, 500])
def test_rules_that_many_threads_want_are_read_once_for_all(client: Client, site: Site, status: int) -> None:
    def rules(handler: Handler) -> None:
        time.sleep(0.3)
        handler.reply(status, b"User-agent: *\nDisallow: /private\n")

    def read(number: int) -> str:
        try:
            return http.get(site.url(("/open", "/private")[number % 2])).content.decode()
        except ToolError as error:
            return error.message

    site.answers |= {"/robots.txt": rules, "/open": page(b"open"), "/private": page()}
    http = client(site)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(read, range(6)))
    assert site.paths().count("/robots.txt") == 1
    said = "open" if status == 200 else "robots.txt answers 500"
    assert [said in one for one in found[::2]] == [True] * 3
    assert "/private" not in site.paths()


def test_who_has_more_time_than_the_one_that_reads_the_rules_reads_them_itself(client: Client, site: Site) -> None:
    slow = iter([1.0])

    def rules(handler: Handler) -> None:
        time.sleep(next(slow, 0.0))
        handler.reply(404, b"")

    site.answers |= {"/robots.txt": rules, "/": page(b"here")}
    http = client(site)
    with ThreadPoolExecutor(2) as pool:
        hasty = pool.submit(http.get, site.url("/"), timeout=0.3)
        time.sleep(0.1)
        assert http.get(site.url("/")).content == b"here"
        with pytest.raises(OutOfTime):
            hasty.result()


def test_without_rules_everything_may_be_read_and_with_broken_ones_nothing(
    client: Client, site: Site, other: Site
) -> None:
    site.answers["/"] = other.answers["/"] = page()
    other.answers["/robots.txt"] = lambda handler: handler.reply(500, b"")
    http = client(site, other)
    assert http.get(site.url("/")).status == 200
    with pytest.raises(ToolError, match=r"robots\.txt answers 500"):
        http.get(other.url("/"))


def test_the_users_proxy_is_used_and_its_target_is_judged_all_the_same(client: Client, site: Site, other: Site) -> None:
    other.answers["http://name.invalid:8080/"] = page(b"by proxy")
    http = client(site, proxy=other.url("/"), no_proxy=("direct.invalid",))
    assert http.get("http://name.invalid:8080/", robots=False).content == b"by proxy"
    with pytest.raises(Refused):
        http.get("http://127.0.0.1:8080/", robots=False)
    with pytest.raises(Unreachable):
        http.get("http://www.direct.invalid/", robots=False, timeout=5)
    assert other.paths() == ["http://name.invalid:8080/"]
