"""What a word of a question counts, by where it stands: in a sentence, above it, or elsewhere in its passage."""

from __future__ import annotations

import pytest

from tests.agent.answering.passages import passage, passages, told

CAMPSITE = """\
Pinewood lies on the eastern shore of Lake Morrin, four kilometres from the village of Tarbet. It is open from 1 April
to 15 October.

The office is staffed from 8:00 to 20:00 in July and August, otherwise from 9:00 to 17:00; on Sundays it stays closed.

The showers are in the wooden house behind the office. The barrier is shut between 22:00 and 7:00."""
BOILER = """\
Boiler Thermax 24 - short guide

Set the pressure to 1.5 bar. If it falls below 0.8 bar, fill up with water by the blue valve under the boiler.
Error F3 means that the pump is stuck; error F7 means that no gas arrives.
The boiler has to be serviced once a year. Last service: 12 November 2025 by Henrik Aalto."""
BRIDGE = """\
The work needs low water and must be done between 15 July and 30 September, outside the spawning season of the trout.

**Angling club of the Tarn.** The trout spawn from October to the end of March on the gravel just above the pier."""
PUMPS = """\
The warranty lasts 36 months from the day of purchase. It does not cover seals and filters.

| model | flow per hour | power | weight |
|---|---|---|---|
| RX-100 | 2,400 litres | 180 W | 4.2 kg |
| RX-200 | 5,100 litres | 350 W | 6.8 kg |
| RX-400 | 9,800 litres | 720 W | 11.5 kg |"""
PURIFIER = "额定功率 60 W，出水量每分钟 1.2 升，净重 8.5 千克，尺寸 420×230×480 毫米。"


def test_what_a_sentence_has_itself_counts_more_than_what_it_stands_under() -> None:
    text = "The hall next door has 90 chairs. Counted in May by the town's engineer, the library has 40 chairs."
    told_of_it = told("How many chairs does the library have?", [passage(text, heading="The library")])
    assert told_of_it == ["Counted in May by the town's engineer, the library has 40 chairs."]


def test_a_word_elsewhere_in_the_passage_or_in_the_name_of_its_file_counts_too() -> None:
    assert (
        told("What pressure does the boiler need?", [passage(BOILER, file="boiler.txt")])[0]
        == "Set the pressure to 1.5 bar."
    )


def test_a_sentence_that_has_the_words_goes_before_one_that_only_stands_under_them() -> None:
    site = passage(CAMPSITE, heading="Pinewood campsite")
    assert told("When is the campsite open?", [site])[0] == "It is open from 1 April to 15 October."


def test_of_two_that_say_it_the_shorter_is_told_first() -> None:
    assert told("When do the trout spawn?", [passage(BRIDGE)])[0].endswith("gravel just above the pier.")


def test_where_much_of_a_question_stands_nowhere_the_rest_is_no_answer() -> None:
    text = passage("The library lends books and films for four weeks.", heading="The library")
    assert told("Does the library lend films?", [text]) == [text.text]
    assert told("Does the library lend telescopes?", [text]) == []


def test_one_that_says_much_else_may_answer_of_what_it_stands_under() -> None:
    assert told("净水器有多重？", [passage(PURIFIER, heading="清泉 Q5 净水器使用手册")]) == [PURIFIER]


def test_what_is_hardly_less_likely_is_told_beside_the_best_and_what_is_much_less_is_not() -> None:
    hours = "The library opens at 9:00. On Saturdays, when the market is held before it, the library opens at 10:00."
    assert len(told("When does the library open?", [passage(hours)])) == 2
    text = passage("The footbridge is 2.1 metres wide. The pier is 3 metres wide.", heading="The footbridge")
    assert told("How wide is the footbridge?", [text]) == ["The footbridge is 2.1 metres wide."]


def test_a_number_of_something_else_is_not_told_beside_that_of_what_is_counted() -> None:
    text = "The hotel has 46 rooms on four floors. Breakfast is served from 7 to 10 in the garden room."
    answer = told("How many rooms does the hotel have?", [passage(text, heading="The hotel")])
    assert answer == ["The hotel has 46 rooms on four floors."]


def test_the_same_sentence_of_two_documents_is_told_once() -> None:
    text = "The footbridge is 41 metres long."
    assert told("How long is the footbridge?", passages(("a.md", "", text), ("b.md", "", text))) == [text]


def test_of_a_row_that_the_question_names_no_other_is_told() -> None:
    [row] = told("What is the power of the RX-200?", [passage(PUMPS, heading="Warranty of the pump RX-200")])
    assert row.startswith("model: RX-200; ")


@pytest.mark.parametrize(
    ("question", "text", "answers"),
    [
        ("Does the choir sing on Friday?", "The choir sings Monday to Wednesday.", True),
        ("Does the choir sing on Friday?", "On Tuesday the choir sings.", False),
        ("What is for lunch on Friday?", "For lunch there is soup Monday to Wednesday.", False),
        ("Does the choir sing on Tuesday, 2 June 2026?", "On Tuesday the choir sings.", True),
        ("Does the choir sing on Friday, 5 June 2026?", "On Tuesday the choir sings.", False),
        ("What happened on 2 April 2026?", "On 2 April 2026 the roof was mended by Otis.", True),
        ("2026年4月2日发生了什么？", "2026年4月2日屋顶修好了。", True),
    ],
)
def test_what_is_said_of_several_days_answers_for_the_others_only_whether_it_is_so(
    question: str, text: str, answers: bool
) -> None:
    assert bool(told(question, [passage(text)])) is answers
