from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory._journal_rows import seal
from memory.journal import (
    Journal,
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalFull,
    JournalMissing,
    JournalNewer,
    Row,
    read,
    read_meta,
)

ROOT = Path(__file__).resolve().parents[2]
META = {"run_id": "r-1", "目标": "写一份摘要"}


def body(n: int) -> dict[str, Any]:
    return {"kind": "thought", "text": f"思考 {n} " + "x" * 40, "n": n}


def written(file: Path, rows: int) -> list[Row]:
    with Journal.create(file, meta=META) as journal:
        return [journal.append(body(n), elapsed=n / 4) for n in range(1, rows + 1)]


def before_damage(file: Path) -> tuple[list[Row], JournalError | None]:
    found: list[Row] = []
    try:
        for row in read(file):
            found.append(row)
    except JournalError as error:
        return found, error
    return found, None


def python(script: str, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], cwd=ROOT, text=True, encoding="utf-8", **options
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "läufe 運行 #1?" / "journal.db"


# --- what is written is what is read ---------------------------------------------------------------------------------


def test_rows_come_back_as_they_were_given(file: Path) -> None:
    bodies: list[dict[str, Any]] = [
        {"text": "世界 🌍 \x00 \u2028"},
        {"half": "\ud83d", "both": "🌍 é"},
        {"n": 2**70, "x": 0.1, "no": None, "yes": True, "list": [[], {}]},
        {},
    ]
    with Journal.create(file, meta=META) as journal:
        for n, one in enumerate(bodies):
            journal.append(one, path=["", "t3/c1", "t\udc80/\x00", "路/1"][n], elapsed=n, now=-0.0)
        inside = list(journal.rows())
    assert [row.body for row in inside] == bodies
    assert [row.path for row in read(file)] == ["", "t3/c1", "t\udc80/\x00", "路/1"]
    assert [row.seq for row in read(file)] == [1, 2, 3, 4]
    assert list(read(file)) == inside
    assert read_meta(file) == META


