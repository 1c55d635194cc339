from __future__ import annotations

import pytest

from agent.answering import Citation, Statement, check
from agent.answering.citations import stands_in
from agent.answering.figures import figures
from tests.agent.answering.passages import passages

BRIDGE = (
    "The footbridge was built in 1958, is 41 metres long\nand rests on **one pier** in the river.\n\n"
    "It cost 12,400 euros."
)
LIBRARY = "图书馆馆员林晓雯介绍了调查的结果。\n会议决定：屋顶由宏达建筑修缮，四月一日开工，费用为一万八千六百元。"
GIVEN = passages(("bridge.md", "", BRIDGE), ("图书馆.md", "", LIBRARY))


def claim(text: str, *citations: tuple[int, str]) -> Statement:
    return Statement(text=text, citations=tuple(Citation(number, quote) for number, quote in citations))


def checked(text: str, *citations: tuple[int, str], question: str = "") -> tuple[str, str]:
    """What becomes of one statement: its citations as they hold, and why it was left out."""
    answer = check([claim(text, *citations)], GIVEN, question=question)
    kept = "; ".join(f"{one.number}: {one.quote}" for each in answer.statements for one in each.citations)
    return kept, " ".join(one.reason for one in answer.left_out)


def test_a_statement_whose_words_stand_in_its_passage_is_kept() -> None:
    assert checked("It is 41 metres long.", (1, "is 41 metres long")) == ("1: is 41 metres long", "")


def test_an_invented_quote_is_caught() -> None:
    kept, why = checked("It is 50 metres long.", (1, "is 50 metres long"))
    assert kept == ""
    assert "do not stand in passage 1" in why
    assert "is 50 metres long" in why


@pytest.mark.parametrize("number", [0, 3, 99, -1])
def test_a_passage_that_was_not_given_is_caught_even_where_its_words_stand_in_another(number: int) -> None:
    kept, why = checked("It is 41 metres long.", (number, "is 41 metres long"))
    assert kept == ""
    assert f"passage {number}, which was not given" in why


def test_words_of_another_passage_are_cited_from_that_one() -> None:
    assert checked("It is long.", (2, "is 41 metres long"))[0] == "1: is 41 metres long"


def test_a_statement_that_is_itself_in_the_passage_needs_no_quote() -> None:
    assert checked("The footbridge was built in 1958.", (1, ""))[0] == "1: The footbridge was built in 1958."
    assert checked("The footbridge was built in 1959.", (1, ""))[0] == ""


def test_a_statement_without_a_quote_or_without_a_citation_is_left_out() -> None:
    assert "quotes no words" in checked("It is long.", (1, " "))[1]
    assert checked("It is long.") == ("", "it cites nothing")


@pytest.mark.parametrize("quote", ["the", "is", "in.", "in the", "one", "屋", "一", "……", "...", "1"])
def test_words_that_show_nothing_are_no_quote(quote: str) -> None:
    kept, why = checked("It is long.", (1, quote))
    assert (kept, bool(why)) == ("", True)


@pytest.mark.parametrize(("number", "quote"), [(1, "41"), (1, "pier"), (2, "屋顶")])
def test_a_short_quote_that_shows_something_is_one(number: int, quote: str) -> None:
    assert checked("It is so.", (number, quote)) == (f"{number}: {quote}", "")


def test_of_several_citations_the_sound_ones_are_kept() -> None:
    kept, why = checked("It is old.", (1, "built in 1958"), (2, "built in 1958 by monks"), (7, "one pier"))
    assert (kept, why) == ("1: built in 1958", "")


@pytest.mark.parametrize(
    "quote",
    [
        "is 41 metres long and rests on one pier",  # across a line break, without the marks of emphasis
        "  Rests on ONE pier ",
        "“built in 1958”",
        "built in 1958 … rests on one pier",
        "The footbridge [...] is 41 metres long",
        "built in 1958, is 41 metres long.",
    ],
)
def test_what_makes_no_difference_to_a_reader_makes_none(quote: str) -> None:
    assert stands_in(quote, BRIDGE)


@pytest.mark.parametrize(
    "quote",
    [
        "41 metres wide",
        "rests on one pier … built in 1958",  # not in this order
        "1 metres long",  # a part of 41
        "uilt in 1958",
        "cost 12",  # a part of 12,400
        "400 euros",
        "is not 41 metres long",
    ],
)
def test_what_does_not_stand_there_is_found_out(quote: str) -> None:
    assert not stands_in(quote, BRIDGE)


@pytest.mark.parametrize(
    "quote", ["屋顶由宏达建筑修缮", "结果。会议决定:屋顶由宏达建筑修缮", "调查的结果。 会议决定", "「四月一日开工」"]
)
def test_chinese_quotes_are_found_across_lines_and_in_any_width(quote: str) -> None:
    assert stands_in(quote, LIBRARY)


@pytest.mark.parametrize("quote", ["屋顶由江南修缮", "四月二日开工", "林晓雯决定"])
def test_invented_chinese_quotes_are_found_out(quote: str) -> None:
    assert not stands_in(quote, LIBRARY)


def test_a_row_of_a_table_is_quoted_with_its_bars_or_without() -> None:
    table = "| 项目 | 价格 |\n| --- | --- |\n| 屋顶 | 186,000 |"
    assert stands_in("| 屋顶 | 186,000 |", table)
    assert stands_in("屋顶 186,000", table)
    assert not stands_in("屋顶 | 86,000", table)


def unfounded(text: str, quote: str, number: int, question: str = "") -> tuple[str, ...]:
    answer = check([claim(text, (number, quote))], GIVEN, question=question)
    return answer.statements[0].unfounded


def test_a_figure_that_no_cited_passage_has_is_marked() -> None:
    assert unfounded("It is 410 metres long.", "is 41 metres long", 1) == ("410",)
    assert unfounded("It is 41 metres long and cost 12400 euros.", "is 41 metres long", 1) == ()
    assert unfounded("费用为18600元。", "屋顶由宏达建筑修缮", 2) == ()
    assert unfounded("费用为19600元。", "屋顶由宏达建筑修缮", 2) == ("19600",)
    assert unfounded("In 2031 it is old.", "built in 1958", 1, question="And in 2031?") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12,400 and 12 400 and 12'400", ["12400"]),
        ("4.50 or 4,5", ["4.5"]),
        ("０４５ of 007", ["45"]),
        ("三百六十一份，两万四千五百元，二〇二六年", ["361", "24500", "2026"]),
        ("十亿零五百", ["1000000500"]),
        ("一个，十二本，twenty, 20", []),
        ("9 and 20 and 21 and 0100 and 20.5", ["21", "100", "20.5"]),
        ("٤٢ is 42", ["42"]),
        (f"00{'7' * 5_000} is a number too", ["7" * 5_000]),
    ],
)
def test_figures_are_compared_by_what_they_say(text: str, expected: list[str]) -> None:
    assert figures(text) == expected
