from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from plugins import AskedEngine, Hit, Searched, ToolError
from plugins._search_address import address_of, is_of_site, same_page, site_of
from plugins._search_engine import Limited, Question, Unreadable, judge_empty, plain
from plugins._search_kept import KEPT, Kept
from plugins._search_time import date_at_head, iso_day, since_of

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("day", date(2026, 2, 28)),
        ("Past week", date(2026, 2, 22)),
        ("past 3 months", date(2025, 11, 28)),
        ("in the last 2 years", date(2024, 2, 28)),
        ("today", TODAY),
        ("一天", date(2026, 2, 28)),
        ("最近一周", date(2026, 2, 22)),
        ("近3个月", date(2025, 11, 28)),
        ("过去两年", date(2024, 2, 28)),
        ("2026-02-03", date(2026, 2, 3)),
        ("2026/2/3", date(2026, 2, 3)),
        ("2026-02", date(2026, 2, 1)),
        ("2026", date(2026, 1, 1)),
        ("2026年2月3日", date(2026, 2, 3)),
        ("2026年2月", date(2026, 2, 1)),
        ("9999 years", date.min),
    ],
)
def test_a_time_is_read_as_people_and_models_write_it(said: str, day: date) -> None:
    assert since_of(said, TODAY) == day


def test_no_time_is_any_time() -> None:
    assert since_of("  ", TODAY) is None


@pytest.mark.parametrize("said", ["soon", "2026-13-01", "2026-02-30", "12", "week of rain", "2026-03-02", "明天"])
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(ToolError) as caught:
        since_of(said, TODAY)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Jan 3, 2026 — the piles", "2026-01-03"),
        ("September 12, 2025 · words", "2025-09-12"),
        ("3 February 2026 - words", "2026-02-03"),
        ("2026-02-03T10:00 words", "2026-02-03"),
        ("2026年2月3日 桥面", "2026-02-03"),
        ("3 days ago · words", "2026-02-26"),
        ("5小时前 · 桥面", "2026-03-01"),
        ("2周前", "2026-02-15"),
        ("In 2025 the pier was closed", ""),
        ("Dec 24, 2026: opening", ""),
        ("2026-02-31 is no day", ""),
        ("", ""),
    ],
)
def test_the_date_at_the_head_of_an_engines_words_is_read(text: str, day: str) -> None:
    assert date_at_head(text, TODAY) == day


def test_a_programs_time_is_cut_to_its_day() -> None:
    assert iso_day("2026-02-03T10:00:00+01:00") == "2026-02-03"
    assert iso_day("2026-02-03 10:00:00") == "2026-02-03"
    assert [iso_day(one) for one in (None, 3, "yesterday", "")] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://example.org/a%20b?x=%2Fy#part", "https://example.org/a%20b?x=%2Fy#part"),
        ("https://例子.example/桥?a=木 板", "https://例子.example/桥?a=木%20板"),
        ("//example.org/a", "https://example.org/a"),
        ('https://example.org/a\u202eb\n"<c>', "https://example.org/a%E2%80%AEb%0A%22%3Cc%3E"),
        ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.org%2F%2520&rut=2", "https://example.org/%20"),
        ("https://www.google.com/url?q=https://example.org/x&sa=U", "https://example.org/x"),
        ("https://duckduckgo.com/l/?uddg=javascript%3Aalert(1)", ""),
        ("javascript:alert(1)", ""),
        ("//duckduckgo.com/y.js?ad_domain=shop.example", ""),
        ("https://www.bing.com/aclick?ld=1", ""),
        ("https://name:word@example.org/", ""),
        ("https://[half/", ""),
        ("https://example.org:port/", ""),
        ("/relative", ""),
        ("", ""),
    ],
)
def test_an_address_is_made_whole_and_else_left_as_it_is(given: str, address: str) -> None:
    assert address_of(given) == address


def test_one_page_is_known_by_any_of_its_addresses() -> None:
    known = same_page("https://example.org/a?id=1")
    for other in ("http://www.example.org/a/?id=1", "https://example.org:443/a?utm_source=x&id=1#part"):
        assert same_page(other) == known
    for other in ("https://example.org/A?id=1", "https://example.org/a?id=2", "https://example.org:8443/a?id=1"):
        assert same_page(other) != known


def test_a_site_is_a_host_and_perhaps_a_path() -> None:
    assert site_of("https://www.Example.org/docs/") == "example.org/docs"
    assert site_of("site:*.example.org") == "example.org"
    assert site_of("  ") == ""
    for wrong in ("two words", "http://", "a..b", "exa$mple.org"):
        with pytest.raises(ToolError, match="is no site"):
            site_of(wrong)


