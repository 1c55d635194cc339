from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins import ToolError
from plugins._edit import line_end, replace


def missed(text: str, old: str) -> str:
    with pytest.raises(ToolError) as caught:
        replace(text, old, "new", everywhere=False, name="a.txt")
    return caught.value.message


def test_one_place_is_replaced_and_its_line_told() -> None:
    assert replace("a\nb\nc\n", "b", "x\ny", everywhere=False, name="a") == ("a\nx\ny\nc\n", [2])


def test_several_places_are_told_by_their_lines_and_nothing_is_changed() -> None:
    assert missed("b\na\nb b\n", "b") == "old is found 3 times in 'a.txt', at lines 1, 3, 3"


def test_every_place_is_replaced_where_that_is_wanted() -> None:
    assert replace("b\na\nb b\n", "b", "x", everywhere=True, name="a") == ("x\na\nx x\n", [1, 3, 3])


def test_line_ends_do_not_count_and_stay_as_they_were() -> None:
    text = "one\r\ntwo\r\nthree\nfour\r\n"
    assert replace(text, "one\ntwo", "1\n2", everywhere=False, name="a") == ("1\r\n2\r\nthree\nfour\r\n", [1])
    assert replace("a\nb\n", "a\r\nb", "c\r\nd", everywhere=False, name="a") == ("c\nd\n", [1])


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_one_line_end_never_stands_for_two(end: str) -> None:
    text = f"x = 1{end}y = 2{end}"
    assert "but for white space it stands at line 1" in missed(text, "x = 1\n\ny = 2")
    blank = f"x = 1{end}{end}y = 2{end}"
    assert replace(blank, "x = 1\n\ny = 2", "a\nb", everywhere=False, name="a") == (f"a{end}b{end}", [1])


@given(st.text("ab\r\n", max_size=30), st.text("ab\n", min_size=1, max_size=4))
def test_what_is_replaced_is_what_stands_there(text: str, old: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if old in plain:
        changed, lines = replace(text, old, "<>", everywhere=True, name="a")
        assert changed.replace("\r\n", "\n").replace("\r", "\n") == plain.replace(old, "<>")
        assert len(lines) == plain.count(old)
    else:
        missed(text, old)


def test_an_old_that_fits_at_places_that_overlap_is_not_found_once() -> None:
    assert missed("a\nb\na\nb\na\n", "a\nb\na") == "old is found 2 times in 'a.txt', at lines 1, 3"


def test_lines_are_told_as_they_are_read() -> None:
    assert replace("10%\r90%\rdone\nb\n", "b", "x", everywhere=False, name="a")[1] == [2]


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("a" + "\r\n" * 200_000 + "b", "a" + "\n" * 300_000 + "c"),
        ("\r" + "a" * 1_000_000, "a" * 5_000 + "b"),
        ("a" + "\u0301\u0316" * 100_000 + "\n", "A" + "\u0316\u0301" * 50_000),
        ("some line of text number\n" * 200_000, "some line of texx number"),
        (("ab" * 100 + "\n") * 20_000, "\n".join(["ba" * 100 + "c"] * 3)),
    ],
    ids=["line ends", "letters", "marks", "likenesses", "repeats"],
)
def test_no_text_takes_long(text: str, old: str) -> None:
    began = time.perf_counter()
    missed(text, old)
    assert time.perf_counter() - began < 10


def test_pattern_characters_are_plain_text() -> None:
    assert replace("f(x) = [a].*\n", "(x) = [a].*", r"\1", everywhere=False, name="a") == ("f\\1\n", [1])


@pytest.mark.parametrize(("text", "end"), [("a\nb", "\n"), ("a\r\nb\r\n", "\r\n"), ("a\rb\r", "\r"), ("", "\n")])
def test_the_usual_line_end_of_a_text_is_known(text: str, end: str) -> None:
    assert line_end(text) == end


def test_an_empty_old_and_one_that_changes_nothing_are_refused() -> None:
    assert "old is empty" in missed("a", "")
    with pytest.raises(ToolError, match="the same"):
        replace("a", "a", "a", everywhere=False, name="a")


def test_white_space_that_differs_is_named_with_its_line() -> None:
    told = missed("def f():\n\treturn 1\n\nx = 2\n", "def f():\n    return 1")
    assert told == (
        "old is not found in 'a.txt', but for white space it stands at line 1; "
        'line 2 reads "\\treturn 1", old has "    return 1"'
    )


def test_a_blank_line_more_is_white_space_as_well() -> None:
    assert "but for white space it stands at line 2" in missed("x\na = 1\n\nb = 2\n", "a = 1\nb = 2")


def test_letter_case_and_quotes_that_differ_are_named() -> None:
    told = missed("He said “Stop” at noon.\n", 'he said "stop" at noon.')
    assert "but for letter case, quotes or dashes it stands at line 1" in told


def test_the_nearest_place_is_shown_with_the_line_that_differs() -> None:
    text = "alpha = 1\nbeta = compute(alpha, 3)\ngamma = 5\n"
    told = missed(text, "alpha = 1\nbeta = compute(alpha, 4)")
    assert "the nearest is at line 1" in told
    assert 'line 2 reads "beta = compute(alpha, 3)", old has "beta = compute(alpha, 4)"' in told


def test_an_old_that_goes_beyond_the_end_of_the_file_is_told() -> None:
    told = missed("one line that is long enough\n", "one line that is long enough\nand another that is not there")
    assert 'the file ends at line 1, before "and another that is not there" of old' in told


def test_an_old_that_is_like_nothing_is_told_so() -> None:
    assert "nothing is like it" in missed("alpha\nbeta\n", "完全不同的内容")
    assert "nothing is like it" in missed("", "x")
    assert "nothing is like it" in missed("a\n", " \n ")


def test_a_complaint_is_one_line_however_long_the_text() -> None:
    told = missed("x" * 5_000 + "y\n", "x" * 5_000 + "z")
    assert "\n" not in told
    assert len(told) < 600
