"""A disk that is full and a place that is read-only or shut, told apart from a file that is damaged."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from memory import Recall
from memory._places import sqlite_uri, trouble
from memory.recall import RecallError, StoreDamaged

ROOT = Path(__file__).resolve().parents[2]


# --- what an error tells ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EPERM, "permission denied"),
        (errno.ENOTDIR, os.strerror(errno.ENOTDIR)),
    ],
)
def test_an_error_of_the_system_is_told_in_our_words_with_what_to_do(tmp_path: Path, number: int, why: str) -> None:
    found = trouble(OSError(number, os.strerror(number), str(tmp_path)), tmp_path / "file")
    assert found is not None
    assert found.why == why
    assert found.hint
    assert found.full == (number == errno.ENOSPC)


def refused(file: Path, statement: str, *, how: str = "mode=rwc", before: str = "PRAGMA user_version") -> sqlite3.Error:
    """What SQLite says to a statement."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?{how}", uri=True, isolation_level=None)) as connection:
            connection.execute(before)
            connection.execute(statement)
    except sqlite3.Error as error:
        return error
    raise AssertionError(f"{statement} was carried out")


def test_an_error_of_the_database_is_the_places_or_the_files(tmp_path: Path) -> None:
    file, none, text = tmp_path / "file.db", tmp_path / "none" / "file.db", tmp_path / "text.db"
    text.write_text("no database " * 500, encoding="utf-8")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE rows (x)")
    cases = (
        (refused(file, "CREATE TABLE b (x)", before="PRAGMA max_page_count = 2"), "the disk is full"),
        (refused(file, "CREATE TABLE b (x)", how="mode=ro"), "it is read-only"),
        (refused(none, "SELECT 1"), "it may not be opened, or nothing may be made beside it"),
        (refused(text, "SELECT * FROM sqlite_master"), None),
        (refused(file, "SELECT * FROM nothing"), None),
    )
    for error, why in cases:
        found = trouble(error, file)
        assert (found and found.why) == why, error


# --- what the journal and the notes do about it -----------------------------------------------------------------------

SCRIPT = """
import os, shutil, sys
from pathlib import Path
import filelock
from memory import Recall
from memory.journal import Journal, JournalError, read
from memory.recall import RecallError
home, how = Path(sys.argv[1]), sys.argv[2]
closed, left, notes = home / "closed" / "journal.db", home / "left" / "journal.db", home / "memory" / "notes.db"

def tell(words, work):
    try:
        print(words, work())
    except (JournalError, RecallError) as error:
        print(words, type(error).__name__, error.message.replace(str(home), "HOME"), "|", error.hint)

def extended():
    with Journal.open(left) as journal:
        return journal.append({"text": "x" * 9000}, elapsed=0).seq

def added():
    with Recall(notes) as recall:
        return len(recall.add("The boat leaves at noon. " * 100))

def found():
    with Recall(notes) as recall:
        return [hit.text for hit in recall.search("tide", 3)], recall.count(), len(recall.list())

def all_of_it():
    tell("closed", lambda: len(list(read(closed))))
    tell("left", lambda: len(list(read(left))))
    tell("found", found)
    tell("open", lambda: Journal.open(closed).close())
    tell("write", extended)
    tell("add", added)

if how == "make":
    for file in (closed, left):
        with Journal.create(file, meta={"run": file.parent.name}) as journal:
            for n in range(20):
                journal.append({"n": n, "text": "x" * 300}, elapsed=0)
                journal.commit()
            if file is left:
                shutil.copytree(file.parent, home / "copy")
    shutil.rmtree(home / "left")
    (home / "copy").rename(home / "left")
    (home / "left" / "journal.db-shm").unlink()
    with Recall(notes) as recall:
        recall.add("The tide is 6.2 m.")
elif how == "full":
    with open(home / "filling", "wb", buffering=0) as filling:
        try:
            while True:
                filling.write(b"x" * 4096)
        except OSError:
            pass
    all_of_it()
    (home / "filling").unlink()
    all_of_it()
elif how == "look":
    all_of_it()
else:
    if os.geteuid() == 0:
        os.setegid(65534)
        os.seteuid(65534)
    all_of_it()
    os.seteuid(os.getuid())
"""
READ = ["closed 20", "left 20", "found (['The tide is 6.2 m.'], 1, 1)"]


