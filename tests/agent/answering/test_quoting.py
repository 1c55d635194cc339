from __future__ import annotations

import pytest

from agent.answering import quote
from agent.answering.citations import stands_in
from tests.agent.answering.passages import passages, told

SURVEY = """\
The footbridge crosses the Tarn between Mill Lane and the school. It was built in 1958, is 41 metres long
and 2.1 metres wide. About 900 people cross it on a school day."""
COSTS = """\
| work | Brandt Hydraulics | Tarn Valley Builders |
|---|---|---|
| pier | 148,000 | 131,500 |
| handrail | 23,600 | 25,200 |

Tarn Valley Builders has never worked under water."""
MINUTES = """\
主持：社区主任周敏。记录：何佳。到会居民八十三人。

会议决定：屋顶由宏达建筑修缮，四月一日开工。
会议决定：晚间开放从五月起试行，每周三和周五延长到九点。"""
PRICES = """\
| 项目 | 宏达建筑 | 江南修缮 |
|---|---|---|
| 屋顶防水 | 186,000 | 172,000 |
| 电梯 | 310,000 | 295,000 |"""
SHEET = "| row | A | B |\n| --- | --- | --- |\n| 1 | month | school, kWh |\n| 6 | May | 2871 |\n| 7 | June | 3012 |"
PASSAGES = passages(
    ("bridge/survey.md", "Condition of the Hollin footbridge > The bridge", SURVEY),
    ("bridge/costs.md", "Costs > Quotations", COSTS),
    ("图书馆/会议记录.md", "社区会议记录", MINUTES),
    ("图书馆/费用.md", "修缮费用", PRICES),
    ("hall/yield.xlsx", "", SHEET),
)


@pytest.mark.parametrize(
    ("question", "words", "number"),
    [
        ("How long is the footbridge?", "41 metres", 1),
        ("When was the footbridge built?", "1958", 1),
        ("How much does Brandt Hydraulics want for the handrail?", "Brandt Hydraulics: 23,600", 2),
        ("How many kWh did the school have in June?", "3012", 5),
        ("谁主持了会议？", "周敏", 3),
        ("屋顶由哪家公司修缮？", "宏达建筑", 3),
        ("晚间开放延长到几点？", "九点", 3),
        ("江南修缮的电梯报价是多少？", "江南修缮: 295,000", 4),
        ("到会居民有多少人？", "八十三人", 3),
    ],
)
def test_a_question_is_answered_by_the_sentence_that_says_it(question: str, words: str, number: int) -> None:
    best = quote(question, PASSAGES).statements[0]
    assert words in best.text
    assert [one.number for one in best.citations] == [number]
    assert stands_in(best.citations[0].quote, PASSAGES[number - 1].text)


@pytest.mark.parametrize(
    "question",
    [
        "Who painted the town hall?",
        "What is the wifi password?",
        "When does the swimming pool open?",
        "How tall is the lighthouse?",
        "图书馆的电话号码是多少？",
        "停车场有多少个车位？",
        "周敏的丈夫是谁？",
        "火车票多少钱？",
        "?",
        "什么？",
    ],
)
def test_what_the_passages_do_not_say_is_not_answered(question: str) -> None:
    assert told(question, PASSAGES) == []


def test_without_passages_nothing_is_answered() -> None:
    assert told("How long is the footbridge?", []) == []


def test_a_number_of_other_things_is_no_answer_to_how_many() -> None:
    assert told("到会居民有多少条？", PASSAGES) == []
