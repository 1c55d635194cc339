"""A run told again, where its answer holds what could harm a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.place import Place
from tests.server import Call, ChatServer, Reply

if sys.platform == "win32":  # pragma: no cover  (Windows has no pty module)
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

import os
import pty
import subprocess

HOSTILE = "Done \x1b[2J\x9b31m\u202etxt.exe 潮汐"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal("goal: Say it\n")
    with ChatServer([Reply(calls=[Call(name="finish", arguments={"answer": HOSTILE})])]) as server:
        ended = made.thinkact("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    assert ended.returncode == 0, ended.stderr
    return made


def shown_at_a_terminal(place: Place, *words: str) -> str:
    """What a command prints to a stdout that is a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "agent", *words],
        cwd=place.folder,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(slave)
        shown = b""
        try:
            while piece := os.read(master, 4096):
                shown += piece
        except OSError:  # Linux says EIO once the other side is closed
            pass
    os.close(master)
    assert process.returncode == 0
    return shown.decode()


def test_the_answer_of_a_replay_reaches_a_terminal_and_a_file_harmless(place: Place) -> None:
    shown = shown_at_a_terminal(place, "runs", "replay", "last")
    assert shown == "Done \\x1b[2J\\x9b31m\\u202etxt.exe 潮汐\r\n"
    assert place.thinkact("runs", "replay", "last").stdout == shown.replace("\r\n", "\n")


def test_the_events_as_json_hold_the_same_answer_and_nothing_harmful(place: Place) -> None:
    shown = place.thinkact("runs", "show", "last", "--json").stdout
    assert json.loads(shown)[-1]["answer"] == HOSTILE
    assert not any(raw in shown for raw in "\x1b\x9b\u202e")
