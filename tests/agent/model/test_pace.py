"""The time that a request may take, step by step."""

import math
import threading
import time

import httpx2
import pytest

from agent.model.pace import Pace

STATED = {"connect": 10.0, "read": 600.0, "write": 600.0, "pool": None}


def sent(pace: Pace) -> dict[str, float | None]:
    """The timeouts of a request that goes out now."""
    request = httpx2.Request("POST", "http://127.0.0.1/", extensions={"timeout": STATED, "other": 1})
    pace.asked(request)
    assert request.extensions["other"] == 1
    return dict(request.extensions["timeout"])


def test_no_step_may_take_longer_than_what_is_left_when_it_begins() -> None:
    pace = Pace(idle=10)
    pace.begin(time.monotonic() + 60)
    assert sent(pace) == {
        "connect": 10.0,
        "read": pytest.approx(60, abs=1),
        "write": pytest.approx(60, abs=1),
        "pool": pytest.approx(60, abs=1),
    }
    request = httpx2.Request("POST", "http://127.0.0.1/", extensions={"timeout": STATED})
    pace.begin(time.monotonic() + 0.05)
    pace.asked(request)
    assert request.extensions["timeout"].get("read") <= 0.05
    time.sleep(0.06)
    assert request.extensions["timeout"].get("read") == 0.001
    assert request.extensions["timeout"].get("nothing") is None
    assert len(request.extensions["timeout"]) == 4


def test_without_an_end_the_timeouts_stay_as_they_are_stated() -> None:
    pace = Pace(idle=10)
    pace.begin(math.inf)
    assert sent(pace) == STATED


def test_each_thread_has_a_time_of_its_own() -> None:
    pace = Pace(idle=10)
    pace.begin(time.monotonic() + 5)
    found: list[float | None] = []
    thread = threading.Thread(target=lambda: found.append(sent(pace)["read"]))
    thread.start()
    thread.join(10)
    assert found == [600.0]


def test_of_several_responses_to_one_request_the_last_is_taken() -> None:
    pace = Pace(idle=10)
    pace.begin(math.inf)
    for status in (307, 200):
        pace.answered(httpx2.Response(status))
    assert pace.take() is not None
    assert pace.take() is None
    pace.end()
    pace.close()
