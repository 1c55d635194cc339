"""What is left out or forbidden answers whether, and not when, where or how much."""

from __future__ import annotations

import pytest

from tests.agent.answering.passages import passage, told


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When is the pool open on Sunday?", "The pool is open daily from 9:00 to 17:00 except on Sunday."),
        ("When is the pool open on Sunday?", "The pool is open daily, apart from Sundays, from 9:00 to 17:00."),
        ("游泳馆周日几点开门？", "游泳馆除周日外每天9:00—17:00开放。"),
        ("How much is the tour?", "The price is 9 euros, the tour is excluded."),
        ("Where can I smoke?", "Smoking is forbidden in the yard."),
        ("Where can I park?", "Parking is not permitted behind the hall."),
        ("哪里可以停车？", "严禁在门口停车。"),
    ],
)
def test_what_is_left_out_tells_no_time_place_or_price(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Is the pool open on Sunday?", "The pool is open daily from 9:00 to 17:00 except on Sunday."),
        ("When is the pool open on Monday?", "The pool is open daily from 9:00 to 17:00 except on Sunday."),
        ("Can I smoke in the yard?", "Smoking is forbidden in the yard."),
        ("Where can I park?", "Park behind the hall, parking is forbidden at the gate."),
    ],
)
def test_whether_it_is_so_is_answered_by_it(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Are the burrs covered by the guarantee?", "The burrs are excluded from the guarantee."),
        ("Is the battery covered by the warranty?", "The warranty excludes the battery."),
        ("Is breakfast included in the price?", "Breakfast is not included in the price."),
        ("Are dogs allowed in the garden?", "Dogs are banned from the garden."),
        ("早餐包含在房价里吗？", "房价不含早餐。"),
    ],
)
def test_what_is_left_out_answers_whether_it_is_included(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Are the saws covered by the guarantee?", "The burrs are excluded from the guarantee."),
        ("Are the burrs covered by the guarantee?", "The burrs are excluded from the exchange."),
        ("What does the guarantee cover?", "The burrs are excluded from the guarantee."),
        ("早餐包含在房价里吗？", "房价不含停车费。"),
    ],
)
def test_what_is_left_out_tells_nothing_of_another_thing(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


def test_what_is_forbidden_altogether_may_not_be_used_and_nothing_is_told_of_other_things() -> None:
    rules = [passage("No candles in the rooms. Open fires are forbidden.")]
    assert told("May I light candles?", rules) == ["No candles in the rooms."]
    assert told("May I light a fire?", rules) == ["Open fires are forbidden."]
    assert told("May I light a lamp?", rules) == []
    assert told("May I park in the yard?", [passage("Fires are forbidden in the yard.")]) == []
