from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory import Recall
from memory.embedding import EmbeddingFailed, HashingEmbedder
from memory.recall import NOTES as NOTE_RULES
from memory.recall import Draft, NoteRefused, RecallError, SecretFound

ROOT = Path(__file__).resolve().parents[2]
NOTES = [
    "The user prefers dark mode in all editors",
    "The staging server listens on port 8080",
    "Deployments happen on Fridays after the review",
    "When pip install fails with a proxy error, set HTTPS_PROXY and retry",
    "用户最喜欢的颜色是蓝色",
    "東京タワーの高さは333メートルです",
    "서울은 한국의 수도입니다",
    "Die Rechnungen werden am Monatsende verschickt",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "记忆" / "notes.db"


@pytest.fixture
def recall(file: Path) -> Iterator[Recall]:
    with Recall(file, embedder="hashing") as opened:
        yield opened


@pytest.fixture
def noted(file: Path) -> Iterator[Recall]:
    """A memory by the rules of what an agent or a person notes."""
    with Recall(file, rules=NOTE_RULES, embedder="hashing") as opened:
        yield opened


def texts(recall: Recall, query: str, **options: Any) -> list[str]:
    return [hit.text for hit in recall.search(query, **options)]


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-X", "utf8", "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


# -------------------------------------------------------------------- finding


@pytest.mark.parametrize("full_text", [True, False], ids=["fts5", "without-fts5"])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("which port does staging use", 1),
        ("what mode does the user like", 0),
        ("deploy", 2),
        ("pip proxy problem", 3),
        ("用户喜欢什么颜色", 4),
        ("東京タワー", 5),
        ("한국 수도", 6),
        ("Rechnung verschicken", 7),
        ("STAGING ＳＥＲＶＥＲ", 1),
    ],
)
def test_a_note_is_found_by_words_of_its_language(file: Path, query: str, found: int, full_text: bool) -> None:
    with Recall(file, full_text=full_text) as recall:
        recall.add_many(NOTES)
        assert texts(recall, query)[0] == NOTES[found]


@pytest.mark.parametrize("full_text", [True, False], ids=["fts5", "without-fts5"])
@pytest.mark.parametrize(
    "query",
    ["qwxz flurb glimp", "how do I bake bread", "purple elephants discuss tax law", "天气预报", "what is it", "😀"],
)
def test_a_query_about_something_else_finds_nothing(file: Path, query: str, full_text: bool) -> None:
    with Recall(file, full_text=full_text) as recall:
        recall.add_many(NOTES)
        assert recall.search(query) == []


@pytest.mark.parametrize(
    "query",
    [
        *(
            '"',
            "dark AND",
            "NEAR(dark, 3)",
            "dark*",
            "terms:dark",
            "^dark",
            "-dark",
            "dark OR",
            "(dark",
            "dark\x00mode",
        ),
        *("dark ' ; DROP TABLE notes", "dark 😀", "\ud800 dark", "dark " * 5000),
    ],
)
def test_no_query_is_taken_for_syntax(recall: Recall, query: str) -> None:
    recall.add_many(NOTES)
    found = texts(recall, query)
    assert found[:1] in ([], [NOTES[0]])
    assert bool(found) == ("dark" in query)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_can_be_asked_for(recall: Recall, query: str) -> None:
    recall.add(NOTES[0])
    assert len(recall.search(query, floor=0.0)) <= 1


def test_scores_are_between_nought_and_one_sorted_and_explained(recall: Recall) -> None:
    recall.add_many(NOTES)
    hits = recall.search("the port of the staging server, and deployments", floor=0.0)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 < hit.score <= 1 for hit in hits)
    assert set(hits[0].why) == {"lexical", "dense", "coverage", "cosine", "neighbour", "exact"}
    assert hits[0].why["lexical"] == 1.0
    assert (hits[0].why["cosine"] or 0) > 0.15


def test_a_typing_error_is_seen_through(recall: Recall) -> None:
    recall.add_many(NOTES)
    assert texts(recall, "stagign servr prt 8080") == [NOTES[1]]


