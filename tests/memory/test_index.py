from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from memory import Recall
from memory._index import VectorIndex
from memory._index_folder import IndexFolder
from memory._index_place import hashed
from memory._store import Store
from memory.embedding import HashingEmbedder

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [f"crate {n} of the {('red', 'green', 'blue')[n % 3]} harbour holds {n * 37} lamps" for n in range(60)]
EMBEDDER = HashingEmbedder(64)  # small, so that chromadb has little to write


def large(file: Path, namespace: str = "default", embedder: HashingEmbedder = EMBEDDER) -> Recall:
    """A memory for which any number of notes is too many for the exact scan."""
    return Recall(file, namespace, embedder, exact_up_to=0)


def answers(recall: Recall) -> list[list[tuple[str, float]]]:
    return [
        [(hit.text, hit.score) for hit in recall.search(query, k=10)] for query in ("blue crate 11", "harbor lampes")
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Sixty notes with an index that was closed in good order."""
    with large(tmp_path / "notes.db") as recall:
        recall.add_many(TEXTS)
    return tmp_path / "notes.db"


def index_of(file: Path, namespace: str = "default") -> Path:
    return file.with_name("notes.db.index") / hashed(namespace)


def generation(file: Path) -> Path:
    seal = json.loads((index_of(file) / "seal.json").read_text(encoding="utf-8"))
    return index_of(file) / str(seal["generation"])


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_closing_brings_the_index_of_a_large_store_up_to_date_and_seals_it(file: Path) -> None:
    assert generation(file).is_dir()
    with large(file) as recall:
        assert recall.stats().waiting == 0
        assert recall.stats().index == "chromadb"


def test_the_index_and_the_exact_scan_give_the_same_answers(file: Path) -> None:
    with Recall(file, embedder=EMBEDDER) as exact:
        expected = answers(exact)
    assert len(expected[0]) == 10
    with large(file) as recall:
        assert answers(recall) == expected
        assert not (index_of(file) / "seal.json").exists()  # chromadb was really opened


def test_adding_to_a_large_store_does_not_touch_the_index_and_a_search_finds_the_note_at_once(file: Path) -> None:
    with large(file) as recall:
        recall.add("a basket of quinces")
        assert recall.stats().waiting == 1
        assert (index_of(file) / "seal.json").exists()
        assert recall.search("quinces")[0].text == "a basket of quinces"
        assert recall.stats().waiting == 0


def test_a_search_never_builds_an_index(tmp_path: Path) -> None:
    recall = large(tmp_path / "notes.db")
    recall.add_many(TEXTS)
    assert answers(recall)[0]
    assert not index_of(tmp_path / "notes.db").exists()
    recall.close()


def test_a_search_leaves_many_changes_to_sync(file: Path) -> None:
    with large(file) as recall:
        recall.add_many([f"barrel {n} of oil from hill {n * 3}" for n in range(201)])
        assert recall.search("barrel 17 hill 51")[0].text == "barrel 17 of oil from hill 51"
        assert recall.stats().waiting == 201
        assert recall.sync() is True
        assert recall.stats().waiting == 0
        assert recall.search("barrel 17 hill 51")[0].text == "barrel 17 of oil from hill 51"


def test_a_condition_is_answered_by_the_scan(file: Path) -> None:
    with large(file) as recall:
        recall.add("a crate of figs", {"colour": "violet"})
        assert [hit.text for hit in recall.search("blue crate 11", where={"colour": "violet"})] == ["a crate of figs"]


def delete_all(file: Path) -> None:
    shutil.rmtree(index_of(file))


def delete_generation(file: Path) -> None:
    shutil.rmtree(generation(file))


def delete_vectors(file: Path) -> None:
    for path in [*generation(file).glob("*/*")]:
        path.unlink()


def garble(name: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        for path in generation(file).rglob(name):
            path.write_bytes(b"garbage!" * (path.stat().st_size // 8 + 1))

    change.__name__ = f"garble_{name}"
    return change


def flip_bytes(file: Path) -> None:
    for path in generation(file).rglob("*.*"):
        if path.is_file() and (size := path.stat().st_size):
            with path.open("r+b") as opened:
                opened.seek(size // 2)
                byte = opened.read(1)
                opened.seek(size // 2)
                opened.write(bytes([byte[0] ^ 0xFF]))


def truncate(file: Path) -> None:
    for path in generation(file).rglob("*.*"):
        if path.is_file():
            os.truncate(path, path.stat().st_size // 2)


def garble_seal(file: Path) -> None:
    (index_of(file) / "seal.json").write_text("[]", encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        *(delete_all, delete_generation, delete_vectors, garble("chroma.sqlite3"), garble("data_level0.bin")),
        *(flip_bytes, truncate, garble_seal),
    ],
    ids=lambda damage: damage.__name__,
)
def test_an_index_deleted_or_damaged_is_made_anew_with_the_same_answers(
    file: Path, damage: Callable[[Path], None]
) -> None:
    with large(file) as recall:
        expected = answers(recall)
    damage(file)
    kept = index_of(file).exists() and any(index_of(file).glob("seal.json"))
    with large(file) as recall:
        assert (recall.check_index() is not None) == kept
        assert answers(recall) == expected
        assert recall.sync() is True
        assert answers(recall) == expected
        assert recall.stats().index == "chromadb"
    assert len(list(index_of(file).glob("chroma-*"))) == 1


def test_an_index_that_breaks_while_open_is_passed_over_and_made_anew(file: Path) -> None:
    with large(file) as recall:
        assert answers(recall)[0]
        shutil.rmtree(index_of(file), ignore_errors=True)
        recall.add("a basket of quinces")
        assert recall.search("quinces")[0].text == "a basket of quinces"
        assert recall.sync() is True
        with Recall(file, embedder=EMBEDDER) as exact:
            assert answers(recall) == answers(exact)
        assert recall.stats().index == "chromadb"


def test_an_index_that_holds_other_vectors_than_the_file_is_filled_anew(file: Path) -> None:
    with large(file) as recall:
        expected = answers(recall)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM vectors WHERE note = 1")
    with large(file) as recall:
        assert recall.stats().embedded == 59
        assert recall.rebuild() == 60
        assert answers(recall) == expected


def test_an_index_with_a_vector_too_many_is_passed_over_and_made_anew(file: Path) -> None:
    with large(file) as recall:
        gone = recall.search("blue crate 11")[0].id
        expected = recall.search("red crate 12")[0].text
    with closing(Store(file, "default")) as store, store.writing() as change:
        change.forget(gone)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM outbox")
    with large(file) as recall:
        assert recall.search("red crate 12")[0].text == expected
        assert "cannot be used" in recall.stats().index
    with large(file) as recall:
        assert recall.search("red crate 12")[0].text == expected
        assert recall.stats().index == "chromadb"


def test_a_seal_that_cannot_be_written_costs_the_index_and_nothing_else(file: Path) -> None:
    recall = large(file)
    assert recall.search("blue crate 11")
    (index_of(file) / "seal.json").mkdir()  # as a full disk would: the folder takes no seal
    recall.close()
    (index_of(file) / "seal.json").rmdir()
    with large(file) as again:
        assert again.count() == 60
        assert again.sync(), "the index was let go of, and is made anew"
        assert again.search("blue crate 11")


def test_a_changed_vector_of_the_same_note_is_noticed(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        first = connection.execute("SELECT vector, digest FROM vectors WHERE note = 2").fetchone()
        connection.execute("UPDATE vectors SET vector = ?, digest = ? WHERE note = 1", first)
    with large(file) as recall:
        ids = {note.id for note in recall.list(60) if note.text in TEXTS[:2]}
    with closing(Store(file, "default")) as store:
        index = VectorIndex(IndexFolder(index_of(file)), store, EMBEDDER)
        assert set(index.nearest(first[0], 2) or ()) != ids
        assert index.sync() is True
        assert set(index.nearest(first[0], 2) or ()) == ids
        index.close()


def test_where_no_index_can_be_made_the_scan_answers_and_stats_say_why(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    index_of(file).parent.write_text("a file in the folder's place", encoding="utf-8")
    with large(file) as recall:
        recall.add_many(TEXTS)
        assert recall.sync() is False
        assert "cannot be used" in recall.stats().index
        assert answers(recall)[0][0][0] == TEXTS[11]


def test_while_another_process_holds_the_index_the_scan_answers_and_nothing_is_lost(file: Path) -> None:
    script = """
import sys
from memory import Recall
from memory.embedding import HashingEmbedder
recall = Recall(sys.argv[1], "default", HashingEmbedder(64), exact_up_to=0)
recall.search("crate")
print("holding", flush=True)
sys.stdin.readline()
recall.close()
"""
    with python(script, file) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "holding\n"
        with large(file) as recall:
            recall.add("a basket of quinces")
            assert recall.search("quinces")[0].text == "a basket of quinces"
            assert recall.sync() is False
            assert recall.stats().waiting == 1
        holder.stdin.write("\n")
        holder.stdin.flush()
        assert holder.wait(60) == 0
    with large(file) as recall:
        assert recall.sync() is True
        assert recall.stats().waiting == 0
        assert recall.search("quinces")[0].text == "a basket of quinces"


def test_two_processes_that_add_at_once_to_an_indexed_store_lose_nothing(file: Path) -> None:
    script = """
import sys
from memory import Recall
from memory.embedding import HashingEmbedder
with Recall(sys.argv[1], "default", HashingEmbedder(64), exact_up_to=0) as recall:
    for n in range(20):
        recall.add(f"process {sys.argv[2]} saw bird {n} near lake {n * 7}")
        recall.search(f"bird {n}")
"""
    processes = [python(script, file, name) for name in range(2)]
    for process in processes:
        with process:
            assert process.communicate(timeout=120)[1] == ""
            assert process.returncode == 0
    with large(file) as recall:
        assert recall.sync() is True
        assert recall.count() == recall.stats().embedded == 100
        for name in range(2):
            for n in (0, 19):
                assert recall.search(f"process {name} bird {n} lake {n * 7}")[0].text.startswith(
                    f"process {name} saw bird {n}"
                )


def test_an_index_left_open_by_a_process_that_died_is_made_anew(file: Path) -> None:
    script = """
import os, sys
from memory import Recall
from memory.embedding import HashingEmbedder
recall = Recall(sys.argv[1], "default", HashingEmbedder(64), exact_up_to=0)
recall.add("a basket of quinces")
assert recall.search("quinces")
os._exit(9)
"""
    with python(script, file) as process:
        assert process.communicate(timeout=60)[1] == ""
    with large(file) as recall:
        assert recall.search("quinces")[0].text == "a basket of quinces"
        recall.add("a basket of medlars")
    assert generation(file).is_dir()  # made by `close`
    with large(file) as recall:
        assert recall.search("quinces")[0].text == "a basket of quinces"
        assert recall.stats().index == "chromadb"


def test_what_is_forgotten_or_superseded_leaves_the_index(file: Path) -> None:
    with large(file) as recall:
        kept = recall.search("blue crate 11")[0].id
        assert recall.forget(kept)
        recall.add("crates go by rail now", supersedes=recall.list(1)[0].id)
        assert recall.sync() is True
        assert recall.stats().waiting == 0
        assert recall.count() == recall.stats().embedded == 59
        assert kept not in [hit.id for hit in recall.search("blue crate 11", k=60, floor=0)]


def test_namespaces_and_embedders_have_collections_of_their_own(file: Path) -> None:
    with large(file, "другой") as other:
        other.add_many(["a basket of quinces", "a basket of plums"])
        assert other.sync() is True
        assert other.search("basket of quinces")[0].text == "a basket of quinces"
        assert other.search("crate") == []
    with Recall(file, embedder=HashingEmbedder(96), exact_up_to=0, upkeep=False) as changed:
        assert changed.search("blue crate 11")[0].why["dense"] is None
        assert changed.reembed() == 60
        assert changed.sync() is True
        assert changed.search("blue crate 11")[0].text == TEXTS[11]
        assert changed.search("blue crate 11")[0].why["dense"] == 1.0
    with large(file, "другой") as other:
        assert other.search("quinces")[0].text == "a basket of quinces"


def test_a_strangers_dot_env_does_not_steer_chromadb(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHROMA_API_IMPL=nonsense.Api\nANONYMIZED_TELEMETRY=True\n", encoding="utf-8")
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from memory import Recall
with Recall("notes.db", exact_up_to=0) as recall:
    recall.add("a basket of quinces")
    assert recall.sync(), recall.stats()
"""
    process = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stderr) == (0, "")


