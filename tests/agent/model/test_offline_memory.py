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


@pytest.mark.parametrize(
    "goal",
    [
        "What do you remember?",
        "Recall everything",
        "What do you know about me?",
        "What is in your memory?",
        "你记得什么？",
        "你都记住了什么？",
        "你还记得些什么",
        "回忆一切",
    ],
)
def test_who_asks_what_is_remembered_is_told_the_newest_notes_and_how_many_there_are(
    house: House, memory: Recollection, goal: str
) -> None:
    assert "(nothing is remembered yet)" in answer(run(house, goal))
    for number in range(22):
        memory.add(f"Pier {number} belongs to boat number {number}.", origin="user")
    memory.add("I like short letters.", namespace="global", kind="preference", origin="user")
    told = run(house, goal)
    assert told.ended.state == "reached"
    assert "Notes of earlier runs (the newest 20 of 23)" in answer(told)
    assert "> I like short letters." in answer(told)
    assert "> Pier 21 belongs" in answer(told)
    assert "> Pier 2 belongs" not in answer(told)


def test_who_asks_what_is_remembered_of_something_is_told_that(house: House, memory: Recollection) -> None:
    memory.add("The mill is in Ems.", origin="user")
    memory.add("The bridge is in Bonn.", origin="user")
    told = answer(run(house, "What do you remember about the mill?"))
    assert "> The mill is in Ems." in told
    assert "Bonn" not in told


@pytest.mark.parametrize(
    "wish",
    [
        "Always answer in one sentence.",
        "from now on use tabs instead of spaces",
        "Never use emojis!",
        "I prefer answers without tables.",
        "In future please cite the page.",
        "以后都用中文回答",
        "以后回答我都要简短",
        "从现在起一律用公制单位。",
        "永远不要用表情符号",
    ],
)
def test_a_goal_that_only_says_how_things_are_to_be_done_is_noted_as_a_wish(
    house: House, memory: Recollection, wish: str
) -> None:
    outcome = run(house, wish)
    assert outcome.ended.state == "reached"
    notes = [*memory.notes(), *memory.notes("global")]
    (note,) = [one for one in notes if one.kind == "preference"]
    assert (note.text, note.origin) == (wish.rstrip(".。!"), "user")
    assert "lasting wish of yours" in answer(outcome) or "长期的偏好" in answer(outcome)


@pytest.mark.parametrize(
    "goal",
    [
        "Summarise a.md. Never use bullet points.",
        "Read a.md, but never change it.",
        "Read a.md. This time always read it whole.",
        "What will change from now on?",
        "总结 a.md，不要改动它",
        "以后会怎样？",
        "每次都报错怎么办",
        "I prefer a.md",
        "Always back up a.md before you change it",
    ],
)
def test_what_is_said_of_the_work_at_hand_is_no_lasting_wish(house: House, memory: Recollection, goal: str) -> None:
    house.write("a.md", "The weir was built in 1911 by the town of Ems.\n")
    run(house, goal)
    assert [one for one in (*memory.notes(), *memory.notes("global")) if one.kind == "preference"] == []


def test_a_lasting_wish_beside_work_is_noted_and_the_work_is_done(house: House, memory: Recollection) -> None:
    house.write("a.md", "The weir was built in 1911 by the town of Ems.\n")
    outcome = run(house, "Read a.md. From now on use metric units.")
    assert outcome.ended.state == "reached"
    assert "1911" in answer(outcome)
    assert memory.texts("global") == ["From now on use metric units"]


@pytest.mark.parametrize(
    ("note", "goal"),
    [
        ("My locker number is 417", "Forget my locker number"),
        ("My locker number is 417", "Delete the note about my locker number."),
        ("我的储物柜号码是417", "忘掉我的储物柜号码"),
        ("我的储物柜号码是417", "请把我的储物柜号码忘掉"),
    ],
)
def test_what_is_to_be_forgotten_is_looked_up_and_the_command_that_removes_it_named(
    house: House, memory: Recollection, note: str, goal: str
) -> None:
    meant, other = memory.add(note, origin="user"), memory.add("The ferry to Brac leaves at noon", origin="user")
    outcome = run(house, goal)
    assert outcome.ended.state == "not_reached"
    assert f"`thinkact memory forget {meant}`" in answer(outcome)
    assert other not in answer(outcome)
    assert {one.id for one in memory.notes(kind="note")} == {meant, other}


@pytest.mark.parametrize("goal", ["Forget the moon landing", "忘掉月球探测的事"])
def test_of_what_no_note_tells_that_is_told(house: House, memory: Recollection, goal: str) -> None:
    memory.add("My locker number is 417", origin="user")
    assert "thinkact memory list" in answer(run(house, goal))


@pytest.mark.parametrize("goal", ["Don't forget that the bins go out on Monday", "别忘了周一倒垃圾"])
def test_what_is_not_to_be_forgotten_is_noted(house: House, memory: Recollection, goal: str) -> None:
    assert run(house, goal).ended.state == "reached"
    assert [note.origin for note in memory.notes(kind="note")] == ["user"]
