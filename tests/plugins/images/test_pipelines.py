"""Pictures by a real diffusion model: the demo's, and a folder of the user's. They need the extra `images`."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins import Drawing, Drawn, ToolError
from plugins.images import Studio, open_picture, read_told
from plugins.images._families import INDEX
from plugins.images._models import DEMO
from plugins.images._scene_reader import read
from plugins.images._scene_words import caption, scene_of
from plugins.images._scenes import HELD_OUT, all_scenes
from tests.plugins.images.kit import needs_pipelines

pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]  # those of torch and diffusers are not ours


@pytest.fixture(scope="module")
def demo() -> Iterator[Studio]:
    with Studio("demo") as studio:
        yield studio


def draw(studio: Studio, prompt: str, **more: Any) -> list[Drawn]:
    return list(studio.draw(Drawing(prompt=prompt, **{"seed": 1, **more})))


PROMPTS = (
    "a large red circle at the left on a white background",
    "a small blue square in the center on a yellow background",
    "on a green background, a medium white triangle at the top",
    "purple background, large orange cross on the right side",
    "一个大的黄色三角形在下方，背景是黑色",
    "黑色背景上左边一个小红色圆形",
    "白色背景，中间有一个大的绿色的十字",
    "一个中等大小的蓝色方形在右边，背景是橙色",
)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_demo_draws_what_the_words_say(demo: Studio, prompt: str) -> None:
    (drawn,) = draw(demo, prompt)
    reading = read(open_picture(drawn.content, "drawn").image)
    assert reading is not None
    assert reading.scene == scene_of(prompt)
    assert drawn.backend == "demo"
    told = read_told(drawn.content, "drawn").recipe
    assert told is not None
    assert (told.steps, told.guidance_scale, told.scheduler, len(told.model_hash)) == (20, 2.0, "DDIM", 64)


@pytest.mark.parametrize(
    ("prompt", "left"), [("a red circle", "background, size, place"), ("黄色背景上一个小十字", "colour, place")]
)
def test_what_a_prompt_leaves_open_is_filled_in_and_said(demo: Studio, prompt: str, left: str) -> None:
    (drawn,) = draw(demo, prompt)
    reading = read(open_picture(drawn.content, "drawn").image)
    assert reading is not None
    assert reading.scene == scene_of(prompt)
    assert f"left open, and filled in: {left}" in drawn.notes
    assert drawn.recipe["prompt"] == prompt


def kept_to(demo: Studio, language: str, count: int) -> float:
    """The share of pictures whose shape and both colours are those of captions of combinations that no training saw."""
    chance = random.Random(f"held out {language}")
    scenes = [scene for scene in all_scenes() if scene.triple in HELD_OUT]
    hits = 0
    for number, scene in enumerate(chance.choices(scenes, k=count)):
        (drawn,) = draw(demo, caption(scene, chance, language), seed=number)
        reading = read(open_picture(drawn.content, "drawn").image)
        hits += reading is not None and reading.scene.triple == scene.triple
    return hits / count


@pytest.mark.parametrize(("language", "least"), [("en", 0.9), ("zh", 0.85)])
@pytest.mark.parametrize("count", [30, pytest.param(400, marks=pytest.mark.slow)])
def test_shape_and_colours_are_right_that_were_never_trained_together(
    demo: Studio, language: str, least: float, count: int
) -> None:
    assert kept_to(demo, language, count) >= least


def test_a_picture_is_the_same_whatever_else_is_drawn_with_it(demo: Studio) -> None:
    several = draw(demo, PROMPTS[0], count=3, seed=7, steps=5)
    assert [one.seed for one in several] == [7, 8, 9]
    assert draw(demo, PROMPTS[0], seed=8, steps=5)[0].content == several[1].content
    assert len({one.content for one in several}) == 3


def test_what_is_done_is_kept_where_the_rest_is_given_up_and_steps_are_told(demo: Studio) -> None:
    steps: list[tuple[int, int]] = []
    drawing = Drawing(prompt=PROMPTS[0], count=4, steps=5, seed=1)
    kept = list(demo.draw(drawing, progress=lambda *at: steps.append(at), cancelled=lambda: len(steps) > 7))
    assert len(kept) == 1
    assert steps[:3] == [(1, 20), (2, 20), (3, 20)]
    assert len(steps) < 12


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"prompt": "a cat"}, "not known here: cat"),
        ({"width": 300, "height": 300}, "a multiple of 32, not 300 x 300"),
        ({"width": 64, "height": 32}, "a multiple of 32, not 64 x 32"),
        ({"scheduler": "PNG"}, "the model knows no scheduler 'PNG'"),
    ],
)
def test_what_the_demo_cannot_draw_is_refused(demo: Studio, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ToolError, match=said):
        draw(demo, **{"prompt": PROMPTS[0], **more})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the user's: that of the demo, elsewhere."""
    return shutil.copytree(DEMO, tmp_path_factory.mktemp("models") / "模型")


def test_a_model_of_the_users_draws_at_any_size_by_any_scheduler(model: Path) -> None:
    with Studio(model=model) as studio:
        assert studio.abilities()["generate"] == "diffusers"
        first = draw(studio, "a red circle", width=64, height=48, steps=3, scheduler="Euler", guidance_scale=1)[0]
        again = draw(studio, "a red circle", width=64, height=48, steps=3)[0]
        with pytest.raises(ToolError, match="a side of 50 pixels"):
            draw(studio, "a red circle", width=50)
    assert open_picture(first.content, "first").image.size == (64, 48)
    assert (first.model, first.recipe["scheduler"], again.recipe["scheduler"]) == ("模型", "EulerDiscrete", "DDIM")
    assert first.recipe["guidance_scale"] == 1


@pytest.mark.parametrize(("name", "meant"), [("Euler a", "EulerAncestralDiscrete"), ("dpm++ 2m", "DPMSolverMultistep")])
def test_a_scheduler_may_be_called_as_other_programs_call_it(demo: Studio, name: str, meant: str) -> None:
    assert draw(demo, PROMPTS[0], scheduler=name, steps=2)[0].recipe["scheduler"] == meant


@pytest.mark.parametrize("broken", ["half", "index", "gone"])
def test_a_model_that_is_not_whole_is_one_clear_line(broken: str, model: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(model, tmp_path / "model")
    if broken == "half":
        weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
        weights.write_bytes(weights.read_bytes()[:1000])
    elif broken == "index":
        (copy / INDEX).write_text(json.dumps({"_class_name": "NoPipeline"}))
    else:
        shutil.rmtree(copy / "unet")
    with pytest.raises(ToolError) as caught, Studio("diffusers", model=copy) as studio:
        draw(studio, "a red circle")
    said = "is not whole: unet/config.json is not there" if broken == "gone" else "cannot be loaded"
    assert said in caught.value.message
    assert "\n" not in caught.value.message
