"""A time is told by what says one, and not of the opposite of what is asked about."""

from __future__ import annotations

import pytest

from agent.answering.forms import MOMENT
from tests.agent.answering.passages import passage, told


@pytest.mark.parametrize(
    "text",
    ["before the meal", "after all", "the term", "前台", "后门", "周围", "春卷", "节目", "周长为12米", "节约用水"],
)
def test_a_word_that_only_may_belong_to_a_time_is_none(text: str) -> None:
    assert MOMENT.search(text) is None


@pytest.mark.parametrize(
    "text", ["before 9:00", "after Monday", "3天后", "周一", "春季", "节假日", "每周", "8点前", "春节"]
)
def test_a_day_an_hour_or_a_season_is_a_time(text: str) -> None:
    assert MOMENT.search(text) is not None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When is the heating turned on?", "The heating is turned off in April."),
        ("When do they switch the fountain off?", "They switch the fountain on at 9:00."),
        ("When does the train to Oxford depart?", "The train to Oxford arrives at 9:40."),
        ("When did she buy the house?", "She sold the house in 2010."),
        ("When was the house sold?", "She bought the house in 2010."),
        ("When is the first bus?", "The last bus is at 23:10."),
        ("When is the last bus?", "The first bus is at 5:10."),
    ],
)
def test_the_opposite_tells_nothing(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When is the heating turned on?", "The heating is turned on in October."),
        ("When did she buy the house?", "She bought the house in 2010."),
    ],
)
def test_the_same_tells_it(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text]
