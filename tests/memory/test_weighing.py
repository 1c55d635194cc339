"""What makes one of two entries come first that hold the same words of a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from memory import Recall
from memory._days import Days, days_in
from memory._relative_days import relative_days
from memory._said import said, speaker
from memory.embedding import Embedder


def found(tmp_path: Path, query: str, *entries: str, embedder: Embedder | None = None) -> Sequence[str]:
    with Recall(tmp_path / "notes.db", embedder=embedder) as recall:
        recall.add_many(entries)
        return [hit.text for hit in recall.search(query)]


# Of equals the later comes first, so what is to be found stands first.


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        ("When does the piano tuner come?", "The piano tuner comes on Thursday", "The piano tuner comes by tram"),
        ("钢琴调音师什么时候来", "钢琴调音师星期四来", "钢琴调音师坐电车来"),
    ],
)
def test_who_asks_when_is_told_a_time(tmp_path: Path, query: str, right: str, wrong: str) -> None:
    assert found(tmp_path, query, right, wrong) == [right, wrong]


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        ("What about the balcony?", "Ben: The balcony needs a new rail, the old one is rusty", "Ben: The balcony!"),
        ("阳台怎么样", "阳台的栏杆生锈松动了，冬天以前要换一副新的", "阳台！"),
        # The date before it says nothing of the balcony.
        (
            "What about the balcony?",
            "The balcony rail is loose and rusty",
            "(1:56 pm on Monday, 8 May, 2023) The balcony!",
        ),
    ],
)
def test_what_says_something_comes_before_what_only_names_it(
    tmp_path: Path, query: str, right: str, wrong: str
) -> None:
    assert found(tmp_path, query, right, wrong) == [right, wrong]


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        (
            "What kind of cheese did Nora buy?",
            "Nora bought a wheel of Gouda cheese",
            "Nora was kind to the cheese seller",
        ),
        (
            "Do you remember which thing Nora planted last time?",
            "Nora planted a quince",
            "I remember the last time, thing by thing",
        ),
    ],
)
def test_how_a_question_is_put_counts_less_than_what_it_is_about(
    tmp_path: Path, query: str, right: str, wrong: str
) -> None:
    assert found(tmp_path, query, right, wrong)[0] == right


def test_of_equals_the_one_that_was_said_last_comes_first(tmp_path: Path) -> None:
    entries = ["Invoice 17 was paid", "Invoice 18 was paid", "Invoice 17 was paid"]
    assert found(tmp_path, "invoice paid", *entries) == ["Invoice 17 was paid", "Invoice 18 was paid"]


class OfLatinLetters:
    """An embedder to which all that is bought is one thing, in whatever script."""

    id, dimensions, latin_only = "latin", 2, True

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[1.0, 0.0] if "买" in text or "buy" in text else [0.1, 1.0] for text in texts]


def test_vectors_that_know_no_chinese_do_not_order_what_a_chinese_question_finds(tmp_path: Path) -> None:
    right, wrong = "红苹果在厨房", "他买的苹果在车里"
    assert found(tmp_path, "你买的红苹果在厨房哪里", right, wrong, embedder=OfLatinLetters())[0] == right


def test_the_sender_of_a_letter_is_who_said_it(tmp_path: Path) -> None:
    assert speaker(said("The opera was long"), {"from": "Ada"}) == "Ada"
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add("The opera was far too long", {"from": "Ada"})
        recall.add("The opera was sold out", {"to": "Ada"})
        assert recall.search("What did Ada say of the opera?")[0].text == "The opera was far too long"


@pytest.mark.parametrize(
    ("part", "first", "last"),
    [
        ("the first week of", 1, 8),
        ("the second week of", 8, 15),
        ("the third week of", 15, 22),
        ("the last week of", 22, 31),
        ("early", 1, 11),
        ("at the beginning of", 1, 11),
        ("from the start of", 1, 11),
        ("mid", 9, 21),
        ("in the middle of", 9, 21),
        ("late", 20, 31),
        ("by the end of", 20, 31),
        ("in", 1, 31),
    ],
)
def test_a_part_of_a_month_is_those_days_of_it(part: str, first: int, last: int) -> None:
    assert days_in(f"We move {part} September 2024") == [Days(2024, 9, first, last)]


def test_all_the_days_that_a_text_tells_are_read() -> None:
    assert relative_days("I saw the dentist last Friday, and yesterday the optician; 明天去银行", date(2026, 3, 4)) == [
        Days(2026, 3, 3, 3),
        Days(2026, 3, 5, 5),
        Days(2026, 2, 27, 27),
    ]
