"""`plugins test`: a plugin is tried in a process of its own, and whatever it does there is told."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from agent.cli.plugin.examining.odd import FILES, odd, plausible
from tests.place import Ended, Place, no_traceback
from tests.test_bad_input import harmless

HEAD = '''"""Kitchen."""

import os, subprocess, sys, time
from plugins import *


'''


def tool(body: str, head: str = "x: str", decorator: str = "@tool(effect=Effect.READ)") -> str:
    """A tool whose body begins in line 14 of a file that begins with `HEAD`."""
    return f'{decorator}\ndef stir({head}) -> str:\n    """Stir.\n\n    Args:\n        x: What.\n    """\n{body}\n'


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def tried(place: Place, text: str, *words: str, name: str = "kitchen.py") -> Ended:
    (place.folder / name).write_text(text, "utf-8")
    ended = place.thinkact("plugins", "test", name, *words)
    no_traceback(ended)
    return ended


def report(place: Place, text: str, *words: str) -> dict[str, Any]:
    ended = tried(place, text, *words, "--json")
    found: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == (0 if found["passed"] else 1)
    return found


def faults(place: Place, text: str, *words: str) -> list[tuple[int | None, str]]:
    found = report(place, text, *words)["findings"]
    return [(one["line"], one["what"]) for one in found if one["state"] == "fault"]


def test_a_sound_plugin_passes_and_its_schema_is_shown_as_a_model_sees_it(place: Place) -> None:
    place.thinkact("plugins", "new", "demo")
    ended = place.thinkact("plugins", "test", "demo.py")
    assert (ended.returncode, ended.stderr) == (0, "")
    harmless(ended.stdout)
    assert '"description": "What to look for; the case of letters does not count."' in ended.stdout
    assert ended.stdout.rstrip().endswith("demo passes")
    found = json.loads(place.thinkact("plugins", "test", "demo.py", "--json").stdout)
    assert found["passed"] is True
    assert [one["name"] for one in found["tools"]] == ["demo"]
    assert {one["state"] for one in found["findings"]} == {"ok"}


def test_everything_that_is_missing_in_the_text_is_told_with_its_line_at_once(place: Place) -> None:
    text = 'from plugins import *\n\n\n@tool\ndef f(a,\n      b: int,\n      c: int = 1):\n    """Do.\n\n    Args:\n'
    found = report(place, text + "        b: B.\n    " + '"""\n')["findings"]
    told = {(one["state"], one["line"], one["what"].removeprefix("it does not load: f: ")) for one in found}
    assert ("fault", 5, "argument 'a' has no annotation") in told
    assert ("fault", 7, "argument 'c' is not described") in told
    assert ("warning", 1, "the file does not say what the plugin is for") in told
    assert ("warning", 5, "it does not say what it returns") in told
    assert [line for state, line, what in told if "no effect is declared" in what] == [4]
    assert [one["instead"] for one in found if one["line"] == 7] == ["Args:\n    c: What it is, in a few words."]


@pytest.mark.parametrize(
    ("body", "line", "says"),
    [
        ("    return str(1 / len(x.strip()))", 14, "it raises ZeroDivisionError: division by zero"),
        ("    sys.exit(3)", 14, "it raises SystemExit: 3"),
        ("    return {'a': float('nan')}", 7, "returns nan, which JSON has not"),
        ("    a = []; a.append(a); return a", 7, "it returns what holds itself"),
        ("    return object()", 7, "a value of the type object"),
        ("    return (one for one in x)", 7, "a value of the type generator"),
        ("    os.write(1, b'hello')", None, "it writes past Python to the process's stdout"),
        ("    subprocess.run(['echo', 'hello'])", None, "it writes past Python to the process's stdout"),
    ],
)
def test_what_a_tool_does_wrong_is_told_with_its_line(place: Place, body: str, line: int | None, says: str) -> None:
    found = faults(place, HEAD + tool(body))
    assert [place for place, what in found if says in what] == [line], found


NEEDS = "    if x != '好的': raise ToolError('there is no pot ' + x)\n    return x"


