"""Likeness: what an error says, without what it names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.likeness import likeness


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("cannot read 'it's here.txt': there is no such file", "cannot read …: there is no such file"),
        ("it doesn't say that it can't", "it doesn't say that it can't"),
        ('there is no tool "nix"; did you mean "a" or "b"?', "there is no tool …; did you mean …?"),
        ("the host api.example.org:8080 cannot be reached", "the host …:… cannot be reached"),
        ("C:\\Users\\a is a folder", "… is a folder"),
        ("无法读取「第一章」，没有这个文件", "无法读取…，没有这个文件"),
        ("", ""),
    ],
)
def test_quoted_parts_paths_and_numbers_are_taken_out(text: str, like: str) -> None:
    assert likeness(text, {}) == like


def test_what_the_call_itself_named_is_taken_out_however_it_stands_there() -> None:
    assert likeness("no city called Ulm here", {"city": "Ulm"}) == likeness(
        "no city called 深圳 here", {"city": "深圳"}
    )
    assert likeness("Ulm and Bonn are not there", {"cities": ["Ulm", "Bonn"]}) == "… are not there"
    assert likeness("a word", {"letter": "a", "count": 3, "long": "x" * 5000}) == "a word"


@given(st.text(max_size=60), st.text(st.characters(categories=("L", "N")), min_size=2, max_size=20))
def test_any_text_has_a_likeness_and_a_quoted_name_does_not_change_it(text: str, name: str) -> None:
    assert isinstance(likeness(text, {"name": name}), str)
    assert likeness(f'no file "{name}" here', {}) == "no file … here"


def test_a_hostile_error_costs_no_time() -> None:
    for piece in ("'a", '"', "a.", "1.", "/", "…and ", "a/ "):
        likeness(piece * 400_000, {"a": "a."})
