"""What a goal's globs let programs write."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.opening.sandbox import writable_paths

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs are confined on Linux alone")


def names(root: Path, *globs: str) -> list[str]:
    return [str(Path(one).relative_to(root)) for one in writable_paths(root, globs)]


def test_whole_folders_and_files_that_are_there_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "digest.md").write_text("x")
    assert names(tmp_path, "out/**", "a/b/", "digest.md", "missing.md") == ["out", "a/b", "digest.md"]
    assert (tmp_path / "out").is_dir()


def test_what_a_mount_cannot_say_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert names(tmp_path, "*.md", "out/*.csv", "**", "../x/**", "o*/**") == []


def test_a_folder_that_is_a_link_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "out").symlink_to(tmp_path)
    assert names(tmp_path / "root", "out/**", "out/sub/**") == []
