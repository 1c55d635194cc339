"""Names as text: what is read, refused, shown and compared, with no disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugins._contract import ToolError
from plugins._paths import fold, guards, holds, is_temporary, matches, named, normal, pattern, shown, within

ROOTS = ("/home/w", "/data/w")


def posix(text: str) -> str:
    return normal(text, roots=ROOTS, windows=False)


def windows(text: str) -> str:
    return normal(text, roots=(r"C:\work\w",), windows=True)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a/b", "a/b"),
        ("./a", "a"),
        ("a//b/", "a/b"),
        ("a/./b/../c", "a/c"),
        ("", ""),
        (".", ""),
        ("~", "~"),
        ("~/a", "~/a"),
        ("a\\b", "a\\b"),
        ("C:x", "C:x"),
        ("nul", "nul"),
        ("/home/w/a/b", "a/b"),
        ("/home/w", ""),
        ("/data//w/./x/../a", "a"),
        ("//home/w/a", "a"),
        ("报告 草稿.md", "报告 草稿.md"),
        ("👩‍💻/x", "👩‍💻/x"),
        (" a ", " a "),
        ("...", "..."),
        ("-rf", "-rf"),
    ],
)
def test_a_path_gets_its_one_form(text: str, path: str) -> None:
    assert posix(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "..",
        "../a",
        "a/../../b",
        "/",
        "/etc/passwd",
        "/home/w/../x",
        "/home/wx/a",
        "/home",
        "//etc/passwd",
        "/home/w/..",
    ],
)
def test_a_path_that_leaves_the_workspace_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(ToolError, match="outside the workspace") as caught:
        posix(text)
    assert "/home/w" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "a\x7f", "\x1b[31m", "a\x85b", "a\u2028b", "caf\udce9"])
def test_a_name_with_control_characters_or_broken_text_is_refused_and_shown_on_one_line(text: str) -> None:
    with pytest.raises(ToolError, match="no file name may have") as caught:
        posix(text)
    assert caught.value.message.isprintable()


def test_a_name_may_have_255_bytes_and_not_one_more() -> None:
    assert posix("a" * 255)
    with pytest.raises(ToolError, match="256 bytes"):
        posix("a" * 256)
    with pytest.raises(ToolError, match="258 bytes"):
        posix("字" * 86)


def test_a_whole_path_has_its_limit_too() -> None:
    with pytest.raises(ToolError, match="too long"):
        posix("/".join(["a" * 200] * 30))


def test_the_names_of_unfinished_writes_cannot_be_used() -> None:
    assert is_temporary(".thinkact-0123456789abcdef.tmp")
    assert not is_temporary(".thinkact-notes.tmp")
    with pytest.raises(ToolError, match="unfinished"):
        posix("a/.THINKACT-0123456789abcdef.tmp")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (r"a\b/c", "a/b/c"),
        (r"C:\work\w\a", "a"),
        (r"c:\WORK\W\a", "a"),
        (r"com10", "com10"),
        ("nulls.txt", "nulls.txt"),
    ],
)
def test_windows_takes_backslashes_and_its_drive(text: str, path: str) -> None:
    assert windows(text) == path


@pytest.mark.parametrize(
    "text",
    [
        r"C:\work\wx",
        "C:x",
        r"D:\work\w\a",
        r"\work\w\a",
        r"\\server\share\a",
        r"\\?\C:\work\x\a",
        r"\\?\Volume{1}\a",
        r"a\..\..\b",
    ],
)
def test_windows_refuses_what_lies_outside(text: str) -> None:
    with pytest.raises(ToolError, match="outside the workspace"):
        windows(text)


@pytest.mark.parametrize(
    "text",
    [
        "con",
        "NUL.txt",
        "a/aux",
        "COM1",
        "lpt³.x",
        "CONIN$",
        "nul .txt",
        "a.",
        "a ",
        "ab:stream",
        "a?",
        "a*b",
        'a"',
        "a|b",
    ],
)
def test_windows_refuses_devices_streams_and_names_that_it_would_change(text: str) -> None:
    with pytest.raises(ToolError, match="Windows"):
        windows(text)


def test_on_windows_a_name_is_measured_in_its_characters() -> None:
    assert windows("字" * 255)
    with pytest.raises(ToolError, match="256 characters"):
        windows("字" * 256)


def test_a_whole_disk_can_be_the_workspace() -> None:
    assert normal("/etc/x", roots=("/",), windows=False) == "etc/x"
    assert normal("C:\\a\\b", roots=("C:\\",), windows=True) == "a/b"


def test_odd_names_are_shown_without_loss() -> None:
    assert named("a\nb\udcff\u2028字") == r"a\x0ab\xff\u2028字"
    assert named("plain") == "plain"
    long = shown("x" * 400)
    assert len(long) < 300
    assert "…" in long


def test_spellings_that_a_file_system_may_take_for_one_are_equal_when_folded() -> None:
    assert fold("Straße/CAFÉ") == fold("STRASSE/cafe\u0301")
    assert fold("goal\u200d.yaml") == fold("GOAL.yaml")
    assert fold("a") != fold("b")


def test_within_and_holds_go_by_whole_names() -> None:
    guarded = frozenset({"state/x"})
    assert within("state/x", guarded)
    assert within("state/x/y", guarded)
    assert not within("state/xy", guarded)
    assert not within("state", guarded)
    assert holds("state", guarded)
    assert not holds("stat", guarded)
    assert not holds("state/x", guarded)


def test_guards_are_relative_and_those_elsewhere_are_left_out(tmp_path: Path) -> None:
    root = str(tmp_path / "Work")
    found = guards([tmp_path / "Work" / "State", tmp_path / "elsewhere"], roots=[root], why="kept")
    assert found == frozenset({"state"})


@pytest.mark.parametrize("inside", ["", "a/b"])
def test_a_workspace_in_a_guarded_folder_is_refused(tmp_path: Path, inside: str) -> None:
    with pytest.raises(ToolError, match="lies in"):
        guards([tmp_path], roots=[str(tmp_path / inside)], why="never written")


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_a_guard_named_through_a_link_counts_where_it_really_lies(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "other").symlink_to(tmp_path / "work")
    assert guards([tmp_path / "other" / "g"], roots=[str(tmp_path / "work")], why="kept") == frozenset({"g"})


@pytest.mark.parametrize(
    ("glob", "path", "does"),
    [
        ("digest.md", "digest.md", True),
        ("./digest.md", "digest.md", True),
        ("digest.md", "a/digest.md", False),
        ("out/**", "out/a", True),
        ("out/**", "out/a/b", True),
        ("out/**", "out", False),
        ("out/", "out/a/b", True),
        ("out/", "out", False),
        ("**", "a/b", True),
        ("**/", "a/b", True),
        ("*", "a/b", False),
        ("**/*.md", "a.md", True),
        ("**/*.md", "x/y/a.md", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/z", "a/b/c", False),
        ("[ab]?.txt", "b1.txt", True),
        ("[ab]?.txt", "c1.txt", False),
        ("A", "a", False),
        ("caf\u00e9", "cafe\u0301", True),
    ],
)
def test_globs_match_names_and_folders(glob: str, path: str, does: bool) -> None:
    assert matches(path, pattern(glob, windows=False)) is does


def test_a_glob_of_many_stars_takes_no_long_time() -> None:
    assert not matches("/".join("a" * 200), pattern("/".join(["**", "a"] * 60) + "/b", windows=False))


@pytest.mark.parametrize("glob", ["", "/", "/etc/*", "../a", "a/../b", "."])
def test_a_glob_that_leaves_the_workspace_is_refused(glob: str) -> None:
    with pytest.raises(ToolError, match="pattern"):
        pattern(glob, windows=False)
