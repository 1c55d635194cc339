"""kill -9 at every barrier and inside tools, then `resume`: nothing is lost, nothing is done twice unasked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place
from tests.server import Call, ChatServer, Reply

PLUGIN = '''
"""A witness: counts effects outside the workspace, and kills this very process where the test wants it."""
import json, os, signal
from pathlib import Path
from plugins import Context, Effect, WorkspacePath, observe, tool

HERE = Path(__file__).parent

def wanted(where):
    order = HERE / "kill.json"
    if order.exists() and json.loads(order.read_text()) == where:
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)

def count(name):
    with (HERE / "witness.txt").open("a") as witness:
        witness.write(name + "\\n")
        witness.flush()
        os.fsync(witness.fileno())

@observe
def watch(event):
    wanted(event["seq"])

@tool(effect=Effect.SEND)
def post(text: str) -> str:
    """Post a text to the outside.

    Args:
        text: The text.
    """
    wanted("before post")
    count("post " + text)
    wanted("after post")
    return "posted"

@tool(effect=Effect.WRITE)
def stamp(path: WorkspacePath, *, context: Context) -> str:
    """Append a stamp to a file.

    Args:
        path: The file.
    """
    wanted("before stamp")
    old = context.workspace.read(path) if context.workspace.exists(path) else b""
    context.workspace.write(path, old + b"stamp\\n")
    count("stamp")
    wanted("after stamp")
    return "stamped"
'''

GOAL = """\
goal: Read the notes, write them down, post them, and tidy up.
tools: {allow: [post]}
checks:
  - {file: out.md, min_bytes: 10}
  - {absent: old.txt}
  - {regex: '^stamp$', in: log.txt}
"""

SCRIPT: list[tuple[str, dict[str, Any]]] = [
    ("read_file", {"path": "notes.txt"}),
    ("write_file", {"path": "out.md", "content": "first line\n"}),
    ("write_file", {"path": "out.md", "content": "second line\n", "append": True}),
    ("stamp", {"path": "log.txt"}),
    ("edit_file", {"path": "out.md", "old": "second", "new": "2nd"}),
    ("post", {"text": "hello"}),
    ("delete_file", {"path": "old.txt"}),
    ("move_file", {"source": "notes.txt", "target": "kept/notes.txt"}),
    ("finish", {"answer": "All is done."}),
]
FILES = {"out.md": "first line\n2nd line\n", "log.txt": "stamp\n", "kept/notes.txt": "the notes\n"}


def reply(request: dict[str, Any], number: int) -> Reply:
    """What the model says depends on the history alone: the same after a resume."""
    made = sum(1 for message in request["messages"] if message["role"] == "assistant")
    name, arguments = SCRIPT[made]
    return Reply(text=f"Now {name}.", calls=[Call(name=name, arguments=arguments, id=f"c{made}")])


@dataclass
class Scene:
    place: Place
    server: ChatServer

    def thinkact(self, *words: str) -> Ended:
        return self.place.thinkact(*words, OPENAI_BASE_URL=self.server.url, THINKACT_MODEL="scripted")

    def begin(self, kill: object = None) -> Ended:
        self.place.write("notes.txt", "the notes\n")
        self.place.write("old.txt", "old\n")
        self.place.plugin("witness.py", PLUGIN)
        self.place.goal(GOAL)
        if kill is not None:
            self.place.plugin("kill.json", json.dumps(kill))
        return self.thinkact("run", "goal.yaml", "-y", "--output", "json")

    def witnessed(self) -> list[str]:
        witness = self.place.home / "plugins" / "witness.txt"
        return witness.read_text().split("\n")[:-1] if witness.exists() else []


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ChatServer(reply) as server:
        yield Scene(Place(tmp_path), server)


def test_the_undisturbed_run_is_what_the_others_are_held_against(scene: Scene) -> None:
    ended = scene.begin()
    assert ended.returncode == 0, ended.stderr
    assert scene.place.files() == FILES
    assert scene.witnessed() == ["stamp", "post hello"]
    assert len(scene.server.requests) == len(SCRIPT)
    assert len(scene.place.events()) == EVENTS


def settled(scene: Scene, ended: Ended) -> Ended:
    """Resume; where a call may have been made and nobody can be asked the run stops, and the user decides."""
    assert ended.returncode == -9, ended.stderr
    resumed = scene.thinkact("resume", "last", "-y", "--output", "json")
    if resumed.returncode == 5:
        body = json.loads(resumed.stdout)
        assert body["state"] == "blocked"
        assert body["reason"].startswith("unsettled")
        word = "done" if scene.witnessed().count("post hello") + scene.witnessed().count("stamp") else "again"
        if "post was begun" in body["reason"]:
            word = "done" if "post hello" in scene.witnessed() else "again"
        resumed = scene.thinkact("resume", "last", "-y", "--settle", word, "--output", "json")
    return resumed


EVENTS = 38
"""So many events has the undisturbed run."""


@pytest.mark.parametrize(
    "seq", [pytest.param(n, marks=() if n % 2 else pytest.mark.slow) for n in range(1, EVENTS + 1)]
)
def test_killed_at_an_event_and_resumed_it_ends_as_if_undisturbed(scene: Scene, seq: int) -> None:
    ended = scene.begin(kill=seq)
    resumed = settled(scene, ended)
    assert resumed.returncode in (0, 2), resumed.stderr
    if resumed.returncode == 2:  # killed after its last event: there is nothing to go on with
        assert "has reached its goal" in resumed.stderr
    assert scene.place.files() == FILES
    assert sorted(scene.witnessed()) == ["post hello", "stamp"]
    assert len(scene.server.requests) <= len(SCRIPT) + 1


@pytest.mark.parametrize("where", ["before post", "after post", "before stamp", "after stamp"])
def test_killed_inside_a_tool_its_effect_happens_once(scene: Scene, where: str) -> None:
    resumed = settled(scene, scene.begin(kill=where))
    assert resumed.returncode == 0, resumed.stderr
    assert scene.place.files() == FILES
    assert sorted(scene.witnessed()) == ["post hello", "stamp"]
    assert len(scene.server.requests) <= len(SCRIPT) + 1
