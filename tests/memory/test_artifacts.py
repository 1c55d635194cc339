from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from memory.artifacts import ArtifactError, Kept, Shelf

ROOT = Path(__file__).resolve().parents[2]
CLASHING = (b"n2796021", b"n19107698")  # found by search: the first 12 hex digits of their hashes are the same


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "läufe 運行" / "artifacts")


def test_what_is_put_is_had_back_by_its_handle(shelf: Shelf) -> None:
    content = "世界 \x00\n".encode() * 1000
    kept = shelf.put(content, media_type="text/markdown", name="ignored.txt")
    digest = hashlib.sha256(content).hexdigest()
    assert kept == Kept(
        handle=f"a-{digest[:12]}",
        path=shelf.folder / f"{digest}.md",
        media_type="text/markdown",
        bytes=len(content),
        sha256=digest,
    )
    assert kept.path.is_absolute()
    assert shelf.get(kept.handle) == (kept, content)
    assert shelf.find(kept.handle) == kept
    assert kept.path.read_bytes() == content


def test_nothing_is_made_before_something_is_put(shelf: Shelf) -> None:
    assert shelf.handles() == ()
    with pytest.raises(ArtifactError, match="there is no artifact"):
        shelf.get("a-000000000000")
    assert not shelf.folder.exists()


def test_empty_content_is_content(shelf: Shelf) -> None:
    kept = shelf.put(b"")
    assert shelf.get(kept.handle) == (kept, b"")


@pytest.mark.parametrize(
    ("media_type", "name", "stored", "ending"),
    [
        ("text/plain", "", "text/plain", ".txt"),
        ("image/png", "cat.jpeg", "image/png", ".png"),
        (" Image/PNG ", "", "image/png", ".png"),
        ("image/svg+xml", "", "image/svg+xml", ".svg"),
        ("application/x-tar", "all.TAR", "application/x-tar", ".application%2Fx-tar.tar"),
        ("application/vnd.ms-excel", "no suffix", "application/vnd.ms-excel", ".application%2Fvnd.ms-excel.bin"),
        ("text/plain; charset=gb18030", "", "text/plain; charset=gb18030", ".text%2Fplain%3B%20charset%3Dgb18030.bin"),
        ("nonsense", "a.txt", "application/octet-stream", ".bin"),
        ("text/../../etc", "../../x.sh/..", "application/octet-stream", ".bin"),
        ("text/" + "x" * 300, "", "application/octet-stream", ".bin"),
        ("text/größe", "", "application/octet-stream", ".bin"),
        ("", "", "application/octet-stream", ".bin"),
        ("a/b", "x.<|>", "a/b", ".a%2Fb.bin"),
    ],
)
def test_the_media_type_is_told_by_the_name_of_the_file(
    shelf: Shelf, media_type: str, name: str, stored: str, ending: str
) -> None:
    kept = shelf.put(b"content", media_type=media_type, name=name)
    assert kept.media_type == stored
    assert kept.path.name == kept.sha256 + ending
    assert Shelf(shelf.folder).get(kept.handle) == (kept, b"content")


def test_the_same_bytes_are_the_same_artifact_and_cost_no_write(shelf: Shelf) -> None:
    first = shelf.put(b"the same", media_type="text/csv")
    state = first.path.stat()
    assert shelf.put(b"the same", media_type="image/png") == first
    assert Shelf(shelf.folder).put(b"the same") == first
    assert (first.path.stat().st_mtime_ns, first.path.stat().st_ino) == (state.st_mtime_ns, state.st_ino)
    assert len(list(shelf.folder.iterdir())) == 1


def test_handles_are_sorted_and_see_what_others_put(shelf: Shelf) -> None:
    mine = shelf.put(b"mine")
    theirs = Shelf(shelf.folder).put(b"theirs")
    assert shelf.handles() == tuple(sorted([mine.handle, theirs.handle]))
    later = Shelf(shelf.folder).put(b"later")
    assert shelf.get(later.handle) == (later, b"later")


def test_two_contents_with_one_beginning_of_hash_have_two_handles(shelf: Shelf) -> None:
    one, other = (shelf.put(content) for content in CLASHING)
    assert one.handle != other.handle
    assert other.handle.startswith(one.handle)
    for look in (shelf, Shelf(shelf.folder)):
        assert look.get(one.handle) == (one, CLASHING[0])
        assert look.get(other.handle) == (other, CLASHING[1])
        assert look.put(CLASHING[1]) == other


