from __future__ import annotations

import asyncio
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from plugins import (
    Artifact,
    Context,
    Effect,
    Found,
    Newest,
    Observation,
    Plugin,
    Prepared,
    Remembered,
    Running,
    Seen,
    Tool,
    Toolbox,
    ToolError,
    Workspace,
    WorkspacePath,
    tool,
)
from plugins._crew import Crew
from plugins._deadlines import Deadlines
from plugins._running import PathLocks

PATIENT = 10.0  # seconds; only a failing test waits so long


class Kept:
    """Artifacts in memory."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        self.contents.append(content)
        handle = str(len(self.contents))
        return Artifact(handle=handle, path=Path(name), media_type=media_type, bytes=len(content), sha256="")

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        content = self.contents[int(handle) - 1]
        return Artifact(handle=handle, path=Path(), media_type="", bytes=len(content), sha256=""), content


class Memory:
    """Notes in memory."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        self.texts.append(text)
        return Remembered(id=text, state="new", namespace="n")

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        return [Found(id="1", text=one, score=1.0, kind="note", origin="tool", date="2024-01-01") for one in self.texts]

    def newest(self, *, count: int = 20) -> Newest:
        return Newest(notes=(), total=0)

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        return ()


@dataclass
class Desk:
    """What a call is made with, and what came of it."""

    workspace: Workspace
    artifacts: Kept = field(default_factory=Kept)
    notes: Memory = field(default_factory=Memory)
    told: queue.Queue[Observation] = field(default_factory=queue.Queue)
    shown: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    call: Callable[[str, Mapping[str, Any]], Observation] | None = None
    answer: Callable[[], str] = lambda: "yes"

    def context(self) -> Context:
        def ask(prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> str:
            self.asked.append(prompt)
            return self.answer()

        def call(tool: str, arguments: Mapping[str, Any]) -> Observation:
            assert self.call is not None
            return self.call(tool, arguments)

        def person(question: str, choices: Sequence[str] = ()) -> str:
            self.asked.append(question)
            return self.answer()

        def progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
            self.shown.append(text)

        return Context(
            workspace=self.workspace,
            artifacts=self.artifacts,
            notes=self.notes,
            ask=ask,
            call=call,
            person=person,
            progress=progress,
        )

    def start(
        self, box: Toolbox, name: str, arguments: Mapping[str, Any] | None = None, *, context: Context | None = None
    ) -> Running:
        call = box.prepare(name, arguments or {}, self.workspace)
        assert isinstance(call, Prepared), call
        return box.start(call, context or self.context(), cut=10_000, done=self.told.put)

    def end(self, box: Toolbox, name: str, arguments: Mapping[str, Any] | None = None) -> Observation:
        running = self.start(box, name, arguments)
        return self.told_of(running)

    def told_of(self, running: Running) -> Observation:
        """What came of the call, told exactly once."""
        observation = self.told.get(timeout=PATIENT)
        assert running.wait(PATIENT)
        running.cancel("too late")
        assert self.told.empty()
        return observation


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Workspace.open(tmp_path / "desk") as workspace:
        yield Desk(workspace)


def box_of(*functions: Callable[..., Any], **settings: Any) -> Toolbox:
    tools = tuple(one if isinstance(one, Tool) else tool(**settings)(one) for one in functions)
    return Toolbox([Plugin(name="own", origin="own.py", tools=tools)])


def kind_of(observation: Observation) -> str:
    assert not observation.ok
    assert observation.error is not None
    return observation.error.kind


def nesting(box: Toolbox, desk: Desk) -> Callable[[str, Mapping[str, Any]], Observation]:
    """What makes calls from inside a tool, as a run does."""

    def call(name: str, arguments: Mapping[str, Any]) -> Observation:
        prepared = box.prepare(name, arguments, desk.workspace)
        if isinstance(prepared, Observation):
            return prepared
        told: queue.Queue[Observation] = queue.Queue()
        box.start(prepared, desk.context(), cut=1000, done=told.put)
        return told.get(timeout=PATIENT)

    return call


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), RecursionError("deep")])
def test_whatever_a_tool_raises_ends_the_call_and_nothing_else(desk: Desk, error: BaseException) -> None:
    def leave() -> None:
        """Leave."""
        raise error

    observation = desk.end(box_of(leave), "leave")
    assert kind_of(observation) == "crash"
    assert observation.text.startswith(f"failed: {type(error).__name__}")
    assert observation.error is not None
    assert "Traceback" in (observation.error.detail or "")


