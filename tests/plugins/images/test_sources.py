"""Pictures and masks that drawings begin from: judged before any model is loaded, and given back untouched outside."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageChops

from plugins import SourcePicture, ToolError
from plugins.images._source import MOST_DRAWN, Begun, begun
from tests.plugins.images.kit import as_png, box_mask, plain


def open_source(image: bytes, *, native: int = 0, steps: int = 20, **more: Any) -> Begun:
    return begun(SourcePicture(image=image, **more), native=native, steps=steps, usual=0.6)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"strength": 0.0}, "strength must be above 0"),
        ({"strength": 1.5}, "strength must be above 0 and at most 1, not 1.5"),
        ({"strength": 0.04}, "less than one step"),
        ({"mask": box_mask((0, 0, 0, 0))}, "the mask is empty"),
        ({"mask": box_mask((0, 0, 64, 64))}, "covers the whole picture"),
        ({"mask": box_mask((0, 0, 9, 9), (32, 64))}, "the mask has 32 x 64, the picture 64 x 64"),
        ({"mask": b"no picture"}, "the mask is no picture"),
        ({"mask": box_mask((0, 0, 9, 9)), "method": "magic"}, "no method 'magic'"),
        ({"mask": box_mask((0, 0, 9, 9)), "method": "repaint", "resample": 99}, "resample must be from 1 to 50"),
        ({"mask": box_mask((0, 0, 9, 9)), "method": "repaint", "strength": 0.5}, "takes no strength"),
        ({"image": b"\x89PNG\r\n\x1a\n"}, "the picture to begin from"),
        ({"image": plain("red", (4, 900))}, "too small"),
    ],
)
def test_what_is_wrong_with_a_source_is_one_line(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ToolError) as caught:
        open_source(**{"image": plain("red"), **more})
    assert said in caught.value.message
    assert "\n" not in caught.value.message


def test_a_strength_that_is_too_little_names_the_steps_that_do() -> None:
    with pytest.raises(ToolError) as caught:
        open_source(plain("red"), strength=0.04, steps=20)
    assert caught.value.hint is not None
    assert "25 steps" in caught.value.hint
    assert open_source(plain("red"), strength=0.04, steps=25).strength == 0.04


def test_the_models_own_side_takes_squares_only() -> None:
    assert open_source(plain("red", (300, 300)), native=32).image.size == (32, 32)
    with pytest.raises(ToolError, match="squares only; the picture has 300 x 200"):
        open_source(plain("red", (300, 200)), native=32)


def test_a_picture_is_drawn_at_a_size_that_8_divides_and_within_bounds_and_comes_back_as_large_as_it_was() -> None:
    odd = open_source(plain("red", (70, 50)))
    assert odd.image.size == (72, 48)
    assert odd.notes == ("drawn at 72 x 48, brought back to 70 x 50",)
    assert odd.finished(Image.new("RGB", (72, 48))).size == (70, 50)
    large = open_source(plain("red", (4000, 2000)))
    assert large.image.width * large.image.height <= MOST_DRAWN * 1.01
    assert large.image.width % 8 == large.image.height % 8 == 0


@pytest.mark.parametrize("native", [0, 32])
def test_outside_of_a_mask_every_pixel_comes_back_bit_for_bit(native: int) -> None:
    picture = Image.effect_noise((256, 256), 80).convert("RGB")
    given = open_source(as_png(picture), native=native, mask=box_mask((40, 40, 103, 99), (256, 256)))
    assert given.mask is not None
    assert given.mask.size == given.image.size
    finished = given.finished(Image.new("RGB", given.image.size, "red"))
    apart = ImageChops.difference(finished, picture).convert("L").point([255 if one else 0 for one in range(256)])
    box = apart.getbbox()
    assert box is not None
    assert box[0] >= 40
    assert box[1] >= 40
    assert box[2] <= 103
    assert box[3] <= 99
    assert finished.getpixel((70, 70)) == (255, 0, 0)


def test_what_a_picture_lets_through_becomes_white_and_that_is_said() -> None:
    clear = as_png(Image.new("RGBA", (64, 64), (255, 0, 0, 0)))
    given = open_source(clear)
    assert given.whole.getpixel((5, 5)) == (255, 255, 255)
    assert "what it lets through was made white" in given.notes