def test_the_context_of_a_note_helps_to_find_it_with_less_weight(recall: Recall) -> None:
    recall.add("He answered that it would be Tuesday", context="When does the dentist have time?")
    recall.add("The dentist is called Amara")
    assert texts(recall, "dentist") == ["The dentist is called Amara", "He answered that it would be Tuesday"]


def test_the_newer_of_two_equally_good_notes_comes_first(recall: Recall) -> None:
    recall.add("invoice 17 paid")
    recall.add("invoice 18 paid")
    hits = recall.search("invoice paid")
    assert [hit.text for hit in hits] == ["invoice 18 paid", "invoice 17 paid"]
    assert hits[0].score == pytest.approx(hits[1].score, abs=0.1)


def test_no_more_than_k_are_returned(recall: Recall) -> None:
    recall.add_many([f"ticket {n} about printers on floor {n}" for n in range(20)])
    assert len(recall.search("printers", k=7)) == 7
    assert recall.search("printers", floor=1.01) == []
    assert recall.search(" \n ") == []


def test_a_long_query_finds_the_note_that_covers_a_part_of_it(recall: Recall) -> None:
    recall.add_many(NOTES)
    goal = "Write a report of twenty pages on many unrelated subjects such as whales and glass. " * 8
    assert texts(recall, goal + "Mention the staging server and its port.") == [NOTES[1]]


def test_conditions_hold_for_fields_and_metadata(recall: Recall) -> None:
    recall.add("the red apple", {"shop": "north", "count": 3}, kind="fact", run="r1")
    recall.add("the green apple", {"shop": "south"}, kind="preference", origin="user")
    recall.add("the ripe apple")

    def found(where: dict[str, Any]) -> set[str]:
        return set(texts(recall, "apple", where=where))

    assert found({"shop": "north"}) == {"the red apple"}
    assert found({"shop": ["north", "south"]}) == {"the red apple", "the green apple"}
    assert found({"count": 3, "kind": "fact"}) == {"the red apple"}
    assert found({"count": 4}) == set()
    assert found({"run": None}) == {"the green apple", "the ripe apple"}
    assert found({"origin": "user"}) == {"the green apple"}
    assert found({"shop": []}) == set()
    assert found({"'; --": 1}) == set()


def test_a_condition_on_a_list_or_object_is_refused(recall: Recall) -> None:
    with pytest.raises(RecallError, match="'tags'"):
        recall.search("apple", where={"tags": {"a": 1}})


def test_namespaces_never_meet(file: Path) -> None:
    with Recall(file, "work") as work, Recall(file, "家") as home:
        kept = work.add("the key lies under the mat")
        home.add("the key hangs by the door")
        assert texts(work, "where is the key") == ["the key lies under the mat"]
        assert (work.count(), home.count()) == (1, 1)
        assert work.namespaces() == home.namespaces() == ["work", "家"]
        assert home.get(kept) is None
        assert home.forget(kept) is False
        assert work.count() == 1


def test_a_namespace_is_the_same_however_its_name_is_composed(file: Path) -> None:
    with Recall(file, "café") as typed, Recall(file, unicodedata.normalize("NFD", "café")) as read:
        typed.add("the key lies under the mat")
        assert texts(read, "where is the key") == ["the key lies under the mat"]
        assert read.namespaces() == ["café"]


def test_a_namespace_without_a_name_is_refused(file: Path) -> None:
    with pytest.raises(RecallError, match="namespace"):
        Recall(file, " ")


# -------------------------------------------------------------------- writing


def test_a_note_comes_back_as_it_was_given(recall: Recall) -> None:
    before = time.time()
    kept = recall.add(
        "  Größe: 中\n",
        {"list": [1, {"a": None}]},
        context="c",
        kind="lesson",
        origin="tool",
        label="web",
        run="r",
        step=3,
    )
    note = recall.get(kept)
    assert note is not None
    assert (note.text, note.context, note.kind, note.origin) == ("Größe: 中", "c", "lesson", "tool")
    assert (note.label, note.run, note.step, note.namespace) == ("web", "r", 3, "default")
    assert note.metadata == {"list": [1, {"a": None}]}
    assert before <= note.created <= time.time()
    assert len(note.date) == 10
    assert (note.used, note.uses, note.copies, note.superseded_by) == (None, 0, 1, None)
    assert recall.list() == [note]


