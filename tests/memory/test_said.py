"""When and by whom an entry was said, and days told by the day of their telling."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory import Recall
from memory._days import Days, days_in
from memory._relative_days import relative_days
from memory._said import day_said, said, speaker, undated

WEDNESDAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("text", "when", "who"),
    [
        ("29 December 2023 Emi: hello", "29 December 2023", "Emi"),
        ("(1:56 pm on 8 May, 2023) Caroline: hello", "(1:56 pm on 8 May, 2023)", "Caroline"),
        ("[2023-05-08 13:56] Bob Smith: hello", "[2023-05-08 13:56]", "Bob Smith"),
        ("2024-01-02T10:00:00Z worker-3: failed", "2024-01-02T10:00:00Z", "worker-3"),
        ("Monday 8 May, 3pm - Tom: hello", "Monday 8 May, 3pm -", "Tom"),
        ("2023年5月7日 小明：你好", "2023年5月7日", "小明"),
        ("【2023年5月7日 周日】小明：你好", "【2023年5月7日 周日】", "小明"),
        ("2023-05-08 alice> make test", "2023-05-08", "alice"),
        ("Sunil: hello", "", "Sunil"),
        ("May: I went", "", "May"),
        ("On Monday I went there", "", ""),
        ("2023-05-08", "", ""),
        ("", "", ""),
    ],
)
def test_the_beginning_of_an_entry_tells_when_and_who(text: str, when: str, who: str) -> None:
    entry = said(text)
    assert (entry.when.strip(), entry.who) == (when, who)
    assert entry.when + entry.what == text


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("(1:56 pm on 8 May, 2023) Caroline: hello", "Caroline: hello"),
        ("2023年5月7日 小明：你好", "小明：你好"),
        ("8 May 2023?", "8 May 2023?"),
        ("hello on 8 May 2023", "hello on 8 May 2023"),
    ],
)
def test_a_text_without_its_date_is_never_nothing(text: str, bare: str) -> None:
    assert undated(text) == bare


def test_the_date_before_an_entry_makes_no_vectors_alike(tmp_path: Path) -> None:
    asked: list[str] = []

    class Counting:
        id, dimensions = "counting", 8

        def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            asked.extend(texts)
            return [[1.0] + [0.0] * 7 for _ in texts]

    with Recall(tmp_path / "notes.db", embedder=Counting()) as recall:
        recall.add("2023-05-08 Ada: the hull is red")
        assert [hit.text for hit in recall.search("the hull")] == ["2023-05-08 Ada: the hull is red"]
    assert asked == ["Ada: the hull is red", "the hull"]


@given(st.text(max_size=120) | st.text("0123456789abf/.:-+TZ_ ", max_size=120), st.dates())
def test_any_text_can_be_read_for_its_beginning_and_its_days(text: str, told: date) -> None:
    entry = said(text)
    assert entry.when + entry.what == text
    assert all(1 <= day.first <= day.last <= 31 for day in relative_days(text, told))


@pytest.mark.parametrize(
    "text",
    ["1 " * 50_000 + "x: y", "0" * 60 + "a", "1" * 60_000, "1" + " " * 60_000, "in May " * 20_000, "a day " * 20_000],
)
def test_a_hostile_text_is_read_at_once(text: str) -> None:
    began = time.process_time()
    assert said(text).who == ""
    days_in(text)
    relative_days(text, WEDNESDAY)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "text",
    [
        "404 errors on login",
        "192.168.1.1 is the router",
        "3.11.2 is the version of Python",
        "1,000 users came",
        "7-zip is installed",
        "2024 roadmap: buy a boat",
        "0000000000000000463ac35c9f64 is the trace",
    ],
)
def test_a_number_at_the_beginning_is_no_date(text: str) -> None:
    assert said(text).when == ""
    assert undated(text) == text


@pytest.mark.parametrize(
    "text", ["Error: the disk is full", "INFO: up", "http://example.org", "C:\\temp", "TODO: mend"]
)
def test_levels_schemes_and_drives_are_no_speakers(text: str) -> None:
    assert said(text).who == ""


def test_what_the_metadata_names_goes_before_what_the_text_begins_with() -> None:
    entry = said("2023-05-08 Ada: hello")
    assert speaker(entry, {"author": "Ben"}) == "Ben"
    assert speaker(entry, {"speaker": 3}) == ""
    assert speaker(entry, {}) == "Ada"


@pytest.mark.parametrize(
    ("text", "metadata", "expected"),
    [
        ("8 May 2023 Ada: hello", {"date": "2024-01-01"}, date(2023, 5, 8)),
        ("Ada: hello", {"n": 1, "date": "2024-01-01"}, date(2024, 1, 1)),
        ("31 June 2023 Ada: hello", {}, WEDNESDAY),
        ("May 2023, Ada: hello", {}, WEDNESDAY),
        ("Ada: hello", {}, WEDNESDAY),
    ],
)
def test_the_day_it_was_said_is_the_first_whole_date(text: str, metadata: dict[str, object], expected: date) -> None:
    assert day_said(said(text), metadata, WEDNESDAY) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("I saw her yesterday", -1, -1),
        ("she left last night", -1, -1),
        ("the day before yesterday", -2, -2),
        ("tomorrow at nine", 1, 1),
        ("the day after tomorrow", 2, 2),
        ("it is today", 0, 0),
        ("three days ago", -3, -3),
        ("it was 1 day ago", -1, -1),
        ("a week ago", -9, -5),
        ("last Friday", -5, -5),
        ("next Wednesday", 7, 7),
        ("last Wednesday", -7, -7),
        ("last Monday", -2, -2),
        ("next Friday", 2, 2),
        ("three weeks ago", -23, -19),
        ("三个礼拜前", -23, -19),
        ("thirty-one days ago", -31, -31),
        ("next week", 1, 13),
        ("next month", 28, 57),
        ("昨天下雨", -1, -1),
        ("我们前天到的", -2, -2),
        ("后天走", 2, 2),
        ("我三天前去的", -3, -3),
        ("两周以前", -16, -12),
        ("上周五", -5, -5),
        ("大前天", -3, -3),
        ("大后天", 3, 3),
        ("十二天前", -12, -12),
        ("三十天前", -30, -30),
        ("twenty five days ago", -25, -25),
        ("a month of twenty-one days ago", -21, -21),
        ("上上周", -20, -8),
        ("下周天", 11, 11),
        ("下个星期", 1, 13),
    ],
)
def test_days_are_counted_from_the_day_of_the_telling(text: str, first: int, last: int) -> None:
    found = relative_days(text, WEDNESDAY)
    days = [WEDNESDAY + timedelta(n) for n in range(-40, 80)]
    hit = [day for day in days if any(one.meets(Days(day.year, day.month, day.day, day.day)) for one in found)]
    assert (hit[0], hit[-1]) == (WEDNESDAY + timedelta(first), WEDNESDAY + timedelta(last))
    assert len(hit) == last - first + 1


def test_the_last_month_is_the_month_before() -> None:
    assert relative_days("last month", WEDNESDAY) == [Days(2026, 2, 1, 28)]
    assert relative_days("上个月", date(2026, 1, 15)) == [Days(2025, 12, 1, 31)]


@pytest.mark.parametrize(
    "text",
    [
        *("a weekend", "mayday", "four", "周五", "half a day ago", "the last month of 2020", ""),
        *("目前天气很好", "之前天天跑步", "晚上月亮很圆", "楼下月季开了", "说明天书", "透明天花板", "后天性心脏病"),
        *("前天线坏了", "以后天天来", "然后天黑了"),
    ],
)
def test_other_words_tell_no_day(text: str) -> None:
    assert relative_days(text, WEDNESDAY) == []


def test_a_thousand_days_are_a_thousand_days() -> None:
    assert relative_days("1,000 days ago", WEDNESDAY) == [Days(2023, 6, 8, 8)]
    assert relative_days("999 weeks ago", WEDNESDAY)[0].year == 2007


@pytest.mark.parametrize("told", [date(1, 1, 5), date(9999, 12, 31)])
def test_at_the_ends_of_the_calendar_there_is_no_day(told: date) -> None:
    assert relative_days("three weeks ago, last month, next month, tomorrow", told) == []


def test_a_note_of_the_end_of_time_spoils_no_search(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder="none") as recall:
        recall.add("9999-12-31: see you next month, Bob said about boats")
        with sqlite3.connect(tmp_path / "notes.db") as connection:
            connection.execute("UPDATE notes SET created = 1e18")
        connection.close()
        assert len(recall.search("what did Bob say yesterday about boats?")) == 1


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("23.01.2024", Days(2024, 1, 23, 23)),
        ("am 3. 2. 2024", Days(2024, 2, 3, 3)),
        ("三月五号", Days(None, 3, 5, 5)),
        ("十一月二十三日", Days(None, 11, 23, 23)),
    ],
)
def test_days_are_read_with_the_day_first_and_in_characters(text: str, day: Days) -> None:
    assert days_in(text) == [day]


def told(file: Path, query: str, *entries: str) -> Sequence[str]:
    with Recall(file, embedder="none") as recall:
        recall.add_many([*entries, *(f"1{n} March 2021 Eve: the room was painted" for n in range(10))])
        return [hit.text for hit in recall.search(query, 3)]


@pytest.mark.parametrize(
    "form", ["{}: ", "3 May 2023 {}: ", "(1:56 pm on 3 May, 2023) {}: ", "[2023-05-03 13:56] {}: "]
)
def test_who_is_asked_about_is_believed_before_who_names_them(tmp_path: Path, form: str) -> None:
    about, by = form.format("Ben") + "Ada, did you like the opera?", form.format("Ada") + "the opera was long"
    assert told(tmp_path / "notes.db", "What did Ada think of the opera?", about, by)[0] == by


def test_an_entry_is_of_the_day_that_it_tells_of(tmp_path: Path) -> None:
    # Of equals the later comes first, so what is to be found stands first.
    early, late = "2 May 2023 Ada: I saw the dentist there", "8 May 2023 Ada: I saw the dentist yesterday"
    assert told(tmp_path / "notes.db", "Did Ada see the dentist on 7 May 2023?", late, early)[0] == late
    early, late = "2023年5月2日 小明：在城里看了牙医", "2023年5月8日 小明：昨天看了牙医"
    assert told(tmp_path / "more.db", "2023年5月7日小明看牙医了吗", late, early)[0] == late
    asides = "the tram was full, the bakery was shut, it rained, and then, at last, the dentist"
    early, late = f"2 May 2023 Ada: {asides}, at once", f"8 May 2023 Ada: {asides}, yesterday"
    assert told(tmp_path / "long.db", "Did Ada see the dentist on 7 May 2023?", late, early)[0] == late


def test_an_entry_is_of_each_day_that_its_metadata_names(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add("Ada pays the roofer", {"asked": "2023-05-02", "due": "2023-05-07"})
        recall.add("Ada pays the grocer", {"asked": "2023-05-02", "due": "2023-05-09"})
        assert recall.search("Whom does Ada pay on 7 May 2023?")[0].text == "Ada pays the roofer"


@pytest.mark.parametrize("form", ["March 5, 2026", "5 March 2026", "2026-03-05", "05.03.2026", "2026年3月5日"])
@pytest.mark.parametrize("told_as", ["On 2026-03-05", "On March 5th, 2026", "2026年3月5日", "On 5.3.2026"])
def test_a_day_is_found_however_it_is_written(tmp_path: Path, form: str, told_as: str) -> None:
    right, wrong = f"{told_as} the pump failed", "On 5 April 2026 the pump failed, and in March 2025"
    assert told(tmp_path / "notes.db", f"what happened with the pump {form}", right, wrong)[0] == right
    assert told(tmp_path / "only.db", form, right, wrong)[0] == right


def test_a_day_that_a_question_tells_from_today_is_the_day_a_note_was_written(tmp_path: Path) -> None:
    old, new = "2 May 2023: we chose the red paint for the hull back then", "We chose the blue paint for the hull"
    assert told(tmp_path / "notes.db", "which paint for the hull did we choose today?", new, old)[0] == new
    assert told(tmp_path / "other.db", "今天选了什么漆", "选了蓝漆", "2023年5月2日：他们选了红漆")[0] == "选了蓝漆"
