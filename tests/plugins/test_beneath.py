"""Races and calls that come too late: whatever is swapped meanwhile, nothing outside is reached."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import itertools
import os
import platform
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plugins._beneath import Way, reach
from plugins._contract import ToolError
from plugins._folder import patiently
from plugins._workspace import Workspace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs links and descriptors as POSIX has them")
SECRET = b"nobody in the workspace may read this"


@pytest.fixture(params=["kernel", "walk"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Way:
    wanted: Way = request.param
    try:
        reach(str(tmp_path), way=wanted).close()
    except OSError as error:
        pytest.skip(f"this system has no such way: {error}")
    return wanted


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    (folder / "inner").mkdir(parents=True)
    (folder / "file").write_bytes(SECRET)
    (folder / "inner" / "file").write_bytes(SECRET)
    return folder


@contextlib.contextmanager
def going_on(turn: Callable[[], None]) -> Iterator[None]:
    """Do something again and again in a second thread."""
    done = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            while not done.is_set():
                turn()
        except BaseException as error:
            failed.append(error)
            raise

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    assert not failed


def going(begun: float, both_seen: object) -> bool:
    """Go on for a while, and longer where the threads have not met yet."""
    return time.monotonic() - begun < (0.3 if both_seen else 10)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def swapped(place: Path, outside: Path) -> Callable[[], None]:
    """Puts a link to `outside` in the place of a folder or file, and the folder or file back again.

    What the workspace makes in the meantime is left where it is.
    """
    aside = (place.with_name(f"aside{number}") for number in itertools.count())

    def turn() -> None:
        kept = next(aside)
        with contextlib.suppress(OSError):
            place.rename(kept)
        with contextlib.suppress(FileExistsError):
            place.symlink_to(outside)
            place.unlink()
        with contextlib.suppress(OSError):
            kept.rename(place)
        time.sleep(0.0002)  # the other thread is to find it in its place, too

    return turn


@pytest.mark.parametrize(("swap", "target"), [("d", ""), ("d/inner", "inner"), ("d/inner/file", "file")])
def test_a_link_put_in_the_way_while_reading_is_never_followed(
    tmp_path: Path, way: Way, outside: Path, swap: str, target: str
) -> None:
    with Workspace.open(tmp_path / "work", way=way) as workspace:
        workspace.write("d/inner/file", b"mine")
        seen: set[bytes] = set()
        refused = 0
        begun = time.monotonic()
        with going_on(swapped(tmp_path / "work" / swap, outside / target)):
            while going(begun, seen and refused):
                try:
                    seen.add(workspace.read("d/inner/file"))
                    listed = [entry.path for entry in workspace.list("d", recursive=True)]
                    assert "d/file" not in listed
                except ToolError:
                    refused += 1
        assert seen == {b"mine"}
        assert refused


@pytest.mark.parametrize(("swap", "target"), [("d", ""), ("d/inner", "inner")])
def test_a_link_put_in_the_way_while_changing_is_never_followed(
    tmp_path: Path, way: Way, outside: Path, swap: str, target: str
) -> None:
    before = sorted(outside.rglob("*"))
    with Workspace.open(tmp_path / "work", way=way) as workspace:
        workspace.write("d/inner/file", b"mine")
        begun, done, refused = time.monotonic(), 0, 0
        with going_on(swapped(tmp_path / "work" / swap, outside / target)):
            while going(begun, done and refused):
                for attempt in (
                    lambda: workspace.write("d/inner/file", b"mine too"),
                    lambda: workspace.write("d/inner/deep/er", b"mine too"),
                    lambda: workspace.move("d/inner/file", "d/inner/other"),
                    lambda: workspace.move("d/inner/other", "d/inner/file"),
                    lambda: workspace.delete("d/inner/deep/er"),
                    lambda: workspace.delete("d/inner/deep"),
                    lambda: workspace.delete("d/inner/file"),
                ):
                    try:
                        attempt()
                        done += 1
                    except ToolError:
                        refused += 1
    assert done
    assert refused
    assert sorted(outside.rglob("*")) == before
    assert {path.read_bytes() for path in before if path.is_file()} == {SECRET}
    assert not list(tmp_path.rglob(".thinkact-*"))


def test_the_held_folder_is_used_also_when_its_name_stands_for_another(tmp_path: Path, way: Way, outside: Path) -> None:
    with Workspace.open(tmp_path / "work", way=way) as workspace:
        workspace.write("file", b"mine")
        (tmp_path / "work").rename(tmp_path / "moved")
        (tmp_path / "work").symlink_to(outside)
        assert workspace.read("file") == b"mine"
        workspace.write("file", b"mine too")
    assert (tmp_path / "moved" / "file").read_bytes() == b"mine too"
    assert (outside / "file").read_bytes() == SECRET


def test_a_call_under_way_keeps_the_folder_until_it_ends(tmp_path: Path, way: Way) -> None:
    (tmp_path / "f").write_bytes(b"1")
    held = reach(str(tmp_path), way=way)
    opened = open_descriptors() if Path("/proc/self/fd").is_dir() else None
    failures: list[int | None] = []

    def work() -> None:
        while True:
            try:
                os.close(held.open("f"))
            except OSError as error:
                failures.append(error.errno)
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    held.close()
    held.close()
    for thread in threads:
        thread.join()
    assert failures == [errno.EBADF] * 4
    if opened is not None:
        assert open_descriptors() == opened - 1


def test_a_way_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"1")
    ways: tuple[Way | None, ...] = (None, "walk", "names")
    for way in ways:
        with pytest.raises(NotADirectoryError):
            reach(str(tmp_path / "f"), way=way)


def test_nothing_stays_open_after_work_done_and_refused(tmp_path: Path, way: Way) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("needs /proc")
    before = open_descriptors()
    with Workspace.open(tmp_path / "work", way=way) as workspace:
        os.mkfifo(tmp_path / "work" / "pipe")
        for _ in range(3):
            workspace.write("a/b/c", b"1")
            next(workspace.list(recursive=True))
            workspace.move("a/b/c", "a/x/c")
            workspace.delete("a/x/c")
            for path in ("pipe", "a", "a/none", "pipe/x", "none/x"):
                for attempt in (workspace.read, workspace.list, lambda path: workspace.write(f"{path}/pipe/", b"")):
                    with contextlib.suppress(ToolError):
                        attempt(path)
    assert open_descriptors() == before


def forbidding(*calls: int, work: Callable[[], Any]) -> Any:
    """Do something in a thread that the kernel refuses these system calls, as many a container does."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        pytest.skip("the numbers of the calls are those of Linux on x86-64")
    allow = struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)
    deny = struct.pack("HBBI", 0x06, 0, 0, 0x00050000 | errno.EPERM)
    program = struct.pack("HBBI", 0x20, 0, 0, 0)  # load the call's number
    for call in calls:
        program += struct.pack("HBBI", 0x15, 0, 1, call) + deny
    program += allow
    held = ctypes.create_string_buffer(program, len(program))
    filtering = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(held))

    def filtered() -> Any:
        library = ctypes.CDLL(None)
        if library.prctl(38, 1, 0, 0, 0) or library.prctl(22, 2, ctypes.c_char_p(filtering), 0, 0):
            pytest.skip("this system lets no thread give up system calls")
        return work()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(filtered).result()


