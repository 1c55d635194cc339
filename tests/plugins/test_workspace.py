"""The workspace over a real disk, in each way that this platform can reach files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import stat
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins._beneath import Way
from plugins._contract import Files, ToolError
from plugins._workspace import Workspace

REPOSITORY = Path(__file__).parents[2]
SECRET = b"nobody in the workspace may read this"
POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="needs links, rights and pipes as POSIX has them")


@pytest.fixture(params=["kernel", "walk", "names"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Way:
    wanted: Way = request.param
    try:
        Workspace.open(tmp_path / "probe", way=wanted).close()
    except ToolError as error:
        pytest.skip(f"this system has no such way: {error}")
    return wanted


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_bytes(SECRET)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def workspace(root: Path, way: Way) -> Iterator[Workspace]:
    with Workspace.open(root, way=way) as opened:
        assert opened.way == way
        yield opened


def refusal(caught: pytest.ExceptionInfo[ToolError]) -> str:
    """What the model reads of an error, which must be one line and say what to do."""
    error = caught.value
    assert error.hint
    assert "\n" not in error.message + error.hint
    return f"{error.message}; {error.hint}"


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


# opening


def test_it_keeps_the_contract_of_files(workspace: Workspace, root: Path) -> None:
    files: Files = workspace
    assert files.root == root
    assert files.root.is_absolute()


def test_a_missing_root_is_made_with_its_parents(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a" / "b") as workspace:
        workspace.write("x", b"1")
    assert (tmp_path / "a" / "b" / "x").read_bytes() == b"1"


def test_a_missing_root_is_said_where_it_may_not_be_made(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no such folder"):
        Workspace.open(tmp_path / "absent", create=False)
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("inner", ["file", "file/inner"])
def test_a_root_that_is_a_file_is_refused(tmp_path: Path, inner: str, create: bool) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ToolError, match="cannot use") as caught:
        Workspace.open(tmp_path / inner, create=create)
    assert "not a folder" in refusal(caught)


@POSIX_ONLY
def test_a_root_whose_links_go_in_a_circle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(ToolError, match="circle"):
        Workspace.open(tmp_path / "a", create=False)


@POSIX_ONLY
def test_a_root_may_be_named_through_a_link_and_both_names_are_known(tmp_path: Path, way: Way) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with Workspace.open(tmp_path / "link", way=way) as workspace:
        workspace.write(str(tmp_path / "link" / "a"), b"1")
        assert workspace.read(str(tmp_path / "real" / "a")) == b"1"
        assert workspace.root == tmp_path / "link"


def test_a_closed_workspace_says_so(workspace: Workspace) -> None:
    workspace.write("a/b", b"1")
    listing = workspace.list(recursive=True)
    workspace.close()
    workspace.close()
    with pytest.raises(ToolError, match="closed"):
        workspace.read("a/b")
    with pytest.raises(ToolError, match="closed"):
        workspace.write("a/b", b"2")
    with pytest.raises(ToolError, match="closed"):
        list(listing)


@POSIX_ONLY
def test_a_root_that_was_removed_is_said_to_be_gone(workspace: Workspace, root: Path) -> None:
    root.rmdir()
    with pytest.raises(ToolError, match="is gone"):
        workspace.write("a/b", b"1")


# reading and looking


def test_what_was_written_is_read_again(workspace: Workspace, root: Path) -> None:
    entry = workspace.write("a/报告 📈.md", "内容".encode())
    assert workspace.read("./a//报告 📈.md") == "内容".encode()
    assert (entry.path, entry.folder, entry.bytes) == ("a/报告 📈.md", False, 6)
    assert abs(entry.modified - time.time()) < 60
    assert workspace.entry("a/报告 📈.md") == entry
    assert names(root) == ["a", "a/报告 📈.md"]


@pytest.mark.parametrize(
    ("offset", "limit", "piece"),
    [(0, None, b"0123456789"), (3, None, b"3456789"), (3, 4, b"3456"), (8, 9, b"89"), (10, 1, b""), (0, 0, b"")],
)
def test_a_part_of_a_file_is_read(workspace: Workspace, offset: int, limit: int | None, piece: bytes) -> None:
    workspace.write("a", b"0123456789")
    assert workspace.read("a", offset=offset, limit=limit) == piece


def test_an_offset_beyond_all_files_reads_nothing(workspace: Workspace) -> None:
    workspace.write("a", b"1")
    assert workspace.read("a", offset=1 << 80, limit=1 << 80) == b""


@pytest.mark.parametrize("wrong", [{"offset": -1}, {"limit": -1}])
def test_a_negative_offset_or_limit_is_refused(workspace: Workspace, wrong: dict[str, int]) -> None:
    workspace.write("a", b"1")
    with pytest.raises(ToolError, match="0 or more"):
        workspace.read("a", **wrong)


def test_a_part_of_a_huge_file_is_read_without_the_rest(workspace: Workspace, root: Path) -> None:
    with (root / "huge").open("wb") as file:
        file.truncate(1 << 36)
        file.seek(1 << 35)
        file.write(b"here")
    assert workspace.read("huge", offset=1 << 35, limit=4) == b"here"
    with pytest.raises(ToolError, match="too many at once"):
        workspace.read("huge")


def test_a_file_of_several_pieces_is_read_and_hashed_whole(workspace: Workspace) -> None:
    content = os.urandom(3 * (1 << 20) + 5)
    workspace.write("big", content)
    assert workspace.read("big") == content
    assert workspace.sha256("big") == hashlib.sha256(content).hexdigest()


def test_exists_and_sha256_tell_of_what_is_not_there(workspace: Workspace) -> None:
    workspace.write("a/b", b"1")
    assert workspace.exists("a")
    assert workspace.exists("a/b")
    assert workspace.exists("")
    for absent in ("x", "x/y", "a/b/c"):
        assert not workspace.exists(absent)
        assert workspace.sha256(absent) is None
    assert workspace.sha256("a") is None


def test_the_workspace_itself_has_an_entry(workspace: Workspace) -> None:
    entry = workspace.entry("")
    assert (entry.path, entry.folder, entry.bytes) == ("", True, 0)


def test_a_missing_file_is_told_with_the_nearest_names(workspace: Workspace) -> None:
    for name in ("docs/readme.md", "docs/Read me.txt", "docs/other.bin"):
        workspace.write(name, b"1")
    with pytest.raises(ToolError, match="no such file") as caught:
        workspace.read("docs/README")
    assert "'docs/readme.md'" in refusal(caught)
    assert "other" not in refusal(caught)
    with pytest.raises(ToolError, match="no folder 'doc'") as caught:
        workspace.read("doc/readme.md")
    assert "nearest: 'docs'" in refusal(caught)
    with pytest.raises(ToolError) as caught:
        workspace.entry("docs/zzzz")
    assert "list the folder 'docs'" in refusal(caught)


def test_a_folder_is_no_file_and_a_file_no_folder(workspace: Workspace) -> None:
    workspace.write("a/b", b"1")
    for path in ("a", ""):
        with pytest.raises(ToolError, match="is a folder"):
            workspace.read(path)
    with pytest.raises(ToolError, match="is a folder"):
        workspace.write("a", b"1")
    with pytest.raises(ToolError, match="not a folder"):
        workspace.list("a/b")
    with pytest.raises(ToolError, match="'a/b' is a file, not a folder"):
        workspace.read("a/b/c")
    with pytest.raises(ToolError, match="'a/b' is a file, not a folder"):
        workspace.write("a/b/c/d", b"1")
    assert workspace.read("a/b") == b"1"


# listing


def test_a_folder_is_listed_by_name_and_without_what_lies_deeper(workspace: Workspace) -> None:
    for name in ("b", "a/x", "c", "B"):
        workspace.write(name, b"12")
    assert [(entry.path, entry.folder, entry.bytes) for entry in workspace.list()] == [
        ("B", False, 2),
        ("a", True, 0),
        ("b", False, 2),
        ("c", False, 2),
    ]


def test_a_recursive_list_tells_a_folder_after_its_content(workspace: Workspace) -> None:
    for name in ("a/y", "a/x/1", "b", "a.txt"):
        workspace.write(name, b"")
    assert [entry.path for entry in workspace.list(recursive=True)] == ["a/x/1", "a/x", "a/y", "a", "a.txt", "b"]
    assert [entry.path for entry in workspace.list("a", recursive=True)] == ["a/x/1", "a/x", "a/y"]


def test_a_list_of_nothing_there_fails_at_the_call(workspace: Workspace) -> None:
    with pytest.raises(ToolError, match="no such file or folder"):
        workspace.list("absent")


def test_unfinished_writes_are_not_listed(workspace: Workspace, root: Path) -> None:
    (root / ".thinkact-0123456789abcdef.tmp").write_bytes(b"half")
    assert list(workspace.list(recursive=True)) == []


def test_a_folder_beyond_the_depth_limit_is_listed_without_its_content(workspace: Workspace) -> None:
    workspace.write("/".join(["d"] * 105) + "/f", b"1")
    listed = [entry.path for entry in workspace.list(recursive=True)]
    assert len(listed) == 100
    assert workspace.read("/".join(["d"] * 105) + "/f") == b"1"


def test_a_folder_that_goes_while_the_list_is_read_is_listed_without_its_content(
    workspace: Workspace, root: Path
) -> None:
    workspace.write("a/x", b"1")
    workspace.write("b/x", b"1")
    listing = workspace.list(recursive=True)
    assert next(listing).path == "a/x"
    (root / "b" / "x").unlink()
    (root / "b").rmdir()
    assert [entry.path for entry in listing] == ["a", "b"]


@POSIX_ONLY
def test_names_that_cannot_be_written_are_listed_and_refused_clearly(workspace: Workspace, root: Path) -> None:
    try:
        (root / os.fsdecode(b"caf\xe9")).write_bytes(b"1")
    except OSError as error:
        pytest.skip(f"this file system takes UTF-8 names only: {error}")
    (root / "two\nlines").mkdir()
    (root / "two\nlines" / "x").write_bytes(b"1")
    listed = [entry.path for entry in workspace.list(recursive=True)]
    assert listed == [r"caf\xe9", r"two\x0alines/x", r"two\x0alines"]
    for path in (listed[0], listed[1]):
        with pytest.raises(ToolError, match="control characters or bytes that are not UTF-8") as caught:
            workspace.read(path)
        assert "rename" in refusal(caught)


@POSIX_ONLY
def test_a_file_in_another_normal_form_is_found_and_replaced_by_its_usual_name(
    workspace: Workspace, root: Path
) -> None:
    decomposed = unicodedata.normalize("NFD", "résumé")
    (root / decomposed).mkdir(parents=True)
    (root / decomposed / unicodedata.normalize("NFD", "één")).write_bytes(b"1")
    assert workspace.read("résumé/één") == b"1"
    workspace.write("résumé/één", b"2")
    workspace.write("résumé/日本", b"3")
    assert len(names(root)) == 3
    assert workspace.path("résumé/één") == f"{decomposed}/{unicodedata.normalize('NFD', 'één')}"
    assert workspace.path("résumé/日本/é") == f"{decomposed}/日本/é"


def test_of_two_spellings_the_exact_one_is_taken(workspace: Workspace, root: Path) -> None:
    (root / "é").write_bytes(b"composed")
    (root / "e\u0301").write_bytes(b"decomposed")
    if len(names(root)) == 1:
        pytest.skip("this file system takes both for one name")
    assert workspace.read("é") == b"composed"
    assert workspace.read("e\u0301") == b"decomposed"


def test_a_new_name_becomes_composed(workspace: Workspace) -> None:
    assert workspace.write("e\u0301/e\u0301", b"1").path == "é/é"


# links, hard links and what is no file


@POSIX_ONLY
def test_links_are_listed_and_never_followed(workspace: Workspace, root: Path, outside: Path) -> None:
    (root / "inner").mkdir()
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret.txt")
    (root / "inside").symlink_to("inner")
    (root / "dangling").symlink_to("nowhere")
    listed = {str(entry.path): (entry.folder, entry.bytes) for entry in workspace.list(recursive=True)}
    assert listed.pop("inner") == (True, 0)
    assert listed == dict.fromkeys(["dangling", "file", "folder", "inside"], (False, 0))
    for path in ("file", "folder", "folder/secret.txt", "inside/x", "dangling"):
        with pytest.raises(ToolError, match="is a link; links are not followed"):
            workspace.read(path)
        with pytest.raises(ToolError, match="is a link; links are not followed"):
            workspace.write(path, b"1")
    for path in ("folder/secret.txt", "folder/a/b", "inside/x"):
        for look in (workspace.exists, workspace.entry, workspace.sha256, workspace.list, workspace.delete):
            with pytest.raises(ToolError, match="link"):
                look(path)
    with pytest.raises(ToolError, match="link"):
        workspace.list("folder")
    assert workspace.exists("dangling")
    assert workspace.entry("file").bytes == 0
    assert names(outside) == ["secret.txt"]


@POSIX_ONLY
def test_deleting_a_link_leaves_what_it_names(workspace: Workspace, root: Path, outside: Path) -> None:
    (root / "file").symlink_to(outside / "secret.txt")
    (root / "folder").symlink_to(outside)
    workspace.delete("file")
    workspace.delete("folder")
    assert names(root) == []
    assert (outside / "secret.txt").read_bytes() == SECRET


def test_a_file_with_a_second_name_is_neither_read_nor_written(workspace: Workspace, root: Path, outside: Path) -> None:
    os.link(outside / "secret.txt", root / "hard")
    for attempt in (workspace.read, workspace.sha256, lambda path: workspace.write(path, b"mine")):
        with pytest.raises(ToolError, match="2 names"):
            attempt("hard")
    assert (outside / "secret.txt").read_bytes() == SECRET
    workspace.delete("hard")
    assert (outside / "secret.txt").read_bytes() == SECRET


@POSIX_ONLY
def test_pipes_sockets_and_devices_neither_block_nor_are_read(workspace: Workspace, root: Path) -> None:
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        with contextlib.chdir(root):  # a socket's path must be short
            bound.bind("socket")
        kinds = {"pipe": "pipe", "socket": "socket|not a regular"}
        try:
            os.mknod(root / "device", stat.S_IFCHR | 0o600, os.makedev(1, 5))
            kinds["device"] = "device"
        except PermissionError:
            pass  # only the superuser makes devices
        began = time.monotonic()
        for path, kind in kinds.items():
            with pytest.raises(ToolError, match=kind):
                workspace.read(path)
            with pytest.raises(ToolError, match=kind):
                workspace.sha256(path)
            with pytest.raises(ToolError, match=kind):
                workspace.write(path, b"1")
        assert time.monotonic() - began < 5
        assert {entry.bytes for entry in workspace.list()} == {0}


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_the_links_of_proc_lead_nowhere(way: Way, workspace: Workspace, root: Path, outside: Path) -> None:
    descriptor = os.open(outside / "secret.txt", os.O_RDONLY)
    try:
        (root / "fds").symlink_to("/proc/self/fd")
        for path in (f"/proc/self/fd/{descriptor}", f"fds/{descriptor}", "fds"):
            with pytest.raises(ToolError):
                workspace.read(path)
        with Workspace.open(Path("/proc/self"), create=False, way=way) as process:
            for path in (f"fd/{descriptor}", f"cwd/{outside}/secret.txt", f"root{outside}/secret.txt", "exe"):
                with pytest.raises(ToolError, match="link"):
                    process.read(path)
    finally:
        os.close(descriptor)


# writing


def test_writing_replaces_and_leaves_nothing_else(workspace: Workspace, root: Path) -> None:
    workspace.write("a", b"first, and longer")
    workspace.write("a", b"")
    assert workspace.read("a") == b""
    assert names(root) == ["a"]


@POSIX_ONLY
def test_the_rights_of_an_existing_file_are_kept_but_never_set_user_id(workspace: Workspace, root: Path) -> None:
    for mode in (0o600, 0o640, 0o755, 0o666):
        (root / "a").write_bytes(b"1")
        (root / "a").chmod(mode)
        workspace.write("a", b"2")
        assert stat.S_IMODE((root / "a").stat().st_mode) == mode
    (root / "a").chmod(0o4755)
    workspace.write("a", b"3")
    assert stat.S_IMODE((root / "a").stat().st_mode) == 0o755


@POSIX_ONLY
def test_a_new_file_gets_the_usual_rights(workspace: Workspace, root: Path) -> None:
    workspace.write("new", b"1")
    (root / "plain").write_bytes(b"1")
    assert (root / "new").stat().st_mode == (root / "plain").stat().st_mode


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser gives files away")
def test_the_owner_of_an_existing_file_is_kept(workspace: Workspace, root: Path) -> None:
    (root / "a").write_bytes(b"1")
    os.chown(root / "a", 12345, 12345)
    workspace.write("a", b"2")
    assert ((root / "a").stat().st_uid, (root / "a").stat().st_gid) == (12345, 12345)


def test_a_write_protected_file_stays_as_it_is(workspace: Workspace, root: Path) -> None:
    (root / "a").write_bytes(b"1")
    (root / "a").chmod(0o444)
    with pytest.raises(ToolError, match="write-protected"):
        workspace.write("a", b"2")
    assert (root / "a").read_bytes() == b"1"
    assert names(root) == ["a"]
    (root / "a").chmod(0o644)


def test_several_tools_write_one_file_at_once_and_it_is_always_whole(workspace: Workspace, root: Path) -> None:
    contents = [bytes([65 + number]) * 20_000 for number in range(4)]
    workspace.write("new/deep/a", contents[0])

    def work(content: bytes) -> None:
        for turn in range(8):
            workspace.write("new/deep/a", content)
            workspace.write(f"other/{turn}/b", content)
            assert workspace.read("new/deep/a") in contents

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, contents))
    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == ["a", *["b"] * 8]


@POSIX_ONLY
def test_a_write_that_is_killed_leaves_the_old_content_or_the_new(root: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from plugins._workspace import Workspace\n"
        "workspace = Workspace.open(Path(sys.argv[1])); print('on', flush=True)\n"
        "while True:\n"
        "    for letter in b'ab': workspace.write('f', bytes([letter]) * 2_000_000)\n"
    )
    for pause in (0.05, 0.083, 0.11):
        with subprocess.Popen(
            [sys.executable, "-c", script, root],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(REPOSITORY)},
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(pause)
            writer.kill()
        with Workspace.open(root) as workspace:
            if workspace.exists("f"):
                content = workspace.read("f")
                assert content in (b"a" * 2_000_000, b"b" * 2_000_000)
            assert {entry.path for entry in workspace.list()} <= {"f"}


# moving and deleting


def test_a_file_and_a_folder_are_moved_and_folders_made(workspace: Workspace, root: Path) -> None:
    workspace.write("a/b", b"1")
    workspace.move("a/b", "x/y/z")
    workspace.move("x", "new/x")
    assert names(root) == ["a", "new", "new/x", "new/x/y", "new/x/y/z"]
    assert workspace.read("new/x/y/z") == b"1"


@pytest.mark.parametrize("source", ["file", "folder"])
@pytest.mark.parametrize("target", ["other", "empty", "full", "folder", "file"])
def test_an_existing_target_is_never_replaced(workspace: Workspace, root: Path, source: str, target: str) -> None:
    for name in ("file", "folder/x", "other", "full/x"):
        workspace.write(name, name.encode())
    (root / "empty").mkdir()
    before = names(root)
    with pytest.raises(ToolError, match=f"'{target}': it exists already"):
        workspace.move(source, target)
    assert names(root) == before
    assert workspace.read("other") == b"other"


def test_of_two_moves_to_one_name_one_is_refused(workspace: Workspace, way: Way) -> None:
    if way == "names" and os.name != "nt":
        pytest.skip("by names alone this holds only on Windows, where a rename refuses by itself")
    for turn in range(20):
        for name in "ab":
            workspace.write(name, name.encode())

        def move(name: str, target: str = f"target{turn}") -> bool:
            try:
                workspace.move(name, target)
            except ToolError as error:
                return "exists already" not in error.message
            return True

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(move, "ab"))
        assert sorted(done) == [False, True]
        assert workspace.read(f"target{turn}") == (b"a" if done[0] else b"b")


def test_a_move_of_nothing_or_into_itself_changes_nothing(workspace: Workspace, root: Path) -> None:
    workspace.write("a/b", b"1")
    with pytest.raises(ToolError, match="no such file"):
        workspace.move("absent", "x/y")
    with pytest.raises(ToolError, match="into itself"):
        workspace.move("a", "a/c/d")
    with pytest.raises(ToolError, match="into itself"):
        workspace.move("a/b", "a/b/c")
    assert names(root) == ["a", "a/b"]


def test_a_file_and_an_empty_folder_are_deleted(workspace: Workspace, root: Path) -> None:
    workspace.write("a/b", b"1")
    workspace.write("a/c", b"1")
    with pytest.raises(ToolError, match=r"not empty \(2 entries\)"):
        workspace.delete("a")
    workspace.delete("a/b")
    with pytest.raises(ToolError, match=r"not empty \(1 entry\)"):
        workspace.delete("a")
    workspace.delete("a/c")
    workspace.delete("a")
    assert names(root) == []
    with pytest.raises(ToolError, match="no such file"):
        workspace.delete("a")


def test_a_folder_with_what_a_killed_write_left_counts_as_empty(workspace: Workspace, root: Path) -> None:
    workspace.write("a/b", b"1")
    workspace.delete("a/b")
    left = root / "a" / ".thinkact-0123456789abcdef.tmp"
    left.write_bytes(b"half")
    with pytest.raises(ToolError, match="not empty"):
        workspace.delete("a")  # somebody may still be writing it
    os.utime(left, (0, 0))
    workspace.delete("a")
    assert names(root) == []


@pytest.mark.parametrize("path", ["", ".", "a/.."])
def test_the_workspace_itself_is_never_changed(workspace: Workspace, root: Path, path: str) -> None:
    workspace.write("x", b"1")
    for attempt in (
        lambda: workspace.delete(path),
        lambda: workspace.move(path, "y"),
        lambda: workspace.write(path, b""),
    ):
        with pytest.raises(ToolError, match="workspace itself"):
            attempt()
    with pytest.raises(ToolError, match="workspace itself"):
        workspace.move("x", path)
    assert names(root) == ["x"]


# what may not be written, and what may not be seen


def test_globs_narrow_what_may_be_written_moved_and_deleted(root: Path, way: Way) -> None:
    root.mkdir()
    (root / "src").write_bytes(b"1")
    with Workspace.open(root, write=["digest.md", "out/**"], way=way) as workspace:
        workspace.write("digest.md", b"1")
        workspace.write("out/a/b", b"1")
        workspace.move("out/a", "out/c")
        for attempt in (
            lambda: workspace.write("other.md", b"1"),
            lambda: workspace.delete("src"),
            lambda: workspace.move("src", "out/src"),
            lambda: workspace.move("out/c/b", "b"),
            lambda: workspace.write("x/../src", b"1"),
        ):
            with pytest.raises(ToolError, match="may not be written by this goal") as caught:
                attempt()
            assert "digest.md, out/**" in refusal(caught)
        assert workspace.read("src") == b"1"
        assert workspace.check_writable("out/x") == "out/x"


def test_a_moved_folder_brings_only_what_may_be_written(root: Path, way: Way) -> None:
    (root / "a").mkdir(parents=True)
    (root / "a" / "x.md").write_bytes(b"1")
    (root / "a" / "x.py").write_bytes(b"1")
    with Workspace.open(root, write=["**/*.md", "a", "b"], way=way) as workspace:
        with pytest.raises(ToolError, match=r"'a/x\.py' may not be written"):
            workspace.move("a", "b")
        (root / "a" / "x.py").unlink()
        workspace.move("a", "b")
    assert names(root) == ["b", "b/x.md"]


def test_a_glob_that_leaves_the_workspace_opens_nothing(root: Path) -> None:
    with pytest.raises(ToolError, match="pattern"):
        Workspace.open(root, write=["../*"])
    assert not root.exists()


@pytest.mark.parametrize(
    "path", ["goal.yaml", "GOAL.YAML", "./x/../goal.yaml", "conf", "CONF/a", "conf/a/b", "später/é", "SPÄTER/e\u0301"]
)
def test_protected_paths_are_never_written_present_or_absent(root: Path, way: Way, path: str) -> None:
    root.mkdir()
    (root / "goal.yaml").write_bytes(b"mine")
    (root / "conf").mkdir()
    protected = [root / "goal.yaml", root / "conf", root / "später" / "é"]
    with Workspace.open(root, protected=protected, way=way) as workspace:
        workspace.write("a", b"1")
        for attempt in (
            lambda: workspace.write(path, b"1"),
            lambda: workspace.delete(path),
            lambda: workspace.move(path, "b"),
            lambda: workspace.move("a", path),
        ):
            with pytest.raises(ToolError, match="is protected"):
                attempt()
        assert workspace.read("goal.yaml") == b"mine"
    assert names(root) == ["a", "conf", "goal.yaml"]


def test_a_protected_path_is_not_reached_by_moving_its_folder(root: Path, way: Way) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "goal.yaml").write_bytes(b"mine")
    protected = [root / "a" / "b" / "goal.yaml", root / "absent" / "settings.toml"]
    with Workspace.open(root, protected=protected, way=way) as workspace:
        workspace.write("trap/settings.toml", b"evil")
        for source, target in (("a", "c"), ("a/b", "c"), ("A/B", "c"), ("trap", "absent")):
            with pytest.raises(ToolError, match=r"protected files|no such file|no folder"):
                workspace.move(source, target)
        workspace.write("a/b/other", b"1")
    assert not (root / "absent").exists()
    assert (root / "a" / "b" / "goal.yaml").read_bytes() == b"mine"


def test_hidden_paths_are_neither_read_nor_listed_nor_proposed(root: Path, way: Way) -> None:
    (root / "state" / "runs").mkdir(parents=True)
    (root / "state" / "runs" / "journal.db").write_bytes(SECRET)
    with Workspace.open(root, hidden=[root / "state"], way=way) as workspace:
        workspace.write("stated", b"1")
        assert [entry.path for entry in workspace.list(recursive=True)] == ["stated"]
        for attempt in (workspace.read, workspace.exists, workspace.sha256, workspace.list, workspace.delete):
            with pytest.raises(ToolError, match="no tool's business"):
                attempt("State/runs/journal.db")
        with pytest.raises(ToolError, match="no tool's business"):
            workspace.write("state/new", b"1")
        with pytest.raises(ToolError) as caught:
            workspace.read("stat")
        assert "'state'" not in refusal(caught)


def test_a_workspace_inside_the_state_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="lies in"):
        Workspace.open(tmp_path / "home" / "work", hidden=[tmp_path / "home"])


# hostile paths

PIECES = ["..", ".", "", "~", "a", "link", "file", "hard", "secret.txt", "outside", "/", "\\", "C:", "\\\\?\\", "proc"]
PIECES += [
    "\0",
    "\n",
    "é",
    "e\u0301",
    "%2e%2e",
    "..\u200b",
    "．．",
    "x" * 256,
    "con",
    "\udce9",
    " ",
    "*",
    "self",
    "root",
]
hostile = st.one_of(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=7).flatmap(
        lambda parts: st.sampled_from(["/", "//", "\\", "/../"]).map(lambda separator: separator.join(parts))
    ),
    st.text(max_size=30),
)


def outcome(call: Callable[[str], object], path: str) -> object:
    """What a call gives, or the one line in which it is refused."""
    try:
        return call(path)
    except ToolError as error:
        assert "\n" not in f"{error.message}{error.hint}"  # noqa: PT017 - most of the paths are no error
        return error.message


@POSIX_ONLY
@pytest.mark.parametrize("reached", ["kernel", "walk"])
def test_no_path_whatever_leads_out_of_the_workspace(tmp_path: Path, outside: Path, reached: Way) -> None:
    root = tmp_path / "work"
    root.mkdir()

    def lay_traps() -> None:
        """Lay them, or lay them again: a link may be deleted by its own name."""
        for name, lay in (
            ("link", lambda trap: trap.symlink_to(outside)),
            ("file", lambda trap: trap.symlink_to(outside / "secret.txt")),
            ("hard", lambda trap: os.link(outside / "secret.txt", trap)),
        ):
            if not os.path.lexists(root / name):
                lay(root / name)

    try:
        workspace = Workspace.open(root, way=reached)
    except ToolError as error:
        pytest.skip(f"this system has no such way: {error}")

    @settings(max_examples=1000, deadline=None, database=None, derandomize=True)
    @given(
        path=st.one_of(hostile, hostile.map(lambda text: f"{tmp_path}/{text}")),
        content=st.sampled_from([True, False, False, False]),
    )
    def attempt(path: str, content: bool) -> None:
        lay_traps()
        for call in (workspace.read, workspace.exists, workspace.sha256, workspace.list):
            assert outcome(call, path) not in (SECRET, hashlib.sha256(SECRET).hexdigest())
        if content:
            outcome(lambda text: workspace.write(text, b"mine"), path)
            outcome(workspace.delete, path)

    with workspace:
        attempt()
    assert names(outside) == ["secret.txt"]
    assert (outside / "secret.txt").read_bytes() == SECRET
    assert {path.name for path in tmp_path.iterdir()} == {"work", "outside"}


@pytest.mark.parametrize("path", [".git/hooks/pre-commit", ".git/config", "deep/.GIT/config", ".git"])
def test_what_git_obeys_is_never_written_moved_or_deleted(tmp_path: Path, path: str) -> None:
    with Workspace.open(tmp_path) as files:
        files.write("hook", b"#!/bin/sh\n")
        with pytest.raises(ToolError, match="is git's own"):
            files.write(path, b"evil")
        with pytest.raises(ToolError, match="is git's own"):
            files.move("hook", path)
        with pytest.raises(ToolError, match="is git's own"):
            files.delete(path)
        assert files.read("hook") == b"#!/bin/sh\n"
