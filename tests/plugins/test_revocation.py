from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plugins import (
    Call,
    Context,
    Effect,
    FileEntry,
    Observation,
    Plugin,
    Prepared,
    Tool,
    Toolbox,
    ToolError,
    Workspace,
    tool,
)
from plugins._revocation import Written
from tests.plugins.nothing import Nothing

PATIENT = 10.0  # seconds; only a failing test waits so long


class SlowDesk(Workspace):
    """A workspace whose disk takes its time, once."""

    begun: threading.Event
    go_on: threading.Event

    def write(self, path: str, content: bytes, *, mode: int | None = None) -> FileEntry:
        self.begun.set()
        self.go_on.wait(PATIENT)
        return super().write(path, content, mode=mode)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "desk") as opened:
        yield opened


def context_of(workspace: Workspace, call: Call | None = None) -> Context:
    def no_call(tool: str, arguments: Mapping[str, Any]) -> Observation:
        raise ToolError("no tool can be called here")

    def person(question: str, choices: Sequence[str] = ()) -> str:
        raise ToolError("nobody is here", kind="no-person")

    def progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
        """Nobody looks."""

    nowhere = Nothing()
    return Context(
        workspace=workspace,
        artifacts=nowhere,
        notes=nowhere,
        ask=None,
        call=call or no_call,
        person=person,
        progress=progress,
    )


def box_of(*tools: Tool) -> Toolbox:
    return Toolbox([Plugin(name="own", origin="own.py", tools=tools)])


def outcome(box: Toolbox, name: str, workspace: Workspace, arguments: Mapping[str, Any] | None = None) -> Observation:
    """What comes of a call, whose nested calls are made like it."""
    prepared = box.prepare(name, arguments or {}, workspace)
    if isinstance(prepared, Observation):
        return prepared
    told: queue.Queue[Observation] = queue.Queue()

    def call(tool: str, arguments: Mapping[str, Any]) -> Observation:
        return outcome(box, tool, workspace, arguments)

    box.start(prepared, context_of(workspace, call), cut=1000, done=told.put)
    return told.get(timeout=PATIENT)


def changes(workspace: Workspace, function: Callable[[Context], object]) -> Observation:
    """What comes of a tool that does this with its context."""

    @tool(effect=Effect.WRITE)
    def work(context: Context) -> None:
        """Work."""
        function(context)

    return outcome(box_of(work), "work", workspace)


def test_a_file_whose_path_is_plain_text_is_told_as_written(workspace: Workspace) -> None:
    @tool(effect=Effect.WRITE)
    def save(name: str, *, context: Context) -> str:
        """Save.

        Args:
            name: Where.
        """
        context.workspace.write(name, b"x")
        return "saved"

    observation = outcome(box_of(save), "save", workspace, {"name": "./a/../笔记.md"})
    assert observation.ok
    assert observation.written == ("笔记.md",)


def test_what_was_written_is_told_once_in_the_order_of_the_first_change(workspace: Workspace) -> None:
    workspace.write("old.txt", b"")

    def work(context: Context) -> None:
        files = context.workspace
        files.write("b.txt", b"1")
        files.write("a.txt", b"1")
        files.write("./b.txt", b"2")
        files.delete(str(workspace.root / "old.txt"))
        files.move("a.txt", "deep/c.txt")
        files.read("b.txt")

    assert changes(workspace, work).written == ("b.txt", "a.txt", "old.txt", "deep/c.txt")


def test_a_moved_folder_stands_for_the_files_in_it(workspace: Workspace) -> None:
    for path in ("from/one", "from/deep/two", "other"):
        workspace.write(path, b"")

    def work(context: Context) -> None:
        context.workspace.move("from", "to")

    written = changes(workspace, work).written
    assert set(written[:2]) == {"from/one", "from/deep/two"}
    assert set(written[2:]) == {"to/one", "to/deep/two"}


def test_a_folder_that_is_removed_is_no_file_that_was_changed(workspace: Workspace) -> None:
    workspace.write("folder/file", b"")
    workspace.delete("folder/file")
    observation = changes(workspace, lambda context: context.workspace.delete("folder"))
    assert observation.ok
    assert observation.written == ()
    assert not workspace.exists("folder")


def test_a_change_that_was_refused_is_not_told_as_written(workspace: Workspace) -> None:
    workspace.write("taken", b"")
    workspace.write("also", b"")

    def work(context: Context) -> None:
        files = context.workspace
        for refused in (
            lambda: files.write("../out", b""),
            lambda: files.write("", b""),
            lambda: files.move("taken", "also"),
            lambda: files.move("missing", "new"),
            lambda: files.delete("missing"),
        ):
            with pytest.raises(ToolError):
                refused()

    observation = changes(workspace, work)
    assert observation.ok, observation.text
    assert observation.written == ()


