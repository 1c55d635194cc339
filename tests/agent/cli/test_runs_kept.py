"""Runs shown, handed on, added up and deleted, by the command line."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import time
from pathlib import Path

import pytest

from agent.cli.asking import agreed
from agent.cli.runs.drawing import must_be_drawable
from agent.cli.runs.places import records_of
from agent.errors import RunError, UsageError
from agent.runs import Run
from tests.agent.cli.desk import worked, write
from tests.kits import called
from tests.place import Place, no_traceback


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_run_is_shown_step_by_step_with_what_each_step_took(place: Place) -> None:
    run = worked(place, write("潮.md", "6.2 m"), [called("read_file", path="潮.md")], goal="测潮 \x1b[2J").run.id
    shown = place.thinkact("runs", "show")
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert lines[0].startswith(f"run {run} · ")
    assert lines[1] == "  goal: 测潮 \\x1b[2J"
    steps = [line for line in lines if line.startswith("step ")]
    assert [line.split(" · ")[0] for line in steps] == ["step 1", "step 2", "step 3"]
    assert all(" tokens · $0." in line and "so far" in line for line in steps)
    assert '  → write_file(path="潮.md", content="6.2 m")' in lines
    assert any(line.startswith("    created 潮.md, 5 B") for line in lines)
    assert "  │ 完成" in lines
    assert any(line.startswith("  created  潮.md  5 B  sha256 ") for line in lines)
    assert any(line.startswith("  cost     3 steps · ") for line in lines)


def test_a_run_is_exported_as_json_with_all_its_events_and_as_markdown_to_be_read(place: Place) -> None:
    worked(place, write("a.md", "```\n# not a heading\n```\n"), goal="写 *a.md*")
    exported = place.thinkact("runs", "export", "last")
    whole = json.loads(exported.stdout)
    assert (whole["format"], whole["version"], whole["state"], whole["answer"]) == (
        "thinkact-run",
        1,
        "reached",
        "完成",
    )
    assert whole["events"] == place.events()
    assert whole["usage"]["usd"] > 0
    assert [one["path"] for one in whole["files"]] == ["a.md"]
    ended = place.thinkact("runs", "export", "last", "--format", "md", "-o", "run.md")
    assert (ended.returncode, ended.stdout) == (0, "")
    text = (place.folder / "run.md").read_text("utf-8")
    assert text.startswith("# Run 2")
    assert "## Step 2" in text
    assert "| created | a.md | " in text
    refused = place.thinkact("runs", "export", "last", "-o", "no/such/folder.json")
    assert refused.returncode == 2
    assert "cannot be written" in refused.stderr


def test_foreign_fences_cannot_end_those_of_the_document(place: Place) -> None:
    place.write("evil.md", "```\n# Not ours\n````\n")
    worked(place, called("read_file", path="evil.md"))
    text = place.thinkact("runs", "export", "last", "--format", "md").stdout
    assert "`````\n" in text


def test_runs_are_added_up_and_drawn_only_where_it_can_be(place: Place) -> None:
    worked(place, goal="one")
    worked(place, write("a.md", "1"), goal="二")
    told = json.loads(place.thinkact("runs", "stats", "--json").stdout)
    assert (told["runs"], told["total"]["steps"]) == (2, 3)
    assert {one["name"]: one["steps"] for one in told["goals"]} == {"one": 1, "二": 2}
    assert [one["name"] for one in told["models"]] == ["scripted"]
    shown = place.thinkact("runs", "stats").stdout
    assert "GOAL" in shown
    assert "MODEL" in shown
    refused = place.thinkact("runs", "stats", "--plot", "bars.doc")
    assert refused.returncode == 2
    assert "end it in .png" in refused.stderr


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is not None, reason="matplotlib is here")
def test_without_matplotlib_one_line_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="drawing needs matplotlib") as caught:
        must_be_drawable(tmp_path / "a.png")
    assert caught.value.hint == "pip install 'thinkact[plot]'"


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_a_picture_is_drawn_whatever_stands_in_a_goal(place: Place) -> None:
    worked(place, goal="花 $5 und $6_^ sparen")
    drawn = place.thinkact("runs", "stats", "--plot", "bars.png")
    assert drawn.returncode == 0, drawn.stderr
    assert (place.folder / "bars.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_is_deleted_after_a_yes_and_never_one_that_is_running(place: Place) -> None:
    first, second = worked(place, write("a.md", "1")).run, worked(place).run
    refused = place.thinkact("runs", "delete", first.id)
    assert refused.returncode == 2
    assert first.folder.is_dir()
    with Run.open(second.folder):
        ended = place.thinkact("runs", "delete", "-y", first.id, "last")
        assert ended.returncode == 1
        assert f"the run {second.id} is being worked on by another process, and stays" in ended.stderr
    assert [one.name for one in (place.home / "runs").iterdir()] == [second.id]
    assert place.read("a.md") == "1"


def test_old_runs_are_those_in_which_nothing_was_written_for_so_long(place: Place) -> None:
    old, new = worked(place).run, worked(place).run
    month_ago = time.time() - 31 * 86_400
    for file in old.folder.iterdir():
        os.utime(file, (month_ago, month_ago))
    (place.home / "runs" / "deleted-of-a-kill").mkdir()
    ended = place.thinkact("runs", "delete", "--older-than", "30d", "-y")
    assert (ended.returncode, ended.stderr) == (0, "thinkact: 1 run deleted\n")
    assert [one.name for one in (place.home / "runs").iterdir()] == [new.id]
    for words in ((), ("",), ("--older-than", "soon"), ("--older-than", "0"), ("last", "--older-than", "1d")):
        wrong = place.thinkact("runs", "delete", "-y", *words)
        no_traceback(wrong)
        assert wrong.returncode == 2
    assert "such as 0d for days" in place.thinkact("runs", "delete", "-y", "--older-than", "0").stderr
    assert new.folder.is_dir()


def test_a_run_that_is_deleted_while_it_is_read_is_told_in_one_line(place: Place) -> None:
    folder = worked(place, write("a.md", "1")).run.folder
    assert len(list(records_of(folder))) > 4
    shutil.rmtree(folder)
    with pytest.raises(RunError, match="was deleted while it was read"):
        next(records_of(folder))


def test_who_cannot_be_asked_has_not_agreed() -> None:
    assert agreed("Sure?", yes=True)
    with pytest.raises(UsageError, match=r"Sure\? Nobody can be asked here"):
        agreed("Sure?", yes=False)
