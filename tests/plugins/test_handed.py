from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from plugins import WorkspacePath
from plugins import _handed as handed


@pytest.mark.parametrize("value", [0, -3, 2.5, 2**40])
def test_a_number_stays_as_it_is(value: float) -> None:
    assert handed.number(value, "it") == value
    assert type(handed.number(value, "it")) is type(value)


def test_what_stands_for_a_number_becomes_one() -> None:
    assert handed.number(Fraction(1, 4), "it") == 0.25


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, True, "3", None, Decimal(1)], ids=type)
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="it must be"):
        handed.number(value, "it")


def test_text_is_plain_and_can_be_encoded_and_a_path_is_not_mended() -> None:
    assert type(handed.text(WorkspacePath("a"), "it")) is str
    assert handed.text("a\ud800", "it") == "a\ufffd"
    assert handed.path("a\ud800", "it") == "a\ud800"


def test_bytes_that_could_still_change_are_copied() -> None:
    given = bytearray(b"ab")
    kept = handed.content(given, "it")
    given[0] = 0
    assert kept == b"ab"


@pytest.mark.parametrize("value", ["ab", {"a": 1}, None, ["a", 1]], ids=str)
def test_one_text_is_no_list_of_texts(value: Any) -> None:
    with pytest.raises(TypeError, match="it"):
        handed.texts(value, "it")
