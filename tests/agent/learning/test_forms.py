"""Forms: how a tool wants to be called is learned once, and told at the start of every run that has the tool."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Literal

import pytest

from agent.approval import Deny, Policy
from agent.events import NoteWritten, Recalled
from agent.learning.recalling import FORMS
from plugins import Effect, ToolError, tool
from tests.kits import House, called, finish
from tests.recollection import Recollection
from tests.scripted import ScriptedModel


@tool(effect=Effect.READ)
def forecast(city: str, days: int = 1, unit: Literal["celsius", "kelvin"] = "celsius", wind: bool = False) -> str:
    """Tell the weather.

    Args:
        city: Where.
        days: How many days.
        unit: Of the temperature.
        wind: Tell the wind as well.
    """
    if city == "Atlantis":
        raise ToolError("there is no city called Atlantis")
    return f"rain in {city}, {days} {unit} {wind}"


@tool(effect=Effect.READ)
def route(stops: list[dict[str, str]], pair: tuple[int, int] = (1, 2)) -> str:
    """Find a way.

    Args:
        stops: Where to go.
        pair: From and to.
    """
    return f"{stops} {pair}"


@tool(effect=Effect.EXECUTE)
def launch(boat: str) -> str:
    """Launch a boat.

    Args:
        boat: Which.
    """
    return boat


@pytest.fixture
def office(house: House) -> House:
    house.tools, house.policy = (forecast, route, launch), Policy(allow=("launch",))
    return house


def run(house: House, *calls: Any, goal: str = "Look outside.") -> Any:
    """A run that makes these calls, one a step."""
    named = [called(one.tool, f"c{number}", **one.arguments) for number, one in enumerate(calls)]
    return house.run(goal, ScriptedModel([*named, finish()]))


def lessons(outcome: Any) -> list[str]:
    return [one.text for one in outcome.of(NoteWritten) if one.note == "lesson"]


GOOD = called("forecast", city="Bonn")


@pytest.mark.parametrize(
    ("calls", "lesson"),
    [
        ((called("forecast", place="Bonn"), GOOD), "forecast wants city, not place."),
        ((called("forecast", citty="Bonn"), GOOD), "forecast wants city, not citty."),
        ((called("forecast", city="Bonn", language="de"), GOOD), "forecast knows no language."),
        ((called("forecast", days=1), called("forecast", city="Bonn", days=1)), "forecast needs city (text)."),
        (
            (called("forecast", city="Bonn", days="two"), called("forecast", city="Bonn", days=2)),
            "forecast wants days to be a whole number, not text.",
        ),
        (
            (called("forecast", city="Bonn", days=1.5), called("forecast", city="Bonn", days=2)),
            "forecast wants days to be a whole number.",
        ),
        (
            (called("forecast", city="Bonn", unit="C, or K; no F"), called("forecast", city="Bonn", unit="kelvin")),
            'forecast wants unit to be one of "celsius", "kelvin".',
        ),
        (
            (called("forecast", place="Bonn", days=[1]), called("forecast", place="Bonn", days=2), GOOD),
            "forecast wants city, not place, and wants days to be a whole number, not a list.",
        ),
        (
            (called("forecast", place="Bonn", wind="maybe"), called("forecast", city="Bonn", wind=True)),
            "forecast wants city, not place, and wants wind to be true or false, not text.",
        ),
        (
            (called("route", stops=[{"at": "Bonn"}], pair=[1]), called("route", stops=[{"at": "Bonn"}], pair=[1, 5])),
            "route wants pair to have exactly 2 items.",
        ),
    ],
)
def test_what_a_tool_wants_is_learned_from_the_call_that_it_took(
    office: House, memory: Recollection, calls: Sequence[Any], lesson: str
) -> None:
    assert lessons(run(office, *calls)) == [lesson]
    (kept,) = memory.notes(kind="lesson")
    assert (kept.metadata["tool"], kept.metadata["cause"], kept.step) == (calls[-1].tool, "form", len(calls))
    assert kept.run
    assert kept.expires is not None
    assert 89 < (kept.expires - time.time()) / 86400 <= 90


@pytest.mark.parametrize(
    "calls",
    [
        (called("forecast", place="Bonn"),),  # never corrected
        (
            called("forecast", place="Bonn"),
            *[called("list_files", path=".", recursive=bool(n % 2)) for n in range(3)],
            GOOD,
        ),
        (called("forecast", city="Bonn", days="two"), called("forecast", city="Köln", days=2)),  # another matter
        (called("forecast", place="Bonn"), called("launch", boat="Bonn")),  # another tool
        (called("forecats", city="Bonn"), GOOD),  # there is no such tool
        (GOOD, called("forecast", city="Bonn", days=2)),  # nothing failed
    ],
)
def test_what_was_not_put_right_at_once_and_on_the_same_matter_is_none(
    office: House, memory: Recollection, calls: Sequence[Any]
) -> None:
    assert lessons(run(office, *calls)) == []


def test_a_refusal_of_the_user_or_the_tool_itself_is_no_matter_of_form(office: House, memory: Recollection) -> None:
    office.seat(Deny(reason="not that one"))
    office.policy = Policy(attended=True, allow=("forecast",), ask=("launch",))
    assert lessons(run(office, called("launch", boat="Tern"), called("forecast", city="Atlantis"), GOOD)) == []


def test_the_same_mistake_about_something_else_is_the_same_lesson_counted(office: House, memory: Recollection) -> None:
    for city in ("Bonn", "Köln", "台北"):
        outcome = run(office, called("forecast", place=city), called("forecast", city=city), goal=f"Look at {city}.")
        assert lessons(outcome) == ["forecast wants city, not place."]
    (kept,) = memory.notes(kind="lesson")
    assert kept.copies == 3


def test_a_run_that_has_the_tool_is_told_at_its_start_whatever_its_goal(office: House, memory: Recollection) -> None:
    run(office, called("forecast", place="Bonn"), GOOD)
    model = ScriptedModel([finish()])
    (found,) = office.run("Count the boats", model).of(Recalled)
    assert [(one.text, one.score) for one in found.notes] == [("forecast wants city, not place.", None)]
    assert "lesson by agent] forecast wants city, not place." in model.requests[0].messages[-1].text
    office.tools = (route, launch)
    assert office.run("Sing", ScriptedModel([finish()])).of(Recalled) == []


def test_few_forms_are_told_and_first_what_was_learned_most_often(office: House, memory: Recollection) -> None:
    office.policy = Policy(allow=("forecast", "launch"))  # a tool that is named is told of, and so are its forms
    wrong = [
        (called("forecast", place="Bonn"), GOOD),
        (called("launch", ship="Tern"), called("launch", boat="Tern")),
        (called("forecast", city="Bonn", wind="no wind"), called("forecast", city="Bonn", wind=True)),
    ]
    for number, calls in enumerate([*wrong, wrong[1]]):
        run(office, *calls, goal=f"Part {number}")
    *_, found = office.run("Quite another thing", ScriptedModel([finish()])).of(Recalled)
    told = [one.text for one in found.notes if one.kind == "lesson"]
    assert told == ["launch wants boat, not ship.", "forecast wants wind to be true or false, not text."]
    assert len(told) == FORMS
