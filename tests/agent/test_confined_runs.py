"""Runs whose tools start programs: what these change is journaled, shown and undone, and checks are confined too."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.approval import Policy
from agent.archive.changes import content_of, traces
from agent.events import CheckResult, Observed
from agent.goal import Goal, RunCheck
from agent.kit import Kit
from agent.snapshot import MOST_FILES, MOST_HELD
from plugins import ConfinedProcesses, Effect, SandboxLevels, tool
from tests.agent.cli.desk import Indoors
from tests.kits import House, Outcome, called, finish
from tests.place import Place
from tests.plugins.confined import confined
from tests.scripted import ScriptedModel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")


@pytest.fixture
def confining(house: House, tmp_path: Path) -> Iterator[House]:
    house.policy = Policy(yes=True)
    with confined(house.workspace) as sandbox:
        house.prepare = lambda kit: seat(kit, sandbox)
        yield house


def seat(kit: Kit, sandbox: ConfinedProcesses) -> None:
    kit.sandbox = sandbox


def shell(command: str, number: int = 1) -> Any:
    return called("run_shell", f"s{number}", command=command)


def files(outcome: Outcome) -> dict[str, str]:
    return {one.path: one.change for one in outcome.run.history.files.values()}


def test_what_a_command_did_to_files_is_told_and_what_was_there_is_kept(confining: House) -> None:
    confining.write("old.txt", "一\n")
    confining.write("gone.txt", "was here")
    confining.write("same.txt", "same")
    (confining.workspace / "bytes").write_bytes(b"\xff\0")
    command = "echo 二 >> old.txt; rm gone.txt; mkdir -p d; echo new > d/新.txt; echo x > bytes; touch same.txt"
    outcome = confining.run("work", ScriptedModel([shell(command), finish()]))
    assert files(outcome) == {"old.txt": "changed", "gone.txt": "deleted", "d/新.txt": "created", "bytes": "changed"}
    found = traces(outcome.records).files
    before = {path: one.before for path, one in found.items()}
    assert before["d/新.txt"] is not None
    assert before["d/新.txt"].sha256 is None
    kept = {path: content_of(state) for path, state in before.items() if state is not None and state.sha256}
    assert kept == {"old.txt": "一\n".encode(), "gone.txt": b"was here", "bytes": b"\xff\0"}
    assert not any(one.meddled for one in found.values())


def test_the_model_reads_what_a_failed_command_and_failed_code_said(confining: House) -> None:
    code = "print('so far')\nrows = [1]\nrows[4]"
    model = ScriptedModel([shell("echo 一; echo no such thing >&2; exit 3"), called("run_python", code=code), finish()])
    confining.run("work", model)
    told = [message.content for message in model.requests[-1].messages if message.role == "tool"]
    assert told[0] == "Error (exit): it ended with exit code 3\n一\nno such thing\n"
    assert all(part in told[1] for part in ("Error (exception): IndexError", "so far", "line 3", "rows[4]"))


def test_each_of_two_commands_is_told_its_own_changes(confining: House) -> None:
    outcome = confining.run(
        "work", ScriptedModel([(shell("echo 1 > a", 1), shell("echo 2 > b; echo 3 > a", 2)), finish()])
    )
    told = [
        {one.path: one.change for one in event.files} for event in outcome.of(Observed) if event.tool == "run_shell"
    ]
    assert told == [{"a": "created"}, {"b": "created", "a": "changed"}]


def test_a_change_is_seen_whose_time_was_set_back(confining: House) -> None:
    confining.write("a.txt", "one")
    command = "touch -r a.txt ref; printf two > a.txt; touch -r ref a.txt; rm ref"
    assert files(confining.run("work", ScriptedModel([shell(command), finish()]))) == {"a.txt": "changed"}


def test_what_is_too_large_to_be_held_is_told_all_the_same(confining: House) -> None:
    (confining.workspace / "big").write_bytes(b"x" * (MOST_HELD + 1))
    (confining.workspace / "middle").write_bytes(b"y" * 100_000)
    outcome = confining.run("work", ScriptedModel([shell("echo z >> big; echo z >> middle"), finish()]))
    assert files(outcome) == {"big": "changed", "middle": "changed"}
    found = traces(outcome.records).files
    assert found["big"].before is not None
    assert (found["big"].before.content, found["big"].before.artifact) == (None, None)
    assert found["middle"].before is not None
    assert found["middle"].before.artifact is not None


def test_a_plugin_that_executes_is_seen_too(confining: House) -> None:
    @tool(effect=Effect.EXECUTE)
    def act() -> str:
        """Do it."""
        (confining.workspace / "made").write_text("x")
        return "done"

    confining.tools = [act]
    assert files(confining.run("work", ScriptedModel([called("act"), finish()]))) == {"made": "created"}


def test_code_may_read_by_tools_through_approval_and_its_calls_are_journaled(confining: House) -> None:
    confining.write("a.txt", "read me")
    code = "tools.read_file(path='a.txt')"
    outcome = confining.run("work", ScriptedModel([called("run_python", code=code), finish()]))
    nested = [record.path for record in outcome.records if isinstance(record.event, Observed) and record.path]
    assert nested == ["run_python-1/1"]
    assert "read me" in outcome.of(Observed)[-1].text


def test_a_tool_that_is_denied_is_denied_to_code_as_well(confining: House) -> None:
    confining.policy = Policy(yes=True, deny=("read_file",))
    confining.write("a.txt", "read me")
    code = "tools.read_file(path='a.txt')"
    outcome = confining.run("work", ScriptedModel([called("run_python", code=code), finish()]))
    assert "read me" not in "".join(one.text for one in outcome.of(Observed))


def test_after_a_resume_the_interpreter_is_new_and_that_is_said(house: House) -> None:
    house.policy = Policy(yes=True)
    texts = []
    for again in (False, True):
        with confined(house.workspace) as sandbox:
            house.prepare = lambda kit, sandbox=sandbox: seat(kit, sandbox)  # type: ignore[misc]
            code = "x = 1" if not again else "'x' in globals()"
            model = ScriptedModel([called("run_python", f"p{again}", code=code), finish("no")])
            goal = Goal(goals=("work",), checks=(RunCheck(run="test -e never"),), attempts=0)
            outcome = house.resume(model) if again else house.run(goal, model)
            texts.append([one.text for one in outcome.of(Observed) if one.tool == "run_python"][-1])
    assert texts[1] == "(a new interpreter: nothing was defined before this call)\nFalse"


def test_a_checks_program_is_confined(confining: House, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    confining.write("made.txt", "x")
    checks = (
        RunCheck(run="test -s made.txt"),
        RunCheck(run=f"cat {tmp_path / 'outside'}"),
        RunCheck(run=f"echo x > {tmp_path / 'written'}"),
        RunCheck(run="test $KEY = k", env={"KEY": "k"}),
    )
    outcome = confining.run(Goal(goals=("work",), checks=checks, attempts=0), ScriptedModel([finish()]))
    passed = [one.passed for one in outcome.of(CheckResult)]
    assert (passed[0], passed[1], passed[3]) == (True, False, True)
    assert not (tmp_path / "written").exists()


def test_where_nothing_confines_a_check_goes_on_as_the_user_allowed_and_says_so(house: House) -> None:
    house.policy = Policy(yes=True)
    house.workspace.mkdir(parents=True, exist_ok=True)
    with ConfinedProcesses(house.workspace, level=SandboxLevels("off")) as sandbox:
        house.prepare = lambda kit: seat(kit, sandbox)
        goal = Goal(goals=("work",), checks=(RunCheck(run="echo hi"),), attempts=0)
        outcomes = [house.run(one, ScriptedModel([finish()])) for one in (goal, replace(goal, hosts=()))]
    found = [(one.passed, one.detail) for outcome in outcomes for one in outcome.of(CheckResult)]
    assert found == [
        (True, "ended with 0: hi (not confined)"),
        (True, "ended with 0: hi (not confined, with the whole network)"),
    ]


def test_a_run_says_that_programs_of_checks_are_not_held_to_the_hosts_of_its_goal(tmp_path: Path) -> None:
    place = Place(tmp_path)
    file = str(place.goal("goal: Look\nnetwork: {hosts: [example.org]}\nchecks: [{run: 'true'}]\n"))
    said = "the programs of `run` checks are not held to the hosts: they have the whole network (THINKACT_SANDBOX=off)"
    assert f"network.hosts: {said}" in place.thinkact("goal", "check", file, THINKACT_SANDBOX="off").stdout
    assert "network.hosts" not in place.thinkact("goal", "check", file).stdout
    ended = place.thinkact("run", file, "--model", "offline", "-y", THINKACT_SANDBOX="off")
    assert ended.stderr.count(said) == 1


def test_what_a_command_changed_is_shown_and_undone(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("old.md", "一\n")
    place.write("gone.md", "was here\n")
    with confined(place.workspace) as sandbox:
        house = Indoors(place.home, policy=Policy(yes=True), prepare=lambda kit: seat(kit, sandbox))
        house.run("work", ScriptedModel([shell("echo 二 >> old.md; rm gone.md; echo new > made.md"), finish()]))
    shown = place.thinkact("runs", "diff")
    assert "+二" in shown.stdout
    assert "-was here" in shown.stdout
    undone = place.thinkact("runs", "undo", "-y")
    assert undone.returncode == 0, undone.stderr
    assert {one.name: one.read_text("utf-8") for one in place.workspace.iterdir()} == {
        "old.md": "一\n",
        "gone.md": "was here\n",
    }


def changed_by(place: Place, command: str) -> None:
    """A run whose program does this, with bubblewrap or Landlock in namespaces: it may change rights."""
    with confined(place.workspace) as sandbox:
        house = Indoors(place.home, policy=Policy(yes=True), prepare=lambda kit: seat(kit, sandbox))
        house.run("work", ScriptedModel([shell(command), finish()]))


def standing(folder: Path) -> dict[str, str]:
    """All below a folder: links with where they lead, files with rights and content, folders with their rights."""
    found = {}
    for one in sorted(folder.rglob("*")):
        rights = f"{one.lstat().st_mode & 0o777:o}"
        what = f"{rights} {one.read_text()}" if one.is_file() else rights
        found[str(one.relative_to(folder))] = f"-> {one.readlink()}" if one.is_symlink() else what
    return found


@pytest.fixture
def furnished(tmp_path: Path) -> Place:
    """A workspace with files, links (one that leads nowhere) and an empty folder."""
    place = Place(tmp_path)
    place.write("a.sh", "echo 一\n")
    place.write("d/b.txt", "b")
    place.write("e/c.txt", "c")
    (place.workspace / "leer").mkdir()
    (place.workspace / "链接").symlink_to("a.sh")
    (place.workspace / "d" / "gone").symlink_to("../nowhere")
    return place


@pytest.mark.parametrize(
    "command",
    [
        "ln -s a.sh new; ln -s /etc/passwd d/out; mkdir -p f/g h; rmdir leer; rm 链接 d/gone",
        "chmod 755 a.sh; chmod 700 d; echo 二 >> a.sh; ln -sfn d/b.txt 链接",
        "rm a.sh; ln -s d/b.txt a.sh; rm 链接; echo file > 链接; rmdir leer; ln -s d leer",
        "rm d/gone; rm -r e; ln -s d e; mv d/b.txt f.txt; mkdir n; echo x > n/y; chmod 600 n/y",
        "rm a.sh 链接; mkdir -p a.sh 链接/inner; echo x > a.sh/x; echo y > 链接/inner/y; rm d/b.txt; mkfifo d/b.txt",
        "echo 二 >> a.sh; chmod 444 a.sh; echo 三 >> d/b.txt; chmod 400 d/b.txt; mkfifo pipe; rm -r e; echo no > e",
    ],
)
def test_links_rights_and_folders_that_a_program_changed_are_put_back(furnished: Place, command: str) -> None:
    before = standing(furnished.workspace)
    changed_by(furnished, command)
    assert standing(furnished.workspace) != before
    undone = furnished.thinkact("runs", "undo", "-y")
    assert undone.returncode == 0, undone.stderr
    assert standing(furnished.workspace) == before
    again = furnished.thinkact("runs", "undo", "-y")
    assert (again.returncode, "nothing is left to put back" in again.stderr) == (0, True)


@pytest.mark.parametrize(
    ("meddled", "told"),
    [
        (lambda root: (root / "new").unlink() or (root / "new").symlink_to("elsewhere"), "new: somebody else changed"),
        (lambda root: (root / "a.sh").chmod(0o711), "a.sh: somebody else changed"),
        (lambda root: (root / "链接").write_text("mine"), "链接: somebody else changed"),
    ],
)
def test_what_somebody_else_made_of_a_link_since_is_left(
    furnished: Place, meddled: Callable[[Path], object], told: str
) -> None:
    changed_by(furnished, "ln -s a.sh new; chmod 755 a.sh; rm 链接; mkdir x")
    meddled(furnished.workspace)
    now = standing(furnished.workspace)
    undone = furnished.thinkact("runs", "undo", "-y")
    assert undone.returncode == 1
    assert told in undone.stderr
    assert standing(furnished.workspace) == now


def test_a_new_folder_in_which_somebody_put_something_stays(furnished: Place) -> None:
    changed_by(furnished, "mkdir x; ln -s a.sh x/new")
    (furnished.workspace / "x" / "mine").write_text("mine")
    undone = furnished.thinkact("runs", "undo", "-y")
    assert undone.returncode == 0, undone.stderr
    assert "stays: 'x' is a folder that is not empty" in undone.stderr
    assert [one.name for one in (furnished.workspace / "x").iterdir()] == ["mine"]


def test_what_lies_beyond_the_files_that_are_looked_at_is_not_taken_for_new(confining: House) -> None:
    for number in range(MOST_FILES + 5):
        (confining.workspace / f"{number:05}.txt").touch()
    command = "rm 0000[0-4].txt; mkdir 0000; echo new > 0000/a.txt; touch z"
    outcome = confining.run("work", ScriptedModel([shell(command), finish()]))
    told = files(outcome)
    assert sorted(path for path, change in told.items() if change == "deleted") == [f"0000{n}.txt" for n in range(5)]
    assert [path for path, change in told.items() if change == "created"] == ["0000/a.txt"]
    (forms,) = (one.forms for one in outcome.of(Observed) if one.tool == "run_shell")
    assert [one.path for one in forms] == ["0000"]


def test_many_changed_files_do_not_swell_the_event(confining: House) -> None:
    for number in range(40):
        confining.write(f"{number}.txt", "x" * 20_000)
    outcome = confining.run("work", ScriptedModel([shell("for f in *.txt; do echo y >> $f; done"), finish()]))
    (event,) = (one for one in outcome.of(Observed) if one.tool == "run_shell")
    assert len(event.files) == len(event.before) == 40
    assert sum(len(one.content or "") for one in event.before) <= 256 * 1024
    assert all(one.content is not None or one.artifact is not None for one in event.before)
