"""What is forgotten is in no byte of the files: of the file of notes, its log, and the folder of the vector index."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy
import pytest

from memory import Recall
from memory.recall import PASSAGES, Draft
from tests.memory.test_index import ROOT

_LARGE = 600  # notes: from there on chromadb writes vectors into more than one file


class Dense:
    """Vectors of which no two are alike, and no part is nought."""

    id = "dense"
    dimensions = 16

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[random.Random(f"{text} {place}").uniform(-1, 1) for place in range(16)] for text in texts]


def large(file: Path, namespace: str = "default") -> Recall:
    """A memory for which any number of notes is too many for the exact scan."""
    return Recall(file, namespace, Dense(), exact_up_to=0)


def fill(file: Path, numbers: Iterable[int]) -> None:
    """Add these texts. As passages: so none is compared with all the others, which takes long."""
    with Recall(file, embedder=Dense(), exact_up_to=0, rules=PASSAGES) as recall:
        recall.add_many(map(text_of, numbers))


def vector_of(text: str) -> numpy.typing.NDArray[numpy.float32]:
    vector = numpy.asarray(Dense().embed([text])[0], dtype=numpy.float32)
    return vector / numpy.linalg.norm(vector)


def holding_vector(folder: Path, text: str) -> list[str]:
    """The files in which the vector of a text stands, give or take the last digits, at whatever byte it begins."""
    wanted, found = vector_of(text)[:4], []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for start in range(4):
            whole = numpy.frombuffer(content[start : start + (len(content) - start) // 4 * 4], dtype=numpy.float32)
            with numpy.errstate(all="ignore"):
                close = [abs(whole[place : len(whole) - 3 + place] - one) < 1e-5 for place, one in enumerate(wanted)]
            if len(whole) > 4 and numpy.logical_and.reduce(close).any():
                found.append(path.name)
    return found


def holding(folder: Path, *words: str) -> list[str]:
    """The files in which one of these words stands."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in paths if any(word.encode() in path.read_bytes() for word in words)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of many notes with an index that was closed in good order."""
    folder = tmp_path_factory.mktemp("made")
    fill(folder / "notes.db", range(_LARGE))
    return folder