VALUES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.floats(allow_nan=False), max_size=2)
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.text(max_size=5), VALUES, max_size=3),
            st.text(max_size=9),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        max_size=4,
    )
)
def test_any_json_comes_back(rows: list[tuple[dict[str, Any], str, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journal.db"
        with Journal.create(file, meta={}) as journal:
            for one, path, moment in rows:
                journal.append(one, path=path, elapsed=moment, now=moment)
        assert [(row.body, row.path, row.elapsed) for row in read(file)] == rows


def test_a_row_is_told_with_its_number_and_times(file: Path) -> None:
    with Journal.create(file, meta=META) as journal:
        before = time.time()
        row = journal.append({"a": 1}, elapsed=1.5)
        assert (row.seq, row.elapsed, row.path, row.body) == (1, 1.5, "", {"a": 1})
        assert before <= row.time <= time.time()
        assert journal.append({}, elapsed=2, now=12.0).time == 12.0
        assert journal.last == 2
        assert journal.meta == META


def test_the_order_is_that_of_the_numbers_also_when_the_clock_goes_back(file: Path) -> None:
    with Journal.create(file, meta=META) as journal:
        for moment in (100.0, 5.0, -7.0):
            journal.append({"at": moment}, elapsed=0.0, now=moment)
    assert [row.time for row in read(file)] == [100.0, 5.0, -7.0]


def test_a_reopened_journal_goes_on_where_it_ended(file: Path) -> None:
    written(file, 3)
    with Journal.open(file) as journal:
        assert journal.last == 3
        assert journal.append(body(4), elapsed=9).seq == 4
        assert journal.meta == META
    assert [row.seq for row in read(file)] == [1, 2, 3, 4]


def test_rows_after_a_number_are_the_later_ones(file: Path) -> None:
    rows = written(file, 150)
    assert list(read(file, after=100)) == rows[100:]
    assert list(read(file, after=150)) == []
    assert list(read(file, after=900)) == []
    assert list(read(file, after=-1)) == rows
    with Journal.open(file) as journal:
        assert list(journal.rows(149)) == rows[149:]


def test_only_committed_rows_are_seen_by_others(file: Path) -> None:
    with Journal.create(file, meta=META) as journal:
        assert list(read(file)) == []
        journal.append(body(1), elapsed=0)
        journal.commit()
        journal.append(body(2), elapsed=0)
        assert [row.seq for row in read(file)] == [1]
        assert [row.seq for row in journal.rows()] == [1, 2]
        journal.commit()
        journal.commit()
        assert [row.seq for row in read(file)] == [1, 2]


def test_a_reader_follows_what_is_committed_meanwhile(file: Path) -> None:
    with Journal.create(file, meta=META) as journal:
        for n in range(64):
            journal.append(body(n), elapsed=0)
        journal.commit()
        reader = read(file)
        first = next(reader)
        journal.append(body(64), elapsed=0)
        journal.commit()
        assert [first.seq, *(row.seq for row in reader)] == list(range(1, 66))


def test_rows_may_be_written_by_one_thread_after_another(file: Path) -> None:
    with Journal.create(file, meta=META) as journal:
        thread = threading.Thread(target=lambda: [journal.append(body(n), elapsed=0) for n in range(5)])
        thread.start()
        thread.join()
        journal.append(body(6), elapsed=0)
    assert [row.seq for row in read(file)] == [1, 2, 3, 4, 5, 6]


def test_a_closed_journal_is_one_file_and_reading_leaves_nothing_behind(file: Path) -> None:
    written(file, 5)
    for _ in range(2):
        assert sorted(one.name for one in file.parent.iterdir()) == ["journal.db", "journal.db.lock", "journal.db.mark"]
        assert len(list(read(file))) == 5
    alone = file.parent.parent / "copied.db"
    shutil.copyfile(file, alone)
    assert len(list(read(alone))) == 5


# --- what is refused -------------------------------------------------------------------------------------------------


def test_an_existing_file_is_not_written_over(file: Path) -> None:
    rows = written(file, 2)
    with pytest.raises(JournalError, match="there already"):
        Journal.create(file, meta={})
    assert list(read(file)) == rows


def test_a_missing_journal_is_said_to_be_missing_and_nothing_is_made(file: Path) -> None:
    for attempt in (lambda: Journal.open(file), lambda: list(read(file)), lambda: read_meta(file)):
        with pytest.raises(JournalMissing, match=r"journal\.db"):
            attempt()
    assert not file.parent.exists()


@pytest.mark.parametrize("bad", [{"a": {1, 2}}, {"a": b"bytes"}, ["a list"], {("a", "b"): 1}])
def test_what_is_not_json_is_refused_and_nothing_is_added(file: Path, bad: Any) -> None:
    with pytest.raises(TypeError):
        Journal.create(file, meta=bad)
    with Journal.create(file, meta=META) as journal:
        journal.append({"a": 1}, elapsed=0)
        with pytest.raises(TypeError):
            journal.append(bad, elapsed=0)
        journal.append({"b": 2}, elapsed=0)
    assert [row.body for row in read(file)] == [{"a": 1}, {"b": 2}]


def test_a_bottomless_body_and_a_time_that_is_none_are_refused(file: Path) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with Journal.create(file, meta=META) as journal:
        with pytest.raises(ValueError, match="nested"):
            journal.append({"deep": deep}, elapsed=0)
        with pytest.raises(ValueError, match="finite"):
            journal.append({}, elapsed=float("nan"))
        with pytest.raises(ValueError, match="finite"):
            journal.append({}, elapsed=0, now=float("inf"))
        assert journal.last == 0
    while deep:  # taken apart from outside: the interpreter's own way down would be as deep
        deep = deep.pop()


def test_a_closed_journal_takes_nothing_more(file: Path) -> None:
    journal = Journal.create(file, meta=META)
    journal.append({"a": 1}, elapsed=0)
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.append({}, elapsed=0)
    with pytest.raises(JournalError, match="closed"):
        journal.commit()
    with pytest.raises(JournalError, match="closed"):
        list(journal.rows())
    assert [row.body for row in read(file)] == [{"a": 1}]


def test_a_file_of_another_kind_is_no_journal(tmp_path: Path) -> None:
    foreign, text, empty = tmp_path / "foreign.db", tmp_path / "text.db", tmp_path / "empty.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE row (seq INTEGER)")
    connection.close()
    text.write_text("not a database at all, though long enough to be taken for one " * 20, encoding="utf-8")
    empty.touch()
    for file in (foreign, text, empty):
        for attempt in (lambda file=file: Journal.open(file), lambda file=file: list(read(file))):
            with pytest.raises(JournalDamaged) as caught:
                attempt()
            assert caught.value.row == 0


def altered(file: Path, *statements: str) -> Path:
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return file


def test_a_journal_of_a_later_version_is_refused_with_a_hint(file: Path) -> None:
    written(file, 2)
    altered(file, "PRAGMA user_version = 7", "UPDATE meta SET checksum = x'00'")
    for attempt in (lambda: Journal.open(file), lambda: list(read(file)), lambda: read_meta(file)):
        with pytest.raises(JournalNewer, match="format 7") as caught:
            attempt()
        assert caught.value.hint == "update thinkact"


def test_a_version_number_that_only_flipped_is_damage(file: Path) -> None:
    written(file, 2)
    altered(file, "PRAGMA user_version = 65537")
    with pytest.raises(JournalDamaged, match="65537"):
        Journal.open(file)


# --- one writer ------------------------------------------------------------------------------------------------------

WRITER = """
import sys, time
from pathlib import Path
from memory.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(60)
"""


def test_a_second_writer_is_refused_within_a_second_and_the_lock_dies_with_the_first(file: Path) -> None:
    rows = written(file, 2)
    holder = python(WRITER, file, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        began = time.monotonic()
        with pytest.raises(JournalBusy, match="another process"):
            Journal.open(file)
        assert time.monotonic() - began < 1
        assert list(read(file)) == rows
        holder.kill()
    with Journal.open(file) as journal:
        assert journal.last == 2


def test_a_second_writer_in_the_same_process_is_refused_too(file: Path) -> None:
    with Journal.create(file, meta=META), pytest.raises(JournalBusy):
        Journal.open(file)
    Journal.open(file).close()


def test_a_database_held_by_another_program_is_busy_and_nothing_is_lost(file: Path) -> None:
    with Journal.create(file, meta=META) as journal:
        journal.append(body(1), elapsed=0)
        journal.commit()
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalBusy, match="another process"):
            journal.append(body(2), elapsed=0)
        other.execute("ROLLBACK")
        other.close()
        assert journal.append(body(2), elapsed=0).seq == 2
    assert len(list(read(file))) == 2


def test_a_database_that_another_program_keeps_to_itself_is_busy_for_readers(file: Path) -> None:
    rows = written(file, 2)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalBusy):
        list(read(file))
    other.close()
    assert list(read(file)) == rows


def test_rows_that_are_asked_for_after_closing_are_refused(file: Path) -> None:
    written(file, 100)
    journal = Journal.open(file)
    rows = journal.rows()
    next(rows)
    journal.close()
    with pytest.raises(JournalError, match="closed") as caught:
        list(rows)
    assert not isinstance(caught.value, JournalDamaged)


# --- kills and interrupts --------------------------------------------------------------------------------------------

ACKNOWLEDGING = """
import sys
from pathlib import Path
from memory.journal import Journal
file = Path(sys.argv[1])
journal = Journal.open(file) if file.exists() else Journal.create(file, meta={})
print("go", flush=True)
while True:
    for _ in range(3):
        last = journal.append({"text": "x" * 300}, elapsed=0).seq
    journal.commit()
    print(last, flush=True)
"""


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(file: Path) -> None:
    chance = random.Random(7)
    acknowledged = 0
    for _ in range(15):
        child = python(ACKNOWLEDGING, file, stdout=subprocess.PIPE)
        with child:
            assert child.stdout is not None
            assert child.stdout.readline() == "go\n"
            time.sleep(chance.uniform(0, 0.03))
            child.kill()
            lines = [line for line in child.stdout.read().split("\n")[:-1] if line]
        acknowledged = int(lines[-1]) if lines else acknowledged
        numbers = [row.seq for row in read(file)]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= acknowledged
        assert len(numbers) % 3 == 0, "a transaction is there as a whole or not at all"
    assert acknowledged > 30
    with Journal.open(file) as journal:
        assert journal.last >= acknowledged


INTERRUPTED = """
import sys
from pathlib import Path
from memory.journal import Journal, read
sys.settrace(None)  # coverage holds a lock of its own while it traces, which an interrupt leaves held
file = Path(sys.argv[1])
journal = Journal.create(file, meta={})
caught = acknowledged = 0
while caught < 25:
    try:
        print(caught, flush=True)  # the next interrupt is sent when this was read: it comes inside of the try
        while True:
            journal.append({}, elapsed=0)
            last = journal.append({}, elapsed=0).seq
            journal.commit()
            acknowledged = last
    except KeyboardInterrupt:
        caught += 1
assert journal.last >= acknowledged, (journal.last, acknowledged)
acknowledged = journal.append({}, elapsed=0).seq  # usable still, also where no commit was quicker than an interrupt
journal.commit()
journal.close()
numbers = [row.seq for row in read(file)]
assert numbers == list(range(1, len(numbers) + 1)), numbers
assert len(numbers) >= acknowledged > 0, (len(numbers), acknowledged)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to a child")
def test_an_interrupt_at_any_moment_leaves_the_journal_usable(file: Path) -> None:
    child = python(INTERRUPTED, file, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        assert child.stderr is not None
        for n in range(25):
            if child.stdout.readline() != f"{n}\n":
                break
            time.sleep(0.001 * (n % 5))
            child.send_signal(signal.SIGINT)
        errors = child.stderr.read()
    assert child.returncode == 0, errors


# --- what a commit costs ----------------------------------------------------------------------------------------------

COMMITTING = """
import os, sys
from pathlib import Path
from memory.journal import Journal
with Journal.create(Path(sys.argv[1]), meta={}) as journal:
    for n in range(6):
        os.write(1, b"commit")
        for _ in range(3):
            journal.append({"text": "x" * 300}, elapsed=0)
        journal.commit()
    os.write(1, b"done")
"""


def traced(file: Path) -> list[str]:
    """What a writer tells the disk, call by call, and its own words; empty where nobody may look on."""
    words = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync,msync,write", "-e", "signal=none"]
    watched = [*words, sys.executable, "-c", COMMITTING, str(file)]
    done = subprocess.run(watched, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False)
    return done.stderr.splitlines() if done.returncode == 0 else []


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, which is Linux's")
def test_a_commit_syncs_the_write_ahead_file_once_and_the_mark_never(tmp_path: Path) -> None:
    file = tmp_path / "run" / "journal.db"
    calls = traced(file)
    if not calls:
        pytest.skip("a process may not be watched here")
    assert not [call for call in calls if "sync(" in call and "journal.db.mark>" in call]
    assert [call for call in calls if "write(" in call and "journal.db.mark>" in call], "the mark was written"
    told = "\n".join(calls).partition('"done"')[0].split('"commit"')[1:]
    synced = [[line for line in part.splitlines() if "sync(" in line] for part in told]
    assert len(synced) == 6
    for one in synced:
        assert len(one) == 1, one
        assert "journal.db-wal>" in one[0]


# --- damage ----------------------------------------------------------------------------------------------------------


def test_a_flipped_letter_is_found_and_the_rows_before_it_are_given(file: Path) -> None:
    rows = written(file, 90)
    content = bytearray(file.read_bytes())
    place = content.index("思考 70 ".encode())
    content[place + 8] ^= 1
    file.write_bytes(content)
    found, error = before_damage(file)
    assert found == rows[:69]
    assert isinstance(error, JournalDamaged)
    assert error.row == 70
    assert "row 70" in error.message
    assert error.hint == f"the 69 rows before it can be read: thinkact runs show {file.parent.name}"
    with pytest.raises(JournalDamaged, match="row 70"):
        Journal.open(file)
    assert list(read(file, after=70)) == rows[70:], "what lies behind it can be asked for"


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("DELETE FROM row WHERE seq = 3", 3),
        ("DELETE FROM row WHERE seq = 1", 1),
        ("DELETE FROM row WHERE seq > 7", 8),
        ("UPDATE row SET body = (SELECT body FROM row WHERE seq = 2) WHERE seq = 5", 5),
        ("UPDATE row SET elapsed = 77 WHERE seq = 4", 4),
        ("UPDATE row SET path = 'x' WHERE seq = 6", 6),
        ("UPDATE row SET body = x'ff' WHERE seq = 6", 6),
        ("UPDATE row SET time = 'noon' WHERE seq = 2", 2),
        ("UPDATE row SET seq = 20 WHERE seq = 8", 8),
        ("UPDATE meta SET body = '{}'", 0),
        ("UPDATE meta SET body = 5", 0),
        ("DELETE FROM meta", 0),
        ("DROP TABLE meta", 0),
        ("DROP TABLE row", 1),
        ("PRAGMA application_id = 1", 0),
    ],
)
def test_a_row_that_was_changed_dropped_or_moved_is_refused_by_its_number(file: Path, statement: str, row: int) -> None:
    rows = written(file, 8)
    altered(file, statement)
    found, error = before_damage(file)
    assert found == rows[: max(row - 1, 0)]
    assert isinstance(error, JournalDamaged)
    assert error.row == row
    with pytest.raises(JournalDamaged) as caught:
        Journal.open(file)
    assert caught.value.row == row


def test_two_rows_that_changed_places_are_seen(file: Path) -> None:
    rows = written(file, 8)
    altered(
        file,
        "UPDATE row SET seq = -1 WHERE seq = 4",
        "UPDATE row SET seq = 4 WHERE seq = 5",
        "UPDATE row SET seq = 5 WHERE seq = -1",
    )
    found, error = before_damage(file)
    assert (found, error and getattr(error, "row", None)) == (rows[:3], 4)


def test_reading_from_the_middle_does_not_trust_a_missing_row(file: Path) -> None:
    written(file, 8)
    altered(file, "DELETE FROM row WHERE seq = 4")
    with pytest.raises(JournalDamaged, match="row 5"):
        list(read(file, after=4))
    altered(file, "DROP TABLE row")
    with pytest.raises(JournalDamaged, match="row 4"):
        list(read(file, after=4))


def test_a_row_that_is_sealed_but_no_json_is_named(file: Path) -> None:
    rows = written(file, 2)
    with Journal.open(file) as journal:
        last = journal.append({"text": "whole"}, elapsed=0)
    connection = sqlite3.connect(file)
    (previous,) = connection.execute("SELECT checksum FROM row WHERE seq = 2").fetchone()
    torn = '{"text": "who'
    checksum = seal(previous, (3, last.time, last.elapsed, b"", torn.encode()))
    connection.execute("UPDATE row SET body = ?, checksum = ? WHERE seq = 3", (torn, checksum))
    connection.commit()
    connection.close()
    found, error = before_damage(file)
    assert found == rows
    assert isinstance(error, JournalDamaged)
    assert error.row == 3


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Row]]:
    """A journal of several pages, one row of which overflows its page."""
    file = tmp_path_factory.mktemp("sample") / "journal.db"
    with Journal.create(file, meta=META) as journal:
        rows = [journal.append(body(n) | {"more": "y" * (6000 if n == 9 else 30 * n)}, elapsed=n) for n in range(1, 40)]
    return file, rows


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Row]]:
    """A journal as a kill leaves it: most of it still in the write-ahead file."""
    folder = tmp_path_factory.mktemp("killed")
    with Journal.create(folder / "open" / "journal.db", meta=META) as journal:
        rows = []
        for n in range(1, 13):
            rows.append(journal.append(body(n), elapsed=n))
            journal.commit()
        shutil.copytree(folder / "open", folder / "left")
    return folder / "left" / "journal.db", rows


def spoilt(source: Path, target: Path, suffix: str, content: bytes) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source.parent, target)
    (target / "journal.db-shm").unlink(missing_ok=True)
    (target / (source.name + suffix)).write_bytes(content)
    return target / source.name


def never_wrong(file: Path, rows: list[Row]) -> bool:
    """Whatever happened to the file: a true beginning is given, and what is missing is said. Was it damaged?"""
    found, error = before_damage(file)
    assert found == rows[: len(found)]
    assert error is not None or found == rows
    assert error is None or isinstance(error, JournalDamaged | JournalNewer)
    if isinstance(error, JournalDamaged) and error.row:
        assert error.row == len(found) + 1
    try:
        Journal.open(file).close()
    except JournalError:
        pass
    else:
        assert error is None
    return error is not None


@pytest.mark.parametrize(("kind", "suffix"), [("sample", ""), ("killed", "-wal"), ("killed", "")])
def test_a_flipped_byte_anywhere_never_gives_a_wrong_row(
    kind: str, suffix: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source, rows = request.getfixturevalue(kind)
    whole = source.with_name(source.name + suffix).read_bytes()
    chance = random.Random(11)
    places = [*range(100), *chance.sample(range(100, len(whole)), 150)]
    damaged = 0
    for place in places:
        content = bytearray(whole)
        content[place] ^= 1 << chance.randrange(8)
        damaged += never_wrong(spoilt(source, tmp_path / "copy", suffix, bytes(content)), rows)
    if (kind, suffix) != ("killed", ""):  # there the write-ahead file holds every page anew, and heals
        assert damaged > 50


@pytest.mark.parametrize(("kind", "suffix"), [("sample", ""), ("killed", "-wal"), ("killed", "")])
def test_a_file_cut_short_anywhere_never_gives_a_wrong_row(
    kind: str, suffix: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source, rows = request.getfixturevalue(kind)
    whole = source.with_name(source.name + suffix).read_bytes()
    lengths = [0, 1, 31, 32, 99, 100, 512, 4095, 4096, 4097, *range(8192, len(whole), 3001), len(whole) - 1]
    for length in lengths:
        damaged = never_wrong(spoilt(source, tmp_path / "copy", suffix, whole[:length]), rows)
        assert damaged or (kind, suffix) == ("killed", ""), length


def test_a_lost_write_ahead_file_is_told_by_the_mark(killed: tuple[Path, list[Row]], tmp_path: Path) -> None:
    source, rows = killed
    file = spoilt(source, tmp_path / "copy", "-wal", b"")
    (tmp_path / "copy" / "journal.db-wal").unlink()
    assert never_wrong(file, rows)


@pytest.mark.parametrize("mark", [b"", b"\xff" * 42, b"00000000000000000013 00000000000000000012\n", b"-5 -5", b"9"])
def test_a_mark_that_cannot_be_read_is_passed_over(killed: tuple[Path, list[Row]], tmp_path: Path, mark: bytes) -> None:
    source, rows = killed
    file = spoilt(source, tmp_path / "copy", ".mark", mark)
    assert not never_wrong(file, rows)


def test_a_new_journal_does_not_answer_for_rows_of_a_lost_one(file: Path) -> None:
    written(file, 5)
    file.unlink()
    rows = written(file, 2)
    assert list(read(file)) == rows
    with Journal.open(file) as journal:
        assert journal.last == 2


def test_pages_that_contradict_each_other_are_not_written_to(file: Path) -> None:
    rows = written(file, 3)
    altered(file, "CREATE TABLE loose (x)", "INSERT INTO loose VALUES (zeroblob(9000))", "DROP TABLE loose")
    content = bytearray(file.read_bytes())
    content[32:36] = (2).to_bytes(4, "big")  # the list of free pages now begins at one that is in use
    file.write_bytes(content)
    assert list(read(file)) == rows
    with pytest.raises(JournalDamaged):
        Journal.open(file)


# --- disks -----------------------------------------------------------------------------------------------------------

FULL = """
import resource, sys
from pathlib import Path
from memory.journal import Journal, JournalFull
file = Path(sys.argv[1])
journal = Journal.create(file, meta={"a": 1})
for n in range(10):
    journal.append({"n": n}, elapsed=0)
    journal.commit()
size = file.with_name(file.name + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 5000, resource.RLIM_INFINITY))
for where in ("small", "large"):
    try:
        for _ in range(40):
            journal.append({"text": "x" * (4000 if where == "small" else 3_000_000)}, elapsed=0)
        journal.commit()
    except JournalFull as error:
        print(where, journal.last, error.hint is not None)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(journal.append({"after": True}, elapsed=0).seq)