def test_a_tool_that_never_succeeds_is_told_and_is_at_fault_where_its_author_said_what_works(place: Place) -> None:
    found = report(place, HEAD + tool(NEEDS))
    (doubt,) = (one for one in found["findings"] if "calls succeeded" in one["what"])
    assert (found["passed"], doubt["state"], doubt["line"]) == (True, "warning", 7)
    assert doubt["what"].endswith("the first says: there is no pot pier")
    assert doubt["instead"].endswith("what works: stir(x=...)")
    ((line, what),) = faults(place, HEAD + tool(NEEDS), "x=no")
    assert (line, what.partition(" calls ")[2]) == (
        7,
        "succeeded, not even with your arguments; the first says: there is no pot no",
    )
    assert faults(place, HEAD + tool(NEEDS), "x=好的") == []
    for example in ('stir(x="好的")', '>>> stir("好的")'):
        with_example = HEAD + tool(NEEDS).replace(
            "        x: What.\n", f"        x: What.\n\n    Example:\n        {example}\n"
        )
        (fine,) = (one for one in report(place, with_example)["findings"] if "it did" in one["what"])
        assert fine["state"] == "ok"


def test_an_argument_or_a_tool_that_the_plugin_has_not_is_wrong_usage(place: Place) -> None:
    for words, says in (
        (["foo=1"], "no tool of kitchen takes an argument foo (known: x)"),
        (["--allow", "stirr"], '--allow stirr names no tool of kitchen; did you mean "stir"?'),
    ):
        ended = tried(place, HEAD + tool("    return x"), *words)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert says in ended.stderr


def test_a_tool_that_changes_files_though_it_says_that_it_reads_is_at_fault(place: Place) -> None:
    body = "    (context.workspace.root / 'secretly.txt').write_text(x); return x"
    ((_, what),) = faults(place, HEAD + tool(body, head="x: str, *, context: Context"))
    assert what == "it declares read and changes files all the same: secretly.txt"


