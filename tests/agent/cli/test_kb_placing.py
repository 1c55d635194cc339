"""Where a passage stands, as it is told to whoever asks in Chinese."""

from __future__ import annotations

import pytest

from agent.cli.kb.placing import placed


@pytest.mark.parametrize(
    ("place", "chinese"),
    [
        ("lines 3-12", "第 3-12 行"),
        ("line 3", "第 3 行"),
        ("page 2", "第 2 页"),
        ("slide 4", "第 4 张幻灯片"),
        ("paragraphs 2-3", "第 2-3 段"),
        ("chapter 1", "第 1 章"),
        ('sheet "2024, rows", rows 41-60', "工作表“2024, rows”，第 41-60 行"),
        ('sheet "page 1"', "工作表“page 1”"),
        ("attachment", "attachment"),
    ],
)
def test_a_place_is_told_in_the_language_of_the_question(place: str, chinese: str) -> None:
    assert placed(place, chinese=True) == chinese
    assert placed(place, chinese=False) == place