def test_a_clash_that_two_processes_made_at_once_mixes_nothing_up(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(CLASHING[0])
    alone = Shelf(tmp_path / "elsewhere").put(CLASHING[1])
    (shelf.folder / alone.path.name).write_bytes(CLASHING[1])
    found = [Shelf(shelf.folder).get(handle) for handle in Shelf(shelf.folder).handles()]
    assert {content for _, content in found} == set(CLASHING)
    assert all(hashlib.sha256(content).hexdigest() == kept.sha256 for kept, content in found)


def test_an_unknown_handle_names_the_nearest(shelf: Shelf) -> None:
    kept = shelf.put(b"something")
    mistyped = kept.handle[:-1] + ("0" if kept.handle[-1] != "0" else "1")
    with pytest.raises(ArtifactError, match=mistyped) as caught:
        shelf.find(mistyped)
    assert caught.value.hint == f"did you mean {kept.handle}?"
    with pytest.raises(ArtifactError, match="passwd") as caught:
        shelf.get("../../etc/passwd")
    assert caught.value.hint is None


@pytest.mark.parametrize("spoilt", [b"", b"somethinG", b"something more"])
def test_a_damaged_file_is_told_and_mended_by_putting_it_again(shelf: Shelf, spoilt: bytes) -> None:
    kept = shelf.put(b"something")
    kept.path.write_bytes(spoilt)
    with pytest.raises(ArtifactError, match="damaged") as caught:
        shelf.get(kept.handle)
    assert str(shelf.folder) not in caught.value.message, "a model reads it"
    assert shelf.put(b"something") == kept
    assert shelf.get(kept.handle) == (kept, b"something")


def test_a_file_that_is_gone_is_unknown_and_can_be_put_again(shelf: Shelf) -> None:
    kept = shelf.put(b"something")
    kept.path.unlink()
    with pytest.raises(ArtifactError, match="there is no artifact"):
        shelf.get(kept.handle)
    again = shelf.put(b"something")
    again.path.unlink()
    assert shelf.put(b"something") == kept
    assert shelf.get(kept.handle) == (kept, b"something")


def test_what_else_lies_in_the_folder_is_no_artifact(shelf: Shelf) -> None:
    kept = shelf.put(b"something")
    (shelf.folder / "unfinished-x1").write_bytes(b"half")
    (shelf.folder / "README.txt").write_text("hello", encoding="utf-8")
    (shelf.folder / ("0" * 64 + ".txt")).mkdir()
    (shelf.folder / ("1" * 64)).write_bytes(b"no ending")
    assert shelf.handles() == tuple(sorted(["a-" + "1" * 12, kept.handle]))
    assert shelf.find("a-" + "1" * 12).media_type == "application/octet-stream"


@pytest.mark.skipif(os.name != "posix", reason="makes a link")
def test_a_link_is_no_artifact(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    shelf.put(b"something")
    digest = hashlib.sha256(b"secret").hexdigest()
    (shelf.folder / f"{digest}.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(ArtifactError, match="there is no artifact"):
        shelf.get(f"a-{digest[:12]}")


def test_many_threads_may_put_and_get(shelf: Shelf) -> None:
    contents = [f"content {n % 20}".encode() for n in range(120)]

    def work(content: bytes) -> None:
        kept = shelf.put(content)
        assert shelf.get(kept.handle) == (kept, content)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, contents))
    assert len(shelf.handles()) == 20
    assert len(list(shelf.folder.iterdir())) == 20


PUTTING = """
import sys
from pathlib import Path
from memory.artifacts import Shelf
shelf = Shelf(Path(sys.argv[1]))
print("go", flush=True)
n = int(sys.argv[2])
while True:
    n += 1
    print(shelf.put(b"%d " % n * 9000).handle, flush=True)
"""


def test_a_handle_that_was_given_out_survives_a_kill(shelf: Shelf) -> None:
    chance = random.Random(5)
    given = 0
    for turn in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", PUTTING, str(shelf.folder), str(turn * 100_000)],
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "go\n"
            time.sleep(chance.uniform(0.01, 0.06))
            child.kill()
            for line in child.stdout.read().split("\n")[:-1]:
                kept, content = shelf.get(line)
                assert len(content) == kept.bytes
                given += 1
    for handle in shelf.handles():
        shelf.get(handle)
    assert given > 6


FULL = """
import resource, sys
from pathlib import Path
from memory.artifacts import ArtifactError, Shelf
shelf = Shelf(Path(sys.argv[1]))
kept = shelf.put(b"x" * 9000)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
try:
    shelf.put(b"y" * 9000)
except ArtifactError as error:
    print(error.message, "|", error.hint)
print(shelf.handles() == (kept.handle,), shelf.get(kept.handle)[1] == b"x" * 9000, len(list(shelf.folder.iterdir())))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_full_disk_is_one_clear_line_and_leaves_nothing_half_written(shelf: Shelf) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(shelf.folder)], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    told, state = done.stdout.splitlines()
    assert "9000 bytes cannot be kept" in told
    assert "make room" in told
    assert state == "True True 1"


def test_a_file_in_the_way_of_the_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(ArtifactError, match="cannot be kept") as caught:
        Shelf(tmp_path / "taken" / "artifacts").put(b"something")
    assert str(tmp_path) not in f"{caught.value.message} {caught.value.hint}", "a model reads it"


UNREADABLE = """
import os, sys
from pathlib import Path
from memory.artifacts import ArtifactError, Shelf
folder = Path(sys.argv[1])
os.chdir(folder.parent)
kept = Shelf(folder).put(b"secret")
shelf = Shelf(Path("kept"))
shelf.handles()
kept.path.chmod(0)
if os.geteuid() == 0:
    folder.parent.chmod(0o755), folder.chmod(0o755)
    os.seteuid(65534)
def told(attempt):
    try:
        attempt()
    except ArtifactError as error:
        print("cannot be read" in error.message)
told(lambda: shelf.get(kept.handle))
if os.getuid() == 0:
    os.seteuid(0)
folder.chmod(0o300)
if os.getuid() == 0:
    os.seteuid(65534)
told(Shelf(Path("kept")).handles)
if os.getuid() == 0:
    os.seteuid(0)
folder.chmod(0o700)
"""


@pytest.mark.skipif(os.name != "posix", reason="rights are set the POSIX way")
def test_what_may_not_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as outside:  # where another user may go, unlike a test's own folder
        folder = Path(outside).resolve() / "kept"
        done = subprocess.run(
            [sys.executable, "-c", UNREADABLE, str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.stdout.split() == ["True", "True"], done.stderr
