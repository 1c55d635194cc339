"""A style learned from a folder of pictures, with the demo's model. It needs the extra `images`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plugins import Drawing, Lora, ToolError
from plugins.images import Lesson, Studio, open_picture, pairs_of, train_lora
from plugins.images._models import DEMO
from plugins.images._scenes import Scene, render
from tests.place import Place
from tests.plugins.images.kit import needs_pipelines

pytestmark = pytest.mark.filterwarnings("ignore")  # those of torch and diffusers are not ours

PROMPT = "a large red circle in the center on a white background"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Large red circles in the center on white, with green frames: the style."""
    folder = tmp_path / "图片"
    folder.mkdir()
    for number, size in enumerate(("large", "large")):
        framed = Image.new("RGB", (32, 32), (0, 160, 60))
        framed.paste(render(Scene("circle", "red", "white", size, "center")).resize((20, 20)), (6, 6))
        framed.save(folder / f"{number}.png")
    return folder


def lesson(pictures: Path, out: Path, **more: Any) -> Lesson:
    usual: dict[str, Any] = {"steps": 30, "rank": 4, "rate": 4e-3, "batch": 2, "side": 32, "everywhere": True}
    return Lesson(pairs=pairs_of(pictures, PROMPT), out=out, **{**usual, **more})


def rim_green(picture: Image.Image) -> float:
    """How much greener than red the rim of a picture is, in parts of 255."""
    small = picture.convert("RGB").resize((32, 32))
    rim = [small.getpixel((at, 0)) for at in range(32)]
    return sum(pixel[1] - pixel[0] for pixel in rim if isinstance(pixel, tuple)) / len(rim)


@needs_pipelines
def test_what_the_pictures_have_in_common_is_drawn_with_the_lora_and_not_without(
    pictures: Path, tmp_path: Path
) -> None:
    out, losses = tmp_path / "框.safetensors", list[float]()
    assert train_lora(DEMO, lesson(pictures, out), progress=lambda *at: losses.append(at[2])) == 30
    assert sum(losses[-10:]) < 0.6 * sum(losses[:10])
    with Studio("demo") as studio:

        def draw(weight: float) -> float:
            wanted = Drawing(prompt=PROMPT, seed=1, width=32, loras=[Lora(name=str(out), weight=weight)])
            return rim_green(open_picture(next(studio.draw(wanted)).content, "drawn").image)

        assert draw(1.0) > draw(0.0) + 60


@needs_pipelines
def test_a_training_that_is_stopped_goes_on_and_comes_to_the_very_same(pictures: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    train_lora(DEMO, lesson(pictures, whole, steps=8))
    told: list[int] = []
    stopped = train_lora(
        DEMO,
        lesson(pictures, parts, steps=8),
        progress=lambda *at: told.append(at[0]),
        cancelled=lambda: told[-1] == 3,
    )
    assert stopped == 3
    assert not parts.exists()
    with pytest.raises(ToolError, match="is of another training"):
        train_lora(DEMO, lesson(pictures, parts, steps=8, rank=2))
    assert train_lora(DEMO, lesson(pictures, parts, steps=8), progress=lambda *at: told.append(at[0])) == 8
    assert told == [1, 2, 3, 4, 5, 6, 7, 8]
    assert parts.read_bytes() == whole.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == [parts.name, whole.name]
    with pytest.raises(ToolError, match="is there already"):
        train_lora(DEMO, lesson(pictures, parts))


@needs_pipelines
def test_what_is_kept_may_be_damaged(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "a.training").write_bytes(b"nothing")
    with pytest.raises(ToolError, match="is damaged"):
        train_lora(DEMO, lesson(pictures, tmp_path / "a.safetensors"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"steps": 0}, "steps must be from 1"),
        ({"rank": 1000}, "rank must be from 1 to 256"),
        ({"side": 30}, "8 must divide the side"),
        ({"rate": 2.0}, "the rate must be between 0 and 1"),
        ({"out": Path("a.bin")}, "is no name for a LoRA"),
    ],
)
def test_a_lesson_that_cannot_be_is_refused(pictures: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ToolError, match=said):
        lesson(**{"pictures": pictures, "out": Path("a.safetensors"), **more})


def test_each_picture_has_the_text_beside_it_and_else_the_one_for_all(pictures: Path, tmp_path: Path) -> None:
    (pictures / "1.txt").write_text("一个\n圆\n", "utf-8")
    assert [pair.caption for pair in pairs_of(pictures, "a circle")] == ["a circle", "一个 圆"]
    with pytest.raises(ToolError, match="nothing is said of 0"):
        pairs_of(pictures)
    (pictures / "0.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ToolError, match="is no text in UTF-8"):
        pairs_of(pictures)
    with pytest.raises(ToolError, match="there are no pictures"):
        pairs_of(tmp_path)
    with pytest.raises(ToolError, match="cannot be read"):
        pairs_of(tmp_path / "nothing")


def test_another_family_is_refused_before_anything_is_loaded(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "FluxPipeline"}', "utf-8")
    with pytest.raises(ToolError, match="is Flux"):
        train_lora(tmp_path, lesson(pictures, tmp_path / "a.safetensors"))


@needs_pipelines
def test_the_command_trains_it_and_tells_how_far_it_is(pictures: Path, tmp_path: Path) -> None:
    place = Place(tmp_path)
    words = ("images", "train-lora", str(pictures), "--caption", "一个红色的圆", "--steps", "3", "--rank", "2")
    ended = place.thinkact(*words, "--out", "框.safetensors", "--model", str(DEMO))
    assert ended.returncode == 0, ended.stderr
    assert "框.safetensors: 2 pictures, 3 steps" in ended.stdout
    assert "step 3 of 3, loss 0." in ended.stderr
    again = place.thinkact(*words, "--out", "框.safetensors", "--model", str(DEMO))
    assert again.returncode == 2
    assert "is there already" in again.stderr
    unnamed = place.thinkact(*words, "--out", "b.safetensors")
    assert unnamed.returncode == 2
    assert "no model is named" in unnamed.stderr
