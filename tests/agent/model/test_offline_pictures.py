"""Goals that want a picture, on the offline model."""

from __future__ import annotations

import pytest

from agent.model.offline.marks import mark
from agent.model.offline.matching import Toolset
from agent.model.offline.pictures import asked_of_pictures
from tests.offline_desk import Desk, built_in


@pytest.mark.parametrize(
    ("goal", "calls"),
    [
        ("Draw a red circle on white and save it as a.png", [("a red circle on white", "a.png")]),
        ("Please paint me a picture of a blue square to out/b.png.", [("a blue square", "out/b.png")]),
        ("Generate an image of a small yellow cross", [("a small yellow cross", None)]),
        ("Draw a red circle, then draw a blue square to b.png", [("a red circle", None), ("a blue square", "b.png")]),
        ("画一个绿色的三角形，白色背景，保存为 图/三角.png", [("一个绿色的三角形，白色背景", "图/三角.png")]),
        ("请生成一张图片：蓝色的圆。", [("蓝色的圆", None)]),
    ],
)
def test_what_is_to_be_drawn_is_drawn_and_saved_where_it_is_wanted(
    goal: str, calls: list[tuple[str, str | None]]
) -> None:
    made = Desk().run(goal)
    drawn = [call.arguments for call in made if call.tool == "generate_image"]
    assert [(one["prompt"], one.get("path")) for one in drawn] == calls
    assert {call.tool for call in made} == {"generate_image", "finish"}


@pytest.mark.parametrize(
    "text",
    ["Draw up a list of the boats", "Draw conclusions from a.md", "Make a list", "画饼充饥是什么意思？", "Create a.md"],
)
def test_what_only_sounds_like_it_is_not(text: str) -> None:
    assert asked_of_pictures(mark(text), Toolset(built_in())) is None