def test_what_no_file_can_hold_is_replaced(recall: Recall) -> None:
    kept = recall.add("a\x00b \ud800 c", {"k\ud800": "\x00"})
    note = recall.get(kept)
    assert note is not None
    assert note.text == "a b ? c"


def test_the_same_text_again_is_counted_and_keeps_its_id(recall: Recall) -> None:
    first = recall.add("Tea is at  four", {"a": 1})
    assert [recall.add("Tea is\nat four", {"b": 2}, origin="user") for _ in range(4)] == [first] * 4
    note = recall.get(first)
    assert note is not None
    assert (recall.count(), note.copies, note.origin, note.metadata) == (1, 5, "user", {"a": 1, "b": 2})


@pytest.mark.parametrize("full_text", [True, False], ids=["fts5", "without-fts5"])
def test_a_text_of_nearly_the_same_words_takes_the_place_of_the_older(file: Path, full_text: bool) -> None:
    with Recall(file, full_text=full_text) as recall:
        old = recall.add("The weekly report goes to the finance team every Monday morning by mail")
        new = recall.add("The weekly report goes to the finance team every Tuesday morning by mail")
        assert recall.count() == 1
        assert texts(recall, "weekly report monday") == [
            "The weekly report goes to the finance team every Tuesday morning by mail"
        ]
        hidden = recall.get(old)
        assert hidden is not None
        assert hidden.superseded_by == new
        assert [note.id for note in recall.list(superseded=True)] == [new, old]
        assert [note.id for note in recall.list()] == [new]
        assert recall.stats().superseded == 1


def test_texts_that_differ_in_a_number_are_two_notes(recall: Recall) -> None:
    recall.add_many([f"Invoice {n} of the customer in Lyon was paid by bank transfer in full" for n in (1001, 1002)])
    assert recall.count() == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The weekly build of the harbour map ended ✅", "The weekly build of the harbour map ended ❌"),
        ("For new tools of the team the user likes C", "For new tools of the team the user likes C++"),
        ("For new tools of the team the user likes C", "For new tools of the team the user likes C#"),
        ("The freezer in the lab is set to 5 degrees", "The freezer in the lab is set to -5 degrees"),
        ("A seat on the ferry is 40 € in winter", "A seat on the ferry is 40 £ in winter"),
        ("The share of the port in the sum is 5", "The share of the port in the sum is 5 %"),
        ("The size of each upload is < 5 MB", "The size of each upload is > 5 MB"),
        ("Anna reports to Bela", "Bela reports to Anna"),
        ("甲方付款给乙方", "乙方付款给甲方"),
    ],
)
@pytest.mark.parametrize("full_text", [True, False], ids=["fts5", "without-fts5"])
def test_texts_that_differ_in_a_sign_or_in_who_does_what_to_whom_are_two_notes(
    file: Path, one: str, other: str, full_text: bool
) -> None:
    with Recall(file, full_text=full_text) as recall:
        recall.add_many([one, other])
        assert {note.text for note in recall.list()} == {one, other}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The tide is 6.2 m.", "the tide is 6.2 m"),
        ("Use `git add` for it", "Use git add for it!"),
        ("Le café à côté est fermé", unicodedata.normalize("NFD", "Le café à côté est fermé.")),
        ("הפגישה ביום שלישי", "\u200fהפגישה ביום שלישי\u200f."),
        ("用户喜欢绿茶", "用户喜欢绿茶。"),
    ],
)
def test_texts_that_differ_only_in_how_they_are_written_are_one_note_the_newer(
    recall: Recall, one: str, other: str
) -> None:
    recall.add_many([one, other])
    assert [note.text for note in recall.list()] == [other]


