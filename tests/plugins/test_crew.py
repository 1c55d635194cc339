from __future__ import annotations

import gc
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar

import pytest

from plugins._crew import Crew

PATIENT = 10.0  # seconds; only a failing test waits so long
SAID: ContextVar[str] = ContextVar("SAID", default="nothing")


def run(crew: Crew, function: Callable[[], object], name: str = "call") -> object:
    came: queue.SimpleQueue[object] = queue.SimpleQueue()
    crew.run(name, lambda: came.put(function()))
    return came.get(timeout=PATIENT)


Settled = Callable[..., bool]


@pytest.fixture
def settled() -> Settled:
    """Are there so many threads of this name, at once or soon, beside those that were there before?"""
    before = set(threading.enumerate())

    def settled(count: int, name: str = "idle") -> bool:
        until = time.monotonic() + PATIENT
        while (found := _count(name)) != count and time.monotonic() < until:
            time.sleep(0.005)
        return found == count

    def _count(name: str) -> int:
        return sum(one.name == name and one not in before for one in threading.enumerate())

    return settled


def test_a_thread_that_is_through_takes_the_next_call_under_its_name_and_without_what_was_set_before(
    settled: Settled,
) -> None:
    crew = Crew()

    def look() -> tuple[int, str, bool, str]:
        thread = threading.current_thread()
        before = SAID.get()
        SAID.set("something")
        return threading.get_ident(), thread.name, thread.daemon, before

    seen = []
    for number in range(20):
        seen.append(run(crew, look, f"tool {number}"))
        assert settled(1)
    (ident,) = {one[0] for one in seen if isinstance(one, tuple)}
    assert seen == [(ident, f"tool {number}", True, "nothing") for number in range(20)]
    del crew
    gc.collect()
    assert settled(0)


def test_calls_run_side_by_side_and_one_that_hangs_holds_nobody_up(settled: Settled) -> None:
    crew, go_on, ended = Crew(), threading.Event(), threading.Event()

    def hang() -> None:
        go_on.wait(PATIENT)
        ended.set()

    crew.run("hanging", hang)
    assert [run(crew, lambda number=number: number) for number in range(50)] == list(range(50))  # type: ignore[misc]
    assert settled(1, "hanging")
    del crew
    gc.collect()
    go_on.set()
    assert ended.wait(PATIENT)
    assert settled(0)
    assert settled(0, "hanging")


def test_many_at_a_time_leave_few_threads_behind(settled: Settled) -> None:
    crew, together = Crew(), threading.Barrier(31)

    def meet() -> None:
        together.wait(PATIENT)

    for _ in range(30):
        crew.run("busy", meet)
    together.wait(PATIENT)
    assert settled(0, "busy")
    assert settled(8)
    del crew
    gc.collect()
    assert settled(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_after_a_fork_new_threads_are_started(settled: Settled) -> None:
    crew = Crew()
    assert run(crew, lambda: 1) == 1
    assert settled(1)
    child = os.fork()
    if child == 0:  # pragma: no cover
        try:
            os._exit(0 if run(crew, lambda: 2) == 2 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, sys.platform