def test_an_index_that_takes_longer_than_a_close_may_is_built_by_several(file: Path) -> None:
    delete_all(file)
    with closing(Store(file, "default")) as store:
        with store.writing() as change:
            change.announce_all()
        for _ in range(2):
            index = VectorIndex(IndexFolder(index_of(file)), store, EMBEDDER)
            assert index.sync(within=-1) is False
            assert index.trouble is None
            index.close()
        assert store.pending() == 60
        with large(file) as recall:
            assert answers(recall)[0]  # by the scan
        assert store.pending() == 0
    with large(file) as recall:
        assert recall.stats().ready
        assert answers(recall)[0][0][0] == TEXTS[11]
        assert recall.stats().index == "chromadb"


def test_a_rebuild_tells_what_it_makes_and_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    file = tmp_path / "notes.db"
    with Recall(file, embedder="none") as recall:
        recall.add_many([f"parcel {n} for the harbour office" for n in range(50)])
    with Recall(file, embedder="hashing", exact_up_to=10, upkeep=False) as recall:
        recall.rebuild(progress=lambda what, done, of: told.append((what, done, of)))
    assert told[0] == ("words", 0, 0)
    assert ("vectors", 50, 50) in told
    assert told[-1] == ("index", 50, 50)


def test_who_only_asks_never_makes_an_index_however_little_it_lags(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    with Recall(file, embedder="hashing", exact_up_to=10, upkeep=False) as recall:
        recall.add_many([f"parcel {n} for the harbour office" for n in range(50)])
    with Recall(file, embedder="hashing", exact_up_to=10) as recall:
        recall.list()
        recall.stats()
        assert recall.search("parcel 7")
    assert not file.with_name("notes.db.index").exists()


def test_an_index_that_is_not_what_was_written_is_told_once_by_who_searches(file: Path) -> None:
    told: list[str] = []
    with large(file) as recall:
        assert recall.check_index() is None
    garble("chroma.sqlite3")(file)
    with Recall(file, "default", HashingEmbedder(64), exact_up_to=0, tell=told.append) as recall:
        assert "thinkact memory rebuild" in (recall.check_index() or "")
        assert [recall.search("quinces") for _ in range(2)]
    (said,) = told
    assert said.startswith("vectors are compared one by one: chromadb cannot be used: its files are not what was")
    with large(file) as recall:
        recall.rebuild()
    with large(file) as recall:
        assert recall.check_index() is None