def test_the_same_text_again_is_of_today_and_is_found_once(file: Path) -> None:
    with Recall(file, "work") as recall, Recall(file, "home") as other:
        first = recall.add("The tide is 6.2 m.", run="r1")
        recall.add("The mud is deep.")
        other.add("The tide is 6.2 m.")
        last_week = time.time() - 7 * 86_400
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("UPDATE notes SET created = ?", (last_week,))
        assert recall.add("The  tide is 6.2 m.", run="r2") == first
        note = recall.get(first)
        assert note is not None
        assert note.created > time.time() - 60
        assert (note.copies, note.run) == (2, "r1")
        assert [one.text for one in recall.list()] == ["The tide is 6.2 m.", "The mud is deep."]
        assert texts(recall, "what is the tide") == ["The tide is 6.2 m."]
        assert [one.created for one in other.list()] == [last_week]


def test_what_an_agent_says_again_and_again_beside_a_users_note_is_kept_once(recall: Recall) -> None:
    users = recall.add("Reports are always written in formal French for the board of directors", origin="user")
    for _ in range(3):
        assert recall.add("Reports are never written in formal French for the board of directors") == users
    assert [note.copies for note in recall.list(superseded=True)] == [3, 1]


@pytest.mark.parametrize("full_text", [True, False], ids=["fts5", "without-fts5"])
def test_the_longest_notes_of_many_words_and_numbers_are_kept_and_found(file: Path, full_text: bool) -> None:
    long = [" ".join(map(str, range(900))), "".join(map(chr, range(0x4E00, 0x4E00 + 4000)))]
    with Recall(file, full_text=full_text) as recall:
        for text in long:
            recall.add(text)
            recall.add(text + " ")
            assert texts(recall, text) == [text]
        assert recall.count() == 2


def test_numbers_beyond_all_measure_are_taken_for_what_they_mean(recall: Recall) -> None:
    recall.add("the red apple")
    assert len(recall.list(10**30)) == 1
    assert recall.list(1, 10**30) == []
    assert texts(recall, "apple", k=10**30) == ["the red apple"]
    with pytest.raises(RecallError, match="'step'"):
        recall.search("apple", where={"step": 10**30})
    with pytest.raises(NoteRefused, match="step"):
        recall.add("the green pear", step=10**30)


def test_an_agents_text_does_not_hide_a_users(recall: Recall) -> None:
    users = recall.add("Reports are always written in formal French for the board of directors", origin="user")
    assert recall.add("Reports are never written in formal French for the board of directors") == users
    assert texts(recall, "formal French reports") == [
        "Reports are always written in formal French for the board of directors"
    ]
    assert len(recall.list(superseded=True)) == 2
    newer = recall.add("Reports are never written in formal French for the board of directors", origin="user")
    assert [note.id for note in recall.list()] == [newer]


def test_a_note_can_be_replaced_by_name(recall: Recall) -> None:
    old = recall.add("The office is in Oslo")
    new = recall.add("We moved to Bergen", supersedes=old)
    assert [note.text for note in recall.list()] == ["We moved to Bergen"]
    third = recall.add("The fjord is cold")
    assert recall.add("We moved to Bergen", supersedes=third) == new
    assert recall.add("We moved to Bergen", supersedes=new) == new
    assert recall.count() == 1
    with pytest.raises(NoteRefused, match="no note"):
        recall.add("something", supersedes=old)


@pytest.mark.parametrize("text", ["", " \n\t", "\x00"])
def test_an_empty_note_is_refused(recall: Recall, text: str) -> None:
    with pytest.raises(NoteRefused, match="empty"):
        recall.add(text)


