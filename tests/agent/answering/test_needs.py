"""Each word of a question is met, or what lacks it is no answer."""

from __future__ import annotations

import pytest

from agent.answering.naming import canonical, words_in
from agent.answering.needs import lacking, needs_of


def lacks(matter: str, text: str, *, doing: bool = False) -> list[str]:
    return lacking(*needs_of(matter), set(words_in(text)), canonical(text), doing=doing)


@pytest.mark.parametrize(
    ("matter", "text"),
    [
        ("teaching pool", "The pool is used for teaching."),
        ("vacation", "Holidays: 28 days."),
        ("teach soldering", "The teacher of soldering is Ines."),
        ("win", "The winner was Nadia."),
        ("line 5", "line: 5; every: 20 min"),
        ("season 2024/25", "season: 2024/25"),
        ("新体育馆", "新体育馆2024年启用。"),
        ("大会议室里", "大会议室有投影仪。"),
        ("橙色的灯", "电源指示灯橙色。"),
        ("带狗", "不得携带犬只，狗须牵绳，可带。"),
        ("滤芯换", "滤芯每年更换。"),
        ("高一(3)班", "高一3班在二楼"),
    ],
)
def test_a_word_is_met_by_its_forms_and_other_names(matter: str, text: str) -> None:
    assert lacks(canonical(matter), text, doing=True) == []


@pytest.mark.parametrize(
    ("matter", "text", "missing"),
    [
        ("teaching pool", "The main pool is warm.", ["teach"]),
        ("line 5", "line: 3; first: 5:40; last: 5.30", ["5"]),
        ("新体育馆", "旧体育馆建于1987年，新闻中心在旁边。", ["新"]),
        ("停车场", "开车前五分钟停止检票，场内禁烟。", ["停车场"]),
        ("学费", "午餐费每月320元，在校学生免费。", ["学费"]),
        ("今年游客", "去年游客三十六万，今日闭馆。", ["今"]),
    ],
)
def test_what_is_not_met_is_named(matter: str, text: str, missing: list[str]) -> None:
    assert lacks(matter, text) == missing


def test_words_that_say_little_are_asked_for_where_there_is_nothing_else() -> None:
    assert needs_of("club need") == (("club",), ())
    assert needs_of("need") == (("need",), ())
    assert needs_of("club need", all_of_it=True) == (("club", "need"), ())
    assert needs_of("年会举行") == ((), ("年会",))
