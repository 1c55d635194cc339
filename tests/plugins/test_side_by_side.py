from __future__ import annotations

import threading
import time

import pytest

from plugins._side_by_side import side_by_side


def test_everything_is_done_and_told_with_its_place() -> None:
    assert sorted(side_by_side(str.upper, ["a", "b", "c"], parallel=2)) == [(0, "A"), (1, "B"), (2, "C")]
    assert list(side_by_side(str.upper, [], parallel=4)) == []


def test_no_more_than_so_many_are_under_way_and_so_many_are() -> None:
    gate, lock = threading.Barrier(3, timeout=10), threading.Lock()
    running = most = 0

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        gate.wait()
        with lock:
            running -= 1

    list(side_by_side(work, range(9), parallel=3))
    assert most == 3


def test_one_at_a_time_needs_no_thread() -> None:
    names = {name for _, name in side_by_side(lambda _: threading.current_thread().name, [1, 2], parallel=1)}
    assert names == {threading.current_thread().name}


@pytest.mark.parametrize("parallel", [1, 4])
def test_what_one_raises_is_raised_and_nothing_more_is_begun(parallel: int) -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 2:
            raise LookupError("two")
        time.sleep(0.01)

    with pytest.raises(LookupError, match="two"):
        list(side_by_side(work, range(100), parallel=parallel))
    time.sleep(0.1)
    assert len(begun) < 20


def test_who_stops_listening_stops_the_rest() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        time.sleep(0.01)
        return number

    found = side_by_side(work, range(100), parallel=2)
    next(found)
    found.close()
    time.sleep(0.1)
    assert len(begun) < 10
