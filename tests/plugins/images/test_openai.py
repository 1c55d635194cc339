"""The back-end `openai`, against an images API on loopback, through the official SDK."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from plugins import Drawing, Drawn, SourcePicture, ToolError
from plugins.images import Studio, read_told
from plugins.images._api_sizes import fitted, judge
from tests.plugins.images.api import (
    EDITS,
    GENERATIONS,
    KEY,
    answer,
    endpoint_of,
    error,
    fields_of,
    files_of,
    opened,
    png,
)
from tests.server import ChatServer, Recorded, Reply

ROOT = Path(__file__).parent.parent.parent.parent
BLUE = Image.new("RGB", (832, 800), "blue")


def drawn_by(server: ChatServer, drawing: Drawing, **changed: Any) -> list[Drawn]:
    with Studio("openai", endpoint=endpoint_of(server, **changed)) as studio:
        return list(studio.draw(drawing))


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(7).randbytes(3 * width * height))


def masked(size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    """White within the box: that is to be drawn anew."""
    mask = Image.new("L", size)
    mask.paste(255, box)
    return mask


def test_words_are_sent_as_they_are_and_the_picture_tells_how_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-user")
    prompt = "一只戴围巾的猫，水彩"
    with ChatServer(pages={GENERATIONS: answer(BLUE)}) as server:
        (one,) = drawn_by(server, Drawing(prompt=prompt, width=1536, height=864))
        (request,) = server.others
    assert request.json == {"model": "gpt-image-2.6-flare", "prompt": prompt, "n": 1, "size": "1536x864"}
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert not {"openai-organization", "openai-project"} & set(request.headers)
    assert (one.backend, one.model, one.seed) == ("openai", "gpt-image-2.6-flare", None)
    assert (one.width, one.height) == (832, 800)
    recipe = read_told(one.content, "one").recipe
    assert recipe is not None
    assert (recipe.backend, recipe.model, recipe.seed, recipe.prompt) == ("openai", one.model, None, prompt)
    assert set(recipe.versions) == {"thinkact", "pillow", "openai"}
    assert "asked for as 1536 x 864, came as 832 x 800" in one.notes
    (bill,) = [note for note in one.notes if "bill" in note]
    assert "1,056 tokens" in bill
    assert KEY.encode() not in one.content
    assert KEY not in f"{one.notes}{one.recipe}"


def test_without_a_size_none_is_sent_and_each_picture_is_asked_for_by_itself() -> None:
    with ChatServer(pages={GENERATIONS: answer(BLUE)}) as server:
        drawn = drawn_by(server, Drawing(prompt="a cat", count=3), image_model="gpt-image-9")
        assert [one.json for one in server.others] == [{"model": "gpt-image-9", "prompt": "a cat", "n": 1}] * 3
    assert len(drawn) == 3


def test_what_the_api_has_none_of_is_told_and_not_sent() -> None:
    source = SourcePicture(image=png(BLUE), strength=0.4)
    drawing = Drawing(
        prompt="a cat",
        negative_prompt="fog",
        seed=5,
        steps=30,
        guidance_scale=7.0,
        scheduler="Euler a",
        model="mine",
        source=source,
    )
    with ChatServer(pages={EDITS: answer(BLUE)}) as server:
        (one,) = drawn_by(server, drawing)
        assert set(fields_of(server.others[0])) == {"model", "prompt", "n", "size"}
    told = "negative_prompt, seed, steps, guidance_scale, scheduler, model, strength: passed over"
    assert any(note.endswith(told) for note in one.notes)
    assert one.seed is None


def test_a_server_of_another_kind_is_asked_for_the_picture_itself_at_any_size() -> None:
    with ChatServer(pages={GENERATIONS: answer(BLUE, revised_prompt="a cat,\nin oil")}) as server:
        (one,) = drawn_by(server, Drawing(prompt="a cat", width=512), image_model="sdxl", api_key=None, keyless=True)
        (request,) = server.others
    assert (request.json["response_format"], request.json["size"]) == ("b64_json", "512x512")
    assert request.headers["authorization"] == "Bearer none"
    assert any(note.endswith("drew by its own words: a cat, in oil") for note in one.notes)
    assert not [note for note in one.notes if "bill" in note]


def test_an_edit_sends_the_picture_at_a_size_that_is_drawn_and_brings_it_back() -> None:
    whole = noise(300, 200)
    with ChatServer(
        pages={EDITS: lambda one: answer(files_of(one)[0][1].transpose(Image.Transpose.FLIP_LEFT_RIGHT))}
    ) as server:
        (one,) = drawn_by(server, Drawing(prompt="下雪", source=SourcePicture(image=png(whole))))
        (request,) = server.others
    ((name, sent),) = files_of(request)
    width, height = sent.size
    assert name == "image"
    assert width % 16 == 0 == height % 16
    assert width * height >= 655_360
    fields = fields_of(request)
    assert (fields["prompt"], fields["size"], fields["n"]) == ("下雪", f"{width}x{height}", "1")
    assert (one.width, one.height) == (300, 200)
    assert any(f"drawn at {width} x {height}, brought back to 300 x 200" in note for note in one.notes)


def test_an_edit_at_another_size_stays_at_that_size() -> None:
    drawing = Drawing(prompt="snow", width=832, height=800, source=SourcePicture(image=png(noise(300, 200))))
    with ChatServer(pages={EDITS: answer(BLUE)}) as server:
        (one,) = drawn_by(server, drawing)
        assert fields_of(server.others[0])["size"] == "832x800"
    assert (one.width, one.height) == (832, 800)


@pytest.mark.parametrize("size", [(832, 800), (250, 190)])
def test_a_mask_is_sent_the_other_way_round_and_outside_of_it_every_pixel_comes_back(size: tuple[int, int]) -> None:
    whole, box = noise(*size), (40, 60, 120, 130)
    mask = masked(size, box)
    with ChatServer(pages={EDITS: lambda one: answer(Image.new("RGB", files_of(one)[0][1].size, "blue"))}) as server:
        source = SourcePicture(image=png(whole), mask=png(mask))
        (one,) = drawn_by(server, Drawing(prompt="a pond", source=source))
        (request,) = server.others
    (first, sent), (second, hole) = files_of(request)
    assert (first, second) == ("image", "mask")
    assert hole.mode == "RGBA"
    assert hole.size == sent.size
    scale = hole.width / size[0], hole.height / size[1]
    inside, outside = (int(80 * scale[0]), int(90 * scale[1])), (int(200 * scale[0]), int(20 * scale[1]))
    assert (hole.getpixel(inside)[3], hole.getpixel(outside)[3]) == (0, 255)  # type: ignore[index]
    if hole.size == size:
        assert ImageChops.invert(hole.getchannel("A")).tobytes() == mask.tobytes()
    back = opened(one.content).convert("RGB")
    assert back.size == size
    assert Image.composite(whole, back, mask).tobytes() == whole.tobytes()
    assert back.crop(box).getcolors() == [(80 * 70, (0, 0, 255))]


def test_a_reference_is_one_more_picture_of_an_edit() -> None:
    look = noise(64, 48)
    with ChatServer(pages={EDITS: answer(BLUE)}) as server:
        drawn_by(server, Drawing(prompt="a cat", reference=png(look)))
        drawn_by(server, Drawing(prompt="a cat", source=SourcePicture(image=png(BLUE)), reference=png(look)))
        alone, both = map(files_of, server.others)
    assert [(name, one.size) for name, one in alone] == [("image", (64, 48))]
    assert [(name, one.size) for name, one in both] == [("image[]", (832, 800)), ("image[]", (64, 48))]


def test_a_call_that_is_given_up_keeps_what_is_done_and_asks_for_no_more() -> None:
    done: list[int] = []
    with (
        ChatServer(pages={GENERATIONS: answer(BLUE)}) as server,
        Studio("openai", endpoint=endpoint_of(server)) as studio,
    ):
        drawn = studio.draw(
            Drawing(prompt="a cat", count=9), progress=lambda at, _: done.append(at), cancelled=lambda: 2 in done
        )
        assert len(list(drawn)) == 2
        assert len(server.others) == 2
    assert done == [0, 1, 2]


def test_a_busy_server_is_asked_again_when_it_says_and_not_where_the_call_is_given_up() -> None:
    busy = Reply(status=429, body=error("slow down"), headers={"retry-after-ms": "250"})

    def page(_: Recorded) -> object:
        return busy if len(server.others) == 2 else answer(BLUE)

    with ChatServer(pages={GENERATIONS: page}) as server:
        assert len(drawn_by(server, Drawing(prompt="a cat", count=2))) == 2
        assert len(server.others) == 3
        assert server.others[2].time - server.others[1].time >= 0.25
    waits = Reply(status=429, body=error("slow down"), headers={"retry-after": "50"})
    with ChatServer(pages={GENERATIONS: waits}) as server, Studio("openai", endpoint=endpoint_of(server)) as studio:
        assert list(studio.draw(Drawing(prompt="a cat"), cancelled=lambda: len(server.others) == 1)) == []


@pytest.mark.parametrize(
    ("reply", "said", "hint"),
    [
        (Reply(status=400, body=error("no", code="moderation_blocked")), "rules for content: no", "in other words"),
        (Reply(status=429, body=error("slow", code="x"), headers={"retry-after": "900"}), "too often (429)", "later"),
        (Reply(status=429, body=error("none left", code="insufficient_quota")), "no credit left: none left", "billing"),
        (Reply(status=401, body=error(f"bad key {KEY}")), "does not accept the key", "OPENAI_API_KEY"),
        (Reply(status=403, body=error("organization must be verified")), "must be verified", "OPENAI_API_KEY"),
        (
            Reply(status=404, body=error("gone", code="model_not_found")),
            "no model gpt-image",
            "THINKACT_IMAGE_API_MODEL",
        ),
        (Reply(status=404, body="<html>nothing</html>", media_type="text/html"), "(404): a web page", "/v1"),
        (Reply(status=500, body=error("oh\nno")), "has failed (500): oh no", "later"),
        (Reply(body="<html>hello</html>", media_type="text/html"), "answered with a web page", "OPENAI_BASE_URL"),
        (Reply(body="{oh"), "no answer of this API", "OPENAI_BASE_URL"),
        (Reply(body="[]"), "no answer of this API", "OPENAI_BASE_URL"),
        (Reply(body=error("bad", code="content_policy_violation")), "rules for content: bad", "words"),
        (Reply(body='{"data": []}'), "without a picture", "again"),
        (Reply(body='{"data": [{"url": "http://127.0.0.1/a.png"}]}'), "which is not followed", "b64_json"),
        (Reply(body='{"data": [{"b64_json": "@@"}]}'), "no base64", "again"),
        (Reply(body='{"data": [{"b64_json": "aGVsbG8="}]}'), "no picture that can be read", "PNG"),
        (Reply(body='{"data": [', cut=5), "broke off", "billed again"),
    ],
)
def test_what_goes_wrong_is_one_clear_line_without_the_key(reply: Reply, said: str, hint: str) -> None:
    with ChatServer(pages={GENERATIONS: reply}) as server, pytest.raises(ToolError) as caught:
        drawn_by(server, Drawing(prompt="一只猫"))
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert KEY not in f"{caught.value.message}{caught.value.hint}"
    assert hint in (caught.value.hint or "")


def test_a_server_that_is_away_or_silent_is_told() -> None:
    with ChatServer(pages={GENERATIONS: Reply(body="{}", hang=5)}) as server:
        with pytest.raises(ToolError, match=r"no answer from 127.0.0.1:\d+ within 0.3 s"):
            drawn_by(server, Drawing(prompt="a cat"), timeout=0.3)
        away = endpoint_of(server)
    with Studio("openai", endpoint=away) as studio, pytest.raises(ToolError, match="cannot be reached"):
        list(studio.draw(Drawing(prompt="a cat")))


@pytest.mark.parametrize(
    ("drawing", "said"),
    [
        (Drawing(prompt="a cat", count=11), "11 pictures are more than one call may ask"),
        (Drawing(prompt="a cat", width=512, height=512), "does not draw 512 x 512"),
        (Drawing(prompt="a cat", width=1000, height=1000), "does not draw 1000 x 1000"),
        (Drawing(prompt="a cat", width=3840, height=1024), "at most 3:1"),
        (Drawing(prompt="a cat", source=SourcePicture(image=png(noise(400, 100)))), "longer than 3:1"),
        (Drawing(prompt="a cat", source=SourcePicture(image=b"words")), "no picture that can be read"),
        (Drawing(prompt="a cat", source=SourcePicture(image=png(BLUE), strength=2)), "strength must be"),
        (Drawing(prompt="a cat", reference=b"words"), "the reference is no picture"),
        (
            Drawing(prompt="x", source=SourcePicture(image=png(BLUE), mask=png(masked((64, 64), (0, 0, 9, 9))))),
            "the mask has 64 x 64, the picture 832 x 800",
        ),
        (
            Drawing(prompt="x", source=SourcePicture(image=png(BLUE), mask=png(masked((832, 800), (0, 0, 0, 0))))),
            "the mask is empty",
        ),
    ],
)
def test_what_the_api_would_refuse_is_refused_before_it_is_asked(drawing: Drawing, said: str) -> None:
    with ChatServer() as server, pytest.raises(ToolError, match=said):
        drawn_by(server, drawing)
    assert server.others == []


def test_the_size_that_is_named_instead_is_one_that_is_drawn() -> None:
    lot = random.Random(3)
    for _ in range(1000):
        size = lot.randint(8, 9000), lot.randint(8, 9000)
        try:
            judge(size, "gpt-image-2.6-flare")
        except ToolError as refused:
            named = (refused.hint or "").removeprefix("such as ").split("x")
            judge((int(named[0]), int(named[1])), "gpt-image-2.6-flare")
        if max(size) <= 3 * min(size):
            width, height = fitted(size)
            judge((width, height), "gpt-image-2.6-flare")
            assert abs((width / height) / (size[0] / size[1]) - 1) < 0.02


@pytest.mark.parametrize(
    ("changed", "backend", "drawer", "said"),
    [
        ({}, "auto", "openai", "the images API of 127.0.0.1"),
        ({"draws": False}, "auto", "demo", "nothing says that 127.0.0.1"),
        ({"draws": False}, "openai", "", "nothing says that 127.0.0.1"),
        ({"api_key": None}, "auto", "demo", "there is no key for 127.0.0.1"),
        ({"api_key": None, "keyless": True}, "auto", "openai", "the images API of 127.0.0.1"),
        ({}, "draw", "draw", "the images API of 127.0.0.1"),
    ],
)
def test_it_draws_only_where_somebody_says_that_it_does(
    changed: dict[str, Any], backend: str, drawer: str, said: str
) -> None:
    with ChatServer() as server, Studio(backend, endpoint=endpoint_of(server, **changed)) as studio:
        state = studio.states()[0]
        able = studio.abilities()
    assert state.name == "openai"
    assert state.why.startswith(said)
    assert state.works is not bool(state.hint)
    assert able.get("generate", "") in (("demo", "draw") if drawer == "demo" else (drawer,))
    assert server.requests + server.others == []


def test_without_an_endpoint_the_state_says_what_to_do() -> None:
    with Studio("openai") as studio:
        state = studio.states()[0]
        assert (state.works, state.why) == (False, "neither a key nor an address is set")
        assert "OPENAI_API_KEY" in state.hint
        with pytest.raises(ToolError, match="openai: neither a key nor an address is set"):
            studio.draw(Drawing(prompt="a cat"))


def test_a_state_loads_no_sdk() -> None:
    code = (
        "import sys; from plugins.images import ImageEndpoint, Studio\n"
        "place = ImageEndpoint(base_url='http://x/v1', host='x', keyless=True, draws=True, vision_model='v')\n"
        "assert Studio(endpoint=place).abilities()['generate'] == 'openai'\n"
        "print([name for name in ('openai', 'httpx2', 'PIL', 'torch') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stdout == "[]\n"


def test_the_key_is_in_no_words_of_the_endpoint() -> None:
    with ChatServer() as server:
        assert KEY not in repr(endpoint_of(server))


def test_a_picture_that_lets_something_through_stays_so() -> None:
    clear = Image.new("RGBA", (832, 800), (255, 0, 0, 0))
    with ChatServer(pages={GENERATIONS: answer(clear)}) as server:
        (one,) = drawn_by(server, Drawing(prompt="a sticker"))
    assert opened(one.content).getpixel((5, 5)) == (255, 0, 0, 0)