def test_a_tool_may_be_async(desk: Desk) -> None:
    async def wait_a_little(text: str) -> str:
        """Wait.

        Args:
            text: What to say.
        """
        await asyncio.sleep(0)
        return text

    def hand_over(text: str) -> Awaitable[str]:
        """Hand over.

        Args:
            text: What to say.
        """
        return wait_a_little(text)

    box = box_of(wait_a_little, hand_over)
    assert desk.end(box, "wait_a_little", {"text": "世"}).text == "世"
    assert desk.end(box, "hand_over", {"text": "b"}).text == "b"


def test_an_async_tool_that_hangs_is_stopped_at_its_timeout(desk: Desk) -> None:
    stopped = threading.Event()

    async def hang() -> None:
        """Hang."""
        try:
            await asyncio.sleep(1000)
        finally:
            stopped.set()

    observation = desk.end(box_of(hang, timeout=0.05), "hang")
    assert kind_of(observation) == "timeout"
    assert stopped.wait(PATIENT)


def test_arguments_reach_the_function_as_they_were_annotated(desk: Desk) -> None:
    class Colour(Enum):
        RED = "red"

    def look(colour: Colour, place: tuple[float, float], path: WorkspacePath | None = None) -> str:
        """Look.

        Args:
            colour: Which.
            place: Where.
            path: In what.
        """
        return f"{colour!r} {place!r} {path!r}"

    look.__annotations__["colour"] = Colour
    box = box_of(look)
    assert desk.end(box, "look", {"colour": "RED", "place": [1, 2]}).text == "<Colour.RED: 'red'> (1.0, 2.0) None"
    observation = desk.end(box, "look", {"colour": "RED", "place": [1, 2], "path": "./a"})
    assert observation.text.endswith("'a'")


def test_a_call_that_hangs_is_given_up_at_its_timeout_and_its_context_taken_back(desk: Desk) -> None:
    go_on, tried = threading.Event(), threading.Event()
    refusals: list[str] = []

    def hang(context: Context) -> str:
        """Hang."""
        assert context.ask is not None
        assert go_on.wait(PATIENT)
        attempts: list[Callable[[], object]] = [
            lambda: context.workspace.write("late", b"x"),
            lambda: context.workspace.move("there", "late"),
            lambda: context.workspace.delete("there"),
            lambda: context.artifacts.put(b"x"),
            lambda: context.notes.remember("x"),
            lambda: context.ask and context.ask("x", purpose="x"),
            lambda: context.person("x"),
            lambda: context.call("x", {}),
        ]
        for attempt in attempts:
            try:
                attempt()
            except ToolError as error:
                refusals.append(error.kind)
        context.progress("late")
        assert context.cancelled
        assert context.workspace.read("there") == b"y"
        assert context.workspace.exists("there")
        assert [entry.path for entry in context.workspace.list()] == ["there"]
        tried.set()
        return "late"

    desk.workspace.write("there", b"y")
    running = desk.start(box_of(hang, timeout=0.05), "hang")
    observation = desk.told_of(running)
    assert kind_of(observation) == "timeout"
    assert observation.text == "timed out after 0.05 s"
    assert observation.seconds >= 0.05
    go_on.set()
    assert tried.wait(PATIENT)
    assert refusals == ["cancelled"] * 8
    assert (desk.shown, desk.asked, desk.notes.texts, desk.artifacts.contents) == ([], [], [], [])
    assert desk.told.empty()