OPENAT2, RENAMEAT2 = 437, 316


def test_where_openat2_is_forbidden_the_workspace_is_walked(tmp_path: Path, outside: Path) -> None:
    def work() -> None:
        with Workspace.open(tmp_path / "work") as workspace:
            assert workspace.way == "walk"
            workspace.write("a/b", b"1")
            (tmp_path / "work" / "link").symlink_to(outside)
            assert workspace.read("a/b") == b"1"
            with pytest.raises(ToolError, match="link"):
                workspace.read("link/file")
        with pytest.raises(ToolError, match="openat2"):
            Workspace.open(tmp_path / "work", way="kernel")

    forbidding(OPENAT2, work=work)


def test_where_renameat2_is_forbidden_a_move_still_replaces_nothing(tmp_path: Path) -> None:
    def work() -> None:
        workspace.move("a", "b")
        workspace.move("folder", "moved")
        for source, target in (("b", "c"), ("moved", "c"), ("b", "moved"), ("moved", "empty")):
            with pytest.raises(ToolError, match="exists already"):
                workspace.move(source, target)

    with Workspace.open(tmp_path / "work") as workspace:
        for name in ("a", "c", "folder/x"):
            workspace.write(name, name.encode())
        (tmp_path / "work" / "empty").mkdir()
        forbidding(RENAMEAT2, work=work)
        assert [workspace.read(path) for path in ("b", "c", "moved/x")] == [b"a", b"c", b"folder/x"]
        assert [entry.path for entry in workspace.list()] == ["b", "c", "empty", "moved"]


def test_a_change_is_tried_again_while_another_program_has_the_file_open() -> None:
    tried: list[int] = []

    def change() -> None:
        tried.append(1)
        if len(tried) < 3:
            raise PermissionError(errno.EACCES, "Permission denied")

    patiently(change)
    assert len(tried) == 3
