"""Disks that take spellings for one name, as macOS and Windows have them: played by a folder that finds names so."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins import ToolError
from plugins._beneath import Reach
from plugins._folder import Folder
from plugins._paths import fold, normal
from plugins._spellings import Spellings
from plugins._workspace import Workspace

NFC = "résumé.md"
NFD = unicodedata.normalize("NFD", NFC)


def found(place: str, name: str) -> str:
    """The path of what such a disk finds under a name."""
    with os.scandir(place) as entries:
        alike = (entry.name for entry in entries if fold(entry.name) == fold(name))
        return str(Path(place, next(alike, name)))


class OneName(Folder):
    def _at(self, name: str) -> str:
        return found(self._place, name)

    def enter(self, name: str) -> Folder:
        return OneName(None, place=self._at(name))


class OneNameDisk(Reach):
    def folder(self, path: str) -> Folder:
        place = self._place
        for name in filter(None, path.split("/")):
            place = found(place, name)
        return OneName(None, place=super().folder(os.path.relpath(place, self._place))._place)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Workspace]:
    root = str(tmp_path.resolve())
    held = OneNameDisk(None, place=root)
    nothing: frozenset[str] = frozenset()
    with Workspace(
        tmp_path, held, roots=[root], write=[], protected=frozenset({"kept.txt"}), hidden=nothing, folding=True
    ) as workspace:
        yield workspace


def test_a_file_has_one_path_however_it_is_written(disk: Workspace, tmp_path: Path) -> None:
    (tmp_path / "Docs").mkdir()
    (tmp_path / "Docs" / "README.md").write_text("x")
    (tmp_path / "Docs" / NFD).write_text("y")
    for written in ("docs/readme.md", "DOCS/README.md", "Docs/README.MD", str(tmp_path / "docs" / "Readme.md")):
        assert disk.path(written) == "Docs/README.md"
    assert disk.path(f"docs/{NFC}") == disk.path(f"docs/{NFD}") == f"Docs/{NFD}"
    assert disk.read("docs/README.MD") == b"x"


def test_a_new_name_stays_as_it_is_written_in_the_folder_that_is_there(disk: Workspace, tmp_path: Path) -> None:
    (tmp_path / "Docs").mkdir()
    assert disk.path("docs/New/Name.md") == "Docs/New/Name.md"
    assert disk.path(NFD) == NFC
    disk.write("docs/New.md", b"1")
    disk.write("DOCS/new.MD", b"2")
    assert [entry.path for entry in disk.list(recursive=True)] == ["Docs/New.md", "Docs"]
    assert disk.read("docs/new.md") == b"2"


def test_what_was_looked_at_before_is_looked_at_again_once_it_changes(disk: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    assert disk.path("A.TXT") == "a.txt"
    (tmp_path / "a.txt").unlink()
    os.utime(tmp_path, (1, 1))  # within one tick of the disk's clock nobody could know
    assert disk.path("A.TXT") == "A.TXT"


def test_a_rename_of_letter_case_alone_is_refused_and_nothing_is_lost(disk: Workspace, tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("x")
    with pytest.raises(ToolError, match="has this name already") as refused:
        disk.move("readme.md", "README.md")
    assert refused.value.hint is not None
    assert "letter case" in refused.value.hint
    assert (tmp_path / "readme.md").read_text() == "x"


def test_a_protected_file_is_protected_under_each_of_its_names(disk: Workspace) -> None:
    with pytest.raises(ToolError, match="protected"):
        disk.write("KEPT.txt", b"")


def test_two_files_whose_names_are_alike_stay_two_where_the_disk_keeps_them_apart(tmp_path: Path) -> None:
    (tmp_path / "A.txt").write_text("1")
    (tmp_path / "a.txt").write_text("2")
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this disk takes them for one")
    spellings, folder = Spellings(), Folder(None, place=str(tmp_path.resolve()))
    assert spellings.stored(folder, "", "A.txt") == "A.txt"
    assert spellings.stored(folder, "", "a.txt") == "a.txt"
    assert spellings.stored(folder, "", "a.TXT") is None


@pytest.mark.parametrize("spelled", ["/Users/Ada/desk", "/users/ADA/Desk", "/Users/ada/desk"])
def test_the_workspaces_own_path_may_be_written_as_the_disk_takes_it(spelled: str) -> None:
    assert normal(f"{spelled}/x", roots=["/Users/ada/desk"], windows=False, folding=True) == "x"


def test_where_letter_case_counts_another_folder_is_another() -> None:
    with pytest.raises(ToolError, match="outside"):
        normal("/users/ada/desk/x", roots=["/Users/ada/desk"], windows=False)


@pytest.mark.parametrize(
    ("written", "root"),
    [
        (r"\\Server\share\desk\a", r"\\server\share\desk"),
        (r"\\?\UNC\server\share\desk\a", r"\\server\share\desk"),
        (r"\\?\C:\desk\a", r"C:\desk"),
        ("c:/DESK/a", r"C:\desk"),
        (r"C:\desk\a", r"\\?\C:\desk"),
    ],
)
def test_a_workspace_on_a_share_and_in_the_long_form_is_found(written: str, root: str) -> None:
    assert normal(written, roots=[root], windows=True) == "a"
