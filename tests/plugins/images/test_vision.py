"""The back-end `vision`: a model of the endpoint that sees, asked by a chat completion."""

from __future__ import annotations

import base64
import io
import random
from typing import Any

import pytest
from PIL import Image

from plugins import Answer, ToolError
from plugins.images import Studio
from tests.plugins.images.api import KEY, endpoint_of, error, opened, png
from tests.server import ChatServer, Replies, Reply

GREEN = Image.new("RGB", (60, 40), "green")


def seen(replies: Replies, picture: bytes, question: str = "", candidates: int = 1) -> tuple[list[Answer], list[Any]]:
    """The answers, and the bodies of what was asked."""
    with ChatServer(replies) as server:
        with Studio("draw", endpoint=endpoint_of(server, vision_model="看图-1")) as studio:
            answers = list(studio.look(picture, question, candidates=candidates))
        return answers, [one.json for one in server.requests]


def shown(body: Any) -> tuple[str, Image.Image]:
    """The media type and the picture that a request shows."""
    kind, _, coded = body["messages"][0]["content"][1]["image_url"]["url"].partition(";base64,")
    return kind.removeprefix("data:"), opened(base64.b64decode(coded))


def test_a_question_goes_out_with_the_picture_and_the_answer_comes_back() -> None:
    ((one,), (body,)) = seen(["绿色。"], png(GREEN), "是什么颜色？")
    assert (one.text, one.by, one.score) == ("绿色。", "vision", None)
    assert any("看图-1" in note for note in one.notes)
    assert body["model"] == "看图-1"
    assert set(body) == {"model", "messages"}
    (message,) = body["messages"]
    words, picture = message["content"]
    assert (message["role"], words["type"], picture["type"]) == ("user", "text", "image_url")
    assert "是什么颜色？" in words["text"]
    kind, sent = shown(body)
    assert (kind, sent.size, sent.getpixel((5, 5))) == ("image/png", (60, 40), (0, 128, 0))


def test_a_caption_is_asked_for_where_there_is_no_question() -> None:
    ((one,), (body,)) = seen(["<think>a field?</think>\n\nA green field."], png(GREEN))
    assert one.text == "A green field."
    assert "what this picture shows" in body["messages"][0]["content"][0]["text"]


def test_a_large_picture_is_shown_smaller_and_that_is_told() -> None:
    ((one,), (body,)) = seen(["grey"], png(Image.new("RGB", (3000, 1500), "grey")))
    assert shown(body)[1].size == (1568, 784)
    assert "shown at 1568 x 784, not 3000 x 1500" in one.notes


def test_a_photograph_goes_as_jpeg_and_what_is_clear_as_white() -> None:
    photograph = Image.frombytes("RGB", (900, 900), random.Random(1).randbytes(3 * 900 * 900))
    assert shown(seen(["noise"], png(photograph))[1][0])[0] == "image/jpeg"
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    ((one,), (body,)) = seen(["nothing"], png(clear))
    assert shown(body)[1].getpixel((3, 3)) == (255, 255, 255)
    assert "what it lets through was shown white" in one.notes


def test_several_answers_come_numbered_and_none_twice() -> None:
    said = "1. 猫\n2) a dog\n**3.** 猫\n4、狐狸\n5. a bear"
    answers, (body,) = seen([said], png(GREEN), "什么动物？", candidates=3)
    assert [one.text for one in answers] == ["猫", "a dog", "狐狸"]
    assert {one.score for one in answers} == {None}
    assert "Give 3 different answers" in body["messages"][0]["content"][0]["text"]
    assert [one.text for one in seen(["Just a cat."], png(GREEN), "what?", candidates=3)[0]] == ["Just a cat."]


def test_an_answer_in_parts_is_put_together() -> None:
    body = '{"choices": [{"message": {"content": [{"type": "text", "text": "a "}, {"type": "text", "text": "cat"}]}}]}'
    assert seen([Reply(body=body)], png(GREEN))[0][0].text == "a cat"


@pytest.mark.parametrize(
    ("reply", "said", "hint"),
    [
        (Reply(text=""), "answered without words", "THINKACT_VISION_MODEL"),
        (Reply(refusal="I would\nrather not"), "does not answer: I would rather not", "something else"),
        (Reply(body="<html>"), "answered with a web page", "OPENAI_BASE_URL"),
        (Reply(body='{"choices": "none"}'), "answered without words", "THINKACT_VISION_MODEL"),
        (Reply(status=404, body=error("no", code="model_not_found")), "has no model 看图-1", "THINKACT_VISION_MODEL"),
        (Reply(status=400, body=error("image input is not supported")), "image input is not supported", ""),
        (Reply(status=401, body=error(f"{KEY} is no key")), "does not accept the key", "OPENAI_API_KEY"),
    ],
)
def test_what_goes_wrong_is_one_clear_line_without_the_key(reply: Reply, said: str, hint: str) -> None:
    with pytest.raises(ToolError) as caught:
        seen([reply], png(GREEN))
    assert said in caught.value.message
    assert hint in (caught.value.hint or "")
    assert "\n" not in caught.value.message
    assert KEY not in f"{caught.value.message}{caught.value.hint}"


def test_what_is_no_picture_is_sent_to_nobody() -> None:
    with ChatServer(["a"]) as server, Studio("draw", endpoint=endpoint_of(server, vision_model="v")) as studio:
        with pytest.raises(ToolError, match="no picture that can be read"):
            studio.look(b"words")
        assert server.requests == []


def test_it_sees_only_where_a_model_that_sees_is_named() -> None:
    with ChatServer() as server, Studio("draw", endpoint=endpoint_of(server)) as studio:
        state = next(one for one in studio.states() if one.name == "vision")
        assert (state.works, state.why) == (False, "no model that sees is named")
        assert state.hint.endswith("in THINKACT_VISION_MODEL")
        assert not {"caption", "ask"} & {name for name, by in studio.abilities().items() if by == "vision"}
    with ChatServer() as server, Studio("draw", endpoint=endpoint_of(server, vision_model="v")) as studio:
        state = next(one for one in studio.states() if one.name == "vision")
        assert (state.works, state.model, sorted(state.abilities)) == (True, "v", ["ask", "caption"])


def test_a_picture_on_its_side_is_shown_upright() -> None:
    turned = Image.new("RGB", (40, 20), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    written = io.BytesIO()
    turned.save(written, "JPEG", exif=exif)
    _, (body,) = seen(["red"], written.getvalue())
    assert shown(body)[1].size == (20, 40)
