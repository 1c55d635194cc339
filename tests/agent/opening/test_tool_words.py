"""Words that tools are looked for by beside those of a goal."""

from __future__ import annotations

from agent.opening.tool_words import translated


def test_chinese_words_are_looked_for_in_english() -> None:
    assert {"send", "email"} <= set(translated("给安娜发一封邮件"))


def test_of_a_longer_word_no_part_is_taken_by_itself() -> None:
    assert "table" in translated("画一张数据表")
    assert "spreadsheet" in translated("更新电子表格")
    assert "schema" not in translated("更新电子表格")


def test_english_words_are_looked_for_in_chinese_and_by_what_they_come_to() -> None:
    assert "翻译" in translated("Translate the letter")
    assert {"move", "delete"} <= set(translated("Tidy my notes"))
    assert not translated("Untidybits fixture")


def test_a_text_without_any_has_none() -> None:
    assert translated("") == {}
    assert translated("qwerty 犇犇") == {}