def test_what_is_too_long_or_of_no_known_kind_is_refused_by_name(noted: Recall) -> None:
    assert noted.add("x" * 4000)
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"text": "x" * 4001}, "the note has 4,001 characters; 4,000"),
        ({"text": "a", "context": "x" * 4001}, "the note's context has"),
        ({"text": "a", "metadata": {"k": "x" * 9000}}, "metadata has"),
        ({"text": "a", "metadata": {"k": object()}}, "cannot be written as JSON"),
        ({"text": "a", "metadata": {"k": float("nan")}}, "cannot be written as JSON"),
        ({"text": "a", "kind": "idea"}, "'idea' is not a note's kind"),
        ({"text": "a", "origin": "aliens"}, "'aliens' is not a note's origin"),
    ]
    for fields, message in refusals:
        with pytest.raises(NoteRefused, match=message) as refused:
            noted.add_many([Draft(text="good"), Draft(**fields)])
        assert refused.value.hint
    assert noted.count() == 1


@pytest.mark.parametrize(
    "secret",
    [
        "sk-" + "abcdefghijklmnopqrstuvwx",
        "sk-proj-" + "Ab3_9xYzQw12",
        "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "xoxb-" + "123456789012-abcdef",
        "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0.abc",
        "npm_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
        "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "Authorization: Bearer " + "mF_9.B5f-4.1JqM0Tz8x",
        "password=" + "hunter2",
        "Passwort/Password: " + "geheim",
        "密码：" + "abc12345",
        "Пароль: " + "тайна2024",
        "api_key = '" + "9f8e7d6c5b4a'",
        "https://me:" + "pass@example.org/x",
    ],
)
def test_a_secret_is_refused_wherever_it_stands_and_not_repeated(noted: Recall, secret: str) -> None:
    for draft in (Draft(text=f"remember {secret} please"), Draft(text="a", context=secret)):
        with pytest.raises(SecretFound) as refused:
            noted.add_many([draft])
        assert secret[-6:] not in str(refused.value)
    with pytest.raises(SecretFound):
        noted.add("a", {"value": secret.replace('"', "")})
    with pytest.raises(SecretFound):
        noted.add("a", {"password": "hunter2"})
    assert noted.list() == []


def test_uses_are_counted(recall: Recall) -> None:
    kept = recall.add("used")
    recall.mark_used([kept, "unknown"])
    recall.mark_used([kept])
    note = recall.get(kept)
    assert note is not None
    assert note.uses == 2
    assert note.used is not None


def test_listing_pages_newest_first(recall: Recall) -> None:
    ids = [recall.add(f"page {n}") for n in range(5)]
    assert [note.id for note in recall.list(2)] == [ids[4], ids[3]]
    assert [note.id for note in recall.list(2, 4)] == [ids[0]]
    assert recall.list(0) == []


# -------------------------------------------------------------------- forgetting


def test_forgetting_removes_a_note_and_what_it_had_superseded_from_the_bytes_of_the_file(file: Path) -> None:
    with Recall(file) as recall:
        recall.add("Zanzibar is where the treasure of the old captain Quibble is buried under sand")
        kept = recall.add("Zanzibar is where the treasure of the old captain Quibble was buried under sand")
        other = recall.add("An unrelated remark")
        assert recall.forget(kept) is True
        assert recall.forget(kept) is False
        assert texts(recall, "treasure of captain Quibble") == []
        assert [note.id for note in recall.list(superseded=True)] == [other]
        for path in file.parent.glob("notes.db*"):
            assert b"uibble" not in path.read_bytes()


# -------------------------------------------------------------------- files and processes


def test_reading_where_there_is_no_file_finds_nothing_and_makes_nothing(file: Path) -> None:
    with Recall(file) as recall:
        assert recall.search("anything") == []
        assert recall.list() == []
        assert (recall.count(), recall.namespaces(), recall.get("x"), recall.forget("x")) == (0, [], None, False)
        recall.mark_used(["x"])
        assert (recall.rebuild(), recall.reembed(), recall.sync(), recall.add_many([])) == (0, 0, False, [])
        assert recall.stats().bytes == 0
    assert not file.parent.exists()


