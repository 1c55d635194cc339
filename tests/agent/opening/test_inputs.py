"""`name=value` words of the command line."""

from __future__ import annotations

from typing import Any

import pytest

from agent.errors import UsageError
from agent.opening.inputs import parse_inputs, read_value


def test_pairs_are_read_and_of_two_of_one_name_the_last_counts() -> None:
    assert parse_inputs(["a=1", "名=值=x", "a=", "b= "]) == {"a": "", "名": "值=x", "b": " "}


@pytest.mark.parametrize("word", ["a", "=1", ""])
def test_a_word_without_name_and_value_is_told_with_its_flag(word: str) -> None:
    with pytest.raises(UsageError, match="has no name and value") as refused:
        parse_inputs([word])
    assert refused.value.message.startswith("--set ")
    with pytest.raises(UsageError, match=r"^'"):
        parse_inputs([word], "")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ('["米", 1.5]', ["米", 1.5]),
        ("null", None),
        ("out.md", "out.md"),
        ("{", "{"),
        ("", ""),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("[" * 50_000, "[" * 50_000),
        ("9" * 5000, "9" * 5000),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_value_is_json_where_it_is_json_and_else_text(text: str, value: Any) -> None:
    assert read_value(text) == value
