"""Lengths, forms and titles that a goal asks the offline model for: kept to, or said not to be."""

from __future__ import annotations

import pytest

from agent.model.offline.extents import Extent, beyond, extent_of, says_only_a_length, without_lengths, without_measure
from agent.model.offline.literals import literal_of, title_of
from agent.model.offline.marks import mark
from agent.model.offline.targets import target_of
from tests.offline_desk import Desk, told

TEXT = (
    "Anna Miller keeps bees at Old Farm.\nThere are 14 hives behind the barn.\nEach jar of honey costs 7 euros.\n"
    "Mites weaken the bees in winter.\nUlm has a market on Sundays.\n"
)


def run(goal: str) -> tuple[Desk, str, bool]:
    desk = Desk({"bees.txt": TEXT, "资料.md": "蜂箱有十四个。蜂蜜七欧元一瓶。冬天有螨虫。市场在乌尔姆。\n"})
    last = desk.run(goal)[-1]
    return desk, str(last.arguments["answer"]), bool(last.arguments["reached"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in three sentences", Extent(sentences=3)),
        ("in one line", Extent(sentences=1)),
        ("in a single sentence", Extent(sentences=1)),
        ("one sentence each", Extent(sentences=1, each=True)),
        ("a two-sentence summary", Extent(sentences=2)),
        ("five key points", Extent(sentences=5)),
        ("the first 3 lines", Extent()),
        ("at most 50 words", Extent(most=50)),
        ("in 50 words", Extent(most=50)),
        ("at least 200 words", Extent(least=200)),
        ("200 words or more", Extent(least=200)),
        ("no more than 80 characters", Extent(most=80, letters=True)),
        ("用三句话总结", Extent(sentences=3)),
        ("列出十二条要点", Extent(sentences=12)),
        ("不超过100字", Extent(most=100)),
        ("用一百二十字总结", Extent(most=120)),
        ("不少于300字", Extent(least=300)),
        ("短一点", Extent()),
    ],
)
def test_a_length_is_read_in_words_and_figures(text: str, expected: Extent) -> None:
    assert extent_of(text) == expected


def test_a_summary_has_as_many_sentences_as_were_asked_for() -> None:
    for goal, count in (("Summarise bees.txt in two sentences", 2), ("Summarise bees.txt in one line", 1)):
        _, answer, reached = run(goal)
        assert sum(line in answer for line in TEXT.split("\n") if line) == count
        assert reached
    _, answer, _ = run("用三句话总结 资料.md")
    assert answer.count("\n- ") - answer.split("已完成", 1)[1].count("\n- ") == 3


def test_a_length_holds_for_the_file_that_the_summary_is_written_to() -> None:
    for goal in (
        "Summarise bees.txt in two sentences and save it to out.md",
        "Give me a two-sentence summary of bees.txt and save it to out.md",
        "Summarise bees.txt into out.md. Keep it to two sentences.",
    ):
        desk, _, reached = run(goal)
        assert sum(line in desk.files["out.md"] for line in TEXT.split("\n") if line) == 2, goal
        assert reached, goal


def test_a_file_is_no_longer_than_was_asked_for() -> None:
    desk, _, reached = run("Summarise bees.txt into out.md in at most 12 words")
    assert 0 < len(desk.files["out.md"].split()) <= 12
    assert reached
    desk, _, _ = run("把 资料.md 总结成不超过10个字，保存到 out.md")
    assert 0 < len(desk.files["out.md"].strip()) <= 10


def test_a_length_that_cannot_be_kept_to_is_said() -> None:
    _, answer, reached = run("Summarise bees.txt in at most 3 words")
    assert "even the shortest sentence that was found is longer than 3" in answer
    assert not reached
    _, answer, _ = run("Summarise bees.txt in nine sentences")
    assert "only 5 of 9 sentences were found" in answer


def test_each_document_gets_its_sentence() -> None:
    desk = Desk({"a.md": TEXT, "b.md": "Tea is hot.\nIce is cold.\n"})
    answer = str(desk.run("Summarise a.md and b.md in one sentence each")[-1].arguments["answer"])
    assert answer.split("Done")[0].count("\n- ") == 2


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("in the style of a pirate", "in the style of a pirate"),
        ("in two paragraphs", "two paragraphs"),
        ("for a five-year-old", "for a five-year-old"),
        ("用通俗的语言总结", "用通俗的语言"),
        ("in docs/a.md", ""),
    ],
)
def test_a_form_that_rules_cannot_give_is_known(text: str, form: str) -> None:
    assert beyond(text) == form


def test_a_form_that_rules_cannot_give_is_said_and_not_reached() -> None:
    _, answer, reached = run("Summarise bees.txt in the style of a pirate")
    assert "“in the style of a pirate”: the rule-based model quotes sentences as they stand" in answer
    assert not reached


def test_a_length_is_no_topic_and_no_sub_goal() -> None:
    assert says_only_a_length("Keep it under 50 words")
    assert says_only_a_length("不超过100字")
    assert not says_only_a_length("Write 50 words about bees")
    assert without_lengths("总结成不超过10个字").strip() == "总结成"
    assert without_measure("Give me a short two-sentence summary of a.md") == "Give me a short summary of a.md"


@pytest.mark.parametrize(
    ("goal", "title"),
    [
        ('Write a summary of bees.txt titled "My report: money" to r.md', "# My report: money\n"),
        ('Write a report called "My report: money" about bees.txt to r.md', "# My report: money\n"),
        ('Save the title "Bees" and a summary of bees.txt to r.md', "# Bees\n"),
        ('Write a summary of bees.txt to r.md with "My report: money" as the title', "# My report: money\n"),
        ("Write a summary of bees.txt to r.md with the title My report: money", "# My report: money\n"),
        ("总结 bees.txt 写到 r.md，标题为“我的报告：钱”", "# 我的报告：钱\n"),
    ],
)
def test_a_title_stands_above_the_text_and_is_not_the_text(goal: str, title: str) -> None:
    desk, _, reached = run(goal)
    assert desk.files["r.md"].startswith(title)
    assert "There are 14 hives behind the barn." in desk.files["r.md"]
    assert reached


def test_words_in_quotes_are_written_whole_with_their_colon() -> None:
    desk, _, reached = run('Write "My report: money" to r.md')
    assert (desk.files["r.md"], reached) == ("My report: money", True)
    marked = mark('Write "a: b" to r.md')
    assert literal_of(marked, target_of(marked)) == "a: b"
    assert title_of(marked, "my-r.md", "tea: green") == "My r"


def test_words_with_a_colon_but_without_quotes_are_not_guessed() -> None:
    desk, answer, reached = run("Write My report: money to r.md")
    assert "no rule tells how to write “My report: money”" in answer
    assert "r.md" not in desk.files
    assert not reached


def test_documents_are_combined_whole_or_not_at_all() -> None:
    desk, _, _ = run("Combine bees.txt and 资料.md into all.txt")
    assert desk.files["all.txt"] == TEXT + "\n" + desk.files["资料.md"]
    desk = Desk({"a.md": "x"}, answers={"read_file": "x\n[lines 1-2 of 9; go on with start_line=3]"})
    calls = desk.run("Copy a.md to b.md")
    assert "b.md" not in desk.files
    assert "a.md is not shown whole" in str(calls[-1].arguments["answer"])
    assert told(calls)[-1] == "not reached"
