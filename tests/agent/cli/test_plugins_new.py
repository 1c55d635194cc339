"""`plugins new` and `plugins folder`: what is written works as it stands, and names that will not do are refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.environments import OFFLINE, fresh_environment
from tests.place import ROOT, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def run_tests(place: Place, folder: Path) -> subprocess.CompletedProcess[str]:
    """`pytest` as an author runs it in a folder: none of this repository's settings reach it."""
    environment = {
        name: value for name, value in place.environment().items() if not name.startswith(("PYTEST_", "COV_"))
    }
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_new_plugin_and_its_test_work_as_they_stand(place: Place) -> None:
    made = place.thinkact("plugins", "new", "demo")
    assert (made.returncode, made.stdout.split()) == (0, ["demo.py", "test_demo.py"])
    assert "thinkact plugins test demo.py" in made.stderr
    assert f"cp demo.py {place.home / 'plugins'}" in made.stderr
    tested = run_tests(place, place.folder)
    assert tested.returncode == 0, tested.stdout
    assert "4 passed" in tested.stdout


def test_a_file_that_is_copied_into_the_plugin_folder_is_a_tool_in_the_next_run(place: Place) -> None:
    place.thinkact("plugins", "new", "demo")
    folder = place.thinkact("plugins", "folder").stdout.strip()
    assert folder == str(place.home / "plugins")
    for name in ("demo.py", "test_demo.py"):
        shutil.copy(place.folder / name, folder)
    place.write("notes.txt", "The pier is old.\nThe deck is new.\n")
    ended = place.thinkact("run", 'Call demo path=notes.txt word="  DECK "', THINKACT_MODEL="offline")
    assert ended.returncode == 0, ended.stderr
    assert "2: The deck is new." in ended.stdout
    (started,) = (one for one in place.events() if one["kind"] == "tool.started")
    assert started["arguments"] == {"path": "notes.txt", "word": "DECK"}  # as the hook edited them
    listed = {one["name"]: one for one in json.loads(place.thinkact("plugins", "list", "--json").stdout)}
    assert listed["demo"]["loaded"]
    assert "test_demo" not in listed


def test_what_is_written_satisfies_ruff(place: Place) -> None:
    for words in (["demo"], ["天气", "--tool", "weather"], ["pier_count", "--package"]):
        assert place.thinkact("plugins", "new", *words).returncode == 0
    own = "E,W,F,I,B,UP,SIM,C4,RUF,PT,N,A,ARG,PTH,ISC,PIE,RET,T20,BLE,C90,D1"  # as in this repository
    for command in (["check"], ["format", "--check"], ["check", f"--select={own}"]):
        ended = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
            cwd=place.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout


@pytest.mark.slow
def test_what_is_written_satisfies_mypy_in_its_strict_way(place: Place) -> None:
    place.thinkact("plugins", "new", "demo")
    place.thinkact("plugins", "new", "pier_count", "--package")
    for folder in (place.folder, place.folder / "thinkact-pier-count"):
        words = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(place.folder / "cache"), "."]
        environment = place.environment(MYPYPATH=str(ROOT))
        ended = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout


def test_a_plugin_with_a_chinese_name_has_a_tool_that_models_can_call(place: Place) -> None:
    refused = place.thinkact("plugins", "new", "天气")
    assert refused.returncode == 2
    assert "thinkact plugins new 天气 --tool NAME" in refused.stderr
    assert place.thinkact("plugins", "new", "天气", "--tool", "weather").returncode == 0
    assert "4 passed" in run_tests(place, place.folder).stdout
    shutil.copy(place.folder / "天气.py", place.thinkact("plugins", "folder").stdout.strip())
    place.write("notes.txt", "今天有雨。\n")
    called = place.thinkact("tools", "call", "weather", "path=notes.txt", "word=雨", "--json")
    assert json.loads(called.stdout)["value"] == ["1: 今天有雨。"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["a b"], "such as a_b"),
        (["class"], "class is a word of Python itself"),
        (["mine", "--tool", "None"], "such as none_tool"),
        (["1st"], "such as my_1st"),
        (["json"], "such as json_tool"),
        (["_mine"], "passed over"),
        (["test_it"], "passed over"),
        (["read_file"], "already brought by the plugin files"),
        (["finish"], "thinkact itself has it"),
        (["mine", "--tool", "read file"], "models cannot call a tool"),
        (["mine", "--tool", "delegate"], "--tool delegate_of_mine"),
    ],
)
def test_a_name_that_will_not_do_is_refused_with_one_that_will(place: Place, words: list[str], says: str) -> None:
    refused = place.thinkact("plugins", "new", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert says in refused.stderr
    assert sorted(path.name for path in place.folder.iterdir() if path.suffix == ".py") == []


def test_nothing_is_overwritten_and_another_folder_is_made(place: Place) -> None:
    (place.folder / "test_demo.py").write_text("mine", "utf-8")
    refused = place.thinkact("plugins", "new", "demo")
    assert refused.returncode == 2
    assert "test_demo.py is there already; nothing was written" in refused.stderr
    assert not (place.folder / "demo.py").exists()
    assert place.thinkact("plugins", "new", "demo", "--into", "deep/er").returncode == 0
    assert (place.folder / "deep" / "er" / "demo.py").is_file()


def test_a_package_tests_itself_before_it_is_installed_and_names_its_entry_point(place: Place) -> None:
    made = place.thinkact("plugins", "new", "pier_count", "--package")
    assert made.returncode == 0, made.stderr
    folder = place.folder / "thinkact-pier-count"
    tested = run_tests(place, folder)
    assert "4 passed" in tested.stdout, tested.stdout
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"] == {"thinkact.plugins": {"pier_count": "thinkact_pier_count"}}
    assert project["project"]["dependencies"][0].startswith("thinkact")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the environment is laid out as on POSIX")
def test_a_package_that_is_installed_to_be_changed_is_a_plugin(place: Place) -> None:
    for backend in ("hatchling", "editables"):
        pytest.importorskip(backend, reason="the build backend of a new package comes with the extra test")
    place.thinkact("plugins", "new", "pier_count", "--package")
    python = fresh_environment(place.folder / "venv")
    installed = subprocess.run(
        [python, "-m", "pip", "install", "-q", "-e", "thinkact-pier-count"],
        cwd=place.folder,
        env=place.environment(PYTHONPATH="", **OFFLINE),
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    listed = subprocess.run(
        [python, "-m", "agent", "plugins", "show", "pier_count", "--json"],
        cwd=place.folder,
        env=place.environment(PYTHONPATH=""),
        capture_output=True,
        text=True,
        check=True,
    )
    shown = json.loads(listed.stdout)
    assert (shown["loaded"], shown["version"]) == (True, "0.1.0")
    assert shown["origin"] == "entry point pier_count = thinkact_pier_count"
    assert [one["name"] for one in shown["tools"]] == ["pier_count"]


def test_a_folder_that_cannot_be_written_to_is_told(place: Place) -> None:
    (place.folder / "file").write_text("", "utf-8")
    refused = place.thinkact("plugins", "new", "demo", "--into", "file")
    assert refused.returncode == 2
    assert "cannot be written" in refused.stderr