def test_a_cancelled_call_ends_at_once_with_the_reason(desk: Desk) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(context: Context) -> None:
        """Work."""
        begun.set()
        assert context.cancel.wait(PATIENT)
        ended.set()

    running = desk.start(box_of(work), "work")
    assert begun.wait(PATIENT)
    running.cancel("the user stopped it")
    observation = desk.told_of(running)
    assert kind_of(observation) == "cancelled"
    assert observation.text == "cancelled: the user stopped it"
    assert ended.wait(PATIENT)


def test_a_call_with_a_cancelled_context_does_not_begin(desk: Desk) -> None:
    begun: list[int] = []

    def work() -> None:
        """Work."""
        begun.append(1)

    context = desk.context()
    context.cancel.set()
    running = desk.start(box_of(work), "work", context=context)
    assert kind_of(desk.told_of(running)) == "cancelled"
    assert begun == []


def test_what_a_tool_left_behind_can_change_nothing_after_its_result(desk: Desk) -> None:
    returned, refusals = threading.Event(), queue.Queue[str]()

    def leave_a_thread(context: Context) -> str:
        """Leave a thread."""

        def later() -> None:
            returned.wait(PATIENT)
            try:
                context.workspace.write("late", b"")
            except ToolError as error:
                refusals.put(error.message)

        threading.Thread(target=later, daemon=True).start()
        return "done"

    assert desk.end(box_of(leave_a_thread), "leave_a_thread").ok
    returned.set()
    assert "the call has ended" in refusals.get(timeout=PATIENT)
    assert not desk.workspace.exists("late")


def test_a_write_on_its_way_ends_before_the_call_is_told_as_given_up(desk: Desk) -> None:
    """The workspace's own write is slowed down by handing over a slow one of the same protocol."""

    begun, landed = threading.Event(), threading.Event()

    class Slow(Kept):
        def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
            begun.set()
            time.sleep(0.2)
            landed.set()
            return super().put(content)

    desk.artifacts = Slow()

    def keep(context: Context) -> None:
        """Keep."""
        context.artifacts.put(b"x")

    running = desk.start(box_of(keep), "keep")
    assert begun.wait(PATIENT)
    running.cancel("enough")
    assert landed.is_set()
    assert kind_of(desk.told_of(running)) == "cancelled"


def test_the_context_is_whole_while_the_call_runs(desk: Desk) -> None:
    desk.call = lambda name, arguments: Observation(ok=True, text=f"{name} {dict(arguments)}")

    def everything(context: Context) -> list[Any]:
        """Do everything."""
        files = context.workspace
        files.write("a", b"one")
        files.move("a", "b")
        found = [files.path("./b"), files.entry("b").bytes, files.sha256("b"), files.root.name]
        files.delete("b")
        assert context.ask is not None
        context.notes.remember("n")
        context.progress("half", done=1, total=2)
        handle = context.artifacts.put(b"k").handle
        return [
            *found,
            context.artifacts.get(handle)[1].decode(),
            context.notes.recall("n")[0].text,
            context.ask("q", purpose="p"),
            context.person("w"),
            context.call("x", {"a": 1}).text,
            context.cancelled,
        ]

    got = desk.end(box_of(everything), "everything").value
    assert got[:2] == ["b", 3]
    assert got[3:] == ["desk", "k", "n", "yes", "yes", "x {'a': 1}", False]
    assert desk.shown == ["half"]


def test_without_a_model_to_ask_there_is_none_behind_the_gate_either(desk: Desk) -> None:
    def look(context: Context) -> bool:
        """Look."""
        return context.ask is None

    running = desk.start(box_of(look), "look", context=replace(desk.context(), ask=None))
    assert desk.told_of(running).value is True


