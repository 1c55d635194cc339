"""Goal files that a run wrote are not run."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from agent.errors import GoalError
from agent.events import Event, FileChange, Observed, Record, Thought
from agent.opening.provenance import LEDGER, MOST_BYTES, refuse_if_written, remember_written
from plugins import Effect, tool
from tests.kits import House, called, finish
from tests.scripted import ScriptedModel


@tool(effect=Effect.READ)
def idle() -> str:
    """Do nothing of note."""
    return "idle"


def tell(home: Path, root: Path, path: str, content: str | None, *, size: int | None = None) -> None:
    digest = None if content is None else hashlib.sha256(content.encode()).hexdigest()
    length = len(content or "") if size is None else size
    change = FileChange(path=path, change="deleted" if content is None else "created", bytes=length, sha256=digest)
    event: Event = Observed(call="c", tool="t", ok=True, text="x", files=(change,))
    remember_written(home, root, "run-1")(Record(seq=1, time=0.0, elapsed=0.0, path="", event=event))


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, Path]:
    home, root = tmp_path / "home", tmp_path / "workspace"
    root.mkdir()
    return home, root


@pytest.mark.parametrize("name", ["goal.yaml", "Goal.YML", "goal.txt", "deep/目标"])
def test_a_goal_file_that_a_run_wrote_is_refused(place: tuple[Path, Path], name: str) -> None:
    home, root = place
    file = root / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("goal: x\n")
    refuse_if_written(file, home)
    tell(home, root, name, "goal: x\n")
    with pytest.raises(GoalError, match="was written by the run run-1, not by a person") as refused:
        refuse_if_written(file, home)
    assert refused.value.hint == "read it, and copy it to another place if it is what you want"


def test_changed_or_copied_by_a_person_it_may_run(place: tuple[Path, Path], tmp_path: Path) -> None:
    home, root = place
    tell(home, root, "goal.yaml", "goal: x\n")
    (root / "goal.yaml").write_text("goal: mine\n")
    refuse_if_written(root / "goal.yaml", home)
    (tmp_path / "copy.yaml").write_text("goal: x\n")
    refuse_if_written(tmp_path / "copy.yaml", home)


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_way_through_links_leads_to_the_same_file(place: tuple[Path, Path], tmp_path: Path) -> None:
    home, root = place
    (tmp_path / "link").symlink_to(root)
    (root / "goal.yaml").write_text("goal: x\n")
    tell(home, tmp_path / "link", "goal.yaml", "goal: x\n")
    for file in (root / "goal.yaml", tmp_path / "link" / "goal.yaml", root / ".." / "workspace" / "goal.yaml"):
        with pytest.raises(GoalError):
            refuse_if_written(file, home)


def test_what_is_gone_or_too_large_or_no_file_is_not_noted(place: tuple[Path, Path]) -> None:
    home, root = place
    tell(home, root, "goal.yaml", None)
    tell(home, root, "goal.yaml", "x", size=MOST_BYTES + 1)
    remember_written(home, root, "r")(Record(seq=1, time=0, elapsed=0, path="", event=Thought(text="x")))
    assert not (home / LEDGER).exists()
    refuse_if_written(root / "goal.yaml", home)


def test_a_line_that_was_cut_off_by_a_crash_hides_no_other(place: tuple[Path, Path]) -> None:
    home, root = place
    (root / "goal.yaml").write_text("goal: x\n")
    digest = hashlib.sha256(b"goal: x\n").hexdigest()
    home.mkdir()
    (home / LEDGER).write_bytes(b"\xff\xfe\n" + f'{{"path": "{digest}\n["{digest}"'.encode())
    refuse_if_written(root / "goal.yaml", home)
    tell(home, root, "goal.yaml", "goal: x\n")
    with pytest.raises(GoalError):
        refuse_if_written(root / "goal.yaml", home)


def test_what_a_real_run_writes_and_moves_is_noted(house: House) -> None:
    house.watchers.append(remember_written(house.home, house.workspace, "r1"))
    replies = [
        called("write_file", "c1", path="a.md", content="goal: be free\n"),
        called("move_file", "c2", source="a.md", target="goal.yaml"),
        finish("done"),
    ]
    assert house.run("Write.", ScriptedModel(replies)).ended.state == "reached"
    with pytest.raises(GoalError):
        refuse_if_written(house.workspace / "goal.yaml", house.home)


def test_a_run_that_writes_nothing_leaves_no_ledger(house: House) -> None:
    house.tools = (idle,)
    house.watchers.append(remember_written(house.home, house.workspace, "r1"))
    house.run("Idle.", ScriptedModel([called("idle"), finish()]))
    assert not (house.home / LEDGER).exists()
