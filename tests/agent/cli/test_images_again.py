"""`thinkact images again`: a picture is made again from its own file, and it is said whether it came out identical."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from plugins import Drawing
from plugins.images import Recipe, Studio, open_picture, read_told
from plugins.images._picture import as_file
from tests.place import Ended, Place, no_traceback

PROMPT = "一个大的红色圆形在左边，背景是白色"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def again(place: Place, *words: str, code: int = 0) -> Ended:
    hub = str(place.folder / "hub")
    ended = place.thinkact("images", "again", *words, HF_HUB_CACHE=hub)
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr + ended.stdout
    return ended


def kept(place: Place, name: str, content: bytes) -> bytes:
    (place.folder / name).write_bytes(content)
    return content


def drawn(place: Place, name: str = "圆.png") -> bytes:
    (made,) = Studio("draw").draw(Drawing(prompt=PROMPT, seed=5, width=64))
    return kept(place, name, made.content)


def test_what_was_drawn_by_rule_comes_out_identical_and_nothing_is_written_over(place: Place) -> None:
    before = drawn(place)
    ended = again(place, "圆.png")
    assert "圆-again.png: 64 x 64, seed 5, drawn by draw" in ended.stdout
    assert "the pixels came out identical" in ended.stdout
    assert (place.folder / "圆-again.png").read_bytes() == before
    assert "圆-again-2.png" in again(place, "圆.png").stdout
    assert (place.folder / "圆.png").read_bytes() == before
    assert "is there already" in again(place, "圆.png", "--out", "圆.png", code=2).stderr
    again(place, "圆.png", "--out", "x.png", "--seed", "9")
    told = read_told((place.folder / "x.png").read_bytes(), "x").recipe
    assert told is not None
    assert told.seed == 9


def test_a_picture_whose_pixels_were_changed_since_is_told_from_the_one_that_was_drawn(place: Place) -> None:
    told = read_told(drawn(place), "x").recipe
    assert told is not None
    image = open_picture((place.folder / "圆.png").read_bytes(), "x").image
    image.putpixel((0, 0), (0, 0, 0))
    kept(place, "圆.png", as_file(image, told))
    assert "the pixels differ: 1 of 4,096, by 245 of 255 at most" in again(place, "圆.png", code=1).stdout


def test_what_was_made_from_a_picture_is_made_from_the_very_same(place: Place) -> None:
    small = drawn(place, "small.png")
    digest = hashlib.sha256(small).hexdigest()
    large = Studio("draw").upscale(small, scale=2, method="lanczos", parents=[("small.png", digest)])
    kept(place, "large.png", large.content)
    ended = again(place, "large.png")
    assert "large-again.png: 128 x 128, drawn by lanczos" in ended.stdout
    assert "identical" in ended.stdout
    kept(place, "small.png", small + b" ")
    assert "small.png, from which it was made, has changed since" in again(place, "large.png", code=2).stderr
    (place.folder / "small.png").unlink()
    assert "is not here any more" in again(place, "large.png", code=2).stderr
    shelf = place.home / "runs" / "20260101-000000-aaaa" / "artifacts"
    shelf.mkdir(parents=True)
    (shelf / f"{digest}.png").write_bytes(small)
    assert "identical" in again(place, "large.png").stdout


def other_program(text: str) -> bytes:
    told, written = PngInfo(), io.BytesIO()
    told.add_text("parameters", text)
    Image.new("RGB", (64, 64)).save(written, "PNG", pnginfo=told)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (other_program("words alone"), "does not tell how it was made"),
        (other_program("a cat\nSteps: 20, Seed: 1, Size: 64x64, Denoising strength: 0.5"), "made from another picture"),
        (b"no picture", "is no picture that can be read"),
    ],
)
def test_what_does_not_tell_enough_is_one_clear_line(place: Place, content: bytes, said: str) -> None:
    kept(place, "x.png", content)
    assert said in again(place, "x.png", code=2).stderr
    assert not (place.folder / "x-again.png").exists()


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        ({"tool": "dream", "arguments": {"zoom": 2}}, "what dream makes (zoom) cannot be made again"),
        ({"backend": "oracle"}, "it was drawn by oracle, which is not here"),
        ({"backend": "diffusers", "model": "油画", "model_hash": "ab" * 32}, "it was drawn by 油画 (hash ababababab)"),
        ({"backend": "demo", "model": "demo", "model_hash": "ab" * 32}, "here is demo"),
        ({"arguments": {"strength": 0.5}}, "does not tell the picture that it began from"),
        ({"parents": (("a", "no hash"),)}, "does not tell the hash"),
    ],
)
def test_what_cannot_be_made_again_here_is_said(place: Place, recipe: dict[str, object], said: str) -> None:
    usual = {"tool": "generate_image", "backend": "draw", "prompt": "a red circle", "seed": 1, "width": 9, "height": 9}
    kept(place, "x.png", as_file(Image.new("RGB", (9, 9)), Recipe(**{**usual, **recipe})))  # type: ignore[arg-type]
    assert said in again(place, "x.png", code=2).stderr
    assert not (place.folder / "x-again.png").exists()


def test_a_picture_of_another_program_is_drawn_by_what_draws_here(place: Place) -> None:
    told = f"{PROMPT}\nNegative prompt: fog\nSteps: 3, Sampler: Euler a Karras, CFG scale: 2, Seed: 7, Size: 64x64"
    kept(place, "x.png", other_program(told))
    ended = place.thinkact("images", "again", "x.png", THINKACT_IMAGES="draw")
    assert ended.returncode == 0, ended.stderr
    assert "seed 7, drawn by draw" in ended.stdout
    assert "the steps are spaced as the model has them, not Karras" in ended.stdout
    assert "the pixels differ" in ended.stdout
