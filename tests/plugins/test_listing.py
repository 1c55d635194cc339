from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins import ToolError, Workspace
from plugins._listing import glob, listed, walk

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="needs names, links and pipes as POSIX has them")


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
    found = walk(workspace, "", wanted=glob(""), cancelled=never)
    assert [one.path for one in found.files] == ["4.txt", "a/1.txt", "a/2.txt", "a/b/3.txt"]
    assert not found.cut


def test_a_walk_that_is_cut_says_so(workspace: Workspace) -> None:
    found = walk(workspace, "", wanted=glob(""), cancelled=never, most=2)
    assert [one.path for one in found.files] == ["4.txt", "a/1.txt"]
    assert found.cut
    assert listed(workspace, found, base="", folders=True).endswith(
        "… and more: not all files were looked at; name a subfolder"
    )


def test_a_walk_is_given_up_when_it_is_cancelled(workspace: Workspace) -> None:
    with pytest.raises(ToolError) as caught:
        walk(workspace, "", wanted=glob(""), cancelled=lambda: True)
    assert caught.value.kind == "cancelled"


@pytest.mark.parametrize("pattern", ["", " ", "*", "**", "**/*"])
def test_what_means_everything_fits_everything(pattern: str) -> None:
    wanted = glob(pattern)
    assert wanted.fits("a.txt")
    assert wanted.fits("a/b/c.txt")
    assert wanted.leads("a/b")


@pytest.mark.parametrize(
    ("pattern", "folders", "others"),
    [
        ("*.md", ["a", "a/b"], []),
        ("a/*.md", ["a"], ["b", "a/b"]),
        ("a/**", ["a", "a/b", "a/b/c"], ["b"]),
        ("src/**/test/*.py", ["src", "src/x", "src/test", "src/x/test"], ["test"]),
        ("1?/[ab]/*", ["10", "10/a"], ["1", "10/c", "10/a/x"]),
    ],
)
def test_a_glob_knows_the_folders_where_something_may_fit(pattern: str, folders: list[str], others: list[str]) -> None:
    wanted = glob(pattern)
    assert wanted.leads("")
    assert [folder for folder in [*folders, *others] if wanted.leads(folder)] == folders


def test_a_glob_longer_than_any_path_is_refused() -> None:
    with pytest.raises(ToolError, match="too long"):
        glob("**/" * 5_000 + "x")


def test_folders_where_nothing_can_fit_are_not_entered(workspace: Workspace) -> None:
    for folder in range(30):
        for file in range(20):
            workspace.write(f"many/{folder}/{file}.txt", b"x")
    found = walk(workspace, "many", wanted=glob("29/*"), cancelled=never, most=20)
    assert len(found.files) == 20
    assert not found.cut


@POSIX_ONLY
def test_folders_that_cannot_be_entered_are_told_and_the_rest_is_listed(workspace: Workspace, tmp_path: Path) -> None:
    odd = [tmp_path / "two\nlines"]
    with contextlib.suppress(OSError):  # some file systems take UTF-8 names only
        (tmp_path / os.fsdecode(b"lat\xe9")).mkdir()
        odd.append(tmp_path / os.fsdecode(b"lat\xe9"))
    for folder in odd:
        folder.mkdir(exist_ok=True)
        (folder / "x").write_bytes(b"1")
    found = walk(workspace, "", wanted=glob(""), cancelled=never)
    assert [one.path for one in found.files] == ["4.txt", "a/1.txt", "a/2.txt", "a/b/3.txt"]
    told = listed(workspace, found, base="", folders=True)
    assert "two\\x0alines/  (not entered: it cannot be opened)" in told
    assert len(found.closed) == len(odd)


def test_a_folder_that_goes_meanwhile_does_not_break_the_walk(workspace: Workspace, tmp_path: Path) -> None:
    def removed() -> bool:
        shutil.rmtree(tmp_path / "a" / "b", ignore_errors=True)
        return False

    looks = iter([never, never, removed, never])
    found = walk(workspace, "", wanted=glob(""), cancelled=lambda: next(looks)())
    assert [one.path for one in found.files] == ["4.txt", "a/1.txt", "a/2.txt"]
    assert found.closed == ["a/b"]


@POSIX_ONLY
def test_a_tree_deeper_than_python_calls_itself_is_walked(workspace: Workspace, tmp_path: Path) -> None:
    deep = "/".join(["d"] * 1_200)
    workspace.write(f"{deep}/x", b"1")
    try:
        found = walk(workspace, "", wanted=glob(""), cancelled=never)
        assert found.files[-1].path == f"{deep}/x"
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=False)  # shutil would call itself too often


@POSIX_ONLY
def test_what_is_no_file_is_listed_as_what_it_is(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("4.txt")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "void").write_bytes(b"")
    told = listed(workspace, walk(workspace, "", wanted=glob(""), cancelled=never), base="", folders=True).split("\n")
    assert "link  ('link' is a link; links are not followed)" in told
    assert "pipe  (it is a pipe, not a regular file)" in told
    assert "void  0 bytes" in told
