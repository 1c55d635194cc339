"""A journal whose writer was killed, at known moments: what is left, what another process sees, how it goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from memory.journal import Journal, JournalBusy, JournalDamaged, held, read

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "läuf 運行" / "journal.db"


@contextmanager
def process(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A second process that has said "ready"; killed at the end."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, text=True, encoding="utf-8", stdout=subprocess.PIPE) as started:
        try:
            assert started.stdout is not None
            assert started.stdout.readline() == "ready\n"
            yield started
        finally:
            started.kill()


# --- killed between append and commit ---------------------------------------------------------------------------------

WRITER = """
import sys, time
from pathlib import Path
from memory.journal import Journal
file, commits, each, loose, size = Path(sys.argv[1]), *map(int, sys.argv[2:])
journal = Journal.open(file) if file.exists() else Journal.create(file, meta={"run": "r"})
for _ in range(commits):
    for _ in range(each):
        journal.append({"n": journal.last + 1, "text": "y" * 1000}, elapsed=journal.last)
    journal.commit()
for _ in range(loose):
    journal.append({"n": "nobody relied on this", "text": "x" * size}, elapsed=0)
print("ready", flush=True)
time.sleep(60)
"""


def killed(file: Path, commits: int, *, each: int = 1, loose: int = 1, size: int = 300) -> None:
    """A process writes so many commits of `each` rows, then `loose` rows of `size` that it does not commit; kill -9."""
    with process(WRITER, file, commits, each, loose, size):
        pass


def numbers(file: Path) -> list[object]:
    return [row.body["n"] for row in read(file)]


def goes_on(file: Path, committed: int) -> None:
    """It holds exactly what was committed, for a reader and for the next writer, who goes on without a gap."""
    assert numbers(file) == list(range(1, committed + 1))
    with Journal.open(file) as journal:
        assert [row.seq for row in journal.rows()] == list(range(1, committed + 1))
        assert journal.append({"n": committed + 1}, elapsed=9).seq == committed + 1
        journal.commit()
    assert numbers(file) == list(range(1, committed + 2))
    assert [row.seq for row in read(file)] == list(range(1, committed + 2))
    assert sorted(one.name for one in file.parent.iterdir()) == ["journal.db", "journal.db.lock", "journal.db.mark"]


@pytest.mark.parametrize(
    ("commits", "each", "loose", "size"),
    [
        (0, 1, 0, 0),
        (0, 1, 3, 300),
        (1, 1, 1, 0),
        (4, 3, 2, 300),
        (2, 2, 40, 100_000),
        (70, 60, 5, 300),
        (3, 1, 1, 9_000_000),
    ],
    ids=["just-made", "nothing-committed", "one", "some", "spilt", "after-a-checkpoint", "one-huge"],
)
def test_what_was_not_committed_is_gone_as_a_whole_and_all_else_is_there(
    file: Path, commits: int, each: int, loose: int, size: int
) -> None:
    killed(file, commits, each=each, loose=loose, size=size)
    if size * loose > 3_000_000:
        # More than SQLite keeps in memory: rows that nobody committed lie in the write-ahead file.
        assert file.with_name("journal.db-wal").stat().st_size > 1_000_000
    if commits * each > 1000:
        # More than SQLite leaves in the write-ahead file: what was committed is in the journal's own.
        assert file.stat().st_size > 1_000_000
    goes_on(file, commits * each)


def test_one_kill_after_another_loses_only_what_was_not_committed(file: Path) -> None:
    for n in range(1, 4):
        killed(file, 2, each=2, loose=n)
        assert numbers(file) == list(range(1, 4 * n + 1))
    goes_on(file, 12)


def test_a_reader_sees_no_row_that_is_not_committed_and_leaves_what_it_finds(file: Path) -> None:
    with process(WRITER, file, 2, 1, 30, 100_000):
        for _ in range(2):
            assert numbers(file) == [1, 2]
    before = {one.name: one.read_bytes() for one in file.parent.iterdir() if one.suffix != ".db-shm"}
    assert numbers(file) == [1, 2]
    assert {one.name: one.read_bytes() for one in file.parent.iterdir() if one.suffix != ".db-shm"} == before


# --- what lies beside it ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a journal of five rows as a kill leaves it, with a sixth that was not committed."""
    folder = tmp_path_factory.mktemp("left") / "run"
    killed(folder / "journal.db", 5)
    assert sorted(one.name for one in folder.iterdir()) == [
        "journal.db",
        "journal.db-shm",
        "journal.db-wal",
        "journal.db.lock",
        "journal.db.mark",
    ]
    return folder


