"""`generate_image` by the back-end `draw`: pictures that show what is wanted, are told of, and never written over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins import Drawing, ToolError
from plugins._guarded_images import GuardedImages
from plugins._revocation import Gate
from plugins.images import Studio, open_picture, read_told
from plugins.images._scene_reader import read
from plugins.images._scenes import Scene
from plugins.testing import Trial


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path) as made:
        yield made


def shown(trial: Trial, path: str) -> Scene:
    reading = read(open_picture(trial.files.read(path), path).image)
    assert reading is not None
    assert reading.clean
    return reading.scene


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("a large red circle at the left on a white background", Scene("circle", "red", "white", "large", "left")),
        ("一个小的蓝色三角形在上方，背景是黄色", Scene("triangle", "blue", "yellow", "small", "top")),
    ],
)
def test_a_picture_shows_what_was_asked_for_and_tells_how_it_was_made(trial: Trial, prompt: str, scene: Scene) -> None:
    made = trial.call("generate_image", prompt=prompt, path="out/一.png", size="128x128", seed=9)
    assert made.ok, made.error
    assert shown(trial, "out/一.png") == scene
    (value,) = made.value
    assert (value["path"], value["seed"], value["width"], value["backend"]) == ("out/一.png", 9, 128, "draw")
    content = trial.files.read("out/一.png")
    assert trial.artifacts.get(value["handle"])[1] == content
    told = read_told(content, "one")
    assert told.recipe is not None
    assert (told.recipe.tool, told.recipe.prompt, told.recipe.seed) == ("generate_image", prompt, 9)
    assert set(told.recipe.versions) == {"thinkact", "pillow"}
    assert told.parameters["Seed"] == "9"


def test_nothing_is_written_over_and_each_picture_has_its_own_seed(trial: Trial) -> None:
    for _ in range(2):
        made = trial.call("generate_image", prompt="a red circle", count=2, seed=2**32 - 1)
        assert [one["seed"] for one in made.value] == [2**32 - 1, 0]
    names = [entry.path for entry in trial.files.list("pictures")]
    assert names == [f"pictures/a-red-circle{end}.png" for end in ("-2", "-3", "-4", "")]
    assert made.text.count("all pictures of one prompt are alike") == 1


def test_the_same_seed_gives_the_same_bytes(trial: Trial) -> None:
    once, again = (trial.call("generate_image", prompt="a red circle", seed=3).value[0]["handle"] for _ in range(2))
    assert once == again


def test_what_means_nothing_to_the_back_end_is_told(trial: Trial) -> None:
    made = trial.call("generate_image", prompt="a red circle", steps=30, guidance_scale=7, negative_prompt="fog")
    assert "draw has no model, so it passes over negative_prompt, steps, guidance_scale" in made.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"prompt": "a cat"}, "not known here: cat"),
        ({"prompt": "一只猫"}, "not known here"),
        ({"prompt": "  "}, "the prompt is empty"),
        ({"prompt": "a red circle", "size": "big"}, "size 'big' is no size"),
        ({"prompt": "a red circle", "size": "64x32"}, "draws squares only"),
        ({"prompt": "a red circle", "size": "9000x9000"}, "a side of 9000 pixels is not drawn"),
        ({"prompt": "a red circle", "count": 0}, "count must be from 1 to 64"),
        ({"prompt": "a red circle", "seed": -1}, "seed must be from 0"),
        ({"prompt": "a red circle", "steps": 5000}, "steps must be from 1 to 1000"),
        ({"prompt": "a red circle", "path": "a.jpg"}, "a.jpg is no PNG file"),
        ({"prompt": "x" * 30_000}, "more than 20,000 characters"),
    ],
)
def test_what_cannot_be_drawn_is_one_clear_line_and_nothing_is_written(
    trial: Trial, arguments: dict[str, Any], said: str
) -> None:
    made = trial.call("generate_image", **arguments)
    assert not made.ok
    assert made.error is not None
    assert said in made.error.message
    assert "\n" not in made.error.message
    assert list(trial.files.list(recursive=True)) == []


def test_a_back_end_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ToolError, match="no back-end 'dalle'"):
        Studio("dalle")


@pytest.mark.parametrize("wrong", [{"count": "2"}, {"seed": True}, {"prompt": None}, {"guidance_scale": "7"}])
def test_what_a_plugin_hands_over_is_checked(wrong: dict[str, Any]) -> None:
    images = GuardedImages(Studio("draw"), Gate(threading.Event()))
    with pytest.raises(TypeError, match=next(iter(wrong))):
        list(images.draw(Drawing(**{"prompt": "a red circle", **wrong})))
    assert len(list(images.draw(Drawing(prompt="a red circle", guidance_scale=7)))) == 1


def test_a_call_that_is_given_up_keeps_what_is_done() -> None:
    done: list[int] = []
    drawing = Drawing(prompt="a red circle", count=9)
    drawn = Studio("draw").draw(drawing, progress=lambda at, _: done.append(at), cancelled=lambda: len(done) >= 2)
    assert len(list(drawn)) == 2


def test_a_folder_that_is_no_model_is_told_without_loading_anything(tmp_path: Path) -> None:
    with Studio("diffusers", model=tmp_path) as studio:
        state = next(one for one in studio.states() if one.name == "diffusers")
        assert not state.works
        assert f"{tmp_path} has no model_index.json" in state.why
        with pytest.raises(ToolError, match="nothing here can generate pictures"):
            studio.draw(Drawing(prompt="a red circle"))