def test_a_second_writer_of_a_path_waits_and_others_do_not(desk: Desk) -> None:
    inside, go_on = queue.Queue[str](), threading.Event()

    def write(path: WorkspacePath, wait: bool) -> str:
        """Write.

        Args:
            path: Where.
            wait: Wait first.
        """
        inside.put(path)
        if wait:
            assert go_on.wait(PATIENT)
        return path

    box = box_of(write, effect=Effect.WRITE)
    first = desk.start(box, "write", {"path": "a/b.txt", "wait": True})
    assert inside.get(timeout=PATIENT) == "a/b.txt"
    waiting = [desk.start(box, "write", {"path": path, "wait": False}) for path in ("A/B.TXT", "a", "")]
    other = desk.start(box, "write", {"path": "a/c.txt", "wait": False})
    assert inside.get(timeout=PATIENT) == "a/c.txt"
    assert desk.told.get(timeout=PATIENT).text == "a/c.txt"
    assert inside.empty()
    go_on.set()
    for running in (first, *waiting, other):
        assert running.wait(PATIENT)
    assert sorted(desk.told.get(timeout=PATIENT).text for _ in range(4)) == ["", "A/B.TXT", "a", "a/b.txt"]


def test_a_reader_waits_for_nobody(desk: Desk) -> None:
    begun, go_on = threading.Event(), threading.Event()

    @tool(effect=Effect.WRITE)
    def write(path: WorkspacePath) -> None:
        """Write.

        Args:
            path: Where.
        """
        begun.set()
        assert go_on.wait(PATIENT)

    @tool(effect=Effect.READ)
    def read(path: WorkspacePath) -> str:
        """Read.

        Args:
            path: Where.
        """
        return "read"

    box = box_of(write, read)
    writing = desk.start(box, "write", {"path": "a"})
    assert begun.wait(PATIENT)
    assert desk.end(box, "read", {"path": "a"}).text == "read"
    go_on.set()
    assert desk.told_of(writing).ok


def test_a_hung_writer_lets_its_paths_go_at_its_timeout(desk: Desk) -> None:
    hanging, go_on = threading.Event(), threading.Event()

    def write(path: WorkspacePath) -> str:
        """Write.

        Args:
            path: Where.
        """
        if hanging.is_set():
            return "written"
        hanging.set()
        assert go_on.wait(PATIENT)
        return "late"

    box = box_of(write, effect=Effect.WRITE, timeout=0.1)
    desk.start(box, "write", {"path": "a"})
    assert hanging.wait(PATIENT)
    second = desk.start(box, "write", {"path": "a"})
    assert kind_of(desk.told.get(timeout=PATIENT)) == "timeout"
    assert desk.told_of(second).text == "written"
    go_on.set()


def test_a_writer_that_is_cancelled_while_it_waits_never_begins(desk: Desk) -> None:
    begun, go_on = queue.Queue[str](), threading.Event()

    def write(path: WorkspacePath, name: str) -> str:
        """Write.

        Args:
            path: Where.
            name: Who.
        """
        begun.put(name)
        assert go_on.wait(PATIENT)
        return name

    box = box_of(write, effect=Effect.WRITE)
    first = desk.start(box, "write", {"path": "a", "name": "first"})
    assert begun.get(timeout=PATIENT) == "first"
    second = desk.start(box, "write", {"path": "a", "name": "second"})
    second.cancel("not needed")
    assert kind_of(desk.told_of(second)) == "cancelled"
    go_on.set()
    assert desk.told_of(first).text == "first"
    third = desk.start(box, "write", {"path": "a", "name": "third"})
    assert desk.told_of(third).text == "third"
    assert begun.get(timeout=PATIENT) == "third"


def test_a_writer_may_call_another_writer_of_the_same_path_and_its_clock_stands_still(desk: Desk) -> None:
    @tool(effect=Effect.WRITE)
    def inner(path: WorkspacePath, *, context: Context) -> str:
        """Write.

        Args:
            path: Where.
        """
        time.sleep(0.3)
        context.workspace.write(path, b"inner")
        return "inner"

    @tool(effect=Effect.WRITE, timeout=0.2)
    def outer(path: WorkspacePath, *, context: Context) -> str:
        """Write and call.

        Args:
            path: Where.
        """
        context.workspace.write(path, b"outer")
        return context.call("inner", {"path": path}).text + context.workspace.read(path).decode()

    box = box_of(inner, outer)

    def call(name: str, arguments: Mapping[str, Any]) -> Observation:
        prepared = box.prepare(name, arguments, desk.workspace)
        assert isinstance(prepared, Prepared)
        told: queue.Queue[Observation] = queue.Queue()
        box.start(prepared, desk.context(), cut=1000, done=told.put)
        return told.get(timeout=PATIENT)

    desk.call = call
    assert desk.end(box, "outer", {"path": "a"}).text == "innerinner"


