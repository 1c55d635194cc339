"""Scores of pictures: their formulas where the answer is known, and what `score_images` says and refuses."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from plugins import Drawing, ToolError
from plugins.images import Studio
from plugins.images._clip import DEMO_CLIP, clip_at
from plugins.images._judge import Jury
from plugins.images._scene_words import caption
from plugins.images._scenes import Scene, all_scenes, render
from plugins.images._scores import clip_score, fid, frechet_distance, inception_score, psnr, ssim
from plugins.testing import Trial
from tests.plugins.images.kit import needs_pipelines

RED = Scene("circle", "red", "white")
BLUE = Scene("square", "blue", "yellow", "large", "left")
needs_clip = pytest.mark.skipif(
    not (DEMO_CLIP / "config.json").is_file(), reason="the demo's CLIP is not here yet: plugins/images/demo/clip"
)


def test_the_frechet_distance_of_gaussians_is_the_known_one() -> None:
    one, two = np.eye(3), np.diag([4.0, 9.0, 16.0])
    assert frechet_distance(np.zeros(3), one, np.zeros(3), one) == pytest.approx(0)
    assert frechet_distance(np.array([3.0, 4, 0]), one, np.zeros(3), one) == pytest.approx(25)
    assert frechet_distance(np.zeros(3), one, np.zeros(3), two) == pytest.approx(1 + 4 + 9)
    # of covariances that do not commute: by the definition, with the root of their product
    first, second = np.array([[2.0, 1], [1, 3]]), np.array([[1.0, -0.5], [-0.5, 2]])
    values = np.linalg.eigvals(first @ second)
    wanted = np.trace(first) + np.trace(second) - 2 * np.sqrt(values).sum()
    assert frechet_distance(np.zeros(2), first, np.zeros(2), second) == pytest.approx(wanted)


def test_the_fid_of_the_same_set_is_nothing_and_of_drawn_gaussians_near_the_truth() -> None:
    chance = np.random.default_rng(1)
    one = chance.normal(size=(4000, 4))
    assert fid(one, one) == pytest.approx(0, abs=1e-8)
    assert fid(one[:3], one[:3]) == pytest.approx(0, abs=1e-8)  # fewer than features: no root of a negative
    assert fid(one, 2 * chance.normal(size=(4000, 4)) + 1) == pytest.approx(4 + 4, rel=0.06)
    with pytest.raises(ToolError, match="at least two pictures"):
        fid(one[:1], one)


def test_the_inception_score_runs_from_one_to_the_number_of_classes() -> None:
    assert inception_score(np.eye(5)) == pytest.approx(5)
    assert inception_score(np.full((7, 5), 0.2)) == pytest.approx(1)
    assert inception_score(np.eye(5)[[2, 2, 2]]) == pytest.approx(1)
    assert inception_score([[0.9, 0.1], [0.1, 0.9]]) == pytest.approx(
        math.exp(0.9 * math.log(1.8) + 0.1 * math.log(0.2))
    )


def test_ssim_and_psnr_are_the_known_ones() -> None:
    picture = render(BLUE, 64)
    assert ssim(picture, picture) == pytest.approx(1)
    assert psnr(picture, picture) == math.inf
    dark, light = Image.new("RGB", (16, 16), (100, 100, 100)), Image.new("RGB", (16, 16), (110, 110, 110))
    assert psnr(dark, light) == pytest.approx(20 * math.log10(25.5))
    c1 = (0.01 * 255) ** 2
    assert ssim(dark, light) == pytest.approx((2 * 100 * 110 + c1) / (100**2 + 110**2 + c1))
    noisy = Image.blend(picture, Image.effect_noise((64, 64), 100).convert("RGB"), 0.3)
    noisier = Image.blend(picture, Image.effect_noise((64, 64), 100).convert("RGB"), 0.7)
    assert 1 > ssim(picture, noisy) > ssim(picture, noisier) > -1
    assert psnr(picture, noisy) > psnr(picture, noisier)
    with pytest.raises(ToolError, match="cannot be compared with one of 16 x 16"):
        ssim(picture, dark)
    with pytest.raises(ToolError, match="at least 11 x 11"):
        ssim(dark.resize((8, 8)), light.resize((8, 8)))


def test_a_clip_score_is_never_below_nothing() -> None:
    assert (clip_score(0.3), clip_score(-0.3), clip_score(1)) == pytest.approx((0.75, 0, 2.5))


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path) as made:
        yield made


def png(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def by_metric(made: Any) -> dict[str, Any]:
    assert made.ok, made.error
    return {one["metric"]: one for one in made.value}


def test_pictures_are_held_against_their_prompts_and_references(trial: Trial) -> None:
    for number, scene in enumerate((RED, BLUE, RED), 1):
        trial.write(f"图/一{'' if number == 1 else f'-{number * 5}'}.png", png(render(scene, 64)))
    trial.write("prompts.txt", "a red circle on white\n\n一个大的蓝色方形在左边，背景是黄色\r\na blue circle\n")
    trial.write("r.png", png(render(RED, 64)))
    made = trial.call(
        "score_images",
        folder="图",
        prompts_file="prompts.txt",
        reference=["r.png", "r.png", "r.png"],
        metrics=["align", "ssim", "psnr"],
    )
    told = by_metric(made)
    assert told["align"]["each"] == [1, 1, 0]
    assert told["align"]["value"] == pytest.approx(2 / 3)
    assert [one > 0.99 for one in told["ssim"]["each"]] == [True, False, True]
    assert told["psnr"]["value"] is None  # it is infinite
    assert told["psnr"]["each"][1] > 0
    assert "prompt alignment: 0.6667 (higher is better; the pixel reader of the demo's world" in made.text
    assert "of 3 pictures" in made.text


def test_what_a_prompt_leaves_open_does_not_count(trial: Trial) -> None:
    trial.write("a.png", png(render(BLUE, 64)))
    made = trial.call("score_images", images=["a.png"], prompts=["a square"], metrics=["align"])
    assert by_metric(made)["align"]["value"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "no pictures are named"),
        ({"images": ["gone.png"]}, "gone.png"),
        ({"folder": "empty"}, "there is no picture in the folder empty"),
        ({"images": ["a.png"], "prompts": ["a", "b"]}, "2 prompts are not 1 pictures"),
        ({"images": ["a.png"], "prompts": ["a"], "prompts_file": "p.txt"}, "prompts are given twice"),
        ({"images": ["a.png"], "prompts_file": "empty/none.txt"}, "holds no prompts"),
        ({"images": ["a.png"], "prompts_file": "a.png"}, "a.png is no text in UTF-8"),
        ({"images": ["a.png"], "metrics": ["align"]}, "align cannot be told: no prompts are given"),
        ({"images": ["a.png"], "metrics": ["fid"]}, "fid cannot be told: no reference pictures are given"),
        ({"images": ["a.png"], "metrics": ["ssim"], "reference": ["a.png"] * 2}, "1 pictures are not 2 references"),
        ({"images": ["a.png"], "metrics": ["align"], "prompts": ["a cat"]}, "'a cat' is not of the demo's world"),
        ({"images": ["p.txt"], "metrics": ["align"], "prompts": ["a red circle"]}, "p.txt is no picture"),
    ],
)
def test_what_cannot_be_scored_is_one_line(trial: Trial, arguments: dict[str, Any], said: str) -> None:
    trial.write("a.png", png(render(RED, 64)))
    trial.write("p.txt", "a red circle")
    trial.write("empty/none.txt", " \n")
    made = trial.call("score_images", **arguments)
    assert made.error is not None
    assert said in made.error.message
    assert "\n" not in made.error.message


def test_a_folder_that_holds_no_clip_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="holds no CLIP"):
        clip_at(tmp_path)
    with Studio("draw", clip=tmp_path) as studio:
        assert studio.clip_model() == tmp_path
    if not (DEMO_CLIP / "config.json").is_file():
        with pytest.raises(ToolError, match="clip cannot be told: there is no CLIP here") as caught:
            list(jury([render(RED)], prompts=["a red circle"]).figures(["clip"]))
        assert caught.value.hint is not None
        assert "THINKACT_IMAGE_CLIP_MODEL" in caught.value.hint


def jury(images: Sequence[Image.Image], references: Sequence[Image.Image] = (), **more: Any) -> Jury:
    pictures, others = (
        [(f"{number}.png", partial(png, one)) for number, one in enumerate(some)] for some in (images, references)
    )
    return Jury(pictures=pictures, references=others, **more)


@pytest.fixture(scope="module")
def any_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny CLIP with random weights, of the layout that users have."""
    import torch
    from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models") / "小CLIP"
    letters = [chr(33 + one) for one in range(94)]
    words = [*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"]
    tokenizer = CLIPTokenizer(vocab={word: number for number, word in enumerate(words)}, merges=[])
    small = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config={**small, "vocab_size": len(words), "max_position_embeddings": 16, "eos_token_id": len(words) - 1},
        vision_config={**small, "image_size": 32, "patch_size": 16},
        projection_dim=8,
    )
    CLIPModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@needs_pipelines
