"""What is quoted is said of the thing that is asked about, and not of another in the same sentence."""

from __future__ import annotations

import pytest

from tests.agent.answering.passages import passage, told


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How tall is the tower?", "The fence around the tower is 2 metres high."),
        ("How tall is the tower?", "The door of the tower is 2 metres high."),
        ("How deep is the river?", "The bridge over the river is 12 metres long and 3 metres deep."),
        ("How big is the shop?", "The room above the shop has 40 square metres."),
        ("When does the library open?", "The café in front of the library opens at 9:00."),
        ("How high is the hotel?", "In front of the hotel stands a tree 14 metres high."),
        ("塔有多高？", "塔周围的栅栏高2米。"),
        ("城堡是哪一年建的？", "城堡对面的酒店是1962年建的。"),
        ("图书馆几点开门？", "图书馆门口的咖啡店9:00开门。"),
    ],
)
def test_what_only_tells_where_another_thing_is_is_not_what_is_spoken_of(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How much does a child pay?", "Adults pay 9 euros, a child needs an adult."),
        ("When did the mayor resign?", "In 2019 the treasurer resigned and the mayor stayed."),
        ("When did the mayor resign?", "The treasurer resigned and the mayor died in 2019."),
        ("How much does the sauna cost?", "The sauna is broken, the pool costs 5 euros."),
        ("Who painted the ceiling?", "The walls were painted by Ines Ott and the ceiling was left white."),
        ("儿童票多少钱？", "成人票9元，儿童须由成人陪同。"),
        ("市长何时辞职？", "2019年财务主管辞职，市长留任。"),
        ("桑拿多少钱？", "桑拿正在维修，泳池5元。"),
        ("主任是什么时候离开的？", "副主任2020年离开，主任仍在。"),
    ],
)
def test_what_a_clause_says_of_another_thing_is_no_answer(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How long is the tunnel?", "The tunnel is closed for two years."),
        ("How long is the lake?", "The lake was frozen for three weeks."),
        ("隧道有多长？", "隧道封闭两年。"),
        ("课程有多长时间？", "课程停办一年。"),
    ],
)
def test_how_long_something_is_done_with_a_thing_is_not_how_long_it_is(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How tall is the tower?", "The tower behind the church is 42 metres high."),
        ("How tall is the tower?", "The height of the tower is 42 metres."),
        ("How many rooms does the hotel have?", "There are 24 rooms in the hotel."),
        ("Who leads the choir?", "The leader of the choir is Ada Lund."),
        ("How much does a child pay?", "Adults pay 9 euros, a child 4 euros."),
        ("When did the mayor resign?", "In 2019 the mayor and the treasurer resigned."),
        ("When did the mayor resign?", "After the flood, in 2019, the mayor resigned."),
        ("When did the mayor resign?", "The mayor was elected in 2011, and resigned in 2019."),
        ("When did the pump fail?", "In March, when the cellar was flooded, the pump failed."),
        ("When was the bridge built?", "Built in 1958, the bridge carries 900 people a day."),
        ("When does the choir rehearse?", "The band rehearses on Mondays, the choir on Fridays."),
        ("What do adults pay for the card?", "The card is free for children; adults pay 8 pounds a year."),
        (
            "What does parking cost?",
            "The car park is at the gate; the first hour is free, every further hour costs 2 euros.",
        ),
        ("Until when is the path shut?", "The path between the mill and the church is shut until Monday."),
        ("How long is the film?", "The film lasts two hours."),
        ("How long is the guarantee?", "The guarantee on the saw is valid for two years."),
        ("How long is the library closed?", "The library is closed for two weeks."),
        ("塔有多高？", "教堂后面的塔高42米。"),
        ("塔有多高？", "塔的高度为42米。"),
        ("儿童票多少钱？", "成人票9元，儿童4元。"),
        ("市长何时辞职？", "市长2011年当选，2019年辞职。"),
        ("市长何时辞职？", "2019年，市长辞职，财务主管留任。"),
        ("滤网多久换一次？", "更换周期：滤芯6个月，滤网12个月。"),
        ("清真窗口在哪里？", "食堂在三号楼一层，清真窗口在最里侧。"),
        ("课程有多长时间？", "课程为期十周。"),
    ],
)
def test_what_is_said_of_the_thing_itself_answers(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text]