def test_a_call_made_from_inside_a_tool_ends_with_it(desk: Desk) -> None:
    begun, refused = threading.Event(), queue.Queue[str]()

    @tool
    def inner(context: Context) -> None:
        """Hang."""
        begun.set()
        assert context.cancel.wait(PATIENT)
        try:
            context.workspace.write("late", b"")
        except ToolError as error:
            refused.put(error.kind)

    @tool
    def outer(context: Context) -> None:
        """Call."""
        context.call("inner", {})

    box = box_of(inner, outer)
    inside: queue.Queue[Observation] = queue.Queue()

    def call(name: str, arguments: Mapping[str, Any]) -> Observation:
        prepared = box.prepare(name, arguments, desk.workspace)
        assert isinstance(prepared, Prepared)
        box.start(prepared, desk.context(), cut=1000, done=inside.put)
        observation = inside.get(timeout=PATIENT)
        inside.put(observation)
        return observation

    desk.call = call
    running = desk.start(box, "outer")
    assert begun.wait(PATIENT)
    running.cancel("enough")
    assert kind_of(desk.told_of(running)) == "cancelled"
    assert refused.get(timeout=PATIENT) == "cancelled"
    assert inside.get(timeout=PATIENT).text == "cancelled: the call that made it has ended"
    assert not desk.workspace.exists("late")


def test_a_call_made_by_a_tool_that_was_given_up_meanwhile_does_not_begin(desk: Desk) -> None:
    asked, go_on = threading.Event(), threading.Event()
    came: queue.Queue[Observation] = queue.Queue()

    @tool
    def inner() -> None:
        """Do nothing."""

    @tool
    def outer(context: Context) -> None:
        """Call."""
        context.call("inner", {})

    box = box_of(inner, outer)

    def call(name: str, arguments: Mapping[str, Any]) -> Observation:
        asked.set()
        assert go_on.wait(PATIENT)
        prepared = box.prepare(name, arguments, desk.workspace)
        assert isinstance(prepared, Prepared)
        box.start(prepared, desk.context(), cut=1000, done=came.put)
        observation = came.get(timeout=PATIENT)
        came.put(observation)
        return observation

    desk.call = call
    running = desk.start(box, "outer")
    assert asked.wait(PATIENT)
    running.cancel("enough")
    assert kind_of(desk.told_of(running)) == "cancelled"
    go_on.set()
    assert kind_of(came.get(timeout=PATIENT)) == "cancelled"


def test_a_tool_that_calls_itself_for_ever_is_refused_below_the_eighth_call(desk: Desk) -> None:
    refusals = queue.Queue[Observation]()
    made: list[str] = []

    @tool
    def again(context: Context) -> str:
        """Call itself."""
        made.append("again")
        observation = context.call("again", {})
        if observation.error is not None:
            refusals.put(observation)
        return "done"

    box = box_of(again)
    desk.call = nesting(box, desk)
    assert desk.end(box, "again").ok
    refused = refusals.get(timeout=PATIENT)
    assert kind_of(refused) == "depth"
    assert refused.text.startswith('"again" was not called: at most 8 calls within calls are made\nhint: ')
    assert refusals.empty()
    assert len(made) == 9
    assert isinstance(box.prepare("again", {}, desk.workspace), Prepared)  # the run itself is at no depth


