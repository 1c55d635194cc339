"""Work that may take longer than anybody wants to wait."""

from __future__ import annotations

import threading
import time

import pytest

from agent.model.within import Later, within


def test_what_comes_in_time_is_given() -> None:
    assert within(5, lambda: "潮汐") == "潮汐"
    assert within(5, lambda: None) is None


def test_what_is_raised_is_raised_where_it_is_waited_for() -> None:
    nothing: dict[str, int] = {}
    with pytest.raises(LookupError, match="gone"):
        within(5, lambda: nothing["gone"])


def test_what_takes_longer_is_left_alone() -> None:
    ended = threading.Event()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        within(0.05, lambda: ended.wait(5))
    assert time.monotonic() - began < 1
    ended.set()


def test_several_begin_at_once_and_are_waited_for_together() -> None:
    until = time.monotonic() + 5
    began = time.monotonic()
    begun = [Later(lambda: time.sleep(0.1)) for _ in range(5)]
    for one in begun:
        one.get(until)
    assert time.monotonic() - began < 0.4
    assert begun[0].get(0) is None  # also when its time is long over
