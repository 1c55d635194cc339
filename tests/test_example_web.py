"""The goal files of `examples/` that read the web, each run as a process: by the real ddgs against stand-ins of its
engines, or a SearXNG server, and real pages on loopback. What they cite must be there, whoever wrote it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.place import ROOT, Ended, Place, no_traceback
from tests.plugins.engines import Certificates, Engines, certificates, duckduckgo, engines, searxng
from tests.plugins.papers import pdf
from tests.plugins.test_http import Site, serve, to
from tests.plugins.web_desk import answering, article
from tests.server import Call, ChatServer, Reply, call

ROT = "The oak piles rot at the waterline, where air and water meet and worms are found each year."
TAR = "Tar keeps the rot out of wooden piers for some ten years, as the harbour office has written."
COPPER = "Copper plates keep the worms out of the piers of Hollin for at least sixty years."
木桩 = "木桥的木桩在水线附近腐烂，那里空气和水交替接触木材，每年都要查看。"
桐油 = "桐油能保护木桥的木桩大约十年，港务处的记录这样写道，防腐的费用由镇里承担。"
铜皮 = "铜皮能保护木桥的木桩六十年，不怕虫蛀，但是价钱是桐油的八倍，镇里用得很少。"
PAGES = {"piers.yaml": (ROT, TAR, COPPER), "木桥.yaml": (木桩, 桐油, 铜皮)}
OUT = {"piers.yaml": "out/piers.md", "木桥.yaml": "out/木桥.md"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def site() -> Iterator[Site]:
    yield from serve()


@pytest.fixture(params=["ddgs", "searxng"])
def search(request: pytest.FixtureRequest, site: Site, authority: Certificates) -> Iterator[dict[str, str]]:
    """The settings by which a search finds the pages of the site: a gone one first, then three that are there."""
    found = [("A page that is gone", site.url("/gone"), "words"), ("Piles", site.url("/piles"), "words")]
    found += [("Tar 桐油", site.url("/old"), "words"), ("A survey 调查", site.url("/survey.pdf"), "words")]
    found += [("One more", site.url("/more"), "words")]
    own = {"THINKACT_PRIVATE_HOSTS": f"127.0.0.1:{site.port}"}
    if request.param == "searxng":
        with searxng() as server:
            server.found(*({"title": title, "url": url, "content": text} for title, url, text in found))
            yield own | {"THINKACT_SEARXNG_URL": server.url}
            assert len(server.asked) == 1
    else:
        with engines(authority) as standing:
            standing.say("html.duckduckgo.com", duckduckgo(*found))
            yield own | proxied(standing, authority)
            assert standing.hosts() == ["html.duckduckgo.com"]


def proxied(standing: Engines, authority: Certificates) -> dict[str, str]:
    return {
        "HTTPS_PROXY": standing.proxy,
        "SSL_CERT_FILE": str(authority.authority),
        "THINKACT_SEARCH_ENGINES": "duckduckgo",
        "NO_PROXY": "127.0.0.1",
    }


def open_pages(site: Site, texts: Sequence[str]) -> None:
    """A page of the site for each text: HTML in GBK, one by way of another address, and a PDF."""
    first, second, third = texts
    site.answers["/piles"] = answering(article("Piles", first).encode("gbk"), "text/html; charset=gbk")
    site.answers["/old"] = to("/tar")
    site.answers["/tar"] = answering(article("Tar", second))
    site.answers["/survey.pdf"] = answering(pdf([["A survey."], [third]]), "application/pdf")
    site.answers["/more"] = answering(article("More", "Nobody is to open this page of the pier, as three were."))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("out"))
    return Place(tmp_path)


def checks(place: Place) -> list[tuple[int, bool, str]]:
    """Every check on citations that was made: its attempt, whether it passed, and what it said."""
    made = [event for event in place.events() if event["kind"] == "check" and " cites at least " in event["name"]]
    return [(event["attempt"], event["passed"], event["detail"]) for event in made]


def brief_of(place: Place, name: str) -> str:
    return (place.folder / "examples" / OUT[name]).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_offline_model_writes_a_brief_from_the_web_whose_citations_resolve(
    name: str, place: Place, site: Site, search: dict[str, str]
) -> None:
    open_pages(site, PAGES[name])
    ended = place.thinkact("run", f"examples/{name}", timeout=90, **{"THINKACT_MODEL": "offline"} | search)
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    brief = brief_of(place, name)
    for text, path in zip(PAGES[name], ("/piles", "/old", "/survey.pdf"), strict=True):
        (line,) = (line for line in brief.splitlines() if text in line)
        assert f"{site.url(path)}" in line, "each statement with the page that it is from"
    assert "/more" not in site.paths()
    assert checks(place) == [(1, True, "3 pages cited, all opened; 3 quotations found on them")]


# -- a language model, scripted: it searches, opens, sums up and writes, as often as it is sent back


def write(*lines: str, out: str) -> list[Reply]:
    """A brief is written and handed in."""
    return [
        call("write_file", path=out, content="\n".join(["# The brief", "", *lines, "", "In short, it rots. " * 30])),
        call("finish", answer="The brief is written.", files=[out], reached=True),
    ]


class Writer:
    """A model that opens the three pages and has them summed up, then hands in one brief after another."""

    def __init__(self, site: Site, *briefs: Sequence[Reply]) -> None:
        urls = [site.url(path) for path in ("/piles", "/old", "/survey.pdf")]
        self.script: list[Reply] = [
            call("web_search", query="rot in wooden piers"),
            Reply(calls=[Call(name="fetch_page", arguments={"url": url}) for url in urls]),
            call("summarize_pages", urls=urls, question="What rots, and what helps?"),
            *(reply for one in briefs for reply in one),
        ]
        self.prompts: list[str] = []

    def __call__(self, asked: dict[str, Any], number: int) -> Reply | str:
        if not asked.get("tools"):  # the tool's own question: it is answered with a sentence and its section
            self.prompts.append(str(asked["messages"][-1]["content"]))
            marks = re.findall(r"\[section (\d+)\]", self.prompts[-1])
            return "\n".join(f"- It is told in section {mark}. [section {mark}]" for mark in marks)
        made: int = sum(message["role"] == "assistant" for message in asked["messages"])
        return self.script[min(made, len(self.script) - 1)]


def run(place: Place, writer: Writer, search: dict[str, str], name: str = "piers.yaml") -> Ended:
    with ChatServer(writer) as server:
        settings: dict[str, Any] = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted"} | search
        ended = place.thinkact("run", f"examples/{name}", "--output", "json", **settings)
    no_traceback(ended)
    return ended


def test_a_language_models_made_up_citations_are_sent_back_until_each_of_them_resolves(
    place: Place, site: Site, search: dict[str, str]
) -> None:
    open_pages(site, PAGES["piers.yaml"])
    piles, tar, survey = (site.url(path) for path in ("/piles", "/tar", "/survey.pdf#page=2"))
    sound = [f"- “{ROT}” ({piles})", "- As said, “Tar keeps the rot out … for some ten years” [1].", f"- {COPPER} [2]"]
    sources = ["", f"[1]: {tar}", f"[2]: {survey}"]
    found_only = write(f"- “words” ({site.url('/more')})", *sound, *sources, out=OUT["piers.yaml"])
    made_up = write(
        f"- “The steel piles never rot at the waterline” ({piles})", *sound, *sources, out=OUT["piers.yaml"]
    )
    writer = Writer(site, found_only, made_up, write(*sound, *sources, out=OUT["piers.yaml"]))
    ended = run(place, writer, search)
    assert ended.returncode == 0, ended.stderr
    assert checks(place) == [
        (1, False, f"{site.url('/more')} was not opened in this run"),
        (2, False, f"“The steel piles never rot at the waterline” does not stand on {piles}"),
        (3, True, "3 pages cited, all opened; 3 quotations found on them"),
    ]
    assert all(text in writer.prompts[0] for text in PAGES["piers.yaml"])
    (summed,) = (e for e in place.events() if e["kind"] == "observation" and e["tool"] == "summarize_pages")
    assert all(f"]({url})" in summed["text"] for url in (piles, tar, survey))


def test_a_model_that_goes_on_lying_does_not_reach_the_goal(place: Place, site: Site, authority: Certificates) -> None:
    open_pages(site, PAGES["木桥.yaml"])
    lie = write(f"- “铜皮能保护木桩一百年之久”（{site.url('/piles')}）", out=OUT["木桥.yaml"])
    with engines(authority) as standing:
        standing.say("html.duckduckgo.com", duckduckgo(("木桩", site.url("/piles"), "words")))
        own = {"THINKACT_PRIVATE_HOSTS": f"127.0.0.1:{site.port}"}
        ended = run(place, Writer(site, lie), own | proxied(standing, authority), "木桥.yaml")
    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert told["state"] == "not_reached"
    assert "“铜皮能保护木桩一百年之久” does not stand on" in told["reason"]
    assert [passed for _, passed, _ in checks(place)] == [False] * 3
