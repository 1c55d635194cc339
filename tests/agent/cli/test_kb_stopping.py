from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, threading
from agent.cli.kb import stopping
stopping._PATIENCE = 0.3
stop = stopping.Stopping("stopped: all is whole")
with stop.within():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(5)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    {then}
print("went on", flush=True)
"""


def run(then: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", SCRIPT.format(then=then)], capture_output=True, text=True, timeout=30)


def test_what_hangs_after_ctrl_c_is_ended_and_said() -> None:
    ended = run("threading.Event().wait(20)")
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "interrupted\n", "thinkact: stopped: all is whole\n")


def test_what_ends_by_itself_is_left_alone() -> None:
    ended = run("pass")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "interrupted\nwent on\n", "")


GENTLE = """
import os, signal
from agent.cli.kb.stopping import Stopping
stop = Stopping("stopped: all is whole")
with stop.within():
    try:
        with stop.gently():
            assert not stop.asked()
            for _ in range({times}):
                os.kill(os.getpid(), signal.SIGINT)
            print("went on, asked:", stop.asked(), flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize(
    ("times", "said"), [(0, "went on, asked: False\n"), (1, "went on, asked: True\ninterrupted\n")]
)
def test_work_that_looks_whether_it_was_asked_is_not_broken_off(times: int, said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", GENTLE.format(times=times)], capture_output=True, text=True, timeout=30
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, said, "")


def test_once_more_breaks_it_off() -> None:
    ended = subprocess.run([sys.executable, "-c", GENTLE.format(times=2)], capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "interrupted\n", "")
