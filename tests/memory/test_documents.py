from __future__ import annotations

import re
import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.documents import Passage, passages, place_passages


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
    assert texts(passages("今天天气很好。我们去公园吧！「好的。」他说。", size=24)) == [
        "今天天气很好。",
        "我们去公园吧！「好的。」",
        "他说。",
    ]
    assert texts(passages("東京は大きい。京都は古い。", size=16)) == ["東京は大きい。", "京都は古い。"]


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
    assert passages("\n \n \t\n") == []


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


def test_a_heading_with_nothing_below_it_is_a_passage_so_that_its_words_are_found() -> None:
    found = passages("# Top\n## First\n## Second\ntext\n# End\n")
    assert [(one.heading, one.text, one.start_line) for one in found] == [
        ("Top", "## First", 2),
        ("Top > Second", "text", 4),
        ("", "# End", 5),
    ]


def test_a_line_of_source_code_that_begins_with_a_hash_is_no_heading() -> None:
    found = passages("# a comment\nx = 1\n# another\ny = 2\n", headings=False)
    assert [(one.heading, one.text) for one in found] == [("", "# a comment\nx = 1\n# another\ny = 2")]


def test_east_asian_characters_count_twice_so_that_a_passage_says_about_as_much() -> None:
    assert max(len(one.text) for one in passages("春眠不觉晓。" * 100, size=100)) == 48
    assert [len(one.text) for one in passages("春" * 60, size=40)] == [20, 20, 20]  # no sentence, no space


def test_a_long_chinese_sentence_is_cut_behind_its_clauses() -> None:
    assert texts(passages("天色渐渐暗了下来，街上的灯一盏盏亮起，人们往家里走", size=26)) == [
        "天色渐渐暗了下来，",
        "街上的灯一盏盏亮起，",
        "人们往家里走",
    ]


def test_every_passage_of_a_long_table_has_the_header_again() -> None:
    rows = [f"| {number} | the name of the item numbered {number} |" for number in range(1, 21)]
    table = ["Before the table.", "", "| id | name |", "| --- | --- |", *rows, "", "After it."]
    found = passages("\n".join(table), size=200)
    assert len(found) > 4
    assert all(len(one.text) <= 200 for one in found)
    assert [one.text.count("| id | name |") for one in found if "| the name" in one.text] == [1] * len(found)
    assert [line for one in found for line in one.text.split("\n") if line.startswith("| ") and line in rows] == rows
    assert (found[1].start_line, found[1].text.split("\n")[2]) == (found[0].end_line + 1, table[found[0].end_line])


def test_a_header_that_leaves_no_room_for_rows_is_not_repeated() -> None:
    header = "| " + " | ".join(["a very long name of a column"] * 4) + " |"
    found = passages("\n".join([header, "| --- | --- | --- | --- |", *["| 1 | 2 | 3 | 4 |"] * 20]), size=120)
    assert all(len(one.text) <= 120 for one in found)
    assert sum("| 1 | 2 |" in one.text for one in found) > 1
    assert sum("a very long" in one.text for one in found) < len(found)


def places(found: Iterable[Passage]) -> list[tuple[str, str, str]]:
    return [(one.place, one.heading, one.text) for one in found]


def test_passages_of_a_text_are_cited_by_its_lines_counted_through_all_of_its_parts() -> None:
    parts = [("line 1", "# A\nfirst"), ("line 3", "# B\nsecond\nthird")]
    assert places(place_passages(parts, marked=False)) == [
        ("line 2", "A", "first"),
        ("lines 4-5", "B", "second\nthird"),
    ]


def test_passages_of_what_a_text_was_made_of_are_cited_by_the_paragraphs_below_their_heading() -> None:
    text = "Before.\n\n# A\n\nfirst\n\nsecond\n\n## B\n\none\ntwo\n\n# C"
    assert places(place_passages([("line 1", text)], marked=False, lined=False)) == [
        ("paragraph 1", "", "Before."),
        ("paragraphs 1-2", "A", "first\n\nsecond"),
        ("paragraph 1", "A > B", "one\ntwo"),
        ("paragraph 1", "", "# C"),
    ]
    long = "\n\n".join(["First.", "A sentence. " * 10, "Last."])
    cut = [one.place for one in place_passages([("line 1", long)], marked=False, lined=False, size=60)]
    assert cut == ["paragraphs 1-2", "paragraph 2", "paragraphs 2-3"]


