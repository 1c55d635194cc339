"""The whole list of hostile addresses, by every way on which a tool, a plugin or a server may be led to one."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plugins import (
    Cache,
    McpServer,
    Rules,
    SearchWays,
    Toolbox,
    ToolError,
    Web,
    WebHttp,
    WebSearch,
    look_at_server,
)
from plugins._discovery import load_plugin
from plugins._page_browser import _Gate
from plugins._page_reader import Readers
from tests.plugins.hostile import Witness, hostile, witness
from tests.plugins.test_http import Site, page, to
from tests.plugins.web_desk import WebDesk

Open = Callable[[str], object]
"""Tries an address; raises ToolError, or returns what it said."""


@pytest.fixture(scope="module")
def seen() -> Iterator[Witness]:
    with witness() as made:
        yield made


@pytest.fixture
def rules(seen: Witness, site: Site) -> Rules:
    """The port is one that may be opened, so that nothing but the address itself can be refused."""
    return Rules(private=frozenset({f"127.0.0.1:{site.port}"}), ports=frozenset({80, 443, seen.port}))


def refused(seen: Witness, tried: Open, *, at_once: int = 8) -> Sequence[str]:
    """What is said of each address; none of them may be reached."""

    def one(url: str) -> str:
        try:
            return f"opened: {tried(url)}"
        except ToolError as error:
            return str(error)

    with ThreadPoolExecutor(at_once) as pool:
        said = list(pool.map(one, hostile(seen.port)))
    assert seen.seen == []
    assert [one for one in said if one.startswith("opened") or "\n" in one or "Traceback" in one] == []
    return said


def test_there_are_enough_of_them_and_the_witness_can_be_reached(seen: Witness) -> None:
    assert len(set(hostile(seen.port))) > 120
    with WebHttp(Web(rules=Rules(private=frozenset({f"127.0.0.1:{seen.port}", f"[::1]:{seen.port}"})))) as http:
        assert http.get(f"http://127.0.0.1:{seen.port}/", robots=False).content == b"secret"
    assert seen.seen == [f"GET 127.0.0.1:{seen.port}/"]
    seen.seen.clear()


@pytest.mark.parametrize("method", ["get", "send"])
def test_the_client_opens_none(seen: Witness, rules: Rules, method: str) -> None:
    with WebHttp(Web(rules=rules)) as http:
        said = refused(seen, http.get if method == "get" else lambda url: http.send("POST", url, content=b"x"))
    own = [one for one in said if "is not opened" in one or "no address of the web" in one]
    assert len(own) > 100  # the rest are names that nobody knows


def test_no_redirect_leads_there(seen: Witness, rules: Rules, site: Site) -> None:
    with WebHttp(Web(rules=rules)) as http:

        def led(url: str) -> object:
            path = f"/{hostile(seen.port).index(url)}"
            site.answers |= {path: to(f"{path}/on"), f"{path}/on": to(quoted(url), 307)}
            found = http.get(site.url(path), robots=False, timeout=5)
            return found.url if not found.url.startswith(site.url("/")) else _raise(found.url)

        refused(seen, led)


def quoted(url: str) -> str:
    """An address as a header can hold it: bytes of UTF-8, which the server writes as they are."""
    return url.encode().decode("latin-1")


def _raise(url: str) -> object:
    raise ToolError(f"it leads back to {url}")  # a Location without a host of its own


def test_no_rules_of_a_site_are_looked_for_there(seen: Witness, rules: Rules, site: Site) -> None:
    targets = iter(hostile(seen.port))
    site.answers |= {"/": page(), "/robots.txt": lambda handler: to(quoted(next(targets)))(handler)}
    tls = ssl.create_default_context()

    def led(_: str) -> object:
        with WebHttp(Web(rules=rules, tls=tls)) as http:
            http.get(site.url("/"), timeout=5)
        raise ToolError("the page itself may be read")

    refused(seen, led, at_once=1)


@pytest.mark.parametrize("host", ["127.0.0.1.", "witness.localhost", "wiki", "a.internal", "0x7f.1.", "[::1]"])
def test_no_proxy_is_asked_for_one(seen: Witness, site: Site, host: str) -> None:
    # The proxy would know the name, or leave out the full stop.
    url = f"http://{host}:{seen.port}/"
    site.answers[url] = page(b"secret")
    rules = Rules(ports=frozenset({seen.port}))
    web = Web(rules=rules, proxy=site.url("/"))
    with WebHttp(web) as http, pytest.raises(ToolError, match="is not opened"):
        http.get(url, robots=False)
    with pytest.raises(ToolError, match="is not opened"):
        look_at_server(McpServer(name="far", url=url, timeout=10), web)
    assert site.asked == []


def test_the_tools_that_read_pages_open_none(seen: Witness, rules: Rules, tmp_path: Path) -> None:
    cache = Cache()
    desk = WebDesk(tmp_path / "desk", cache=cache, rules=rules)

    def fetched(url: str) -> object:
        found = desk.fetch(url)
        return found.text if found.ok else _told(found.text)

    refused(seen, fetched)
    urls = hostile(seen.port)
    for start in range(0, len(urls), 20):
        found = desk.summary(urls[start : start + 20])
        assert not found.ok
        assert "none of the pages can be read" in found.text
    assert seen.seen == []
    desk.close()
    readers: Readers = cache.get("page readers", Readers, size=lambda _: 1)
    readers.close()


def _told(text: str) -> object:
    raise ToolError(text.partition("\nhint:")[0])


def test_a_browser_is_passed_none(seen: Witness, rules: Rules) -> None:
    with WebHttp(Web(rules=rules)) as http:

        def wanted(url: str) -> object:
            gate = _Gate(http, until=float("inf"), cancelled=lambda: False)
            asyncio.run(gate.pass_on(_Route(url)))  # type: ignore[arg-type, unused-ignore]  # Playwright may be here
            if gate.refused:
                raise ToolError("refused")
            return "passed on"

        refused(seen, wanted)


class _Route:
    """A request of a page's script, as Playwright hands it over."""

    def __init__(self, url: str) -> None:
        self.request = SimpleNamespace(resource_type="fetch", method="GET", url=url, headers={})

    async def abort(self, _: str) -> None:
        pass

    async def fulfill(self, **_: Any) -> None:
        raise AssertionError("it was fetched")