def test_every_call_within_calls_ends_with_the_outermost_and_is_told_of_before_it(desk: Desk) -> None:
    deepest = threading.Event()
    told: list[int] = []

    @tool
    def descend(left: int, *, context: Context) -> None:
        """Go down, and hang.

        Args:
            left: How far.
        """
        if left:
            context.call("descend", {"left": left - 1})
        deepest.set()
        context.cancel.wait(PATIENT)

    box = box_of(descend)

    def call(name: str, arguments: Mapping[str, Any]) -> Observation:
        prepared = box.prepare(name, arguments, desk.workspace)
        assert isinstance(prepared, Prepared)
        came: queue.Queue[Observation] = queue.Queue()

        def done(observation: Observation) -> None:
            assert observation.text == "cancelled: the call that made it has ended"
            told.append(prepared.arguments["left"])
            came.put(observation)
            raise ValueError("the listener broke")

        box.start(prepared, desk.context(), cut=1000, done=done)
        return came.get(timeout=PATIENT)

    desk.call = call
    running = desk.start(box, "descend", {"left": 8})
    assert deepest.wait(PATIENT)
    with pytest.raises(ValueError, match="listener"):
        running.cancel("enough")
    assert told == list(range(8))
    assert desk.told_of(running).text == "cancelled: enough"


def test_the_clock_goes_on_after_the_human_has_answered(desk: Desk) -> None:
    def slow() -> str:
        time.sleep(0.3)
        return "yes"

    desk.answer = slow

    def ask_and_hang(context: Context) -> None:
        """Ask."""
        context.person("may I?")
        context.progress("answered")
        context.cancel.wait(PATIENT)

    observation = desk.end(box_of(ask_and_hang, timeout=0.2), "ask_and_hang")
    assert kind_of(observation) == "timeout"
    assert desk.shown == ["answered"]
    assert observation.seconds >= 0.3


def test_an_answer_that_comes_after_the_call_was_given_up_is_refused(desk: Desk) -> None:
    asked, go_on, ended = threading.Event(), threading.Event(), queue.Queue[str]()

    def slow() -> str:
        asked.set()
        assert go_on.wait(PATIENT)
        return "yes"

    desk.answer = slow

    def ask(path: WorkspacePath, *, context: Context) -> None:
        """Ask.

        Args:
            path: Where.
        """
        try:
            context.person("may I?")
        except ToolError as error:
            ended.put(error.kind)

    running = desk.start(box_of(ask, effect=Effect.WRITE), "ask", {"path": "a"})
    assert asked.wait(PATIENT)
    running.cancel("enough")
    assert kind_of(desk.told_of(running)) == "cancelled"
    go_on.set()
    assert ended.get(timeout=PATIENT) == "cancelled"


def test_a_timeout_without_end_is_allowed(desk: Desk) -> None:
    def work() -> None:
        """Work."""

    assert desk.end(box_of(work, timeout=float("inf")), "work").ok


def test_a_done_that_fails_is_still_called_only_once_and_the_call_counts_as_ended(desk: Desk) -> None:
    def work(context: Context) -> None:
        """Work."""
        context.cancel.wait(PATIENT)

    told: list[Observation] = []

    def done(observation: Observation) -> None:
        told.append(observation)
        raise ValueError("the listener broke")

    box = box_of(work)
    call = box.prepare("work", {}, desk.workspace)
    assert isinstance(call, Prepared)
    running = box.start(call, desk.context(), cut=100, done=done)
    with pytest.raises(ValueError, match="listener"):
        running.cancel("stop")
    assert running.wait(PATIENT)
    running.cancel("again")
    assert len(told) == 1


