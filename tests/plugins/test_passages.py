from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins._passages import blocks, headings, passages
from plugins._sentences import sentences
from plugins._weight import weigh


def split(text: str) -> list[str]:
    return [sentence for _, sentence in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith paid $3.50 to J. R. Doe. He left.", ["Dr. Smith paid $3.50 to J. R. Doe.", "He left."]),
        ("He waited... and came back! Why?", ["He waited... and came back!", "Why?"]),
        ("Am 3. Mai kam er an. Es regnete.", ["Am 3. Mai kam er an.", "Es regnete."]),
        ("你好。“再见！”他说。真的吗？是的", ["你好。", "“再见！”", "他说。", "真的吗？", "是的"]),
        ("今日は晴れ。明日は雨だ。", ["今日は晴れ。", "明日は雨だ。"]),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
        ("See e.g. this page. Fig. 3 shows it.", ["See e.g. this page.", "Fig. 3 shows it."]),
        ('"Stop." She turned (slowly.) Then ran.', ['"Stop."', "She turned (slowly.)", "Then ran."]),
        ("   ", []),
        ("no end at all", ["no end at all"]),
    ],
)
def test_sentences_end_where_their_script_says_so(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_sentence_knows_its_offset() -> None:
    text = "One.  Two. 三。四。"
    assert [text[offset : offset + len(words)] for offset, words in sentences(text)] == split(text)


MARKDOWN = """---
title: hidden
---
# Top

First line
goes on. **Bold** and [a link](http://x.test) and `code`.

Under
=====
- item one
  goes on
- item two
1. numbered

| a | b |
|---|---|
| 1 | 2 |

```python
x = 1
```
***
> quoted words
> of another

![picture](p.png)
[ref]: http://x.test

Lone line

第一行
第二行。
"""


def test_markdown_falls_into_its_blocks_with_their_lines() -> None:
    found = [(block.kind, block.text, block.line, block.level) for block in blocks(MARKDOWN)]
    assert found == [
        ("code", "--- title: hidden ---", 1, 0),
        ("heading", "Top", 4, 1),
        ("text", "First line goes on. Bold and a link and code.", 6, 0),
        ("heading", "Under", 9, 1),
        ("item", "item one goes on", 11, 0),
        ("item", "item two", 13, 0),
        ("item", "numbered", 14, 0),
        ("table", "| a | b | |---|---| | 1 | 2 |", 16, 0),
        ("code", "```python x = 1 ```", 20, 0),
        ("text", "quoted words of another", 24, 0),
        ("heading", "Lone line", 30, 6),
        ("text", "第一行第二行。", 32, 0),
    ]


def test_a_place_in_a_block_knows_its_line() -> None:
    (block,) = blocks("one two\nthree four\nfive six.")
    assert [block.line_at(block.text.index(word)) for word in ("one", "three", "four", "five")] == [1, 2, 2, 3]


def test_a_fence_that_is_never_closed_is_code_to_the_end() -> None:
    assert [block.kind for block in blocks("Words stand here.\n```\nx = 1\ny = 2\n")] == ["text", "code"]


def test_front_matter_that_is_never_closed_is_a_rule() -> None:
    assert [block.text for block in blocks("---\nThese words are a text, no front matter.\n")] == [
        "These words are a text, no front matter."
    ]


def test_windows_line_ends_make_no_difference() -> None:
    assert blocks(MARKDOWN.replace("\n", "\r\n")) == blocks(MARKDOWN)


def test_an_east_asian_character_weighs_two() -> None:
    assert (weigh("abc"), weigh("好的"), weigh("é"), weigh("한글")) == (3, 4, 1, 4)


@given(st.text(alphabet="ab 。.\n\r#你好，-|`\u2028", max_size=400), st.integers(2, 60))
@settings(max_examples=200, deadline=None)
def test_passages_joined_are_the_text_and_none_is_too_heavy(text: str, weight: int) -> None:
    found = passages(text, weight=weight)
    assert "".join(found) == (text if text.strip() else "")
    assert all(weigh(one) <= weight for one in found)


def test_passages_are_cut_at_headings_rather_than_within_a_section() -> None:
    section = "word " * 30 + "end.\n\n"
    text = f"# One\n{section}# Two\n{section}# Three\n{section}"
    assert [one.split("\n")[0] for one in passages(text, weight=200)] == ["# One", "# Two", "# Three"]


def test_a_long_paragraph_is_cut_after_a_sentence() -> None:
    text = "这是第一句话。" * 20
    found = passages(text, weight=50)
    assert all(one.endswith("。") for one in found)


def test_a_blank_text_has_no_passages() -> None:
    assert passages(" \n\n", weight=10) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a **b *c* d** e", "a b c d e"),
        ("x = 2 * 3 * 4 and snake_case_name", "x = 2 * 3 * 4 and snake_case_name"),
        ("_so_ __much__ ~~not~~ _open", "so much not _open"),
        ("see [the page](http://x.test/a_(b)) and [a][b]", "see the page and a"),
        ("[![a badge](b.svg?(c))](http://x.test) ![by][name] shown", "shown"),
        ("<!-- hidden -->shown ![p](q.png)[^1]<br>", "shown"),
        ("`one` and ``two``", "one and two"),
        ("-  spaced", "spaced"),
    ],
)
def test_inline_marks_are_left_out_and_nothing_else(line: str, words: str) -> None:
    assert blocks(line)[0].text == words


@pytest.mark.parametrize("line", ["| a |", "---|---", "|:-:|", "||"])
def test_a_row_of_a_table_is_no_sentence(line: str) -> None:
    assert [block.kind for block in blocks(line)] == ["table"]


@pytest.mark.parametrize("line", ["a | b", "--|", "| a", "---"])
def test_a_bar_alone_makes_no_table(line: str) -> None:
    assert "table" not in [block.kind for block in blocks(line)]


PARTS = (
    " ",
    "|",
    "---|",
    "-",
    "#",
    "*",
    "\n",
    "1",
    "中",
    "[",
    "<a",
    "<!--",
    "[a](",
    "[x](a(b)",
    "[x]((b)",
    "![x]((b)",
    "`",
    "`a",
    ".",
    "~~a",
)


@pytest.mark.parametrize(
    "part", [*PARTS, "*a ", "_a ", "- a\n", "```\n", "# h\nw. ", "http://", "\u3000", "?!", "=", "![a]("]
)
@pytest.mark.parametrize("frame", ["{}", "{}x", "x\n- {}", "|{}x"])
def test_no_text_takes_long(part: str, frame: str) -> None:
    text = frame.format(part * (200_000 // len(part)))
    began = time.perf_counter()
    blocks(text)
    sentences(text)
    passages(text, weight=6000)
    assert time.perf_counter() - began < 5


def test_the_headings_of_a_text_are_found_without_reading_the_rest() -> None:
    text = "# One #\n\ntext\n\n```\n# no heading\n```\n~~~\n## neither\n~~~\n ## Two *words*\n#no\n####### seven\n"
    assert headings(text) == [(1, 1, "One"), (11, 2, "Two words")]


def test_code_within_a_line_opens_no_block_and_entities_are_text() -> None:
    found = blocks("```(a note)``` The story goes on &amp; on.\n\nIt ends&nbsp;here.\n")
    assert [(one.kind, one.text) for one in found] == [
        ("text", "(a note) The story goes on & on."),
        ("text", "It ends here."),
    ]
