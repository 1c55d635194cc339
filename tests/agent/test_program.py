"""Programs of the goal file: within a time, without our secrets, in a group that dies with us."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path, PureWindowsPath

import pytest

from agent import _supervisor, program
from agent.program import KEPT, Ended, for_cmd, in_words, run_program
from tests.kits import within

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the commands are those of a POSIX shell")
WINDOWS = PureWindowsPath(r"D:\desk")
ENV = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
ROOT = Path(__file__).parent.parent.parent


def ran(command: str, folder: Path, *, timeout: float = 20.0, env: dict[str, str] | None = None) -> Ended:
    return run_program(command, folder=folder, timeout=timeout, env=ENV if env is None else env)


def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def gone(file: Path) -> bool:
    """Is the process whose number the file holds no more (or only waiting to be reaped by nobody)?"""
    try:
        number = int(file.read_text())
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{number}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_program_runs_in_the_folder_and_says_how_it_ended(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    assert ran("cat a.txt", tmp_path) == Ended(0, "hello")
    assert ran("echo out; echo err >&2; exit 3", tmp_path) == Ended(3, "out\nerr\n")
    assert ran("cat a.txt", tmp_path).passed
    assert not ran("exit 3", tmp_path).passed


def test_a_program_that_a_signal_ended_says_which(tmp_path: Path) -> None:
    assert ran("kill -TERM $$", tmp_path).code == 128 + signal.SIGTERM


def test_a_program_reads_nothing_and_sees_only_what_it_is_given(tmp_path: Path) -> None:
    assert ran("cat", tmp_path) == Ended(0, "")
    seen = ran("env", tmp_path, env={**ENV, "GIVEN": "值"}).output
    assert "GIVEN=值" in seen
    names = {line.split("=")[0] for line in seen.splitlines()}
    assert names <= {"PATH", "GIVEN", "PYTHONUTF8", "PWD", "SHLVL", "_", "OLDPWD", "LC_CTYPE"}


def test_no_secret_is_to_be_found_in_its_parent_either(tmp_path: Path) -> None:
    found = ran("cat /proc/$PPID/environ 2>/dev/null; true", tmp_path).output
    assert "SECRET" not in found


def test_a_program_that_takes_too_long_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    with within(8):
        ended = ran("sleep 60 & echo $! > child; echo begun; sleep 60", tmp_path, timeout=0.5)
    assert ended.stopped == "time"
    assert ended.output == "begun\n"
    assert eventually(lambda: gone(tmp_path / "child"))


def test_what_a_program_leaves_running_dies_at_its_end(tmp_path: Path) -> None:
    assert ran("sleep 60 & echo $! > child", tmp_path).passed
    assert eventually(lambda: gone(tmp_path / "child"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_program_dies_when_the_one_who_started_it_is_killed(tmp_path: Path, how: signal.Signals) -> None:
    code = (
        "from pathlib import Path; from agent.program import run_program\n"
        "run_program('echo $$ > shell; sleep 60 & echo $! > child; wait', folder=Path.cwd(), timeout=60, env={})"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        assert eventually(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text().strip() != "", 20)
        starter.send_signal(how)
    finally:
        starter.kill()
        starter.wait(20)
    assert eventually(lambda: gone(tmp_path / "shell"))
    assert eventually(lambda: gone(tmp_path / "child"))


@pytest.mark.parametrize(("command", "code"), [("exit 5", 5), ("kill -9 $$", 137)])
def test_the_supervisor_ends_as_its_program_did(command: str, code: int) -> None:
    supervisor = [sys.executable, str(_supervisor.__file__), "/bin/sh", "-c", command]
    with subprocess.Popen(supervisor, stdin=subprocess.PIPE) as process:
        assert process.wait(20) == code


def test_the_supervisor_ends_its_program_when_nobody_holds_it_any_more(tmp_path: Path) -> None:
    supervisor = [sys.executable, str(_supervisor.__file__), "/bin/sh", "-c", "echo $$ > shell; sleep 60"]
    with subprocess.Popen(supervisor, stdin=subprocess.PIPE, cwd=tmp_path) as process:
        assert eventually(lambda: (tmp_path / "shell").exists() and (tmp_path / "shell").read_text() != "", 20)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 137
    assert eventually(lambda: gone(tmp_path / "shell"))


def test_of_much_output_the_end_is_kept(tmp_path: Path) -> None:
    ended = ran(
        "i=0; while [ $i -lt 3000 ]; do echo 'a line of some forty characters, number' $i; i=$((i+1)); done", tmp_path
    )
    assert ended.passed
    assert len(ended.output) == KEPT
    assert ended.output.endswith("number 2999\n")


def test_a_program_that_writes_without_end_is_stopped(tmp_path: Path) -> None:
    with within(15):
        ended = ran("yes", tmp_path, timeout=60)
    assert ended.stopped == "output"
    assert not ended.passed
    assert program.MOST_OUTPUT < 10**9


@pytest.mark.parametrize("command", ["echo \0", "true"])
def test_a_program_that_cannot_be_started_says_why(tmp_path: Path, command: str) -> None:
    ended = ran(command, tmp_path if "\0" in command else tmp_path / "gone")
    assert ended.code == 126
    assert ended.output.startswith("it cannot be started: ")


def test_output_that_is_no_text_is_told_as_far_as_it_is(tmp_path: Path) -> None:
    assert ran("printf 'a\\377b'", tmp_path).output == "a\ufffdb"


def read_by_cmd(line: str) -> str:
    """What `cmd /s /c` runs of its line: all between the first quote after `/c` and the last."""
    _, _, rest = line.partition(" /c ")
    assert rest[0] == rest[-1] == '"'
    return rest[1:-1]


@pytest.mark.parametrize(
    "command", ['python -c "print(1)"', 'findstr "a b" "c d.txt" && echo "x"', "echo 你好 ^& %TEMP%"]
)
def test_cmd_gets_a_command_as_it_was_written(command: str) -> None:
    (file, line), _ = for_cmd(command, WINDOWS, {"SystemRoot": r"E:\Win"})
    assert file == r"E:\Win\System32\cmd.exe"
    assert line.startswith(f'"{file}" /d /s /c ')
    assert read_by_cmd(line) == command


def test_cmd_is_the_systems_own_and_finds_no_program_in_the_workspace() -> None:
    (file, _), added = for_cmd("pytest", WINDOWS, {})
    assert file == r"C:\Windows\System32\cmd.exe"
    assert added == {"NoDefaultCurrentDirectoryInExePath": "1"}


def test_more_lines_than_cmd_would_run_are_refused() -> None:
    assert read_by_cmd(for_cmd("echo 1\n", WINDOWS, {})[0][1]) == "echo 1"
    with pytest.raises(ValueError, match="one line only"):
        for_cmd("echo 1\nexit 1", WINDOWS, {})


@pytest.mark.parametrize("folder", [r"\\server\share\desk", r"\\?\C:\desk"])
def test_a_folder_in_which_cmd_cannot_work_is_refused(folder: str) -> None:
    with pytest.raises(ValueError, match="no drive letter"):
        for_cmd("echo 1", PureWindowsPath(folder), {})


@pytest.mark.parametrize(("code", "told"), [(0, 0), (7, 7), (-9, 137), (0xC0000005, -0x3FFFFFFB)])
def test_every_way_to_end_becomes_an_exit_code(code: int, told: int) -> None:
    assert _supervisor.exit_code(code) == told


def test_a_job_is_described_as_windows_lays_it_out() -> None:
    """The structure, spelled out with the platform's own sizes; only the sizes of pointers differ from Windows."""

    class Basic(ctypes.Structure):
        _fields_ = (
            *(("process_time", ctypes.c_int64), ("job_time", ctypes.c_int64), ("flags", ctypes.c_uint32)),
            *(("least_set", ctypes.c_size_t), ("most_set", ctypes.c_size_t), ("processes", ctypes.c_uint32)),
            *(("affinity", ctypes.c_size_t), ("priority", ctypes.c_uint32), ("scheduling", ctypes.c_uint32)),
        )

    class Extended(ctypes.Structure):
        _fields_ = (("basic", Basic), ("counters", ctypes.c_uint64 * 6), ("memory", ctypes.c_size_t * 4))

    described = _supervisor.job_limits(ctypes.sizeof(ctypes.c_void_p))
    assert len(described) == ctypes.sizeof(Extended)
    assert Extended.from_buffer_copy(described).basic.flags == 0x2000
    assert sum(described) == 0x20


def test_what_a_program_says_in_the_code_page_of_the_console_is_read() -> None:
    assert in_words("春眠不觉晓".encode("gbk"), other="gbk") == "春眠不觉晓"
    assert in_words("春眠不觉晓".encode(), other="gbk") == "春眠不觉晓"
    assert in_words("春眠不觉晓".encode()[1:], cut=True, other="gbk") == "眠不觉晓"