def script(*words: object, mount: str = "") -> list[str]:
    """What the script says, in a namespace of its own after `mount`."""
    command = [sys.executable, "-c", SCRIPT, *map(str, words)]
    if mount:
        command = ["unshare", "-Urm", "sh", "-c", f'{mount} && exec "$@"', "sh", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def mounting() -> None:
    """Is there a way to mount here?"""
    try:
        words = ["unshare", "-Urm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/tmp"]
        done = subprocess.run(words, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        done = False
    if not done:
        pytest.skip("nothing can be mounted here: no unprivileged namespaces")


@pytest.mark.usefixtures("mounting")
def test_on_a_full_disk_all_can_be_read_what_cannot_be_written_says_so_and_goes_on_with_room(tmp_path: Path) -> None:
    outside, home = tmp_path / "outside", tmp_path / "home"
    outside.mkdir()
    home.mkdir()
    script(outside, "make")
    told = script(home, "full", mount=f'mount -t tmpfs -o size=512k none "{home}" && cp -r "{outside}"/* "{home}"')
    full = "the disk is full | make room on the disk and do it again; what was kept before is kept still"
    assert told[:6] == [
        *READ,
        f"open JournalFull HOME/closed/journal.db cannot be written: {full}",
        f"write JournalFull HOME/left/journal.db cannot be written: {full}",
        f"add StoreFull HOME/memory/notes.db: the notes cannot be written: {full}",
    ]
    assert told[6:] == [*READ, "open None", "write 21", "add 16"]


@pytest.mark.usefixtures("mounting")
def test_a_file_system_that_is_read_only_can_be_read_and_says_what_it_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    script(home, "make")
    mount = f'mount --bind "{home}" "{home}" && mount -o remount,bind,ro "{home}"'
    told = script(home, "look", mount=mount)
    assert told[:3] == READ
    for line, kind in zip(told[3:], ("JournalFull", "JournalFull", "StoreUnusable"), strict=True):
        assert kind in line
        assert "read-only" in line
        assert "damaged" not in line
        assert "THINKACT_HOME" in line


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for one in folder.rglob("*"):
        if one.is_dir():
            one.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name != "posix", reason="rights are set the POSIX way")
def test_a_home_of_another_user_can_be_read_or_is_said_to_be_shut(open_to_all: Path) -> None:
    script(open_to_all, "make")
    for one in open_to_all.rglob("*"):
        one.chmod(0o555 if one.is_dir() else 0o444)
    told = script(open_to_all, "look as another")
    assert told[:3] == READ
    assert [line.split()[1] for line in told[3:]] == ["JournalFull", "JournalFull", "StoreUnusable"]
    for one in open_to_all.rglob("*"):
        if one.is_file():
            one.chmod(0)
    told = script(open_to_all, "look as another")
    assert [line.split()[1] for line in told] == [
        *("JournalError", "JournalError", "StoreUnusable"),
        *("JournalFull", "JournalFull", "StoreUnusable"),
    ]
    assert not [line for line in told if "damaged" in line]


# --- who is told what -------------------------------------------------------------------------------------------------


def test_a_person_is_told_which_file_it_is_and_a_model_is_not(tmp_path: Path) -> None:
    file = tmp_path / "memory" / "notes.db"
    file.parent.mkdir()
    file.write_bytes(b"no database " * 500)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    shut = tmp_path / "shut.db"
    shut.mkdir()
    for broken in (file, other, shut):
        with Recall(broken) as recall, pytest.raises(RecallError) as caught:
            recall.search("tide")
        assert caught.value.message == f"{broken}: {caught.value.what}"
        for told in (caught.value.what, caught.value.hint or ""):
            assert str(tmp_path) not in told
            assert "\n" not in told


@pytest.mark.parametrize("part", ["notes", "vectors", "outbox", "state"])
def test_notes_of_which_a_part_is_gone_are_damaged_and_no_fault_of_ours(tmp_path: Path, part: str) -> None:
    file = tmp_path / "notes.db"
    with Recall(file) as recall:
        recall.add("The tide is 6.2 m.")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"DROP TABLE {part}")
    with Recall(file) as recall:
        for work in (lambda: recall.search("tide"), lambda: recall.add("x"), recall.count):
            with pytest.raises(StoreDamaged, match="a part of it is gone"):
                work()


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        (PurePosixPath("/home/ada/a b?#%.db"), "file:///home/ada/a%20b%3F%23%25.db"),
        (PureWindowsPath(r"C:\家\notes.db"), "file:///C:/%E5%AE%B6/notes.db"),
        (PureWindowsPath(r"\\server\share\notes.db"), "file:////server/share/notes.db"),
    ],
)
def test_a_path_is_written_as_sqlite_opens_it(file: PurePath, uri: str) -> None:
    assert sqlite_uri(file) == uri


def test_sqlite_opens_what_a_path_with_odd_characters_names(tmp_path: Path) -> None:
    file = tmp_path / "a b?#%家.db"
    with closing(sqlite3.connect(f"{sqlite_uri(file)}?mode=rwc", uri=True)) as connection:
        connection.execute("CREATE TABLE t (x)")
    assert file.exists()


def test_a_file_that_another_program_has_open_is_told_as_that(tmp_path: Path) -> None:
    error = PermissionError(errno.EACCES, "Permission denied")
    assert trouble(error, tmp_path).why == "permission denied"
    error.winerror = 32  # type: ignore[attr-defined,unused-ignore]  # only Windows sets it
    assert trouble(error, tmp_path).why == "another program has it open"
