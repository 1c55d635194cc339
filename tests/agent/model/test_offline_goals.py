"""The offline model: which words of a goal make which calls."""

from __future__ import annotations

import pytest

from tests.offline_desk import Desk, built_in, told

DOCS = {
    "docs/a.md": "# Tea\n\nTea is grown in the hills of Assam.\nPrices rose by 12 percent in 2024.\n"
    "The main risk is a late frost.\nFarmers fear frost more than drought.\n",
    "docs/b.md": "# Coffee\n\nCoffee prices fell in 2024.\nBrazil had a record harvest of coffee.\n",
    "docs/茶.md": "# 茶叶\n\n茶叶价格在2024年上涨了百分之十二。\n主要风险是晚霜。\n",
    "a.txt": "hello foo\n",
    "b.txt": "world\n",
    "周报.md": "本周完成了登录页面。\n",
    "my notes.txt": "The meeting is on Friday at noon.\n",
}

ENGLISH = [
    ("Read a.txt", ["read_file a.txt", "reached"]),
    ("Please could you open docs/a.md?", ["read_file docs/a.md", "reached"]),
    ("Read the file “my notes.txt”", ["read_file my notes.txt", "reached"]),
    ("Read lines 2 to 4 of docs/a.md", ["read_file docs/a.md 2 3", "reached"]),
    ("Show me the first 3 lines of docs/a.md", ["read_file docs/a.md 3", "reached"]),
    ("Summarise docs/a.md", ["summarize_file docs/a.md", "reached"]),
    (
        "Give me a summary of docs/a.md and docs/b.md",
        ["summarize_file docs/a.md", "summarize_file docs/b.md", "reached"],
    ),
    ("Summarise the risks in docs/a.md", ["read_file docs/a.md", "reached"]),
    ("Summarise docs/a.md, focusing on frost", ["read_file docs/a.md", "reached"]),
    ("Summarise docs/a.md into out/s.md", ["summarize_file docs/a.md", "write_file out/s.md", "reached"]),
    ("Read docs/a.md, then summarise it", ["read_file docs/a.md", "summarize_file docs/a.md", "reached"]),
    (
        "Summarise docs/*.md",
        [
            "list_files docs *.md",
            "summarize_file docs/a.md",
            "summarize_file docs/b.md",
            "summarize_file docs/茶.md",
            "reached",
        ],
    ),
    (
        "Read all .txt files",
        ["list_files **/*.txt", "read_file a.txt", "read_file b.txt", "read_file my notes.txt", "reached"],
    ),
    ("Based on docs/a.md, write a brief to brief.md", ["summarize_file docs/a.md", "write_file brief.md", "reached"]),
    ("After reading docs/a.md, save a brief to brief.md", ["read_file docs/a.md", "write_file brief.md", "reached"]),
    ('Write "hello" to x.txt', ["write_file x.txt", "reached"]),
    ("Create notes.txt containing buy milk", ["write_file notes.txt", "reached"]),
    ("Create an empty file e.txt", ["write_file e.txt", "reached"]),
    ('Append "more" to a.txt', ["write_file a.txt True", "reached"]),
    ("Read a.txt and save it to c.txt", ["read_file a.txt", "write_file c.txt", "reached"]),
    ('Replace "foo" with "bar" in a.txt', ["edit_file a.txt True foo bar", "reached"]),
    (
        "Replace foo by bar in a.txt",
        ["search_files [^\\W_]foo|foo[^\\W_] a.txt", "edit_file a.txt True foo bar", "reached"],
    ),
    ("Move a.txt to c.txt", ["move_file c.txt a.txt", "reached"]),
    ("Rename a.txt to c.txt and delete b.txt", ["move_file c.txt a.txt", "delete_file b.txt", "reached"]),
    ("Remove all .txt files in the docs folder", ["list_files docs **/*.txt", "not reached"]),
    ("List the files in docs", ["list_files docs", "reached"]),
    (
        "Find all files named *.md and save the list to list.txt",
        ["list_files **/*.md", "write_file list.txt", "reached"],
    ),
    ('Find "prices (all)" in docs/', ["search_files prices \\(all\\) docs", "reached"]),
    ("Search for frost", ["search_files frost", "reached"]),
    ("Remember that Anna likes tea and coffee", ["remember Anna likes tea and coffee", "reached"]),
    ("Remember: my birthday is 3 May", ["remember my birthday is 3 May", "reached"]),
    ("Remember my name is Bob", ["remember my name is Bob", "reached"]),
    ("What do you know about tea?", ["recall tea", "reached"]),
    ('Recall "frost dates"', ["recall frost dates", "reached"]),
    (
        "Ask me which colour I like and save the answer to colour.txt",
        ["ask_user which colour I like", "write_file colour.txt", "reached"],
    ),
    ("What is the main risk according to docs/a.md?", ["read_file docs/a.md", "reached"]),
    ("What is docs/a.md about?", ["summarize_file docs/a.md", "reached"]),
    (
        "Who had a record harvest?",
        ["search_files (?i)\\b(?:harvest|record)", "read_file docs/b.md", "reached"],
    ),
    ('Write "a" to x.txt and "b" to y.txt', ["write_file x.txt", "write_file y.txt", "reached"]),
    ("Write 'hi' into x.txt and read it back", ["write_file x.txt", "read_file x.txt", "reached"]),
    ("Put the text hello there into x.txt", ["write_file x.txt", "reached"]),
    ("Create brief.md summarising docs/a.md", ["summarize_file docs/a.md", "write_file brief.md", "reached"]),
    ("Summarise docs/a.md → s.md", ["summarize_file docs/a.md", "write_file s.md", "reached"]),
    ("read docs/a.md & write summary to s.md", ["read_file docs/a.md", "write_file s.md", "reached"]),
    ("Collect the key facts from docs/a.md into f.md", ["summarize_file docs/a.md", "write_file f.md", "reached"]),
    ("Which files mention frost?", ["search_files frost", "reached"]),
    ("How many files are in docs?", ["list_files docs", "reached"]),
    ("Make a list of all files and put it into f.txt", ["list_files", "write_file f.txt", "reached"]),
    ("Remember that I like tea, and recall what you know about me", ["remember I like tea", "recall  20", "reached"]),
    (
        "Combine docs/a.md and docs/b.md into c.md",
        ["read_file docs/a.md", "read_file docs/b.md", "write_file c.md", "reached"],
    ),
    ("Copy a.txt to c.txt", ["read_file a.txt", "write_file c.txt", "reached"]),
    ("What is in this folder?", ["list_files", "reached"]),
    ("Who leads? Look in a.txt.", ["read_file a.txt", "search_files (?i)\\b(?:lead|led)", "not reached"]),
    (
        "Look in docs and tell me who fears frost",
        ["list_files docs", "read_file docs/a.md", "read_file docs/b.md", "read_file docs/茶.md", "reached"],
    ),
    ("Rename a.txt to c.txt and show me it", ["move_file c.txt a.txt", "read_file c.txt", "reached"]),
    ("1. Read a.txt 2. Read b.txt", ["read_file a.txt", "read_file b.txt", "reached"]),
    ("Find all prices in docs/a.md", ["search_files (?i)\\b(?:pric) docs/a.md", "reached"]),
    ("1. Read a.txt\n2. Read b.txt\n3. Terminate", ["read_file a.txt", "read_file b.txt", "reached"]),
]
CHINESE = [
    ("读取 a.txt", ["read_file a.txt", "reached"]),
    ("请帮我打开docs/茶.md", ["read_file docs/茶.md", "reached"]),
    ("总结 docs/茶.md", ["summarize_file docs/茶.md", "reached"]),
    ("帮我把 docs/a.md 总结一下", ["summarize_file docs/a.md", "reached"]),
    ("总结docs目录下的a.md的要点", ["summarize_file docs/a.md", "reached"]),
    ("阅读 docs/a.md 和 docs/b.md", ["read_file docs/a.md", "read_file docs/b.md", "reached"]),
    (
        "总结 docs 文件夹里的所有文件，写入 brief.md",
        [
            "list_files docs",
            "summarize_file docs/a.md",
            "summarize_file docs/b.md",
            "summarize_file docs/茶.md",
            "write_file brief.md",
            "reached",
        ],
    ),
    ("把 docs/茶.md 总结成一份简报，保存到 简报.md", ["summarize_file docs/茶.md", "write_file 简报.md", "reached"]),
    ("根据 docs/茶.md 写一份报告到 r.md", ["summarize_file docs/茶.md", "write_file r.md", "reached"]),
    ("把“你好”写入 hi.txt", ["write_file hi.txt", "reached"]),
    ("新建一个名为 hi.txt 的文件，内容是：你好", ["write_file hi.txt", "reached"]),
    ("在 a.txt 中追加“更多”", ["write_file a.txt True", "reached"]),
    ("把 a.txt 里的“foo”替换为“bar”", ["edit_file a.txt True foo bar", "reached"]),
    ("将 a.txt 重命名为 c.txt", ["move_file c.txt a.txt", "reached"]),
    ("删除 b.txt", ["delete_file b.txt", "reached"]),
    ("列出 docs 文件夹里的文件", ["list_files docs", "reached"]),
    ("搜索“晚霜”", ["search_files 晚霜", "reached"]),
    ("记住：我喜欢茶，也喜欢咖啡", ["remember 我喜欢茶，也喜欢咖啡", "reached"]),
    ("回忆一下关于茶的内容", ["recall 茶", "reached"]),
    ("总结周报", ["list_files", "summarize_file 周报.md", "reached"]),
    (
        "合并 docs/a.md 和 docs/b.md 到 c.md",
        ["read_file docs/a.md", "read_file docs/b.md", "write_file c.md", "reached"],
    ),
    (
        "把 a.txt 里的 foo 改成 bar",
        ["search_files [^\\W_]foo|foo[^\\W_] a.txt", "edit_file a.txt True foo bar", "reached"],
    ),
    ("这个文件夹里有什么？", ["list_files", "reached"]),
    ("新建文件 待办.txt，写上 买牛奶", ["write_file 待办.txt", "reached"]),
    ("周报里说了什么？", ["list_files", "summarize_file 周报.md", "reached"]),
    ("你能做什么？", ["reached"]),
    ("docs/茶.md 讲了什么？", ["summarize_file docs/茶.md", "reached"]),
    (
        "读取 docs/茶.md 然后回答：主要风险是什么？",
        ["read_file docs/茶.md", "reached"],
    ),
    ("请 read docs/a.md，然后 write a brief 到 brief.md", ["read_file docs/a.md", "write_file brief.md", "reached"]),
]
STRANGERS = [
    ("Forecast Berlin for 3 days", ["forecast 3 Berlin", "reached"]),
    ("What will the weather be in Paris?", ["forecast Paris", "reached"]),
    ("forecast city=Rome days=2", ["forecast Rome 2", "reached"]),
    ("查一下北京未来3天的天气", ["forecast 3 北京", "reached"]),
    ("Count the words in a.txt and b.txt", ["count_words a.txt", "count_words b.txt", "reached"]),
    ("Use count_words on a.txt", ["count_words a.txt", "reached"]),
    ('call send_mail to=bob text="hi there"', ["send_mail bob hi there", "reached"]),
    ("Draw a cat in a hat", ["generate_image a cat in a hat", "reached"]),
    ("画一只猫", ["generate_image 一只猫", "reached"]),
    ("Fetch https://example.org/a", ["fetch_page https://example.org/a", "reached"]),
    ("Read https://example.org/a", ["fetch_page https://example.org/a", "reached"]),
    ("阅读 https://example.org/a", ["fetch_page https://example.org/a", "reached"]),
    ("Get the weather for Oslo and save the result to w.txt", ["forecast Oslo", "write_file w.txt", "reached"]),
]
NEGATED = [
    ("Read a.txt. Do not delete b.txt", ["read_file a.txt", "reached"]),
    ("Delete a.txt and b.txt, but do not delete b.txt", ["delete_file a.txt", "reached"]),
    ("Summarise docs/a.md without changing it", ["summarize_file docs/a.md", "reached"]),
    ("总结 docs/a.md，但不要保存", ["summarize_file docs/a.md", "reached"]),
    ("不要写任何文件，只总结 docs/a.md", ["summarize_file docs/a.md", "reached"]),
    ("Write the answer to a.txt. Never write a.txt", ["not reached"]),
    ("Don't forget to read a.txt", ["read_file a.txt", "reached"]),
    ("别忘了读取 a.txt", ["read_file a.txt", "reached"]),
    ("请勿删除 a.txt", ["not reached"]),
]
BEYOND = [
    "Invent a cure for cancer",
    "Write a poem about tea to poem.txt",
    "写一首关于茶的诗到 poem.txt",
    "Translate docs/a.md into Chinese",
    "翻译 docs/a.md",
    "Send an email to Bob about tea",
    "Run rm -rf /",
    "If a.txt exists, delete it",
    "如果 a.txt 存在，就删除它",
    "Delete everything",
    "Compare docs/a.md and docs/b.md",
    "List everyone in docs/a.md",
    "Write My report: money to money.md",
    "Call blend_paint with red",
    "write hello world to hello.txt",
    "Rename docs/a.md",
    "Summarise it",
    "hello",
    "…",
]