def test_pages_are_held_against_their_site() -> None:
    assert is_of_site("https://docs.example.org/guide/a", "example.org")
    assert is_of_site("https://example.org/guide", "example.org/guide")
    assert is_of_site("https://xn--fsqu00a.example/", "例子.example")
    assert is_of_site("https://anything.example/", "")
    for other in (
        "https://evil-example.org/",
        "https://example.org.evil.example/",
        "https://evil.example/?example.org",
    ):
        assert not is_of_site(other, "example.org")
    assert not is_of_site("https://example.org/guidebook", "example.org/guide")


@pytest.mark.parametrize(
    "text", ["No  results found for qzx.", "Ничего не найдено", "没有找到与“栈桥”相关的结果", "We did not find results"]
)
def test_a_page_that_says_that_it_has_nothing_is_believed_however_long(text: str) -> None:
    judge_empty(f"<script>captcha()</script>{text}", f"{'a menu ' * 500}{text}")


@pytest.mark.parametrize("text", ["", "Turn on JavaScript", "a page of the pier " * 100])
def test_a_page_without_a_word_on_it_is_made_differently(text: str) -> None:
    with pytest.raises(Unreadable, match="made differently"):
        judge_empty("<html>", text)


@pytest.mark.parametrize("page", ["<form id='challenge-form'>", "Our systems have detected unusual traffic"])
def test_a_page_that_wants_a_person_is_known(page: str) -> None:
    with pytest.raises(Limited):
        judge_empty(page, page)


def test_words_of_others_become_one_line_that_can_be_printed() -> None:
    assert plain("a\x1b[31m\u202eb\n\tc") == "a [31m b c"


# ------------------------------------------------------------- what is kept

QUESTION = Question(query="The pier", count=2, site="", since=None, today=TODAY)
FOUND = Searched(
    hits=(Hit(title="栈桥", url="https://example.org/栈桥", text="words", engine="brave", date="2026-01-03"),),
    asked=(AskedEngine(engine="brave", outcome="found"),),
    left_out=1,
)


def test_what_was_found_is_kept_over_the_end_of_the_process_for_an_hour(tmp_path: Path) -> None:
    now = [1_000.0]
    first = Kept(tmp_path / "cache", clock=lambda: now[0])
    first.keep(QUESTION, ("brave",), FOUND)
    first.close()
    second = Kept(tmp_path / "cache", clock=lambda: now[0])
    now[0] += 600
    assert second.find(replace(QUESTION, query="the  PIER"), ("brave",)) == replace(FOUND, age=600.0)
    now[0] += KEPT
    assert second.find(QUESTION, ("brave",)) is None
    second.close()


@pytest.mark.parametrize(
    "other",
    [
        replace(QUESTION, query="the piers"),
        replace(QUESTION, site="example.org"),
        replace(QUESTION, since=TODAY),
        replace(QUESTION, count=3),
    ],
)
def test_another_question_is_another_question(tmp_path: Path, other: Question) -> None:
    kept = Kept(tmp_path)
    kept.keep(QUESTION, ("brave",), FOUND)
    assert kept.find(other, ("brave",)) is None
    assert kept.find(QUESTION, ("brave", "mojeek")) is None
    kept.close()


def test_an_engine_rests_as_long_as_it_was_told_to_and_a_clock_set_back_does_not_hold_it(tmp_path: Path) -> None:
    now = [100_000.0]
    kept = Kept(tmp_path, clock=lambda: now[0])
    kept.rest("brave", 60)
    assert (kept.resting("brave"), kept.resting("mojeek")) == (60.0, 0.0)
    now[0] += 61
    assert kept.resting("brave") == 0.0
    now[0] = 10.0
    assert kept.resting("brave") == 0.0
    kept.close()


def test_a_spoilt_file_costs_a_question_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / "searches.db").write_bytes(b"no database at all" * 100)
    kept = Kept(tmp_path)
    kept.keep(QUESTION, ("brave",), FOUND)
    kept.rest("brave", 60)
    assert (kept.find(QUESTION, ("brave",)), kept.resting("brave")) == (None, 0.0)
    kept.close()


def test_what_was_asked_does_not_stand_in_the_file(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.keep(replace(QUESTION, query="a private matter"), ("brave",), FOUND)
    kept.close()
    assert b"private matter" not in (tmp_path / "searches.db").read_bytes()
