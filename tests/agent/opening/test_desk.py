"""Which folder a run works in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.errors import UsageError
from agent.opening.desk import Desk, find_workspace


def test_the_folder_that_nobody_named_is_made_in_silence(tmp_path: Path) -> None:
    assert find_workspace(flag=None, stated=None, cwd=tmp_path) == Desk(root=tmp_path / "workspace")
    assert not (tmp_path / "workspace").exists()  # by whoever opens it


def test_a_flag_beats_the_goal_file_and_both_may_be_relative(tmp_path: Path) -> None:
    (tmp_path / "甲").mkdir()
    (tmp_path / "b").mkdir()
    assert find_workspace(flag=Path("甲"), stated=str(tmp_path / "b"), cwd=tmp_path) == Desk(root=tmp_path / "甲")
    assert find_workspace(flag=None, stated=str(tmp_path / "b"), cwd=tmp_path) == Desk(root=tmp_path / "b")


def test_a_named_folder_whose_parent_is_there_is_made_and_said(tmp_path: Path) -> None:
    desk = find_workspace(flag=Path("新 工作区"), stated=None, cwd=tmp_path)
    assert desk.root == tmp_path / "新 工作区"
    assert desk.note == f"the workspace {tmp_path / '新 工作区'} was not there and is made"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flag", "stated", "named"), [(Path("no/such/desk"), None, "--workspace"), (None, "no/such/desk", "workspace.dir")]
)
def test_a_named_folder_whose_parent_is_missing_is_refused(
    tmp_path: Path, flag: Path | None, stated: str | None, named: str
) -> None:
    with pytest.raises(UsageError) as refused:
        find_workspace(flag=flag, stated=stated, cwd=tmp_path)
    desk = tmp_path / "no" / "such" / "desk"
    assert refused.value.message == f"the workspace {desk} cannot be made: {tmp_path / 'no'} is not there"
    assert refused.value.hint == f"look at {named}, or make the folder {desk.parent} first"
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_its_parent_must_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a file")
    with pytest.raises(UsageError, match=r"notes is not a folder$"):
        find_workspace(flag=Path("notes/desk"), stated=None, cwd=tmp_path)


def test_what_is_there_and_no_folder_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a file")
    assert find_workspace(flag=Path("notes"), stated=None, cwd=tmp_path).note is None
    assert find_workspace(flag=Path("x" * 5000), stated=None, cwd=tmp_path).note is None


@pytest.mark.skipif(os.name != "posix", reason="making links needs rights elsewhere")
def test_a_link_counts_as_there_wherever_it_leads(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert find_workspace(flag=Path("link"), stated=None, cwd=tmp_path).note is None


@pytest.mark.parametrize(
    ("goal", "told"),
    [
        ("summarise notes.md to brief.md", "notes.md lies"),
        ("Summarise notes.md.", "notes.md lies"),
        ("总结 水磨坊.pdf 到 简报.md", "水磨坊.pdf lies"),
        ("请把水磨坊.pdf总结成一份简报", "水磨坊.pdf lies"),
        ("read docs/a.txt and notes.md", "docs, notes.md lie"),
    ],
)
def test_what_the_goal_names_outside_the_workspace_that_nobody_named_is_told(
    tmp_path: Path, goal: str, told: str
) -> None:
    for name in ("notes.md", "水磨坊.pdf", ".env", "my-notes.md.old"):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "docs").mkdir()
    desk = find_workspace(flag=None, stated=None, cwd=tmp_path, goals=[goal])
    assert desk.note == f"{told} outside the workspace {tmp_path / 'workspace'}; to work here, add: --workspace ."
    assert find_workspace(flag=Path(), stated=None, cwd=tmp_path, goals=[goal]).note is None


@pytest.mark.parametrize(
    "goal", ["tidy the docs", "read my-notes.md", "read workspace/a.md", "read notes.md.bak", ".env"]
)
def test_what_it_does_not_name_is_not_told(tmp_path: Path, goal: str) -> None:
    (tmp_path / "notes.md").write_text("x")
    (tmp_path / ".env").write_text("x")
    (tmp_path / "docs").mkdir()
    (tmp_path / "workspace").mkdir()
    assert find_workspace(flag=None, stated=None, cwd=tmp_path, goals=[goal]).note is None


def test_what_lies_in_the_workspace_too_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    for folder in (tmp_path, tmp_path / "workspace"):
        (folder / "notes.md").write_text("x")
    assert find_workspace(flag=None, stated=None, cwd=tmp_path, goals=["read notes.md"]).note is None
