"""Corrections: which of the user's sentences hold beyond the run."""

from __future__ import annotations

import pytest

from agent.learning.corrections import LONGEST, MOST, lasting


@pytest.mark.parametrize(
    ("said", "kind", "everywhere"),
    [
        ("Always use metric units.", "preference", True),
        ("No, never write in the first person.", "preference", True),
        ("You should always cite a source.", "preference", True),
        ("Don't ever post without asking.", "preference", True),
        ("From now on answer in German.", "preference", True),
        ("I prefer short answers", "preference", True),
        ("Next time please ask before you delete a file.", "preference", True),
        ("In this project always run ruff first!", "preference", False),
        ("Never touch docs/plan.md", "preference", False),
        ("Use pnpm instead of npm.", "fact", False),
        ("use tabs, not spaces", "fact", False),
        ("The port is 9090, not 8080.", "fact", False),
        ("以后都用中文回答。", "preference", True),
        ("永远不要改动主分支", "preference", True),
        ("我更喜欢简短的回答", "preference", True),
        ("下次请先问我再删除文件", "preference", True),
        ("不要使用缩写。", "preference", False),
        ("不要用npm，用pnpm", "fact", False),
        ("端口应该是9090，而不是8080", "fact", False),
    ],
)
def test_a_sentence_that_is_meant_to_last_is_taken_down_as_it_was_said(said: str, kind: str, everywhere: bool) -> None:
    (one,) = lasting(said)
    assert (one.text, one.kind, one.everywhere) == (said, kind, everywhere)


@pytest.mark.parametrize(
    ("said", "text", "kind"),
    [
        ("Remember that my name is Bob", "my name is Bob", "preference"),
        ("Please remember: the staging server is db2.", "the staging server is db2.", "fact"),
        ("记住：我的生日是五月三日", "我的生日是五月三日", "preference"),
        ("请记住服务器地址是db2.example.org", "服务器地址是db2.example.org", "fact"),
    ],
)
def test_what_is_to_be_remembered_is_taken_down_without_the_asking(said: str, text: str, kind: str) -> None:
    assert [(one.text, one.kind) for one in lasting(said)] == [(text, kind)]


@pytest.mark.parametrize(
    "said",
    [
        *("it never works", "It is always raining", "That's wrong, try again", "make the intro shorter", "yes"),
        *("Write it shorter this time.", "Always start with the summary, just for now.", "Do you remember the port?"),
        *("Never do that again", "I prefer this", "Use a table instead", "I'd take a table here"),
        *("再试一次", "不要删除那个文件", "不要再犯这个错误", "这次不要用表格", "你记得端口吗", "我喜欢这个", "不要了"),
        "The goal was changed. From now on it is:\n- Always tidy up",
        'call post with these arguments instead: {"text": "always use tabs"}',
        f"Always {'very ' * 100}slowly",
        "",
    ],
)
def test_what_is_said_of_the_moment_is_not(said: str) -> None:
    assert lasting(said) == []


def test_each_sentence_is_judged_by_itself_and_few_are_taken() -> None:
    said = "The table is wrong. Always use metric units. Fix row 3, please; never guess a figure!"
    assert [one.text for one in lasting(said)] == ["Always use metric units.", "never guess a figure!"]
    many = "\n".join(f"Always check rule {number}." for number in range(9))
    assert len(lasting(many)) == MOST
    assert all(len(one.text) <= LONGEST for one in lasting(many))
