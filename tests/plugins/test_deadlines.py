from __future__ import annotations

import queue
import threading
import time

from plugins._deadlines import Clock, Deadlines

PATIENT = 10.0  # seconds; only a failing test waits so long


def test_deadlines_come_in_the_order_of_their_times_and_dropped_ones_never() -> None:
    deadlines, came = Deadlines(), queue.Queue[str]()
    deadlines.add(0.2, lambda: came.put("late"))
    dropped = deadlines.add(0.1, lambda: came.put("dropped"))
    deadlines.add(0.05, lambda: came.put("early"))
    deadlines.drop(dropped)
    assert [came.get(timeout=PATIENT), came.get(timeout=PATIENT)] == ["early", "late"]
    assert came.empty()


def test_a_slow_one_delays_no_other() -> None:
    deadlines, go_on, came = Deadlines(), threading.Event(), threading.Event()
    deadlines.add(0.0, lambda: go_on.wait(PATIENT))
    deadlines.add(0.05, came.set)
    assert came.wait(PATIENT)
    go_on.set()


def test_a_time_without_end_may_be_asked_for() -> None:
    deadlines, came = Deadlines(), threading.Event()
    deadlines.add(float("inf"), came.set)
    deadlines.add(0.05, came.set)
    assert came.wait(PATIENT)


def test_many_are_watched_by_one_thread() -> None:
    deadlines = Deadlines()
    before = set(threading.enumerate())
    several = [deadlines.add(60, lambda: None) for _ in range(50)]
    assert [thread.name for thread in threading.enumerate() if thread not in before] == ["deadlines"]
    for one in several:
        deadlines.drop(one)


def test_the_watching_thread_goes_when_idle_and_comes_back_when_needed() -> None:
    deadlines, came = Deadlines(idle=0.01), threading.Semaphore(0)
    before = set(threading.enumerate())
    for _ in range(2):
        deadlines.add(0.01, came.release)
        assert came.acquire(timeout=PATIENT)
        for thread in threading.enumerate():
            if thread not in before:
                thread.join(PATIENT)
                assert not thread.is_alive()


def test_a_clock_that_stands_still_counts_only_the_time_that_it_ran() -> None:
    came: queue.Queue[float] = queue.Queue()
    clock = Clock(Deadlines(), 0.2, lambda: came.put(time.monotonic()))
    began = time.monotonic()
    clock.start()
    clock.pause()
    time.sleep(0.3)
    clock.start()
    assert came.get(timeout=PATIENT) - began >= 0.45


def test_a_stopped_clock_runs_no_more() -> None:
    came = threading.Event()
    clock = Clock(Deadlines(), 0.02, came.set)
    clock.pause()
    clock.stop()
    clock.start()
    other = Clock(Deadlines(), 0.02, came.set)
    other.start()
    other.stop()
    assert not came.wait(0.1)
