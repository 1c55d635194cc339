"""`--reload`: what an author saves counts in the next call."""

from __future__ import annotations

import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.place import Place
from tests.server import ChatServer, call

TEXT = '''
from plugins import Effect, tool

@tool(effect=Effect.READ)
def answer() -> str:
    """Answer."""
    return "{}"
'''


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.plugin("mine.py", TEXT.format("first"))
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_a_tool_is_called_again_whenever_its_file_is_saved_until_ctrl_c(place: Place) -> None:
    process = place.start("tools", "call", "answer", "--reload")
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "first\n"
        place.plugin("mine.py", TEXT.format("again"))
        assert process.stdout.readline() == "again\n"
        place.plugin("mine.py", TEXT.format("broken") + "def (")
        assert process.stdout.readline() == "again\n"
        place.plugin("mine.py", TEXT.replace("def answer", "def other").format("x"))
        time.sleep(1)
        place.plugin("mine.py", TEXT.format("back"))
        assert process.stdout.readline() == "back\n"
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "invalid syntax; it stays as it was before" in err
    assert 'there is no tool "answer"' in err
    assert "what it had remembered is gone" in err
    assert "Traceback" not in err


def test_a_run_calls_what_was_saved_while_it_went_on(place: Place) -> None:
    turn = threading.Lock()

    def think(asked: object, number: int) -> object:
        with turn:
            if number == 1:
                place.plugin("mine.py", TEXT.format("second"))
            calls = [call("answer"), call("list_files"), call("answer"), call("finish", answer="done", reached=True)]
            return calls[min(number, 3)]

    with ChatServer(think) as server:  # type: ignore[arg-type]
        ended = place.thinkact("run", "Call answer twice", "--reload", "--base-url", server.url, "--model", "m")
    assert ended.returncode == 0, ended.stderr
    assert re.findall("the plugin mine was loaded anew", ended.stderr) == ["the plugin mine was loaded anew"]
    told = [one["text"] for one in place.events() if one["kind"] == "observation"]
    assert (told[0], told[2]) == ("first", "second")
