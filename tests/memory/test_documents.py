from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.documents import Passage, passages


def texts(found: list[Passage]) -> list[str]:
    return [passage.text for passage in found]


def test_a_short_text_is_one_passage_with_its_lines() -> None:
    assert passages("\n\nOne line.\nAnother.\n\n") == [
        Passage(text="One line.\nAnother.", start_line=3, end_line=4, heading="")
    ]


def test_paragraphs_that_fit_together_stay_together_and_keep_the_gap_between_them() -> None:
    text = "One.\n\n\n\nTwo.\n\nThree is longer."
    assert texts(passages(text, size=20)) == ["One.\n\nTwo.", "Three is longer."]


def test_no_passage_crosses_a_heading_and_each_names_the_headings_above_it() -> None:
    found = passages("before\n# Setup\nfirst\n## Linux ##\nsecond\n# Use\nthird\n")
    assert [(one.heading, one.text, one.start_line) for one in found] == [
        ("", "before", 1),
        ("Setup", "first", 3),
        ("Setup > Linux", "second", 5),
        ("Use", "third", 7),
    ]


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_a_comment_in_fenced_code_is_no_heading(fence: str) -> None:
    found = passages(f"# A\n{fence}sh\n# a comment\n~~~\nls\n{fence}\nafter\n# B\nend")
    assert [(one.heading, one.text.count("# a comment")) for one in found] == [("A", 1), ("B", 0)]


def test_a_hash_without_a_space_is_no_heading() -> None:
    assert texts(passages("#hashtag\ntext")) == ["#hashtag\ntext"]


def test_a_long_paragraph_is_cut_behind_sentences() -> None:
    text = 'He said "stop!" Then he went. Nobody knows where he is now.'
    assert texts(passages(text, size=32)) == ['He said "stop!" Then he went.', "Nobody knows where he is now."]


def test_chinese_and_japanese_sentences_are_cut_without_a_space_behind_them() -> None:
    assert texts(passages("今天天气很好。我们去公园吧！「好的。」他说。", size=12)) == [
        "今天天气很好。",
        "我们去公园吧！「好的。」",
        "他说。",
    ]
    assert texts(passages("東京は大きい。京都は古い。", size=8)) == ["東京は大きい。", "京都は古い。"]


def test_a_word_is_cut_only_where_it_alone_is_too_long() -> None:
    assert texts(passages("short " + "x" * 25 + " end", size=10)) == ["short", "x" * 10, "x" * 10, "xxxxx end"]


def test_lines_are_counted_as_editors_count_them() -> None:
    found = passages("a\r\nb\r\n\r\nc\rd\n\ne\u2028f\x0cg\nh", size=3)
    assert (found[0].start_line, found[0].end_line) == (1, 2)
    assert found[-1].text == "h"
    assert found[-1].end_line == 8


def test_a_byte_order_mark_does_not_hide_the_first_heading() -> None:
    assert passages("\ufeff# Top\ntext")[0].heading == "Top"


def test_an_overlap_repeats_whole_pieces_of_the_passage_before() -> None:
    assert texts(passages("Aaaa.\n\nBbbb.\n\nCccc.\n\nDddd.", size=16, overlap=6)) == [
        "Aaaa.\n\nBbbb.",
        "Bbbb.\n\nCccc.",
        "Cccc.\n\nDddd.",
    ]


def test_an_overlap_does_not_reach_over_a_heading() -> None:
    assert texts(passages("Aaaa.\n# H\nBbbb.", size=20, overlap=10)) == ["Aaaa.", "Bbbb."]


def test_an_overlap_that_leaves_no_room_is_left_out() -> None:
    assert texts(passages("Aaa.\n\n" + "b" * 18, size=20, overlap=8)) == ["Aaa.", "b" * 18]


def test_an_empty_text_has_no_passages() -> None:
    assert passages("") == []
    assert passages("\n \n# only a heading\n") == []


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (10, 6), (10, -1)])
def test_sizes_that_make_no_sense_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        passages("text", size=size, overlap=overlap)


@given(st.text(alphabet="ab .。!\n#`你好\u0301", max_size=300), st.integers(1, 40))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, size: int) -> None:
    found = passages(text, size=size)
    assert all(0 < len(one.text) <= size for one in found)
    assert all(one.start_line <= one.end_line for one in found)
    kept = "".join("".join(one.text.split()) for one in found)
    headings = [line for line in text.split("\n") if line.lstrip(" ").startswith("#")]
    whole = "".join(text.split())
    # Where no line can be a heading, every character but white space is there, in order.
    assert headings or kept == whole
