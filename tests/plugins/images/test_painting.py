"""Strokes and masks as people write them: no model is needed to paint them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from plugins import Box, Toolbox, ToolError, built_in_plugins
from plugins.images import Studio
from plugins.images._colours import colour_of
from plugins.images._given import picture_of
from plugins.images._keeping import loras_of
from plugins.images._masks import mask_of
from plugins.images._picture import open_picture
from plugins.images._strokes import painted
from tests.plugins.images.atelier import Atelier, Finder, png

WHITE = Image.new("RGB", (100, 80), "white")


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Atelier]:
    with Atelier(tmp_path, Studio("draw")) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("red", (255, 0, 0)),
        ("红色", (255, 0, 0)),
        ("绿", (0, 128, 0)),
        ("#f80", (255, 136, 0)),
        (" Navy ", (0, 0, 128)),
    ],
)
def test_colours_are_named_in_two_languages_or_in_hex(name: str, colour: tuple[int, int, int]) -> None:
    assert colour_of(name) == colour


def test_each_stroke_is_painted_where_it_is_said_the_last_on_top() -> None:
    made = painted(
        WHITE,
        [
            "red line 10,20 90,20 width 8",
            "#00ff00 circle 50,40 10",
            "蓝色 方框 45%,45%,20%,20%",
            "黄色线 0,70 99,70 宽 2",
        ],
    )
    seen = {
        at: made.getpixel(at)
        for at in ((10, 20), (50, 23), (50, 25), (42, 40), (50, 40), (64, 51), (65, 51), (5, 70), (5, 74))
    }
    red, green, blue, yellow, white = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 255, 255)
    assert seen == {
        (10, 20): red,
        (50, 23): red,
        (50, 25): white,
        (42, 40): green,
        (50, 40): blue,
        (64, 51): blue,
        (65, 51): white,
        (5, 70): yellow,
        (5, 74): white,
    }
    assert WHITE.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize(
    ("strokes", "said"),
    [
        (["red line 1,2 3,4", "line"], "stroke 2 is none: 'line'"),
        (["mauvish line 1,2 3,4"], "'mauvish' is no colour that is known"),
        (["red line 1,2"], "stroke 1 is no line through points"),
        (["red line 1,2 3"], "stroke 1 is no line through points"),
        (["red line 1,2 3,4 width 0"], "stroke 1 is no line"),
        (["red circle 1,2"], "stroke 1 is no circle"),
        (["red circle 1,2 -3"], "stroke 1 is no circle"),
        (["red box 1,2,3"], "stroke 1 is no box"),
        (["red box 1,2,0,5"], "stroke 1 is no box"),
        (["red box one,two,3,4"], "stroke 1 is no box"),
        (["red box 500,500,3,4"], "the strokes change nothing"),
        (["white circle 50,50 9"], "the strokes change nothing"),
        (["red line 1,2 3,4"] * 600, "600 strokes are too many"),
    ],
)
def test_a_stroke_that_is_none_is_named(strokes: list[str], said: str) -> None:
    with pytest.raises(ToolError) as caught:
        painted(WHITE, strokes)
    assert said in caught.value.message
    assert caught.value.hint


def half() -> Image.Image:
    """Red at the left, nearly red in the middle, blue at the right."""
    image = Image.new("RGB", (100, 80), "blue")
    image.paste((255, 0, 0), (0, 0, 30, 80))
    image.paste((225, 30, 20), (30, 0, 50, 80))
    return image


@pytest.mark.parametrize(
    ("mask", "box"),
    [
        ("10,20,30,40", (10, 20, 40, 60)),
        ("10%, 10%, 30%, 30%", (10, 8, 40, 32)),
        ("10，20，30，40", (10, 20, 40, 60)),
        ("90,70,30,40", (90, 70, 100, 80)),
        ("colour red ~5", (0, 0, 30, 80)),
        ("color #ff0000", (0, 0, 50, 80)),
        ("颜色 红色 ~40", (0, 0, 50, 80)),
        ("Colour: blue~0", (50, 0, 100, 80)),
    ],
)
def test_a_mask_is_a_box_or_all_of_a_colour_and_is_kept(trial: Atelier, mask: str, box: tuple[int, ...]) -> None:
    masked = mask_of(mask, half(), trial.context, parents=[("a.png", "ab")])
    made = open_picture(masked.content, "mask").image.convert("L")
    assert made.getbbox() == box
    assert made.getcolors() is not None
    assert {value for _, value in made.getcolors() or ()} == {0, 255}
    (artifact,) = masked.beside
    assert masked.parents == ((artifact.handle, artifact.sha256),)
    assert artifact.handle in masked.notes[0]
    assert trial.told(artifact.handle).parents == (("a.png", "ab"),)


def test_words_are_looked_for_and_it_is_said_where_they_were_found(tmp_path: Path) -> None:
    boxes = [
        Box(label="cat", x=5, y=6, width=10, height=12, by="eye"),
        Box(label="cat", x=40, y=6, width=9, height=9, by="eye"),
    ]
    with Atelier(tmp_path, Finder("draw", boxes)) as trial:
        masked = mask_of("the cat", half(), trial.context, parents=[])
        assert open_picture(masked.content, "mask").image.convert("L").getbbox() == (5, 6, 49, 18)
        assert masked.notes[0] == "the cat was found at 5,6,10,12, 40,6,9,9 by eye"
    with Atelier(tmp_path / "b", Finder("draw", [])) as trial, pytest.raises(ToolError, match="nothing like 'the cat'"):
        mask_of("the cat", half(), trial.context, parents=[])


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        ("the cat", "cannot tell what the picture shows"),
        ("1,2,3", "is no box"),
        ("1,2,0,5", "is no box"),
        ("500,500,5,5", "lies outside of the picture"),
        ("colour green ~3", "nothing of the picture has the colour"),
        ("colour nothing", "'nothing' is no colour"),
        ("mask.png", "mask.png"),
        (" ", "no mask is named"),
        ("0123456789ab", "there is no picture"),
    ],
)
def test_a_mask_that_is_none_says_what_is_missing(trial: Atelier, mask: str, said: str) -> None:
    with pytest.raises(ToolError) as caught:
        mask_of(mask, half(), trial.context, parents=[])
    assert said in caught.value.message
    assert "\n" not in caught.value.message


def test_a_picture_is_named_by_its_file_or_its_handle(trial: Atelier) -> None:
    trial.write("图/a.png", content := png(WHITE))
    kept = trial.artifacts.put(content, media_type="image/png", name="a.png")
    assert picture_of(" 图/a.png ", trial.context) == (content, (("图/a.png", kept.sha256),))
    assert picture_of(kept.handle, trial.context) == (content, ((kept.handle, kept.sha256),))
    for wrong in ("../a.png", "/etc/passwd", "图", "b.png"):
        with pytest.raises(ToolError):
            picture_of(wrong, trial.context)


@pytest.mark.parametrize(
    ("text", "name", "weight"),
    [
        ("ink", "ink", 1.0),
        ("水墨:0.7", "水墨", 0.7),
        ("ink:-1", "ink", -1.0),
        (r"C:\loras\ink.safetensors", r"C:\loras\ink.safetensors", 1.0),
        (r"C:\loras\ink.safetensors:0.5", r"C:\loras\ink.safetensors", 0.5),
        ("C:/loras/ink.safetensors", "C:/loras/ink.safetensors", 1.0),
    ],
)
def test_a_lora_is_named_with_or_without_its_weight(text: str, name: str, weight: float) -> None:
    (one,) = loras_of([text])
    assert (one.name, one.weight) == (name, weight)


@pytest.mark.parametrize("text", ["ink:much", "ink:", ":1", "", "ink:nan", "ink:inf"])
def test_a_weight_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ToolError, match="no LoRA with a weight"):
        loras_of([text])


def test_the_tools_are_short_to_tell_and_found_in_two_languages() -> None:
    mine = ("images.changing", "images.enlarging", "images.making", "images.mapping")
    told = Toolbox([plugin for plugin in built_in_plugins() if plugin.name in mine]).describe()
    assert len(told) == 5
    for one in told:
        sent = {key: one[key] for key in ("name", "description", "parameters")}
        assert len(json.dumps(sent, separators=(",", ":"))) < 1_500
        assert any(alias.isascii() for alias in one["aliases"])
        assert any(not alias.isascii() for alias in one["aliases"])
