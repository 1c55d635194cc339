"""What is quoted speaks of the thing that is asked about, and says what is asked of it and not the opposite."""

from __future__ import annotations

import pytest

from tests.agent.answering.passages import passage, passages, told

HALL = """\
The lift was inspected by Otis in March. The roof leaks above the stairs. The stage is unsafe.

The roof garden opens in May. Lena Ott is the mayor. Her deputy is Jan Pohl.

The manager of the pool is Ida Brandt. There is a small garden behind the hall."""
BRIDGE = """\
Survey by Ines Aldous, engineer, for the town.

The bridge is 41 metres long. It is 34 minutes on foot. The regional fund for safe ways to school pays half of it."""
STAFF = """\
Vacation: 28 days a year. Sick leave is paid for six weeks."""
WORK = "上班时间为上午九点到下午六点。周六周日休息。周五下午没有课。"
REST = "周六周日休息。"
PASSAGES = passages(
    ("hall.md", "The town hall", HALL),
    ("survey.md", "The bridge", BRIDGE),
    ("staff.md", "Working here", STAFF),
    ("公司.md", "公司制度", WORK),
    ("作息.md", "作息", REST),
)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Who inspected the lift?", "Otis"),
        ("Who inspected the elevator?", "Otis"),
        ("Who is the manager of the pool?", "Ida Brandt"),
        ("Who is Lena Ott?", "Lena Ott is the mayor."),
        ("Who is Jan Pohl?", "Her deputy is Jan Pohl."),
        ("When does the roof garden open?", "May"),
        ("Is the stage safe?", "unsafe"),
        ("How long is the bridge in metres?", "41 metres"),
        ("How long is the bridge in feet?", "41 metres"),
        ("Who wrote the survey?", "Ines Aldous"),
        ("How many vacation days do I get?", "28 days"),
        ("How many days of holiday do I get?", "28 days"),
        ("几点上班？", "九点到下午六点"),
        ("几点下班？", "九点到下午六点"),
        ("周末上班吗？", "周六周日休息"),
        ("周五下午上课吗？", "没有课"),
    ],
)
def test_a_sentence_about_the_thing_answers(question: str, words: str) -> None:
    assert words in told(question, PASSAGES)[0]


@pytest.mark.parametrize(
    "question",
    [
        "Who inspected the roof?",
        "Who is the manager of the garden?",
        "Who is Karl Weber?",
        "When does the roof garden close?",
        "Is the bridge safe?",
        "Is the lift safe?",
        "桥安全吗？",
        "Who wrote the letter?",
    ],
)
def test_one_about_another_thing_or_its_opposite_does_not(question: str) -> None:
    assert told(question, PASSAGES) == []


def test_what_is_safe_or_not_is_the_thing_that_is_named() -> None:
    text = "The lift was inspected by Otis. The stage is not safe."
    assert told("Is the stage safe?", [passage(text)]) == ["The stage is not safe."]
    assert told("Is the lift safe?", [passage(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Is the stage safe?", "The stage is safe and clean."),
        ("Is the stage safe?", "- The stage is safe"),
        ("Is the report complete?", "The report is incomplete."),
        ("Is the road passable?", "The road is impassable."),
        ("Where is the toilet?", "The restroom is behind the stairs."),
        ("Who is the doctor?", "The physician is Ida Brandt."),
        ("When does the shop open?", "The store opens at 9:00."),
        ("How big is the flat?", "The apartment has 84 square metres."),
        ("When is the rubbish collected?", "The garbage is collected on Mondays."),
        ("Where are the bikes?", "The bicycles are in the shed."),
        ("Where is the car?", "The vehicle is in the yard."),
        ("Who is the boss?", "The manager is Ida Brandt."),
        ("Which firm built the hall?", "The company that built the hall is Otis."),
        ("How many pupils are there?", "The school has 240 students."),
        ("When is the film?", "The movie begins at 20:00."),
        ("When is the delivery?", "We deliver on Mondays."),
        ("When can I check in?", "Check-in: from 15:00."),
        ("When does the ferry arrive?", "The ferry arrives at 9:00."),
    ],
)
def test_it_is_told_by_another_word_for_the_same(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text.removeprefix("- ")]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When can I check in?", "Check-out: until 11:00."),
        ("When does the ferry arrive?", "The ferry leaves at 9:00."),
        ("When does the course start?", "The course ends on 6 June."),
        ("When does the course end?", "The course starts on 6 June."),
        ("When does the library open?", "The library closes at 18:00."),
        ("When does the library open?", "The library is shut until 2 May."),
        ("How many planes are there?", "There are twelve plants."),
        ("Is the method safe?", "There are safe ways to apply the method."),
    ],
)
def test_an_opposite_or_a_word_that_only_begins_alike_tells_nothing(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


def test_a_length_in_metres_is_no_time() -> None:
    text = "The bridge was closed for 12 days. The bridge is 41 metres long."
    assert told("How long is the bridge in metres?", [passage(text)]) == ["The bridge is 41 metres long."]


def test_an_hour_is_not_told_by_a_day_of_rest() -> None:
    assert told("几点上班？", PASSAGES[4:]) == []


def test_a_note_in_the_first_row_of_a_sheet_is_no_name_of_a_column() -> None:
    note = "The inverter of the library failed on 30 June and was replaced on 29 August by the firm."
    row = "The houses pay 24.0 cents since May 2025."
    sheet = passage(f"| {note} |\n|---|\n| {row} |", file="yield.xlsx")
    assert told("When does the library open?", [sheet]) == []
