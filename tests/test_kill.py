"""kill -9 at every barrier, inside tools, hooks, checks and thoughts, then `resume`: nothing is lost, nothing is done
twice unasked."""

from __future__ import annotations

import json
import os
import signal
import sys
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
from plugins import Context, Effect, WorkspacePath, before_call, observe, tool

HERE = Path(__file__).parent
(HERE / "pid.txt").write_text(str(os.getpid()))

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

@before_call
def emphasise(tool, arguments):
    wanted(f"hook of {tool}")
    if tool == "post":
        return {"text": arguments["text"] + "!"}
    return arguments

@tool(effect=Effect.SEND)
def post(text: str) -> str:
    """Post a text to the outside.

    Args:
        text: The text.
    """
    wanted(f"before post {text}")
    count("post " + text)
    wanted(f"after post {text}")
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

@tool(effect=Effect.READ)
def errand(*, context: Context) -> str:
    """Write, post and ask from inside."""
    written = context.call("write_file", {"path": "inner.md", "content": "inner\\n"})
    wanted("between two calls of the errand")
    posted = context.call("post", {"text": "from inside"})
    word = context.ask("A word?", purpose="word")
    more = context.call("write_file", {"path": "inner.md", "content": word, "append": True})
    wanted("after the errand")
    return f"{written.ok} {posted.ok} {more.ok}"
