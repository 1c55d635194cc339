"""A day that a question names is that of the sentence that answers it, however either is written."""

from __future__ import annotations

import pytest

from tests.agent.answering.passages import passages, told

LOG = "The wind was {} metres a second. Dug out the stairs. The wind vane of {} May was mended."
TABLE = """\
| day | level | keeper |
|---|---|---|
| 2026-02-01 | 1.2 m | Ott |
| 2026-02-02 | 1.4 m | Pohl |
| 2026-02-03 | 1.7 m | Kern |"""
PASSAGES = passages(
    *(("log.md", f"Log > {day} June 2025", LOG.format(day, day)) for day in range(11, 16)),
    *(("天气.md", f"天气记录 > 2026年3月{day}日", f"气温{day + 2}度，小雨。") for day in range(4, 7)),
    ("levels.md", "Readings", TABLE),
    ("notes/2026-03-20.md", "Notes", "The pump was started by Tomas."),
    ("minutes.md", "Minutes of 12 March", "The roof was discussed. On 2 April 2026 the roof was mended by Otis."),
    ("museum.md", "The museum", "Open Tuesday to Sunday, 10:00 to 17:30."),
)


SPELLINGS = ("15 June 2025", "2025-06-15", "June 15th, 2025", "15.06.2025", "2025/6/15", "the 15th of June", "June 15")


@pytest.mark.parametrize("day", SPELLINGS)
def test_the_heading_of_a_day_tells_the_day_of_its_sentences(day: str) -> None:
    assert told(f"What was the wind on {day}?", PASSAGES) == ["The wind was 15 metres a second."]


@pytest.mark.parametrize("day", ["3月5日", "2026年3月5日", "2026年03月05日", "2026-03-05"])
def test_so_it_does_in_chinese(day: str) -> None:
    assert told(f"{day}气温多少？", PASSAGES) == ["气温7度，小雨。"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What was the level on 2 February 2026?", "1.4 m"),
        ("Who was the keeper on Feb 3, 2026?", "Kern"),
        ("Who started the pump on 20 March 2026?", "Tomas"),
        ("Who mended the roof on 2026-04-02?", "Otis"),
        ("Is the museum open on Thursday, 4 June 2026?", "Open Tuesday to Sunday"),
        ("What was the wind on Sunday, 15 June 2025?", "15 metres"),
    ],
)
def test_a_row_a_sentence_and_a_files_name_tell_it_too(question: str, words: str) -> None:
    assert words in told(question, PASSAGES)[0]


@pytest.mark.parametrize(
    "question",
    [
        "What was the wind on 16 June 2025?",
        "What was the wind on 2024-06-15?",
        "What was the level on 9 February 2026?",
        "3月7日气温多少？",
        "Who started the pump on 21 March 2026?",
        "Who mended the roof on 12 March?",
        "Is the museum open on 25 December 2026?",
    ],
)
def test_what_is_said_of_another_day_answers_nothing(question: str) -> None:
    assert told(question, PASSAGES) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When does the quay close?", "The quay closes at nine."),
        ("What time does the quay close?", "The quay closes at nine in the evening."),
        ("When does the ferry leave?", "The ferry leaves at half past 7."),
        ("When does the office shut?", "The office shuts at noon."),
    ],
)
def test_an_hour_may_be_written_in_words(question: str, text: str) -> None:
    assert told(question, passages(("a.md", "", text))) == [text]


@pytest.mark.parametrize("text", ["The quay closes at nine bridges.", "The quay closes at two thirds of its length."])
def test_a_number_of_things_is_no_hour(text: str) -> None:
    assert told("What time does the quay close?", passages(("a.md", "", text))) == []
