from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins import ToolError, Workspace
from plugins._listing import glob, listed, walk


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    for name in ("a/1.txt", "a/2.txt", "a/b/3.txt", "4.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    with Workspace.open(tmp_path) as made:
        yield made


def never() -> bool:
    return False


def test_files_nearer_to_the_folder_come_first(workspace: Workspace) -> None:
    found = walk(workspace, "", fits=glob(""), cancelled=never)
    assert [one.path for one in found.files] == ["4.txt", "a/1.txt", "a/2.txt", "a/b/3.txt"]
    assert not found.cut


def test_a_walk_that_is_cut_says_so(workspace: Workspace) -> None:
    found = walk(workspace, "", fits=glob(""), cancelled=never, most=2)
    assert [one.path for one in found.files] == ["4.txt", "a/1.txt"]
    assert found.cut
    assert listed(found, base="", folders=True).endswith("… and more: not all files were looked at; name a subfolder")


def test_a_walk_is_given_up_when_it_is_cancelled(workspace: Workspace) -> None:
    with pytest.raises(ToolError) as caught:
        walk(workspace, "", fits=glob(""), cancelled=lambda: True)
    assert caught.value.kind == "cancelled"


@pytest.mark.parametrize("pattern", ["", " ", "*", "**", "**/*"])
def test_what_means_everything_fits_everything(pattern: str) -> None:
    fits = glob(pattern)
    assert fits("a.txt")
    assert fits("a/b/c.txt")
