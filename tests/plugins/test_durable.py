"""Disks that refuse: full, read-only, without rights. The old content stays, nothing is left over, one line is said."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plugins._beneath import Way
from plugins._contract import ToolError
from plugins._workspace import Workspace

if sys.platform != "win32":
    import fcntl

REPOSITORY = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs rights and mounts as POSIX has them")
NOBODY = 65534
ONLY_SUPERUSER = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="needs files of somebody else: only the superuser makes them"
)


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextlib.contextmanager
def small_disk(place: Path, *, size: str) -> Iterator[None]:
    """A disk in memory, where this user may mount one."""
    place.mkdir()
    if sys.platform != "linux" or shutil.which("mount") is None:
        pytest.skip("no disk in memory can be mounted here")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no disk in memory may be mounted here: {made.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def without_privilege(work: Callable[[], Any]) -> Any:
    """Do something as a user whom rights hold back: on Linux a thread's file system user is its own."""
    if os.geteuid() != 0:
        return work()
    if sys.platform != "linux":
        pytest.skip("rights do not hold back the superuser, and only Linux lets one thread be another user")

    def as_nobody() -> Any:
        ctypes.CDLL(None).setfsuid(NOBODY)
        return work()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(as_nobody).result()


def refused(attempt: Callable[[], Any], *, match: str) -> str:
    with pytest.raises(ToolError, match=match) as caught:
        attempt()
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value.message


