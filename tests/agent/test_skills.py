"""Skills of a workspace: what is taken from their files, and what is told of those that are not as they should be."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.skills import MOST, find_skills, read_skill
from plugins import Workspace

PATH = ".agents/skills/tide-tables/SKILL.md"
GOOD = "---\nname: tide-tables\ndescription: Reads tide tables. Use when a goal names a harbour.\n---\n# How\n"


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "desk") as opened:
        yield opened


def put(files: Workspace, name: str, text: str | bytes) -> Path:
    folder = files.root / ".agents" / "skills" / name
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "SKILL.md"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def read(text: str) -> tuple[str, str, list[str]]:
    """Name, description and faults of a skill that can be used."""
    skill, faults = read_skill(text, PATH)
    assert skill is not None, faults
    return skill.name, skill.description, faults


def test_name_and_description_are_taken_and_nothing_else() -> None:
    assert read(GOOD) == ("tide-tables", "Reads tide tables. Use when a goal names a harbour.", [])


def test_the_optional_fields_and_a_text_over_several_lines_are_read() -> None:
    head = "name: tide-tables\nlicense: MIT\nmetadata:\n  author: Ana\nallowed-tools: Bash(git:*) Read\n"
    text = f"---\r\n{head}description: >\n  Reads tide tables\n  of any harbour.\n---\r\nbody"
    assert read(text) == ("tide-tables", "Reads tide tables of any harbour.", [])


def test_a_chinese_description_is_read() -> None:
    assert read("---\nname: tide-tables\ndescription: 读取潮汐表。目标提到港口时使用。\n---\n")[1].startswith(
        "读取潮汐表"
    )


def test_a_colon_in_a_value_which_is_no_yaml_is_read_all_the_same_and_told() -> None:
    name, description, faults = read("---\nname: tide-tables\ndescription: Use this when: a harbour is named\n---\n")
    assert (name, description) == ("tide-tables", "Use this when: a harbour is named")
    assert faults[0].startswith("its front matter is no YAML (line 3: ")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# Only a heading\n", "it does not begin with a line of three dashes"),
        ("---\nname: tide-tables\n", "its front matter does not end with a line of three dashes"),
        ("---\nname: tide-tables\n---\n", "it has no description"),
        ("---\nname: tide-tables\ndescription: '  '\n---\n", "it has no description"),
        ("---\n- a\n- b\n---\n", "it has no description"),
        ("---\ndescription: [a, b]\n---\n", "it has no description"),
        ("", "it does not begin with a line of three dashes"),
    ],
)
def test_a_file_that_cannot_be_used_is_left_out_with_its_reason(text: str, why: str) -> None:
    skill, faults = read_skill(text, PATH)
    assert skill is None
    assert faults[-1] == f"is left out: {why}"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("PDF-Forms", "the name 'PDF-Forms' is not of small letters, digits and single hyphens"),
        ("-tide", "the name '-tide' is not of small letters, digits and single hyphens"),
        ("tide--tables", "the name 'tide--tables' is not of small letters, digits and single hyphens"),
        ("other", "its name is other, and its folder's is tide-tables"),
        ("", "it has no name; that of its folder is taken"),
    ],
)
def test_a_name_that_is_not_as_the_format_has_it_is_told_and_the_skill_is_there(name: str, fault: str) -> None:
    assert read(f"---\nname: {name}\ndescription: d\n---\n")[2] == [fault]


def test_a_description_that_is_too_long_is_cut_and_told() -> None:
    _, description, faults = read(f"---\nname: tide-tables\ndescription: {'long ' * 400}\n---\n")
    assert len(description) <= 1_026
    assert faults == ["its description has more than 1,024 characters and is cut"]


def test_control_characters_are_shown_for_what_they_are() -> None:
    _, description, _ = read('---\nname: tide-tables\ndescription: "red \\e[31m and \\u202e back"\n---\n')
    assert description == "red \\x1b[31m and \\u202e back"


def test_a_yaml_bomb_is_refused_and_told() -> None:
    head = "a: &a [x,x]\n" + "".join(
        f"{b}: &{b} [*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)
    )
    skill, faults = read_skill(f"---\n{head}description: d\n---\n", PATH)
    assert skill is not None
    assert "its front matter is no YAML" in faults[0]


def test_the_skills_of_a_workspace_are_found_and_files_beside_them_passed_over(files: Workspace) -> None:
    put(files, "tide-tables", GOOD)
    put(files, "charts", "---\nname: charts\ndescription: Draws charts.\n---\n")
    (files.root / ".agents/skills/README.md").write_text("about", "utf-8")
    (files.root / ".agents/skills/empty").mkdir()
    found = find_skills(files)
    assert [(one.name, one.path) for one in found.skills] == [
        ("charts", ".agents/skills/charts/SKILL.md"),
        ("tide-tables", PATH),
    ]
    assert found.faults == (".agents/skills/empty: there is no SKILL.md in it",)


def test_without_the_folder_there_are_none(files: Workspace) -> None:
    assert find_skills(files) == find_skills(files)
    assert not find_skills(files).skills
    assert not find_skills(files).faults


@pytest.mark.skipif(sys.platform == "win32", reason="a link needs a right there")
def test_links_are_not_followed_and_told(files: Workspace, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "SKILL.md").write_text(GOOD, "utf-8")
    file = put(files, "inner", "")
    file.unlink()
    file.symlink_to(outside / "SKILL.md")
    (files.root / ".agents/skills/linked").symlink_to(outside)
    found = find_skills(files)
    assert not found.skills
    assert len(found.faults) == 2
    assert all("links are not followed" in one for one in found.faults)


def test_bytes_that_are_not_utf8_are_told(files: Workspace) -> None:
    put(files, "tide-tables", GOOD.encode() + "章".encode("gbk"))
    found = find_skills(files)
    assert found.skills[0].name == "tide-tables"
    assert found.faults == (f"{PATH}: holds bytes that are not UTF-8",)


def test_of_two_skills_with_one_name_both_are_there_and_it_is_told(files: Workspace) -> None:
    put(files, "a", "---\nname: tide\ndescription: d\n---\n")
    put(files, "b", "---\nname: tide\ndescription: e\n---\n")
    found = find_skills(files)
    assert len(found.skills) == 2
    assert ".agents/skills/b/SKILL.md: .agents/skills/a/SKILL.md has the same name, tide" in found.faults


def test_of_very_many_folders_only_the_first_are_looked_at(files: Workspace) -> None:
    for number in range(MOST + 3):
        put(files, f"s{number:03}", f"---\nname: s{number:03}\ndescription: d\n---\n")
    found = find_skills(files)
    assert len(found.skills) == MOST
    assert found.faults == (f".agents/skills: only the first {MOST} of {MOST + 3} entries are looked at",)
