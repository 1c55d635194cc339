from __future__ import annotations

import gc
import os
import queue
import signal
import sys
import threading
import time

import pytest

from plugins._worker import Hung, Worker

PATIENT = 10.0  # seconds; only a failing test waits so long


def test_what_a_function_returns_and_what_it_raises_comes_back() -> None:
    worker = Worker()
    assert worker.run(lambda: 3, seconds=PATIENT).value == 3

    def leave() -> None:
        raise SystemExit(3)

    outcome = worker.run(leave, seconds=PATIENT)
    assert isinstance(outcome.error, SystemExit)
    assert outcome.value is None


def test_one_thread_is_kept_for_all_that_ends_in_time() -> None:
    worker = Worker()
    used = {worker.run(threading.get_ident, seconds=PATIENT).value for _ in range(20)}
    assert len(used) == 1
    assert used != {threading.get_ident()}


def test_what_does_not_end_is_left_to_itself_and_another_thread_takes_over() -> None:
    worker, go_on, ended = Worker(), threading.Event(), queue.Queue[threading.Thread]()

    def hang() -> None:
        go_on.wait(PATIENT)
        ended.put(threading.current_thread())

    began = time.monotonic()
    outcome = worker.run(hang, seconds=0.05)
    assert isinstance(outcome.error, Hung)
    assert time.monotonic() - began < PATIENT / 2
    assert worker.run(lambda: "next", seconds=PATIENT).value == "next"
    go_on.set()
    left = ended.get(timeout=PATIENT)
    left.join(PATIENT)
    assert not left.is_alive()


def test_its_thread_holds_no_exit_and_goes_with_it() -> None:
    worker = Worker()
    thread: threading.Thread = worker.run(threading.current_thread, seconds=PATIENT).value
    assert thread.daemon
    del worker
    gc.collect()
    thread.join(PATIENT)
    assert not thread.is_alive()


def test_those_who_come_at_once_are_served_one_after_the_other() -> None:
    worker, inside, most = Worker(), [0], [0]

    def work() -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.01)
        inside[0] -= 1

    many = [threading.Thread(target=worker.run, args=(work,), kwargs={"seconds": PATIENT}) for _ in range(4)]
    for one in many:
        one.start()
    for one in many:
        one.join(PATIENT)
    assert most == [1]


def test_a_handed_over_function_costs_little() -> None:
    worker = Worker()
    worker.run(int, seconds=PATIENT)
    durations = []
    for _ in range(200):
        began = time.perf_counter()
        worker.run(int, seconds=PATIENT)
        durations.append(time.perf_counter() - began)
    assert sorted(durations)[20] < 0.001


@pytest.mark.parametrize("seconds", [0.01, 0.05])
def test_the_clock_of_each_begins_when_its_turn_comes(seconds: float) -> None:
    worker = Worker()
    for _ in range(3):
        assert isinstance(worker.run(lambda: time.sleep(0.3), seconds=seconds).error, Hung)


@pytest.mark.skipif(sys.platform == "win32", reason="there, a signal to oneself ends the process")
def test_whoever_waits_can_be_interrupted_and_is_served_again_afterwards() -> None:
    worker = Worker()
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        worker.run(lambda: threading.Event().wait(PATIENT), seconds=PATIENT)
    assert time.monotonic() - began < PATIENT / 2
    assert worker.run(lambda: "next", seconds=PATIENT).value == "next"
