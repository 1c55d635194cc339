from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plugins import (
    Artifact,
    Context,
    Cost,
    Effect,
    Found,
    Left,
    Newest,
    Observation,
    Remembered,
    Seen,
    Tool,
    ToolError,
    Workspace,
)
from plugins._guarded import guard
from plugins._revocation import Gate, Written


class World:
    """All that a context leads to; what reached it is kept."""

    def __init__(self) -> None:
        self.reached: list[Any] = []

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        self.reached.append((content, media_type, name))
        return Artifact(handle="h", path=Path(name), media_type=media_type, bytes=len(content), sha256="")

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        return self.put(handle.encode()), b""

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        self.reached.append((text, kind, replaces))
        return Remembered(id="1", state="new", namespace="n")

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        self.reached.append((query, count))
        return ()

    def newest(self, *, count: int = 20) -> Newest:
        self.reached.append(count)
        return Newest(notes=(), total=0)

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        self.reached.append((query, count))
        return ()

    def ask(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> str:
        self.reached.append((prompt, purpose, system, reply))
        return "yes"

    def call(self, tool: str, arguments: Mapping[str, Any]) -> Observation:
        self.reached.append((tool, arguments))
        return Observation(ok=True, text="called")

    def person(self, question: str, choices: Sequence[str] = ()) -> str:
        self.reached.append((question, choices))
        return "yes"

    @property
    def window(self) -> int | None:
        return 8_000

    def left(self) -> Left:
        return Left(calls=1, tokens=2, usd=None, seconds=3.0)

    def cost(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> Cost:
        self.reached.append((prompt, purpose, system, reply))
        return Cost(calls=1, tokens=reply, usd=None)

    def progress(self, text: str, *, done: float | None = None, total: float | None = None) -> None:
        self.reached.append((text, done, total))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "desk") as opened:
        opened.write("there", b"x")
        yield opened


def guarded(workspace: Workspace, world: World, effect: Effect = Effect.WRITE) -> Any:
    """A context as a tool has it, for calls that no type checker sees."""
    tool = Tool(name="own", description="Own.", effect=effect, function=dict, parameters={})
    context = Context(
        workspace=workspace,
        artifacts=world,
        notes=world,
        ask=world.ask,
        call=world.call,
        person=world.person,
        progress=world.progress,
        budget=world,
        parallel=3,
    )

    def pause() -> AbstractContextManager[None]:
        return nullcontext()

    return guard(context, tool, Gate(threading.Event()), pause, Written())


ODD: Sequence[tuple[Callable[[Any], object], str]] = [
    (lambda context: context.progress(None), "context.progress: text must be a str, not NoneType"),
    (lambda context: context.progress("x", done="a", total="b"), "context.progress: done must be a number, not str"),
    (lambda context: context.progress("x", done=1, total=True), "context.progress: total must be an int, not bool"),
    (lambda context: context.progress("x", done=float("nan")), "context.progress: done must be a finite number"),
    (lambda context: context.progress("x", total=10**400), "context.progress: total must be a number of at most 64"),
    (lambda context: context.ask(5, purpose="p"), "context.ask: prompt must be a str, not int"),
    (lambda context: context.ask("p", purpose=None), "context.ask: purpose must be a str"),
    (lambda context: context.ask("p", purpose="p", system=b"s"), "context.ask: system must be a str, not bytes"),
    (lambda context: context.ask("p", purpose="p", reply="9"), "context.ask: reply must be an int, not str"),
    (lambda context: context.ask("p", purpose="p", reply=0), "context.ask: reply must be at least 1, not 0"),
    (lambda context: context.budget.cost(5, purpose="p"), "context.budget.cost: prompt must be a str, not int"),
    (lambda context: context.budget.cost("p", purpose=1), "context.budget.cost: purpose must be a str, not int"),
    (lambda context: context.budget.cost("p", purpose="p", reply=0), "context.budget.cost: reply must be at least 1"),
    (lambda context: context.call(None, {}), "context.call: tool must be a str, not NoneType"),
    (lambda context: context.person(5), "context.person: question must be a str, not int"),
    (lambda context: context.person("q", "yes"), "context.person: choices must be a list or tuple of str, not str"),
    (lambda context: context.person("q", ["yes", 2]), "context.person: choices[1] must be a str, not int"),
    (lambda context: context.notes.remember(5), "context.notes.remember: text must be a str, not int"),
    (lambda context: context.notes.remember("t", kind=object()), "context.notes.remember: kind must be a str"),
    (
        lambda context: context.notes.remember("t", replaces=1),
        "context.notes.remember: replaces must be a str, not int",
    ),
    (lambda context: context.notes.seen(None), "context.notes.seen: query must be a str, not NoneType"),
    (lambda context: context.notes.seen("q", count=-1), "context.notes.seen: count must be at least 0, not -1"),
    (lambda context: context.notes.recall(None), "context.notes.recall: query must be a str, not NoneType"),
    (
        lambda context: context.notes.recall("q", kinds="fact"),
        "context.notes.recall: kinds must be a list or tuple of str",
    ),
    (lambda context: context.notes.recall("q", count="x"), "context.notes.recall: count must be an int, not str"),
    (lambda context: context.notes.recall("q", count=-1), "context.notes.recall: count must be at least 0, not -1"),
    (lambda context: context.artifacts.put("text"), "content must be bytes, not str; encode the text first"),
    (lambda context: context.artifacts.put(b"t", media_type=None), "context.artifacts.put: media_type must be a str"),
    (lambda context: context.artifacts.put(b"t", name=5), "context.artifacts.put: name must be a str, not int"),
    (lambda context: context.artifacts.get(5), "context.artifacts.get: handle must be a str, not int"),
    (lambda context: context.workspace.read(5), "a path must be a str, not int"),
    (lambda context: context.workspace.read("there", offset="1"), "context.workspace.read: offset must be an int"),
    (lambda context: context.workspace.read("there", limit=1.5), "context.workspace.read: limit must be an int"),
    (lambda context: context.workspace.write("new", "text"), "content must be bytes, not str; encode the text first"),
    (lambda context: context.workspace.write(Path("new"), b""), "a path must be a str, not PosixPath"),
    (lambda context: context.workspace.delete(None), "a path must be a str, not NoneType"),
    (lambda context: context.workspace.move("there", b"x"), "a path must be a str, not bytes"),
]


@pytest.mark.parametrize(("attempt", "words"), ODD)
def test_what_has_the_wrong_type_is_named_and_reaches_nothing(
    attempt: Callable[[Any], object], words: str, workspace: Workspace
) -> None:
    world = World()
    with pytest.raises((TypeError, ValueError)) as caught:
        attempt(guarded(workspace, world))
    assert words.replace("PosixPath", type(Path()).__name__) in str(caught.value)
    assert world.reached == []
    assert [entry.path for entry in workspace.list()] == ["there"]


def test_the_budget_and_the_parallel_of_the_run_are_seen_through_the_gate(workspace: Workspace) -> None:
    context = guarded(workspace, World())
    assert (context.budget.window, context.budget.left().tokens, context.parallel) == (8_000, 2, 3)
    assert context.budget.cost("p", purpose="p", reply=7).tokens == 7


def test_what_fits_arrives_as_plain_values_that_can_be_encoded(workspace: Workspace) -> None:
    class Loud(str):
        def __str__(self) -> str:
            return "something else"

    world = World()
    context = guarded(workspace, world)
    context.progress(Loud("half\ud800"), done=Fraction(1, 2), total=2)
    context.person("q", ["a"])
    context.artifacts.put(bytearray(b"t"), name="n")
    context.workspace.write("new", memoryview(b"bytes"))
    assert world.reached == [("half\ufffd", 0.5, 2), ("q", ("a",)), (b"t", "text/plain", "n")]
    assert type(world.reached[0][0]) is str
    assert workspace.read("new") == b"bytes"


def test_a_path_with_broken_text_is_refused_and_not_mended(workspace: Workspace) -> None:
    with pytest.raises(ToolError):
        guarded(workspace, World()).workspace.write("a\ud800", b"")


@pytest.mark.parametrize("effect", [Effect.READ, Effect.FETCH])
def test_a_tool_that_declares_no_change_changes_nothing(effect: Effect, workspace: Workspace) -> None:
    world = World()
    context = guarded(workspace, world, effect)
    attempts: list[Callable[[], object]] = [
        lambda: context.workspace.write("there", b"y"),
        lambda: context.workspace.delete("there"),
        lambda: context.workspace.move("there", "away"),
    ]
    for attempt in attempts:
        with pytest.raises(ToolError) as caught:
            attempt()
        declared = f"own declares the effect {effect.name}, so it may not change the workspace"
        assert caught.value.message == declared
        assert "Effect.WRITE" in (caught.value.hint or "")
    assert context.workspace.read("there") == b"x"
    context.artifacts.put(b"kept")
    context.notes.remember("noted")
    assert context.call("write_file", {}).text == "called"  # ruled on by itself
    assert len(world.reached) == 3


@pytest.mark.parametrize("effect", [Effect.WRITE, Effect.EXECUTE, Effect.SEND])
def test_a_tool_that_declares_a_change_may_make_it(effect: Effect, workspace: Workspace) -> None:
    files = guarded(workspace, World(), effect).workspace
    files.write("new", b"")
    files.move("new", "newer")
    files.delete("newer")
    assert [entry.path for entry in workspace.list()] == ["there"]


def test_what_a_call_gave_is_the_callers_own(workspace: Workspace) -> None:
    class Journaling(World):
        def call(self, tool: str, arguments: Mapping[str, Any]) -> Observation:
            self.reached.append({"names": ["a"]})
            return Observation(ok=True, text="t", value=self.reached[0])

    world = Journaling()
    observation = guarded(workspace, world).call("x", {})
    observation.value["names"].clear()
    assert world.reached == [{"names": ["a"]}]
