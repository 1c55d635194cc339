from __future__ import annotations

import pytest

from plugins._citing import Marks
from plugins._documents import Places
from plugins._sourcing import Source

PAGES = Marks(
    "\n".join(f"line {n}" for n in range(1, 101)), Places((1, 20, 40, 60), ("page 1", "page 2", "page 3", "page 4"))
)
SHEETS = Marks(
    "a\n\nb\n\nc",
    Places((1, 3, 5), ('sheet "2024, 甲", rows 1-7', 'sheet "2024, 甲", rows 8-9', 'sheet "B", rows 1-2')),
)
BOOK = "\n".join(f"{'## ' if n % 10 == 1 else ''}Line {n}" for n in range(1, 101))
LINES = Marks(BOOK, Places())


def checked(marks: Marks, text: str, first: int = 1, last: int = 100) -> str:
    return marks.checked(text, [(first, last)], list).text


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("It rose [page 3].", "It rose [page 3]."),
        ("It rose (page 3).", "It rose [page 3]."),
        ("It rose [p. 3; 4].", "It rose [pages 3-4]."),
        ("It rose [pp. 2–4]", "It rose [pages 2-4]"),
        ("It rose [Pages 2 and 4]", "It rose [pages 2, 4]"),
        ("It rose [see page 2]", "It rose [page 2]"),
        ("水位上升【第 3 页】。", "水位上升 [page 3]。"),
        ("水位上升（第2至3页）。", "水位上升 [pages 2-3]。"),
        ("It rose [page 2] and fell [page 4].", "It rose [page 2] and fell [page 4]."),
    ],
)
def test_citations_are_written_alike_however_the_model_wrote_them(written: str, told: str) -> None:
    assert checked(PAGES, written) == told


@pytest.mark.parametrize(
    "bracket", ["[12]", "(2024)", "[sic]", "(see the map)", "[page]", "(pages of the book)", "[3 boats]"]
)
def test_a_bracket_that_cites_no_place_stays_as_it_is(bracket: str) -> None:
    assert checked(PAGES, f"It rose {bracket} at page [page 1].") == f"It rose {bracket} at page [page 1]."


@pytest.mark.parametrize("written", ["[page 9]", "[line 3]", "[slide 1]", "(p. 0)"])
def test_a_citation_of_what_is_not_there_is_taken_out_and_counted(written: str) -> None:
    found = PAGES.checked(f"It rose {written}, then fell [page 2].", [(1, 100)], list)
    assert (found.text, found.unknown) == ("It rose, then fell [page 2].", 1)


def test_a_citation_of_what_was_not_shown_is_taken_out_too() -> None:
    assert checked(PAGES, "It rose [page 1]. It fell [page 3].", 20, 59) == "It rose. It fell [page 3]."
    assert checked(PAGES, "It rose [pages 1-9].", 20, 59) == "It rose [pages 2-3]."


def test_what_cites_nothing_gets_the_place_of_all_that_it_is_about() -> None:
    assert checked(PAGES, "It rose.", 20, 59) == "It rose. [pages 2-3]"
    assert checked(LINES, "It rose.", 7, 9) == "It rose. [lines 7-9]"
    assert checked(LINES, "It rose.") == "It rose.", "the whole text is no place"


def test_sheets_are_cited_by_their_names() -> None:
    first, last = 'sheet "2024, 甲", rows 1-7', 'sheet "B", rows 1-2'
    assert checked(SHEETS, f"Tea [{first}], wine [{last}; {first}].") == f"Tea [{first}], wine [{first}; {last}]."
    assert checked(SHEETS, "Tea [Sheet “2024, 甲”, rows 1-7].") == f"Tea [{first}]."
    assert checked(SHEETS, 'Tea [sheet "C", rows 1-7], wine [rows 4-9].') == "Tea, wine."
    assert SHEETS.mark((1, 4)) == '[sheet "2024, 甲", rows 1-7; sheet "2024, 甲", rows 8-9]'


def test_very_many_places_are_told_by_the_first_and_the_last() -> None:
    assert checked(LINES, f"All [lines {', '.join(str(n) for n in range(1, 60, 2))}].") == "All [lines 1-59]."


def test_lines_are_told_with_their_sections_at_the_end() -> None:
    assert LINES.with_sections("A [line 12]. B [lines 12-14, 35]. C [12].") == (
        "A [line 12, Line 11]. B [lines 12-14, 35, Line 11 to Line 31]. C [12]."
    )
    assert PAGES.with_sections("A [page 1].") == "A [page 1]."
    assert LINES.section(1) == "Line 1"
    assert Marks("# Only title\n\ntext", Places()).section(3) == ""


def test_a_line_without_a_place_gets_that_of_the_source_it_is_like() -> None:
    sources = [
        Source("The dam of Hollin broke at noon.", ((3, 4),)),
        Source("The mill ground nine sacks of rye.", ((12, 12),)),
    ]
    found = LINES.checked(
        "# Events\n- The dam of Hollin broke.\n- Rye: the mill ground nine sacks.\n- All is well.",
        [(1, 100)],
        lambda: sources,
    )
    assert found.text.split("\n") == [
        "# Events",
        "- The dam of Hollin broke. [lines 3-4]",
        "- Rye: the mill ground nine sacks. [line 12]",
        "- All is well.",
    ]
    assert found.spans == ((3, 4), (12, 12))


def test_the_sources_of_a_text_are_its_paragraphs_and_those_of_a_note_its_lines() -> None:
    assert [(one.text, one.spans) for one in LINES.sources("a\nb\n\nc", 5)] == [("a\nb", ((5, 6),)), ("c", ((8, 8),))]
    assert [one.spans for one in LINES.cited("- a [line 3]\n- b\n- c [lines 4-5, 9]")] == [((3, 3),), ((4, 5), (9, 9))]


def test_paragraphs_are_marked_and_not_each_line() -> None:
    long = "word " * 80
    assert LINES.marked(f"{long}\nsecond\n\nshort\n\nthird", 10) == (
        f"[line 10] {long}\nsecond\n\n[line 13] short\n\nthird"
    )
    assert PAGES.marked("a\n\nb", 39) == "[page 2]\na\n\n[page 3]\nb"