@pytest.fixture
def copy(left: Path, tmp_path: Path) -> Path:
    shutil.copytree(left, tmp_path / "copy")
    return tmp_path / "copy" / "journal.db"


@pytest.mark.parametrize("missing", [(), ("-shm",), (".mark",), (".lock",), ("-shm", ".mark", ".lock")])
def test_what_can_be_made_anew_may_be_missing(copy: Path, missing: tuple[str, ...]) -> None:
    for suffix in missing:
        copy.with_name(copy.name + suffix).unlink()
    goes_on(copy, 5)


def mark(number: int) -> bytes:
    return b"%020d %020d\n" % (number, number)


@pytest.mark.parametrize("number", [0, 1, 4])
def test_a_mark_that_lags_behind_is_brought_up_to_date_by_the_next_commit(copy: Path, number: int) -> None:
    place = copy.with_name("journal.db.mark")
    assert place.read_bytes() == mark(5)
    place.write_bytes(mark(number))
    goes_on(copy, 5)
    assert place.read_bytes() == mark(6)


def test_a_mark_that_is_ahead_tells_of_rows_that_are_gone(copy: Path) -> None:
    copy.with_name("journal.db.mark").write_bytes(mark(8))
    found: list[int] = []
    with pytest.raises(JournalDamaged, match="row 6: the rows up to 8 were committed and are gone"):
        found.extend(row.seq for row in read(copy))
    assert found == [1, 2, 3, 4, 5]
    with pytest.raises(JournalDamaged, match="row 6"):
        Journal.open(copy)


def test_a_write_ahead_file_that_is_gone_with_all_rows_is_told(copy: Path) -> None:
    for suffix in ("-wal", "-shm"):
        copy.with_name(copy.name + suffix).unlink()
    with pytest.raises(JournalDamaged):
        list(read(copy))
    with pytest.raises(JournalDamaged):
        Journal.open(copy)


# --- is it being written? ---------------------------------------------------------------------------------------------


def test_a_journal_is_held_as_long_as_its_writer_lives(file: Path) -> None:
    with process(WRITER, file, 1, 1, 0, 0):
        assert held(file)
        assert held(file), "looking takes nothing away"
        with pytest.raises(JournalBusy):
            Journal.open(file)
    assert not held(file)
    with Journal.open(file):
        assert held(file)
    assert not held(file)


def test_where_there_is_no_journal_none_is_held_and_nothing_is_made(file: Path) -> None:
    assert not held(file)
    assert not file.parent.exists()
    with Journal.create(file, meta={}):
        pass
    file.with_name("journal.db.lock").unlink()
    assert not held(file)
    assert not file.with_name("journal.db.lock").exists()


LOOKING = """
import sys
from pathlib import Path
from memory.journal import held
held(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    held(Path(sys.argv[1]))
"""


def test_a_writer_is_not_disturbed_by_those_who_look(file: Path) -> None:
    Journal.create(file, meta={}).close()
    with process(LOOKING, file), process(LOOKING, file):
        for n in range(1, 11):
            with Journal.open(file) as journal:
                assert held(file)
                assert journal.append({"n": n}, elapsed=0).seq == n
    assert numbers(file) == list(range(1, 11))


HELD = """
import fcntl, os, sys
from pathlib import Path
from memory.journal import held
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
print([held(Path(name)) for name in sys.argv[1:]])
os.seteuid(os.getuid())
"""


@pytest.mark.skipif(os.name != "posix", reason="rights are set the POSIX way")
def test_a_lock_can_be_looked_at_where_nothing_may_be_written_and_none_is_seen_where_none_may_look() -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        readable, shut = folder / "readable.db", folder / "shut.db"
        with Journal.create(readable, meta={}), Journal.create(shut, meta={}):
            readable.with_name("readable.db.lock").chmod(0o444)
            shut.with_name("shut.db.lock").chmod(0)
            command = [sys.executable, "-c", HELD, str(readable), str(shut), str(folder / "none.db")]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
        assert done.stdout.strip() == "[True, False, False]", done.stderr
    finally:
        shutil.rmtree(folder)


def test_a_second_writer_is_told_which_run_it_is_and_how_to_watch_it(file: Path) -> None:
    with process(WRITER, file, 1, 1, 0, 0), pytest.raises(JournalBusy) as refused:
        Journal.open(file)
    assert refused.value.message == f"the run läuf 運行 is being worked on by another process ({file})"
    assert refused.value.hint == "wait for it, or see it with: thinkact runs tail läuf 運行"