@pytest.mark.filterwarnings("ignore")  # those of torch and transformers are not ours
def test_a_clip_of_the_users_gives_figures_that_say_whose_they_are(any_clip: Path) -> None:
    pictures = [render(one, 40) for one in (RED, BLUE, RED)]
    made = jury(pictures, pictures, prompts=["a red circle", "b " * 40, "一个圆形"], classes=["a", "b"], clip=any_clip)
    told = {one.metric: one for one in made.figures(["fid", "is", "clip"])}
    assert told["fid"].label == "CLIP-FID"
    assert told["fid"].value == pytest.approx(0, abs=1e-6)
    assert told["fid"].note == "unreliable: 3 pictures are too few for a covariance of 8 features"
    assert "the CLIP 小CLIP" in told["fid"].by
    assert 1 <= told["is"].value <= 2
    assert len(told["clip"].each) == 3
    assert "on the scale from 0 to 100" in told["clip"].by
    with pytest.raises(ToolError, match="is cannot be told: no classes are given"):
        list(jury(pictures, clip=any_clip).figures(["is"]))
    (any_clip / "model.safetensors").write_bytes(b"half")
    with pytest.raises(ToolError, match="cannot be loaded"):
        list(jury(pictures, pictures, clip=any_clip).figures(["fid"]))


