"""Calls put together from pieces; how servers differ is in test_reading."""

import json
import time

from agent.model.pieces import Building, Pieces


def test_a_name_that_comes_with_every_piece_of_a_long_text_costs_no_more_than_the_text() -> None:
    pieces, words = Pieces({"write_file"}), 20_000
    began = time.process_time()
    pieces.take({"tool_calls": [{"function": {"name": "write_file", "arguments": '{"content": "'}}]})
    for _ in range(words):
        pieces.take({"tool_calls": [{"function": {"name": "write_file", "arguments": "word "}}]})
    pieces.take({"tool_calls": [{"function": {"name": "write_file", "arguments": '"}'}}]})
    assert time.process_time() - began < 2
    (call,) = pieces.calls
    assert json.loads(call.raw) == {"content": "word " * words}


def test_what_brings_nothing_of_calls_is_told_from_what_does() -> None:
    pieces = Pieces(())
    assert not pieces.take({"content": "Hi"})
    assert not pieces.take({"tool_calls": None, "function_call": None})
    assert not pieces.take({"tool_calls": ["rubbish", 17]})
    assert pieces.take({"tool_calls": [{}]})
    assert pieces.take({"function_call": {"name": "read_file"}})


def test_arguments_are_whole_once_they_are_an_object() -> None:
    call = Building()
    found = []
    for piece in ('{"a": {', '"b": 1}', " ", "}", "\n"):
        call.add(piece)
        found.append(call.is_whole())
    assert found == [False, False, False, True, True]
