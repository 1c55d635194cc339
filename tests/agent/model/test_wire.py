"""Bytes of a reply, read into plain dicts."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from agent.model.retry import Again
from agent.model.wire import read_chunks


def read(body: bytes, size: int = 1_000_000) -> list[Any]:
    return list(read_chunks(body[start : start + size] for start in range(0, len(body), size)))


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param('data: {"a": "é你"}\n\ndata: [DONE]\n\n', id="as usual"),
        pytest.param('data:{"a":"é你"}\r\n\r\ndata:[DONE]\r\n\r\n', id="CRLF, no blanks"),
        pytest.param(
            '\ufeff\n: hello\n\nevent: x\nid: 1\nretry: 5\ndata: {"a": "é你"}\n\ndata: [DONE]', id="all fields"
        ),
        pytest.param('data: {"a": "é你"}\ndata: [DONE]\n', id="no blank lines"),
        pytest.param('data: {"a":\ndata: "é你"}\n\ndata: [DONE]\n\n', id="an object over two lines"),
        pytest.param(
            'data: {"broken\n\ndata: {"a": "é你"}\n\ndata: \n\ndata: 17\n\ndata: [DONE]\n\n', id="rubbish between"
        ),
    ],
)
def test_a_stream_of_events_is_read_however_it_is_cut_into_pieces(body: str, size: int) -> None:
    assert read(body.encode(), size) == [{"a": "é你"}, None]


def test_an_object_is_given_out_as_soon_as_its_line_is_there() -> None:
    def pieces() -> Any:
        yield b'data: {"a": 1}\n'
        raise AssertionError("read too far")

    assert next(iter(read_chunks(pieces()))) == {"a": 1}


def test_the_last_event_counts_without_a_line_end() -> None:
    assert read(b'data: {"a": 1}\n\ndata: {"b": 2}') == [{"a": 1}, {"b": 2}]
    assert read(b'data: {"a": 1}\n\ndata: {"b"') == [{"a": 1}]


def test_an_error_that_comes_as_a_field_or_as_text_is_an_error() -> None:
    assert read(b'error: {"error": {"message": "no"}}\n\n') == [{"error": {"message": "no"}}]
    assert read(b'data: "no"\n\n') == [{"error": "no"}]


@pytest.mark.parametrize("size", [1, 1000])
def test_one_json_object_is_read_whole_also_with_raw_newlines(size: int) -> None:
    assert read(b' \n{"a": "x\ny"}', size) == [{"a": "x\ny"}, None]


def test_bytes_that_are_no_utf_8_are_replaced_and_nothing_dies() -> None:
    assert read(b'data: {"a": "\xff"}\n\n') == [{"a": "�"}]
    assert read(b'{"a": "\xff"}') == [{"a": "�"}, None]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"Service temporarily unavailable", "not JSON"),
        (b'{"a": ', "not JSON"),
        (b"[1]", "no reply"),
        (b"17", "no reply"),
        (b'{"a":' * 100_000, "not JSON"),
    ],
)
def test_what_is_no_reply_is_tried_again(body: bytes, word: str) -> None:
    with pytest.raises(Again, match=word):
        read(body)


@pytest.mark.parametrize("head", [b'{"a": "', b"data: x\n"])
def test_a_reply_without_an_end_is_given_up(head: bytes) -> None:
    def pieces() -> Any:
        yield head
        while True:
            yield b"data: " + b"x" * 8_000_000 + b"\n"

    with pytest.raises(Again, match="did not end"):
        list(read_chunks(pieces()))


def test_a_dict_comes_out_as_json_has_it() -> None:
    value = {"n": 1.5, "l": [None, True], "s": '"\\'}
    assert read(json.dumps(value).encode()) == [value, None]


@pytest.mark.parametrize("breaks", [True, False])
def test_what_came_of_one_object_that_is_not_whole_is_kept_with_the_error(breaks: bool) -> None:
    def pieces() -> Iterator[bytes]:
        yield b' {"choices": ['
        yield b'{"message"'
        if breaks:
            raise Again("broke off")

    with pytest.raises(Again) as caught:
        list(read_chunks(pieces()))
    assert caught.value.rest == b'{"choices": [{"message"'
