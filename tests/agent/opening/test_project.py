"""The project: which folder it is, and what its notes are called."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from agent.goal.texts import namespace as checked
from agent.opening.project import default_namespace, project_folder, project_namespace
from agent.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of this test's own."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.mark.parametrize("mark", [".git", "pyproject.toml", "package.json", "Cargo.toml", "go.mod"])
def test_a_project_is_the_nearest_folder_upwards_that_looks_like_one(home: Path, mark: str) -> None:
    inner = home / "work" / "ferry" / "src" / "deep"
    inner.mkdir(parents=True)
    (home / "work" / "ferry" / mark).touch()
    assert project_folder(inner) == home / "work" / "ferry"
    assert project_namespace(inner) == project_namespace(home / "work" / "ferry")
    assert project_namespace(inner).startswith("ferry-")


def test_without_a_mark_it_is_the_folder_itself_and_the_home_folder_is_no_project(home: Path) -> None:
    (home / ".git").mkdir()
    (home / "letters" / "may").mkdir(parents=True)
    assert project_folder(home / "letters" / "may") == home / "letters" / "may"
    assert project_folder(home) == home
    assert project_namespace(home / "letters") != project_namespace(home / "letters" / "may")


def test_two_projects_of_one_name_do_not_meet(home: Path) -> None:
    names = set()
    for above in ("a", "b"):
        folder = home / above / "site"
        folder.mkdir(parents=True)
        names.add(project_namespace(folder))
    assert len(names) == 2
    assert {name.partition("-")[0] for name in names} == {"site"}


@pytest.mark.parametrize("name", ["图书馆", "Büro", "two words", "x" * 200, "-", "a\u200bb"])
def test_any_folders_name_makes_a_namespace_that_may_be_typed_again(home: Path, name: str) -> None:
    (home / name).mkdir()
    found = project_namespace(home / name)
    assert checked(found) == found
    assert found == unicodedata.normalize("NFC", found)
    composed, decomposed = (home / unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert project_namespace(composed) == project_namespace(decomposed)


def test_a_link_is_the_folder_that_it_leads_to(home: Path) -> None:
    (home / "real").mkdir()
    (home / "link").symlink_to(home / "real")
    assert project_namespace(home / "link") == project_namespace(home / "real")


def test_the_root_and_a_folder_that_is_gone_have_a_name_as_well(home: Path) -> None:
    assert project_namespace(Path("/")).startswith("project-")
    assert project_namespace(home / "gone").startswith("gone-")


def test_the_settings_come_before_the_project(home: Path) -> None:
    plain = Settings.load(cwd=home)
    assert default_namespace(plain, home) == project_namespace(home)
