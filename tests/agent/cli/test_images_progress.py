"""What a person sees while a picture tool works, and what is kept where they stop it."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from agent.screen import Tenths, bar
from plugins.images import open_picture
from tests.place import Place, no_traceback

SLOW = '''
"""Draws slowly."""
import time
from plugins import Context, Effect, tool


@tool(effect=Effect.READ)
def plod(steps: int, *, context: Context) -> str:
    """Go step by step.

    Args:
        steps: How many.
    """
    for step in range(steps):
        time.sleep(0.15)
        context.progress("作画", done=step + 1, total=steps)
    return "done"
'''


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_log_has_a_line_now_and_then_and_none_for_what_is_quick(place: Place) -> None:
    place.plugin("slow.py", SLOW)
    ended = place.thinkact("tools", "call", "plod", "steps=20")
    no_traceback(ended)
    assert ended.stdout == "done\n"
    told = [line for line in ended.stderr.splitlines() if "作画" in line]
    assert 1 <= len(told) <= 4
    assert all(line.startswith("thinkact: 作画: ") and " of 20)" in line for line in told)
    assert place.thinkact("tools", "call", "plod", "steps=2").stderr == ""


def test_each_tenth_is_told_once_and_a_new_whole_begins_anew() -> None:
    tenths = Tenths()
    assert tenths.line("a", 1, 2) is None  # it has just begun
    time.sleep(1.05)
    assert tenths.line("a", 1, 2) == "a: 50 % (1 of 2)"
    assert tenths.line("a", 2, 2) is None
    assert bar(1, 4) == "█████░░░░░░░░░░░░░░░ 1 of 4"


def test_ctrl_c_keeps_the_pictures_that_are_done(place: Place) -> None:
    words = ("generate_image", "prompt=一个红色的圆", "count=64", "size=2048x2048", "path=圆.png", "seed=1")
    process = place.start("tools", "call", *words, THINKACT_IMAGES="draw")
    try:
        until = time.monotonic() + 60
        while not (place.workspace / "圆-2.png").exists() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert "once more stops at once" in stderr
    kept = sorted(place.workspace.glob("圆*.png"))
    assert 2 <= len(kept) < 64
    for file in kept:
        assert open_picture(file.read_bytes(), file.name).image.size == (2048, 2048)
    assert f"given up after {len(kept)} of 64" in stdout or "cancelled" in stderr
