from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory import Recall
from memory._days import Days, days_in
from memory._notes import Where
from memory._query import Query, asked_words, others_of, query_of
from memory._related import related
from memory.embedding import COMMON, HashingEmbedder, words


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "notes.db"


@pytest.fixture
def recall(file: Path) -> Iterator[Recall]:
    with Recall(file, embedder="hashing") as opened:
        yield opened


def talk(recall: Recall, *turns: str) -> None:
    before: str | None = None
    for turn in turns:
        recall.add(turn, context=before)
        before = turn


def texts(recall: Recall, query: str, k: int = 5) -> Sequence[str]:
    return [hit.text for hit in recall.search(query, k)]


def query(text: str) -> Query:
    terms = asked_words(text)
    return query_of(text, terms, dict.fromkeys([*terms, *others_of(terms)], 3), count=100)


# -------------------------------------------------------------------- neighbours


def test_an_answer_is_found_by_what_was_said_before_and_behind_it(recall: Recall) -> None:
    talk(
        recall,
        "Ada: Did you ever try the pottery course at the old fire station?",
        "Ben: I did.",
        "Ada: And who was in charge there?",
        "Ben: Somebody named Ingrid, a hundred years old.",
        "Ada: Lovely.",
    )
    recall.add_many([f"Remark {n} on the price of tea in harbour {n}" for n in range(30)])
    hits = recall.search("who taught the pottery course", 5)
    found = {hit.text: hit for hit in hits}
    assert hits[0].text.startswith("Ada: Did you ever try")
    answer = found["Ben: Somebody named Ingrid, a hundred years old."]
    assert answer.why["coverage"] == 0.0
    assert answer.why["neighbour"] == 1.0
    assert hits[0].why["neighbour"] == 0.0
    assert not any(text.startswith("Remark") for text in found)


def test_entries_that_no_context_joins_lend_each_other_nothing(recall: Recall) -> None:
    recall.add("The pottery course is at the old fire station")
    recall.add("Somebody paid the plumber")
    recall.add("Bread is baked on Sundays", context="an unlike remark")
    assert texts(recall, "where is the pottery course") == ["The pottery course is at the old fire station"]


def test_a_neighbour_that_does_not_fulfil_the_conditions_helps_but_is_not_returned(recall: Recall) -> None:
    question = "Ada: What is the name of your greyhound?"
    recall.add(question, {"speaker": "Ada"})
    recall.add("Ben: Biscuit, of course.", {"speaker": "Ben"}, context=question)
    hits = recall.search("name of the greyhound", where={"speaker": "Ben"})
    assert [hit.text for hit in hits] == ["Ben: Biscuit, of course."]


def test_a_conversation_in_another_namespace_is_no_neighbour(file: Path) -> None:
    with Recall(file, "one", embedder="hashing") as one, Recall(file, "two", embedder="hashing") as two:
        one.add("The greyhound sleeps on the sofa")
        two.add("It is called Biscuit", context="The greyhound sleeps on the sofa")
        assert texts(one, "greyhound") == ["The greyhound sleeps on the sofa"]


# -------------------------------------------------------------------- days, names, speakers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 7 May 2023", [Days(2023, 5, 7, 7)]),
        ("May 7th, 2023", [Days(2023, 5, 7, 7)]),
        ("2023-05-07 Ada: hello", [Days(2023, 5, 7, 7)]),
        ("the last week of May", [Days(None, 5, 22, 31)]),
        ("in March", [Days(None, 3)]),
        ("September 2024", [Days(2024, 9)]),
        ("5月7日", [Days(None, 5, 7, 7)]),
        ("2023年5月", [Days(2023, 5)]),
        ("we may march on", []),
        ("it may 3 times fail", []),
        ("may 3, 2024", [Days(2024, 5, 3, 3)]),
        ("call 1234-11-12", []),
        ("version 10.20.30 and 99-99", []),
        ("", []),
    ],
)
def test_days_are_read_as_people_write_them(text: str, expected: list[Days]) -> None:
    assert days_in(text) == expected


