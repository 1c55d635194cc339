from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from agent.errors import GoalError
from agent.goal import folder as goal_folder
from agent.goal.complaints import Reading
from agent.goal.folder import files_beside, read_text, schema_beside, workspace_beside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "goals/a.md",
        "goals/b[1].md",
        "docs/z.md",
        "docs/deep/y.md",
        "docs/.git/x.md",
        "docs/.env",
        "docs/说.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, "utf-8")
    return tmp_path / "goals"


def found(folder: Path, *patterns: str) -> list[str]:
    reading = Reading()
    files = files_beside(patterns, folder, reading)
    assert reading.complaints == []
    return [Path(file).relative_to(folder.parent).as_posix() for file in files]


def complaint(folder: Path, pattern: str) -> str:
    reading = Reading()
    assert files_beside([pattern], folder, reading) == ()
    (one,) = reading.complaints
    return one.message


def test_patterns_are_expanded_sorted_and_each_file_comes_once(folder: Path) -> None:
    assert found(folder, "../docs/*.md", "a.md", "../docs/z.md") == ["docs/z.md", "docs/说.md", "goals/a.md"]


def test_two_stars_cross_folders_and_hidden_files_must_be_named(folder: Path) -> None:
    assert found(folder, "../docs/**/*") == ["docs/deep/y.md", "docs/z.md", "docs/说.md"]
    assert found(folder, "../docs/.*") == ["docs/.env"]


def test_a_name_with_brackets_is_itself_where_it_is_there(folder: Path) -> None:
    assert found(folder, "b[1].md") == ["goals/b[1].md"]


def test_what_matches_nothing_says_where_it_looked(folder: Path) -> None:
    assert complaint(folder, "*.txt") == f'no file matches "*.txt" in {folder}'
    assert complaint(folder, "**.md").startswith("no file matches")
    assert complaint(folder, "../docs/") == '"../docs/" is a folder; write ../docs/**'


def test_too_many_files_are_refused(folder: Path) -> None:
    for n in range(goal_folder.MAX_FILES + 1):
        (folder / f"{n}.txt").touch()
    reading = Reading()
    files_beside(["*.txt", "a.md"], folder, reading)
    assert [one.message for one in reading.complaints] == ["more than 1,000 files"]


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_circle_of_links_ends(folder: Path) -> None:
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "linked.md").symlink_to(folder.parent / "docs" / "z.md")
    assert found(folder, "**/*.md") == ["goals/a.md", "goals/b[1].md", "goals/linked.md"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"type": ', r"s\.json:1:10: is not JSON"),
        ("[1]", "must be an object"),
        ('{"type": "strng"}', r"is no JSON Schema: type: .*strng"),
        ('{"properties": {"a": {"pattern": "("}}}', r"is no JSON Schema: properties\.a\.pattern: "),
        ('{"allOf": [{"$ref": "http://127.0.0.1/x.json"}]}', 'refers to "http://127.0.0.1/x.json"'),
        ('{"const": NaN}', "is not JSON: NaN"),
        ("[" * 100_000, r"nested too deeply|is not JSON"),
    ],
)
def test_a_schema_file_that_cannot_be_used_is_a_complaint(folder: Path, content: str, message: str) -> None:
    (folder / "s.json").write_text(content, "utf-8")
    reading = Reading()
    assert schema_beside("s.json", "checks[0].json_schema", folder, reading)[1] == {}
    (one,) = reading.complaints
    assert one.path == "checks[0].json_schema"
    assert re.search(message, one.message), one.message


def test_a_schema_that_refers_to_its_own_parts_is_read(folder: Path) -> None:
    (folder / "s.json").write_text('{"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}', "utf-8")
    reading = Reading()
    path, content = schema_beside("../goals/s.json", "p", folder, reading)
    assert path == str(folder / "s.json")
    assert content["$ref"] == "#/$defs/a"
    assert reading.complaints == []


def test_the_workspace_is_absolute_and_need_not_be_there(folder: Path) -> None:
    reading = Reading()
    assert workspace_beside(None, folder, reading) is None
    assert workspace_beside("../desk", folder, reading) == str(folder.parent / "desk")
    assert workspace_beside(str(folder / "new"), folder, reading) == str(folder / "new")
    assert workspace_beside("~/desk", folder, reading) == str(Path("~/desk").expanduser())
    assert reading.complaints == []


def test_a_workspace_that_is_a_file_or_has_no_home_is_a_complaint(folder: Path) -> None:
    reading = Reading()
    workspace_beside("a.md", folder, reading)
    workspace_beside("~nobody-of-this-name/desk", folder, reading)
    assert "is not a folder" in reading.complaints[0].message
    if os.name == "posix":
        assert "no home folder" in reading.complaints[1].message


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "goal.yaml")
    with pytest.raises(GoalError, match="no regular file"):
        read_text(tmp_path / "goal.yaml")