PEEK = '''
from plugins import Context, Effect, tool

@tool(effect=Effect.SEND)
def peek(url: str, post: bool = False, *, context: Context) -> str:
    """Read an address.

    Args:
        url: Where.
        post: Send something.
    """
    found = context.http.send("POST", url, content=b"x") if post else context.http.get(url)
    return found.content.decode()
'''


def test_a_plugin_reaches_none(seen: Witness, rules: Rules, tmp_path: Path) -> None:
    (tmp_path / "peek.py").write_text(PEEK, "utf-8")
    desk = WebDesk(tmp_path / "desk", rules=rules)
    desk.toolbox = Toolbox([load_plugin(tmp_path / "peek.py")])

    def tried(url: str) -> object:
        found = desk.call("peek", url=url, post=len(url) % 2 == 0)
        return found.text if found.ok else _told(found.text)

    refused(seen, tried)
    desk.close()


def test_a_server_of_tools_is_asked_at_none(seen: Witness, rules: Rules) -> None:
    web = Web(rules=rules)
    refused(seen, lambda url: look_at_server(McpServer(name="far", url=url, timeout=10), web))


def test_a_search_is_led_to_none(seen: Witness, rules: Rules, site: Site) -> None:
    targets = iter(hostile(seen.port))

    def leading(handler: Any) -> None:
        to(quoted(next(targets)))(handler)

    for number, _ in enumerate(hostile(seen.port)):
        site.answers[f"/search?q=pier+{number}&format=json"] = leading
    ways = SearchWays(web=Web(rules=rules), engines=(), searxng=site.url(""), pause=0)
    with WebSearch(ways) as search:
        numbers = iter(range(1000))
        refused(seen, lambda _: search.find(f"pier {next(numbers)}"), at_once=1)
    assert next(targets, None) is None  # it was led to each
