"""Notes behind a run: the project's own and those that hold everywhere, in one store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.notes import NewNote
from agent.opening.notes import GLOBAL, RecallNotes
from memory.recall import NOTES, Recall
from plugins import ToolError


@pytest.fixture
def opened(tmp_path: Path) -> list[str]:
    """The namespaces that were opened."""
    return []


@pytest.fixture
def notes(tmp_path: Path, opened: list[str]) -> Iterator[RecallNotes]:
    def open_one(namespace: str) -> Recall:
        opened.append(namespace)
        return Recall(tmp_path / "notes.db", namespace=namespace, rules=NOTES)

    with RecallNotes("here", open_one, run="r1", tell=lambda _: None) as found:
        yield found


def test_the_best_of_both_come_in_the_order_of_their_scores(notes: RecallNotes) -> None:
    notes.write(NewNote(text="The ferry leaves the north bank at seven."))
    notes.write(
        NewNote(text="I cross by the ferry of the north bank.", kind="preference", origin="user", everywhere=True)
    )
    notes.write(NewNote(text="Gulls nest on the roof."))
    found = notes.recall("ferry at the north bank", count=5)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert {one.kind for one in found} == {"note", "preference"}
    assert [one.kind for one in notes.recall("ferry at the north bank", count=5, kinds=["note"])] == ["note"]
    assert len(notes.recall("ferry at the north bank", count=1)) == 1


def test_what_holds_everywhere_is_opened_once_it_is_needed(notes: RecallNotes, opened: list[str]) -> None:
    notes.write(NewNote(text="The ferry leaves at seven."))
    assert opened == ["here"]
    notes.recall("ferry")
    notes.recall("ferry")
    assert opened == ["here", GLOBAL]


def test_in_the_global_namespace_itself_there_is_one_store(tmp_path: Path, opened: list[str]) -> None:
    def open_one(namespace: str) -> Recall:
        opened.append(namespace)
        return Recall(tmp_path / "notes.db", namespace=namespace, rules=NOTES)

    with RecallNotes(GLOBAL, open_one, run="r1", tell=lambda _: None) as notes:
        notes.write(NewNote(text="I like short letters.", kind="preference", origin="user", everywhere=True))
        assert len(notes.recall("short letters")) == 1
        assert len(notes.standing("anything", count=3)) == 1
        notes.used([one.id for one in notes.recall("short letters")])
    assert opened == [GLOBAL]


def test_a_correction_goes_where_the_note_is_that_it_corrects(notes: RecallNotes) -> None:
    old = notes.write(NewNote(text="I like short letters.", kind="preference", origin="user", everywhere=True))
    new = notes.write(NewNote(text="I like long letters by now.", kind="preference", origin="user", replaces=old.id))
    assert (new.namespace, new.state, [one.id for one in new.replaced]) == (GLOBAL, "replaced", [old.id])
    with pytest.raises(ToolError, match="the user's own word"):
        notes.write(NewNote(text="The user likes no letters.", replaces=new.id))
    agreed = notes.write(NewNote(text="The user likes no letters.", replaces=new.id, approved=True))
    assert agreed.state == "replaced"


def test_a_correction_that_was_stored_before_is_told_again_as_it_was(notes: RecallNotes) -> None:
    old = notes.write(NewNote(text="The ferry leaves at seven."))
    everywhere = notes.write(NewNote(text="I like tea.", kind="preference", origin="user", everywhere=True))
    for note in (
        NewNote(text="The boat to the island goes at eight.", replaces=old.id),
        NewNote(text="I like coffee by now.", kind="preference", origin="user", replaces=everywhere.id),
    ):
        first = notes.write(note)
        assert notes.write(note) == first
        assert (first.state, [one.id for one in first.replaced]) == ("replaced", [note.replaces])
    assert len(notes.recall("boat to the island", count=9)) == 1


def test_a_note_that_another_text_replaced_cannot_be_replaced_again(notes: RecallNotes) -> None:
    old = notes.write(NewNote(text="The ferry leaves at seven."))
    new = notes.write(NewNote(text="The boat to the island goes at eight.", replaces=old.id))
    with pytest.raises(ToolError, match=f"there is no note {old.id} to replace"):
        notes.write(NewNote(text="No boat goes at all in winter.", replaces=old.id))
    notes.write(NewNote(text="No boat goes at all in winter.", replaces=new.id))
    with pytest.raises(ToolError, match=f"there is no note {old.id} to replace"):
        notes.write(NewNote(text="The boat to the island goes at eight.", replaces=old.id))
    with pytest.raises(ToolError, match="there is no note n0 to replace"):
        notes.write(NewNote(text="No boat goes.", replaces="n0"))


def test_the_users_own_note_stays_before_what_an_agent_says_like_it(notes: RecallNotes) -> None:
    own = notes.write(NewNote(text="The gate of the old mill opens at six in summer.", kind="fact", origin="user"))
    said = notes.write(NewNote(text="The gate of the old mill opens at six in summer now.", kind="fact"))
    assert (said.id, said.state) == (own.id, "covered")
    assert [one.text for one in said.similar] == ["The gate of the old mill opens at six in summer."]
    again = notes.write(NewNote(text="The gate of the old mill opens  at six in summer.", kind="fact", origin="user"))
    assert (again.id, again.state) == (own.id, "counted")


def test_what_gives_up_its_place_is_found_by_its_fields(notes: RecallNotes) -> None:
    first = notes.write(NewNote(text="Run one ended well.", kind="episode", about={"goal": "g"}))
    other = notes.write(NewNote(text="Run one ended badly.", kind="episode", about={"goal": "h"}))
    conditions = ({"kind": "episode", "goal": "none"}, {"kind": "episode", "goal": "g"})
    later = notes.write(NewNote(text="Run two ended well.", kind="episode", about={"goal": "g"}, succeeds=conditions))
    assert [one.id for one in later.replaced] == [first.id]
    assert other.id in {one.id for one in notes.recall("Run one ended badly")}


def test_what_is_refused_is_told_in_the_stores_words(notes: RecallNotes) -> None:
    for text, word in (
        ("the password: hunter2hunter2", "a password"),
        ("x" * 5000, "5,000 characters"),
        (" ", "empty"),
    ):
        with pytest.raises(ToolError, match=word):
            notes.write(NewNote(text=text))
    with pytest.raises(ToolError, match="is not a note's kind"):
        notes.write(NewNote(text="a note", kind="rumour"))
