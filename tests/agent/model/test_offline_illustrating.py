"""Stories with pictures, on the offline model."""

from __future__ import annotations

import pytest

from agent.model.offline.illustrating import page_of
from agent.model.offline.scenes import scenes_in
from tests.offline_desk import Desk, told

STORY = """# The circle

Once a small yellow circle lay
at the bottom on a black background. It was quiet.

Then a large blue square came, on the left side, on a white background.
"""


@pytest.mark.parametrize(
    ("text", "scenes"),
    [
        (
            STORY,
            [
                "a small yellow circle at the bottom on a black background",
                "a large blue square on the left side on a white background",
            ],
        ),
        (
            "从前，一个小的黄色圆形静静地待在下方，背景是黑色。橙色背景上有一个绿色的三角形。",
            ["一个小的黄色圆形在下方，背景是黑色", "一个绿色的三角形，背景是橙色"],
        ),
        ("The king wore a red crown. A RED circle. A red circle.", ["A RED circle"]),
    ],
)
def test_what_a_story_gives_to_draw_is_found(text: str, scenes: list[str]) -> None:
    assert scenes_in(text) == scenes


def test_pictures_of_a_story_are_drawn_beside_the_page_that_is_made_of_them() -> None:
    desk = Desk({"story.md": STORY}, answers={"generate_image": "out/1.png (a-0123456789ab): 256 x 256, drawn by draw"})
    made = desk.run("Illustrate story.md with two pictures, and build the page out/story.html")
    drawn = [call.arguments for call in made if call.tool == "generate_image"]
    assert [(one["prompt"], one["path"]) for one in drawn] == [
        ("a small yellow circle at the bottom on a black background", "out/1.png"),
        ("a large blue square on the left side on a white background", "out/2.png"),
    ]
    assert told(made)[-1] == "reached"
    assert '<img src="1.png"' in desk.files["out/story.html"]
    assert "<title>The circle</title>" in desk.files["out/story.html"]


def test_a_story_with_too_few_scenes_is_told() -> None:
    desk = Desk({"故事.md": "# 圆\n\n一个红色的圆。\n"}, answers={"generate_image": "pictures/1.png (a-0123456789ab)"})
    made = desk.run("为 故事.md 配三幅插图")
    assert [call.tool for call in made if call.tool == "generate_image"] == ["generate_image"]
    assert "不到 3 个" in str(made[-1].arguments["answer"])


def test_in_chinese_each_picture_is_described_in_chinese() -> None:
    answers = {
        "generate_image": "out/1.png (a-0123456789ab): 256 x 256",
        "ask_image": "一个红色的圆 (score 1.00, by pixels)",
    }
    desk = Desk({"故事.md": "# 圆\n\n一个红色的圆。\n"}, answers=answers)
    made = desk.run("为 故事.md 配一幅插图，描述每一幅，然后做成网页 out/圆.html")
    assert told(made)[-1] == "reached"
    assert [call.arguments["path"] for call in made if call.tool == "generate_image"] == ["out/1.png"]
    assert "<figcaption>一个红色的圆</figcaption>" in desk.files["out/圆.html"]


def test_what_stands_in_a_story_is_no_markup_of_the_page() -> None:
    page = page_of("# <b>\n\n<script>x</script>", {"out/a 'b.png": '"><i>'}, "out/p.html", chinese=True)
    assert "<script>" not in page
    assert "<i>" not in page
    assert 'lang="zh-CN"' in page
    assert "![x](<图/1.png>)" in page_of("# t", {"图/1.png": "x"}, "p.md", chinese=True)