def test_a_full_disk_changes_nothing_and_says_so(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", size="64k"), Workspace.open(tmp_path / "disk") as workspace:
        workspace.write("a", b"old")
        refused(lambda: workspace.write("a", b"x" * 200_000), match="the disk is full")
        refused(lambda: workspace.write("new", b"x" * 200_000), match="the disk is full")
        assert workspace.read("a") == b"old"
        assert listed(tmp_path / "disk") == ["a"]
        workspace.write("a", b"new")


def test_a_read_only_disk_is_read_and_refuses_every_change(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, size="64k"):
        (disk / "a").write_bytes(b"old")
        (disk / "folder").mkdir()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with Workspace.open(disk) as workspace:
            assert workspace.read("a") == b"old"
            for attempt in (
                lambda: workspace.write("a", b"new"),
                lambda: workspace.write("new/b", b"new"),
                lambda: workspace.delete("a"),
                lambda: workspace.delete("folder"),
                lambda: workspace.move("a", "b"),
            ):
                refused(attempt, match="read-only")
        refused(lambda: Workspace.open(disk / "inner"), match="read-only")


def test_a_move_to_another_disk_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with small_disk(tmp_path / "work" / "disk", size="64k"), Workspace.open(tmp_path / "work") as workspace:
        workspace.write("a", b"1")
        refused(lambda: workspace.move("a", "disk/a"), match="different disks")
        assert workspace.read("a") == b"1"
        with Workspace.open(tmp_path / "work", way="walk") as walking:
            refused(lambda: walking.move("a", "disk/a"), match="different disks")


def test_a_file_larger_than_the_system_allows_is_refused(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from plugins._workspace import Workspace; from plugins._contract import ToolError\n"
        "workspace = Workspace.open(Path(sys.argv[1])); workspace.write('a', b'old')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try: workspace.write('a', b'x' * 100_000)\n"
        "except ToolError as error: print(error.message, '|', workspace.read('a'))\n"
    )
    work = tmp_path / "work"
    told = subprocess.run([sys.executable, "-c", script, work], cwd=REPOSITORY, capture_output=True, check=False)
    assert told.stdout.decode().strip() == "cannot write 'a': it would be larger than this system allows | b'old'"
    assert listed(work) == ["a"]


@pytest.fixture
def common() -> Iterator[Path]:
    """A folder that other users can reach, as pytest's own cannot."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder
        for path in folder.rglob("*"):
            if path.is_dir():
                path.chmod(0o755)


def test_without_rights_nothing_is_read_or_changed(common: Path) -> None:
    (work := common / "work").mkdir()
    (work / "mine").write_bytes(b"1")
    (work / "mine").chmod(0o000)
    (work / "shut").mkdir()
    (work / "shut" / "x").write_bytes(b"1")
    (work / "shut").chmod(0o000)
    (work / "open").write_bytes(b"1")
    work.chmod(0o555)

    def attempts() -> None:
        with Workspace.open(work) as workspace:
            for attempt in (
                lambda: workspace.read("mine"),
                lambda: workspace.sha256("mine"),
                lambda: workspace.read("shut/x"),
                lambda: workspace.exists("shut/x"),
                lambda: workspace.list("shut"),
                lambda: workspace.write("new", b"1"),
                lambda: workspace.write("open", b"2"),
                lambda: workspace.write("folder/new", b"1"),
                lambda: workspace.delete("open"),
                lambda: workspace.move("open", "moved"),
            ):
                refused(attempt, match="permission denied")
            assert [entry.path for entry in workspace.list(recursive=True)] == ["mine", "open", "shut"]
        refused(lambda: Workspace.open(work / "shut"), match="permission denied")
        refused(lambda: Workspace.open(work / "inner"), match="permission denied")

    without_privilege(attempts)
    assert (work / "open").read_bytes() == b"1"


@ONLY_SUPERUSER
def test_a_file_whose_rights_keep_us_out_is_not_replaced_in_a_folder_that_lets_us(common: Path) -> None:
    (work := common / "work").mkdir()
    (work / "theirs").write_bytes(b"1")
    work.chmod(0o777)
    with Workspace.open(work) as workspace:
        without_privilege(lambda: refused(lambda: workspace.write("theirs", b"2"), match="write-protected"))
    assert listed(work) == ["theirs"]
    assert (work / "theirs").read_bytes() == b"1"


@ONLY_SUPERUSER
def test_a_move_that_cannot_be_finished_leaves_the_file_in_its_place_only(common: Path) -> None:
    for folder in ("from", "to"):
        (common / folder).mkdir()
    (common / "from" / "f").write_bytes(b"1")
    os.chown(common / "from" / "f", NOBODY, NOBODY)
    (common / "from").chmod(0o555)
    (common / "to").chmod(0o777)
    with Workspace.open(common, way="walk") as workspace:
        without_privilege(lambda: refused(lambda: workspace.move("from/f", "to/f"), match="permission denied"))
    assert listed(common / "from") == ["f"]
    assert listed(common / "to") == []


@ONLY_SUPERUSER
def test_by_names_a_file_that_is_busy_is_tried_again_and_then_refused(common: Path) -> None:
    (work := common / "work").mkdir()
    with Workspace.open(work, way="names") as workspace:
        workspace.write("a", b"1")
        (work / "a").chmod(0o666)
        work.chmod(0o1777)  # sticky: anybody makes files, only the owner replaces them
        os.chown(work, 1, 1)
        without_privilege(lambda: refused(lambda: workspace.write("a", b"2"), match="permit"))
        assert workspace.read("a") == b"1"
    assert listed(work) == ["a"]


# what killed writes leave

WRITER = (
    "import sys; from pathlib import Path; from plugins._workspace import Workspace\n"
    "workspace = Workspace.open(Path(sys.argv[1]))\n"
    "while True: workspace.write('big', bytes(60_000_000))\n"
)


def unfinished(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(".thinkact-")]


def age(path: Path) -> None:
    """Make it look untouched for long."""
    os.utime(path, (0, 0))


@contextlib.contextmanager
def stopped_writer(folder: Path) -> Iterator[Path]:
    """A writer that is stopped in the midst of a write, and the file that it is writing; killed at the end."""
    before = set(unfinished(folder))
    with subprocess.Popen([sys.executable, "-c", WRITER, folder], cwd=REPOSITORY) as writer:
        try:
            while True:
                writer.send_signal(signal.SIGSTOP)
                os.waitpid(writer.pid, os.WUNTRACED)
                begun = [path for path in unfinished(folder) if path not in before and path.stat().st_size]
                if begun:
                    break
                writer.send_signal(signal.SIGCONT)
                time.sleep(0.005)
            yield begun[0]
        finally:
            writer.kill()


@pytest.mark.parametrize("way", ["walk", "names"])
def test_what_a_killed_write_left_is_swept_by_the_next_one_in_that_folder(tmp_path: Path, way: Way) -> None:
    with stopped_writer(tmp_path) as old:
        pass
    with stopped_writer(tmp_path) as young:
        pass
    age(old)
    with Workspace.open(tmp_path, way=way) as workspace:
        workspace.write("elsewhere/a", b"1")
        assert set(unfinished(tmp_path)) == {old, young}
        workspace.write("a", b"1")
    assert unfinished(tmp_path) == [young]  # it might still be another machine's


def test_what_is_still_being_written_is_never_swept(tmp_path: Path) -> None:
    with stopped_writer(tmp_path) as path:
        age(path)
        with Workspace.open(tmp_path) as workspace:
            workspace.write("a", b"1")
        assert unfinished(tmp_path) == [path]
    with Workspace.open(tmp_path) as workspace:
        workspace.write("a", b"2")
    assert unfinished(tmp_path) == []


def test_only_files_are_swept(tmp_path: Path) -> None:
    name = ".thinkact-0123456789abcdef.tmp"
    (tmp_path / "folder" / name).mkdir(parents=True)
    (tmp_path / "kept").write_bytes(b"1")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / name).symlink_to(tmp_path / "kept")
    age(tmp_path / "kept")
    with Workspace.open(tmp_path) as workspace:
        workspace.write("folder/a", b"1")
        workspace.write("link/a", b"1")
    assert listed(tmp_path / "folder") == [name, "a"]
    assert listed(tmp_path / "link") == [name, "a"]
    assert (tmp_path / "kept").read_bytes() == b"1"


def test_a_file_that_somebody_sweeps_as_it_is_begun_is_begun_again(tmp_path: Path) -> None:
    over = threading.Event()

    def sweeping() -> None:
        while not over.is_set():
            for path in unfinished(tmp_path):
                with contextlib.suppress(OSError), path.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()

    with Workspace.open(tmp_path) as workspace, ThreadPoolExecutor(1) as pool:
        pool.submit(sweeping)
        for number in range(100):
            workspace.write("a", bytes([number]))
            assert workspace.read("a") == bytes([number])
        over.set()
    assert listed(tmp_path) == ["a"]
