"""What is in a picture dragged elsewhere, by the demo's model. It needs the extra `images`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plugins import ToolError
from plugins.images import Studio, open_picture, read_told
from plugins.images._scene_reader import read
from plugins.images._scenes import Scene, render
from tests.place import Place
from tests.plugins.images.kit import as_png, needs_pipelines

pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]  # those of torch and diffusers are not ours

LEFT = Scene("circle", "red", "white", "small", "left")


@pytest.fixture(scope="module")
def demo() -> Iterator[Studio]:
    with Studio("demo") as studio:
        yield studio


def test_what_is_dragged_comes_to_its_goal_and_is_still_what_it_was(demo: Studio) -> None:
    steps: list[tuple[int, int]] = []
    moves = [(72.0, 128.0, 184.0, 128.0)]
    drawn = demo.drag(
        as_png(render(LEFT, 256)), "a red circle", moves, radius=56, seed=0, progress=lambda *at: steps.append(at)
    )
    image = open_picture(drawn.content, "dragged").image
    reading = read(image)
    assert reading is not None
    assert reading.scene == Scene("circle", "red", "white", "small", "right")
    assert image.size == (256, 256)
    assert steps[-1] == (60, 60)
    told = read_told(drawn.content, "dragged").recipe
    assert told is not None
    assert (told.tool, told.arguments["moves"], told.arguments["rounds"]) == ("drag_image", [list(moves[0])], 5)
    assert "left open, and taken from the picture: background, size, place" in drawn.notes
    again = demo.drag(as_png(render(LEFT, 256)), "a red circle", moves, radius=56, seed=0)
    assert again.content == drawn.content


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"moves": []}, "no point is named"),
        ({"moves": [(5.0, 5.0, 500.0, 5.0)]}, "the point 500,5 is not in the picture of 64 x 64"),
        ({"rounds": 0}, "rounds must be from 1 to 100"),
        ({"radius": -1.0}, "the radius must be above 0"),
        ({"strength": 2.0}, "strength must be above 0"),
        ({"prompt": " "}, "the prompt is empty"),
        ({"image": as_png(Image.new("RGB", (64, 32)))}, "squares only"),
    ],
)
def test_what_cannot_be_dragged_is_refused(demo: Studio, more: dict[str, Any], said: str) -> None:
    usual: dict[str, Any] = {
        "image": as_png(render(LEFT, 64)),
        "prompt": "a red circle",
        "moves": [(9.0, 9.0, 20.0, 9.0)],
    }
    asked = usual | more
    with pytest.raises(ToolError, match=said):
        demo.drag(asked.pop("image"), asked.pop("prompt"), asked.pop("moves"), **asked)


def test_a_dragging_that_is_given_up_leaves_nothing(demo: Studio) -> None:
    with pytest.raises(ToolError, match="given up"):
        demo.drag(as_png(render(LEFT, 64)), "a red circle", [(9.0, 9.0, 20.0, 9.0)], cancelled=lambda: True)


def test_the_command_writes_the_picture_and_writes_over_none(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (tmp_path / "圆.png").write_bytes(as_png(render(LEFT, 64)))
    words = ("images", "drag", "圆.png", "--prompt", "一个红色的圆", "--out", "右.png", "--rounds", "1", "--move")
    ended = place.thinkact(*words, "18,32 46,32", THINKACT_IMAGES="demo")
    assert ended.returncode == 0, ended.stderr
    assert "右.png: 64 x 64, seed " in ended.stdout
    assert "by demo (demo)" in ended.stdout
    assert place.thinkact(*words, "18,32 46,32", THINKACT_IMAGES="demo").returncode == 2
    assert "is no move" in place.thinkact(*words, "18 32", THINKACT_IMAGES="demo").stderr
    refused = place.thinkact(*words[:6], "b.png", "--move", "1,1 2,2", THINKACT_IMAGES="draw")
    assert refused.returncode == 2
    assert "nothing here can drag what is in a picture" in refused.stderr
