from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, signal, threading
from agent.cli.kb import stopping
stopping._PATIENCE = 0.3
with stopping.ending_soon("stopped: all is whole"):
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