def test_passages_of_pages_are_cited_by_their_page_and_cross_none() -> None:
    parts = [("page 1", "# One\nfirst page"), ("page 3", "third page")]
    assert places(place_passages(parts, marked=True)) == [
        ("page 1", "One", "first page"),
        ("page 3", "", "third page"),  # a heading of another page may be of another matter
    ]


def test_a_chapters_and_a_notebooks_headings_hold_on_into_the_next_one() -> None:
    parts = [("cell 1", "# Costs\nAbout money."), ("cell 2", "sum = 42")]
    assert places(place_passages(parts, marked=True))[1] == ("cell 2", "Costs", "sum = 42")


def test_rows_of_a_sheet_are_cited_by_their_own_numbers_and_keep_the_row_that_names_the_columns() -> None:
    head = "| row | A | B |\n| --- | --- | --- |\n"
    first = head + "| 1 | Name | Born in |\n" + "\n".join(f"| {n} | Person {n} | {1900 + n} |" for n in range(2, 41))
    later = head + "\n".join(f"| {n} | Person {n} | {1900 + n} |" for n in range(41, 61))
    parts = [('sheet "2024", rows 1-40', first), ('sheet "2024", rows 41-60', later)]
    found = list(place_passages(parts, marked=True, size=400))
    assert all(len(one.text) <= 400 for one in found)
    assert all(one.text.startswith(head + "| 1 | Name | Born in |\n") for one in found)
    spans = [re.fullmatch(r'sheet "2024", rows (\d+)-(\d+)', one.place) for one in found]
    numbers = [(int(span[1]), int(span[2])) for span in spans if span]
    assert len(numbers) == len(found) > 4
    assert numbers[0][0] == 1
    assert [low for low, _ in numbers[1:]] == [high + 1 for _, high in numbers[:-1]]
    assert numbers[-1][1] == 60


def test_a_first_row_of_figures_names_no_columns() -> None:
    sheet = "| row | A | B |\n| --- | --- | --- |\n" + "\n".join(f"| {n} | {n * 7} | 12,5 % |" for n in range(1, 60))
    found = list(place_passages([('sheet "x", rows 1-59', sheet)], marked=True, size=300))
    assert len(found) > 2
    assert all("| 1 | 7 |" not in one.text for one in found[1:])


@pytest.mark.parametrize(
    "text",
    [
        "# Report" + " " * 60_000 + "end",
        "| row | A | B |\n| --- | --- | --- |\n| 1 | a | " + "1" * 60_000 + "x |\n| 2 | b | c |",
    ],
    ids=["a padded heading", "a cell of digits"],
)
def test_a_text_that_repeats_one_thing_without_end_is_cut_soon(text: str) -> None:
    begun = time.monotonic()
    found = list(place_passages([('sheet "A", rows 1-2', text)], marked=True))
    assert found
    assert time.monotonic() - begun < 4.0


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("## A b ##  ", "A b"),
        ("# C#", "C#"),
        ("# A #", "A"),
        ("# #", "#"),
        ("#  \t A\t#\t", "A"),
        ("   # A", "A"),
        ("    # A", ""),
        ("#   ", ""),
    ],
)
def test_a_heading_is_what_stands_between_its_marks(line: str, heading: str) -> None:
    assert [one.heading for one in passages(f"{line}\ntext")] == [heading]


def test_a_line_that_is_too_long_for_a_heading_is_text_so_that_no_word_of_it_is_lost() -> None:
    assert [one.heading for one in passages(f"# {'a ' * 199}b\ntext")] == [f"{'a ' * 199}b"]
    found = passages(f"# {'a ' * 400}zebra\ntext", size=500)
    assert {one.heading for one in found} == {""}
    assert "zebra" in found[-1].text
