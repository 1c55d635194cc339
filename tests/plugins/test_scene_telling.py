"""Which scenes of a story can be drawn by the demo's model and by `draw`."""

from __future__ import annotations

import pytest

from plugins.images._scene_telling import scenes_told
from plugins.images._scene_words import scene_of
from plugins.images._scenes import Scene


@pytest.mark.parametrize(
    ("text", "scenes"),
    [
        (
            "First of all there, a small yellow circle lay at the bottom on a black background. It was quiet.",
            [Scene("circle", "yellow", "black", "small", "bottom")],
        ),
        (
            "It met a large blue square, at the left, on a white background! A green cross in the middle, waving.",
            [Scene("square", "blue", "white", "large", "left"), Scene("cross", "green", "white", "medium", "center")],
        ),
        (
            "什么都没有的时候，一个小的黄色圆形静静地待在下方，背景是黑色。后来白色背景上有一个绿色的三角形。",
            [
                Scene("circle", "yellow", "black", "small", "bottom"),
                Scene("triangle", "green", "white", "medium", "center"),
            ],
        ),
        ("The king wore a red crown. A cross said nothing. Nobody came.", []),
        ("A red circle. Then a red circle again, a red circle.", [Scene("circle", "red", "white", "medium", "center")]),
        ("", []),
    ],
)
def test_each_sentence_that_names_a_shape_and_its_colour_tells_of_a_scene(text: str, scenes: list[Scene]) -> None:
    assert [scene_of(phrase) for phrase in scenes_told(text)] == scenes
