"""The search of the web: real ddgs and our own client against stand-ins of the engines, through a proxy."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import primp
import pytest

from plugins import SearchWays, ToolError, Web, WebSearch
from plugins._judging import Rules
from plugins._search_ddgs import _Watched
from plugins._search_engine import Away
from plugins._search_ways import KNOWN
from tests.plugins.engines import (
    Certificates,
    Engines,
    Reply,
    Row,
    Searxng,
    brave,
    certificates,
    duckduckgo,
    engines,
    mojeek,
    searxng,
    startpage,
    wikipedia,
    yahoo,
)

DDG, BRAVE, MOJEEK = "html.duckduckgo.com", "search.brave.com", "www.mojeek.com"
PAGES: Sequence[Row] = (
    ("The pier & its piles", "https://example.org/a%20b?x=%2Fy&z=1", "Jan 3, 2026 — the piles are sound"),
    ("栈桥", "https://zh.example.org/栈桥/%E6%9C%A8", "2026年2月1日 桥面有 12 块木板腐烂"),
)
TODAY = date(2026, 3, 1)
Open = Callable[..., WebSearch]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def standing(authority: Certificates) -> Iterator[Engines]:
    with engines(authority) as made:
        yield made


@pytest.fixture
def server() -> Iterator[Searxng]:
    with searxng() as made:
        yield made


@pytest.fixture
def opened(standing: Engines, authority: Certificates, tmp_path: Path) -> Iterator[Open]:
    made: list[WebSearch] = []

    def opening(
        *names: str,
        url: str | None = None,
        pause: float = 0.0,
        patience: tuple[float, float] = (4.0, 9.0),
        trusting: bool = True,
        hosts: Sequence[str] | None = None,
    ) -> WebSearch:
        web = Web(
            rules=Rules(hosts=hosts),
            proxy=standing.proxy,
            no_proxy=("127.0.0.1",),
            authorities=authority.authority if trusting else None,
        )
        ways = SearchWays(web=web, engines=names, searxng=url, kept=tmp_path, pause=pause, patience=patience)
        made.append(WebSearch(ways, today=lambda: TODAY))
        return made[-1]

    yield opening
    for one in made:
        one.close()


def refusal(search: WebSearch, query: str = "pier", **narrowed: str) -> ToolError:
    with pytest.raises(ToolError) as caught:
        search.find(query, **narrowed)  # type: ignore[arg-type]
    return caught.value


# ------------------------------------------------------------- what the engines say


@pytest.mark.parametrize(
    ("name", "host", "page"),
    [
        ("duckduckgo", DDG, duckduckgo(*PAGES)),
        ("brave", BRAVE, brave(*PAGES)),
        ("mojeek", MOJEEK, mojeek(*PAGES)),
        ("yahoo", "search.yahoo.com", yahoo(*PAGES)),
    ],
)
def test_addresses_come_out_as_they_were_written(
    standing: Engines, opened: Open, name: str, host: str, page: str
) -> None:
    standing.say(host, page)
    found = opened(name).find("pier")
    assert [one.url for one in found.hits] == [url for _, url, _ in PAGES]
    assert [one.title for one in found.hits] == [title for title, _, _ in PAGES]
    assert [one.date for one in found.hits] == ["2026-01-03", "2026-02-01"]
    assert {one.engine for one in found.hits} == {name}


def test_startpage_is_asked_with_the_code_of_its_front_page(standing: Engines, opened: Open) -> None:
    standing.answers["www.startpage.com"] = startpage(*PAGES)
    assert len(opened("startpage").find("pier").hits) == 2
    assert standing.words("www.startpage.com")["sc"] == "a-code"


def test_an_address_behind_a_redirector_is_taken_out_of_it(standing: Engines, opened: Open) -> None:
    inner = "//duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.org%2Fa%2520b%3Fx%3D%252Fy&rut=1"
    advert = "https://duckduckgo.com/y.js?ad_domain=shop.example"
    standing.say(DDG, duckduckgo(("A", inner, "words"), ("Buy", advert, "now"), ("B", "javascript:alert(1)", "")))
    assert [one.url for one in opened("duckduckgo").find("pier").hits] == ["https://example.org/a%20b?x=%2Fy"]


def test_wikipedia_is_asked_in_the_language_of_the_query(standing: Engines, opened: Open) -> None:
    standing.say("zh.wikipedia.org", wikipedia(("木桥 (消歧义)?", 'A <span class="searchmatch">木桥</span> &amp; 桥')))
    found = opened("wikipedia").find("木桥")
    assert found.hits[0].url.startswith("https://zh.wikipedia.org/wiki/%E6%9C%A8%E6%A1%A5_")
    assert found.hits[0].url.endswith("%3F")
    assert found.hits[0].text == "A 木桥 & 桥"
    assert standing.asked[-1].headers["user-agent"].startswith("thinkact")


def test_a_chinese_query_is_asked_in_a_chinese_region(standing: Engines, opened: Open) -> None:
    standing.say(DDG, duckduckgo(*PAGES))
    opened("duckduckgo").find("栈桥 腐烂")
    assert standing.words(DDG) == {"q": "栈桥 腐烂", "b": "", "l": "cn-zh"}


# ------------------------------------------------------------- in turn


def test_the_next_engine_is_asked_where_one_does_not_answer(standing: Engines, opened: Open) -> None:
    standing.say(DDG, "", 429, Retry_After="30")
    standing.say(BRAVE, brave(*PAGES))
    search = opened("duckduckgo", "brave")
    found = search.find("pier", count=4)
    assert [(one.engine, one.outcome) for one in found.asked] == [("duckduckgo", "limited"), ("brave", "found")]
    assert "again in 30 s" in found.asked[0].detail


def test_an_engine_that_said_enough_is_not_asked_at_once_by_the_next_run_either(
    standing: Engines, opened: Open
) -> None:
    standing.say(DDG, "", 429)
    standing.say(BRAVE, brave(*PAGES))
    opened("duckduckgo", "brave").find("pier", count=4)
    found = opened("duckduckgo", "brave").find("another", count=4)
    assert standing.hosts().count(DDG) == 1
    assert found.asked[0].detail == "again in 10 min"


def test_engines_are_asked_until_half_of_what_is_wanted_is_there_and_pages_come_once(
    standing: Engines, opened: Open
) -> None:
    title, url, _ = PAGES[0]
    standing.say(DDG, duckduckgo((title, url, "short")))
    standing.say(BRAVE, brave((title, f"{url}&utm_source=b".replace("https://", "http://www."), "much longer words")))
    standing.say(MOJEEK, mojeek(*PAGES))
    found = opened("duckduckgo", "brave", "mojeek").find("pier", count=4)
    assert [one.url for one in found.hits] == [url, PAGES[1][1]]
    assert found.hits[0].text == "much longer words"
    assert standing.hosts() == [DDG, BRAVE, MOJEEK]


def test_the_same_question_is_not_asked_again_within_the_hour(standing: Engines, opened: Open) -> None:
    standing.say(DDG, duckduckgo(*PAGES))
    first = opened("duckduckgo").find("the  pier", count=4)
    again = opened("duckduckgo").find("The pier", count=1)
    assert first.age is None
    assert again.age is not None
    assert again.hits == first.hits[:1]
    assert len(standing.asked) == 1
    opened("duckduckgo").find("The pier", count=9)  # more than was asked for before
    assert len(standing.asked) == 2


def test_threads_ask_one_engine_with_a_pause_between(standing: Engines, opened: Open) -> None:
    times: list[float] = []

    def answer(_: object) -> Reply:
        times.append(time.monotonic())
        return Reply(duckduckgo(*PAGES))

    standing.answers[DDG] = answer
    search = opened("duckduckgo", pause=0.3)
    search.find("what loads the engines")
    times.clear()
    begun = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(search.find, ["one", "two", "three"]))
    # A question may come late on a busy machine, and never before its turn.
    assert len(times) == 3
    assert all(at - begun >= 0.3 * turn for turn, at in enumerate(sorted(times)))


# ------------------------------------------------------------- three answers that are different


@pytest.mark.parametrize("status", [202, 403, 429])
def test_an_engine_that_wants_no_more_is_told_as_that(standing: Engines, opened: Open, status: int) -> None:
    standing.say(DDG, "<html><body>please wait</body></html>", status)
    error = refusal(opened("duckduckgo"))
    assert error.kind == "rate-limited"
    assert "duckduckgo" in error.message
    assert "again in" in error.message


def test_a_page_that_asks_whether_we_are_a_robot_is_told_as_that(standing: Engines, opened: Open) -> None:
    standing.say(DDG, '<html><body><div class="anomaly-modal__title">Unfortunately, bots…</div></body></html>')
    assert refusal(opened("duckduckgo")).kind == "rate-limited"


def test_an_engine_that_leads_elsewhere_is_not_followed(standing: Engines, opened: Open) -> None:
    standing.say(DDG, "", 302, Location="https://geo.elsewhere.example/consent")
    standing.say("geo.elsewhere.example", duckduckgo(*PAGES))
    error = refusal(opened("duckduckgo"))
    assert error.kind == "rate-limited"
    assert "geo.elsewhere.example" in error.message
    assert standing.hosts() == [DDG]


def test_an_engine_that_leads_on_within_itself_is_followed(standing: Engines, opened: Open) -> None:
    standing.answers[DDG] = lambda asked: (
        Reply(duckduckgo(*PAGES)) if asked.path == "/html/2" else Reply("", 303, {"Location": "/html/2"})
    )
    assert len(opened("duckduckgo").find("pier").hits) == 2


def test_engines_that_know_nothing_are_no_failure(standing: Engines, opened: Open) -> None:
    menu = "<p>Settings, language, region, feedback and help.</p>" * 60
    standing.say(DDG, f"<html><body>{menu}<div>No results found for <b>qzx</b></div></body></html>")
    again = "".join(
        f'<a href="https://{name}.example/?q=qzx">{name}</a>' for name in ("google", "bing", "baidu", "kagi")
    )
    standing.say(BRAVE, brave().replace("<body>", f"<body>Not many great matches came up. Try {again}"))
    found = opened("duckduckgo", "brave").find("qzx")
    assert (list(found.hits), [one.outcome for one in found.asked]) == ([], ["nothing", "nothing"])


ROWS = "".join(f"<article><a href='https://site{n}.example/{n}'>Page {n} of the pier</a></article>" for n in range(9))


@pytest.mark.parametrize(
    "body",
    [
        f"<script>var captcha_site = 1</script>{ROWS}",
        f"{ROWS}<p>How piers did not have planks, and why no results are known</p>",  # words of a page that was found
        "<div id='root'></div><script src='/app.js'></script>",
        "",
    ],
)
def test_a_page_that_is_made_differently_is_told_apart_from_no_results(
    standing: Engines, opened: Open, body: str
) -> None:
    standing.say(DDG, f"<html><body>{body}</body></html>")
    error = refusal(opened("duckduckgo"))
    assert error.kind == "unreadable"
    assert "made differently" in error.message


def test_what_an_encyclopedia_does_not_know_is_no_answer_where_the_others_cannot_look(
    standing: Engines, opened: Open
) -> None:
    standing.say(DDG, "", 429)
    standing.say("en.wikipedia.org", wikipedia())
    assert refusal(opened("duckduckgo", "wikipedia")).kind == "rate-limited"
    assert list(opened("wikipedia").find("pier").hits) == []


def test_no_network_is_told_as_that(opened: Open, tmp_path: Path) -> None:
    ways = SearchWays(web=Web(proxy="http://127.0.0.1:9"), pause=0)
    with WebSearch(ways) as search:
        error = refusal(search)
    assert error.kind == "unreachable"
    assert "duckduckgo, brave, mojeek, startpage" in error.message
    assert "network" in str(error.hint)
    assert "pier" not in error.message


def test_a_certificate_of_strangers_is_not_taken(standing: Engines, opened: Open) -> None:
    standing.say(DDG, duckduckgo(*PAGES))
    standing.say("en.wikipedia.org", wikipedia(("Pier", "")))
    error = refusal(opened("duckduckgo", "wikipedia", trusting=False))
    assert error.kind == "unreachable"
    assert "SSL_CERT_FILE" in error.message
    assert standing.asked == []


def test_silence_ends_in_the_time_that_is_given(standing: Engines, opened: Open) -> None:
    standing.silent.set()
    begun = time.monotonic()
    error = refusal(opened("duckduckgo", "brave", "mojeek", "wikipedia", patience=(0.4, 0.9)))
    assert time.monotonic() - begun < 2.5
    assert error.kind == "unreachable"
    assert "did not answer in time" in error.message
    assert "no time was left" in error.message


def test_an_engine_that_takes_the_question_and_says_nothing_is_left_in_time(standing: Engines, opened: Open) -> None:
    stopped = threading.Event()

    def wait(_: object) -> Reply:
        stopped.wait(3)
        return Reply()

    standing.answers[DDG] = wait
    begun = time.monotonic()
    assert refusal(opened("duckduckgo", patience=(0.5, 1.0))).kind == "unreachable"
    assert time.monotonic() - begun < 2
    stopped.set()


def test_an_answer_that_drips_is_cut_off_in_time() -> None:
    class Drip(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            with suppress(OSError):
                for _ in range(20):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Drip) as server:
        serving = threading.Thread(target=server.handle_request)
        serving.start()
        begun = time.monotonic()
        with pytest.raises(Away, match="in time"):
            _Watched(primp.Client(), begun + 0.5, Rules(hosts=["127.0.0.1"])).request(
                "GET", f"http://127.0.0.1:{server.server_address[1]}/"
            )
        assert time.monotonic() - begun < 1.5
        serving.join()


def test_json_in_which_results_are_called_otherwise_is_told_as_unreadable(standing: Engines, opened: Open) -> None:
    standing.say("en.wikipedia.org", json.dumps({"query": {"search": [{"name": "Pier"}]}}))
    assert refusal(opened("wikipedia")).kind == "unreadable"
    with searxng() as server:
        server.found({"link": "https://example.org/", "name": "A"})
        ways = SearchWays(web=Web(), engines=(), searxng=server.url, pause=0)
        with WebSearch(ways) as search:
            assert refusal(search).kind == "unreadable"


def test_json_that_is_none_is_told_as_unreadable(standing: Engines, opened: Open) -> None:
    standing.say("en.wikipedia.org", "<html>a portal of the hotel</html>")
    assert refusal(opened("wikipedia")).kind == "unreadable"
    standing.say("en.wikipedia.org", json.dumps({"error": {"code": "ratelimited"}}))
    assert refusal(opened("wikipedia"), "another").kind == "rate-limited"


# ------------------------------------------------------------- site and since


def test_a_site_is_asked_for_and_other_pages_are_left_out(standing: Engines, opened: Open) -> None:
    rows = [("A", "https://docs.example.org/guide/1", ""), ("B", "https://example.org.evil.example/guide/", "")]
    standing.say(DDG, duckduckgo(*rows, ("C", "https://example.org/guide", ""), ("D", "https://example.org/other", "")))
    found = opened("duckduckgo", "wikipedia").find("pier", site="https://www.example.org/guide/")
    assert standing.words(DDG)["q"] == "pier site:example.org/guide"
    assert [one.title for one in found.hits] == ["A", "C"]
    assert found.left_out == 2
    assert "wikipedia" not in {one.engine for one in found.asked}


@pytest.mark.parametrize(
    ("since", "asked"),
    [
        ("week", "w"),
        ("最近一个月", "m"),
        ("2026-02-22", "w"),
        ("2026-02-27", "2026-02-27..2026-03-01"),
        ("2023-05-01", "2023-05-01..2026-03-01"),
    ],
)
def test_a_time_is_told_to_the_engine(standing: Engines, opened: Open, since: str, asked: str) -> None:
    standing.say(
        DDG, duckduckgo(("A", "https://example.org/a", "undated"), ("B", "https://example.org/b", "2020-01-01 old"))
    )
    found = opened("duckduckgo").find("pier", since=since)
    assert standing.words(DDG)["df"] == asked
    assert ([one.title for one in found.hits], found.left_out) == (["A"], 1)


def test_an_engine_that_cannot_keep_to_a_time_is_asked_only_where_the_others_know_nothing(
    standing: Engines, opened: Open
) -> None:
    standing.say(BRAVE, brave(PAGES[0]))
    standing.say(MOJEEK, mojeek(*PAGES))
    found = opened("mojeek", "brave").find("pier", since="year")
    assert [one.engine for one in found.asked] == ["brave"]
    standing.say(BRAVE, brave())
    found = opened("mojeek", "brave").find("quay", since="year")
    assert [(one.engine, one.timed) for one in found.asked] == [("brave", True), ("mojeek", False)]


@pytest.mark.parametrize(
    ("narrowed", "said"),
    [
        ({"since": "tomorrow"}, "is no time"),
        ({"since": "2027-01-01"}, "lies ahead"),
        ({"site": "two words"}, "is no site"),
    ],
)
def test_what_cannot_be_meant_is_refused(opened: Open, narrowed: dict[str, str], said: str) -> None:
    assert said in refusal(opened("duckduckgo"), **narrowed).message


def test_an_engine_that_nobody_knows_is_named(opened: Open) -> None:
    error = refusal(opened("altavista"))
    assert "altavista" in error.message
    assert "duckduckgo" in str(error.hint)


def test_the_engines_that_can_be_named_are_those_of_ddgs_and_wikipedia() -> None:
    from ddgs.engines import ENGINES

    assert {*ENGINES["text"], "wikipedia"} == KNOWN


def test_a_file_of_certificates_that_is_none_is_told(tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        file = tmp_path / "authority.pem"
        if content is not None:
            file.write_text(content)
        with WebSearch(SearchWays(web=Web(authorities=file), engines=("brave", "wikipedia"), pause=0)) as search:
            error = refusal(search)
        assert error.kind == "unreachable"
        assert error.message.count("SSL_CERT_FILE") == 2


def test_a_time_that_an_engine_only_nearly_understands_is_told_as_that(standing: Engines, opened: Open) -> None:
    standing.say(BRAVE, brave(*PAGES))
    (asked,) = opened("brave").find("pier", count=2, since="2025-12-01").asked
    assert standing.words(BRAVE)["tf"] == "py"
    assert (asked.outcome, asked.timed) == ("found", False)


# ------------------------------------------------------------- SearXNG


def test_a_searxng_server_is_asked_first_though_it_is_private(standing: Engines, opened: Open, server: Searxng) -> None:
    standing.say(DDG, duckduckgo(*PAGES))
    server.found(
        {
            "title": "A <b>pier</b>",
            "url": "https://example.org/p",
            "content": "x",
            "publishedDate": "2026-02-03T10:00:00",
        },
        {"title": "none", "url": "ftp://example.org/"},
        {"title": "Q", "url": "https://example.org/q", "engine": "bing"},
    )
    found = opened("duckduckgo", url=server.url).find("木桥", count=2, since="month", site="example.org")
    assert [(one.title, one.date, one.engine) for one in found.hits] == [
        ("A pier", "2026-02-03", "searxng"),
        ("Q", "", "searxng/bing"),
    ]
    assert server.asked == [{"q": "木桥 site:example.org", "format": "json", "time_range": "month"}]
    assert standing.asked == []


def test_a_searxng_server_whose_engines_are_shut_out_is_no_word_on_the_web(
    standing: Engines, opened: Open, server: Searxng
) -> None:
    server.found(unresponsive=[["brave", "Suspended: too many requests"], ["google", "timeout"]])
    standing.say(DDG, duckduckgo(*PAGES))
    found = opened("duckduckgo", url=server.url).find("pier", count=2)
    assert [(one.engine, one.outcome) for one in found.asked] == [("searxng", "limited"), ("duckduckgo", "found")]
    assert "too many requests" in found.asked[0].detail


def test_a_searxng_server_that_gives_no_json_is_told_what_to_set(opened: Open, server: Searxng) -> None:
    server.reply = Reply("Forbidden", 403)
    error = refusal(opened(url=server.url))
    assert error.kind == "unreadable"
    assert "search.formats" in error.message


def test_a_searxng_server_that_is_away_is_told_by_its_name(opened: Open) -> None:
    error = refusal(opened(url="http://127.0.0.1:9/"))
    assert error.kind == "unreachable"
    assert "searxng: 127.0.0.1 cannot be reached" in error.message


# ------------------------------------------------------------- hosts that the goal file allows


def test_engines_of_other_hosts_are_not_asked_and_pages_of_other_hosts_left_out(
    standing: Engines, opened: Open, server: Searxng
) -> None:
    standing.say(BRAVE, brave(*PAGES))
    standing.say("en.wikipedia.org", wikipedia(("Pier", "A pier")))
    server.found({"title": "A", "url": "https://example.org/", "content": "pier"})
    search = opened("duckduckgo", "wikipedia", "brave", url=server.url, hosts=["search.brave.com", "*.example.org"])
    found = search.find("pier")
    assert standing.hosts() == [BRAVE]
    assert server.asked == []
    assert [one.outcome for one in found.asked] == ["refused", "refused", "refused", "found"]
    assert [one.url for one in found.hits] == [PAGES[1][1]], "example.org itself is not below it"
    assert found.not_allowed == 1
    assert search.find("pier").hits == found.hits, "nor is what was kept"


def test_where_no_engine_is_allowed_the_search_says_so(standing: Engines, opened: Open) -> None:
    refused = refusal(opened("duckduckgo", "wikipedia", hosts=["example.org"]))
    assert refused.kind == "refused"
    assert "duckduckgo: the goal file does not allow html.duckduckgo.com" in refused.message
    assert standing.asked == []


def test_what_a_goal_kept_to_its_hosts_was_answered_answers_no_other_run(standing: Engines, opened: Open) -> None:
    standing.say(BRAVE, brave(*PAGES))
    standing.say(DDG, duckduckgo(*PAGES))
    opened("duckduckgo", "brave", hosts=["search.brave.com", "*.example.org"]).find("pier")
    assert standing.hosts() == [BRAVE]
    opened("duckduckgo", "brave").find("pier")
    assert standing.hosts() == [BRAVE, DDG, BRAVE]
    assert refusal(opened("duckduckgo", "brave", hosts=["html.duckduckgo.com:8080"])).kind == "refused"
    assert standing.hosts() == [BRAVE, DDG, BRAVE]