@needs_pipelines
@needs_clip
@pytest.mark.filterwarnings("ignore")
def test_the_demos_clip_ranks_true_pictures_before_the_models_and_those_before_noise() -> None:
    chance = random.Random(4)
    wanted = chance.sample(all_scenes(), 6)
    references = [render(one) for one in wanted]  # other scenes would tell the samples apart, and not who drew them
    with Studio("demo") as studio:
        drawn = []
        for number, scene in enumerate(wanted):
            drawing = Drawing(prompt=caption(scene, chance), seed=number, steps=6)
            drawn.append(Image.open(io.BytesIO(next(iter(studio.draw(drawing))).content)))
    true = [render(one, 256) for one in wanted]
    noise = [Image.effect_noise((64, 64), 120).convert("RGB") for _ in wanted]
    prompts = [caption(one, random.Random(1)) for one in wanted]
    told = [
        {one.metric: one for one in jury(some, references, prompts=prompts).figures(["fid", "clip", "align"])}
        for some in (true, drawn, noise)
    ]
    assert told[0]["fid"].label == "toy-FID"
    fids = [one["fid"].value for one in told]
    assert fids[0] < fids[1] < fids[2]
    assert told[1]["clip"].value > told[2]["clip"].value
    assert told[0]["align"].value == 1
    assert told[2]["align"].value == 0


@needs_pipelines
@needs_clip
@pytest.mark.filterwarnings("ignore")
def test_by_the_demos_clip_a_caption_goes_best_with_its_own_picture(trial: Trial) -> None:
    trial.write("a.png", png(render(RED, 256)))
    made = [
        by_metric(trial.call("score_images", images=["a.png"], prompts=[words], metrics=["clip"]))["clip"]["value"]
        for words in ("a medium red circle in the center on a white background", "a large blue cross on black")
    ]
    assert made[0] > made[1] + 0.5
    several = [render(one, 64) for one in all_scenes()[::40]]
    (figure,) = jury(several).figures(["is"])
    (alike,) = jury([render(RED, 64)] * 5).figures(["is"])
    assert figure.label == "toy-IS"
    assert figure.value > 4 > 1.01 > alike.value
