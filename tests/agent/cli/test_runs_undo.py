"""What a run changed, seen with `runs diff` and taken back with `runs undo`."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from agent.events import FileState, ToolStarted
from agent.model import Request
from agent.runs import Run
from tests.agent.cli.desk import Indoors, worked, write
from tests.kits import called, finish, opening
from tests.place import Place, no_traceback
from tests.scripted import ScriptedModel

BIG = "0123456789\n" * 7000


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.write("改.md", "一\n二\n")
    made.write("gone.md", "was here")
    made.write("moved.md", "the same\n")
    return made


def changed(place: Place) -> str:
    """A run that changes, makes, deletes and moves a file; its id."""
    calls = [called("delete_file", path="gone.md"), called("move_file", source="moved.md", target="sub/other.md")]
    return worked(place, write("改.md", "一\n三"), write("made.md", "new \x1b[2J\n"), *calls).run.id


def test_a_diff_tells_what_was_made_changed_deleted_and_moved(place: Place) -> None:
    changed(place)
    shown = place.thinkact("runs", "diff")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == (
        "deleted gone.md\n--- a/gone.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-was here\n\\ No newline at end of file\n"
        "created made.md\n--- /dev/null\n+++ b/made.md\n@@ -0,0 +1 @@\n+new \\x1b[2J\n"
        "moved moved.md → sub/other.md\n"
        "changed 改.md\n--- a/改.md\n+++ b/改.md\n@@ -1,2 +1,2 @@\n 一\n-二\n+三\n\\ No newline at end of file\n"
    )
    told = {one["path"]: one for one in json.loads(place.thinkact("runs", "diff", "--json").stdout)}
    assert {path: one["change"] for path, one in told.items()} == {
        "gone.md": "deleted",
        "made.md": "created",
        "sub/other.md": "moved",
        "改.md": "changed",
    }
    assert told["sub/other.md"]["from"] == "moved.md"
    assert told["made.md"]["before"] is None
    assert "-二" in told["改.md"]["diff"]


def test_files_that_are_no_text_are_compared_by_size_and_hash(place: Place) -> None:
    (place.workspace / "picture.bin").write_bytes(b"\x89\x00\xff")
    worked(place, write("picture.bin", "now text"))
    assert "changed picture.bin\n  3 bytes, sha256 " in place.thinkact("runs", "diff").stdout


def test_a_file_too_large_for_an_event_is_kept_beside_the_run_and_put_back(place: Place) -> None:
    place.write("large.txt", BIG)
    worked(place, write("large.txt", "short"))
    assert "changed large.txt\n--- a/large.txt" in place.thinkact("runs", "diff").stdout
    assert place.thinkact("runs", "undo", "-y").returncode == 0
    assert place.read("large.txt") == BIG


def test_an_undoing_puts_everything_back_and_a_second_one_says_so(place: Place) -> None:
    before = place.files()
    run = changed(place)
    assert place.files() != before
    undone = place.thinkact("runs", "undo", "-y")
    assert undone.returncode == 0, undone.stderr
    assert undone.stderr.splitlines()[-1] == f"thinkact: 5 files put back as before the run {run}"
    assert place.files() == before
    again = place.thinkact("runs", "undo", "-y")
    assert again.returncode == 0
    assert again.stderr.startswith(f"thinkact: the run {run} was undone on 2")
    assert again.stderr.endswith("nothing is left to put back\n")
    assert place.thinkact("runs", "diff").stderr == "nothing differs from what was there before the run\n"
    shown = place.thinkact("runs", "show").stdout
    assert "→ undo(" in shown
    place.write("改.md", "of a person, later")
    assert "was undone" in place.thinkact("runs", "undo", "-y").stderr
    assert place.read("改.md") == "of a person, later"


def test_nothing_is_touched_where_somebody_else_changed_a_file_unless_it_is_named(place: Place) -> None:
    before = place.files()
    changed(place)
    place.write("改.md", "of a person")
    after = place.files()
    refused = place.thinkact("runs", "undo", "-y")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[0] == "thinkact: 改.md: somebody else changed it since"
    assert "--force FILE" in refused.stderr
    assert place.files() == after
    wrong = place.thinkact("runs", "undo", "-y", "--force", "mode.md")
    assert (wrong.returncode, place.files()) == (2, after)
    assert "did you mean made.md?" in wrong.stderr
    assert place.thinkact("runs", "undo", "-y", "--force", "../x").returncode == 2
    forced = place.thinkact("runs", "undo", "-y", "--force", "改.md")
    assert forced.returncode == 0, forced.stderr
    assert place.files() == before
    replaced = [one for one in place.events() if one["kind"] == "tool.started"][-1]
    assert {one["path"]: one["content"] for one in replaced["before"]}["改.md"] == "of a person"


def test_what_cannot_be_put_back_is_told_and_the_rest_is(place: Place) -> None:
    place.write("huge.txt", BIG * 900)
    worked(place, write("huge.txt", "short"), write("改.md", "x"))
    undone = place.thinkact("runs", "undo", "-y")
    assert undone.returncode == 1
    assert "cannot be put back: huge.txt: its content before the run, 69300000 bytes, was not kept" in undone.stderr
    assert place.read("改.md") == "一\n二\n"
    assert place.read("huge.txt") == "short"


def test_with_nobody_to_ask_nothing_is_undone(place: Place) -> None:
    changed(place)
    after = place.files()
    refused = place.thinkact("runs", "undo")
    assert refused.returncode == 2
    assert refused.stderr.startswith("thinkact: Put back 5 files? Nobody can be asked here")
    assert place.files() == after


@pytest.mark.skipif(sys.platform == "win32", reason="rights of this kind are POSIX's")
def test_a_file_that_was_deleted_comes_back_with_the_rights_that_it_had(place: Place) -> None:
    for name, mode in (("工具.sh", 0o755), ("secret.txt", 0o600), ("big.txt", 0o640)):
        place.write(name, name * (20_000 if name == "big.txt" else 1)).chmod(mode)
    deleted = [called("delete_file", path=name) for name in ("工具.sh", "secret.txt")]
    worked(place, *deleted, called("move_file", source="big.txt", target="moved.txt"))
    assert place.thinkact("runs", "undo", "last", "-y").returncode == 0
    rights = {name: (place.workspace / name).stat().st_mode & 0o777 for name in ("工具.sh", "secret.txt", "big.txt")}
    assert rights == {"工具.sh": 0o755, "secret.txt": 0o600, "big.txt": 0o640}


def test_a_run_that_changed_nothing_has_nothing_to_undo_and_one_without_its_workspace_cannot_be(place: Place) -> None:
    run = worked(place).run.id
    assert f"the run {run} changed no file" in place.thinkact("runs", "undo", "-y").stderr
    place.workspace.rename(place.folder / "elsewhere")
    for words in (("undo", "-y"), ("diff",)):
        gone = place.thinkact("runs", *words)
        no_traceback(gone)
        assert gone.returncode == 2
        assert "is gone" in gone.stderr


def test_an_undoing_that_was_killed_is_gone_on_with(place: Place) -> None:
    before = place.files()
    outcome = worked(place, write("改.md", "1"), write("gone.md", "2"))
    states = [FileState(path=path, sha256=place_hash(place, path), bytes=1) for path in ("改.md", "gone.md")]
    first = {one.before[0].path: one.before[0].sha256 for one in outcome.of(ToolStarted)}
    with Run.open(outcome.run.folder) as run:  # announced, one file put back, then killed
        begun = ToolStarted(
            call="undo1",
            tool="undo",
            arguments={},
            arguments_hash="",
            effect="write",
            before=tuple(states),
            after=first,
        )
        run.record(begun, "undo1")
        run.commit()
    place.write("gone.md", before["gone.md"])
    assert place.thinkact("runs", "undo", "-y").returncode == 0
    assert place.files() == before


def place_hash(place: Place, path: str) -> str:
    return hashlib.sha256((place.workspace / path).read_bytes()).hexdigest()


def test_the_agent_is_told_of_an_undoing_when_its_run_goes_on(place: Place) -> None:
    limited = Indoors(place.home)
    outcome = limited.run("Work.", ScriptedModel([write("made.md", "1"), ctrl_c]))
    assert outcome.ended.state == "interrupted"
    assert place.thinkact("runs", "undo", "-y").returncode == 0
    model = ScriptedModel([finish("done")])
    limited.resume(model)
    assert "The user has undone the work so far: put back as before the run: made.md." in str(
        model.requests[0].messages
    )


def ctrl_c(_: Request) -> BaseException:
    return KeyboardInterrupt()


def test_a_run_that_somebody_works_on_is_not_undone(place: Place) -> None:
    with Run.create(place.home / "runs") as run:
        run.record(opening(run.id, goal={}, workspace=str(place.folder / "nowhere")))
        run.commit()
        busy = place.thinkact("runs", "undo", "-y")
        assert busy.returncode == 2
        assert "is being worked on by another process" in busy.stderr
