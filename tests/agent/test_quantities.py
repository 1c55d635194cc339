from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.quantities import (
    read_amount,
    read_duration,
    read_money,
    read_number,
    read_truth,
    read_whole,
    write_duration,
)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (read_amount, "500", 500),
        (read_amount, "200k", 200_000),
        (read_amount, "1.5M", 1_500_000),
        (read_amount, "1_000", 1_000),
        (read_whole, " 40 ", 40),
        (read_whole, "-3", -3),
        (read_money, "0.50", 0.5),
        (read_money, "$2", 2.0),
        (read_money, ".5", 0.5),
        (read_duration, "30s", 30.0),
        (read_duration, "15m", 900.0),
        (read_duration, "2h", 7200.0),
        (read_duration, "1h30m", 5400.0),
        (read_duration, "1.5h", 5400.0),
        (read_duration, "1d", 86_400.0),
        (read_duration, "90", 90.0),
        (read_number, "3", 3),
        (read_number, "-0.5", -0.5),
        (read_number, "1e3", 1000.0),
        (read_truth, "Yes", True),
        (read_truth, "off", False),
    ],
)
def test_what_people_write_is_read(read: Callable[[str], float], text: str, value: float) -> None:
    assert read(text) == value
    assert type(read(text)) is type(value)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_amount, "1.5"),
        (read_amount, "lots"),
        (read_amount, "-1"),
        (read_amount, "9" * 5000),
        (read_whole, "1.0"),
        (read_whole, ""),
        (read_money, "-1"),
        (read_money, "inf"),
        (read_duration, "5y"),
        (read_duration, "30m1h"),
        (read_duration, ""),
        (read_number, "nan"),
        (read_number, "inf"),
        (read_number, "1e999"),
        (read_number, "0x10"),
        (read_truth, "maybe"),
        (read_truth, "1"),
    ],
)
def test_what_is_none_is_refused_with_an_example(read: Callable[[str], float], text: str) -> None:
    with pytest.raises(ValueError, match=r"such as|true or false"):
        read(text)


@pytest.mark.parametrize("text", ["30s", "1m30s", "1h", "2d4h", "1h1s"])
def test_a_duration_that_is_written_reads_the_same(text: str) -> None:
    assert write_duration(read_duration(text)) == text


def test_a_duration_of_parts_of_a_second_is_written_as_seconds() -> None:
    assert write_duration(0.1) == "0.1s"
    assert write_duration(0.0) == "0s"