@pytest.fixture
def file(made: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    return shutil.copytree(made, tmp_path / "copy") / "notes.db"


def text_of(number: int) -> str:
    return f"crate {number} holds zq{number}lamps of harbour {number * 37}"


def test_neither_words_nor_vector_of_a_forgotten_note_are_in_any_file_of_a_large_store(file: Path) -> None:
    text = text_of(17)
    held = holding_vector(file.parent, text)
    assert "notes.db" in held
    assert len(held) > 1, "chromadb holds it too"
    with large(file) as recall:
        assert recall.search(text, 1)[0].text == text  # chromadb is open
        assert recall.forget(recall.search(text, 1)[0].id)
        assert holding(file.parent, "zq17lamps") == []
    assert holding_vector(file.parent, text) == []
    assert holding_vector(file.parent, text_of(18)) != []
    with large(file) as recall:
        assert recall.stats().ready, "made anew by the close"
        assert recall.search(text_of(18), 1)[0].text == text_of(18)
        assert recall.stats().index == "chromadb"


def test_a_memory_without_vectors_removes_them_from_the_index_that_another_one_made(file: Path) -> None:
    with Recall(file, embedder=None, upkeep=False) as recall:
        assert recall.forget(recall.search(text_of(17), 1)[0].id)
    assert holding_vector(file.parent, text_of(17)) == []


def test_forgetting_in_one_namespace_leaves_the_index_of_another_alone(file: Path) -> None:
    before = sorted(path.name for path in file.with_name("notes.db.index").glob("*/chroma-*"))
    with Recall(file, "other", Dense()) as other:
        assert other.forget(other.add("a basket of quinces"))
    assert sorted(path.name for path in file.with_name("notes.db.index").glob("*/chroma-*")) == before != []


def test_what_was_forgotten_while_another_process_held_the_index_goes_with_the_next_close(file: Path) -> None:
    text = text_of(17)
    with large(file) as holder:
        assert holder.search(text, 1)
        with large(file) as recall:
            assert recall.forget(recall.search(text, 1)[0].id)
        assert [name for name in holding_vector(file.parent, text) if name != "notes.db"], "the holder has it open"
    assert holding_vector(file.parent, text) == []


def test_what_a_killed_process_forgot_is_taken_from_the_bytes_by_the_next_one(file: Path) -> None:
    script = """
import os, sys
from tests.memory.test_forgetting import large, text_of
recall = large(sys.argv[1])
assert recall.forget(recall.search(text_of(17), 1)[0].id)
os._exit(9)
"""
    process = subprocess.run(
        [sys.executable, "-c", script, file], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stderr) == (9, "")
    assert holding_vector(file.parent, text_of(17)) != []
    with large(file) as recall:
        assert recall.count() == _LARGE - 1
    assert holding_vector(file.parent, text_of(17)) == []


def test_a_rebuilt_index_holds_no_vector_of_what_was_forgotten(file: Path) -> None:
    with large(file) as recall:
        assert recall.forget(recall.search(text_of(17), 1)[0].id)
        assert recall.rebuild() == _LARGE - 1
        assert recall.stats().ready
    assert holding_vector(file.parent, text_of(17)) == []
    with large(file) as recall:
        assert recall.search(text_of(18), 1)[0].text == text_of(18)
        assert recall.stats().index == "chromadb"


def test_a_new_index_holds_nothing_of_what_its_process_had_in_memory(file: Path) -> None:
    for name in ("data_level0.bin", "length.bin"):
        (data,) = file.with_name("notes.db.index").rglob(name)
        assert data.stat().st_size > 0, "chromadb made room for vectors before it had any"
        assert not any(data.read_bytes())
    fill(file, range(_LARGE, 1_100))  # it goes on where it was blanked
    with large(file) as recall:
        assert recall.search(text_of(17), 1)[0].text == text_of(17)
        assert recall.search(text_of(1_000), 1)[0].text == text_of(1_000)
        assert recall.stats().index == "chromadb"
    (file.parent / "more").mkdir()
    fill(file.parent / "more" / "notes.db", range(1_100))
    (data,) = (file.parent / "more").rglob("data_level0.bin")
    assert any(data.read_bytes()), "what it has is kept"
    with large(file.parent / "more" / "notes.db") as recall:
        assert recall.search(text_of(1_000), 1)[0].text == text_of(1_000)
        assert recall.stats().index == "chromadb"


def test_many_notes_forgotten_one_by_one_leave_no_word_in_the_pages(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    chosen = random.Random(7)
    words = [f"{chosen.randrange(16**6):06x}w" for _ in range(900)]
    with Recall(file, embedder="hashing", rules=PASSAGES) as recall:
        ids = recall.add_many(
            f"zq{n:04d}xk {' '.join(chosen.choices(words, k=chosen.randrange(5, 200)))}" for n in range(400)
        )
        gone = chosen.sample(range(400), 60)
        assert len(holding(tmp_path, "zq0001xk")) >= 1
        for number in gone:
            recall.forget(ids[number])
        assert holding(tmp_path, *(f"zq{number:04d}xk" for number in gone)) == []


def test_old_words_of_a_document_that_was_replaced_are_gone_once_it_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "kb.db"
    with Recall(file, embedder="hashing", rules=PASSAGES) as recall:
        for number in range(40):
            drafts = [Draft(text=f"zq{number}old passage {place} of a book") for place in range(5)]
            recall.replace_source(f"{number}.md", drafts, digest="1", size=1, modified=1.0)
    assert holding(tmp_path, "zq7old") == ["kb.db"]
    with Recall(file, embedder="hashing", rules=PASSAGES) as recall:
        recall.replace_source("7.md", [Draft(text="another book")], digest="2", size=1, modified=2.0)
    assert holding(tmp_path, "zq7old") == []


def test_forgetting_does_not_wait_for_a_reader_and_says_that_the_log_is_still_read(tmp_path: Path) -> None:
    file, told = tmp_path / "notes.db", list[str]()
    with Recall(file, embedder=None) as other:
        note = other.add("Herons nest at pier 7.")
        with closing(sqlite3.connect(file)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM notes").fetchone()
            with Recall(file, embedder=None, tell=told.append) as recall:
                began = time.monotonic()
                assert recall.forget(note)
                assert time.monotonic() - began < 5
            (line,) = told
            assert "notes.db-wal keeps the bytes" in line
            assert holding(tmp_path, "erons") != []
            reader.execute("ROLLBACK")
        with Recall(file, embedder=None) as later:
            assert later.count() == 0
        assert holding(tmp_path, "erons") == []


def test_an_index_that_is_brought_up_to_date_after_forgetting_is_made_anew_once(file: Path) -> None:
    with large(file) as recall:
        assert recall.forget(recall.search(text_of(17), 1)[0].id)
        assert recall.sync()
        made = sorted(path.name for path in file.with_name("notes.db.index").glob("*/chroma-*"))
    assert sorted(path.name for path in file.with_name("notes.db.index").glob("*/chroma-*")) == made
    assert holding_vector(file.parent, text_of(17)) == []


def test_who_only_searches_does_not_build_a_large_index(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    with Recall(file, embedder=Dense(), rules=PASSAGES) as recall:
        recall.add_many(text_of(number) for number in range(2_100))
    with large(file) as recall:
        assert recall.search(text_of(17), 1)[0].text == text_of(17)
    assert not file.with_name("notes.db.index").exists()
    with large(file) as recall:
        recall.add("a basket of quinces")
    assert list(file.with_name("notes.db.index").glob("*/seal.json"))
