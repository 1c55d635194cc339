"""Pictures enlarged: by rule, and by real upscaling pipelines whose weights are random."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from plugins import ToolError
from plugins.images import Studio
from plugins.images._lanczos import LanczosBackend
from plugins.images._scenes import Scene
from plugins.images._tiles import Canvas, tiles
from plugins.images._upscaling import UpscalingBackend
from tests.plugins.images import tiny
from tests.plugins.images.atelier import Atelier, png
from tests.plugins.images.kit import needs_pipelines

CIRCLE = Scene("circle", "red", "white", "large", "left")


@pytest.mark.parametrize("size", [(128, 128), (129, 64), (300, 200), (1000, 137), (5, 900)])
def test_tiles_cover_all_and_overlap(size: tuple[int, int]) -> None:
    found = tiles(size, 128, 16)
    covered = Image.new("L", size)
    for left, top, right, bottom in found:
        assert 0 <= left < right <= size[0]
        assert right - left <= 128
        assert bottom - top <= 128
        covered.paste(255, (left, top, right, bottom))
    assert covered.getextrema() == (255, 255)
    rows = sorted({(left, right) for left, _, right, _ in found})
    assert all(before[1] - behind[0] >= 16 for before, behind in pairwise(rows))


def test_a_seam_is_feathered_and_equal_tiles_leave_none() -> None:
    whole = Image.effect_noise((300, 200), 80).convert("RGB")
    same, unlike = Canvas(whole.size, 2, 16), Canvas(whole.size, 2, 16)
    parts = tiles(whole.size, 128, 16)
    for number, part in enumerate(parts):
        cut = whole.crop(part)
        same.put(part, cut.resize((cut.width * 2, cut.height * 2), Image.Resampling.NEAREST))
        unlike.put(part, Image.new("RGB", (cut.width * 2, cut.height * 2), (100 + 20 * (number % 2),) * 3))
    difference = ImageChops.difference(same.image, whole.resize((600, 400), Image.Resampling.NEAREST))
    assert max(high for _, high in difference.getextrema()) <= 1  # type: ignore[misc]
    line = [unlike.image.getpixel((x, 0))[0] for x in range(600)]  # type: ignore[index]
    assert max(abs(one - other) for one, other in pairwise(line)) <= 2
    assert {100, 120} <= set(line)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Atelier]:
    with Atelier(tmp_path, Studio("draw")) as made:
        yield made


def test_without_a_model_it_is_done_by_rule_and_said_so(trial: Atelier) -> None:
    trial.put("圆.png", CIRCLE, 64)
    made = trial.made("upscale_image", image="圆.png", scale=2)
    (value,) = made.value
    assert (value["path"], value["width"], value["backend"]) == ("pictures/圆-x2.png", 128, "lanczos")
    assert "by rule (Lanczos), not by a model" in made.text
    assert trial.scene(value["path"]) == CIRCLE
    assert trial.told(value["path"]).parents == (("圆.png", trial.files.sha256("圆.png")),)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"scale": 5}, "scale must be one of 2, 3, 4, 8, not 5"),
        ({"method": "magic"}, "no method 'magic' to enlarge"),
        ({"method": "diffusion"}, "nothing here enlarges pictures by diffusion"),
        ({"image": "text.png"}, "the picture to enlarge is no picture"),
        ({"path": "a.webp"}, "a.webp is no PNG file"),
        ({"seed": -3}, "seed must be from 0"),
        ({"image": "wide.png", "scale": 8}, "would be too many pixels"),
    ],
)
def test_what_cannot_be_enlarged_is_one_clear_line(trial: Atelier, arguments: dict[str, object], said: str) -> None:
    trial.put("a.png", CIRCLE, 64)
    trial.write("text.png", "text")
    trial.write("wide.png", png(Image.new("1", (8000, 200))))
    assert said in trial.refused("upscale_image", **{"image": "a.png", **arguments})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("upscalers")
    tiny.upscaler(made / "四倍")
    tiny.latent_upscaler(made / "二倍")
    tiny.depth_model(made / "depth")
    return made


@needs_pipelines
@pytest.mark.filterwarnings("ignore")
class TestModels:
    """By random weights: sizes, seeds, tiles and words are right, whatever the picture."""

    def test_a_model_enlarges_in_tiles_to_the_very_size_and_repeats_itself(self, tmp_path: Path, folder: Path) -> None:
        studio = Studio("draw")
        studio._aides = [UpscalingBackend("upscaler", folder / "四倍", steps=2, side=32), LanczosBackend()]
        with studio, Atelier(tmp_path, studio) as trial:
            trial.write("a.png", png(Image.effect_noise((43, 30), 60).convert("RGB")))
            made = trial.made("upscale_image", image="a.png", prompt="噪声", seed=5)
            (first,) = made.value
            assert (first["width"], first["height"], first["backend"], first["model"]) == (172, 120, "upscaler", "四倍")
            assert "its fine detail is made up" in made.text
            told = trial.told(first["path"])
            assert (told.prompt, told.seed, told.arguments) == ("噪声", 5, {"scale": 4, "method": "diffusion"})
            (again,) = trial.made("upscale_image", image="a.png", prompt="噪声", seed=5, method="diffusion").value
            (other,) = trial.made("upscale_image", image="a.png", prompt="噪声", seed=6).value
            assert first["handle"] == again["handle"] != other["handle"]
            assert trial.progress.count("enlarging") == 3 * 2 * 2
            less = trial.made("upscale_image", image="a.png", scale=2, seed=5)
            assert (less.value[0]["width"], less.value[0]["height"]) == (86, 60)
            assert "enlarged 4 times by the model, then brought to 86 x 60" in less.text
            assert trial.made("upscale_image", image="a.png", scale=8).value[0]["backend"] == "lanczos"
            assert "4 times at most, not 8" in trial.refused(
                "upscale_image", image="a.png", scale=8, method="diffusion"
            )

    def test_a_model_that_enlarges_twice_may_lie_beside_the_users_own(self, tmp_path: Path, folder: Path) -> None:
        extras = tmp_path / "extras"
        extras.mkdir()
        (folder / "二倍").rename(extras / "upscaler")
        with Studio("draw", extras=extras) as studio:
            assert studio.abilities()["upscale"] == "upscaler"
            drawn = studio.upscale(png(Image.new("RGB", (50, 60), "red")), scale=2, seed=1)
            assert (drawn.width, drawn.height, drawn.backend) == (100, 120, "upscaler")
            done: list[int] = []
            with pytest.raises(ToolError, match="given up"):
                studio.upscale(
                    png(Image.new("RGB", (50, 60))),
                    scale=2,
                    progress=lambda at, _: done.append(at),
                    cancelled=lambda: len(done) > 3,
                )
            assert len(done) < 6

    def test_a_folder_of_another_kind_is_told_without_loading_it(self, tmp_path: Path) -> None:
        (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
        with Studio("draw", upscaler=tmp_path) as studio:
            state = next(one for one in studio.states() if one.name == "upscaler")
            assert not state.works
            assert "no model that enlarges, but StableDiffusion" in state.why

    def test_depth_is_told_by_a_model_and_white_is_near(self, tmp_path: Path, folder: Path) -> None:
        with Studio("draw", depth=folder / "depth") as studio, Atelier(tmp_path, studio) as trial:
            trial.put("a.png", CIRCLE)
            (value,) = trial.made("control_image", image="a.png", kind="depth").value
            assert (value["width"], value["backend"], value["model"]) == (256, "depth", "depth")
            low, high = trial.picture(value["path"]).convert("L").getextrema()
            assert (low, high) == (0, 255)
            assert trial.told(value["path"]).arguments == {"kind": "depth"}

    def test_a_depth_model_that_is_not_whole_is_one_clear_line(self, tmp_path: Path, folder: Path) -> None:
        (tmp_path / "config.json").write_bytes((folder / "depth" / "config.json").read_bytes())
        with Studio("draw", depth=tmp_path) as studio, Atelier(tmp_path, studio) as trial:
            trial.put("a.png", CIRCLE)
            assert "cannot be loaded" in trial.refused("control_image", image="a.png", kind="depth")
