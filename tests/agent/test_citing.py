"""The check of citations: addresses that were not opened, and words that do not stand there, are found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent import checks
from agent.checks import Scene
from agent.events import ArtifactReference, Event, Observed, Record, Thought, ToolStarted
from agent.goal import CitationsCheck, Goal
from agent.history import History, page_key
from plugins import Workspace
from tests.kits import within

PILES = """# The piles of Hollin pier

The oak piles rot at the [waterline](http://p.example/w), where air and water meet. They were driven in **1958**.

> Copper plates keep the worms out for some sixty years, as the harbour office has measured.
"""
木桥 = "木桩在水线附近腐烂，那里空气和水交替接触木材。桐油可以保护木桩大约十年，铜皮则更久。"
PAGES = {"http://p.example/piles": PILES, "https://zh.example/木桥": 木桥}


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path) as opened:
        yield opened


def history(*calls: tuple[str, Any, Mapping[str, Any], Mapping[str, Any]]) -> History:
    """A run that made these calls: tool, effect, arguments, and what of the observation matters."""
    events: list[Event] = [Thought(text="", step=1)]
    for number, (tool, effect, arguments, came) in enumerate(calls):
        call = str(number)
        events.append(ToolStarted(call=call, tool=tool, arguments=arguments, arguments_hash="", effect=effect))
        events.append(Observed(call=call, tool=tool, **{"ok": True, "text": "", **came}))
    return History(Record(seq=at, elapsed=0.0, time=0.0, path="", event=one) for at, one in enumerate(events, 1))


def verdict(files: Workspace, text: str, *, count: int = 1, quotes: int = 0, opened: History | None = None) -> Any:
    files.write("b.md", text.encode())
    if opened is None:
        fetched = (("fetch_page", "fetch", {"url": url}, {"text": page}) for url, page in PAGES.items())
        opened = history(*fetched)
    scene = Scene(files=files, baseline={}, changed={}, judged={}, ran={}, pages=opened.opened)
    check = CitationsCheck(citations="b.md", min_count=count, min_quotes=quotes)
    (result,) = checks.make(Goal(goals=("g",), checks=(check,)), scene, attempt=1)
    return result.passed, result.detail


SOUND = {
    "marks of quotation": "It says “the oak piles rot at the waterline, where air and water meet” (http://p.example/piles).",
    "a link": 'They rot: "The oak piles rot at the waterline" ([Piles](http://p.example/piles#top)).',
    "over two lines": "- It says “They were driven\n  in 1958.” <http://p.example/piles>",
    "what was left out": "- “The oak piles … were driven in 1958” — http://p.example/piles/",
    "a quoted block": "> Copper plates keep the worms out for some sixty years\n\nSource: http://p.example/piles",
    "a quoted block with its source": "> Copper plates keep the worms out\n> — [Piles](http://p.example/piles)",
    "its own words": "- The oak piles rot at the waterline, where air and water meet. (http://p.example/piles)",
    "a foot note": "“The oak piles rot at the waterline”.[^1]\n\n[^1]: “A title of mine here”, http://p.example/piles",
    "a number": "“The oak piles rot at the waterline” [1].\n\n## Sources\n\n1. “A title of mine here” http://p.example/piles",
    "a list beside a list of sources": "1. It rots (http://p.example/piles).\n2. “They were driven in 1958” [1].\n\n"
    "## Sources\n1. http://p.example/piles",
    "HTML": '<p class="a-very-long-name">“They were driven in 1958” <a href="http://p.example/piles">Piles</a></p>',
    "a table": "| “The oak piles rot at the waterline” | http://p.example/piles |",
    "Chinese": "“木桩在水线附近腐烂，那里空气和水交替接触木材”（https://zh.example/木桥）。",
    "Chinese brackets": "「桐油可以保护木桩大约十年」【1】\n\n【1】https://zh.example/%E6%9C%A8%E6%A1%A5",
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND.keys())
def test_a_citation_that_resolves_passes_however_it_is_written(files: Workspace, text: str) -> None:
    assert verdict(files, text, quotes=1) == (True, "1 page cited, all opened; 1 quotation found on them")


LIES = {
    "a page that was not opened": ("It rots. (http://p.example/other)", "http://p.example/other was not opened"),
    "another host": ("“The oak piles rot at the waterline” (http://q.example/piles)", "was not opened in this run"),
    "words that are not there": ("“The steel piles rot at the waterline” (http://p.example/piles)", "“The steel piles"),
    "words of another page": (
        "“桐油可以保护木桩大约十年” http://p.example/piles https://zh.example/木桥\n\n- “桐油可以保护木桩大约十年” http://p.example/piles",
        "does not stand on http://p.example/piles",
    ),
    "other figures": ("“They were driven in 1959” (http://p.example/piles)", "1959” does not stand"),
    "a quoted block": ("> Copper plates keep the worms out for ever\n\nSource: http://p.example/piles", "for ever”"),
    "no source behind the words": ("“Nobody has ever said this”\n\nSee http://p.example/piles", "on any page that is"),
    "a mark without a source": ("It rots [2].\n\n[1]: http://p.example/piles", "[2] leads to no address"),
    "Chinese": ("“铜皮能保护木桩一百年之久”（https://zh.example/木桥）", "does not stand on https://zh.example/木桥"),
    "nothing": ("It rots.", "0 pages cited, wanted are 1"),
}


@pytest.mark.parametrize(("text", "told"), LIES.values(), ids=LIES.keys())
def test_a_made_up_citation_fails_and_says_which(files: Workspace, text: str, told: str) -> None:
    passed, detail = verdict(files, text)
    assert not passed
    assert told in detail
    assert "\n" not in detail


def test_the_same_quotation_again_is_no_other_one(files: Workspace) -> None:
    said = "- “The oak piles rot at the waterline” (http://p.example/piles)\n"
    assert verdict(files, said * 3, quotes=2) == (False, "1 statement in the words of the pages, wanted are 2")


def test_what_looks_like_an_entry_of_sources_to_which_no_mark_leads_is_weighed_and_proves_nothing(
    files: Workspace,
) -> None:
    made_up = "[x] It says “a sentence that nobody wrote about cats” http://p.example/piles"
    passed, told = verdict(files, made_up)
    assert (passed, "does not stand on http://p.example/piles" in told) == (False, True)
    title = "[1] “The piles of Hollin pier” http://p.example/piles"
    assert verdict(files, title)[0]
    assert not verdict(files, title, quotes=1)[0]


def test_the_same_page_twice_is_one_and_words_of_ones_own_are_no_quotation(files: Workspace) -> None:
    text = "It rots (http://p.example/piles). It is “old” (http://p.example/piles#b). `“Not this one either”`"
    assert verdict(files, text, count=2) == (False, "1 page cited, wanted are 2")
    assert verdict(files, text, quotes=1) == (False, "0 statements in the words of the pages, wanted are 1")
    assert verdict(files, text)[0]


def test_what_a_program_prints_or_a_failed_call_asked_for_was_not_opened(files: Workspace) -> None:
    printed = ("run_python", "execute", {"code": "x"}, {"value": {"url": "http://a.example/"}})
    failed = ("fetch_page", "fetch", {"url": "http://a.example/"}, {"ok": False})
    searched = ("web_search", "fetch", {"query": "http://a.example/"}, {"value": [{"url": "http://a.example/"}]})
    assert not history(printed, failed, searched).opened


def test_a_page_is_known_by_where_it_was_found_and_its_whole_text_is_looked_at(files: Workspace) -> None:
    kept = ArtifactReference(handle="a1", path="/a", media_type="text/markdown", bytes=1, sha256="")
    moved = ("fetch_page", "fetch", {"url": "http://p.example/old"}, {"value": {"url": "HTTPS://P.example/new/"}})
    long = ("fetch_page", "fetch", {"url": "http://p.example/long"}, {"text": "cut", "artifacts": (kept,)})
    pages = [{"url": "http://p.example/a", "title": "A", "handle": "a1"}, {"url": "http://p.example/b"}]
    many = ("summarize_pages", "fetch", {"urls": ["http://p.example/none"]}, {"value": {"pages": pages}})
    opened = history(moved, long, many).opened
    known = ("http://p.example/old", "https://p.example/new#top", "http://p.example/long", "http://p.example/a")
    assert [page_key(one) in opened for one in (*known, "http://p.example/none")] == [True] * 4 + [False]
    assert [opened[page_key(f"http://p.example/{one}")][0].handle for one in ("long", "a", "b")] == ["a1", "a1", None]


def test_a_hostile_text_takes_no_longer(files: Workspace) -> None:
    with within(10):
        for odd in ("[" * 40_000, "“" * 40_000, "(" * 40_000, '"' * 40_001, "[a](" * 10_000, "http://" * 20_000):
            verdict(files, f"{odd} http://p.example/piles")
