from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugins import _matching
from plugins._matching import TooSlow, find, searching, serve


def never() -> bool:
    return False


def test_lines_are_found_with_their_numbers() -> None:
    with searching(r"b+") as searcher:
        assert searcher.search("a\nbb\nc\nab", most=9, cancelled=never) == [(2, "bb"), (4, "ab")]
        assert searcher.search("b\nb\nb", most=2, cancelled=never) == [(1, "b"), (2, "b")]
        assert searcher.search("春天\n夏天", most=2, cancelled=never) == []


def test_text_of_any_script_passes() -> None:
    with searching("夏.") as searcher:
        assert searcher.search("春天\n夏天", most=2, cancelled=never) == [(2, "夏天")]


@pytest.mark.parametrize(
    ("expression", "fault"), [("(a", "unterminated"), ("[b-a]", "bad character range"), ("*", "nothing")]
)
def test_an_expression_that_cannot_be_read_is_refused(expression: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault), searching(expression):
        pass


def test_an_expression_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."), searching("(" * 20_000 + ")" * 20_000):
        pass


def test_an_expression_that_would_take_for_ever_is_ended() -> None:
    began = time.monotonic()
    with searching(r"(a+)+$", limit=0.5) as searcher:
        with pytest.raises(TooSlow):
            searcher.search("a" * 40 + "b", most=1, cancelled=never)
        with pytest.raises(TooSlow):  # it cannot be used any more
            searcher.search("a", most=1, cancelled=never)
    assert time.monotonic() - began < 5


def test_a_search_is_given_up_when_it_is_cancelled() -> None:
    began = time.monotonic()
    with searching(r"(a+)+$", limit=30) as searcher, pytest.raises(TooSlow):
        searcher.search("a" * 40 + "b", most=1, cancelled=lambda: time.monotonic() - began > 0.3)
    assert time.monotonic() - began < 5


def test_the_searching_process_ends_itself_where_nobody_does() -> None:
    began = time.monotonic()
    requests = [{"expression": "(a+)+$", "limit": 0.2}, {"text": "a" * 40 + "b", "most": 1, "limit": 0.2}]
    ended = subprocess.run(
        [sys.executable, "-I", "-S", _matching.__file__],
        input=b"".join(json.dumps(one).encode() + b"\n" for one in requests),
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode != 0
    assert time.monotonic() - began < 10


def test_a_long_line_is_cut_around_what_was_found() -> None:
    line = "x" * 500 + "needle" + "y" * 500
    ((number, shown),) = find(re.compile("needle"), line, 5)
    assert number == 1
    assert "needle" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 250
    ((_, start),) = find(re.compile("^x"), line, 5)
    assert not start.startswith("…")
    ((_, end),) = find(re.compile("y$"), line, 5)
    assert not end.endswith("…")
    assert end.endswith("y")


def test_requests_are_answered_one_line_each() -> None:
    requests = [{"expression": "a", "limit": 5}, {"text": "b\na", "most": 3, "limit": 5}]
    replies = io.BytesIO()
    source = io.BytesIO(b"".join(json.dumps(one).encode() + b"\n" for one in requests))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        serve(source, replies, nowhere)
    assert [json.loads(line) for line in replies.getvalue().splitlines()] == [{}, {"hits": [[2, "a"]]}]


def test_a_bad_expression_is_answered_with_its_fault() -> None:
    replies = io.BytesIO()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        serve(io.BytesIO(b'{"expression": "(", "limit": 5}\n'), replies, nowhere)
    assert "fault" in json.loads(replies.getvalue())
