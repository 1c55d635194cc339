"""Days of the calendar in questions, and the passages that stand under them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from memory.days import Days, spelled, without_dates
from memory.library import Converted, Library
from memory.recall import PASSAGES, Recall

LOG = "# Log\n" + "".join(
    f"\n## {weekday}, {day} {month} 2025\n\nTemperature {at}.5, wind {at}.2, snow 0.\n"
    for month, at in (("May", 1), ("June", 2), ("July", 3))
    for weekday, day in (("Friday", 13), ("Saturday", 14), ("Sunday", 15))
)
DIARY = "# 日志\n\n## 2026年3月5日\n\n气温七度，小雨。\n\n## 2026年3月6日\n\n气温九度，晴。\n"


def convert(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
    return Converted(kind="text", parts=[("", content.decode())], marked=False)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    place = tmp_path_factory.mktemp("days")
    docs = place / "docs"
    docs.mkdir()
    (docs / "log.md").write_text(LOG, "utf-8")
    (docs / "日志.md").write_text(DIARY, "utf-8")
    with Recall(place / "documents.db", rules=PASSAGES) as recall:
        library = Library(recall)
        assert len(list(library.add([docs], convert))) == 3
        yield library


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("What was it on 14 June 2025?", "What was it on ?"),
        ("What was it on June 14th, 2025?", "What was it on ?"),
        ("What was it on 2025-06-14?", "What was it on ?"),
        ("What was it on 14.06.2025, at noon?", "What was it on , at noon?"),
        ("2025年06月14日气温多少？", "气温多少？"),
    ],
)
def test_a_day_is_taken_out_of_a_question_with_all_of_its_spelling(question: str, rest: str) -> None:
    dates, left = without_dates(question)
    assert dates == (Days(2025, 6, 14, 14),)
    assert left.split() == rest.split()


def test_two_days_are_taken_out_and_the_words_between_them_stay() -> None:
    dates, left = without_dates("between March 3 and 2026-03-05, what")
    assert set(dates) == {Days(None, 3, 3, 3), Days(2026, 3, 5, 5)}
    assert left.split() == ["between", "and", ",", "what"]


@pytest.mark.parametrize("question", ["May I use it in June?", "How many in 2025?", "四月的会议", ""])
def test_what_names_no_single_day_stays_as_it_is(question: str) -> None:
    assert without_dates(question) == ((), question)


def test_each_spelling_of_a_day_is_read_as_that_day_again() -> None:
    for day in (Days(2025, 6, 4, 4), Days(2026, 12, 24, 24)):
        assert [without_dates(one) for one in spelled(day)] == [((day,), " ")] * 3
    assert spelled(Days(None, 12, 24, 24)) == ["24 december", "12-24", "12月24日"]


@pytest.mark.parametrize("query", ["14 June 2025", "2025-06-14", "June 14, 2025", "14.6.2025", "2025年6月14日"])
def test_the_passage_under_a_day_is_found_by_any_spelling_of_it(library: Library, query: str) -> None:
    assert library.search(query, 2)[0].heading.endswith("14 June 2025")


@pytest.mark.parametrize("query", ["5 March 2026", "3月5日气温", "2026-03-05"])
def test_so_is_one_under_a_day_in_chinese(library: Library, query: str) -> None:
    assert library.search(query, 1)[0].heading.endswith("2026年3月5日")


@pytest.mark.parametrize("query", ["temperature 14 July 2025", "the wind on 2025-07-14", "14.07.2025 snow"])
def test_a_day_is_found_among_many_whose_passages_say_the_same(tmp_path: Path, query: str) -> None:
    logbook = Path(__file__).resolve().parents[2] / "examples" / "documents" / "logbook-2025.md"
    with Recall(tmp_path / "documents.db", rules=PASSAGES) as recall:
        library = Library(recall)
        assert len(list(library.add([logbook], convert))) == 2
        assert library.search(query, 5)[0].heading.endswith("14 July 2025")
