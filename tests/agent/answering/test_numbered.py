"""What is told apart by its number is not answered by what is said of another one."""

from __future__ import annotations

import pytest

from tests.agent.answering.passages import passage, told

WRONG = [
    ("How many boxes does shelf 3 of depot 5 hold?", "Depot 3 shelf 5 holds 26 boxes."),
    ("How many boxes does shelf 9 of depot 400 hold?", "Depot 57 shelf 9 holds 408 boxes."),
    ("How many beds does ward 4 have?", "Ward 2 on floor 4 has 24 beds."),
    ("How long is route 12?", "Route 3 is 12 km long."),
    ("How often does bus 15 run?", "Bus 14 runs from Monday to Friday every 20 minutes."),
    ("Who is the head nurse of ward 5?", "The head nurses are Rosa Gomez of Ward 3 and Aki Ito of Ward 2."),
    ("高三(2)班班主任是谁？", "高三(1)班的班主任是刘洋。"),
    ("5号楼有几层？", "3号楼有十二层。"),
    ("How deep is the pool?", "The pool is 25 metres long."),
    ("How wide is the bridge?", "The bridge is 96 m long."),
    ("How much does model B4 weigh?", "Model B4 costs 600 euros."),
]


@pytest.mark.parametrize(("question", "text"), WRONG)
def test_what_is_said_of_another_one_is_no_answer(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


RIGHT = [
    ("How many boxes does shelf 3 of depot 5 hold?", "Depot 5 shelf 3 holds 53 boxes."),
    ("How many beds does ward 4 have?", "Ward 4 on floor 2 has 18 beds."),
    ("How many beds does ward 4 have?", "Wards 3 and 4 have 20 beds each."),
    ("How long is route 12?", "Route 12 is 3 km long."),
    ("Which room holds 30 people?", "The blue room holds 30 people."),
    ("高三(2)班班主任是谁？", "高三(2)班的班主任是刘洋。"),
    ("5号楼有几层？", "5号楼有十二层。"),
    ("How deep is the pool?", "The pool is 25 metres long and 2 metres deep."),
    ("How much does model B4 weigh?", "Model B4 weighs 12 kg."),
]


@pytest.mark.parametrize(("question", "text"), RIGHT)
def test_what_is_said_of_it_is_one(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text]


def test_a_heading_numbers_what_stands_below_it() -> None:
    below = "It has 24 beds."
    assert told("How many beds does ward 4 have?", [passage(below, heading="Ward 2")]) == []
    assert told("How many beds does ward 4 have?", [passage(below, heading="Ward 4")]) == [below]


@pytest.mark.parametrize(
    ("question", "now", "once"),
    [
        ("校长是谁？", "校长是王志强。", "前任校长是何美玲。"),
        ("Who is the mayor?", "The mayor is Karl Ott.", "The former mayor is Ada Lund."),
    ],
)
def test_what_was_once_does_not_stand_beside_what_is(question: str, now: str, once: str) -> None:
    assert told(question, [passage(f"{once}{now}" if once[-1] == "。" else f"{once} {now}")]) == [now]
    assert told(question.replace("校长", "前任校长").replace("the mayor", "the former mayor"), [passage(once)]) == [
        once
    ]