@given(st.text(max_size=60))
def test_any_text_can_be_read_for_days(text: str) -> None:
    assert all(1 <= day.month <= 12 for day in days_in(text))


@pytest.mark.parametrize(
    "asked", ["on 7 May 2023", "on May 7", "2023-05-07", "in the first week of May", "am 2023/5/7"]
)
def test_the_entry_of_the_day_that_was_named_comes_first(recall: Recall, asked: str) -> None:
    for day in ("2023-03-02", "2023-05-07", "2023-06-11", "2023-11-23"):
        recall.add(f"{day} Ada: went to the dentist again, room {day[5:7]}", {"date": day})
    assert texts(recall, f"which dentist did Ada see {asked}")[0].startswith("2023-05-07")


def test_who_said_it_counts_where_the_name_stands_in_the_metadata_alone(recall: Recall) -> None:
    recall.add("I booked the dentist for Monday at nine", {"speaker": "Ada"})
    recall.add("I booked the dentist for Friday at eleven", {"speaker": "Ben"})
    assert texts(recall, "when does Ada see the dentist")[0] == "I booked the dentist for Monday at nine"
    assert texts(recall, "when does Ben see the dentist")[0] == "I booked the dentist for Friday at eleven"


def test_a_word_that_may_stand_for_the_one_asked_for_is_enough(recall: Recall) -> None:
    recall.add_many(["My job is gardener", "My sister lives in Berlin", "The hull is red", "🎉 at nine"])
    assert texts(recall, "what work do I do")[0] == "My job is gardener"
    assert texts(recall, "where does my sibling live")[0] == "My sister lives in Berlin"
    assert texts(recall, "🎉") == ["🎉 at nine"]
    assert texts(recall, "🐟") == []


def test_a_name_is_found_as_it_is_written_before_its_parts(recall: Recall) -> None:
    recall.add("edited /srv/app/config.yaml, the third line of it, in the last days of the year", {"n": 2})
    recall.add("the app in srv was given a config of yaml in the very last days of the year", {"n": 1})
    hits = recall.search("what was done to /srv/app/config.yaml?")
    assert hits[0].text.startswith("edited /srv")
    assert hits[0].why["exact"] == 1.0
    assert all(hit.why["exact"] == 0.0 for hit in hits[1:])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("what is in /srv/app/config.yaml?", ["/srv/app/config.yaml"]),
        ("why ERR_CONN_42 with v2.3.1", ["err_conn_42", "v2.3.1"]),
        ("where is retryPolicy set", ["retrypolicy"]),
        ('who said "not on my watch"', ["not on my watch"]),
        ("who came to dinner", []),
        ('" OR NEAR(', []),
    ],
)
def test_names_that_are_to_be_found_as_they_stand_are_seen(text: str, written: list[str]) -> None:
    assert list(query(text).written) == written


def test_parts_of_a_camel_case_name_are_found(recall: Recall) -> None:
    recall.add("The cap lives in retryPolicyMaximum")
    assert texts(recall, "maximum of the retry policy") == ["The cap lives in retryPolicyMaximum"]


# -------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("what did she buy", "She bought a brass telescope"),
        ("studies about whales", "a study of whales"),
        ("where do the children go", "the child went to school"),
        ("what is her present job in the company", "She found employment at the tram company"),
        ("films about fog", "We saw a movie about fog"),
        ("他什么时候辞职的", "他上个月离职了"),
    ],
)
def test_other_forms_and_words_for_the_same_are_found(recall: Recall, asked: str, said: str) -> None:
    recall.add(said)
    recall.add("Invoices are sent by post at noon")
    assert texts(recall, asked)[:1] == [said]


def test_words_for_the_same_are_told_both_ways_and_are_no_common_words() -> None:
    assert words("movie")[0] in related(words("film")[0])
    assert words("film")[0] in related(words("movie")[0])
    assert related("xyzzy") == frozenset()
    assert not related(words("movie")[0]) & COMMON


def test_the_frame_of_a_question_is_not_looked_for() -> None:
    assert "时候" not in asked_words("什么时候搬家")
    assert "搬家" in asked_words("什么时候搬家")
    assert query("when did it happen").when
    assert query("哪天搬家").when
    assert not query("who came").when
    assert list(asked_words("什么")) == words("什么")


