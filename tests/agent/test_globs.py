"""Globs on workspace paths."""

from __future__ import annotations

import unicodedata

import pytest

from agent.globs import matches


@pytest.mark.parametrize(
    ("path", "glob"),
    [
        ("a.txt", "a.txt"),
        ("a.txt", "./a.txt"),
        ("a.txt", "*.txt"),
        ("a.txt", "?.txt"),
        ("out/a.txt", "out/*"),
        ("out/deep/a.txt", "out/**"),
        ("a.txt", "**/a.txt"),
        ("x/y/a.txt", "**/a.txt"),
        ("x/y/a.txt", "x/**/a.txt"),
        ("x/a.txt", "x/**/a.txt"),
        ("报告.md", "报*.md"),
        ("a1.txt", "a[0-9].txt"),
        ("ax.txt", "a[!0-9].txt"),
        ("a].txt", "a[]].txt"),
        ("a^.txt", "a[^].txt"),
        ("[z-a]", "[z-a]"),
        ("a[b", "a[b"),
        ("a(1)+.txt", "a(1)+.txt"),
        ("a&b", "a[&&~|]b"),
    ],
)
def test_a_path_matches(path: str, glob: str) -> None:
    assert matches(path, glob)


@pytest.mark.parametrize(
    ("path", "glob"),
    [
        ("out/deep/a.txt", "out/*"),
        ("out/a.txt", "*.txt"),
        ("a.txt.bak", "*.txt"),
        ("aatxt", "a.txt"),
        ("outer/a.txt", "out/**"),
        ("a/b", "a[!x]b"),
        ("a/b", "a?b"),
        ("ax.txt", "a[0-9].txt"),
        ("A.txt", "a.txt"),
    ],
)
def test_a_path_does_not_match(path: str, glob: str) -> None:
    assert not matches(path, glob)


def test_an_accent_matches_however_the_file_system_composes_it() -> None:
    assert matches(unicodedata.normalize("NFD", "é/été.md"), "é/*té.md")
