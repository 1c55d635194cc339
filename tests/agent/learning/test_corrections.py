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
        ("Never, ever push to main.", "preference", True),
        ("Never again use tabs.", "preference", True),
        ("Always bring the log along.", "preference", True),
        ("Always embed the fonts.", "preference", True),
        ("Always reply in Dutch.", "preference", True),
        ("Always address me by my first name.", "preference", True),
        ("Always read the second line of a file.", "preference", True),
        ("always be brief", "preference", True),
        ("I prefer one sentence per line.", "preference", True),
        ("I prefer C over Rust.", "preference", True),
        ("I like it when you ask first.", "preference", True),
        ("I prefer the first person.", "preference", True),
        ("I prefer answers without tables.", "preference", True),
        ("From now on you must cite a source.", "preference", True),
        ("This project is Python, not Java.", "fact", False),
        ("My name is Ann, not Anna.", "fact", False),
        ("Use pnpm instead of npm.", "fact", False),
        ("use tabs, not spaces", "fact", False),
        ("The port is 9090, not 8080.", "fact", False),
        ("以后都用中文回答。", "preference", True),
        ("永远不要改动主分支", "preference", True),
        ("我更喜欢简短的回答", "preference", True),
        ("下次请先问我再删除文件", "preference", True),
        ("请总是用表格", "preference", True),
        ("你一定要用中文", "preference", True),
        ("每次都先问我", "preference", True),
        ("我喜欢简短的版本说明", "preference", True),
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
        ("Remember: tabs", "tabs", "fact"),
        ("Remember the first gate opens at six.", "the first gate opens at six.", "fact"),
        ("Remember that Bob owns the dam", "Bob owns the dam", "fact"),
        ("Remember to always run ruff", "always run ruff", "preference"),
        ("Keep in mind that you must never push.", "you must never push.", "preference"),
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
        *(
            "Never mind, go on.",
            "Never mind the table.",
            "Always the same error!",
            "Never the right file.",
            "Always wrong",
        ),
        *("Never happens", "Always failing", "Never heard of it", "Always broken!", "Never finished in time."),
        *(
            "I prefer the second option.",
            "I prefer the second.",
            "I prefer option B",
            "I prefer B.",
            "I prefer your draft",
        ),
        *("I prefer a shorter one", "I prefer the answer in blue", "I prefer them", "I prefer the other way"),
        *(
            "That is wrong, not what I asked.",
            "You are right, not me.",
            "It's blue, not red",
            "No, it is a table, not a list",
        ),
        *(
            "The table is wrong, not the text.",
            "That table is blue, not red",
            "Use the second one instead of the first.",
        ),
        *("Remember the milk", "Remember to run the tests", "Don't forget my tea", "Remember that it is blue"),
        *("From now on it works.", "You are right from now on", "Use it instead of that"),
        *("我喜欢你的回答", "我更喜欢你刚才的版本。", "我喜欢第二个方案", "我喜欢前者", "我喜欢你", "我喜欢！"),
        *(
            "你总是用错文件",
            "它总是把文件弄坏",
            "每次都出错",
            "每次都是一样的错误",
            "你是对的，不是我",
            "它是表格，不是列表",
        ),
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