@pytest.mark.parametrize(("goal", "expected"), ENGLISH + CHINESE + STRANGERS + NEGATED)
def test_the_words_of_a_goal_make_these_calls(goal: str, expected: list[str]) -> None:
    assert told(Desk(dict(DOCS)).run(goal)) == expected


@pytest.mark.parametrize("goal", BEYOND)
def test_what_is_beyond_the_rules_makes_no_call_and_is_said(goal: str) -> None:
    calls = Desk(dict(DOCS)).run(goal)
    assert told(calls) == ["not reached"]
    answer = str(calls[-1].arguments["answer"])
    assert "OPENAI_API_KEY" in answer
    assert "Ollama" in answer


def test_what_is_written_after_a_question_is_the_answer_alone() -> None:
    desk = Desk(dict(DOCS))
    assert told(desk.run("从 docs/茶.md 中找出主要风险，写到 risk.md"))[-2:] == ["write_file risk.md", "reached"]
    assert "主要风险是晚霜。" in desk.files["risk.md"]
    assert "百分之十二" not in desk.files["risk.md"]


def test_several_words_go_to_several_files_and_no_source_is_written_over() -> None:
    desk = Desk(dict(DOCS))
    desk.run('Write "a" to x.txt and "b" to y.txt. Create brief.md summarising docs/a.md')
    assert (desk.files["x.txt"], desk.files["y.txt"]) == ("a", "b")
    assert desk.files["docs/a.md"] == DOCS["docs/a.md"]


def test_without_a_tool_that_draws_a_picture_is_beyond_the_rules() -> None:
    others = tuple(one for one in built_in() if one.name != "generate_image")
    assert told(Desk(tools=(), offered=others).run("画一只猫")) == ["not reached"]


def test_a_question_that_no_document_answers_is_not_reached() -> None:
    calls = Desk(dict(DOCS)).run("Which city has the best pizza?")
    assert told(calls) == ["search_files (?i)\\b(?:best|cit[yi]|pizza)", "not reached"]


def test_literal_words_are_written_exactly() -> None:
    desk = Desk()
    desk.run('Write "a, then b; and c." to x.txt, then append “d” to x.txt')
    assert desk.files["x.txt"] == "a, then b; and c.d\n"


def test_a_document_that_was_read_whole_is_saved_as_it_is() -> None:
    desk = Desk(dict(DOCS))
    desk.run("Read docs/a.md and save it to copy.md")
    assert desk.files["copy.md"] == DOCS["docs/a.md"]
