"""Forms of one word stand for one another; words that only begin alike do not."""

from __future__ import annotations

import pytest

from agent.answering.kin import akin
from agent.model.offline.words import stem
from tests.agent.answering.passages import passage, told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("show", "shower"),
        ("station", "stationery"),
        ("corn", "corner"),
        ("account", "accountant"),
        ("flow", "flower"),
        ("count", "counter"),
        ("seat", "hold"),
        ("manager", "head"),
    ],
)
def test_words_that_only_begin_alike_are_no_forms_of_one(one: str, other: str) -> None:
    assert not akin(stem(one), {stem(other)})
    assert not akin(stem(other), {stem(one)})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("open", "opens"),
        ("open", "opened"),
        ("opens", "opening"),
        ("borrow", "borrowed"),
        ("borrow", "borrowing"),
        ("loan", "loans"),
        ("delivery", "deliver"),
        ("inspection", "inspected"),
    ],
)
def test_forms_of_one_word_are_alike(one: str, other: str) -> None:
    assert akin(stem(one), {stem(other)})


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Where is the park?", "Parking is behind the hall."),
        ("Where is the building?", "They build boats in Oxford."),
        ("Where is the shower?", "The show is in the main hall."),
        ("Where is the station?", "The stationery is in the cupboard."),
        ("Where is the counter?", "We count the votes in the hall."),
        ("When does the account close?", "The accountant closes at 18:00."),
        ("How much is parking?", "The park costs 3 euros."),
        ("Who is the head of finance?", "The manager of finance is Ida Brandt."),
    ],
)
def test_a_noun_is_met_by_itself_or_its_plural_only(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Where is the park?", "The park is behind the hall."),
        ("Where is the bed?", "The beds are in the attic."),
        ("Where are the buildings?", "The building is in Oxford."),
        ("When does the library open?", "The library is opened at 9:00."),
        ("Who teaches the children?", "The teacher of the children is Ida Brandt."),
    ],
)
def test_a_form_of_the_word_answers(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text]