journal.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
try:
    Journal.create(file.with_name("second.db"), meta={})
except JournalFull:
    print(sorted(one.name for one in file.parent.iterdir()))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_full_disk_keeps_what_was_committed_and_the_journal_goes_on_when_there_is_room(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(file)], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "small 10 True",
        "large 10 True",
        "11",
        "['journal.db', 'journal.db.lock', 'journal.db.mark', 'second.db.lock']",
    ]
    assert [row.body for row in read(file)] == [*({"n": n} for n in range(10)), {"after": True}]


UNPRIVILEGED = """
import os, sys
from pathlib import Path
import filelock
from memory.journal import Journal, JournalError, JournalFull, read
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
for name in sys.argv[1:]:
    file = Path(name)
    print(len(list(read(file))))
    try:
        Journal.open(file)
    except JournalFull as error:
        print("refused", "cannot be written" in error.message)
    try:
        Journal.create(file.with_name("other.db"), meta={})
    except JournalFull as error:
        print("refused")
os.seteuid(os.getuid())
"""


@pytest.fixture
def readable_by_all() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for one in folder.rglob("*"):
        one.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name != "posix", reason="rights are set the POSIX way")
def test_a_folder_that_may_not_be_written_can_be_read_and_says_so(
    readable_by_all: Path, killed: tuple[Path, list[Row]]
) -> None:
    closed, left, bare = (readable_by_all / name for name in ("closed", "left", "bare"))
    written(closed / "journal.db", 3)
    shutil.copytree(killed[0].parent, left)
    shutil.copytree(killed[0].parent, bare)
    (bare / "journal.db-shm").unlink()
    for folder in (closed, left, bare):
        for one in folder.iterdir():
            one.chmod(0o444)
        folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, *(str(one / "journal.db") for one in (closed, left, bare))],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    refused = ["refused True", "refused"]
    assert done.stdout.splitlines() == ["3", *refused, "12", *refused, "12", *refused], done.stderr


