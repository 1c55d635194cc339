"""Foreign text on its way to a terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.terminal import json_line, neutral, plain

HOSTILE = {
    "a colour": "\x1b[31mred\x1b[0m",
    "a link": "\x1b]8;;http://evil.test\x07click\x1b]8;;\x07",
    "an 8-bit sequence": "\x9b31mred",
    "a bell": "\x07",
    "a backspace": "safe\x08\x08\x08\x08evil",
    "a carriage return": "safe\revil",
    "a turned text": "\u202etxt.exe",
    "an isolate": "\u2066abc\u2069",
    "hidden tags": "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all"),
    "a blank of no width": "pass\u200bword",
    "a soft hyphen": "pass\u00adword",
    "a filler": "\u3164",
    "a mark of byte order": "\ufeff",
    "half a pair": "\ud800",
    "a line separator": "one\u2028two",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_could_harm_is_shown_as_an_escape(text: str) -> None:
    for shown in (neutral(text), plain(text)):
        assert "\\" in shown
        assert all(letter.isprintable() or letter in "\n\t" for letter in shown)


@pytest.mark.parametrize(
    "text",
    [
        "报告：已完成，共 3 页。",
        "日本語とかな",
        "한국어",
        "👩‍👩‍👧 ✅ 🇨🇳",
        "naïve café",
        "می‌خواهم",
        "क्षत्रिय",
        "a\tb\nc",
        "[bold]not markup[/bold]",
    ],
)
def test_ordinary_text_of_any_language_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


def test_a_text_in_one_line_shows_where_its_lines_ended() -> None:
    assert plain("one\r\ntwo\nthree\tfour") == "one\\ntwo\\nthree four"


def test_every_escape_names_its_character() -> None:
    assert neutral("\x1b\r\u202e\U000e0041") == "\\x1b\\r\\u202e\\U000e0041"


@given(st.text())
def test_whatever_comes_in_no_control_comes_out(text: str) -> None:
    shown = plain(text)
    assert not any(
        ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 or 0xD800 <= ord(letter) < 0xE000 for letter in shown
    )


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_json_in_one_line_is_harmless_and_reads_back_as_the_same_value(value: object) -> None:
    line = json_line(value)
    assert plain(line) == line
    assert json.loads(line) == value


def test_json_keeps_chinese_readable() -> None:
    assert json_line({"名": "值\u202e"}) == '{"名": "值\\u202e"}'
