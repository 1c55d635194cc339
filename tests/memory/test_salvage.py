"""A damaged file of notes, mended by `rebuild`: nothing is lost but what cannot be read, and that is counted."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from hashlib import blake2b
from pathlib import Path

import pytest

from memory import _salvage
from memory._carving import carved
from memory.recall import PASSAGES, Draft, Recall, Rules, StoreDamaged

PAGE = 4096
COUNT = 400


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.db"
    with Recall(path, embedder="hashing", rules=Rules(merge=False)) as recall:  # none is compared with all the others
        recall.add_many([f"Buoy {n} lies off the cape named after pilot {n * 7919}." for n in range(COUNT)])
    with Recall(path, embedder="hashing") as recall:
        old = recall.add("The depot closes at 17:00.", origin="user")
        recall.add("The depot closes at 18:00.", origin="user", supersedes=old)
    with Recall(path, "global", embedder="hashing") as recall:
        recall.add("部署在周四进行，由小王负责。", kind="fact")
    _emptied(path)
    return path


def _emptied(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def overwrite(path: Path, page: int) -> None:
    """One page, numbered from 1, is not what was written any more."""
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)


def root(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0])


def page_with(path: Path, text: str) -> int:
    """The page of rows in which a text stands."""
    return path.read_bytes().index(text.encode()) // PAGE + 1


@pytest.mark.parametrize(
    "table",
    ["words_data", "words_idx", "words_config", "vectors", "vectors_embedder", "outbox", "state", "notes_active",
     "notes_superseded", "sqlite_autoindex_notes_1"],
)  # fmt: skip
def test_what_can_be_made_of_the_rows_is_made_of_them_and_every_note_is_found(file: Path, table: str) -> None:
    overwrite(file, root(file, table))
    broken = file.read_bytes()
    told: list[str] = []
    with Recall(file, embedder="hashing", tell=told.append) as recall:
        with pytest.raises(StoreDamaged) as caught:
            recall.check()
        assert "thinkact memory rebuild" in (caught.value.hint or "")
        assert recall.rebuild() == COUNT + 1
        recall.check()
        assert recall.search("pilot 7919")[0].text.startswith("Buoy 1 ")
        (now,) = (one for one in recall.list(9999) if one.text == "The depot closes at 18:00.")
        assert [one.text for one in recall.history(now.id)] == ["The depot closes at 17:00."]
        assert recall.stats().embedded == COUNT + 1
        recall.add("A note after the mending.")
    (said,) = told
    assert f"{COUNT + 3} notes were read, nothing was lost; as it was it is kept as notes.db.damaged-1" in said
    # But for SQLite's header, which counts the changes of each file by itself.
    assert file.with_name("notes.db.damaged-1").read_bytes()[100:] == broken[100:]
    with Recall(file, "global", embedder="hashing") as recall:
        assert [hit.kind for hit in recall.search("小王负责什么")] == ["fact"]
    assert sorted(one.name for one in file.parent.glob("notes.db*.mending*")) == []


def test_rows_that_cannot_be_read_are_counted_and_all_others_kept(file: Path) -> None:
    page = page_with(file, "Buoy 200 lies")
    gone = {n for n in range(COUNT) if page_with(file, f"Buoy {n} lies") == page}
    overwrite(file, page)
    told: list[str] = []
    with Recall(file, embedder="hashing", tell=told.append) as recall:
        count = recall.rebuild()
        texts = {one.text for one in recall.list(9999)}
    missing = {n for n in range(COUNT) if f"Buoy {n} lies off the cape named after pilot {n * 7919}." not in texts}
    assert gone <= missing
    assert len(missing) < 60
    assert count == COUNT + 1 - len(missing)
    assert f"{COUNT + 3 - len(missing)} notes were read, {len(missing)} could not be read" in told[0]


def test_a_note_whose_successor_is_lost_is_found_again(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM notes WHERE text LIKE '%18:00%'")  # foreign keys are off: as if it were lost
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(file, root(file, "words_data"))
    with Recall(file, embedder="hashing") as recall:
        recall.rebuild()
        assert recall.search("when does the depot close")[0].text == "The depot closes at 17:00."


def test_a_file_that_ends_too_early_gives_what_is_left_of_it(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // PAGE * 3 // 4 * PAGE])
    told: list[str] = []
    with Recall(file, embedder="hashing", tell=told.append) as recall:
        count = recall.rebuild()
        assert 0 < count <= COUNT + 1
        recall.check()
        assert recall.count() == count
    assert "notes were read" in told[0]


def test_each_damaged_file_is_kept_under_a_name_of_its_own(file: Path) -> None:
    for number in (1, 2):
        overwrite(file, root(file, "words_data"))
        with Recall(file, embedder="hashing") as recall:
            assert recall.rebuild() == COUNT + 1
        _emptied(file)
        assert file.with_name(f"notes.db.damaged-{number}").exists()


def test_a_file_that_is_whole_is_not_copied(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        assert recall.rebuild() == COUNT + 1
    assert not list(file.parent.glob("*.damaged-*"))


def test_another_process_that_has_the_file_open_sees_the_mended_one(file: Path) -> None:
    overwrite(file, root(file, "words_data"))
    with Recall(file, embedder="hashing") as other, Recall(file, embedder="hashing") as recall:
        assert other.count() == COUNT + 1
        recall.rebuild()
        kept = other.add("Written by the other, after.")
        assert other.search("pilot 7919")[0].text.startswith("Buoy 1 ")
        assert recall.get(kept) is not None


def test_who_writes_while_the_file_is_mended_waits_or_is_read_too(file: Path) -> None:
    overwrite(file, root(file, "vectors_embedder"))  # of words alone one can write
    written: list[str] = []
    done = threading.Event()

    def write() -> None:
        with Recall(file, embedder=None) as other:
            while not done.is_set():
                written.append(other.add(f"told meanwhile, number {len(written) * 104729}"))
                done.wait(0.05)  # SQLite's locks are not fair: who never pauses keeps all others out

    thread = threading.Thread(target=write)
    with Recall(file, embedder=None) as recall:
        thread.start()
        try:
            recall.rebuild()
        finally:
            done.set()
            thread.join()
        recall.check()
        assert all(recall.get(one) is not None for one in written)


def lose(path: Path, *, begin: int = 0, end: int) -> None:
    content = bytearray(path.read_bytes())
    content[begin:end] = bytes(end - begin)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("begin", "end", "told"),
    [
        (0, 100, "nothing was lost"),  # SQLite's header
        (0, PAGE, "whether there were more cannot be told"),  # and what says where each table is
        (100, PAGE, "whether there were more cannot be told"),
    ],
)
def test_what_follows_a_first_page_that_is_lost_is_read_all_the_same(
    file: Path, begin: int, end: int, told: str
) -> None:
    long = "一段很长的话，" * 500 + "到此为止。"
    with Recall(file, embedder="hashing") as recall:
        recall.add(long, kind="fact", metadata={"from": "Ada"})
    _emptied(file)
    lose(file, begin=begin, end=end)
    broken, said = file.read_bytes(), list[str]()
    with Recall(file, embedder="hashing", tell=said.append) as recall:
        with pytest.raises(StoreDamaged) as caught:
            recall.list()
        assert "thinkact memory rebuild" in (caught.value.hint or "")
        assert recall.rebuild() == COUNT + 2
        recall.check()
        assert recall.search("pilot 7919")[0].text.startswith("Buoy 1 ")
        (now,) = (one for one in recall.list(9999) if one.text == "The depot closes at 18:00.")
        assert [one.text for one in recall.history(now.id)] == ["The depot closes at 17:00."]
        (whole,) = (one for one in recall.list(9999) if one.kind == "fact")
        assert (whole.text, dict(whole.metadata)) == (long, {"from": "Ada"})
        recall.add("A note after the mending.")
    assert f"{COUNT + 4} notes were read, {told}" in said[0]
    assert file.with_name("notes.db.damaged-1").read_bytes()[100:] == broken[100:]
    with Recall(file, "global", embedder="hashing") as recall:
        assert [hit.kind for hit in recall.search("小王负责什么")] == ["fact"]
    assert sorted(one.name for one in file.parent.iterdir() if "mending" in one.name) == []


def test_what_is_in_the_log_of_a_file_without_a_header_is_read_too(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall, closing(sqlite3.connect(file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM notes").fetchone()  # so the log is not brought into the file
        recall.add("It stands in the log alone.")
        lasting = {one: file.with_name(file.name + one).read_bytes() for one in ("", "-wal")}
    for ending, content in lasting.items():
        file.with_name(file.name + ending).write_bytes(content)
    lose(file, end=PAGE)
    with Recall(file, embedder="hashing") as recall:
        recall.rebuild()
        assert "It stands in the log alone." in {one.text for one in recall.list(3)}


def test_pages_of_notes_to_which_no_way_leads_any_more_are_read_all_the_same(file: Path) -> None:
    overwrite(file, root(file, "notes"))
    with Recall(file, embedder="hashing") as recall:
        assert recall.rebuild() == COUNT + 1


def test_of_what_holds_no_note_that_can_be_read_nothing_is_changed(file: Path) -> None:
    for page in range(2, file.stat().st_size // PAGE + 1):
        overwrite(file, page)
    broken = file.read_bytes()
    with Recall(file, embedder="hashing") as recall, pytest.raises(StoreDamaged, match="no note can be read") as caught:
        recall.rebuild()
    assert "put a copy of it in its place" in (caught.value.hint or "")
    assert file.read_bytes() == broken
    assert not list(file.parent.glob("*.damaged-*"))


def test_damaged_documents_are_taken_in_again_and_not_mended(tmp_path: Path) -> None:
    path = tmp_path / "documents.db"
    with Recall(path, embedder=None, rules=PASSAGES) as recall:
        recall.replace_source("/a.md", [Draft(text=f"Pier {n}") for n in range(99)], digest="1", size=1, modified=1.0)
    _emptied(path)
    overwrite(path, root(path, "words_data"))
    with Recall(path, embedder=None, rules=PASSAGES) as recall, pytest.raises(StoreDamaged) as caught:
        recall.rebuild()
    assert not caught.value.mendable


def test_another_programs_database_is_not_mended(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreDamaged) as caught:
        _salvage.salvage(path, busy_seconds=1.0, holds="notes")
    assert not caught.value.mendable
    assert [one.name for one in tmp_path.iterdir()] == ["other.db"]


def test_what_may_have_been_forgotten_is_not_told_as_lost(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        for note in recall.list(200):
            recall.forget(note.id)
        left = recall.count() + 1  # the one of another namespace
    _emptied(file)
    for name in ("notes", "notes_active", "notes_superseded", "sqlite_autoindex_notes_1"):
        overwrite(file, root(file, name))
    told: list[str] = []
    with Recall(file, embedder="hashing", tell=told.append) as recall:
        recall.rebuild()
    assert f"{left} notes were read, up to {COUNT + 3 - left} could not be read" in told[0]


@pytest.mark.parametrize("long", [1200, 60_000], ids=["in-a-circle", "longer-than-the-file"])
def test_a_row_that_claims_more_pages_than_there_are_is_none(long: int) -> None:
    vector = bytes(long)
    types = bytes((0, 15, 1, 28)) + varint(12 + 2 * long)
    values = b"e\x08" + blake2b(vector, digest_size=8).digest()
    payload = bytes((1 + len(types),)) + types + values + vector
    least = (512 - 12) * 32 // 255 - 23
    here = least + (len(payload) - least) % (512 - 4)
    kept = payload[: here if here <= 512 - 35 else least]
    row = varint(len(payload)) + b"\x01" + kept + (3).to_bytes(4)
    leaf = bytes((0x0D, 0, 0, 0, 1, 0, 0, 0)) + (16).to_bytes(2) + bytes(6) + row
    following = (3).to_bytes(4) + bytes(508)  # it names itself as the next
    content = bytes(512) + leaf.ljust(512, b"\0") + following
    assert carved(content, 512).vectors == []
    if long == 1200:  # as it would be, were the next page another
        whole = bytes(512) + leaf.ljust(512, b"\0") + (4).to_bytes(4) + bytes(508) + bytes(512)
        assert [row[-1] for row in carved(whole, 512).vectors] == [vector]


def varint(number: int) -> bytes:
    """As SQLite writes a number of three bytes at most."""
    groups = [number >> 14 & 0x7F, number >> 7 & 0x7F, number & 0x7F]
    while len(groups) > 1 and not groups[0]:
        del groups[0]
    return bytes((*(group | 0x80 for group in groups[:-1]), groups[-1]))
