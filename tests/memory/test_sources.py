"""Documents as entries of a memory: the passages of one document come and go together."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from memory import Recall
from memory.recall import PASSAGES, Draft, NoteRefused, RecallError

ROOT = Path(__file__).resolve().parents[2]


def passages(*texts: str) -> list[Draft]:
    return [Draft(text=text, metadata={"page": page}) for page, text in enumerate(texts, 1)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "documents.db"


def put(recall: Recall, name: str, *texts: str) -> list[str]:
    return list(recall.replace_source(name, passages(*texts), digest="d", size=9, modified=1.5))


def test_a_document_is_replaced_as_a_whole(file: Path) -> None:
    with Recall(file, rules=PASSAGES, embedder="hashing") as recall:
        put(recall, "报告.pdf", "the heron by the pier", "the heron by the pier", "the swan")
        put(recall, "b.md", "the stork")
        assert recall.count() == 4
        put(recall, "报告.pdf", "the crane")
        (b, report) = recall.sources()
        assert (b.name, report.name, report.passages, report.digest, report.size, report.modified) == (
            *("b.md", "报告.pdf", 1, "d", 9, 1.5),
        )
        assert not recall.search("heron")
        (hit,) = recall.search("crane")
        assert hit.metadata == {"page": 1}


def test_a_removed_document_is_gone_from_rows_words_and_bytes(file: Path) -> None:
    with Recall(file, rules=PASSAGES, embedder="hashing") as recall:
        put(recall, "a.md", "the heron by the pier")
        put(recall, "b.md", "the stork")
        assert recall.forget_sources(["a.md", "nothere"]) == 1
        assert recall.forget_sources([]) == 0
        assert [one.name for one in recall.sources()] == ["b.md"]
        assert recall.count() == 1
    assert b"heron" not in file.read_bytes()


def test_documents_of_two_namespaces_do_not_meet(file: Path) -> None:
    with (
        Recall(file, "one", rules=PASSAGES, embedder="hashing") as one,
        Recall(file, "other", rules=PASSAGES, embedder="hashing") as other,
    ):
        put(one, "a.md", "the heron")
        put(other, "a.md", "the stork")
        assert one.forget_sources(["a.md"]) == 1
        assert [source.name for source in other.sources()] == ["a.md"]
        assert len(other.search("stork")) == 1


def test_a_document_without_a_name_is_refused(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall, pytest.raises(RecallError, match="name"):
        put(recall, " ", "a")


def test_there_are_no_documents_where_there_is_no_file(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        assert recall.sources() == []
        assert recall.forget_sources(["a"]) == 0
    assert not file.exists()


def test_a_kill_leaves_a_document_as_it_was_or_as_it_is_to_be(file: Path) -> None:
    with Recall(file, rules=PASSAGES, embedder="hashing") as recall:
        put(recall, "a.md", *(f"old {n}" for n in range(50)))
    script = """
import sys
from pathlib import Path
from memory.recall import PASSAGES, Draft, Recall
recall = Recall(Path(sys.argv[1]), rules=PASSAGES, embedder="hashing")
for turn in range(1000):
    drafts = [Draft(text=f"new {turn} {n}") for n in range(50)]
    recall.replace_source("a.md", drafts, digest=str(turn), size=1, modified=1)
    print(turn, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", script, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for _ in range(5):
        child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    with Recall(file, rules=PASSAGES, embedder="hashing") as recall:
        (source,) = recall.sources()
        notes = recall.list(1000)
        assert len(notes) == source.passages == 50
        assert {note.text.split()[1] for note in notes} == {source.digest}


def test_a_file_of_the_first_layout_is_brought_up_to_date(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        one = recall.add("the heron stood by the pier")
    with closing(sqlite3.connect(file)) as connection:
        for statement in (
            *("DROP TABLE sources", "DROP INDEX notes_digest", "DROP INDEX notes_source", "DROP INDEX notes_expires"),
            *(f"ALTER TABLE notes DROP COLUMN {name}" for name in ("superseded_why", "expires", "source")),
            "CREATE UNIQUE INDEX notes_one_active ON notes(namespace, digest) WHERE superseded_by IS NULL",
            "PRAGMA user_version=1",
        ):
            connection.execute(statement)
        connection.commit()
    with Recall(file, embedder="hashing") as recall:
        assert [hit.id for hit in recall.search("heron")] == [one]
        put(recall, "a.md", "the stork")
        assert recall.add("the heron stood by the pier", {"n": 1}) == one
        assert recall.add("the heron stood by the pier", {"n": 2}) != one


def test_the_words_of_a_document_are_cut_before_the_file_is_locked(tmp_path: Path) -> None:
    with Recall(tmp_path / "documents.db", embedder=None, rules=PASSAGES) as recall:
        with pytest.raises(NoteRefused):
            recall.replace_source("/a", [Draft(text="Short."), Draft(text=" ")], digest="1", size=1, modified=1.0)
        assert not recall.path.exists()  # it was refused before anything was opened for writing