'''

LOOKS = """
import json, os, signal
from pathlib import Path

here = Path(__file__).parent
with (here / "looks.txt").open("a") as looks:
    looks.write("looked\\n")
order = here / "kill.json"
if order.exists() and json.loads(order.read_text()) == "inside the check":
    order.unlink()
    os.kill(int((here / "pid.txt").read_text()), signal.SIGKILL)
"""

GOAL = """\
goal: Read the notes, write them down, post them, and tidy up.
tools: {{allow: [post]}}
checks:
  - {{file: out.md, min_bytes: 10}}
  - {{absent: old.txt}}
  - {{regex: '^stamp$', in: log.txt}}
  - run: '"{python}" "{looks}"'
"""

SCRIPT: list[tuple[str, dict[str, Any]]] = [
    ("read_file", {"path": "notes.txt"}),
    ("write_file", {"path": "out.md", "content": "first line\n"}),
    ("write_file", {"path": "out.md", "content": "second line\n", "append": True}),
    ("stamp", {"path": "log.txt"}),
    ("edit_file", {"path": "out.md", "old": "second", "new": "2nd"}),
    ("post", {"text": "hello"}),
    ("errand", {}),
    ("delete_file", {"path": "old.txt"}),
    ("move_file", {"source": "notes.txt", "target": "kept/notes.txt"}),
    ("move_file", {"source": "kept", "target": "archive"}),
    ("finish", {"answer": "All is done."}),
]
FILES = {"archive/notes.txt": "the notes\n", "inner.md": "inner\nword", "log.txt": "stamp\n"}
FILES["out.md"] = "first line\n2nd line\n"
WITNESSED = ["post from inside!", "post hello!", "stamp"]
CALLS = len(SCRIPT) + 1
"""Of the model: one a step, and the one that the errand makes."""


@dataclass
class Scene:
    place: Place
    server: ChatServer

    def thinkact(self, *words: str) -> Ended:
        # The check's program kills the engine and leaves its traces outside of the workspace: confined it could not.
        return self.place.thinkact(
            *words, OPENAI_BASE_URL=self.server.url, THINKACT_MODEL="scripted", THINKACT_SANDBOX="off"
        )

    def begin(self, kill: object = None) -> Ended:
        self.place.write("notes.txt", "the notes\n")
        self.place.write("old.txt", "old\n")
        self.place.plugin("witness.py", PLUGIN)
        looks = self.place.plugin("looks/looks.py", LOOKS).with_name("looks.py")
        (looks.parent / "pid.txt").symlink_to(self.place.home / "plugins" / "pid.txt")
        self.place.goal(GOAL.format(python=sys.executable, looks=looks))
        if kill is not None:
            self.place.plugin("looks/kill.json" if kill == "inside the check" else "kill.json", json.dumps(kill))
        return self.thinkact("run", "goal.yaml", "-y", "--output", "json")

    def witnessed(self) -> list[str]:
        witness = self.place.home / "plugins" / "witness.txt"
        return witness.read_text().split("\n")[:-1] if witness.exists() else []

    def looked(self) -> int:
        looks = self.place.home / "plugins" / "looks" / "looks.txt"
        return len(looks.read_text().split()) if looks.exists() else 0


def answer(scene: list[Scene], kill_at: int | None = None) -> Any:
    """What the model says depends on the history alone: the same after a resume. At the request number `kill_at` the
    asking process is killed, and nothing is said."""

    def reply(request: dict[str, Any], number: int) -> Reply:
        if number == kill_at:
            os.kill(int((scene[0].place.home / "plugins" / "pid.txt").read_text()), signal.SIGKILL)
            return Reply(drop=True)
        if "tools" not in request:
            return Reply(text="word")
        made = sum(1 for message in request["messages"] if message["role"] == "assistant")
        name, arguments = SCRIPT[made]
        return Reply(text=f"Now {name}.", calls=[Call(name=name, arguments=arguments, id=f"c{made}")])

    return reply


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ChatServer(answer([])) as server:
        yield Scene(Place(tmp_path), server)


EVENTS = 61
"""So many events has the undisturbed run."""


def test_the_undisturbed_run_is_what_the_others_are_held_against(scene: Scene) -> None:
    ended = scene.begin()
    assert ended.returncode == 0, ended.stderr
    assert scene.place.files() == FILES
    assert sorted(scene.witnessed()) == WITNESSED
    assert scene.looked() == 1
    assert len(scene.server.requests) == CALLS
    assert len(scene.place.events()) == EVENTS


def settled(scene: Scene, ended: Ended) -> Ended:
    """Resume; where a call may have been made and nobody can be asked the run stops, and the user decides."""
    assert ended.returncode == -9, ended.stderr
    resumed = scene.thinkact("resume", "last", "-y", "--output", "json")
    if resumed.returncode != 5:
        return resumed
    before = scene.witnessed(), scene.looked()
    assert json.loads(resumed.stdout)["reason"].startswith("unsettled")
    again = scene.thinkact("resume", "last", "-y", "--output", "json")
    assert again.returncode == 5, "it must not go on unasked"
    assert (scene.witnessed(), scene.looked()) == before
    return scene.thinkact("resume", "last", "-y", "--settle", _word(scene, resumed), "--output", "json")


def _word(scene: Scene, resumed: Ended) -> str:
    """What a user who looks would say: was the call in doubt made?"""
    reason, witnessed = json.loads(resumed.stdout)["reason"], scene.witnessed()
    if "run_check was begun" in reason:
        return "again"  # it only looks
    if "stamp was begun" in reason:
        return "done" if "stamp" in witnessed else "again"
    if "move_file was begun" in reason:  # a folder: what is in it tells nothing beforehand
        return "done" if (scene.place.workspace / "archive").exists() else "again"
    assert "post was begun" in reason
    last = next(event for event in reversed(scene.place.events()) if event["kind"] == "tool.started")
    return "done" if f"post {last['arguments']['text']}" in witnessed else "again"


def held_against_the_undisturbed(scene: Scene, resumed: Ended) -> None:
    assert resumed.returncode in (0, 2), resumed.stderr
    if resumed.returncode == 2:  # killed after its last event: there is nothing to go on with
        assert "has reached its goal" in resumed.stderr
    assert scene.place.files() == FILES
    assert sorted(scene.witnessed()) == WITNESSED
    assert len(scene.server.requests) <= CALLS + 1


@pytest.mark.parametrize(
    "seq", [pytest.param(n, marks=() if n % 6 == 1 else pytest.mark.slow) for n in range(1, EVENTS + 1)]
)
def test_killed_at_an_event_and_resumed_it_ends_as_if_undisturbed(scene: Scene, seq: int) -> None:
    held_against_the_undisturbed(scene, settled(scene, scene.begin(kill=seq)))


@pytest.mark.parametrize(
    "where",
    [
        *("before post hello!", "after post hello!", "before stamp", "after stamp"),
        *("before post from inside!", "after post from inside!", "between two calls of the errand", "after the errand"),
        *("hook of write_file", "hook of post", "hook of move_file", "hook of errand"),
        "inside the check",
    ],
)
def test_killed_inside_a_tool_a_hook_or_a_check_its_effect_happens_once(scene: Scene, where: str) -> None:
    resumed = settled(scene, scene.begin(kill=where))
    assert resumed.returncode == 0, resumed.stderr
    held_against_the_undisturbed(scene, resumed)
    assert scene.looked() == (2 if where == "inside the check" else 1)


@pytest.mark.parametrize("number", [0, 3, 7, 9, 11])
def test_killed_while_the_model_thinks_only_that_thought_is_paid_twice(tmp_path: Path, number: int) -> None:
    scenes: list[Scene] = []
    with ChatServer(answer(scenes, kill_at=number)) as server:
        scene = Scene(Place(tmp_path), server)
        scenes.append(scene)
        resumed = settled(scene, scene.begin())
        assert resumed.returncode == 0, resumed.stderr
        held_against_the_undisturbed(scene, resumed)
        assert len(server.requests) == CALLS + 1
