from __future__ import annotations

from pathlib import Path

import pytest

from plugins import Observation, Toolbox, Workspace, built_in_plugins, load_plugins
from plugins._reloading import Reloading

TEXT = '''
from plugins import Effect, before_call, observe, tool

@tool(effect=Effect.READ)
def answer() -> str:
    """Answer."""
    return "{}"
'''


class Desk:
    """A plugin folder that is watched, and what is said of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "plugins"
        self.folder.mkdir()
        self.write("one.py", TEXT.format("first"))
        self.box = Toolbox([*built_in_plugins(), *load_plugins(self.folder, entry_points=False)])
        self.said: list[str] = []
        self.watched = Reloading(self.folder, self.box, tell=self.said.append)

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")

    def answer(self, name: str = "answer") -> str:
        return str(self.box.get(name)())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_changed_file_takes_its_own_place_and_that_its_memory_is_gone_is_said(desk: Desk) -> None:
    assert desk.watched.look() is False
    assert desk.answer() == "first"
    desk.write("one.py", TEXT.format("again"))
    assert desk.watched.look() is True
    assert desk.answer() == "again"
    assert desk.said == ["the plugin one was loaded anew; what it had remembered is gone"]
    assert desk.watched.look() is False


def test_a_broken_file_leaves_what_was_there_and_is_taken_once_it_is_mended(desk: Desk) -> None:
    desk.write("one.py", TEXT.format("again") + "\ndef (\n")
    assert desk.watched.look() is True
    assert desk.answer() == "first"
    assert f"{desk.folder / 'one.py'}:9: invalid syntax; it stays as it was before" in desk.said[0]
    desk.write("one.py", TEXT.format("mended"))
    assert desk.watched.look()
    assert desk.answer() == "mended"


def test_new_plugins_come_gone_ones_go_and_one_that_shadows_another_is_told(desk: Desk) -> None:
    desk.write("two.py", TEXT.format("two").replace("def answer", "def other"))
    desk.write("three.py", TEXT.format("three").replace("def answer", "def read_file"))
    desk.watched.look()
    assert desk.answer("other") == "two"
    assert "new: other, told to a model from the next start on" in " ".join(desk.said)
    assert "three cannot be loaded anew" in " ".join(desk.said)
    assert "already brought by the plugin files" in " ".join(desk.said)
    (desk.folder / "two.py").unlink()
    desk.watched.look()
    assert "other" not in desk.box.tools
    assert desk.said[-1] == "the plugin two is gone"
    assert any(one["name"] == "answer" for one in desk.box.describe())
    assert not any(one["name"] == "other" for one in desk.box.describe())


def test_hooks_are_loaded_anew_too_and_one_that_hung_is_asked_again(desk: Desk, tmp_path: Path) -> None:
    hook = "\n@before_call\ndef guard(name, arguments):\n    raise ValueError('x')\n"
    desk.write("one.py", TEXT.format("first") + hook)
    desk.watched.look()
    with Workspace.open(tmp_path / "desk") as files:
        refused = desk.box.prepare("answer", {}, files)
        assert isinstance(refused, Observation)
        assert "hook guard" in refused.text
        desk.write("one.py", TEXT.format("first"))
        desk.watched.look()
        assert not isinstance(desk.box.prepare("answer", {}, files), Observation)


def test_a_package_is_loaded_anew_when_one_of_its_files_changes(desk: Desk) -> None:
    desk.write("many/__init__.py", "from .inner import other\n")
    desk.write("many/inner.py", TEXT.format("a").replace("def answer", "def other"))
    desk.watched.look()
    assert desk.answer("other") == "a"
    desk.write("many/inner.py", TEXT.format("another").replace("def answer", "def other"))
    desk.watched.look()
    assert desk.answer("other") == "another"


def test_a_folder_that_goes_away_takes_its_plugins_along_and_nothing_fails(desk: Desk) -> None:
    (desk.folder / "one.py").unlink()
    desk.folder.rmdir()
    assert desk.watched.look() is True
    assert "answer" not in desk.box.tools
    assert "read_file" in desk.box.tools
