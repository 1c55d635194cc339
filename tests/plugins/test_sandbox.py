"""Confined programs: what they see and may write, how they are held to limits, and that none outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plugins import ConfinedProcesses, Programs, SandboxLevels, ToolError
from plugins._programs import NoProgram
from plugins._sandbox import Level, Limits
from plugins._sandbox._desk import Desk
from plugins._sandbox._filter import ARCHITECTURES, filter_program
from plugins._sandbox._ways import program_of
from tests.plugins.confined import ENVIRONMENT, any_level, confined, needed
from tests.plugins.escaping import LEVELS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(params=list(LEVELS))
def level(request: pytest.FixtureRequest) -> Level:
    return needed(str(request.param))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return tmp_path / "desk"


def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def test_a_program_works_in_the_workspace_and_says_how_it_ended(desk: Path, level: Level) -> None:
    with confined(desk, level) as sandbox:
        ended = sandbox.run("pwd; echo 值 > 笔记.txt; mkdir -p a/b; echo x > a/b/c; echo err >&2; exit 3")
    assert (ended.code, ended.stopped) == (3, None)
    assert ended.output.splitlines() == [os.path.realpath(desk), "err"]
    assert (desk / "笔记.txt").read_text("utf-8") == "值\n"
    assert (desk / "a" / "b" / "c").read_text() == "x\n"


def test_it_may_begin_in_a_folder_of_the_workspace(desk: Path, level: Level) -> None:
    (desk / "in ner").mkdir(parents=True)
    with confined(desk, level) as sandbox:
        assert sandbox.run("pwd", folder="in ner").output.strip().endswith("/desk/in ner")


def test_no_secret_of_ours_is_in_its_environment(desk: Path, level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-ours")
    with confined(desk, level) as sandbox:
        ended = sandbox.run("env; cat /proc/*/environ 2>/dev/null", environment={"GIVEN": "值"})
    assert "sk-secret" not in ended.output
    assert "GIVEN=值" in ended.output


def test_it_reads_nothing_from_us(desk: Path, level: Level) -> None:
    with confined(desk, level) as sandbox:
        assert sandbox.run("cat").output == ""


def test_one_that_takes_too_long_is_ended_with_all_that_it_started(desk: Path, level: Level) -> None:
    command = "(setsid sleep 5411 &) ; setsid sh -c 'sleep 5411' & sleep 5411"
    with confined(desk, level) as sandbox:
        ended = sandbox.run(f"echo begun; {command}", timeout=1)
        assert (ended.stopped, ended.output) == ("time", "begun\n")
        assert eventually(lambda: not sleeping("5411"))


def test_what_is_left_running_ends_with_the_program(desk: Path, level: Level) -> None:
    with confined(desk, level) as sandbox:
        began = time.monotonic()
        assert sandbox.run("setsid sleep 5412 > /dev/null 2>&1 & echo done").output == "done\n"
        assert time.monotonic() - began < 20
        assert eventually(lambda: not sleeping("5412"))


def sleeping(seconds: str) -> bool:
    """Does a program sleep for exactly so long?"""
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            try:
                if (one / "cmdline").read_bytes() == f"sleep\0{seconds}\0".encode():
                    return True
            except OSError:
                continue
    return False


def test_a_cancelled_one_is_ended(desk: Path, level: Level) -> None:
    cancel = threading.Event()
    threading.Timer(0.5, cancel.set).start()
    with confined(desk, level) as sandbox:
        assert sandbox.run("sleep 100", cancel=cancel).stopped == "cancelled"


def test_it_ends_when_we_are_killed(desk: Path, level: Level) -> None:
    name = next(name for name, one in LEVELS.items() if one == level)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from tests.plugins.escaping import LEVELS\n"
        "from plugins import ConfinedProcesses\n"
        "sandbox = ConfinedProcesses(Path(sys.argv[2]), level=lambda: LEVELS[sys.argv[3]])\n"
        "sandbox.run('setsid sleep 5413 & touch begun; sleep 5413', timeout=300)\n"
    )
    desk.mkdir()
    (desk.parent / "tmp").mkdir()
    engine = subprocess.Popen(
        [sys.executable, "-c", program, str(ROOT), str(desk), name],
        env={**os.environ, "TMPDIR": str(desk.parent / "tmp")},
    )
    try:
        assert eventually((desk / "begun").exists, 20)
    finally:
        engine.send_signal(signal.SIGKILL)
        engine.wait()
    assert eventually(lambda: not sleeping("5413"), 10)
    assert eventually(lambda: not (desk / ".git").exists())  # what was laid over the absent one
    assert eventually(lambda: list((desk.parent / "tmp").iterdir()) == [])


def test_one_that_makes_processes_without_end_is_ended(desk: Path, level: Level) -> None:
    with confined(desk, level, limits=Limits(processes=40)) as sandbox:
        ended = sandbox.run("i=0; while [ $i -lt 400 ]; do sleep 60 & i=$((i+1)); done; wait", timeout=30)
    assert ended.stopped == "processes" or "fork" in ended.output


def test_one_that_takes_too_much_memory_is_held(desk: Path, level: Level) -> None:
    with confined(desk, level, limits=Limits(memory=200 << 20)) as sandbox:
        ended = sandbox.run([sys.executable, "-I", "-c", "x = bytearray(400 << 20); print(len(x))"], timeout=30)
        assert ended.code == 1
        assert "MemoryError" in ended.output
        shared = (
            "import mmap, time; m = mmap.mmap(-1, 400 << 20)\n"
            "for _ in range(400): m.write(b'x' * (1 << 20))\n"
            "time.sleep(20)"
        )
        assert sandbox.run([sys.executable, "-I", "-c", shared], timeout=30).stopped == "memory"


def test_one_that_says_too_much_is_ended(desk: Path) -> None:
    with confined(desk, limits=Limits(output=1 << 20)) as sandbox:
        ended = sandbox.run("yes", timeout=30)
    assert ended.stopped == "output"
    assert len(ended.output) == 1 << 20


def test_a_file_has_a_limit(desk: Path, level: Level) -> None:
    with confined(desk, level, limits=Limits(file=1 << 20)) as sandbox:
        ended = sandbox.run("head -c 3000000 /dev/zero > big; echo $?")
    assert (desk / "big").stat().st_size == 1 << 20
    assert ended.output.splitlines()[-1] != "0"


def test_one_is_ended_where_the_disk_is_nearly_full(desk: Path) -> None:
    with confined(desk, limits=Limits(disk=1 << 62)) as sandbox:
        assert sandbox.run("sleep 30", timeout=20).stopped == "disk"


def test_the_temporary_folder_is_its_own_and_has_an_end(desk: Path) -> None:
    with confined(desk, needed("bwrap"), limits=Limits(scratch=1 << 20)) as sandbox:
        ended = sandbox.run("head -c 3000000 /dev/zero > /tmp/big; wc -c < /tmp/big; ls /tmp")
        assert max(int(line) for line in ended.output.splitlines() if line.isdecimal()) <= 1 << 20
        assert "big" not in sandbox.run("ls /tmp").output


def test_what_it_says_is_heard_while_it_runs(desk: Path, level: Level) -> None:
    heard: list[tuple[float, str]] = []
    with confined(desk, level) as sandbox:
        began = time.monotonic()
        sandbox.run("echo 一; sleep 1; echo 二", output=lambda text: heard.append((time.monotonic() - began, text)))
    assert "".join(text for _, text in heard) == "一\n二\n"
    assert heard[-1][0] - heard[0][0] > 0.5


def test_protected_and_hidden_files_are_out_of_reach_and_the_rest_is_not(desk: Path, level: Level) -> None:
    (desk / "conf").mkdir(parents=True)
    (desk / "conf" / "goal.yaml").write_text("goal: x\n")
    (desk / "conf" / "other").write_text("old")
    (desk / "secret").mkdir()
    (desk / "secret" / "key").write_text("hidden")
    (desk / "sub").mkdir()
    with confined(desk, level, protected=[desk / "conf" / "goal.yaml"], hidden=[desk / "secret"]) as sandbox:
        ended = sandbox.run(
            "cat conf/goal.yaml; echo y > conf/goal.yaml; rm -f conf/goal.yaml; mv conf c2; cat secret/key;"
            "echo new > conf/other; echo new > sub/file; cat conf/other"
        )
    assert ended.output.startswith("goal: x")
    assert ended.output.endswith("new\n")
    assert "hidden" not in ended.output
    assert (desk / "conf" / "goal.yaml").read_text() == "goal: x\n"
    assert (desk / "sub" / "file").read_text() == "new\n"


def test_only_what_a_goal_lets_it_write_is_written(desk: Path, level: Level) -> None:
    (desk / "out").mkdir(parents=True)
    (desk / "a.txt").write_text("old")
    with confined(desk, level, write=[os.path.realpath(desk / "out")]) as sandbox:
        ended = sandbox.run("echo new > a.txt; echo new > b.txt; echo new > out/c.txt; cat a.txt")
    assert ended.output.endswith("old")
    assert not (desk / "b.txt").exists()
    assert (desk / "out" / "c.txt").read_text() == "new\n"


def test_a_repository_can_be_read_and_not_changed(desk: Path, level: Level) -> None:
    git = ["git", "-C", str(desk), "-c", "user.name=a", "-c", "user.email=a@b"]
    desk.mkdir()
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run([*git, *words], check=True)
    with confined(desk, level) as sandbox:
        ended = sandbox.run("git -c safe.directory='*' log --format=%s; echo x > .git/hooks/post-checkout; rm -rf .git")
    assert ended.output.startswith("first\n")
    assert not (desk / ".git" / "hooks" / "post-checkout").exists()
    assert (desk / ".git" / "HEAD").exists()


def test_what_was_laid_into_the_workspace_is_taken_away(desk: Path) -> None:
    with confined(desk, protected=[desk / ".env", desk / "conf" / "config.toml"]) as sandbox:
        sandbox.run("true")
    assert list(desk.iterdir()) == []


def test_between_two_programs_nothing_of_ours_lies_in_the_workspace(desk: Path, level: Level) -> None:
    with confined(desk, level, protected=[desk / "conf" / "config.toml"]) as sandbox:
        sandbox.run("true")
        assert list(desk.iterdir()) == []


def test_what_protects_one_run_is_not_taken_away_by_another(desk: Path) -> None:
    level = needed("bwrap")
    command = "touch begun$0; while [ ! -e go ]; do sleep 0.01; done; mkdir -p .git/hooks && echo x > .git/hooks/x"
    ended = []
    with confined(desk, level, protected=[desk / "conf" / "x"]) as first, confined(desk, level) as second:
        threads = [
            threading.Thread(
                target=lambda box=box, name=name: ended.append(box.run(["/bin/bash", "-c", command, name]))
            )
            for box, name in ((first, "1"), (second, "2"))
        ]
        threads[0].start()
        assert eventually((desk / "begun1").exists, 60)
        with confined(desk, level, protected=[desk / "conf" / "x"]) as third:
            threads[1].start()
            assert eventually((desk / "begun2").exists, 60)
            third.run("true")
        assert (desk / ".git").is_dir()
        (desk / "go").touch()
        for thread in threads:
            thread.join()
    assert [one.code == 0 for one in ended] == [False, False]
    assert sorted(one.name for one in desk.iterdir()) == ["begun1", "begun2", "go"]


def test_an_empty_folder_of_the_users_stays(desk: Path, level: Level) -> None:
    (desk / "conf").mkdir(parents=True)
    with confined(desk, level, protected=[desk / "conf" / "x"]) as sandbox:
        sandbox.run("true")
    assert [one.name for one in desk.iterdir()] == ["conf"]


def test_a_workspace_named_through_a_link_is_the_same(desk: Path, tmp_path: Path, level: Level) -> None:
    desk.mkdir()
    link = tmp_path / "link"
    link.symlink_to(desk)
    with confined(link, level) as sandbox:
        assert sandbox.run("echo x > file; pwd").code == 0
    assert (desk / "file").exists()


def test_where_nothing_confines_nothing_is_run(desk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    desk.mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))  # where no bubblewrap is
    for levels in (SandboxLevels("off"), SandboxLevels("bwrap", programs=Programs(first=()))):
        with ConfinedProcesses(desk, level=levels, environment=ENVIRONMENT) as sandbox:
            with pytest.raises(ToolError) as raised:
                sandbox.run("touch ran")
            assert raised.value.kind == "no-sandbox"
            with pytest.raises(ToolError, match=r"none is run|turned off"):
                sandbox.talk("x", ["/bin/cat"])
    assert not (desk / "ran").exists()


def test_a_confinement_that_cannot_be_set_up_runs_nothing(desk: Path) -> None:
    level = needed("landlock")
    with confined(desk, level) as sandbox, pytest.raises(ToolError, match="not run") as raised:
        sandbox.run("touch ran", folder="gone")
    assert raised.value.kind == "sandbox"
    assert list(desk.iterdir()) == []


def test_after_its_end_nothing_is_started(desk: Path) -> None:
    with confined(desk) as sandbox:
        pass
    with pytest.raises(ToolError, match="ended"):
        sandbox.run("true")


def test_the_best_level_that_works_is_taken() -> None:
    assert str(SandboxLevels()()) == str(any_level())


@pytest.mark.parametrize("machine", sorted(ARCHITECTURES))
@pytest.mark.parametrize("alone", [True, False])
def test_there_is_a_filter_for_each_machine(machine: str, alone: bool) -> None:
    program = filter_program(files_alone=alone, machine=machine)
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096  # what a kernel takes


def test_there_is_no_filter_for_an_unknown_machine() -> None:
    with pytest.raises(ValueError, match="m68k"):
        filter_program(files_alone=True, machine="m68k")


def test_a_placeholder_that_somebody_filled_stays(tmp_path: Path) -> None:
    desk = Desk(root=str(tmp_path), protected=[tmp_path / "conf" / "x"])
    desk.guarded()
    assert (tmp_path / "conf").is_dir()
    (tmp_path / "conf" / "mine").write_text("x")
    desk.clear()
    assert (tmp_path / "conf" / "mine").exists()
    assert not (tmp_path / ".git").exists()


def test_one_that_stays_stands_still_between_two_turns(desk: Path, level: Level) -> None:
    script = '(while :; do date +%s%N > beat; sleep 0.01; done) & cat <&"$1" >&"$2"'
    with confined(desk, level) as sandbox:
        (desk / "sub").mkdir()
        talker, fresh = sandbox.talk("x", ["/bin/bash", "-c", f"cd sub; {script}", "sh", "{asked}", "{answered}"])
        assert fresh
        with talker.turn():
            talker.send("是".encode(), time.monotonic() + 20)
            assert talker.receive(time.monotonic() + 20).decode() == "是"
            assert eventually((desk / "sub" / "beat").exists)
        still = (desk / "sub" / "beat").read_text()
        time.sleep(0.3)
        assert (desk / "sub" / "beat").read_text() == still
        with talker.turn():
            assert eventually(lambda: (desk / "sub" / "beat").read_text() not in ("", still))
        assert sandbox.talk("x", ["/bin/cat"]) == (talker, False)


def test_the_confining_program_obeys_nothing_of_the_programs_environment(desk: Path) -> None:
    desk.mkdir()
    with confined(desk, needed("bwrap")) as sandbox:
        ended = sandbox.run(
            "env", environment={"LD_PRELOAD": str(desk / "evil.so"), "LD_DEBUG": "libs", "VALUE": "a\nb"}
        )
    assert ended.output.count("evil.so") >= 1  # the program has it
    assert "bwrap" not in ended.output  # which LD_DEBUG would tell of
    assert "VALUE=a\nb\n" in ended.output


def test_no_bubblewrap_of_the_workspace_or_of_a_relative_folder_is_taken(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "bin").mkdir(parents=True)
    fake = desk / "bin" / "bwrap"
    fake.write_text("#!/bin/sh\ntouch /tmp/never\n")
    fake.chmod(0o755)
    monkeypatch.chdir(desk)
    monkeypatch.setenv("PATH", f"bin:{desk / 'bin'}")
    assert program_of("bwrap", Programs(first=())) == os.path.realpath(fake)
    with pytest.raises(NoProgram, match="lies in the workspace"):
        program_of("bwrap", Programs(first=(), avoided={str(desk): "the workspace"}))


def test_a_writable_path_that_became_a_link_is_not_opened(desk: Path, tmp_path: Path, level: Level) -> None:
    (desk / "out" / "inner").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    real = os.path.realpath(desk)
    with confined(desk, level, write=[f"{real}/out", f"{real}/out/inner"]) as sandbox:
        (desk / "out" / "inner").rmdir()
        (desk / "out" / "inner").symlink_to("../../outside")
        assert sandbox.run("echo x > out/inner/escaped; echo x > out/fine").stopped is None
    assert list((tmp_path / "outside").iterdir()) == []
    assert (desk / "out" / "fine").exists()


def test_a_guarded_folder_that_became_a_link_is_not_opened(desk: Path, tmp_path: Path, level: Level) -> None:
    desk.mkdir()
    (tmp_path / "outside" / ".git").mkdir(parents=True)
    (tmp_path / "outside" / ".git" / "HEAD").write_text("secret")
    with confined(desk, level, protected=[desk / "sub" / "conf" / "x"]) as sandbox:
        sandbox.run("mkdir -p a/.git; rm -rf a; ln -s ../outside a; ln -s ../outside/.git b")
        said = sandbox.run("cat a/.git/HEAD b/HEAD; echo x > a/.git/made").output
    assert "secret" not in said
    assert [one.name for one in (tmp_path / "outside" / ".git").iterdir()] == ["HEAD"]


def test_what_is_written_beside_the_workspace_fails_and_does_not_vanish(desk: Path, level: Level) -> None:
    with confined(desk, level) as sandbox:
        ended = sandbox.run("echo x > ../beside; echo x > ../../beside; mkdir ../folder; echo end; ls ..")
    said = ended.output.lower()
    assert sum(said.count(why) for why in ("read-only", "permission denied")) >= 3
    assert "beside" not in said.partition("\nend\n")[2]
    assert [one.name for one in desk.parent.iterdir()] == ["desk"]


@pytest.mark.parametrize("workspace", ["/", "/usr"])
def test_a_workspace_that_holds_the_system_runs_nothing_and_says_why(workspace: str) -> None:
    chosen = any_level()
    with (
        ConfinedProcesses(Path(workspace), level=lambda: chosen, environment=ENVIRONMENT) as sandbox,
        pytest.raises(ToolError, match=f"in the workspace {workspace}: it holds /usr") as raised,
    ):
        sandbox.run("true")
    assert raised.value.kind == "no-sandbox"


def test_a_bubblewrap_that_lies_in_the_workspace_is_told_as_what_it_is(desk: Path) -> None:
    (desk / "bin").mkdir(parents=True)
    (desk / "bin" / "bwrap").write_text("#!/bin/sh\ntouch ran\n")
    (desk / "bin" / "bwrap").chmod(0o755)
    level = Level("bwrap", str(desk / "bin" / "bwrap"))
    with confined(desk, level) as sandbox, pytest.raises(ToolError, match="lies in the workspace"):
        sandbox.run("true")
    assert not (desk / "ran").exists()


def test_what_is_touched_is_made_or_it_is_told_that_it_was_not(desk: Path, level: Level) -> None:
    with confined(desk, level) as sandbox:
        ended = sandbox.run(
            "touch /etc/made; echo $?; touch 新 && touch 新; echo $?; touch -d '2001-01-01' 新; echo $?"
        )
        code = "import os, pathlib as p\np.Path('甲').touch()\np.Path('甲').touch()\nos.utime('甲', (1, 1))"
        made = sandbox.run([sys.executable, "-I", "-c", code])
    assert [line for line in ended.output.splitlines() if line.isdecimal()] == ["1", "0", "0"], ended.output
    assert (made.code, made.output) == (0, "")
    assert {one.name for one in desk.iterdir()} == {"新", "甲"}
