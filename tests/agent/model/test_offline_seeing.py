"""Goals that ask something of a picture, on the offline model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.offline_desk import Desk, built_in, told

DRAWN = "pictures/a-red-circle.png (a-0123456789ab): 256 x 256, drawn by draw"
SEEN = {
    "caption_image": "a red circle (score 0.98, by pixels)",
    "ask_image": "red (score 0.98, by pixels)",
    "find_in_image": "a circle: x 1, y 2, 3 x 4 (by pixels)",
    "generate_image": DRAWN,
}


def looked(goal: str, **more: Any) -> list[str]:
    """The calls in short, without the end, which must be reached."""
    *calls, end = told(Desk(answers=SEEN, **more).run(goal))
    assert end == "reached", calls
    return calls


@pytest.mark.parametrize(
    ("goal", "calls"),
    [
        ("What is in circle.png?", ["circle.png"]),
        ("Describe the picture circle.png", ["circle.png"]),
        ("Please describe out/a.JPG for me.", ["out/a.JPG"]),
        ("What does circle.png show?", ["circle.png"]),
        ("Caption a.webp", ["a.webp"]),
        ("Describe the pictures a.png and b.png", ["a.png", "b.png"]),
        ("描述图片 圆.png", ["圆.png"]),
        ("图 圆.png 里有什么？", ["圆.png"]),
        ("圆.png 里画了什么？", ["圆.png"]),
        ("请看看 图/圆.png 这张图片", ["图/圆.png"]),
    ],
)
def test_a_picture_is_described(goal: str, calls: list[str]) -> None:
    assert looked(goal) == [f"caption_image {one}" for one in calls]


@pytest.mark.parametrize(
    ("goal", "calls"),
    [
        ("What colour is the shape in a.png?", ["a.png What colour is the shape?"]),
        ("Is there a circle in the picture a.png?", ["a.png Is there a circle?"]),
        ("Is a.png red or blue?", ["a.png Is it red or blue?"]),
        ("Tell me the colour of the shape in a.png", ["a.png the colour of the shape"]),
        (
            "What colour is the background of a.png and b.png?",
            ["a.png What colour is the background?", "b.png What colour is the background?"],
        ),
        ("a.png 的背景是什么颜色？", ["a.png 背景是什么颜色？"]),
        ("图/圆.png 这张图片里有几个圆形？", ["图/圆.png 有几个圆形？"]),
        ("告诉我 a.png 里的形状是什么颜色", ["a.png 形状是什么颜色"]),
    ],
)
def test_a_question_about_a_picture_is_asked_of_it(goal: str, calls: list[str]) -> None:
    assert looked(goal) == [f"ask_image {one}" for one in calls]


@pytest.mark.parametrize(
    ("goal", "call"),
    [("Find the circle in a.png", "a.png ['the circle']"), ("在 图/a.png 里找到红色的圆", "图/a.png ['红色的圆']")],
)
def test_what_is_sought_in_a_picture_is_found_there(goal: str, call: str) -> None:
    assert looked(goal) == [f"find_in_image {call}"]


@pytest.mark.parametrize(
    ("goal", "last"),
    [
        ("Draw a red circle to a.png, then describe it", "caption_image a.png"),
        ("Draw a red circle, then tell me what colour it is", "ask_image pictures/a-red-circle.png what colour it is"),
        ("Draw a red circle. What is in the picture?", "caption_image pictures/a-red-circle.png"),
        ("画一个红色的圆，存为 圆.png。图里有什么？", "caption_image 圆.png"),
        ("画一个红色的圆，然后描述它", "caption_image pictures/a-red-circle.png"),
    ],
)
def test_what_was_drawn_is_looked_at(goal: str, last: str) -> None:
    drawn, seen = looked(goal)
    assert drawn.startswith("generate_image ")
    assert seen == last


def test_what_was_seen_is_told_and_can_be_saved() -> None:
    desk = Desk(answers=SEEN)
    made = desk.run("Describe a.png and save it to d.md")
    assert told(made) == ["caption_image a.png", "write_file d.md", "reached"]
    assert "a red circle" in desk.files["d.md"]
    assert "by pixels" in str(Desk(answers=SEEN).run("What is in a.png?")[-1].arguments["answer"])


@pytest.mark.parametrize(
    "goal",
    [
        "Describe docs/a.md",
        "What is docs/a.md about?",
        "Move a.png to b.png",
        "Delete a.png",
        "How large is a.png in bytes?",
        "Read docs/a.md, then describe it",
        "docs/a.md 里有什么？",
        "What is in the picture?",
        "图里有什么？",
    ],
)
def test_what_asks_nothing_of_a_picture_looks_at_none(goal: str) -> None:
    tools = {call.tool for call in Desk({"docs/a.md": "Tea is green.\n", "a.png": "x"}, answers=SEEN).run(goal)}
    assert not tools & {"caption_image", "ask_image", "find_in_image"}


def test_without_a_tool_that_looks_a_picture_is_not_looked_at() -> None:
    others = tuple(one for one in built_in() if not one.name.endswith("_image"))
    assert told(Desk(tools=(), offered=others).run("What colour is the shape in a.png?"))[-1] == "not reached"
