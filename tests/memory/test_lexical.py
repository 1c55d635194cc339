"""Short texts ranked by the words that they share with a query."""

from __future__ import annotations

from memory.lexical import Lexical

TEXTS = (
    "create an issue in a repository",
    "send an email to somebody",
    "the weather forecast of a city",
    "删除文件 移除",
    "翻译一段文字",
)


def ranked(query: str, **also: float) -> list[int]:
    return [number for number, _ in Lexical([[(text, 1.0)] for text in TEXTS]).rank(query, also)]


def test_the_entry_that_shares_most_with_a_query_comes_first() -> None:
    assert ranked("please send mails and emails to Ana")[0] == 1
    assert ranked("what will the weather be")[0] == 2


def test_chinese_is_found_by_its_pairs_of_characters() -> None:
    assert ranked("请帮我翻译这封信")[0] == 4
    assert ranked("把旧文件删除掉")[0] == 3


def test_other_forms_of_a_word_count_too() -> None:
    assert ranked("forecasting for cities")[0] == 2


def test_words_handed_in_beside_the_query_are_looked_for_at_their_part() -> None:
    assert ranked("寄信给安娜") == []
    assert ranked("寄信给安娜", send=0.6) == [1]


def test_a_word_in_a_field_that_counts_more_beats_one_that_counts_less() -> None:
    index = Lexical([[("weather", 0.3), ("city", 3.0)], [("weather", 3.0), ("city", 0.3)]])
    assert [number for number, _ in index.rank("weather")] == [1, 0]


def test_nothing_is_found_by_common_words_or_in_nothing() -> None:
    assert ranked("the of and with") == []
    assert ranked("的 了 是") == []
    assert Lexical([]).rank("weather") == []
