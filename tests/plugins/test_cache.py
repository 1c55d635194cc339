from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from plugins import Cache


class Maker:
    """Works values out, and counts how often."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def of(self, cache: Cache, key: str) -> str:
        def make() -> str:
            self.made.append(key)
            return key.upper()

        return cache.get(key, make, size=len)


def test_a_value_is_worked_out_once() -> None:
    cache, maker = Cache(), Maker()
    assert [maker.of(cache, "a"), maker.of(cache, "a"), maker.of(cache, "b")] == ["A", "A", "B"]
    assert maker.made == ["a", "b"]


def test_those_used_last_are_held_up_to_the_size() -> None:
    cache, maker = Cache(most=6), Maker()
    for key in ("aaa", "bbb", "aaa", "ccc", "aaa", "bbb"):
        maker.of(cache, key)
    assert maker.made == ["aaa", "bbb", "ccc", "bbb"]


def test_one_that_is_larger_than_all_may_be_pushes_nothing_out() -> None:
    cache, maker = Cache(most=6), Maker()
    for key in ("aaa", "far too large", "far too large", "aaa"):
        maker.of(cache, key)
    assert maker.made == ["aaa", "far too large", "far too large"]


def test_a_value_of_nothing_is_held_too() -> None:
    cache, made = Cache(), list[int]()
    for _ in range(2):
        assert cache.get("nothing", lambda: made.append(1), size=lambda _: 0) is None
    assert made == [1]


def test_threads_that_want_the_same_wait_for_the_one_that_works_it_out() -> None:
    cache, maker, gate = Cache(), Maker(), threading.Barrier(8)

    def want(_: int) -> str:
        gate.wait()
        return maker.of(cache, "a")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(want, range(8))) == ["A"] * 8
    assert maker.made == ["a"]


def test_a_failure_is_not_held_and_the_next_one_tries() -> None:
    cache = Cache()

    def fail() -> str:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        cache.get("a", fail, size=len)
    assert cache.get("a", lambda: "mended", size=len) == "mended"