def test_what_one_process_remembers_another_finds(file: Path) -> None:
    script = "import sys; from memory import Recall; r = Recall(sys.argv[1]); print(r.add(sys.argv[2])); r.close()"
    with Recall(file) as recall, python(script, file, NOTES[4]) as writer:
        output, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
        assert [hit.id for hit in recall.search("用户喜欢什么颜色")] == [output.strip()]


def test_searching_a_small_store_loads_neither_chromadb_nor_numpy(file: Path) -> None:
    script = """
import sys
from memory import Recall
with Recall(sys.argv[1]) as recall:
    recall.add_many([f"remark {n} about the lighthouse" for n in range(100)])
    assert len(recall.search("lighthouse remark 7")) == 5
assert not {"chromadb", "numpy", "filelock", "openai"} & set(sys.modules), sys.modules.keys()
"""
    with python(script, file) as process:
        assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0


def test_opening_and_searching_a_hundred_notes_is_quick(file: Path) -> None:
    with Recall(file) as recall:
        recall.add_many([f"remark {n} about lighthouse keeper {n * 7919} of the northern coast" for n in range(100)])
    times = []
    for _ in range(7):
        start = time.perf_counter()
        with Recall(file) as recall:
            assert recall.search("lighthouse keeper 7919")
            times.append(time.perf_counter() - start)
    assert min(times) < 0.05  # some 5 ms on a quiet machine; a test must also pass on a busy one


ADDER = """
import sys
from memory import Recall
with Recall(sys.argv[1]) as recall:
    for n in range(int(sys.argv[3])):
        print(recall.add(f"process {sys.argv[2]} saw bird {n} near lake {n * 7 + int(sys.argv[2])}"), flush=True)
"""


def test_four_processes_that_add_at_once_lose_nothing(file: Path) -> None:
    processes = [python(ADDER, file, name, 50) for name in range(4)]
    ids = []
    for process in processes:
        with process:
            output, errors = process.communicate(timeout=120)
            assert process.returncode == 0, errors
            ids += output.split()
    with Recall(file) as recall:
        assert len(set(ids)) == recall.count() == 200
        assert recall.stats().embedded == 200
        for name, n in ((0, 0), (1, 49), (3, 17)):
            hits = recall.search(f"process {name} bird {n} lake {n * 7 + name}")
            assert hits[0].text.startswith(f"process {name} saw bird {n} ")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_what_was_acknowledged_before_a_kill_is_there(file: Path) -> None:
    acknowledged: list[str] = []
    for name in range(3):
        with python(ADDER, file, name, 100_000) as process:
            assert process.stdout is not None
            acknowledged += [process.stdout.readline().strip() for _ in range(5 + 7 * name)]
            process.send_signal(signal.SIGKILL)
            acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
    with Recall(file) as recall:
        assert all(recall.get(identifier) is not None for identifier in acknowledged)
        assert recall.stats().embedded == recall.count() >= len(acknowledged)


def test_several_threads_may_use_one_memory(recall: Recall) -> None:
    failures: list[Exception] = []

    def work(name: int) -> None:
        try:
            for n in range(15):
                recall.add(f"thread {name} counted sheep {n}")
                assert recall.search(f"thread {name} sheep {n}")
        except Exception as error:  # noqa: BLE001 - told by the test's thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert recall.count() == 60


@pytest.mark.skipif(os.name == "nt", reason="Windows does not move a file that is open")
def test_what_is_added_after_the_file_was_moved_away_is_where_others_look_for_it(file: Path) -> None:
    with Recall(file) as recall, Recall(file) as other:
        recall.add("the first note")
        for path in list(file.parent.glob("notes.db*")):
            path.rename(path.with_name(f"old-{path.name}"))
        other.add("the mud is deep")
        recall.add("the tide is high")
        assert {note.text for note in other.list()} == {note.text for note in recall.list()}
        assert other.count() == 2
    with Recall(file) as again, Recall(file.with_name("old-notes.db")) as old:
        assert {note.text for note in again.list()} == {"the mud is deep", "the tide is high"}
        assert [note.text for note in old.list()] == ["the first note"]


