"""Pictures changed by the demo's model: what was to change has, and the rest is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageChops

from plugins import Box
from plugins.images import Studio
from plugins.images._scenes import Scene
from tests.plugins.images.atelier import Atelier, Finder
from tests.plugins.images.kit import needs_pipelines

pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]  # those of torch and diffusers are not ours

RED = Scene("circle", "red", "white", "medium", "left")


@pytest.fixture(scope="module")
def demo() -> Iterator[Studio]:
    with Studio("demo") as studio:
        yield studio


@pytest.fixture
def trial(tmp_path: Path, demo: Studio) -> Iterator[Atelier]:
    with Atelier(tmp_path, demo) as made:
        yield made


def test_a_colour_changes_and_shape_and_place_stay(trial: Atelier) -> None:
    trial.put("圆.png", RED)
    for prompt, colour in (("a blue circle", "blue"), ("绿色的圆", "green")):
        made = trial.made("edit_image", image="圆.png", prompt=prompt, path="out/新.png", seed=4)
        (value,) = made.value
        assert trial.scene(value["path"]) == Scene("circle", colour, "white", "medium", "left")
        told = trial.told(value["path"])
        assert (told.tool, told.prompt, told.arguments["strength"]) == ("edit_image", prompt, 0.8)
        assert told.parents == (("圆.png", trial.files.sha256("圆.png")),)
    assert [one.path for one in trial.files.list("out")] == ["out/新-2.png", "out/新.png"]


def test_three_turns_hand_a_picture_on_by_its_handle(trial: Atelier) -> None:
    (drawn,) = trial.made("generate_image", prompt="a large red circle at the left on a white background", seed=1).value
    (changed,) = trial.made("edit_image", image=drawn["handle"], prompt="make it yellow", seed=1).value
    assert trial.scene(changed["handle"]).triple == ("circle", "yellow", "white")
    assert [name for name, _ in trial.told(changed["path"]).parents] == [drawn["handle"]]


def test_strokes_are_painted_first_and_what_they_make_is_kept(trial: Atelier) -> None:
    trial.put("leer.png", Scene("circle", "white", "yellow", "small", "center"))
    made = trial.made(
        "edit_image",
        image="leer.png",
        prompt="a large blue square in the center on a yellow background",
        strokes=["#1e46e1 box 25%,25%,50%,50%"],
        strength=0.5,
        seed=2,
    )
    (value,) = made.value
    assert trial.scene(value["path"]).triple == ("square", "blue", "yellow")
    (strokes, _), (original, _) = trial.told(value["path"]).parents
    assert original == "leer.png"
    assert trial.picture(strokes).getpixel((128, 128)) == (30, 70, 225)
    assert trial.told(strokes).arguments == {"strokes": ["#1e46e1 box 25%,25%,50%,50%"]}
    assert strokes in made.text


@pytest.mark.parametrize(
    ("mask", "method"),
    [("28%,28%,44%,44%", "blend"), ("28%,28%,44%,44%", "repaint"), ("color red ~60", ""), ("the circle", "")],
)
def test_a_mask_is_filled_and_the_rest_is_the_same_bit_for_bit(
    tmp_path: Path, demo: Studio, mask: str, method: str
) -> None:
    finder = Finder("demo", [Box(label="a circle", x=72, y=72, width=112, height=112, by="eye", score=0.9)])
    finder._drawers = demo._drawers
    with Atelier(tmp_path, finder) as trial:
        before = trial.put("圆.png", Scene("circle", "red", "white", "medium", "center"))
        prompt = "a medium green circle in the center on a white background"
        more = {"resample": 2} if method == "repaint" else {}
        made = trial.made("inpaint_image", image="圆.png", prompt=prompt, mask=mask, method=method, seed=3, **more)
        (value,) = made.value
        told = trial.told(value["path"])
        (_, (handle, _)) = told.parents
        assert handle in made.text
        white = trial.picture(handle).convert("L")
        after = trial.picture(value["path"])
        changed = ImageChops.difference(before, after).convert("L").point([0] + [255] * 255)
        assert ImageChops.multiply(changed, ImageChops.invert(white)).getbbox() is None
        assert after.getpixel((128, 128))[1] > 110  # type: ignore[index]
        assert told.arguments.get("resample") == (2 if method == "repaint" else None)
        assert finder.asked == (["the circle"] if mask == "the circle" else [""])


def test_a_mask_may_be_a_file_or_the_handle_of_an_earlier_one(trial: Atelier) -> None:
    trial.put("a.png", RED)
    asked = {"image": "a.png", "prompt": "a blue circle", "seed": 3, "steps": 4}
    first = trial.made("inpaint_image", mask="10%,10%,40%,40%", path="1.png", **asked)
    (_, (handle, _)) = trial.told("1.png").parents
    trial.write("mask.png", trial.artifacts.get(handle)[1])
    trial.made("inpaint_image", mask="mask.png", path="2.png", **asked)
    trial.made("inpaint_image", mask=handle, path="3.png", **asked)
    assert trial.picture("1.png").tobytes() == trial.picture("2.png").tobytes() == trial.picture("3.png").tobytes()
    assert len(first.artifacts) == 2
