from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import plugins
from plugins import (
    BUILT_IN,
    Artifact,
    Context,
    Effect,
    Found,
    Newest,
    Observation,
    PathState,
    Plugin,
    Prepared,
    Refuse,
    Remembered,
    Seen,
    Tool,
    Toolbox,
    ToolError,
    Workspace,
    WorkspacePath,
    tool,
)


class Kept:
    """Artifacts in memory."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        digest = hashlib.sha256(content).hexdigest()
        self.contents[digest] = content
        return Artifact(handle=digest, path=Path(name), media_type=media_type, bytes=len(content), sha256=digest)

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        return self.put(self.contents[handle]), self.contents[handle]


class Memory:
    """Notes in memory."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        self.texts.append(text)
        return Remembered(id=str(len(self.texts)), state="new", namespace="n")

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        return [Found(id="1", text=one, score=1.0, kind="note", origin="tool", date="2024-01-01") for one in self.texts]

    def newest(self, *, count: int = 20) -> Newest:
        return Newest(notes=(), total=0)

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        return ()


def context_of(workspace: Workspace, **given: Any) -> Context:
    def call(tool: str, arguments: Mapping[str, Any]) -> Observation:
        raise ToolError("no tool can be called here")

    def person(question: str, choices: Sequence[str] = ()) -> str:
        raise ToolError("nobody is here", kind="no-person")

    def progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
        """Nobody looks."""

    parts: dict[str, Any] = {
        "workspace": workspace,
        "artifacts": Kept(),
        "notes": Memory(),
        "ask": None,
        "call": call,
        "person": person,
        "progress": progress,
    }
    return Context(**{**parts, **given})


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "desk") as opened:
        yield opened


def toolbox_of(*tools: Tool, **fields: Any) -> Toolbox:
    return Toolbox([Plugin(name="own", origin="own.py", tools=tools, **fields)])


def prepared(box: Toolbox, name: str, arguments: Mapping[str, Any], workspace: Workspace) -> Prepared:
    found = box.prepare(name, arguments, workspace)
    assert isinstance(found, Prepared), found
    return found


def refused(box: Toolbox, name: str, arguments: Any, workspace: Workspace) -> tuple[str, str]:
    found = box.prepare(name, arguments, workspace)
    assert isinstance(found, Observation)
    assert found.error is not None
    assert not found.ok
    return found.error.kind, found.text


def outcome(box: Toolbox, call: Prepared, context: Context, cut: int = 10_000) -> Observation:
    """What came of a call; that it is told exactly once is seen to by asking again."""
    told: queue.Queue[Observation] = queue.Queue()
    running = box.start(call, context, cut=cut, done=told.put)
    found = told.get(timeout=10)
    assert running.wait(10)
    running.cancel("too late")
    assert told.empty()
    return found


@tool(effect=Effect.READ, aliases=("lies", "读文件"))
def read_file(path: WorkspacePath, *, context: Context) -> str:
    """Read a file.

    Args:
        path: The file.
    """
    assert isinstance(path, WorkspacePath)
    return context.workspace.read(path).decode()


def will_hold(arguments: Mapping[str, Any], old: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
    return {arguments["path"]: arguments["text"].encode()}


@tool(
    effect=Effect.WRITE,
    after=will_hold,
)
def write_file(path: WorkspacePath, text: str, *, context: Context) -> str:
    """Write a file.

    Args:
        path: The file.
        text: Its new content.
    """
    context.workspace.write(path, text.encode())
    return "written"


@tool(effect=Effect.WRITE)
def touch_all(paths: list[WorkspacePath]) -> None:
    """Touch.

    Args:
        paths: What.
    """


def test_the_face_and_its_list_of_names_agree() -> None:
    for name in plugins.__all__:  # some are loaded when they are asked for
        getattr(plugins, name)
    names = {name for name in vars(plugins) if not name.startswith("_") and name != "TYPE_CHECKING"}
    submodules = {name for name in names if isinstance(getattr(plugins, name), type(plugins))}
    assert names - submodules == set(plugins.__all__)
    for name in ("tool", "Context", "Effect", "ToolError", "Toolbox", "Workspace"):
        assert name in plugins.__all__


def test_tools_are_found_by_name_and_listed_in_order() -> None:
    box = toolbox_of(write_file, read_file)
    assert list(box.tools) == ["read_file", "write_file"]
    assert box.get("read_file").function is read_file.function
    assert box.get("read_file").origin == "own"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("reed_file", "did you mean read_file?"),
        ("file-read", "did you mean read_file?"),
        ("READ_FILE", "did you mean read_file?"),
        ("Lies", "did you mean read_file?"),
        ("读文件", "did you mean read_file?"),
        ("zzz", "use one of the tools that you were told of"),
        ("x" * 1_000_000, "use one of the tools that you were told of"),
        ("\ud800\0", "use one of the tools that you were told of"),
    ],
)
def test_an_unknown_tool_is_refused_with_the_nearest_names(name: str, hint: str, workspace: Workspace) -> None:
    box = toolbox_of(read_file, write_file)
    with pytest.raises(ToolError) as caught:
        box.get(name)
    assert caught.value.kind == "unknown-tool"
    assert (caught.value.hint or "").startswith(hint)
    kind, text = refused(box, name, {}, workspace)
    assert kind == "unknown-tool"
    assert hint in text
    assert len(text) < 500
    text.encode()


