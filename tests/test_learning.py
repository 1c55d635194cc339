"""Learning, as a user sees it: what the real `thinkact` writes by itself and tells the next run, killed in between or
not, in projects that do not meet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place, no_traceback
from tests.server import Call, ChatServer, Reply, call

PLUGIN = '''
"""A valve that must be opened first, and an order to kill this very process."""
import json, os, signal
from pathlib import Path
from plugins import Effect, ToolError, observe, tool

HERE = Path(__file__).parent

@observe
def watch(event):
    order = HERE / "kill.json"
    if order.exists() and json.loads(order.read_text()) == event["kind"]:
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)

@tool(effect=Effect.READ)
def pump(engine: str) -> str:
    """Pump the cellar out.

    Args:
        engine: Which engine.
    """
    if not engine.startswith("diesel "):
        raise ToolError(f"there is no engine {engine}")
    return "dry"
'''
WRONG, RIGHT = call("pump", engine="two"), call("pump", engine="diesel two")
LESSON = "pump failed: there is no engine two. It worked when engine two became diesel two."


def thinkact(place: Place, server: ChatServer, *words: str, **settings: Any) -> Ended:
    ended = place.thinkact(*words, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted", **settings)
    no_traceback(ended)
    return ended


def last(server: ChatServer, request: int) -> str:
    """The tail of a request's prompt."""
    return str(server.requests[request].json["messages"][-1]["content"])


def notes(place: Place, *words: str) -> list[dict[str, Any]]:
    ended = place.thinkact("memory", "list", "--json", *words)
    assert ended.returncode == 0, ended.stderr
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.plugin("cellar.py", PLUGIN)
    return place


def test_what_one_run_learned_is_in_the_request_after_the_same_error_of_the_next(place: Place) -> None:
    with ChatServer([WRONG, RIGHT, call("finish", answer="The cellar is dry.")]) as server:
        first = thinkact(place, server, "run", "Dry the cellar of the mill")
    assert first.returncode == 0, first.stderr
    assert f": {LESSON}" in first.stderr
    with ChatServer([WRONG, call("finish", answer="Done.")]) as server:
        second = thinkact(place, server, "run", "Tidy the shed")
        assert LESSON not in last(server, 0)
        assert f"lesson by agent] {LESSON}" in last(server, 1)
    assert "recalled 1 note (error)" in second.stderr
    assert "lesson by agent] pump failed" in second.stderr


def test_how_a_tool_wants_to_be_called_is_learned_once_and_told_at_the_start_of_the_next_run(place: Place) -> None:
    refused = call("pump", motor="diesel two")
    with ChatServer([refused, RIGHT, call("finish", answer="The cellar is dry.")]) as server:
        first = thinkact(place, server, "run", "Dry the cellar of the mill")
    assert "(lesson, in" in first.stderr
    assert ": pump wants engine, not motor." in first.stderr
    with ChatServer([call("finish", answer="Done.")]) as server:
        second = thinkact(place, server, "run", "Tidy the shed")
        assert "lesson by agent] pump wants engine, not motor." in last(server, 0)
    assert "│ always [" in second.stderr


def test_a_correction_holds_in_another_project_and_a_fact_does_not(place: Place) -> None:
    said = "Always answer in rhyme. The ledger is in b.md, not in a.md."
    with ChatServer([call("list_files"), call("finish", answer="No.")]) as server:
        thinkact(place, server, "run", "Count the boats", "--max-steps", "1")
        thinkact(place, server, "resume", "last", "--feedback", said, "--max-steps", "5")
    other = Place(place.folder / "other")
    other.folder.mkdir()
    home = {"THINKACT_HOME": str(place.home)}
    tails = []
    for where, settings in ((place, {}), (other, home)):
        with ChatServer([call("finish", answer="Yes.")]) as server:
            assert thinkact(where, server, "run", "Where is the ledger?", **settings).returncode == 0
            tails.append(last(server, 0))
    assert ["Always answer in rhyme." in tail for tail in tails] == [True, True]
    assert ["The ledger is in b.md" in tail for tail in tails] == [True, False]
    listed = notes(place, "--namespace", "global")
    assert [(one["text"], one["origin"]) for one in listed] == [("Always answer in rhyme.", "user")]


@pytest.mark.parametrize("kind", ["note.written", "finished"])
def test_killed_at_its_end_and_resumed_a_run_leaves_one_episode(place: Place, kind: str) -> None:
    place.plugin("kill.json", json.dumps(kind))

    def answer(request: dict[str, Any], number: int) -> Reply:
        made = sum(message["role"] == "assistant" for message in request["messages"])
        return Reply(calls=[Call(name="list_files", id="c0")]) if made == 0 else call("finish", answer="Nothing.")

    with ChatServer(answer) as server:
        assert thinkact(place, server, "run", "Look").returncode == -9
        resumed = thinkact(place, server, "resume", "last")
    assert resumed.returncode in (0, 2), resumed.stderr
    (kept,) = notes(place)
    assert kept["kind"] == "episode"
    assert "Outcome: reached after 2 steps" in kept["text"]


def test_killed_right_after_a_lesson_it_is_written_once(place: Place) -> None:
    place.plugin("kill.json", json.dumps("note.written"))

    def answer(request: dict[str, Any], number: int) -> Reply:
        made = sum(message["role"] == "assistant" for message in request["messages"])
        return (WRONG, RIGHT, call("finish", answer="Dry."))[made]

    with ChatServer(answer) as server:
        assert thinkact(place, server, "run", "Dry the cellar").returncode == -9
        assert thinkact(place, server, "resume", "last").returncode == 0
    lessons = [one for one in notes(place) if one["kind"] == "lesson"]
    assert [one["text"] for one in lessons] == [LESSON]
    written = [event for event in place.events() if event["kind"] == "note.written" and event["note"] == "lesson"]
    assert len(written) == 1


def test_no_memory_writes_nothing_by_itself(place: Place) -> None:
    with ChatServer([WRONG, RIGHT, call("finish", answer="Dry.")]) as server:
        assert thinkact(place, server, "run", "Dry the cellar", "--no-memory").returncode == 0
    assert not (place.home / "memory" / "notes.db").exists()


def test_a_store_that_cannot_be_written_is_said_and_the_run_reaches_its_goal(place: Place) -> None:
    (place.home / "memory").mkdir(parents=True)
    (place.home / "memory" / "notes.db").write_bytes(b"this is no database at all" * 100)
    with ChatServer([call("list_files"), call("finish", answer="Nothing.")]) as server:
        ended = thinkact(place, server, "run", "Look")
    assert ended.returncode == 0, ended.stderr
    assert "long-term memory could not be read" in ended.stderr
    assert "a note for later runs was not kept" in ended.stderr


def test_a_secret_input_of_the_goal_is_in_no_note(place: Place) -> None:
    checks = "checks: [{run: 'true', env: {WORD: '{{ word }}'}}]\n"
    place.goal(f"goal: Note the word of the gate\ninputs: {{word: {{type: secret, required: true}}}}\n{checks}")
    note = call("remember", text="The word of the gate is tide-and-time.")
    with ChatServer([note, call("finish", answer="The word is tide-and-time.")]) as server:
        ended = thinkact(place, server, "run", "goal.yaml", "-y", "--set", "word=tide-and-time")
    assert ended.returncode == 0, ended.stderr
    (refused,) = (one for one in place.events() if one["kind"] == "observation" and one["tool"] == "remember")
    assert refused["error"]["message"] == "the note holds a secret input of the goal"
    (episode,) = notes(place)
    assert episode["text"].splitlines()[-1] == "Answer: The word is <secret word>."
