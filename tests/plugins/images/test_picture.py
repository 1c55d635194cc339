"""Pictures that are opened with care, and tell how they were made, to us and to others."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from plugins import ToolError
from plugins.images._infotext import NEGATIVE, PROMPT, read_infotext, write_infotext
from plugins.images._picture import as_file, open_picture, read_told
from plugins.images._recipe import Recipe, from_json, to_json

RECIPE = Recipe(
    tool="inpaint_image",
    backend="diffusers",
    model='作坊/stable: v1, "fast"',
    model_hash="0123456789abcdef",
    prompt='一座红桥, a "red" bridge\nSteps: not yet',
    negative_prompt="fog: none, 雾",
    seed=2**32 - 1,
    width=512,
    height=640,
    steps=25,
    guidance_scale=7.5,
    scheduler="DPM++ 2M",
    arguments={"strength": 0.6, "box": [1, 2, 3, 4]},
    parents=(("a-0123456789ab", "f" * 64),),
    versions={"thinkact": "0.1.0", "diffusers": "0.42.1"},
)


def file_of(image: Image.Image, form: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_of_any_form_tells_how_it_was_made(form: str) -> None:
    told = read_told(as_file(Image.new("RGB", (8, 8), "red"), RECIPE, form=form), "p")
    assert told.recipe == RECIPE
    if form != "GIF":
        assert told.parameters[PROMPT] == RECIPE.prompt
        assert told.parameters[NEGATIVE] == RECIPE.negative_prompt
        assert told.parameters["Seed"] == "4294967295"
        assert told.parameters["Size"] == "512x640"
        assert told.parameters["Model"] == RECIPE.model


def test_what_the_web_ui_wrote_is_read(tmp_path: Any) -> None:
    text = (
        "a lighthouse, oil\nNegative prompt: text,\nwatermark\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, "
        'Size: 512x768, Model hash: abcdef0123, Lora hashes: "one: 11, two: 22", Version: v1.10'
    )
    texts = PngInfo()
    texts.add_text("parameters", text)
    told = read_told(file_of(Image.new("RGB", (4, 4)), "PNG", pnginfo=texts), "p")
    assert told.recipe is None
    assert told.parameters == {
        PROMPT: "a lighthouse, oil",
        NEGATIVE: "text,\nwatermark",
        "Steps": "20",
        "Sampler": "Euler a",
        "CFG scale": "7",
        "Seed": "5",
        "Size": "512x768",
        "Model hash": "abcdef0123",
        "Lora hashes": "one: 11, two: 22",
        "Version": "v1.10",
    }


@given(st.text(), st.text())
def test_any_prompt_comes_back_whole(prompt: str, negative: str) -> None:
    said, unsaid = prompt.strip().replace("\r", ""), negative.strip().replace("\r", "")
    if f"{NEGATIVE}:" in said:
        return  # nobody can tell them apart
    recipe = Recipe(tool="t", backend="draw", prompt=said, negative_prompt=unsaid, width=1, height=1, seed=3, steps=1)
    read = read_infotext(write_infotext(recipe))
    assert read.get(PROMPT, "") == said
    assert read.get(NEGATIVE, "") == unsaid
    assert from_json(to_json(recipe)) == recipe


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        to_json(RECIPE).replace('"version": 1', '"version": 2'),
        to_json(RECIPE).replace('"width": 512', '"width": "512"'),
        to_json(RECIPE).replace('"width": 512', '"width": true'),
        to_json(RECIPE).replace('"width": 512, ', "").replace(', "width": 512', ""),
        to_json(RECIPE).replace('"seed": 4294967295', '"seed": -1'),
        to_json(RECIPE).replace('"tool": "inpaint_image"', '"tool": ["x"]'),
        to_json(RECIPE).replace('[["a-0123456789ab", ', "[[7, "),
        to_json(RECIPE).replace('"0.1.0"', "1"),
    ],
)
def test_what_is_not_as_we_write_it_is_not_believed(text: str) -> None:
    assert text != to_json(RECIPE)
    assert from_json(text) is None


def test_a_grey_a_deep_a_cmyk_and_a_clear_picture_are_opened_as_they_look() -> None:
    deep = Image.new("I;16", (2, 1))
    deep.putpixel((1, 0), 65535)
    opened = open_picture(file_of(deep, "PNG"), "deep.png")
    assert [opened.image.getpixel((x, 0)) for x in range(2)] == [(0, 0, 0), (255, 255, 255)]
    assert "8 bits" in opened.notes[0]
    printed = open_picture(file_of(Image.new("CMYK", (2, 2), (0, 255, 255, 0)), "JPEG"), "printed.jpg")
    red, green, blue = printed.image.getpixel((0, 0))  # type: ignore[misc]
    assert red > 200 > 60 > max(green, blue)
    assert printed.notes == ("from CMYK to RGB",)
    clear = Image.new("P", (2, 2), 0)
    clear.info["transparency"] = 0
    assert open_picture(file_of(clear, "PNG", transparency=0), "clear.png").image.mode == "RGBA"
    assert open_picture(file_of(Image.new("1", (2, 2), 1), "PNG"), "b").image.getpixel((0, 0)) == (255, 255, 255)


def test_a_turned_and_a_moving_picture_say_what_was_done() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    opened = open_picture(file_of(Image.new("RGB", (30, 10)), "JPEG", exif=turned), "turned.jpg")
    assert opened.image.size == (10, 30)
    assert "upright" in opened.notes[0]
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue", "green")]
    moving = open_picture(file_of(frames[0], "GIF", save_all=True, append_images=frames[1:]), "moving.gif")
    assert moving.notes[0] == "the first of its 3 frames"
    assert moving.image.getpixel((0, 0))[0] > 200  # type: ignore[index]


def bomb() -> bytes:
    """A PNG of a few bytes that claims 60,000 x 60,000 pixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1_000))), (b"IEND", b"")):
        parts.append(struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content)))
    return b"".join(parts)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("reads", [open_picture, read_told])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "p.png is no picture"),
        (b"%PDF-1.4", "p.png is no picture"),
        (file_of(Image.effect_noise((99, 99), 50), "PNG")[:400], "the picture p.png is broken"),
        (bomb(), "p.png"),
    ],
)
def test_what_cannot_be_opened_is_one_clear_line(reads: Any, content: bytes, said: str) -> None:
    with pytest.raises(ToolError) as caught:
        reads(content, "p.png")
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