def test_the_second_plugin_that_brings_a_name_is_listed_with_that_fault() -> None:
    stranger = Plugin(name="stranger", origin="s.py", tools=(read_file,), observers=(print,))
    box = Toolbox([stranger, Plugin(name="files", origin=BUILT_IN, tools=(read_file, write_file))])
    files, second = box.plugins
    assert (files.name, files.fault) == ("files", None)
    assert second.fault == "s.py: the tool read_file is already brought by the plugin files"
    assert (second.tools, second.observers) == ((), ())
    assert box.get("read_file").origin == "files"


def test_a_plugin_with_two_tools_of_one_name_does_not_load() -> None:
    box = toolbox_of(read_file, read_file)
    assert box.plugins[0].fault == "own.py: two of its tools are called read_file"
    assert box.tools == {}


@pytest.mark.parametrize(
    "name", ["finish", "submit_plan", "delegate", "find_tools", "call_tool", "run_check", "Finish"]
)
def test_a_plugin_whose_tool_has_a_name_of_the_loops_own_does_not_load(name: str) -> None:
    box = toolbox_of(read_file, tool(name=name)(touch_all.function))
    fault = f"own.py: no tool can be called {name}: thinkact itself has it; give it another name"
    assert box.plugins[0].fault == fault
    assert box.tools == {}


def test_a_plugin_that_did_not_load_brings_nothing() -> None:
    box = toolbox_of(read_file, fault="own.py:3: broken")
    assert box.plugins[0].fault == "own.py:3: broken"
    assert box.plugins[0].tools == ()
    assert box.tools == {}


def test_a_model_is_told_of_every_tool_without_our_mark_on_paths() -> None:
    told = toolbox_of(touch_all, read_file).describe()
    assert [one["name"] for one in told] == ["read_file", "touch_all"]
    assert told[0] == {
        "name": "read_file",
        "description": "Read a file.",
        "parameters": {
            "type": "object",
            "properties": {"path": {"type": "string", "description": "The file."}},
            "required": ["path"],
            "additionalProperties": False,
        },
        "aliases": ("lies", "读文件"),
        "effect": "read",
    }
    assert "workspace-path" not in json.dumps(told)


def test_a_call_is_prepared_with_final_arguments_and_their_hash(workspace: Workspace) -> None:
    box = toolbox_of(write_file)
    one = prepared(box, "write_file", {"text": 3, "path": "./a/../b.txt"}, workspace)
    other = prepared(box, "write_file", {"path": "b.txt", "text": "3"}, workspace)
    assert one.arguments == {"path": "b.txt", "text": "3"}
    assert one.arguments_hash == other.arguments_hash
    assert len(one.arguments_hash) == 32
    assert one.paths == ("b.txt",)
    assert (one.edited, one.reason) == (False, "")
    third = prepared(box, "write_file", {"path": "b.txt", "text": "4\ud800\0"}, workspace)
    assert third.arguments_hash != one.arguments_hash


def test_arguments_that_do_not_fit_make_a_failed_observation(workspace: Workspace) -> None:
    box = toolbox_of(read_file)
    kind, text = refused(box, "read_file", {"path": "../x"}, workspace)
    assert kind == "arguments"
    assert 'argument "path"' in text
    assert refused(box, "read_file", ["a"], workspace)[0] == "arguments"


def test_a_schema_that_cannot_be_read_makes_a_failed_observation(workspace: Workspace) -> None:
    odd = Tool(
        name="odd",
        description="Odd.",
        effect=Effect.SEND,
        function=dict,
        parameters={"properties": {"a": {"anyOf": 5}}},
    )
    kind, text = refused(toolbox_of(odd), "odd", {"a": 1}, workspace)
    assert kind == "crash"
    assert '"odd"' in text


