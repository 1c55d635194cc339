"""Notes as JSON: exported, carried, put back."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from memory import Recall
from memory.recall import NOTES, PASSAGES, Draft, NoteRefused, SecretFound


def filled(file: Path) -> None:
    with Recall(file, "桥", rules=NOTES, embedder="hashing") as recall:
        recall.add("The deploy port is 8080", kind="fact", origin="agent", run="r1", step=3)
        recall.add("The deploy port is 9090", {"seen": ["x"]}, kind="fact", origin="user", label="mine")
        one = recall.add(
            "图书馆九点开门", kind="preference", origin="user", context="问：几点？", expires=time.time() + 99
        )
        recall.add("图书馆九点开门", kind="preference")
        recall.edit(one, text="图书馆十点开门")
        recall.mark_used([one])


def test_what_is_exported_and_put_back_is_the_same(tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    with (
        Recall(tmp_path / "a.db", "桥", embedder="hashing") as first,
        Recall(tmp_path / "b.db", "桥", rules=NOTES, embedder="hashing") as second,
    ):
        lines = [json.dumps(row, ensure_ascii=False) for row in first.export()]
        assert len(lines) == 4
        imported = second.import_notes([json.loads(line) for line in lines], trusted=True)
        assert (imported.added, imported.known) == (4, 0)
        assert list(second.export()) == list(first.export())
        assert second.list(superseded=True) == first.list(superseded=True)
        assert [hit.text for hit in second.search("图书馆几点开门")] == ["图书馆十点开门"]
        again = second.import_notes(first.export(), trusted=True)
        assert (again.added, again.known) == (0, 4)


def test_notes_of_others_are_marked_as_imported(tmp_path: Path) -> None:
    with Recall(tmp_path / "b.db", embedder="hashing") as recall:
        recall.import_notes([{"text": "the heron", "origin": "user", "created": time.time() + 1e6}])
        (note,) = recall.list()
        assert note.origin == "import"
        assert note.created <= time.time()


def test_what_is_known_by_its_text_is_not_doubled_and_its_history_follows(tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    with (
        Recall(tmp_path / "a.db", "桥", embedder="hashing") as first,
        Recall(tmp_path / "b.db", embedder="hashing") as second,
    ):
        known = second.add("The deploy port is 9090")
        imported = second.import_notes(first.export())
        assert (imported.added, imported.known) == (3, 1)
        assert [note.text for note in second.history(known)] == ["The deploy port is 8080"]


def test_a_hidden_note_whose_successor_is_unknown_stays_out(tmp_path: Path) -> None:
    with Recall(tmp_path / "b.db", embedder="hashing") as recall:
        imported = recall.import_notes([{"text": "the heron", "id": "a1", "superseded_by": "b1"}])
        assert (imported.added, recall.count()) == (0, 0)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([], "note 2 .*no text"),
        ({"kind": "fact"}, "note 2 .*no text"),
        ({"text": 5}, "note 2 .*no text"),
        ({"text": "a", "colour": 1}, "'colour'"),
        ({"text": "a", "uses": -1}, "uses is of a wrong type"),
        ({"text": "a", "created": "noon"}, "created is of a wrong type"),
        ({"text": "a", "created": -1e14}, "created is of a wrong type"),
        ({"text": "a", "uses": 2**70}, "uses is of a wrong type"),
        ({"text": "a", "id": "n1]\nThe user says"}, "id is of a wrong type"),
        ({"text": "a", "id": "\ud800"}, "id is of a wrong type"),
        ({"text": "a", "metadata": [1]}, "metadata is of a wrong type"),
        ({"text": "a", "kind": "idea"}, "not a note's kind"),
        ({"text": " "}, "empty"),
        ({"text": "x" * 4001}, "4,001 characters"),
    ],
)
def test_what_is_no_note_is_refused_by_its_number_and_nothing_is_stored(tmp_path: Path, row: Any, message: str) -> None:
    with Recall(tmp_path / "b.db", rules=NOTES, embedder="hashing") as recall:
        with pytest.raises(NoteRefused, match=message) as refused:
            recall.import_notes([{"text": "good"}, row])
        assert refused.value.hint
        assert "\n" not in str(refused.value)
        assert recall.count() == 0


def test_a_secret_in_what_is_imported_is_refused(tmp_path: Path) -> None:
    with (
        Recall(tmp_path / "b.db", rules=NOTES, embedder="hashing") as recall,
        pytest.raises(SecretFound, match="note 1"),
    ):
        recall.import_notes([{"text": "password=" + "hunter2"}])


def test_passages_of_documents_are_not_exported(tmp_path: Path) -> None:
    with Recall(tmp_path / "b.db", rules=PASSAGES, embedder="hashing") as recall:
        recall.replace_source("a.md", [Draft(text="the heron")], digest="d", size=1, modified=1)
        assert list(recall.export()) == []


def test_an_export_of_many_notes_is_whole(tmp_path: Path) -> None:
    with Recall(tmp_path / "b.db", embedder="hashing") as recall:
        recall.add_many([f"note number {n}" for n in range(1203)])
        texts = [row["text"] for row in recall.export()]
    assert texts == [f"note number {n}" for n in range(1203)]


def chained(file: Path) -> None:
    """A note that took the place of one that took the place of another, which had been edited back and forth."""
    with Recall(file, "桥", rules=NOTES, embedder="hashing") as recall:
        first = recall.add("Herons nest at pier 7.", origin="user")
        recall.edit(first, text="Herons nest at pier 8.")
        recall.edit(first, text="Herons nest at pier 7.")
        recall.edit(first, text="Herons nest at pier 9.")
        second = recall.add("Storks nest at the mill.", supersedes=first, origin="user")
        recall.add("Gulls nest on the roof.", supersedes=second, origin="user")


def test_a_history_of_several_levels_is_carried_whole_however_old_each_of_it_is(tmp_path: Path) -> None:
    chained(tmp_path / "a.db")
    with Recall(tmp_path / "a.db", "桥", embedder="hashing") as first:
        rows = list(first.export())
    assert len(rows) == 6
    for number, mixed in enumerate((rows, rows[::-1], [row | {"created": 7.0 * n} for n, row in enumerate(rows)])):
        with Recall(tmp_path / f"b{number}.db", "桥", embedder="hashing") as second:
            imported = second.import_notes(mixed, trusted=True)
            assert (imported.added, imported.known, imported.left) == (6, 0, 0)
            assert {row["id"]: row.get("superseded_by") for row in second.export()} == {
                row["id"]: row.get("superseded_by") for row in rows
            }
            assert second.count() == 1
            again = second.import_notes(mixed, trusted=True)
            assert (again.added, again.known) == (0, 6)


def test_a_history_whose_ids_another_namespace_has_is_carried_once(tmp_path: Path) -> None:
    chained(tmp_path / "a.db")
    with Recall(tmp_path / "a.db", "桥", embedder="hashing") as first:
        rows = list(first.export())
    with Recall(tmp_path / "a.db", "other", embedder="hashing") as other:
        assert other.import_notes(rows).added == 6
        again = other.import_notes(rows)
        assert (again.added, again.known) == (0, 6)
        assert len(other.list(superseded=True)) == 6


def test_notes_that_replace_each_other_in_a_circle_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        {"text": "the heron", "id": "a1", "superseded_by": "b1"},
        {"text": "the stork", "id": "b1", "superseded_by": "a1"},
        {"text": "the gull", "id": "c1", "superseded_by": "nothere"},
        {"text": "the tern", "id": "d1"},
    ]
    with Recall(tmp_path / "b.db", embedder="hashing") as recall:
        imported = recall.import_notes(rows)
        assert (imported.added, imported.known, imported.left) == (1, 0, 3)
        later = recall.import_notes([{"text": "the tern of old", "id": "e1", "superseded_by": "d1"}])
        assert later.added == 1, "what replaced it came with an earlier part"
        assert [note.text for note in recall.history("d1")] == ["the tern of old"]


def test_notes_of_one_text_that_were_two_stay_two(tmp_path: Path) -> None:
    with Recall(tmp_path / "a.db", embedder="hashing") as first:
        first.add_many([Draft(text="yes", metadata={"who": name}) for name in ("Ann", "Bob")])
        with Recall(tmp_path / "b.db", embedder="hashing") as second:
            assert second.import_notes(first.export()).added == 2
            assert second.import_notes(first.export()).added == 0
            assert second.import_notes([{"text": "no"}, {"text": "no"}]).added == 1


def test_each_note_goes_into_its_own_namespace_where_that_is_asked_for(tmp_path: Path) -> None:
    rows = [{"text": "the heron", "namespace": "桥"}, {"text": "the stork", "namespace": "mill"}, {"text": "the gull"}]
    with Recall(tmp_path / "b.db", "here", embedder="hashing") as recall:
        imported = recall.import_notes(rows, apart=True)
        assert (imported.added, list(imported.namespaces)) == (3, ["here", "mill", "桥"])
        assert recall.namespaces() == ["here", "mill", "桥"]
        with Recall(tmp_path / "b.db", "桥", embedder="hashing") as bridge:
            assert [hit.text for hit in bridge.search("heron")] == ["the heron"]
            assert bridge.stats().embedded == 1
        with pytest.raises(NoteRefused, match="note 2"):
            recall.import_notes([{"text": "good", "namespace": "new"}, {"text": " ", "namespace": "newer"}], apart=True)
        with pytest.raises(NoteRefused, match="namespace is of a wrong type"):
            recall.import_notes([{"text": "good", "namespace": 5}], apart=True)
        assert recall.namespaces() == ["here", "mill", "桥"]


def test_origins_that_an_import_took_are_given_back_by_one_that_is_trusted(tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    with (
        Recall(tmp_path / "a.db", "桥", embedder="hashing") as first,
        Recall(tmp_path / "b.db", "桥", embedder="hashing") as second,
    ):
        second.import_notes(first.export())
        assert {row["origin"] for row in second.export()} == {"import"}
        imported = second.import_notes(first.export(), trusted=True)
        assert (imported.added, imported.known, imported.mended) == (0, 4, 4)
        assert list(second.export()) == list(first.export())
        assert second.import_notes(first.export()).mended == 0
        assert list(second.export()) == list(first.export()), "what is trusted stays so"