def test_locks_are_taken_all_at_once_and_in_any_order() -> None:
    locks = PathLocks()
    turns: list[int] = []

    def work(number: int, paths: list[str]) -> None:
        for _ in range(50):
            assert locks.take(paths, bool)
            turns.append(number)
            locks.give(paths)

    threads = [
        threading.Thread(target=work, args=(number, paths)) for number, paths in enumerate((["a", "b"], ["b", "a"]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENT)
    assert len(turns) == 100


def test_no_thread_of_ours_holds_the_exit() -> None:
    code = (
        "import time, pathlib, tempfile\n"
        "from plugins import *\n"
        "@tool\n"
        "def hang():\n"
        "    'Hang.'\n"
        "    time.sleep(1000)\n"
        "box = Toolbox([Plugin(name='own', origin='own', tools=(hang,))])\n"
        "with tempfile.TemporaryDirectory() as folder, Workspace.open(pathlib.Path(folder)) as files:\n"
        "    nothing = lambda *a, **k: None\n"
        "    functions = dict.fromkeys(['call', 'person', 'progress'], nothing)\n"
        "    context = Context(workspace=files, artifacts=None, notes=None, ask=None, **functions)\n"
        "    box.start(box.prepare('hang', {}, files), context, cut=100, done=print)\n"
    )
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert time.monotonic() - began < 30
    assert ended.stderr == ""


@dataclass
class Percent:
    value: int

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 100:
            raise ValueError(f"{self.value} is no percentage")


def test_an_argument_that_its_own_class_refuses_is_an_argument_error(desk: Desk) -> None:
    def grade(percent: Percent, names: set[Any] | None = None) -> int:
        """Grade.

        Args:
            percent: How much.
            names: Whose.
        """
        return percent.value

    grade.__annotations__["percent"] = Percent
    box = box_of(grade)
    assert desk.end(box, "grade", {"percent": {"value": 50}}).value == 50
    observation = desk.end(box, "grade", {"percent": {"value": 101}})
    assert kind_of(observation) == "arguments"
    assert observation.text.startswith('argument "percent" does not fit: 101 is no percentage')
    unhashable = desk.end(box, "grade", {"percent": {"value": 1}, "names": [["a"]]})
    assert kind_of(unhashable) == "arguments"
    assert unhashable.text.startswith('argument "names" does not fit')


def test_what_a_tool_does_to_its_arguments_changes_nothing_that_was_approved(desk: Desk) -> None:
    def empty(names: list[str]) -> int:
        """Empty.

        Args:
            names: What.
        """
        names.clear()
        return len(names)

    box = box_of(empty)
    call = box.prepare("empty", {"names": ["a"]}, desk.workspace)
    assert isinstance(call, Prepared)
    running = box.start(call, desk.context(), cut=100, done=desk.told.put)
    assert desk.told_of(running).value == 0
    assert call.arguments == {"names": ["a"]}


def test_an_exception_that_cannot_be_told_still_ends_its_call_at_once(desk: Desk) -> None:
    class Odd(BaseException):
        def __str__(self) -> str:
            raise SystemExit(0)

    class Half(ToolError):
        def __init__(self) -> None:
            """Without the rest."""

    failures: list[BaseException] = [
        ToolError("wrong", hint=42),  # type: ignore[arg-type]  # authors are not held to types
        ToolError(None, kind=None),  # type: ignore[arg-type]  # the same
        Odd(),
        Half(),
    ]

    def fail() -> None:
        """Fail."""
        raise failures.pop(0)

    box = box_of(fail, timeout=PATIENT)
    observations = [desk.end(box, "fail") for _ in range(4)]
    assert [one.text for one in observations] == ["wrong\nhint: 42", "None", "failed: Odd", "Half"]
    assert [kind_of(one) for one in observations] == ["tool", "tool", "crash", "tool"]


def test_an_observation_that_does_not_fit_is_a_crash_of_its_call(desk: Desk) -> None:
    def boast() -> Observation:
        """Boast."""
        return Observation(ok=True, text="t", artifacts=["x"])  # type: ignore[arg-type]  # the same

    observation = desk.end(box_of(boast), "boast")
    assert kind_of(observation) == "crash"
    assert "artifacts[0] must be an Artifact" in observation.text


def test_a_call_whose_clock_cannot_be_started_is_told_all_the_same(desk: Desk) -> None:
    class Exhausted(Deadlines):
        def add(self, seconds: float, expire: Callable[[], object]) -> Any:
            raise RuntimeError("can't start new thread")

    def work() -> None:
        """Work."""

    made = tool(work)
    running = Running(
        made,
        {},
        desk.context(),
        paths=(),
        locks=PathLocks(),
        deadlines=Exhausted(),
        crew=Crew(),
        here=threading.local(),
        cut=1000,
        done=desk.told.put,
    )
    running.begin()
    assert kind_of(desk.told_of(running)) == "crash"
