"""`thinkact images`: what a picture tells of itself, and several on one sheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plugins.images import Recipe, open_picture
from plugins.images._picture import as_file
from plugins.images._scene_reader import read
from tests.place import Ended, Place, no_traceback
from tests.plugins.images.api import GENERATIONS, KEY, answer, error
from tests.server import ChatServer, Reply

RECIPE = Recipe(
    tool="edit_image",
    backend="draw",
    prompt="一个红色的圆\x1b[31m",
    seed=7,
    width=40,
    height=30,
    arguments={"strength": 0.5},
    parents=(("a-0123456789ab", "ab" * 32),),
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def images(place: Place, *words: str, code: int = 0) -> Ended:
    ended = place.thinkact("images", *words, THINKACT_IMAGES="draw")
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr
    return ended


def picture(place: Place, name: str) -> Image.Image:
    return open_picture((place.folder / name).read_bytes(), name).image


def test_a_picture_tells_how_it_was_made(place: Place) -> None:
    (place.folder / "圆.png").write_bytes(as_file(Image.new("RGB", (40, 30)), RECIPE))
    shown = images(place, "info", "圆.png").stdout
    assert "一个红色的圆\\x1b[31m" in shown
    for told in ("40 x 30", "edit_image, drawn by draw", "strength", "a-0123456789ab (sha256 abababababab)"):
        assert told in shown
    assert "\x1b" not in shown
    read = json.loads(images(place, "info", "圆.png", "--json").stdout)
    assert (read["width"], read["height"], read["made"]["seed"]) == (40, 30, 7)
    assert read["made"]["prompt"] == RECIPE.prompt
    assert read["parameters"]["Denoising strength"] == "0.5"


def test_a_sheet_holds_all_in_their_order_and_writes_over_nothing(place: Place) -> None:
    for number, colour in enumerate(("red", "lime", "blue")):
        Image.new("RGB", (20, 10) if number else (10, 10), colour).save(place.folder / f"{number}.png")
    images(place, "grid", "0.png", "1.png", "2.png", "-o", "sheet.png")
    sheet = picture(place, "sheet.png")
    assert sheet.size == (24, 24)
    found = [sheet.getpixel(at) for at in ((5, 5), (19, 5), (19, 1), (5, 19), (19, 19))]
    assert found == [(255, 0, 0), (0, 255, 0), (255, 255, 255), (0, 0, 255), (255, 255, 255)]
    before = (place.folder / "sheet.png").read_bytes()
    assert "is there already" in images(place, "grid", "0.png", "-o", "sheet.png", code=2).stderr
    assert (place.folder / "sheet.png").read_bytes() == before
    images(place, "grid", "0.png", "1.png", "2.png", "-o", "row.png", "--columns", "9")
    assert picture(place, "row.png").size == (38, 10)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("info", "gone.png"), "gone.png cannot be read: No such file"),
        (("info", "words.png"), "words.png is no picture that can be read"),
        (("grid", "words.png", "-o", "x.png"), "words.png is no picture that can be read"),
        (("grid", "a.png", "-o", "no/x.png"), "no/x.png cannot be written"),
    ],
)
def test_what_is_no_picture_is_wrong_usage(place: Place, words: tuple[str, ...], said: str) -> None:
    (place.folder / "words.png").write_text("words")
    Image.new("RGB", (2, 2)).save(place.folder / "a.png")
    assert said in images(place, *words, code=2).stderr
    assert not (place.folder / "x.png").exists()


def test_the_status_tells_what_draws_here_and_why(place: Place) -> None:
    ended = images(place, "status")
    assert "draw" in ended.stdout
    assert "generate: by draw" in ended.stdout
    told = json.loads(images(place, "status", "--json").stdout)
    assert told["abilities"] == {
        "generate": "draw",
        "upscale": "lanczos",
        **dict.fromkeys(("caption", "ask", "find"), "pixels"),
    }
    looking = {one["name"]: one["hint"] for one in told["backends"] if one["name"] in ("blip", "detector", "pixels")}
    assert "THINKACT_IMAGE_CAPTION_MODEL" in looking["blip"]
    assert "THINKACT_IMAGE_DETECTION_MODEL" in looking["detector"]
    assert looking["pixels"] is None
    wrong = place.thinkact("images", "status", THINKACT_IMAGES="dalle")
    assert wrong.returncode == 2
    said = 'must be one of auto, openai, diffusers, demo, draw, not "dalle"'
    assert f"THINKACT_IMAGES in the environment: {said}" in wrong.stderr


def test_a_run_draws_on_a_fresh_machine(place: Place) -> None:
    ended = place.thinkact("run", "Draw a large green cross and save it as out/cross.png", "-y", THINKACT_IMAGES="draw")
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    reading = read(picture(place, "workspace/out/cross.png"))
    assert reading is not None
    assert (reading.scene.shape, reading.scene.colour, reading.scene.size) == ("cross", "green", "large")


def test_the_status_tells_of_the_endpoint_what_to_do(place: Place) -> None:
    with ChatServer() as server:
        told = place.thinkact("images", "status", OPENAI_BASE_URL=server.url, OPENAI_API_KEY=KEY)
        assert "openai: if it has an images API, name the model in THINKACT_IMAGE_API_MODEL" in told.stderr
        assert f"vision: name one that 127.0.0.1:{server.port} has in THINKACT_VISION_MODEL" in told.stderr
        named: dict[str, Any] = {"THINKACT_IMAGE_API_MODEL": "sdxl", "THINKACT_VISION_MODEL": "看图"}
        works = place.thinkact("images", "status", "--json", OPENAI_BASE_URL=server.url, **named)
        assert server.requests + server.others == []  # a state asks nobody
    able = json.loads(works.stdout)["abilities"]
    assert [able[one] for one in ("generate", "edit", "inpaint", "reference")] == ["openai"] * 4
    assert (able["caption"], able["ask"]) == ("vision", "vision")
    assert KEY not in told.stdout + told.stderr + works.stdout


def test_a_picture_of_the_endpoint_is_kept_and_the_key_is_nowhere(place: Place) -> None:
    blue = Image.new("RGB", (64, 48), "blue")
    with ChatServer(pages={GENERATIONS: answer(blue)}) as server:
        settings: dict[str, Any] = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY, "THINKACT_IMAGES": "openai"}
        made = place.thinkact("tools", "call", "generate_image", "prompt=一只猫", "path=猫.png", "seed=4", **settings)
        server.pages[GENERATIONS] = Reply(status=401, body=error(f"{KEY} is no key"))
        refused = place.thinkact("tools", "call", "generate_image", "prompt=一只狗", **settings)
    no_traceback(made)
    assert made.returncode == 0, made.stderr
    assert "is asked without seed: passed over" in made.stdout
    assert picture(place, "workspace/猫.png").getpixel((9, 9)) == (0, 0, 255)
    assert refused.returncode == 1
    assert "does not accept the key" in refused.stderr
    assert [one.name for one in place.workspace.rglob("*.png")] == ["猫.png"]
    assert KEY not in made.stdout + made.stderr + refused.stdout + refused.stderr
    assert not [one for one in place.folder.rglob("*") if one.is_file() and KEY.encode() in one.read_bytes()]
