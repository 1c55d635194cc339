"""Plugins that are wrong in every way: the run goes on, stdout stays the answer's, and the words say what to do."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.place import Place, no_traceback
from tests.server import Call, ChatServer, Reply, call

BROKEN = {
    "raises": ("\n1 / 0\n", "raises.py:2: ZeroDivisionError: division by zero"),
    "wrong_syntax": ("x = 1\ndef (\n", "wrong_syntax.py:2: invalid syntax"),
    "lacks": ("import no_such_package\n", "install it where thinkact is installed"),
    "leaves": ("import sys\nsys.exit(0)\n", "leaves.py:2: it ended the program (SystemExit: 0)"),
    "dies": ("import os\nos._exit(0)\n", "dies.py:2: importing it ended the whole process (code 0)"),
    "shadows": (
        'from plugins import tool\n\n\n@tool\ndef read_file() -> str:\n    """Read."""\n    return ""\n',
        "the tool read_file is already brought by the plugin files",
    ),
}
BODIES = {
    "nan": "return {'a': float('nan'), 'b': float('inf')}",
    "raw": "return b'\\x00\\xff'",
    "cycle": "return circle",
    "hang": "time.sleep(30)",
    "leave": "sys.exit(0)",
    "loud": "print('in a call'); os.write(1, b'raw in a call'); return '好'",
    "crash": "raise ValueError('桥塌了')",
}
ODD = """
import os, sys, time
print("at import")
os.write(1, b"raw at import\\n")
from plugins import Context, Effect, before_call, observe, tool

circle = []
circle.append(circle)

@observe
def watch(event):
    raise RuntimeError("an observer that fails")
""" + "".join(
    f'\n@tool(effect=Effect.READ, timeout=0.4)\ndef {name}() -> object:\n    "Try."\n    {body}\n'
    for name, body in BODIES.items()
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    for name, (text, _) in BROKEN.items():
        made.plugin(f"{name}.py", text)
    made.plugin("odd.py", ODD)
    return made


def test_a_run_goes_on_whatever_its_plugins_do_and_says_what_to_do(place: Place) -> None:
    place.write("notes.txt", "The pier is old.")
    every = Reply(calls=[Call(name=name, arguments={}) for name in [*BODIES, "list_files"]])
    with ChatServer([every, call("finish", answer="done", reached=True)]) as server:
        flags = ("--base-url", server.url, "--model", "m", "--output", "json")
        ended = place.thinkact("run", "Try them all", *flags)
        messages = server.requests[-1].json["messages"]
    told = [one["content"] for one in messages if one["role"] == "tool"]
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["state"] == "reached"  # nothing but the answer is there
    for name, (_, words) in BROKEN.items():
        assert f"plugin {name} is left out: " in ended.stderr
        assert words in ended.stderr.replace("\n         ", " "), name
    assert "`thinkact plugins doctor` tells what to write instead" in ended.stderr
    assert "observer watch failed: RuntimeError: an observer that fails (said once)" in ended.stderr
    nan, raw, cycle, hang, leave, loud, crash, files = told
    assert json.loads(nan) == {"a": "nan", "b": "inf"}
    assert raw.startswith("artifact ")
    assert "application/octet-stream, 2 bytes" in raw
    assert '"..."' in cycle
    assert hang.endswith("timed out after 0.4 s")
    assert leave.endswith("failed: SystemExit: 0")
    assert loud == "好"
    assert crash.endswith("failed: ValueError: 桥塌了")
    assert "notes.txt" in files


def test_listings_are_json_whatever_a_plugin_prints_while_it_is_imported(place: Place) -> None:
    for words in (["plugins", "list"], ["tools", "list"], ["plugins", "show", "odd"]):
        ended = place.thinkact(*words, "--json")
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)
        assert "raw at import" in ended.stderr
    called = place.thinkact("tools", "call", "loud", "--json")
    assert json.loads(called.stdout)["text"] == "好"
    assert "raw in a call" in called.stderr


@pytest.mark.slow
def test_a_plugin_that_hangs_at_its_import_is_left_out_of_a_run(place: Place) -> None:
    place.plugin("slow.py", "import time\n\ntime.sleep(3600)\n")
    began = time.monotonic()
    ended = place.thinkact("tools", "call", "list_files")
    assert ended.returncode == 0
    assert time.monotonic() - began < 60
    listed = {one["name"]: one for one in json.loads(place.thinkact("plugins", "list", "--json").stdout)}
    assert "slow.py:3: it was still being imported after 10 s and is left out" in listed["slow"]["fault"]
    assert listed["odd"]["loaded"]
