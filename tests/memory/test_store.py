from __future__ import annotations

import os
import sqlite3
import threading
import time
from array import array
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from memory._drafts import Draft, checked
from memory._note_errors import renamed
from memory._notes import Where
from memory._store import Store
from memory._vectors import nearest
from memory.recall import ENTRIES, Recall, StoreBusy, StoreDamaged, StoreFull, StoreTooNew, StoreUnusable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notes.db"


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        yield connection


def filled(file: Path, *, full_text: bool = True) -> None:
    with Recall(file, full_text=full_text, embedder="hashing") as recall:
        recall.add_many([f"parcel {n} for the harbour office" for n in range(30)])


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(file: Path) -> None:
    file.write_bytes(b"These are my notes, in words.\n" * 200)
    with Recall(file, embedder="hashing") as recall:
        for action in (lambda: recall.add("x"), lambda: recall.search("x"), recall.count):
            with pytest.raises(StoreDamaged, match=r"notes\.db") as refused:
                action()
            assert refused.value.hint
    assert file.read_bytes().startswith(b"These are")


def test_another_programs_database_is_refused_and_left_as_it_is(file: Path) -> None:
    with opened(file) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = file.read_bytes()
    with Recall(file, embedder="hashing") as recall:
        for action in (lambda: recall.search("x"), lambda: recall.add("x")):
            with pytest.raises(StoreDamaged, match="another program"):
                action()
    assert file.read_bytes() == before


def test_a_file_of_a_newer_thinkact_is_refused(file: Path) -> None:
    filled(file)
    with opened(file) as connection:
        connection.execute("PRAGMA user_version=99")
    with Recall(file, embedder="hashing") as recall, pytest.raises(StoreTooNew, match="newer"):
        recall.search("parcel")


def test_a_file_with_broken_pages_is_refused_in_one_line(file: Path) -> None:
    filled(file)
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)
    with Recall(file, embedder="hashing") as recall, pytest.raises(StoreDamaged) as refused:
        recall.search("parcel")
    assert "\n" not in str(refused.value)


def test_a_folder_in_the_files_place_is_named(file: Path) -> None:
    file.mkdir()
    with Recall(file, embedder="hashing") as recall, pytest.raises(StoreUnusable, match=r"notes\.db"):
        recall.add("x")


def test_a_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file")
    with (
        Recall(tmp_path / "memory" / "notes.db", embedder="hashing") as recall,
        pytest.raises(StoreUnusable, match="memory"),
    ):
        recall.add("x")


def test_a_lock_that_is_held_too_long_is_told_and_nothing_is_stored(file: Path) -> None:
    filled(file)
    with Recall(file, busy_seconds=0.05, embedder="hashing") as recall, opened(file) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process"):
            recall.add("a thirty-first parcel")
        assert recall.search("parcel")
        other.execute("ROLLBACK")
        assert recall.count() == 30
        assert recall.add("a thirty-first parcel")


def test_threads_that_meet_a_lock_together_do_not_wait_one_after_the_other(file: Path) -> None:
    filled(file)
    waited: list[float] = []

    def write() -> None:
        began = time.monotonic()
        with pytest.raises(StoreBusy):
            recall.add("a thirty-first parcel")
        waited.append(time.monotonic() - began)

    with Recall(file, busy_seconds=0.6, embedder="hashing") as recall, opened(file) as other:
        other.execute("BEGIN IMMEDIATE")
        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(waited) == 4
    assert min(waited) >= 0.5
    assert max(waited) < 1.2  # and not four times 0.6


def test_a_full_disk_is_told_as_such(file: Path) -> None:
    with opened(file) as connection:
        connection.execute("CREATE TABLE filling (x)")
        connection.execute("PRAGMA max_page_count=3")
        with pytest.raises(StoreFull, match="disk is full"), renamed(file):
            connection.execute("INSERT INTO filling VALUES (zeroblob(100000))")


def test_a_mistake_of_ours_is_not_told_as_the_users(file: Path) -> None:
    with opened(file) as connection, pytest.raises(sqlite3.OperationalError), renamed(file):
        connection.execute("SELECT nonsense")


