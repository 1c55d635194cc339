"""A goal file kept: where it may lie, and that it is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.cli.keeping import file_fault, keep, named, placed, proposed
from agent.errors import GoalError, UsageError
from agent.goal.draft import Draft, InputDraft, ProgramSucceeds
from agent.goal.file import read_goal

DRAFT = Draft(goals=("读 a.md", "写 b.md"), name="简报: 图书馆/会议")


def test_a_goal_file_is_written_whole_and_read_back(tmp_path: Path) -> None:
    keep(DRAFT, tmp_path / "goal.yaml", overwrite=False)
    assert read_goal(tmp_path / "goal.yaml").goals == DRAFT.goals
    assert [one.name for one in tmp_path.iterdir()] == ["goal.yaml"]
    if os.name == "posix":
        usual = tmp_path / "usual"
        usual.touch()
        assert (tmp_path / "goal.yaml").stat().st_mode == usual.stat().st_mode


def test_a_file_that_is_there_by_now_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "goal.yaml"
    file.write_text("goal: mine\n", "utf-8")
    with pytest.raises(UsageError, match="is there already"):
        keep(DRAFT, file, overwrite=False)
    assert file.read_text("utf-8") == "goal: mine\n"
    assert [one.name for one in tmp_path.iterdir()] == ["goal.yaml"]


@pytest.mark.skipif(os.name != "posix", reason="rights and links are others elsewhere")
def test_what_takes_anothers_place_has_its_rights_and_follows_its_link(tmp_path: Path) -> None:
    file, link = tmp_path / "goal.yaml", tmp_path / "link.yaml"
    file.write_text("goal: old\n", "utf-8")
    file.chmod(0o640)
    link.symlink_to(file)
    keep(DRAFT, link, overwrite=True)
    assert link.is_symlink()
    assert read_goal(file).goals == DRAFT.goals
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["goal.yaml", "link.yaml"]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        keep(DRAFT, tmp_path / "gone" / "goal.yaml", overwrite=False)
    with pytest.raises(UsageError, match="cannot be written: File name too long"):
        keep(DRAFT, tmp_path / f"{'x' * 300}.yaml", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_answers_that_do_not_fit_together_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    draft = Draft(goals=("a",), inputs={"x": InputDraft(default="1")}, checks=(ProgramSucceeds("ls `pwd` {{ x }}"),))
    with pytest.raises(GoalError, match="backtick"):
        keep(draft, tmp_path / "goal.yaml", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_long_for_a_goal_file_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="256 kB at most"):
        keep(Draft(goals=("长" * 100_000,)), tmp_path / "goal.yaml", overwrite=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("workspace", "written"),
    [("here/data", "./data"), ("here", "."), ("data", "../data"), ("", "")],
)
def test_a_workspace_is_written_as_it_is_seen_from_the_file(tmp_path: Path, workspace: str, written: str) -> None:
    absolute = str(tmp_path / workspace) if workspace else ""
    folder = tmp_path / "here"
    folder.mkdir()
    draft = Draft(goals=("a",), workspace=absolute)
    assert placed(draft, folder).workspace == written
    keep(draft, folder / "goal.yaml", overwrite=False)
    assert read_goal(folder / "goal.yaml").workspace == (absolute or None)


def test_a_workspace_that_looks_like_a_home_folder_is_written_whole(tmp_path: Path) -> None:
    keep(Draft(goals=("a",), workspace=str(tmp_path / "~odd")), tmp_path / "goal.yaml", overwrite=False)
    assert read_goal(tmp_path / "goal.yaml").workspace == str(tmp_path / "~odd")


def test_the_name_that_is_proposed_is_the_goals_and_free(tmp_path: Path) -> None:
    assert proposed(DRAFT, tmp_path) == "简报-图书馆-会议.yaml"
    (tmp_path / "简报-图书馆-会议.yaml").touch()
    assert proposed(DRAFT, tmp_path) == "简报-图书馆-会议-2.yaml"
    assert proposed(Draft(goals=("a",), name="../../etc"), tmp_path) == "etc.yaml"
    assert proposed(Draft(goals=("a",), name="   "), tmp_path) == "goal.yaml"
    assert len(proposed(Draft(goals=("a",), name="长" * 500), tmp_path)) == 45


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("goal.txt", "ends in .yaml, not in .txt"),
        ("nowhere/goal.yaml", "there is no folder"),
        ("folder", "is a folder"),
        ("folder.yaml", "is a folder"),
        (".", "is a folder"),
        ("a\0.yaml", "can be no name"),
    ],
)
def test_a_place_where_no_goal_file_can_lie_is_told(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.yaml").mkdir()
    assert words in (file_fault(text, tmp_path) or "")


def test_a_name_without_an_ending_gets_one(tmp_path: Path) -> None:
    assert named("goal", tmp_path) == tmp_path / "goal.yaml"
    assert named("a.YML", tmp_path) == tmp_path / "a.YML"
    assert file_fault("goal", tmp_path) is None
    assert named("v1.2", tmp_path).name == "v1.2"
    assert file_fault("v1.2", tmp_path) is not None
