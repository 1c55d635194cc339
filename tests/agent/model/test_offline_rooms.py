"""The rooms of the offline model: marks, clauses, sources, arguments, findings, wishes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.events import ToolCall
from agent.goal import FileCheck, Goal
from agent.model import Message
from agent.model.offline import transcript
from agent.model.offline.arguments import fill
from agent.model.offline.clauses import clauses, is_question
from agent.model.offline.compose import Wish, brief, length
from agent.model.offline.findings import Finding, best, coverage, ranked
from agent.model.offline.listing import listed
from agent.model.offline.manners import without_polite_words
from agent.model.offline.marks import mark
from agent.model.offline.matching import Toolset
from agent.model.offline.parameters import parameters
from agent.model.offline.prose import prose
from agent.model.offline.script import begin
from agent.model.offline.sources import Wanted, wanted
from agent.model.offline.transcript import Note, Transcript
from agent.model.offline.verbs import known_verbs
from agent.model.offline.wishes import topic_of, wish
from agent.model.offline.words import is_chinese, sentences, stem, terms
from tests.offline_desk import STRANGERS, Desk, described, told


@pytest.mark.parametrize(
    "pair",
    [("summarise", "summarizing"), ("files", "file"), ("stopping", "stop"), ("boxes", "box"), ("summaries", "summary")],
)
def test_forms_and_spellings_of_a_word_are_equal(pair: tuple[str, str]) -> None:
    assert stem(pair[0]) == stem(pair[1])


def test_words_with_meaning_are_stems_and_pairs_of_characters() -> None:
    assert terms("The prices of the tea，茶叶价格。茶") == ["pric", "tea", "茶叶", "叶价", "价格", "茶"]
    assert terms("的") == []


def test_a_language_is_told_by_its_characters() -> None:
    assert is_chinese("请读取 docs/a.md")
    assert not is_chinese("Read 茶.md and write a brief")
    assert not is_chinese("")


def test_sentences_end_where_they_end_in_any_language() -> None:
    text = 'Dr. Hu paid 3.5 euros, e.g. on Monday. "Really?" he asked. 你好。“来了。”再见！\nNext line'
    assert sentences(text) == [
        "Dr. Hu paid 3.5 euros, e.g. on Monday.",
        '"Really?"',
        "he asked.",
        "你好。",
        "“来了。”",
        "再见！",
        "Next line",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("move a.md to docs/b.md", [("path", "a.md", "plain"), ("path", "docs/b.md", "target")]),
        (
            "把a.md和b.md总结到c.md",
            [("path", "a.md", "source"), ("path", "b.md", "source"), ("path", "c.md", "target")],
        ),
        ("总结 总结报告.md", [("path", "总结报告.md", "plain")]),
        ("总结报告.md", [("path", "报告.md", "plain")]),
        ("阅读目录下的 a.md", [("path", "a.md", "plain")]),
        ("总结 docs 目录下的 a.md", [("path", "docs/a.md", "plain")]),
        ("读“第一 篇.md”和《红楼梦》", [("path", "第一 篇.md", "plain"), ("quote", "红楼梦", "plain")]),
        (
            "open .env, src/.hidden and README",
            [("path", ".env", "plain"), ("path", "src/.hidden", "plain"), ("path", "README", "plain")],
        ),
        ("edit C:\\Users\\a.txt", [("path", "C:\\Users\\a.txt", "plain")]),
        ("read *.md and **/*.py", [("pattern", "*.md", "plain"), ("pattern", "**/*.py", "plain")]),
        ("see 'docs/*.md' and \"src/\"", [("pattern", "docs/*.md", "plain"), ("path", "src/", "plain")]),
        ("in docs/guides and 文档/b.md", [("path", "docs/guides", "within"), ("path", "文档/b.md", "within")]),
        ("I like tea/coffee, and/or e.g. v1.2", []),
        ("see https://x.org/a.md).", [("address", "https://x.org/a.md", "plain")]),
        ("see “https://x.org/a”", [("address", "https://x.org/a", "plain")]),
        (
            "say “Stop it now.”, “a\nb/c” or “ ”",
            [("quote", "Stop it now.", "plain"), ("quote", "a\nb/c", "plain"), ("quote", " ", "plain")],
        ),
    ],
)
def test_paths_quotes_and_addresses_stand_out(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(one.kind, one.text, one.part) for one in mark(text).marks if one.kind != "number"] == expected


def test_numbers_have_units_and_assignments_names() -> None:
    marked = mark('three days, 五天, 12%, x=3, name="a b", “y = 4”')
    assert [(one.text, one.name) for one in marked.of("number")] == [("3", "days"), ("5", "天"), ("12", "%")]
    assert [(one.name, one.text) for one in marked.of("assignment")] == [("x", "3"), ("name", "a b")]
    assert [one.text for one in marked.of("quote")] == ["y = 4"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Read a.md, remember the rest and write it to b.md.", ["Read a.md", "remember the rest", "write it to b.md"]),
        ("Read a.md and obfuscate it", ["Read a.md", "obfuscate it"]),
        ("Read a.md, especially the risks, and b.md", ["Read a.md, especially the risks, and b.md"]),
        (
            "Remember that we read and write tests, and write it to f.md",
            ["Remember that we read and write tests", "write it to f.md"],
        ),
        ("What does a.md say about reading and writing?", ["What does a.md say about reading and writing?"]),
        ("Summarise a.md and write\nit to b.md", ["Summarise a.md", "write it to b.md"]),
        (
            "Do this:\n- Read a.md\n2) Write it,\n   to b.md\n\n（3）read c.md",
            ["Read a.md", "Write it, to b.md", "read c.md"],
        ),
        ('write "a and write b" to x.txt; read y.txt', ['write "a and write b" to x.txt', "read y.txt"]),
        ("读取 a.md，并总结，然后写入 b.md；再读取 c.md", ["读取 a.md", "总结", "写入 b.md", "读取 c.md"]),
        ("写一份关于合并和收购的报告到 r.md", ["写一份关于合并和收购的报告到 r.md"]),
        ("根据 a.md 的内容，写一份报告到 r.md", ["根据 a.md 的内容，写一份报告到 r.md"]),
        ("Read a.md\r\n\r\nread b.md", ["Read a.md", "read b.md"]),
    ],
)
def test_a_goal_is_split_where_a_verb_begins_a_part(text: str, expected: list[str]) -> None:
    assert [clause.text for clause in clauses(text, known_verbs())] == expected


def test_what_is_forbidden_and_what_hangs_on_a_condition_is_told_apart() -> None:
    found = clauses("Never touch a.txt, but read b.txt. If it rains, read c.txt. 不要删除 d.txt", known_verbs())
    assert [(one.text, one.negated, one.conditional) for one in found] == [
        ("touch a.txt", True, False),
        ("read b.txt", False, False),
        ("If it rains, read c.txt.", False, True),
        ("删除 d.txt", True, False),
    ]


def test_polite_words_are_passed_over_unless_they_are_all() -> None:
    assert without_polite_words("Hello, could you please first help me to read a.md") == "read a.md"
    assert without_polite_words("请帮我先读取 a.md") == "读取 a.md"
    assert without_polite_words("please") == "please"


def test_a_strangers_verb_splits_a_goal() -> None:
    verbs = known_verbs(("forecast", "天气", " "))
    assert [one.text for one in clauses("Read a.md and forecast Rome，天气 北京", verbs)] == [
        "Read a.md",
        "forecast Rome",
        "天气 北京",
    ]


def test_questions_are_known_by_their_sign_or_first_word() -> None:
    assert is_question("Who is it")
    assert is_question("真的？")
    assert is_question("这是什么")
    assert not is_question("Read a.md")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Summarise all files in docs", [Wanted("docs", "docs/**/*")]),
        ("every markdown file in docs/", [Wanted("docs", "docs/**/*.md")]),
        ("*.md files in the folder notes", [Wanted("notes", "notes/*.md")]),
        ("总结资料文件夹中的文件", [Wanted("资料", "资料/**/*")]),
        ("阅读 docs 里的文档", [Wanted("docs", "docs/**/*")]),
        ("summarise these documents", []),
        ("summarise everything", [Wanted("", "**/*")]),
        ("Read lib/*.py", [Wanted("lib", "lib/*.py")]),
    ],
)
def test_documents_are_named_in_many_ways(text: str, expected: list[Wanted]) -> None:
    assert wanted(mark(text)) == expected


def test_a_listing_of_any_form_gives_its_files() -> None:
    assert listed(
        "docs/a.md  1.2 kB\n- b c.txt (12 bytes)\nsub/  (3 files, 2 kB)\n"
        "[file] d.md\ne.md\t4\nREADME  2 bytes\nf.md — new"
    ) == [
        "docs/a.md",
        "b c.txt",
        "d.md",
        "e.md",
        "README",
        "f.md",
    ]
    assert listed(json.dumps(["a.md", "b/"])) == ["a.md"]
    assert listed(json.dumps({"files": [{"path": "a.md"}, {"name": "b.md", "folder": True}, 3]})) == ["a.md"]
    assert listed("(no files)") == []


def test_prose_is_without_headings_tables_code_and_words_about_the_result() -> None:
    text = (
        "# Title\n\nA first [link](http://x.y) and **bold**\nwords.\n\n| a | b |\n```\ncode here\n```\n"
        "- One item here. (line 7)\nTODO: write more words\n\n[summary of a.md; extractive]\n"
        "[lines 1-5 of 9; go on with start_line=6]\n茶叶很\n好喝呢。"
    )
    assert prose(text) == ["A first link and bold words.", "One item here.", "茶叶很好喝呢。"]


def test_of_a_table_the_first_lines_stand_for_sentences() -> None:
    assert prose("| name | price |\n| tea | 3 euros |") == ["| name | price |", "| tea | 3 euros |"]


def test_numbered_lines_lose_their_numbers() -> None:
    assert prose("1: Tea is hot.\n2: Ice is cold.") == ["Tea is hot.", "Ice is cold."]


def test_sentences_that_repeat_others_are_left_out_unless_all_are_wanted() -> None:
    text = "The red pump failed again.\nThe red pump failed again today.\nOwls live in trees."
    found = ranked([Finding(source="a", kind="text", text=text)])
    assert len(best(found, 3)) == 2
    assert len(best(found, 3, alike=True)) == 3
    assert ranked([Finding(source="a", kind="plain", text=text)]) == []


def test_a_topic_lifts_its_sentences() -> None:
    text = "Tea is grown in the hills.\nTea is sold in the towns.\nFrost is a danger for farmers."
    found = ranked([Finding(source="a", kind="text", text=text)], topic="frost")
    assert best(found, 1)[0].text == "Frost is a danger for farmers."
    assert coverage("frost danger", found[2].text) == 1.0
    assert coverage("", "x") == 0.0


def test_a_brief_keeps_to_the_words_that_are_wished_for() -> None:
    text = "\n".join(
        f"The {word} stands beside number {n} of the town."
        for n, word in enumerate(("mill", "barn", "church", "inn", "forge"))
    )
    found = [Finding(source="a.md", kind="text", text=text), Finding(source="note", kind="plain", text="rain")]
    whole = brief(found, Wish(title="T"), chinese=False)
    cut = brief(found, Wish(title="T", most=50), chinese=False)
    assert length(cut) < length(whole)
    assert "rain" in cut
    chinese = brief(found[1:], Wish(title="T"), notes=[Note(id="1", date="2026-01-01", text="茶")], chinese=True)
    assert "## 以前已知" in chinese
    assert "来源：note" in chinese


def _job(goal: Goal) -> Any:
    return begin(goal, Toolset(STRANGERS), Transcript())


def test_the_length_that_is_wished_for_is_read_from_words_constraints_and_checks() -> None:
    goal = Goal(
        goals=("x",),
        constraints=("at least 200 words", "不超过300字"),
        checks=(FileCheck(file="b.md", min_bytes=500), FileCheck(file="c.md", min_bytes=900)),
    )
    found = wish(_job(goal), mark("Write three key points about 3.5 things"), target="b.md", title="T", topic="t")
    assert (found.least, found.most, found.least_bytes, found.sentences) == (200, 300, 500, 3)
    found = wish(_job(goal), mark("用五句话总结"), target="x.md", title="T", topic="")
    assert (found.sentences, found.least_bytes) == (5, 0)


def test_a_topic_is_what_is_left_when_general_words_are_gone() -> None:
    text = "summarise the main points of a.md"
    assert topic_of(mark(text), len("summarise")) == ""
    assert topic_of(mark("summarise the risks in a.md"), len("summarise")) == "the risks"
    assert topic_of(mark("写一份关于价格的报告到 r.md"), 1) == "价格"


SCHEMA = described(
    "book",
    "Book a table.",
    required=("place", "guests"),
    place={"type": "string", "description": "Name of the place"},
    guests={"anyOf": [{"type": "integer"}, {"type": "null"}]},
    style={"enum": ["inside", "outside"]},
    price={"type": "number"},
    vegan={"type": ["boolean", "null"]},
    tags={"type": "array"},
    extra={"type": "object"},
    link={"type": "string", "format": "uri"},
    menu={"type": "string", "description": "path of a file"},
)


def test_parameters_are_understood_by_schema_name_and_description() -> None:
    kinds = {one.name: one.kind for one in parameters(SCHEMA)}
    assert kinds == {
        "place": "text",
        "guests": "integer",
        "style": "choice",
        "price": "number",
        "vegan": "boolean",
        "tags": "list",
        "extra": "other",
        "link": "address",
        "menu": "path",
    }
    assert parameters(described("odd", "Odd.")) == []


def test_arguments_are_taken_from_all_that_stands_out() -> None:
    text = "Book Roma for 4 guests outside, vegan, menu menu.md, https://x.org/a, price=12.5 tags=a,b extra=1"
    filled = fill(SCHEMA, mark(text), start=0, end=4)
    assert filled.missing == ()
    assert filled.arguments == {
        "price": 12.5,
        "tags": ["a", "b"],
        "style": "outside",
        "menu": "menu.md",
        "link": "https://x.org/a",
        "guests": 4,
        "vegan": True,
        "place": "Roma",
    }


def test_assignments_of_the_wrong_type_are_left_out_and_named_as_missing() -> None:
    filled = fill(SCHEMA, mark("book guests=many vegan=perhaps style=OUTSIDE place=Rome"), start=0, end=4)
    assert filled.arguments == {"place": "Rome", "style": "outside"}
    assert filled.missing == ("guests",)
    assert fill(SCHEMA, mark("book vegan=no place=Rome 7"), start=0, end=4).arguments == {
        "place": "Rome",
        "vegan": False,
        "guests": 7,
    }


def test_quotes_fill_texts_in_order_and_lists() -> None:
    letter = described("letter", "Write.", to={"type": "string"}, text={"type": "string"}, copies={"type": "array"})
    filled = fill(letter, mark("letter “Bob” “Hello” “Ann”"), start=0, end=6)
    assert filled.arguments == {"to": "Bob", "text": "Hello", "copies": ["Ann"]}
    one = described("echo", "Say.", required=(), text={"type": "string"}, path={"type": "string"})
    assert fill(one, mark("echo “hi” a.md b.md"), start=0, end=4).arguments == {"text": "hi", "path": "a.md"}


def test_free_words_go_to_a_prompt_and_names_to_a_name() -> None:
    ask = described("poll", "Poll.", question={"type": "string"})
    assert fill(ask, mark("poll about the best tea?"), start=0, end=4).arguments == {"question": "the best tea"}
    assert fill(ask, mark("ask Bob for a poll"), start=14, end=18).arguments == {"question": "ask Bob for a"}
    assert fill(ask, mark("poll it"), start=0, end=4).missing == ("question",)
    city = described("city", "A city.", city={"type": "string"})
    assert fill(city, mark("Berlin city"), start=7, end=11).arguments == {"city": "Berlin"}
    assert fill(city, mark("上海 city"), start=3, end=7).arguments == {"city": "上海"}
    assert fill(city, mark("天气：北京"), start=0, end=2).arguments == {"city": "北京"}


def test_a_transcript_tells_calls_ends_and_words() -> None:
    call = ToolCall(id="offline-3", tool="read_file", arguments={"path": "a"})
    other = ToolCall(id="xyz", tool="read_file", arguments={"path": "b"})
    end = ToolCall(id="offline-4", tool="finish", arguments={})
    found = transcript.read(
        [
            Message("system", "s"),
            Message("user", "# Goal\n- a-0123456789ab: tea.md\n- a-0123456789cd"),
            Message("assistant", "t", (call, other)),
            Message("tool", "Error (denied): no", call_id="offline-3"),
            Message("assistant", "t", (end,)),
            Message("user", "Feedback from the user: more"),
            Message("user", "Checks not passed: x"),
            Message("user", "something else"),
        ]
    )
    assert [(one.call.id, one.result.ok) for one in found.made] == [("offline-3", False)]
    assert (found.finishes, found.forgotten, found.highest, found.thoughts) == (1, 2, 4, 2)
    assert [(one.origin, one.text, one.finishes) for one in found.said] == [("user", "more", 1), ("checks", "x", 1)]
    assert [(one.handle, one.name) for one in found.handed] == [
        ("a-0123456789ab", "tea.md"),
        ("a-0123456789cd", "a-0123456789cd"),
    ]
    assert found.notes == ()
    assert transcript.read([]).made == ()


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Remember the danger from docs/a.md", ["read_file docs/a.md", "not reached"]),
        ("Remember the frost from docs/a.md", ["read_file docs/a.md", "remember", "reached"]),
        ("Read docs/a.md and remember the frost", ["read_file docs/a.md", "remember", "reached"]),
        ("Summarise docs/a.md only", ["summarize_file docs/a.md", "reached"]),
        ("Remember it", ["not reached"]),
        ("Read", ["not reached"]),
        ("Read docs/a.md. Read it", ["read_file docs/a.md", "reached"]),
        (
            "Summarise missing.md. Remember the main points",
            ["summarize_file missing.md", "summarize_file missing.md", "not reached"],
        ),
        ("List key points", ["not reached"]),
        ("List the planets", ["not reached"]),
        ("Find “config.yaml” in docs/", ["search_files config\\.yaml docs", "reached"]),
        ("Find with the regex “fr.st” in *.md", ["search_files fr.st *.md", "reached"]),
        ("Search for the word frost in docs/a.md", ["search_files frost docs/a.md", "reached"]),
        ("搜索 frost", ["search_files frost", "reached"]),
        ("Find the frost in docs/a.md", ["read_file docs/a.md", "reached"]),
        ("Write “x”", ["not reached"]),
        ("Make a summary of docs/a.md", ["summarize_file docs/a.md", "reached"]),
        (
            "Make an overview titled “Frost” of docs/a.md in o.md",
            ["summarize_file docs/a.md", "write_file o.md", "reached"],
        ),
        ("Count words in the missing folder", ["list_files missing", "list_files", "not reached"]),
        ("Delete docs/*.md", ["list_files docs *.md", "delete_file docs/a.md", "reached"]),
        ("Delete *.tmp", ["list_files *.tmp", "not reached"]),
        ("Move docs/a.md to b.md, then summarise b.md", ["move_file b.md docs/a.md", "summarize_file b.md", "reached"]),
        ("用英文总结 docs/a.md 到 e.md", ["summarize_file docs/a.md", "write_file e.md", "reached"]),
        ("Write a summary of docs/a.md in Chinese to c.md", ["summarize_file docs/a.md", "not reached"]),
        ("Append a summary of docs/a.md to log.md", ["summarize_file docs/a.md", "write_file log.md True", "reached"]),
        ("从 docs/a.md 中提取要点", ["summarize_file docs/a.md", "reached"]),
    ],
)
def test_rules_take_their_matter_from_what_was_named_or_found(goal: str, expected: list[str]) -> None:
    desk = Desk({"docs/a.md": "# Tea\n\nTea is grown in Assam.\nA late frost is the main risk for tea.\n"})
    assert [one if not one.startswith("remember") else "remember" for one in told(desk.run(goal))] == expected
