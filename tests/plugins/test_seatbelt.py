"""The profile for sandbox-exec, as a text: nobody here can have macOS read it."""

from __future__ import annotations

import ast
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from plugins._sandbox._desk import Desk
from plugins._sandbox._escaping import program
from plugins._sandbox._proof import QUICK_ON_MACOS
from plugins._sandbox._reach import NOWHERE, Reach
from plugins._sandbox._seatbelt import profile, quoted
from tests.plugins.pretending import rules

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its paths are those of POSIX")


def text_of(desk: Desk, reach: Reach = NOWHERE) -> str:
    try:
        return profile(desk=desk, guarded=desk.guarded(), temporary="/private/scratch/tmp", reach=reach)
    finally:
        desk.clear()


@pytest.mark.parametrize("name", ['a "quoted" one', "back\\slash", "(deny) ) (", "任务 桌面", "; comment", "'|$`"])
def test_a_name_is_a_name_whatever_is_in_it(name: str, tmp_path: Path) -> None:
    root = Path(os.path.realpath(tmp_path)) / name
    root.mkdir()
    text = text_of(Desk(root=str(root)))
    assert ("allow", "file-write*", "subpath", str(root)) in rules(text)
    assert ("deny", "file-write*", "subpath", str(root / ".git")) in rules(text)
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", re.sub(r"(?m)^;.*$", "", text))
    assert '"' not in bare
    assert bare.count("(") == bare.count(")")


def test_a_name_with_a_control_character_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a\nb").mkdir()
    with pytest.raises(ValueError, match="control character"):
        text_of(Desk(root=str(tmp_path / "a\nb")))
    assert quoted('a"\\') == '"a\\"\\\\"'


def test_the_real_name_counts_and_the_link_to_it_may_be_asked_about(tmp_path: Path) -> None:
    real = Path(os.path.realpath(tmp_path)) / "private 桌"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    found = rules(text_of(Desk(root=str(tmp_path / "link"))))
    assert ("allow", "file-write*", "subpath", str(real)) in found
    assert ("allow", "file-read-metadata", "literal", str(tmp_path / "link")) in found
    assert ("allow", "file-read-metadata", "literal", "/tmp") in found  # which is /private/tmp there
    assert not any(path == str(tmp_path / "link") for _, what, _, path in found if "write" in what)


def test_all_is_denied_but_what_stands_there_and_the_last_rule_guards(tmp_path: Path) -> None:
    root = Path(os.path.realpath(tmp_path))
    for name in ("conf", "secret"):
        (root / name).mkdir()
    (root / "conf" / "goal.yaml").write_text("goal: x\n")
    (root / ".env").write_text("KEY=x\n")
    text = text_of(Desk(root=str(root), protected=[root / "conf" / "goal.yaml"], hidden=[root / "secret"]))
    assert text.startswith("(version 1)\n(deny default)\n")
    assert "network" not in text
    assert "mach-lookup" not in text
    assert "procargs" not in text
    assert not re.search(r"\(allow file-\S+\)", text)  # a rule without a filter would open all
    found = rules(text)
    assert not any(path == "/" and kind == "subpath" for _, _, kind, path in found)
    assert not any(
        done == "allow" and Path.home().is_relative_to(path) for done, _, kind, path in found if kind == "subpath"
    )
    guards = [
        ("deny", "file-write-unlink", "literal", str(root / "conf")),
        ("deny", "file-write*", "subpath", str(root / "conf" / "goal.yaml")),
        ("deny", "file-write*", "subpath", str(root / ".git")),
        ("deny", "file-read* file-write*", "subpath", str(root / ".env")),
        ("deny", "file-read* file-write*", "subpath", str(root / "secret")),
    ]
    last = max(place for place, (done, *_) in enumerate(found) if done == "allow")
    assert [one for one in guards if one not in found[last:]] == []
    assert "(deny file-write-setugid)" in text.splitlines()


def test_only_what_a_goal_lets_it_write_is_written(tmp_path: Path) -> None:
    root = os.path.realpath(tmp_path)
    Path(root, "out").mkdir()
    found = rules(text_of(Desk(root=root, write=[f"{root}/out"])))
    written = {
        path for done, what, kind, path in found if done == "allow" and what == "file-write*" and kind == "subpath"
    }
    assert written == {"/private/scratch/tmp", f"{root}/out"}
    assert ("allow", "file-read* file-map-executable", "subpath", root) in found


def test_a_server_reaches_what_its_entry_names(tmp_path: Path) -> None:
    root = Path(os.path.realpath(tmp_path))
    for name in ("home", "docs", "docs/in", "out"):
        (root / name).mkdir()
    given = replace(NOWHERE, read=(f"{root}/docs",), write=(f"{root}/out", f"{root}/docs/in"), network=True)
    text = text_of(Desk(root=str(root / "home"), plain=True), given)
    found = [rule for rule in rules(text) if rule[1] == "file-write*"]
    assert found.index(("deny", "file-write*", "subpath", f"{root}/docs")) < found.index(
        ("allow", "file-write*", "subpath", f"{root}/docs/in")
    )
    assert '(allow network-outbound (remote ip "*:*"))' in text


def test_every_quick_attempt_on_macos_is_one_that_is_made_there() -> None:
    rooms: dict[str, str] = ast.literal_eval(program("darwin").partition("\n")[0].removeprefix("ROOMS = "))
    assert not any(name.endswith("_kernel") for name in rooms)
    source = "".join(rooms.values())
    assert [name for name in QUICK_ON_MACOS if f"@attempt\ndef {name}()" not in source] == []
