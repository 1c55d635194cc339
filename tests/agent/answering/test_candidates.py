"""Rows whose columns are days, rows of other days, of other years, and those that hold how they are worked out."""

from __future__ import annotations

from tests.agent.answering.passages import passage, told

HOURS = """\
| | Mon | Tue | Sat |
|---|---|---|---|
| main pool | 6-21 | 6-21 | 8-18 |
| teaching pool | 9-12 | - | 10-15 |"""
DAYS = """\
| day | hours |
|---|---|
| Monday to Friday | 9:00-18:00 |
| Saturday | 10:00-14:00 |"""
SHEET = """\
| room | seats |
|---|---|
| Elm | 40 |
| Total | =SUM(B2:B3) |"""


def asked(question: str, text: str) -> list[str]:
    return told(question, [passage(text, heading="Opening hours")])


def test_of_columns_that_are_days_those_are_told_that_are_asked_about() -> None:
    assert asked("When is the teaching pool open on Saturday?", HOURS) == ["teaching pool; Sat: 10-15"]
    assert asked("Is the teaching pool open on Tuesday?", HOURS) == ["teaching pool; Tue: -"]
    assert asked("周六 teaching pool 几点开门？", HOURS) == ["teaching pool; Sat: 10-15"]
    assert len(asked("When is the main pool open?", HOURS)) == 1


def test_a_row_of_the_asked_day_is_told_alone() -> None:
    assert asked("Is it open on Saturday?", DAYS) == ["day: Saturday; hours: 10:00-14:00"]
    assert asked("Is it open on Sunday?", DAYS) == ["day: Monday to Friday; hours: 9:00-18:00"]


def test_what_is_so_now_is_told_before_what_was_so_in_another_year() -> None:
    fees = "The fee in 2023 was 100 pounds. The fee in 2025 is 120 pounds."
    assert asked("What is the fee?", fees)[0] == "The fee in 2025 is 120 pounds."
    assert asked("What was the fee in 2023?", fees) == ["The fee in 2023 was 100 pounds."]
    assert asked("学费是多少？", "2023年学费3000元。2025年学费3500元。")[0] == "2025年学费3500元。"
    assert asked("What was the fee in 2024?", fees) == []


def test_a_formula_is_no_value() -> None:
    assert asked("How many seats does Elm have?", SHEET) == ["room: Elm; seats: 40"]
    assert asked("What is the total of the seats?", SHEET) == []
    assert asked("How many seats are there in total?", SHEET) == []
    assert asked("How many seats are there in total?", SHEET.replace("=SUM(B2:B3)", "65")) == ["room: Total; seats: 65"]


def test_the_first_full_row_of_a_sheet_names_its_columns() -> None:
    sheet = "| row | A | B |\n|---|---|---|\n| 1 | Our rooms |  |\n| 2 | room | seats |\n| 3 | Elm | 40 |"
    assert asked("How many seats does Elm have?", sheet) == ["room: Elm; seats: 40"]
    note = "The inverter of the library failed on 30 June and was replaced by the firm in August."
    sheet = f"| row | A |\n|---|---|\n| 1 | {note} |\n| 2 | The houses pay 24 cents. |"
    assert asked("When did the inverter fail?", sheet) == [note]


def test_a_line_that_begins_with_a_label_goes_on_from_the_one_before() -> None:
    text = "The office is upstairs. Telephone: 0341 880 220.\n\nThe garden is behind it.\n\nTelephone: 0341 111 222."
    assert asked("What is the telephone number of the office?", text)[0] == "Telephone: 0341 880 220."
    assert asked("What is the telephone number of the garden?", text) == []
