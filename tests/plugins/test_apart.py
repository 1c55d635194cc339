"""Ctrl-C at a terminal goes to every process of the foreground's group: what finishes the step must not be there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from plugins._apart import start_apart

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals to a group are POSIX")

ROOT = Path(__file__).parent.parent.parent
FINISHING = """
import signal, sys
signal.signal(signal.SIGINT, lambda number, frame: print("heard", flush=True))
"""
CONVERTING = (
    FINISHING
    + """
from plugins._convert import convert
page = "<table>" * 200 + "<p>x</p>" * int(sys.argv[1])
print("begun", flush=True)
print(len(convert(page.encode(), name="a.html").text) > 1000, flush=True)
"""
)
SEARCHING = (
    FINISHING
    + """
from plugins._matching import searching
with searching("(a|aa)+$", limit=20) as searcher:
    print("begun", flush=True)
    print(searcher.search("a" * int(sys.argv[1]) + "b", most=1, cancelled=lambda: False) == [], flush=True)
"""
)


@contextmanager
def working(code: str, size: int) -> Iterator[subprocess.Popen[str]]:
    """A program in a group of its own, as a terminal's foreground has one, that has begun its work."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(size)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "begun\n"
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def child_of(process: subprocess.Popen[str]) -> int:
    """The process that it has started, once that runs what it is for: before, it is still a copy of its parent."""
    own = Path(f"/proc/{process.pid}/cmdline").read_text()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for file in Path(f"/proc/{process.pid}/task").glob("*/children"):
            for number in map(int, file.read_text().split()):
                if Path(f"/proc/{number}/cmdline").read_text() not in ("", own):
                    return number
        time.sleep(0.02)
    raise AssertionError("it has started no process")


def gone(number: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        status = Path(f"/proc/{number}/stat")
        with suppress(OSError):
            if status.read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="finds the process in /proc")
@pytest.mark.parametrize(("code", "size"), [(CONVERTING, 100_000), (SEARCHING, 30)])
def test_ctrl_c_leaves_the_work_of_the_step_alone(code: str, size: int) -> None:
    with working(code, size) as process:
        child_of(process)
        os.killpg(process.pid, signal.SIGINT)
        assert process.communicate(timeout=30)[0] == "heard\nTrue\n"


@pytest.mark.skipif(sys.platform != "linux", reason="finds the process in /proc")
def test_a_conversion_ends_with_the_one_who_asked_for_it_however_that_ends() -> None:
    with working(CONVERTING, 5_000_000) as process:
        child = child_of(process)
        time.sleep(0.5)
        process.kill()
        assert gone(child, 10)


def test_such_a_process_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody-else-s")
    asked = [sys.executable, "-I", "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
    with start_apart(asked) as process:
        said, _ = process.communicate()
    known = json.loads(said)
    assert "OPENAI_API_KEY" not in known
    assert not any("sk-nobody-else-s" in value for value in known.values())
    assert known["PATH"] == os.environ["PATH"]
