"""Programs that are started unconfined: found by their names, and never where an agent could have put them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from plugins._programs import NoProgram, Programs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a file is no program by its rights there")


def program(folder: Path, name: str = "工具") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / name
    made.write_text("#!/bin/sh\n")
    made.chmod(0o755)
    return made


def on(*folders: Path | str, avoided: Path | None = None, spared: tuple[str, ...] = ()) -> Programs:
    held = {} if avoided is None else {str(avoided): "the workspace"}
    return Programs(first=(), path=os.pathsep.join(map(str, folders)), avoided=held, spared=spared)


def test_what_lies_in_the_workspace_is_passed_over_by_whatever_name(tmp_path: Path) -> None:
    desk, good = tmp_path / "桌", program(tmp_path / "good")
    bait = program(desk / "bin")
    for name in ("link", "chain", "folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "link" / "工具").symlink_to(bait)
    (desk / "到").symlink_to(good)
    (tmp_path / "chain" / "工具").symlink_to(desk / "到")  # it leads where it should by way of the workspace
    (tmp_path / "folder" / "bin").symlink_to(desk / "bin")
    (desk / "away").symlink_to(good.parent)
    for one in (desk / "bin", tmp_path / "link", tmp_path / "chain", tmp_path / "folder" / "bin", desk / "away"):
        looked = on(one, good.parent, avoided=desk).look("工具")
        assert looked.found == str(good)
        assert [why.partition(" (")[0] for _, why in looked.passed] == ["lies in the workspace"]
        with pytest.raises(NoProgram, match="工具 lies in the workspace") as raised:
            on(one, avoided=desk).find("工具")
        assert raised.value.lies == str(one / "工具")
    assert on(desk / "bin", good.parent, avoided=desk).folders() == [str(good.parent)]
    (tmp_path / "named").symlink_to(desk)
    assert on(desk / "bin", avoided=tmp_path / "named").look("工具").found is None
    assert on(desk / "bin", avoided=desk, spared=(str(desk / "bin"),)).find("工具") == str(bait)
    assert on(desk / "bin", avoided=desk / "bin", spared=(str(desk),)).look("工具").found is None


def test_no_relative_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path)
    program(tmp_path / "bin")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoProgram, match="工具 is not installed"):
        on("bin", "", ".").find("工具")
    assert on("bin", "", ".").folders() == []


@pytest.mark.parametrize("mode", [0o757, 0o1777])
def test_what_others_may_write_is_passed_over(tmp_path: Path, mode: int) -> None:
    good, bait = program(tmp_path / "good"), program(tmp_path / "open")
    bait.parent.chmod(mode)
    assert on(bait.parent, good.parent).find("工具") == str(good)
    with pytest.raises(NoProgram, match=f"lies where others may write .{bait.parent}."):
        on(bait.parent).find("工具")
    bait.parent.chmod(0o755)
    assert on(bait.parent).find("工具") == str(bait)
    bait.chmod(0o757)
    assert on(bait.parent).look("工具").found is None


def test_the_folders_of_the_system_come_first(tmp_path: Path) -> None:
    program(tmp_path, "sh")
    assert Programs(path=str(tmp_path)).find("sh") in ("/usr/bin/sh", "/bin/sh")