def test_a_call_that_hangs_is_cut_off_and_told_with_the_line_that_it_hangs_in(place: Place) -> None:
    began = time.monotonic()
    body = "    while True:\n        time.sleep(0.01)"
    (found,) = faults(place, HEAD + tool(body), "--seconds", "0.3")
    assert found[0] in (14, 15)
    assert "not through after 0.3 s; a run cuts it off after 60 s, and it works on" in found[1]
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("import os\nos._exit(3)\n", None, "the process ended (code 3) when it was loaded"),
        ("import sys\nsys.exit(3)\n", 2, "it ended the program (SystemExit: 3)"),
        ("def f(:\n", 1, "invalid syntax"),
        ("import no_such_package\n", 1, "install it where thinkact is installed"),
        ("\n1/0\n", 2, "ZeroDivisionError"),
        ("x = 1\n", None, "it brings no tool and no hook"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_told_with_its_line(
    place: Place, text: str, line: int | None, says: str
) -> None:
    ((at, what),) = faults(place, text)
    assert says in what
    assert at == line or says.startswith("it brings")


def test_a_tool_that_ends_the_process_is_named_with_what_it_was_called_with(place: Place) -> None:
    ((_, what),) = faults(place, HEAD + tool("    if not x: os._exit(5)\n    return x"))
    assert what == "the process ended (code 5) when stir was called with x = an empty text"


def test_what_leaves_the_machine_or_starts_programs_is_called_only_when_its_author_says_so(place: Place) -> None:
    witness = place.folder / "witness"
    body = f"    open({str(witness)!r}, 'a').write('x'); return x"
    for effect in ("EXECUTE", "FETCH", "SEND", "WRITE"):
        text = HEAD + tool(body, decorator=f"@tool(effect=Effect.{effect})")
        (note,) = (one for one in report(place, text)["findings"] if one["state"] == "note")
        assert f"it is not called: it declares {effect.lower()}" in note["what"]
        assert not witness.exists()
    report(place, text, "--allow", "st*")
    assert witness.exists()
    witness.unlink()
    report(place, HEAD + tool(body, decorator="@tool(effect=Effect.WRITE, repeatable=True)"))
    assert witness.exists()


def test_a_tool_is_tried_in_a_copy_of_a_folder_with_the_arguments_of_its_author(place: Place) -> None:
    place.write("own.txt", "桥墩")
    body = "    if x == 'own.txt': context.workspace.write(x, b'changed'); raise ValueError(context.workspace.root)"
    text = HEAD + tool(body, head="x: WorkspacePath, *, context: Context", decorator=WRITES)
    found = faults(place, text, "x=own.txt", "--workspace", "workspace")
    assert any("ValueError" in what for _, what in found)
    assert place.read("own.txt") == "桥墩"


WRITES = "@tool(effect=Effect.WRITE, repeatable=True)"


def test_hooks_are_tried_too(place: Place) -> None:
    hooks = (
        "@observe\ndef watch(event):\n    return event['nothing']\n\n\n"
        "@before_call\ndef guard(name, arguments):\n    return {**arguments, 'more': 1}\n\n\n"
        "@before_call\ndef deny(name, arguments):\n    raise Refuse('no')\n"
    )
    found = report(place, HEAD + hooks)["findings"]
    by_tool = {one["tool"]: one for one in found if one["tool"]}
    assert "the observer raises KeyError: 'nothing'" in by_tool["watch"]["what"]
    assert by_tool["watch"]["line"] == 9
    assert "arguments that the tool does not take" in by_tool["guard"]["what"]
    assert by_tool["deny"]["state"] == "ok"
    assert "lets 0 of" in by_tool["deny"]["what"]


def test_what_is_printed_is_noted_and_harms_no_report(place: Place) -> None:
    ended = tried(place, HEAD + "print('at once')\n" + tool("    print('hello\\x1b[31m'); return x"))
    assert ended.returncode == 0
    harmless(ended.stdout)
    assert "stir: it prints ('hello\\x1b[31m')" in ended.stdout


def test_a_slow_import_is_told_with_its_line(place: Place) -> None:
    (place.folder / "heavy_package.py").write_text("import time\ntime.sleep(0.5)\n", "utf-8")
    text = f"import sys\nsys.path.insert(0, {str(place.folder)!r})\nimport heavy_package\n" + HEAD
    found = report(place, text.replace('"""Kitchen."""', "") + tool("    return x"))["findings"]
    (slow,) = (one for one in found if "imported at once" in one["what"])
    assert (slow["state"], slow["line"]) == ("warning", 3)
    assert slow["instead"] == "import heavy_package in the function that needs it"


def test_a_package_and_a_project_with_a_package_are_tried_as_well(place: Place) -> None:
    place.thinkact("plugins", "new", "pier_count", "--package")
    ended = place.thinkact("plugins", "test", "thinkact-pier-count")
    assert ended.returncode == 0, ended.stdout
    assert "pier_count passes" in ended.stdout


def test_a_plugin_of_the_plugin_folder_is_tried_by_its_name(place: Place) -> None:
    place.plugin("天气.py", HEAD + tool("    return x"))
    ended = place.thinkact("plugins", "test", "天气")
    assert ended.returncode == 0, ended.stderr
    assert "天气 passes" in ended.stdout


@pytest.mark.parametrize("path", ["none.py", "folder", "text.txt"])
def test_a_path_that_is_no_plugin_is_wrong_usage(place: Place, path: str) -> None:
    (place.folder / "folder").mkdir()
    (place.folder / "text.txt").write_text("", "utf-8")
    ended = place.thinkact("plugins", "test", path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert path in ended.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP is of POSIX")
def test_a_plugin_that_stops_everything_is_given_up(place: Place) -> None:
    ((_, what),) = faults(place, "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n", "--seconds", "0.1")
    assert "everything hangs since it was loaded" in what


def test_odd_calls_are_the_same_every_time_and_one_argument_is_odd_at_a_time() -> None:
    schema = {
        "type": "object",
        "properties": {
            "path": {"type": "string", "format": "workspace-path"},
            "count": {"type": "integer"},
            "how": {"enum": ["slow", "fast"]},
            "many": {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "null"}]}},
            "more": {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]},
        },
        "required": ["path", "how", "many", "more"],
    }
    base = plausible(schema, {"count": 7})
    assert base == {"path": "notes.txt", "count": 7, "how": "slow", "many": [1.5], "more": {"a": True}}
    calls = list(odd(schema, base))
    assert str(calls) == str(list(odd(schema, base)))
    for what, arguments in calls:
        changed = {name for name in {*base, *arguments} if arguments.get(name, "-") is not base.get(name, "-")}
        assert len(changed) <= 1, what
    assert {"path left out", "count = zero", "path = a name in Chinese", "many = an empty list"} <= {
        w for w, _ in calls
    }
    assert "notes.txt" in FILES
