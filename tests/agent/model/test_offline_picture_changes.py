"""Goals that want a picture changed, on the offline model."""

from __future__ import annotations

import pytest

from agent.model.offline.marks import mark
from agent.model.offline.matching import Toolset
from agent.model.offline.picture_changes import asked_to_change
from tests.offline_desk import TEXT, Desk, built_in, described

EDIT = described("edit_image", "Draw a picture anew.", effect="write", image=TEXT, prompt=TEXT, path=TEXT)


@pytest.mark.parametrize(
    ("goal", "calls"),
    [
        ("Make circle.png red and save it as red.png", [("circle.png", "red", "red.png")]),
        ("Please turn out/a.png into a blue square.", [("out/a.png", "a blue square", None)]),
        ("Change the picture a.jpg to a green circle, and save it to b.png", [("a.jpg", "a green circle", "b.png")]),
        ("把 圆.png 改成绿色，存为 绿.png", [("圆.png", "绿色", "绿.png")]),
        ("请把圆.png变成一个蓝色的方形", [("圆.png", "一个蓝色的方形", None)]),
        (
            "Make a.png red to b.png, then make it blue and save it as c.png",
            [("a.png", "red", "b.png"), ("b.png", "blue", "c.png")],
        ),
    ],
)
def test_a_picture_is_changed_and_saved_where_it_is_wanted(goal: str, calls: list[tuple[str, str, str | None]]) -> None:
    made = Desk().run(goal)
    changed = [call.arguments for call in made if call.tool == "edit_image"]
    assert [(one["image"], one["prompt"], one.get("path")) for one in changed] == calls
    assert {call.tool for call in made} == {"edit_image", "finish"}


def test_what_was_drawn_is_it() -> None:
    made = Desk().run("Draw a red circle and save it as a.png, then make it blue and save it as b.png")
    assert [call.tool for call in made] == ["generate_image", "edit_image", "finish"]
    assert made[1].arguments["image"] == "a.png"


@pytest.mark.parametrize(
    "text",
    ["Make a list of a.png", "Change apples to pears in a.md", "把苹果改成香蕉", "Make it short", "Make notes.md red"],
)
def test_what_only_sounds_like_it_is_not(text: str) -> None:
    assert asked_to_change(mark(text), Toolset((*built_in(),)), []) is None


def test_without_a_tool_that_changes_pictures_nothing_is_taken_for_it() -> None:
    others = tuple(one for one in built_in() if one.name != "edit_image")
    assert asked_to_change(mark("Make a.png red"), Toolset(others), []) is None
    assert asked_to_change(mark("Make a.png red"), Toolset((*others, EDIT)), []) is not None