def test_an_empty_file_is_an_empty_memory(file: Path) -> None:
    file.touch()
    with Recall(file, embedder="hashing") as recall:
        assert recall.search("x") == []
        assert file.stat().st_size == 0
        recall.add("x marks the spot")
        assert recall.count() == 1


def test_a_file_deleted_while_open_is_made_anew_by_the_next_note(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        recall.add("an older remark")
        if os.name == "nt":  # pragma: no cover - Windows does not delete what is open
            pytest.skip("Windows does not delete what is open")
        for path in file.parent.glob("notes.db*"):
            path.unlink()
        assert recall.count() == 0
        recall.add("a newer remark")
        with Recall(file, embedder="hashing") as other:
            assert [note.text for note in other.list()] == ["a newer remark"]


def test_many_openers_of_a_missing_file_make_it_once(file: Path) -> None:
    failures: list[Exception] = []
    start = threading.Barrier(6)

    def work(name: int) -> None:
        try:
            with Recall(file, embedder="hashing") as recall:
                start.wait(10)
                recall.add(f"remark {name}")
        except Exception as error:  # noqa: BLE001 - told by the test's thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Recall(file, embedder="hashing") as recall:
        assert recall.count() == 6


def test_notes_written_without_fts5_are_found_with_it_and_the_other_way_round(file: Path) -> None:
    filled(file, full_text=False)
    with Recall(file, embedder="hashing") as recall:
        assert recall.search("parcel 7")[0].text == "parcel 7 for the harbour office"
        recall.add("a crate of lemons")
    with Recall(file, full_text=False, embedder="hashing") as recall:
        recall.add("a crate of limes")
        assert recall.forget(recall.search("lemons")[0].id)
    with Recall(file, embedder="hashing") as recall:
        assert [hit.text for hit in recall.search("crate")] == ["a crate of limes"]


def test_words_that_an_older_thinkact_cut_are_cut_anew(file: Path) -> None:
    filled(file)
    with opened(file) as connection:
        connection.execute("UPDATE notes SET terms = 'otherwise'")
        connection.execute("UPDATE state SET value = '0'")
    with Recall(file, embedder="hashing") as recall:
        assert recall.search("parcel 7")[0].text == "parcel 7 for the harbour office"


def test_rebuild_mends_words_and_vectors(file: Path) -> None:
    filled(file)
    with opened(file) as connection:
        connection.execute("INSERT INTO words(words) VALUES ('delete-all')")
        connection.execute("UPDATE vectors SET vector = zeroblob(length(vector)) WHERE note <= 5")
        connection.execute("DELETE FROM vectors WHERE note = 6")
    with Recall(file, upkeep=False, embedder="hashing") as recall:
        assert recall.search("harbour") == []
        assert recall.rebuild() == 30
        assert recall.search("parcel 3 harbour")[0].text == "parcel 3 for the harbour office"
        assert recall.search("parcel 3 harbour")[0].why["cosine"] is not None
        assert recall.stats().embedded == 30
    with opened(file) as connection:
        assert (
            connection.execute("SELECT count(*) FROM vectors WHERE vector = zeroblob(length(vector))").fetchone()[0]
            == 0
        )


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs rights that can be taken away")
def test_a_folder_without_rights_is_named(tmp_path: Path) -> None:  # pragma: no cover - tests may run as root
    tmp_path.chmod(0o500)
    with Recall(tmp_path / "notes.db", embedder="hashing") as recall, pytest.raises(StoreUnusable):
        recall.add("x")


def test_vectors_of_a_large_store_come_in_parts_and_all_of_them(tmp_path: Path) -> None:
    rows = [checked(Draft(text=f"crate {n}"), ENTRIES) for n in range(5_000)]
    with closing(Store(tmp_path / "notes.db", "default")) as store:
        with store.writing() as change:
            for n, row in enumerate(rows):
                change.insert(row, array("f", [1.0, n]).tobytes(), embedder="e")
        parts = [(numbers, len(vectors)) for numbers, vectors in store.vectors("e", Where())]
        assert len(parts) > 1
        assert [size for _, size in parts] == [8 * len(numbers) for numbers, _ in parts]
        found = nearest(array("f", [0.0, 1.0]).tobytes(), store.vectors("e", Where()))
        assert sorted(found.values()) == list(range(5_000))
        assert set(found) == {number for numbers, _ in parts for number in numbers}