def test_a_failed_call_tells_what_it_had_written_until_then(workspace: Workspace) -> None:
    def work(context: Context) -> None:
        context.workspace.write("half", b"")
        raise ZeroDivisionError

    observation = changes(workspace, work)
    assert not observation.ok
    assert observation.written == ("half",)


def test_a_call_that_timed_out_tells_what_it_had_written_until_then(workspace: Workspace) -> None:
    refused = queue.Queue[str]()

    @tool(effect=Effect.WRITE, timeout=0.1)
    def work(context: Context) -> None:
        """Work."""
        context.workspace.write("in-time", b"")
        context.cancel.wait(PATIENT)
        try:
            context.workspace.write("late", b"")
        except ToolError as error:
            refused.put(error.kind)

    observation = outcome(box_of(work), "work", workspace)
    assert observation.error is not None
    assert observation.error.kind == "timeout"
    assert observation.written == ("in-time",)
    assert refused.get(timeout=PATIENT) == "cancelled"


def test_a_write_still_on_its_way_when_its_call_is_given_up_is_told_too(tmp_path: Path) -> None:
    with SlowDesk.open(tmp_path / "desk") as desk:
        assert isinstance(desk, SlowDesk)
        desk.begun, desk.go_on = threading.Event(), threading.Event()

        @tool(effect=Effect.WRITE)
        def work(context: Context) -> None:
            """Work."""
            context.workspace.write("slow", b"")

        box = box_of(work)
        prepared = box.prepare("work", {}, desk)
        assert isinstance(prepared, Prepared)
        told: queue.Queue[Observation] = queue.Queue()
        running = box.start(prepared, context_of(desk), cut=1000, done=told.put)
        assert desk.begun.wait(PATIENT)
        running.cancel("enough")
        assert told.get(timeout=PATIENT).written == ("slow",)
        desk.go_on.set()


def test_a_tool_cannot_say_of_itself_what_it_has_written(workspace: Workspace) -> None:
    @tool(effect=Effect.WRITE)
    def boast() -> Observation:
        """Boast."""
        return Observation(ok=True, text="done", written=("never",))

    assert outcome(box_of(boast), "boast", workspace).written == ()


def test_each_call_tells_its_own_writes_and_not_those_made_from_inside(workspace: Workspace) -> None:
    inside = queue.Queue[Observation]()

    @tool(effect=Effect.WRITE)
    def inner(context: Context) -> None:
        """Write."""
        context.workspace.write("inner", b"")

    @tool(effect=Effect.WRITE)
    def outer(context: Context) -> Observation:
        """Write and call."""
        context.workspace.write("outer", b"")
        observation = context.call("inner", {})
        inside.put(observation)
        return observation

    assert outcome(box_of(inner, outer), "outer", workspace).written == ("outer",)
    assert inside.get(timeout=PATIENT).written == ("inner",)


def test_writes_of_many_threads_are_all_told(workspace: Workspace) -> None:
    def work(context: Context) -> None:
        writers = [
            threading.Thread(target=context.workspace.write, args=(f"file-{number}", b"")) for number in range(12)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(PATIENT)

    assert sorted(changes(workspace, work).written) == sorted(f"file-{number}" for number in range(12))


def test_of_two_changes_of_one_file_the_failed_one_does_not_unsay_the_other() -> None:
    written = Written()

    def fail(path: str, *, meanwhile: str) -> None:
        with written.changing({path: True}):
            with written.changing({meanwhile: True}):
                assert set(written.told()[0]) == {path, meanwhile}
            raise ToolError("no")

    for path in ("a", "b"):
        with pytest.raises(ToolError):
            fail(path, meanwhile="a")
        assert written.told() == (("a",), ())


def test_a_file_that_was_not_there_is_told_as_created(workspace: Workspace) -> None:
    for path in ("old", "gone", "moved", "replaced"):
        workspace.write(path, b"")

    def work(context: Context) -> None:
        files = context.workspace
        files.write("new", b"1")
        files.write("new", b"2")
        files.write("old", b"1")
        files.delete("gone")
        files.write("gone", b"again")
        files.move("moved", "goal")
        files.delete("replaced")
        files.move("old", "replaced")
        files.write("short", b"")
        files.delete("short")

    observation = changes(workspace, work)
    assert observation.written == ("new", "old", "gone", "moved", "goal", "replaced", "short")
    assert observation.created == ("new", "goal", "short")


def test_a_refused_change_says_nothing_of_whether_the_file_was_there() -> None:
    written = Written()
    for there, refuse in ((False, True), (True, False)):
        try:
            with written.changing({"a": there}):
                if refuse:
                    raise ToolError("no")
        except ToolError:
            pass
    assert written.told() == (("a",), ())


def test_a_tool_cannot_say_of_itself_what_it_has_created(workspace: Workspace) -> None:
    @tool(effect=Effect.WRITE)
    def boast() -> Observation:
        """Boast."""
        return Observation(ok=True, text="done", created=("never",))

    assert outcome(box_of(boast), "boast", workspace).created == ()