@pytest.mark.skipif(os.name != "posix", reason="rights are set the POSIX way")
def test_a_journal_that_may_not_be_read_says_so(readable_by_all: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from memory.journal import JournalError, read
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
for name in sys.argv[1:]:
    try:
        list(read(Path(name)))
    except JournalError as error:
        print(type(error).__name__, "cannot be read" in error.message)
os.seteuid(os.getuid())
"""
    closed, left = readable_by_all / "closed.db", readable_by_all / "left.db"
    written(closed, 1)
    shutil.copyfile(closed, left)
    left.with_name("left.db-wal").write_bytes(b"something")
    for one in readable_by_all.iterdir():
        one.chmod(0)
    done = subprocess.run(
        [sys.executable, "-c", script, str(closed), str(left)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.splitlines() == ["JournalError True"] * 2, done.stderr


BARRED = """
import os, sys
from pathlib import Path
import filelock
from memory.journal import Journal, JournalDamaged, JournalError, JournalFull, read
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
for name in sys.argv[1:]:
    try:
        Journal.open(Path(name))
    except JournalFull as error:
        print("cannot be written" in error.message)
    try:
        print(len(list(read(Path(name)))))
    except JournalError as error:
        print("cannot be read" in error.message, isinstance(error, JournalDamaged))
os.seteuid(os.getuid())
"""


@pytest.mark.skipif(os.name != "posix", reason="rights are set the POSIX way")
def test_a_folder_that_lets_nothing_be_made_in_it_is_not_taken_for_damage(readable_by_all: Path) -> None:
    closed, shut = readable_by_all / "closed", readable_by_all / "shut"
    for folder in (closed, shut):
        written(folder / "journal.db", 3)
        for one in folder.iterdir():
            one.chmod(0o666)
    closed.chmod(0o555)
    shut.chmod(0)
    done = subprocess.run(
        [sys.executable, "-c", BARRED, *(str(folder / "journal.db") for folder in (closed, shut))],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    shut.chmod(0o700)
    assert done.stdout.splitlines() == ["True", "3", "True", "True False"], done.stderr


def test_a_folder_in_the_way_of_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(JournalFull, match="cannot be written"):
        Journal.create(tmp_path / "file" / "journal.db", meta={})


@pytest.mark.skipif(os.name != "posix", reason="rights are set the POSIX way")
def test_a_journal_is_for_its_owner_alone(file: Path) -> None:
    written(file, 1)
    assert stat.S_IMODE(file.with_name("journal.db.mark").stat().st_mode) == 0o600
