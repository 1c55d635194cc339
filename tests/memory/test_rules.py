"""By which rules texts are taken in: what is merged, what is hidden, what is left out, what expires."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from memory import Recall
from memory.recall import ENTRIES, NOTES, PASSAGES, Draft, NoteRefused, Rules


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notes.db"


@pytest.fixture
def recall(file: Path) -> Iterator[Recall]:
    with Recall(file, embedder="hashing") as opened:
        yield opened


@pytest.mark.parametrize("full_text", [True, False], ids=["fts5", "without-fts5"])
def test_the_same_fact_five_times_then_contradicted_leaves_one_active_and_one_behind_it(
    file: Path, full_text: bool
) -> None:
    with Recall(file, full_text=full_text, rules=NOTES, embedder="hashing") as recall:
        ids = {
            recall.add("The deploy port is 8080", kind="fact", origin="agent", run=f"run{n}", step=n) for n in range(5)
        }
        (old,) = ids
        new = recall.add("The deploy port is 9090.", kind="fact", origin="user", run="run9", step=2)
        (active,) = recall.list()
        assert (active.id, active.origin, active.run, active.step) == (new, "user", "run9", 2)
        (behind,) = recall.history(new)
        assert (behind.id, behind.origin, behind.run, behind.copies) == (old, "agent", "run0", 5)
        assert behind.superseded_why == "contradiction"
        assert [hit.text for hit in recall.search("which port is deployed to")] == ["The deploy port is 9090."]


def test_what_an_agent_says_against_a_users_note_is_kept_behind_it(recall: Recall) -> None:
    users = recall.add("The office is in Berlin", origin="user")
    assert recall.add("The office is in Munich", origin="agent") == users
    assert [note.text for note in recall.list()] == ["The office is in Berlin"]
    assert [note.superseded_why for note in recall.history(users)] == ["contradiction"]


def test_episodes_and_lessons_contradict_nothing(recall: Recall) -> None:
    recall.add("The deploy port is 8080", kind="episode")
    recall.add("The deploy port is 9090", kind="fact")
    recall.add("The deploy port is 7070", kind="lesson")
    assert recall.count() == 3


def test_entries_of_a_sequence_are_different_things_however_alike_they_read(recall: Recall) -> None:
    said = "Reading the module of the main pipeline took longer than it should have this time"
    recall.add(said + " in alpha", {"turn": 1}, context="first")
    recall.add(said + " in beta", {"turn": 2}, context="second")
    recall.add("The deploy port is 8080", context="a")
    recall.add("The deploy port is 9090", context="b")
    assert recall.count() == 4
    # of the same context, or of none, one takes the other's place
    recall.add(said + " in beta again", {"turn": 2}, context="second")
    recall.add("The deploy port is 7070")
    assert recall.count() == 4


def test_the_same_text_with_other_metadata_is_another_entry(recall: Recall) -> None:
    one, other = recall.add("Thanks!", {"turn": 1}), recall.add("Thanks!", {"turn": 9})
    assert one != other
    assert [hit.id for hit in recall.search("thanks", where={"turn": 9})] == [other]
    assert recall.add("Thanks!", {"turn": 1}) == one
    assert recall.add("Thanks!", {"turn": 9, "mood": "glad"}) == other
    note = recall.get(other)
    assert note is not None
    assert (note.copies, note.metadata) == (2, {"turn": 9, "mood": "glad"})


def test_a_condition_on_a_field_of_the_note_holds_for_a_key_of_its_metadata_too(recall: Recall) -> None:
    recall.add("the first parcel", {"run": "mine"}, run="r1")
    recall.add("the second parcel", run="r2")
    assert [hit.text for hit in recall.search("parcel", where={"run": "mine"})] == ["the first parcel"]
    assert [hit.text for hit in recall.search("parcel", where={"run": ["r2", "r3"]})] == ["the second parcel"]


def test_without_merging_every_text_is_an_entry_of_its_own(file: Path) -> None:
    with Recall(file, rules=Rules(merge=False), embedder="hashing") as recall:
        assert len({recall.add("The deploy port is 8080") for _ in range(3)}) == 3
        assert recall.add("The deploy port is 9090")
        assert recall.count() == 4


SECRETS = ["password=" + "hunter2", "sk-" + "abcdefghijklmnopqrstuvwx", "密码：" + "abc12345"]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_left_out_of_an_entry_and_the_rest_is_found(file: Path, secret: str) -> None:
    with Recall(file, rules=ENTRIES, embedder="hashing") as recall:
        recall.add(f"the connection failed with {secret} at noon", {"line": secret, "n": 3}, context=secret)
        (hit,) = recall.search("connection failed at noon")
        assert "was left out]" in hit.text
        assert hit.metadata["n"] == 3
    found = b"".join(path.read_bytes() for path in file.parent.iterdir() if path.is_file())
    assert secret.encode() not in found


def test_a_whole_key_is_left_out_not_its_first_line(recall: Recall) -> None:
    key = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIabc\nxyz=\n-----END RSA " + "PRIVATE KEY-----"
    assert recall.add(f"before\n{key}\nafter")
    (note,) = recall.list()
    assert note.text == "before\n[a private key was left out]\nafter"
    recall.forget(note.id)
    recall.add(f"before {key[:40]}")
    assert "MII" not in recall.list()[0].text


def test_documents_keep_the_words_of_their_owner(file: Path) -> None:
    with Recall(file, rules=PASSAGES, embedder="hashing") as recall:
        recall.add(f"the form says: {SECRETS[0]}")
        assert SECRETS[0] in recall.list()[0].text


def test_a_note_of_ten_megabytes_is_refused_in_one_line(recall: Recall) -> None:
    with pytest.raises(NoteRefused, match=r"the note has 10,000,000 characters; 200,000 are the most") as refused:
        recall.add("x" * 10_000_000)
    assert "\n" not in str(refused.value)


def test_a_long_entry_is_taken_and_found_by_its_end(recall: Recall) -> None:
    recall.add("filling words of every kind " * 5_000 + "and the heron at last")
    assert len(recall.search("heron")) == 1


class Meaning:
    """An embedder for which all texts of one first word mean the same."""

    id, dimensions = "meaning-1", 16

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[float(n == sum(text.split()[0].encode()) % 16) for n in range(16)] for text in texts]


def test_a_text_of_most_of_the_words_and_the_same_meaning_takes_the_place_of_the_older(file: Path) -> None:
    with Recall(file, embedder=Meaning()) as recall:
        recall.add("The user prefers dark mode")
        new = recall.add("The user prefers dark mode in editors")
        assert [(note.id, note.superseded_by) for note in recall.list(superseded=True)][1][1] == new
        assert recall.count() == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The house of Anna stands by the river", "The house of Tom stands by the river"),
        ("The door is locked at night", "The door is never locked at night"),
        ("The test test_one fails on the server", "The test test_two fails on the server"),
        ("The port pays the bank a fee", "The bank pays the port a fee"),
        ("The door is locked 3 times at night", "The door is locked 4 times at night"),
        (
            "Winter tyres are stored in the cellar of the north building behind the bicycles",
            "Summer tyres are stored in the cellar of the north building behind the bicycles",
        ),
        (
            "Is it safe to restart the primary database during the day while nobody works with it",
            "Is it safe to restart the replica database during the day while nobody works with it",
        ),
        (
            "The key of the third locker in the boathouse beside the old pier was given to Anna",
            "The key of the third locker in the boathouse beside the old pier was given to Erik",
        ),
        (
            "In the module of the parser the function parse_header must be called before all other ones",
            "In the module of the parser the function parse_footer must be called before all other ones",
        ),
        (
            "客户张伟希望每周一上午在总部会议室收到一份纸质的销售报告",
            "客户李娜希望每周一上午在总部会议室收到一份纸质的销售报告",
        ),
    ],
)
def test_what_differs_in_a_name_a_denial_or_a_number_is_two_notes_whatever_its_vector_says(
    file: Path, one: str, other: str
) -> None:
    with Recall(file, embedder=Meaning()) as recall:
        recall.add(one, kind="lesson")
        recall.add(other, kind="lesson")
        assert recall.count() == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The door of the mill is locked at night", "The door of the mill is not locked at night"),
        ("图书馆周一开门到晚上九点钟为止对所有人开放", "图书馆周一不开门到晚上九点钟为止对所有人开放"),
    ],
)
def test_a_denial_contradicts_a_fact_and_leaves_a_lesson(recall: Recall, one: str, other: str) -> None:
    recall.add(one, kind="lesson")
    recall.add(other, kind="lesson")
    assert recall.count() == 2
    recall.forget(recall.list()[0].id)
    recall.forget(recall.list()[0].id)
    recall.add(one, kind="fact")
    new = recall.add(other, kind="fact")
    assert [note.superseded_why for note in recall.history(new)] == ["contradiction"]


# -------------------------------------------------------------------- expiry


def test_what_has_expired_is_neither_found_nor_listed_and_goes_with_the_next_write(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        gone = recall.add("the heron stood by the pier", kind="episode", expires=time.time() - 1)
        kept = recall.add("the swan swam by the pier", kind="episode", expires=time.time() + 3600)
        assert [hit.id for hit in recall.search("by the pier")] == [kept]
        assert [note.id for note in recall.list()] == [kept]
        recall.add("another")
        assert recall.get(gone) is None
        assert recall.stats().notes == 2


def test_a_moment_that_is_no_number_is_refused(recall: Recall) -> None:
    with pytest.raises(NoteRefused, match="expires"):
        recall.add("a", expires=float("nan"))


def test_what_is_said_again_without_an_end_has_none(recall: Recall) -> None:
    one = recall.add("the heron stood by the pier", expires=time.time() + 5)
    recall.add("the heron stood by the pier")
    note = recall.get(one)
    assert note is not None
    assert note.expires is None


# -------------------------------------------------------------------- editing


def test_an_edited_note_keeps_its_id_and_what_it_was(recall: Recall) -> None:
    one = recall.add("the heron stood by the pier", {"a": 1}, kind="fact", run="r1")
    assert recall.edit(one, text="the stork stood by the pier", kind="preference")
    note = recall.get(one)
    assert note is not None
    assert (note.text, note.kind, note.metadata, note.run) == (
        "the stork stood by the pier",
        "preference",
        {"a": 1},
        "r1",
    )
    (was,) = recall.history(one)
    assert (was.text, was.superseded_why, was.superseded_by) == ("the heron stood by the pier", "edited", one)
    assert not recall.search("heron")
    assert [hit.id for hit in recall.search("stork")] == [one]
    assert recall.stats().embedded == 1


def test_an_edit_is_refused_as_an_addition_would_be_and_changes_nothing(file: Path) -> None:
    with Recall(file, rules=NOTES, embedder="hashing") as recall:
        one = recall.add("the heron stood by the pier")
        for changes in ({"text": ""}, {"text": "x" * 4001}, {"kind": "idea"}, {"text": SECRETS[0]}):
            with pytest.raises(NoteRefused):
                recall.edit(one, **changes)
        note = recall.get(one)
        assert note is not None
        assert note.text == "the heron stood by the pier"
        assert not recall.edit("nothere", text="b")


def test_forgetting_an_edited_note_forgets_what_it_was(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        one = recall.add("the heron stood by the pier")
        recall.edit(one, text="the stork stood by the pier")
        assert recall.forget(one)
        assert recall.stats().superseded == 0
    content = file.read_bytes()
    assert b"heron" not in content
    assert b"stork" not in content


def test_what_a_text_might_be_meant_to_correct_is_found(recall: Recall) -> None:
    recall.add("The staging server listens on port 8080", kind="lesson")
    recall.add("Deployments happen on Fridays")
    recall.add("用户最喜欢的颜色是蓝色", kind="lesson")
    assert [note.text for note in recall.similar("the staging server listens on 9090")] == [
        "The staging server listens on port 8080"
    ]
    assert [note.text for note in recall.similar("用户最喜欢的颜色是绿色")] == ["用户最喜欢的颜色是蓝色"]
    assert recall.similar("whales") == []
    assert recall.similar("  ") == []


def test_several_drafts_are_taken_all_or_none(recall: Recall) -> None:
    with pytest.raises(NoteRefused):
        recall.add_many([Draft(text="good"), Draft(text="")])
    assert recall.count() == 0


def test_several_notes_are_texts_drafts_or_mappings(recall: Recall) -> None:
    ids = recall.add_many(
        ["the heron", Draft(text="the stork", kind="fact"), {"text": "the crane", "metadata": {"n": 1}, "context": "c"}]
    )
    assert [(note.text, note.kind) for note in map(recall.get, ids) if note] == [
        ("the heron", "note"),
        ("the stork", "fact"),
        ("the crane", "note"),
    ]
    for wrong in ({"words": "x"}, 5, {"text": 5}, {"text": "a", "context": 5}, None):
        with pytest.raises(NoteRefused) as refused:
            recall.add_many([wrong])  # type: ignore[list-item]
        assert refused.value.hint
    assert recall.count() == 3


def test_what_has_expired_takes_no_place_from_what_lives(recall: Recall) -> None:
    for n in range(6):
        recall.add(f"the heron stood by pier {n}", expires=time.time() - 1 + n / 1e9)
    kept = recall.add("the heron stood by the pier at last")
    assert [hit.id for hit in recall.search("heron by the pier", 1)] == [kept]


def test_what_lasts_a_while_does_not_take_the_place_of_what_lasts(recall: Recall) -> None:
    users = recall.add("The deploy port is 8080", origin="user")
    recall.add("The deploy port is 9090", origin="user", expires=time.time() + 60)
    assert recall.count() == 2
    note = recall.get(users)
    assert note is not None
    assert note.superseded_by is None


def test_forgetting_all_takes_what_is_hidden_and_what_has_expired_along(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall, Recall(file, "other", embedder="hashing") as other:
        recall.add("The deploy port is 8080 beside the heron")
        recall.edit(recall.list()[0].id, text="The stork")
        recall.add("the crane", expires=time.time() - 1)
        other.add("the swan")
        assert recall.forget_all() >= 1
        assert recall.list(superseded=True) == []
        assert other.count() == 1
    content = file.read_bytes()
    assert not [bird for bird in (b"heron", b"stork", b"crane") if bird in content]


def test_new_vectors_are_not_those_of_a_text_that_was_edited_meanwhile(file: Path) -> None:
    with Recall(file, embedder="none") as recall:
        one = recall.add("the heron stood by the pier")
    with Recall(file, embedder="hashing", upkeep=False) as recall:
        store = recall._store
        ((number, text),) = store.unembedded("e", 2, limit=9)
        recall.edit(one, text="the stork stood by the pier")
        with store.writing() as change:
            change.embed(number, text, b"\0" * 8, embedder="e")
            assert change.vector(number, "e") is None
