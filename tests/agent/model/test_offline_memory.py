"""Runs by rules that remember: what a person dictates, corrects, wishes and asks, over the real store of notes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.events import Observed
from agent.goal import Goal
from agent.model.offline_model import OfflineModel
from tests.kits import House, Outcome, called, finish
from tests.recollection import Recollection, remembering
from tests.scripted import ScriptedModel


@pytest.fixture
def memory(house: House) -> Iterator[Recollection]:
    with remembering(house) as kept:
        yield kept


def run(house: House, goal: str) -> Outcome:
    wanted = Goal(goals=(goal,))
    return house.run(wanted, OfflineModel(wanted))


def answer(outcome: Outcome) -> str:
    return str(getattr(outcome.ended, "answer", ""))


@pytest.mark.parametrize(
    ("before", "goal", "question"),
    [
        (
            "The coffee machine is on floor 4",
            "Remember that the coffee machine is on floor 6",
            "Where is the coffee machine?",
        ),
        ("Dr. Weiss lives in Ems", "Remember that Dr. Weiss lives in Bonn now.", "Where does Dr. Weiss live?"),
        ("咖啡机位于四楼", "记住咖啡机位于六楼", "咖啡机在哪里？"),
    ],
)
def test_a_correction_in_the_goal_takes_the_place_of_what_the_user_noted_before(
    house: House, memory: Recollection, before: str, goal: str, question: str
) -> None:
    memory.add(before, origin="user")
    assert run(house, goal).ended.state == "reached"
    (note,) = memory.notes(kind="note")
    assert (note.origin, note.text != before) == ("user", True)
    asked = run(house, question)
    assert asked.ended.state == "reached"
    assert answer(asked).startswith(f"- {note.text} (")
    assert note.id in answer(asked).partition("\n")[0]


def test_what_no_person_typed_does_not_take_the_place_of_the_users_note_and_that_is_told(
    house: House, memory: Recollection
) -> None:
    own = memory.add("The coffee machine is on floor 4", origin="user")
    idea = "The coffee machine is on floor 9"
    outcome = house.run("Look around", ScriptedModel([called("remember", text=idea), finish()]))
    (told,) = [one.text for one in outcome.of(Observed) if one.tool == "remember"]
    assert "not kept: the user's own note stays" in told
    assert own in told
    assert "The coffee machine is on floor 4" in told


def test_a_question_that_memory_answers_leaves_no_episode(house: House, memory: Recollection) -> None:
    memory.add("The library opens at 9 a.m. and closes at 6 p.m.", origin="user")
    assert run(house, "When does the library open?").ended.state == "reached"
    assert memory.notes(kind="episode") == []
