"""Folders for their owner alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from memory.journal import Journal
from memory.private import make_private_folder
from memory.recall import Recall

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="rights of this kind are POSIX's")


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_every_folder_that_is_missing_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path / "家" / "runs" / "one")
    assert [rights(tmp_path / name) for name in ("家", "家/runs", "家/runs/one")] == [0o700] * 3
    assert rights(tmp_path) == 0o755  # what is there keeps its rights


def test_one_that_is_there_is_left_or_refused(tmp_path: Path) -> None:
    make_private_folder(tmp_path)
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path, anew=True)
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_private_folder(tmp_path / "file" / "within")


def test_journals_and_notes_lie_in_such_folders(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    Journal.create(tmp_path / "runs" / "one" / "journal.db", meta={}).close()
    assert rights(tmp_path / "runs" / "one") == rights(tmp_path / "runs") == 0o700
    with Recall(tmp_path / "memory" / "notes.db") as notes:
        notes.add("The pier is closed in winter.")
    assert rights(tmp_path / "memory") == 0o700
