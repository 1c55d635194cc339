"""New plugins are imported in a process of their own first; what ends it or hangs in it is not imported here."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest

from plugins import Plugin, load_plugins
from plugins._discovery import load_plugin
from tests.plugins.test_discovery import GOOD, installed, written

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and exec are other things there")


def tried(folder: Path, *, again: bool = False, patience: float = 20.0) -> dict[str, Plugin]:
    ledger = folder.parent / "tried.json"
    found = load_plugins(folder, entry_points=False, tried=ledger, again=again, patience=patience)
    return {plugin.name: plugin for plugin in found}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("import os\n\ndef leave():\n    os._exit(0)\nleave()\n", 4, "ended the whole process (code 0)"),
        ("import os, sys\nprint('no licence', file=sys.stderr)\nos._exit(3)\n", 3, "its last words: no licence"),
        pytest.param("import ctypes\n\nctypes.string_at(0)\n", 3, "ended the whole process (signal 11)", marks=POSIX),
        pytest.param("import os\nos.execvp('true', ['true'])\n", 2, "ended the whole process (code 0)", marks=POSIX),
        pytest.param("import os\nos.kill(os.getpid(), 9)\n", 2, "ended the whole process (signal 9)", marks=POSIX),
    ],
)
def test_a_plugin_that_would_end_the_process_is_named_and_the_others_load(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    folder = written(tmp_path / "plugins", 会死=text, weather=GOOD.format(name="forecast"), after="1 / 0")
    found = tried(folder)
    fault = found["会死"].fault or ""
    assert fault.startswith(f"{folder / '会死.py'}:{line}: importing it "), fault
    assert words in fault
    assert "not done until it changes" in fault
    assert found["weather"].fault is None
    assert "ZeroDivisionError" in (found["after"].fault or "")
    (folder / "会死.py").write_text(GOOD.format(name="lives"), "utf-8")
    assert [tool.name for tool in tried(folder)["会死"].tools] == ["lives"]


def test_plugins_are_tried_where_python_was_built_for_an_older_linux(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    folder = written(tmp_path / "plugins", leaves="import os\nos._exit(3)\n", weather=GOOD.format(name="forecast"))
    found = tried(folder)
    assert "ended the whole process (code 3)" in (found["leaves"].fault or "")
    assert found["weather"].fault is None


@POSIX
def test_a_plugin_that_hangs_and_lets_nobody_else_go_on_is_left_out_with_its_line(tmp_path: Path) -> None:
    text = "import ctypes\n\nctypes.PyDLL(None).sleep(60)\n"  # PyDLL keeps the interpreter's lock: no thread goes on
    folder = written(tmp_path / "plugins", hangs=text, weather=GOOD.format(name="forecast"))
    began = time.monotonic()
    found = tried(folder, patience=1.0)
    assert (found["hangs"].fault or "").startswith(f"{folder / 'hangs.py'}:3: it was still being imported after 1 s")
    assert found["weather"].fault is None
    assert time.monotonic() - began < 30


def test_what_was_tried_is_tried_again_when_it_changes_or_when_it_is_asked_for(tmp_path: Path) -> None:
    count = "import os, pathlib\nfile = pathlib.Path(r'{0}')\nfile.write_text(file.read_text() + 'x')\n"
    times = {name: tmp_path / name for name in ("good", "bad")}
    for file in times.values():
        file.write_text("")
    folder = written(
        tmp_path / "plugins",
        good=count.format(times["good"]) + GOOD.format(name="forecast"),
        bad=count.format(times["bad"]) + "os._exit(0)",
    )

    def many() -> tuple[int, int]:
        return len(times["good"].read_text()), len(times["bad"].read_text())

    tried(folder)
    assert many() == (2, 1)  # the good one in its own process, and here; the bad one never here
    tried(folder)
    assert many() == (3, 1)
    tried(folder, again=True)
    assert many() == (4, 2)
    os.utime(folder / "good.py", ns=(1, 1))
    tried(folder)
    assert many() == (6, 2)
    (tmp_path / "tried.json").write_text("no JSON", "utf-8")
    tried(folder)
    assert many() == (8, 3)


@pytest.mark.parametrize(
    "book",
    [
        {sys.prefix: []},
        {sys.prefix: {"plugins": {}}},
        "surroundings with plugins []",
        "surroundings with an entry {}",
        "surroundings with an entry []",
        "surroundings with a time of text",
    ],
)
def test_a_ledger_of_another_shape_is_begun_anew(tmp_path: Path, book: object) -> None:
    folder = written(tmp_path / "plugins", bad="import os\nos._exit(0)", weather=GOOD.format(name="forecast"))
    tried(folder)
    ledger = tmp_path / "tried.json"
    if isinstance(book, str):
        whole = json.loads(ledger.read_text("utf-8"))
        told = str(folder / "bad.py")
        odd = {"stamp": whole[sys.prefix]["plugins"][told]["stamp"], "fault": "x", "until": "soon"}
        entry: object = odd if book.endswith("text") else json.loads(book[-2:])
        whole[sys.prefix]["plugins"] = [] if book.endswith("plugins []") else {told: entry}
        book = whole
    ledger.write_text(json.dumps(book), "utf-8")
    assert {name: one.fault is None for name, one in tried(folder).items()} == {"bad": False, "weather": True}
    assert json.loads(ledger.read_text("utf-8"))[sys.prefix]["plugins"][str(folder / "bad.py")]["until"] is None


def test_a_busy_machine_takes_no_plugin_away_for_good(tmp_path: Path) -> None:
    folder = written(tmp_path / "plugins", slow="import time\ntime.sleep(0.8)\n" + GOOD.format(name="forecast"))
    assert "still being imported" in (tried(folder, patience=0.2)["slow"].fault or "")
    assert "still being imported" in (tried(folder)["slow"].fault or "")
    ledger = tmp_path / "tried.json"
    book = json.loads(ledger.read_text("utf-8"))
    book[sys.prefix]["plugins"][str(folder / "slow.py")]["until"] = time.time() - 1
    ledger.write_text(json.dumps(book), "utf-8")
    assert tried(folder)["slow"].fault is None


def test_a_folder_that_cannot_be_written_to_costs_a_process_each_time_and_nothing_else(tmp_path: Path) -> None:
    folder = written(tmp_path / "plugins", bad="import os\nos._exit(0)", weather=GOOD.format(name="forecast"))
    for _ in range(2):
        found = load_plugins(folder, entry_points=False, tried=tmp_path / "no" / "tried.json")
        assert [one.fault is None for one in found] == [False, True]


def test_a_file_that_is_loaded_anew_is_tried_as_it_is_now(tmp_path: Path) -> None:
    file = written(tmp_path / "plugins", weather=GOOD.format(name="forecast")) / "weather.py"
    assert load_plugin(file, fresh=True, tried=tmp_path / "tried.json").fault is None
    file.write_text("import os\nos._exit(0)", "utf-8")
    assert "ended the whole process" in (load_plugin(file, fresh=True, tried=tmp_path / "tried.json").fault or "")


def test_installed_packages_are_tried_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(tmp_path, "good = good_things\nbad = bad_things\nodd = ???\n")
    (tmp_path / "bad_things.py").write_text("import os\nos._exit(1)\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = {one.name: one.fault for one in load_plugins(None, tried=tmp_path / "tried.json")}
    assert found["good"] is None
    assert f"{tmp_path / 'bad_things.py'}:2: importing it ended the whole process (code 1)" in (found["bad"] or "")
    assert "names no module" in (found["odd"] or "")


def test_the_process_in_which_plugins_are_tried_loads_nothing_that_only_runs_them(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    text = f"import pathlib, sys\nseen = pathlib.Path({str(seen)!r})\n"
    text += "seen.exists() or seen.write_text(' '.join(sys.modules))\n"
    folder = written(tmp_path / "plugins", weather=text + GOOD.format(name="forecast"))
    assert tried(folder)["weather"].fault is None
    loaded = set(seen.read_text("utf-8").split())
    assert "plugins._contract" in loaded
    assert not loaded & {"plugins._discovery", "plugins._http", "plugins._mcp", "plugins._sandbox", "ssl", "subprocess"}