# -------------------------------------------------------------------- nothing relevant


@pytest.mark.parametrize("asked", ['" OR NEAR(', "😀🎉", "\x01\x02\x7f", "zebra accordion tariffs", "量子力学"])
def test_nothing_is_found_for_what_has_nothing_to_do_with_a_conversation(recall: Recall, asked: str) -> None:
    talk(recall, "2023-05-07 Ada: We went to the shelter on Monday", "2023-05-07 Ben: I need photos", "Ada: Later!")
    assert texts(recall, asked) == []


@pytest.mark.parametrize("asked", ["What is the electrician's number?", "the electrician’s, and I'll wait"])
def test_a_possessive_of_the_query_is_no_word_that_others_possessives_answer(recall: Recall, asked: str) -> None:
    recall.add_many(["The plumber's van is blue", "Tom’s flat is in Leeds", "They'll open at nine", "A late ferry"])
    assert texts(recall, asked) == []


def test_scores_do_not_grow_where_a_conversation_only_touches_the_query(recall: Recall) -> None:
    talk(recall, "Ada: The greyhound sleeps on the sofa", "Ben: Biscuit is a good name", "Ada: Thank you")
    near = recall.search("greyhound sofa", floor=0.0)[0].score
    far = recall.search("greyhound racing tariffs in Wales", floor=0.0)[0].score
    assert far < near / 2


# -------------------------------------------------------------------- what is kept between searches


def test_a_search_sees_at_once_what_another_opening_has_written_or_forgotten(file: Path) -> None:
    with Recall(file, embedder="hashing") as one, Recall(file, embedder="hashing") as other:
        one.add_many([f"crate {n} of lemons" for n in range(20)])
        assert one.search("lemons")[0].why["cosine"] is not None
        added = other.add("a barrel of herrings")
        assert texts(one, "herrings") == ["a barrel of herrings"]
        assert one.search("herrings")[0].why["cosine"] is not None
        assert other.forget(added)
        assert texts(one, "herrings") == []
        assert one.count() == 20


def test_the_vectors_that_are_kept_are_those_of_the_file(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        name = HashingEmbedder().id
        for n in range(3):
            recall.add(f"crate {n} of lemons, marked {n}")
            first, second = ([*recall._store.vectors(name, Where())] for _ in range(2))
            assert first == second
            assert [number for numbers, _ in second for number in numbers] == list(range(1, n + 2))


def test_searches_of_several_threads_agree_while_one_writes(file: Path) -> None:
    with Recall(file, embedder="hashing") as recall:
        recall.add_many([f"crate {n} of lemons" for n in range(50)])
        failures: list[str] = []

        def look() -> None:
            for _ in range(10):
                hits = recall.search("crate 7 lemons", 3)
                if not hits or hits[0].text != "crate 7 of lemons":
                    failures.append(str(hits))

        threads = [threading.Thread(target=look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for n in range(10):
            recall.add(f"barrel {n} of herrings")
        for thread in threads:
            thread.join()
        assert failures == []
        assert recall.count() == 60


@pytest.mark.parametrize("full_text", [True, False], ids=["fts5", "without-fts5"])
@pytest.mark.parametrize("mine", [1, 60])
def test_what_other_namespaces_hold_makes_no_word_of_this_one_common(
    tmp_path: Path, full_text: bool, mine: int
) -> None:
    file = tmp_path / "notes.db"
    with Recall(file, "global", None, full_text=full_text) as own:
        own.add("I prefer tabs for indentation")
        own.add_many([{"text": f"the gauge of pier {n} was read", "metadata": {"n": n}} for n in range(mine)])
        (alone,) = own.search("tabs")
        with Recall(file, "project", None, full_text=full_text) as other:
            other.add_many([{"text": f"tabs of file {n} were closed", "metadata": {"n": n}} for n in range(150)])
        (hit,) = own.search("tabs")
        assert hit.text == alone.text == "I prefer tabs for indentation"
        assert hit.score > 0.8 * alone.score