def test_a_closed_memory_refuses_and_closing_twice_does_no_harm(file: Path) -> None:
    recall = Recall(file)
    recall.add("one")
    recall.close()
    recall.close()
    with pytest.raises(RecallError, match="closed"):
        recall.search("one")
    with Recall(file) as again:
        assert again.count() == 1


# -------------------------------------------------------------------- embedders


class Letters:
    """An embedder of another kind: how often each letter of a to h stands in a text."""

    def __init__(self, name: str = "letters", *, fails: bool = False, length: int = 8) -> None:
        self.id = name
        self.dimensions = 8
        self.fails = fails
        self.length = length

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self.fails:
            raise EmbeddingFailed("the endpoint is away")
        return [[float(text.count(letter)) for letter in "abcdefgh"[: self.length]] for text in texts]


def test_an_embedder_finds_what_shares_no_word(file: Path) -> None:
    with Recall(file, embedder=Letters()) as recall:
        recall.add("abba")
        recall.add("hhhg")
        assert [hit.text for hit in recall.search("bbaa")] == ["abba"]


def test_vectors_of_two_embedders_are_never_compared(file: Path) -> None:
    with Recall(file, embedder=Letters("old")) as recall:
        recall.add("abba")
        recall.add("hhhg")
    with Recall(file, embedder=Letters("new"), upkeep=False) as recall:
        assert recall.search("bbaa") == []
        assert recall.search("abba")[0].why["dense"] is None
        recall.add("cccc")
        assert recall.search("bbaa") == []
        assert recall.reembed() == 2
        assert recall.reembed() == 0
        assert [hit.text for hit in recall.search("bbaa")] == ["abba"]


def test_an_embedder_that_fails_costs_no_note(file: Path) -> None:
    with Recall(file, embedder=Letters(fails=True)) as recall:
        recall.add("the cab is here")
        assert texts(recall, "cab") == ["the cab is here"]
        with pytest.raises(EmbeddingFailed):
            recall.reembed()
    with Recall(file, embedder=Letters()) as recall:
        assert recall.stats().embedded == 0
        assert recall.rebuild() == 1
        assert recall.stats().embedded == 1


def test_vectors_of_a_wrong_length_are_not_stored(file: Path) -> None:
    with Recall(file, embedder=Letters(length=3)) as recall:
        recall.add("a cab")
        assert recall.stats().embedded == 0


def test_without_an_embedder_words_alone_are_searched(file: Path) -> None:
    with Recall(file, embedder=None) as recall:
        recall.add_many(NOTES)
        assert texts(recall, "staging port") == [NOTES[1]]
        assert recall.search("qwxz flurb") == []
        assert (recall.stats().embedder, recall.sync(), recall.reembed(), recall.rebuild()) == (None, False, 0, 8)


def test_numpy_and_plain_python_agree(file: Path) -> None:
    script = """
import sys
if sys.argv[2] == "numpy":
    import numpy
from memory import Recall
with Recall(sys.argv[1]) as recall:
    print([(hit.text, round(hit.score, 3)) for hit in recall.search("stagin serverr pport", floor=0.01)])
"""
    with Recall(file) as recall:
        recall.add_many(NOTES)
    answers = []
    for way in ("numpy", "plain"):
        with python(script, file, way) as process:
            output, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors
            answers.append(output)
    assert answers[0] == answers[1] != "[]\n"


def test_vectors_are_stored_at_length_one(file: Path) -> None:
    with Recall(file, embedder=Letters()) as recall:
        recall.add("aaab")
        assert recall.search("ab")[0].why["cosine"] == pytest.approx(4 / (10**0.5 * 2**0.5), abs=1e-3)
    assert len(array("f", HashingEmbedder(16).embed(["x"])[0])) == 16


def test_of_a_query_as_long_as_a_file_the_beginning_counts_and_nobody_waits(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder="hashing") as recall:
        recall.add("The heron nests at the pier.")
        began = time.perf_counter()
        assert recall.search("where does the heron nest " + "and what of the tide 7919 " * 400_000)
        assert time.perf_counter() - began < 3
