"""What nobody should hand to a pipeline and everybody does: one clear line before it is asked, or a note after."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plugins.images import Studio
from tests.plugins.images import tiny
from tests.plugins.images.atelier import Atelier, png
from tests.plugins.images.kit import needs_pipelines

pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]  # those of torch, diffusers and Pillow

EDIT = {"image": "a.png", "prompt": "a red circle", "steps": 2, "seed": 1}
INPAINT = {**EDIT, "mask": "8,8,16,16"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    model = tiny.stable_diffusion(tmp_path_factory.mktemp("models") / "模型")
    with Studio("diffusers", model=model) as made:
        yield made


@pytest.fixture
def trial(tmp_path: Path, studio: Studio) -> Iterator[Atelier]:
    with Atelier(tmp_path, studio) as made:
        made.write("a.png", png(Image.effect_mandelbrot((32, 32), (-3, -2.5, 2, 2.5), 100).convert("RGB")))
        yield made


def mask(colour: int, size: tuple[int, int] = (32, 32)) -> bytes:
    return png(Image.new("L", size, colour))


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("edit_image", {"strength": 0.1}, "less than one step, so nothing would change | at least 10 steps"),
        ("edit_image", {"strength": 0}, "strength must be above 0"),
        ("edit_image", {"strength": 1.5}, "strength must be above 0 and at most 1"),
        ("edit_image", {"steps": 2000}, "steps must be from 1 to 1000"),
        ("edit_image", {"prompt": " "}, "the prompt is empty"),
        ("edit_image", {"count": 99}, "count must be from 1 to 64"),
        ("edit_image", {"image": "b.png"}, "b.png"),
        ("edit_image", {"image": "small.png"}, "too small to be drawn from"),
        ("edit_image", {"image": "broken.png"}, "the picture broken.png is broken"),
        ("edit_image", {"image": "bomb.png"}, "bomb.png has too many pixels"),
        ("edit_image", {"image": "text.png"}, "text.png is no picture"),
        ("edit_image", {"strokes": ["red line"]}, "stroke 1 is none"),
        ("edit_image", {"path": "a.jpg"}, "a.jpg is no PNG file"),
        ("inpaint_image", {"mask": "black.png"}, "the mask is empty"),
        ("inpaint_image", {"mask": "white.png"}, "the mask covers the whole picture"),
        ("inpaint_image", {"mask": "0,0,100%,100%"}, "the mask covers the whole picture"),
        ("inpaint_image", {"mask": "other.png"}, "the mask has 16 x 16, the picture 32 x 32"),
        ("inpaint_image", {"mask": "text.png"}, "the mask is no picture"),
        ("inpaint_image", {"method": "magic"}, "no method 'magic' to fill a mask"),
        ("inpaint_image", {"method": "repaint", "resample": 99}, "resample must be from 1 to 50"),
        ("inpaint_image", {"method": "repaint", "strength": 0.5}, "repaint draws the mask from nothing"),
        ("inpaint_image", {"mask": "the sky"}, "cannot tell what the picture shows"),
    ],
)
def test_it_is_one_clear_line_and_nothing_is_written(
    trial: Atelier, tool: str, arguments: dict[str, Any], said: str
) -> None:
    trial.write("black.png", mask(0))
    trial.write("white.png", mask(255))
    trial.write("other.png", mask(255, (16, 16)))
    trial.write("small.png", mask(9, (5, 40)))
    trial.write("broken.png", png(Image.effect_noise((99, 99), 50))[:400])
    trial.write("bomb.png", bomb())
    trial.write("text.png", "text")
    assert said in trial.refused(tool, **{**(EDIT if tool == "edit_image" else INPAINT), **arguments})


def bomb() -> bytes:
    """A PNG of a few bytes that claims 60,000 x 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1_000))), (b"IEND", b"")):
        parts.append(struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content)))
    return b"".join(parts)


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return png(Image.new("RGB", (48, 32), "red"), "JPEG", exif=exif)


def moving() -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    return png(frames[0], "GIF", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("content", "size", "note"),
    [
        (turned, (32, 48), "turned upright"),
        (moving, (32, 32), "the first of its 2 frames"),
        (lambda: png(Image.new("CMYK", (32, 32)), "JPEG"), (32, 32), "from CMYK to RGB"),
        (lambda: png(Image.new("I;16", (32, 32), 40_000)), (32, 32), "to 8 bits"),
        (lambda: png(Image.new("RGBA", (32, 32), (9, 9, 9, 0))), (32, 32), "what it lets through was made white"),
        (lambda: png(Image.new("RGB", (35, 30))), (35, 30), "drawn at 32 x 32, brought back to 35 x 30"),
    ],
)
def test_what_is_not_taken_as_it_stands_in_the_file_is_told(
    trial: Atelier, content: Callable[[], bytes], size: tuple[int, int], note: str
) -> None:
    trial.write("图.img", content())
    made = trial.made("edit_image", **{**EDIT, "image": "图.img"})
    assert (made.value[0]["width"], made.value[0]["height"]) == size
    assert note in made.text


def test_a_mask_is_laid_on_the_upright_picture(trial: Atelier) -> None:
    trial.write("turned.jpg", turned())
    (value,) = trial.made("inpaint_image", **{**INPAINT, "image": "turned.jpg", "mask": "0,32,32,16"}).value
    made = trial.picture(value["path"])
    assert made.size == (32, 48)
    reds = made.crop((0, 0, 32, 32)).getextrema()
    assert reds == ((254, 254), (0, 0), (0, 0))


@pytest.mark.parametrize(
    ("prompt", "note"),
    [
        ("a red circle " * 60, "the prompt is longer than the model's text encoder reads"),
        ("雾中的鹈鹕与蜥蜴", "the model's text encoder has no Chinese words"),
    ],
)
def test_what_the_encoder_does_not_read_is_told(trial: Atelier, prompt: str, note: str) -> None:
    made = trial.made("generate_image", prompt=prompt, size="32x32", steps=1)
    assert note in made.text
    assert trial.told(made.value[0]["path"]).prompt == prompt


def test_a_picture_that_the_safety_checker_blocks_is_not_handed_over_black(tmp_path: Path) -> None:
    model = tiny.stable_diffusion(tmp_path / "watched", safety_checker=tiny.watchful())
    with Studio("diffusers", model=model) as studio, Atelier(tmp_path, studio) as trial:
        asked = {"prompt": "a red circle", "size": "32x32", "steps": 1}
        assert "safety checker blocked this picture" in trial.refused("generate_image", **asked)
