"""What makes one of two entries come first that hold the same words of a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from memory import Recall
from memory._days import Days, days_in
from memory._relative_days import relative_days
from memory._said import said, speaker
from memory.embedding import Embedder


def found(tmp_path: Path, query: str, *entries: str, embedder: Embedder | None = None) -> Sequence[str]:
    with Recall(tmp_path / "notes.db", embedder=embedder) as recall:
        recall.add_many(entries)
        return [hit.text for hit in recall.search(query)]


FOOD = "tea cake rice fish cheese soup bread plums pears beans ham eggs jam nuts figs peas leeks milk"


# Of equals the later comes first, so what is to be found stands first.


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        ("When does the piano tuner come?", "The piano tuner comes on Thursday", "The piano tuner comes by tram"),
        ("钢琴调音师什么时候来", "钢琴调音师星期四来", "钢琴调音师坐电车来"),
    ],
)
def test_who_asks_when_is_told_a_time(tmp_path: Path, query: str, right: str, wrong: str) -> None:
    assert found(tmp_path, query, right, wrong) == [right, wrong]


def test_the_one_that_tells_a_time_is_found_among_many_that_hold_as_many_words(tmp_path: Path) -> None:
    others = [f"The piano tuner comes for {one}" for one in FOOD.split()]
    right = "The piano tuner comes on Thursday"
    assert found(tmp_path, "When does the piano tuner come?", *others, right)[0] == right


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        ("What about the balcony?", "Ben: The balcony needs a new rail, the old one is rusty", "Ben: The balcony!"),
        ("阳台怎么样", "阳台的栏杆生锈松动了，冬天以前要换一副新的", "阳台！"),
        # The date before it says nothing of the balcony.
        (
            "What about the balcony?",
            "The balcony rail is loose and rusty",
            "(1:56 pm on Monday, 8 May, 2023) The balcony!",
        ),
    ],
)
def test_what_says_something_comes_before_what_only_names_it(
    tmp_path: Path, query: str, right: str, wrong: str
) -> None:
    assert found(tmp_path, query, right, wrong) == [right, wrong]


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        (
            "What kind of cheese did Nora buy?",
            "Nora bought a wheel of Gouda cheese",
            "Nora was kind to the cheese seller",
        ),
        (
            "Do you remember which thing Nora planted last time?",
            "Nora planted a quince",
            "I remember the last time, thing by thing",
        ),
    ],
)
def test_how_a_question_is_put_counts_less_than_what_it_is_about(
    tmp_path: Path, query: str, right: str, wrong: str
) -> None:
    assert found(tmp_path, query, right, wrong)[0] == right


OTHERS = [f"Room {n} was painted" for n in range(10)]


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        (
            "Does Nora like tea with milk?",
            "Nora drinks it with milk, at seven",
            "Tea, tea, tea: black tea, mint tea, white tea",
        ),
        ("米饭要配豆子还是配鱼", "诺拉吃饭总要配豆子", "米饭，米饭，米饭，炒米饭，白米饭"),
    ],
)
def test_a_word_that_is_said_again_and_again_is_no_second_word(
    tmp_path: Path, query: str, right: str, wrong: str
) -> None:
    assert found(tmp_path, query, right, wrong, *OTHERS)[0] == right


@pytest.mark.parametrize(
    ("query", "right", "wrong"),
    [
        (
            "What did the plumber say about the valve of the boiler?",
            (
                "The plumber came at noon, looked at the pipes in the cellar, drank a cup of coffee with my uncle, "
                "talked about the football of last week, the price of bread in the village and the mayor's new car, "
                "and then said that the valve of the boiler has to be replaced before the first frost comes, because "
                "otherwise the whole house will be cold and wet until spring, as it was two years ago next door"
            ),
            "The boiler has a blue valve",
        ),
        (
            "水管工说锅炉阀门怎么样",
            (
                "水管工中午来了，先在厨房喝了一杯咖啡，和叔叔聊了聊上周的足球比赛和村里面包的价格，又看了看院子里的葡萄，"
                "最后说地下室锅炉的阀门必须在第一次霜冻以前换掉，不然整栋房子又冷又湿"
            ),
            "锅炉阀门是蓝色的",
        ),
    ],
)
def test_who_tells_much_else_in_one_go_is_found_all_the_same(
    tmp_path: Path, query: str, right: str, wrong: str
) -> None:
    assert found(tmp_path, query, right, wrong, *OTHERS)[0] == right


@pytest.mark.parametrize(
    ("query", "said", "answered"),
    [
        ("Who passed the driving test?", "Ben: I finally did it!", "Ada: Congratulations on your driving test!"),
        ("谁考到了驾照", "阿本：我终于过了！", "阿达：恭喜你拿到驾照，考试真不容易"),
    ],
)
def test_what_an_answer_tells_of_what_was_said_before_it_finds_that_too(
    tmp_path: Path, query: str, said: str, answered: str
) -> None:
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add(said)
        recall.add(answered, context=said)
        recall.add_many(OTHERS)
        assert {hit.text for hit in recall.search(query)} == {said, answered}


class OfPets:
    """An embedder to which all pets are one thing."""

    id, dimensions, unrelated = "pets", 3, 0.2

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        kinds = ("greyhound", "animal"), ("paint",)
        return [[*(float(any(one in text for one in kind)) for kind in kinds), 0.1] for text in texts]


def test_an_answer_is_found_by_the_meaning_of_its_question(tmp_path: Path) -> None:
    asked, answer = "Ada: How is the greyhound called?", "Ben: Biscuit."
    with Recall(tmp_path / "notes.db", embedder=OfPets()) as recall:
        recall.add(asked)
        recall.add(answer, context=asked)
        recall.add_many(OTHERS)
        assert [hit.text for hit in recall.search("something about animals")][:2] == [asked, answer]


class SureFrom(OfPets):
    """An embedder to whom pets and doctors are a little alike, and that is sure from a cosine of `certain` on."""

    def __init__(self, certain: float) -> None:
        self.certain = certain

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[1.0, 0.0, 0.0] if "animal" in text else [0.4, 0.9165, 0.0] for text in texts]


@pytest.mark.parametrize(("certain", "is_found"), [(0.6, True), (1.0, False)])
def test_from_which_cosine_on_it_is_sure_an_embedder_tells(tmp_path: Path, certain: float, is_found: bool) -> None:
    hits = found(tmp_path, "animals", "The greyhound sleeps", embedder=SureFrom(certain))
    assert hits == ["The greyhound sleeps"] * is_found


def test_what_the_metadata_tells_of_a_note_counts_more_than_what_stood_next_to_it(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add("The boat leaks", {"place": "Ostend"})
        recall.add("The boat sank", context="We came to Ostend")
        recall.add_many(OTHERS)
        assert [hit.text for hit in recall.search("boat in Ostend")] == ["The boat leaks", "The boat sank"]


def test_what_text_and_metadata_both_tell_is_one_word(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add("The boat leaks in Ostend", {"place": "Ostend"})
        recall.add("The boat sank in Ostend")
        recall.add_many(OTHERS)
        assert recall.search("boat in Ostend")[0].text == "The boat sank in Ostend"


def test_words_count_beside_vectors_that_tell_no_share(tmp_path: Path) -> None:
    right, wrong = "The animal doctor is open on Saturdays", "A greyhound sleeps a lot"
    assert found(tmp_path, "Is the doctor open on Saturdays for animals?", right, wrong, embedder=OfPets())[0] == right


@pytest.mark.parametrize("silence", ["...", "？！"])
def test_an_entry_without_words_is_not_found_by_what_comes_after_it(tmp_path: Path, silence: str) -> None:
    course = "The pottery course is at the old fire station"
    assert found(tmp_path, "pottery course", silence, course) == [course]


def test_entries_of_one_place_that_no_context_joins_lend_each_other_nothing(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add("The pottery course is in the cellar", {"place": "the town hall"})
        recall.add("Somebody paid the plumber", {"place": "the town hall"})
        assert [hit.text for hit in recall.search("pottery course")] == ["The pottery course is in the cellar"]


@pytest.mark.parametrize("metadata", [{}, {"place": "the park"}])
def test_an_entry_that_knows_but_the_end_of_the_one_before_is_its_answer(
    tmp_path: Path, metadata: Mapping[str, str]
) -> None:
    asked, answer = "Ada: The greyhound is two years old now. Guess its name!", "Ben: Biscuit."
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add(asked)
        recall.add(answer, metadata, context="Guess its name!")
        recall.add_many(OTHERS)
        assert [hit.text for hit in recall.search("greyhound")] == [asked, answer]


def test_what_stands_next_to_a_note_or_only_begins_alike_covers_half(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add("It would be Tuesday", context="When does the dentist have time?")
        recall.add("His dentistry is above the bakery")
        recall.add("The bridge was painted")
        assert [hit.why["coverage"] for hit in recall.search("dentist")] == [0.5, 0.5]
        assert [hit.why["coverage"] for hit in recall.search("bridge")] == [1.0]


@pytest.mark.parametrize(
    ("query", "entry"),
    [
        ("Who sailed on 7 May 2023?", "2023-05-07 Ada: the hull was painted"),
        ("2023年5月7日谁开船", "2023年5月7日 小明：漆好了"),
    ],
)
def test_what_was_said_on_the_day_that_was_asked_for_is_found_by_it_alone(
    tmp_path: Path, query: str, entry: str
) -> None:
    assert found(tmp_path, query, entry, "2023-06-11 Ada: it rains") == [entry]


@pytest.mark.parametrize("written", ["2023-05-07", "7.5.2023", "2023年5月7日", "On May 7th, 2023"])
def test_a_day_in_other_letters_is_covered_whole(tmp_path: Path, written: str) -> None:
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add(f"{written} Ada: the dentist")
        assert [hit.why["coverage"] for hit in recall.search("dentist, 7 May 2023")] == [1.0]


def test_of_a_page_of_questions_a_note_that_answers_one_is_found(tmp_path: Path) -> None:
    page = (
        "Write about whales, glass, volcanoes, tariffs, opera, chess, zinc, pottery, comets, windmills, orchids, jazz, "
        "tunnels, falcons, marble, saffron, gliders, accordions, lighthouses and what the greyhound Biscuit eats."
    )
    assert found(tmp_path, page, "The greyhound Biscuit eats beans", "It rains") == ["The greyhound Biscuit eats beans"]


def test_every_word_of_a_question_counts(tmp_path: Path) -> None:
    right, wrong = (
        "A baker at the harbour sells rye bread with walnut",
        "A baker at the harbour grows rye at home alone",
    )
    often = [f"Walnut bread, shelf {one}" for one in FOOD.split()]  # so those two words weigh the least
    assert found(tmp_path, "baker, harbour, rye, walnut, bread", right, wrong, *often)[:2] == [right, wrong]


def test_of_equals_the_one_that_was_said_last_comes_first(tmp_path: Path) -> None:
    entries = ["Invoice 17 was paid", "Invoice 18 was paid", "Invoice 17 was paid"]
    assert found(tmp_path, "invoice paid", *entries) == ["Invoice 17 was paid", "Invoice 18 was paid"]


class OfLatinLetters:
    """An embedder to which all that is bought is one thing, in whatever script."""

    id, dimensions, latin_only = "latin", 2, True

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [[1.0, 0.0] if "买" in text or "buy" in text else [0.1, 1.0] for text in texts]


def test_vectors_that_know_no_chinese_do_not_order_what_a_chinese_question_finds(tmp_path: Path) -> None:
    right, wrong = "红苹果在厨房", "他买的苹果在车里"
    assert found(tmp_path, "你买的红苹果在厨房哪里", right, wrong, embedder=OfLatinLetters())[0] == right


def test_the_sender_of_a_letter_is_who_said_it(tmp_path: Path) -> None:
    assert speaker(said("The opera was long"), {"from": "Ada"}) == "Ada"
    with Recall(tmp_path / "notes.db", embedder=None) as recall:
        recall.add("The opera was far too long", {"from": "Ada"})
        recall.add("The opera was sold out", {"to": "Ada"})
        assert recall.search("What did Ada say of the opera?")[0].text == "The opera was far too long"


@pytest.mark.parametrize(
    ("part", "first", "last"),
    [
        ("the first week of", 1, 8),
        ("the second week of", 8, 15),
        ("the third week of", 15, 22),
        ("the last week of", 22, 31),
        ("early", 1, 11),
        ("at the beginning of", 1, 11),
        ("from the start of", 1, 11),
        ("mid", 9, 21),
        ("in the middle of", 9, 21),
        ("late", 20, 31),
        ("by the end of", 20, 31),
        ("in", 1, 31),
    ],
)
def test_a_part_of_a_month_is_those_days_of_it(part: str, first: int, last: int) -> None:
    assert days_in(f"We move {part} September 2024") == [Days(2024, 9, first, last)]


@pytest.mark.parametrize(
    "text", ["on 45 May", "May 45th, 2023", "2023-13-07", "2023-05-70", "13月5日", "5月40日", "三十月五日"]
)
def test_what_no_calendar_has_is_no_day(tmp_path: Path, text: str) -> None:
    assert days_in(text) == []
    assert found(tmp_path, f"{text} dentist", f"{text}, the dentist") == [f"{text}, the dentist"]


def test_all_the_days_that_a_text_tells_are_read() -> None:
    assert relative_days("I saw the dentist last Friday, and yesterday the optician; 明天去银行", date(2026, 3, 4)) == [
        Days(2026, 3, 3, 3),
        Days(2026, 3, 5, 5),
        Days(2026, 2, 27, 27),
    ]
