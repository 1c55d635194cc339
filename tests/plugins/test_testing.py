from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from plugins import ToolError
from plugins.testing import Trial

KITCHEN = '''
from plugins import Context, Effect, Refuse, ToolError, WorkspacePath, before_call, observe, tool

@tool(effect=Effect.WRITE)
def note_down(text: str, into: WorkspacePath, *, context: Context) -> str:
    """Write a text to a file.

    Args:
        text: What.
        into: Where.
    """
    context.workspace.write(into, text.encode())
    context.progress("written")
    return f"{len(text)} letters"

@tool(effect=Effect.READ)
def look(path: WorkspacePath, *, context: Context) -> str:
    """Read by another tool, ask the model and the person, and remember.

    Args:
        path: Which file.
    """
    read = context.call("read_file", {"path": path})
    said = context.ask(read.text, purpose="look") if context.ask else "nobody"
    answer = context.person("really?", ["yes", "no"])
    context.notes.remember(f"桥墩: {said}")
    kept = context.artifacts.put(read.text.encode())
    return f"{said} {answer} {kept.handle} {context.notes.recall('桥墩的事')[0].text}"

@tool(effect=Effect.READ)
def overreach(*, context: Context) -> str:
    """Write although it says that it reads."""
    context.workspace.write("x", b"")
    return "written"

@tool(effect=Effect.FETCH)
def fetch(url: str, *, context: Context) -> str:
    """Fetch a page.

    Args:
        url: Which.
    """
    return context.http.get(url).content.decode()

@tool(effect=Effect.READ, timeout=0.2)
def sleepy(*, context: Context) -> str:
    """Wait until it is cut off."""
    context.cancel.wait(20)
    return "slept"

@before_call
def guard(name, arguments):
    if "diary" in str(arguments):
        raise Refuse("private")
    if name == "note_down":
        arguments["text"] = arguments["text"].upper()
    return arguments

@observe
def watch(event):
    return event["kind"]
'''


def kitchen(folder: Path) -> Path:
    file = folder / "kitchen.py"
    file.write_text(KITCHEN, "utf-8")
    return file


def test_a_call_goes_the_way_of_a_run_with_its_hooks_and_its_limits(tmp_path: Path) -> None:
    with Trial(tmp_path, kitchen(tmp_path)) as trial:
        noted = trial.call("note_down", text="soup", into="./menu.txt")
        assert (noted.text, noted.written, trial.read("menu.txt")) == ("4 letters", ("menu.txt",), "SOUP")
        assert trial.progress == ["written"]
        assert "refused by the before_call hook guard" in trial.call("note_down", text="x", into="diary.txt").text
        assert "declares" in trial.call("overreach").text
        assert trial.call("sleepy").error is not None
        assert "timed out after 0.2 s" in trial.call("sleepy").text
        unknown = trial.call("note_down", text="soup", onto="menu.txt").error
        assert unknown is not None
        assert unknown.kind == "arguments"


def test_the_model_and_the_person_say_what_the_test_gives_them(tmp_path: Path) -> None:
    with Trial(tmp_path, kitchen(tmp_path), replies=["stock"], answers=["yes"]) as trial:
        trial.write("a.txt", "the pier")
        said, answer, handle, note, text = trial.call("look", path="a.txt").text.split()
        assert (said, answer, note, text) == ("stock", "yes", "桥墩:", "stock")
        assert trial.artifacts.contents[handle] == b"the pier"
        assert (trial.asked, trial.questions) == (["the pier"], ["really?"])
        empty = trial.call("look", path="a.txt").error
        assert empty is not None
        assert (empty.kind, empty.hint) == ("model", "give Trial(replies=[...]) one more")


def test_without_replies_and_answers_there_is_no_model_and_nobody(tmp_path: Path) -> None:
    with Trial(tmp_path, kitchen(tmp_path)) as trial:
        trial.write("a.txt", "the pier")
        assert trial.context.ask is None
        assert trial.context.budget is None
        assert "nobody can be asked" in trial.call("look", path="a.txt").text


def test_an_answer_that_is_no_choice_is_refused(tmp_path: Path) -> None:
    with Trial(tmp_path, kitchen(tmp_path), answers=["perhaps"]) as trial:
        trial.write("a.txt", "x")
        assert "is none of yes, no" in trial.call("look", path="a.txt").text


def test_the_web_is_the_servers_that_a_test_names(tmp_path: Path) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write("你好".encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    try:
        with Trial(tmp_path, kitchen(tmp_path), hosts=[host]) as trial:
            assert trial.call("fetch", url=f"http://{host}/").text == "你好"
            refused = trial.call("fetch", url="http://example.org/").text
            assert 'Trial(..., hosts=["example.org:80"])' in refused
    finally:
        server.shutdown()
        server.server_close()


def test_a_tool_is_called_as_the_function_that_it_is(tmp_path: Path) -> None:
    with Trial(tmp_path, kitchen(tmp_path)) as trial:
        (tool,) = (one for one in trial.plugin.tools if one.name == "note_down")
        assert tool("soup", "b.txt", context=trial.context) == "4 letters"
        assert trial.read("b.txt") == "soup"  # no hook stands before a plain function


def test_observers_hear_what_they_are_told_and_those_that_fail_are_named(tmp_path: Path) -> None:
    with Trial(tmp_path, kitchen(tmp_path)) as trial:
        assert trial.tell({"kind": "thought"}) == []
        assert trial.tell({}) == ["plugin kitchen: observer watch failed: KeyError: 'kind'"]


def test_an_installed_module_is_tried_as_well(tmp_path: Path) -> None:
    module = ModuleType("kitchen_module")
    sys.modules["kitchen_module"] = module
    try:
        exec(compile(KITCHEN, "kitchen_module.py", "exec"), vars(module))
        with Trial(tmp_path, module) as trial:
            assert trial.call("note_down", text="a", into="a.txt").ok
    finally:
        del sys.modules["kitchen_module"]


def test_a_plugin_that_does_not_load_fails_the_test_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("\n1/0\n", "utf-8")
    with pytest.raises(AssertionError, match=r"broken\.py:2: ZeroDivisionError"):
        Trial(tmp_path, tmp_path / "broken.py")
    (tmp_path / "shadow.py").write_text(KITCHEN.replace("def look(", "def read_file("), "utf-8")
    with pytest.raises(AssertionError, match="read_file is already brought by the plugin files"):
        Trial(tmp_path, tmp_path / "shadow.py")


def test_notes_and_artifacts_are_kept_and_what_is_not_there_is_told(tmp_path: Path) -> None:
    with Trial(tmp_path) as trial:
        first = trial.notes.remember("The pier is old.")
        assert trial.notes.remember("The pier is old.").state == "counted"
        assert trial.notes.remember("The pier is new.", kind="fact", replaces=first.id).state == "replaced"
        assert [one.text for one in trial.notes.recall("which pier?")] == ["The pier is new."]
        assert trial.notes.recall("pier", kinds=["lesson"]) == []
        assert trial.notes.newest().total == 1
        with pytest.raises(ToolError, match="no artifact"):
            trial.artifacts.get("nothing")
