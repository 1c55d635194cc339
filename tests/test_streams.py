"""Stdout is kept for the answer, what is typed for the dialogue, and the end for the end: whatever plugins do."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.place import Place
from tests.server import Call, ChatServer, Reply

LOUD = '''
import os, subprocess, sys
from plugins import Effect, observe, tool

@observe
def watch(event):
    print("SEEN", event["kind"])

@tool(effect=Effect.EXECUTE)
def shout(text: str) -> str:
    """Shout a text.

    Args:
        text: The text.
    """
    print("printed")
    os.write(1, b"by the descriptor\\n")
    subprocess.run([sys.executable, "-c", "print('by a child')"], check=True)
    return text
'''

HANGS = '''
import asyncio, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from plugins import Effect, tool

@tool(effect=Effect.READ, timeout=1)
async def linger() -> str:
    """Leave a thread behind at the timeout."""
    await asyncio.to_thread(time.sleep, 30)
    return "awake"

@tool(effect=Effect.READ)
def leave() -> str:
    """Leave threads behind and return."""
    ThreadPoolExecutor().submit(time.sleep, 30)
    threading.Thread(target=time.sleep, args=(30,)).start()
    return "left"
'''


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_nothing_that_a_plugin_prints_comes_before_the_answer(place: Place) -> None:
    place.plugin("loud.py", LOUD)
    with ChatServer([Reply(calls=[Call(name="finish", arguments={"answer": "Done."})])]) as server:
        ended = place.thinkact("run", "Do it.", "--output", "json", OPENAI_BASE_URL=server.url, THINKACT_MODEL="m")
    assert json.loads(ended.stdout)["state"] == "reached"
    assert "SEEN run.started" in ended.stderr


def test_a_tool_called_by_hand_has_stdout_for_its_result_alone(place: Place) -> None:
    place.plugin("loud.py", LOUD)
    ended = place.thinkact("tools", "call", "shout", "text=hi")
    assert ended.stdout == "hi\n"
    assert all(words in ended.stderr for words in ("printed", "by the descriptor", "by a child"))


@pytest.mark.parametrize("text", ["1e5", "3.10", '{"b":1,  "a":2}', '"quoted"', "null", "[1]", " 好 ", "true"])
def test_a_text_for_a_tool_called_by_hand_arrives_as_it_was_typed(place: Place, text: str) -> None:
    ended = place.thinkact("tools", "call", "write_file", "path=a.txt", f"content={text}")
    assert ended.returncode == 0, ended.stderr
    assert place.read("a.txt") == text


def test_what_is_no_text_is_read_by_the_tools_schema(place: Place) -> None:
    place.write("a.txt", "one\ntwo\nthree\n")
    ended = place.thinkact("tools", "call", "read_file", "path=a.txt", "start_line=2", "lines=1", "--json")
    assert "two" in json.loads(ended.stdout)["text"]
    assert "three" not in json.loads(ended.stdout)["text"].split("\n")[0]


@pytest.mark.parametrize(("name", "code"), [("linger", 1), ("leave", 0)])
def test_a_thread_that_a_tool_leaves_behind_does_not_hold_the_exit(place: Place, name: str, code: int) -> None:
    place.plugin("hangs.py", HANGS)
    begun = time.monotonic()
    ended = place.thinkact("tools", "call", name)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert time.monotonic() - begun < 15


def test_a_run_whose_tool_leaves_a_thread_behind_ends_with_its_answer(place: Place) -> None:
    place.plugin("hangs.py", HANGS)
    replies = [Reply(calls=[Call(name="leave")]), Reply(calls=[Call(name="finish", arguments={"answer": "Done."})])]
    begun = time.monotonic()
    with ChatServer(replies) as server:
        ended = place.thinkact("run", "Do it.", OPENAI_BASE_URL=server.url, THINKACT_MODEL="m")
    assert (ended.returncode, ended.stdout) == (0, "Done.\n")
    assert time.monotonic() - begun < 20
