"""JSON for programs, which may be looked at in a terminal."""

from __future__ import annotations

import json

import pytest

from agent.cli.tables import as_json, table, width, within

HOSTILE = "\x1b[2J\x9b31m\x7f\u202etxt.exe\U000e0041\ud800 \u2028é 潮汐\n\t"


def test_json_that_holds_harmful_characters_reads_back_as_the_same_value_and_shows_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    value = {HOSTILE: [HOSTILE, {"plain": '潮汐 \\ " / é'}], "n": 1.5, "none": None}
    as_json(value)
    shown = capsys.readouterr().out
    assert json.loads(shown) == value
    assert not any(raw in shown for raw in "\x1b\x9b\x7f\u202e\U000e0041\ud800\u2028")
    assert "潮汐" in shown
    assert "\\u009b31m\\u007f\\u202etxt.exe" in shown
    assert '\n  "n": 1.5,\n' in shown


def test_columns_of_wide_characters_stand_below_each_other_and_are_cut_by_their_width(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table([["潮汐" * 20, "x"], ["é👩‍👩‍👧", "y"]], most=11)
    first, second = capsys.readouterr().out.splitlines()
    assert first == "潮汐潮汐潮…  x"
    assert width(first) == width(second) == 14
    assert within("abc", 3) == "abc"
    assert within("潮汐", 3) == "潮…"
    assert within("潮汐", 1) == "…"