def test_a_hook_may_edit_the_arguments_and_they_are_fitted_again(workspace: Workspace) -> None:
    def rename(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**arguments, "path": "./c/../safe.txt", "text": 7}

    def look(name: str, arguments: Mapping[str, Any]) -> Any:
        assert arguments == {"path": "safe.txt", "text": "7"}

    def in_place(name: str, arguments: Mapping[str, Any]) -> Any:
        assert isinstance(arguments, dict)
        arguments["text"] = "8"

    box = toolbox_of(write_file, before_call=(rename, look, in_place))
    call = prepared(box, "write_file", {"path": "a", "text": "b"}, workspace)
    assert call.arguments == {"path": "safe.txt", "text": "8"}
    assert call.edited
    assert call.reason == (
        "edited by the before_call hook rename of the plugin own and the before_call hook in_place of the plugin own"
    )
    same = Prepared(tool=call.tool, arguments=call.arguments, arguments_hash=call.arguments_hash)
    assert prepared(toolbox_of(write_file), "write_file", call.arguments, workspace) == same


def raising(error: BaseException) -> Callable[[str, Mapping[str, Any]], Mapping[str, Any]]:
    def hook(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        raise error

    return hook


def returning(edited: Any) -> Callable[[str, Mapping[str, Any]], Any]:
    def hook(name: str, arguments: Mapping[str, Any]) -> Any:
        return edited

    return hook


@pytest.mark.parametrize(
    ("hook", "kind", "words"),
    [
        (raising(Refuse("not on sundays")), "denied", "refused by the before_call hook hook of the plugin own: not on"),
        (
            raising(ToolError("rather not")),
            "tool",
            "stopped by the before_call hook hook of the plugin own: rather not",
        ),
        (raising(KeyboardInterrupt()), "crash", "plugin own failed: KeyboardInterrupt"),
        (raising(GeneratorExit()), "crash", "plugin own failed: GeneratorExit"),
        (raising(ZeroDivisionError("ah")), "crash", "plugin own failed: ZeroDivisionError: ah"),
        (raising(SystemExit(0)), "crash", "plugin own failed: SystemExit: 0"),
        (raising(CancelledError()), "crash", "plugin own failed: CancelledError"),
        (
            returning({"path": "../x", "text": ""}),
            "crash",
            'hook hook of the plugin own returned arguments that the tool does not take: argument "path"',
        ),
        (returning({"path": "a", "text": "b", "extra": 1}), "crash", 'does not take: unknown argument "extra"'),
        (returning(5), "crash", "does not take: the arguments must be an object"),
    ],
)
def test_a_hook_that_refuses_or_fails_makes_a_failed_observation(
    hook: Any, kind: str, words: str, workspace: Workspace
) -> None:
    box = toolbox_of(write_file, before_call=(hook,))
    got_kind, text = refused(box, "write_file", {"path": "a", "text": "b"}, workspace)
    assert got_kind == kind
    assert words in text


@pytest.mark.parametrize("error", [KeyboardInterrupt(), GeneratorExit(), SystemExit(3)])
def test_whatever_an_observer_or_an_after_raises_is_its_failure(error: BaseException, workspace: Workspace) -> None:
    def observer(event: dict[str, Any]) -> None:
        raise error

    def after(arguments: Mapping[str, Any], old: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
        raise error

    box = toolbox_of(tool(effect=Effect.WRITE, after=after)(touch_all.function), observers=(observer,))
    (fault,) = box.tell({"kind": "thought"})
    assert fault.startswith(f"plugin own: observer observer failed: {type(error).__name__}")
    call = prepared(box, "touch_all", {"paths": ["a"]}, workspace)
    assert box.states(call, workspace) == ([PathState(path="a", sha256=None)], None)


def test_a_tool_error_of_a_hook_whose_fields_are_no_text_ends_nothing(workspace: Workspace) -> None:
    broken = ToolError("wrong")
    broken.hint = 42  # type: ignore[assignment]  # authors are not held to types
    for error in (ToolError(7, hint=42), broken):  # type: ignore[arg-type]  # the same
        kind, text = refused(
            toolbox_of(read_file, before_call=(raising(error),)), "read_file", {"path": "a"}, workspace
        )
        assert kind == "tool"
        assert text.endswith("hint: 42")


def test_what_an_after_does_to_its_arguments_changes_nothing_that_was_approved(workspace: Workspace) -> None:
    def after(arguments: Mapping[str, Any], old: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
        arguments["paths"].clear()
        return {}

    box = toolbox_of(tool(effect=Effect.WRITE, after=after)(touch_all.function))
    call = prepared(box, "touch_all", {"paths": ["a"]}, workspace)
    assert box.states(call, workspace)[1] == {}
    assert call.arguments == {"paths": ["a"]}


def test_an_after_that_hangs_keeps_a_call_from_its_intent_once_and_not_for_long(workspace: Workspace) -> None:
    asked: list[Any] = []

    def after(arguments: Mapping[str, Any], old: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
        asked.append(arguments)
        threading.Event().wait(10)
        return {}

    hanging = tool(effect=Effect.WRITE, after=after)(touch_all.function)
    box = Toolbox([Plugin(name="own", origin="own.py", tools=(hanging, write_file))], patience=0.05)
    call = prepared(box, "touch_all", {"paths": ["a"]}, workspace)
    began = time.monotonic()
    for _ in range(3):
        assert box.states(call, workspace) == ([PathState(path="a", sha256=None)], None)
    assert time.monotonic() - began < 5
    assert asked == [{"paths": ["a"]}]
    other = prepared(box, "write_file", {"path": "a", "text": "one"}, workspace)
    assert box.states(other, workspace)[1] == {"a": hashlib.sha256(b"one").hexdigest()}


def test_hooks_and_observers_of_a_toolbox_are_under_its_clock(workspace: Workspace) -> None:
    def hang(*given: Any) -> Any:
        threading.Event().wait(10)

    plugin = Plugin(name="own", origin="own.py", tools=(read_file,), before_call=(hang,), observers=(hang,))
    box = Toolbox([plugin], patience=0.05)
    began = time.monotonic()
    kind, text = refused(box, "read_file", {"path": "a"}, workspace)
    assert (kind, "hook hang of the plugin own did not end within 0.05 s" in text) == ("crash", True)
    assert isinstance(box.prepare("read_file", {"path": "a"}, workspace, hooks=False), Prepared)
    assert box.tell({}) == ["plugin own: observer hang is left out from now on: it did not end within 0.025 s"]
    assert box.tell({}) == []
    assert time.monotonic() - began < 5


def test_a_tool_whose_declaration_cannot_be_told_to_a_model_is_not_brought(workspace: Workspace) -> None:
    odd = Tool(name="odd", description="Odd.", effect=Effect.SEND, function=dict, parameters={}, aliases=(1,))  # type: ignore[arg-type]  # the same
    box = Toolbox(
        [Plugin(name="own", origin="own.py", tools=(odd,)), Plugin(name="b", origin=BUILT_IN, tools=(read_file,))]
    )
    assert [plugin.fault for plugin in box.plugins] == [
        None,
        'own.py: the tool "odd": an alias must be a word of at most 100 characters, not 1',
    ]
    assert refused(box, "lies", {}, workspace)[0] == "unknown-tool"


def test_a_before_call_hook_that_fails_while_its_answer_is_read_ends_nothing(workspace: Workspace) -> None:
    class Leaving(dict[str, Any]):
        def items(self) -> Any:
            raise SystemExit(0)

        def __iter__(self) -> Iterator[str]:
            raise SystemExit(0)

    answer = Leaving(path="a", text="b")
    box = toolbox_of(write_file, before_call=(returning(answer),))
    assert refused(box, "write_file", {"path": "a", "text": "b"}, workspace)[0] == "crash"


def test_the_traceback_of_a_failed_hook_is_kept_apart(workspace: Workspace) -> None:
    box = toolbox_of(write_file, before_call=(raising(ZeroDivisionError("ah")),))
    found = box.prepare("write_file", {"path": "a", "text": "b"}, workspace)
    assert isinstance(found, Observation)
    assert found.error is not None
    assert "Traceback" in (found.error.detail or "")
    assert "Traceback" not in found.text


def test_the_intent_of_a_write_holds_what_was_and_what_will_be(workspace: Workspace) -> None:
    box = toolbox_of(write_file)
    new = prepared(box, "write_file", {"path": "a.txt", "text": "one"}, workspace)
    digest = hashlib.sha256(b"one").hexdigest()
    assert box.states(new, workspace) == ([PathState(path="a.txt", sha256=None)], {"a.txt": digest})
    workspace.write("a.txt", b"one")
    was = PathState(path="a.txt", sha256=digest, bytes=3, content=b"one")
    assert box.states(new, workspace) == ([was], {"a.txt": digest})


def test_a_large_file_is_told_by_its_hash_alone_but_whole_to_the_tool(workspace: Workspace) -> None:
    def after(arguments: Mapping[str, Any], old: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
        return {"./big": (old["big"] or b"") + b"!", "gone": None}

    content = b"x" * 100_000
    workspace.write("big", content)
    box = toolbox_of(tool(effect=Effect.WRITE, after=after)(touch_all.function))
    states, foretold = box.states(prepared(box, "touch_all", {"paths": ["big"]}, workspace), workspace)
    assert states == [PathState(path="big", sha256=hashlib.sha256(content).hexdigest(), bytes=100_000)]
    assert foretold == {"big": hashlib.sha256(content + b"!").hexdigest(), "gone": None}


def test_what_a_write_will_do_may_stay_unknown(workspace: Workspace) -> None:
    def after(arguments: Mapping[str, Any], old: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
        raise KeyError("no idea")

    def leave(arguments: Mapping[str, Any], old: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
        raise SystemExit(0)

    workspace.write("folder/a", b"")
    unknowing = tool(effect=Effect.WRITE, after=after)(touch_all.function)
    leaving = tool(effect=Effect.WRITE, after=leave)(touch_all.function)
    for one in (touch_all, unknowing, leaving):
        box = toolbox_of(one)
        states, foretold = box.states(prepared(box, "touch_all", {"paths": ["folder", "b"]}, workspace), workspace)
        assert states == [PathState(path="folder", sha256=None), PathState(path="b", sha256=None)]
        assert foretold is None


def test_a_path_that_cannot_be_read_counts_as_not_there(tmp_path: Path, workspace: Workspace) -> None:
    box = toolbox_of(touch_all)
    (workspace.root / "x").write_text("x")
    call = prepared(box, "touch_all", {"paths": ["x"]}, workspace)
    workspace.close()
    assert box.states(call, workspace) == ([PathState(path="x", sha256=None)], None)


def test_a_call_that_only_reads_has_no_states(workspace: Workspace) -> None:
    box = toolbox_of(read_file)
    assert box.states(prepared(box, "read_file", {"path": "a"}, workspace), workspace) == ([], None)


def test_a_call_runs_and_tells_what_came_of_it(workspace: Workspace) -> None:
    box = toolbox_of(write_file, read_file)
    context = context_of(workspace)
    written = outcome(box, prepared(box, "write_file", {"path": "a", "text": "世界"}, workspace), context)
    assert (written.ok, written.text) == (True, "written")
    assert 0 <= written.seconds < 10
    read = outcome(box, prepared(box, "read_file", {"path": "a"}, workspace), context)
    assert read.text == "世界"
    missing = outcome(box, prepared(box, "read_file", {"path": "b"}, workspace), context)
    assert not missing.ok
    assert missing.error is not None
    assert missing.error.kind == "tool"


def test_a_long_result_is_cut_and_kept(workspace: Workspace) -> None:
    workspace.write("a", b"x" * 5000)
    box = toolbox_of(read_file)
    context = context_of(workspace)
    got = outcome(box, prepared(box, "read_file", {"path": "a"}, workspace), context, cut=400)
    assert len(got.text) <= 400
    assert got.whole is not None
    assert context.artifacts.get(got.whole)[1] == b"x" * 5000


def test_every_observer_is_told_and_a_failing_one_harms_nobody() -> None:
    seen: list[dict[str, Any]] = []

    def fail(event: dict[str, Any]) -> None:
        event.clear()
        raise ValueError("broken")

    def leave(event: dict[str, Any]) -> None:
        raise SystemExit(0)

    box = toolbox_of(observers=(fail, leave, seen.append))
    assert box.tell({"kind": "thought"}) == [
        "plugin own: observer fail failed: ValueError: broken",
        "plugin own: observer leave failed: SystemExit: 0",
    ]
    assert seen == [{"kind": "thought"}]


def test_a_trivial_call_is_quick(workspace: Workspace) -> None:
    @tool(effect=Effect.READ)
    def nothing(value: int) -> None:
        """Do nothing.

        Args:
            value: Not used.
        """

    box, context = toolbox_of(nothing), context_of(workspace)
    durations = []
    for _ in range(50):
        told: queue.Queue[Observation] = queue.Queue()
        began = time.perf_counter()
        box.start(prepared(box, "nothing", {"value": "3"}, workspace), context, cut=100, done=told.put)
        told.get(timeout=10)
        durations.append(time.perf_counter() - began)
    assert min(durations) < 0.005
