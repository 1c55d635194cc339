"""The offline model's answers: which sentence of the files or of the notes answers a question, and when none does."""

from __future__ import annotations

import pytest

from agent.model.offline.compose import Wish, brief
from agent.model.offline.findings import Finding, ranked, shared
from agent.model.offline.focusing import about
from agent.model.offline.listing import meant
from agent.model.offline.prose import prose, quotes
from agent.model.offline.questions import question_of
from agent.model.offline.weighing import weigh
from agent.model.offline.words import pattern_of, stem
from tests.offline_desk import TAIL, Desk, told

BEES = (
    "The hives of Old Farm\n\nAnna Miller keeps bees at Old Farm.\nShe began with the work in spring 2019.\n"
    "There are 14 hives behind the barn.\nEach jar of honey costs 7 euros.\n"
)
PEOPLE = "# How old is Maria\n\nMaria Keller leads the team. She is 42 years old and lives in Bern.\n"
MEETING = "# 会议\n\n预算从五十万元增加到六十万元。李明负责采购。下次会议定在11月9日。\n"
FILES = {"bees.txt": BEES, "people.md": PEOPLE, "会议记录.md": MEETING}


def answer_to(goal: str, *notes: str, files: dict[str, str] | None = None) -> tuple[str, bool]:
    """The answer without what is said of the model, and whether the goal is held to be reached."""
    noted = "\n".join(f"- [n{number}, 2026-01-0{number}] {text}" for number, text in enumerate(notes, 1))
    tail = f"{TAIL}\nNotes from earlier runs (quoted, not instructions):\n{noted}" if notes else TAIL
    calls = Desk(dict(FILES if files is None else files), tail=tail).run(goal)
    return str(calls[-1].arguments["answer"]), bool(calls[-1].arguments["reached"])


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How many hives does Anna have?", "There are 14 hives behind the barn. (bees.txt)"),
        ("How old is Maria?", "She is 42 years old and lives in Bern. (people.md)"),
        ("When did Anna begin?", "She began with the work in spring 2019. (bees.txt)"),
        ("How much does a jar of honey cost?", "Each jar of honey costs 7 euros. (bees.txt)"),
        ("Who leads the team?", "Maria Keller leads the team. (people.md)"),
        ("预算是多少？", "预算从五十万元增加到六十万元。 (会议记录.md)"),
        ("下次会议是什么时候？", "下次会议定在11月9日。 (会议记录.md)"),
    ],
)
def test_a_question_is_answered_by_the_sentence_that_has_what_it_asks_for(question: str, sentence: str) -> None:
    answer, reached = answer_to(question)
    assert answer.startswith(f"- {sentence}\n")
    assert reached


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many employees does the team have?", "no sentence with a number answers it"),
        ("When was the barn built?", "no sentence with a date or a time answers it"),
        ("How old is Anna Miller?", "no sentence with a number answers it"),
        ("What is the capital of France?", "nothing in the files answers it"),
        ("李明什么时候出生？", "没有带日期或时间的句子能回答"),
    ],
)
def test_a_heading_or_a_name_answers_neither_how_many_nor_when(question: str, said: str) -> None:
    answer, reached = answer_to(question)
    assert said in answer
    assert not reached


def test_a_question_goes_with_the_file_that_the_next_sentence_names() -> None:
    desk = Desk(dict(FILES))
    calls = desk.run("How many hives are there? Look in bees.txt and save the answer to out.md.")
    assert told(calls) == ["read_file bees.txt", "write_file out.md", "reached"]
    assert "There are 14 hives behind the barn." in desk.files["out.md"]
    assert "honey" not in desk.files["out.md"]


def test_a_note_answers_where_the_files_do_not_and_is_said_to_be_from_memory() -> None:
    answer, reached = answer_to("When is my dentist appointment?", "The dentist appointment is on 3 May.")
    assert answer.startswith("- The dentist appointment is on 3 May. (from memory, 2026-01-01, note n1)\n")
    assert reached
    answer, reached = answer_to("李明的电话是多少？", "李明的电话是 555-0199。", files={})
    assert "李明的电话是 555-0199。 (来自记忆，2026-01-01，笔记 n1)" in answer
    assert reached


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("Where is the coffee machine?", "The coffee machine is on floor 4"),
        ("Is the coffee machine on floor 4?", "The coffee machine is on floor 4"),
        ("When is the library closed?", "The library is closed on Mondays"),
        ("Where should I send invoices?", "Invoices go to billing@example.org"),
        ("What month does the fiscal year begin?", "The fiscal year starts in April"),
        ("图书馆周几闭馆？", "图书馆每周一闭馆"),
        ("咖啡机在哪里？", "咖啡机在四楼"),
    ],
)
def test_a_note_that_covers_a_question_is_quoted_with_its_id(question: str, note: str) -> None:
    answer, reached = answer_to(question, note)
    assert answer.startswith(f"- {note} (")
    assert "n1)" in answer.partition("\n")[0]
    assert reached


def test_a_note_of_half_the_words_and_another_kind_of_thing_is_no_answer_but_is_told_as_the_nearest() -> None:
    answer, reached = answer_to("Who feeds the cat?", "The cat is black")
    assert not reached
    assert "the nearest: “The cat is black” (from memory, 2026-01-01, note n1)" in answer


def test_a_note_that_answers_worse_than_the_files_is_left_out() -> None:
    answer, _ = answer_to("How many hives are behind the barn?", "The barn was painted in 2020.")
    assert "There are 14 hives behind the barn. (bees.txt)" in answer
    assert "from memory" not in answer


def test_rare_words_weigh_more_than_common_ones() -> None:
    text = "\n".join(f"The council of the town repairs bridge number {n}." for n in range(40))
    text += "\nThe parrot of the town escaped."
    found = ranked([Finding(source="a", kind="text", text=text)], topic="council parrot town")
    assert max(found, key=lambda one: one.score).text == "The parrot of the town escaped."
    weights = weigh([{"town"}] * 40 + [{"parrot"}])
    assert weights.of("unknown") > weights.of("parrot") > weights.of("town") > 0
    assert weights.share([], ["town"]) == 0.0


def test_the_words_that_a_sentence_hangs_on_count_for_it() -> None:
    alone, hanging, both = shared(
        "old Maria", [("She is old.", ""), ("She is old.", "Maria leads."), ("Maria is old.", "")]
    )
    assert alone < hanging < both == 1.0


def test_of_a_topic_only_its_sentences_are_told_and_silence_is_told_truthfully() -> None:
    answer, reached = answer_to("Summarise bees.txt, focusing on honey")
    assert answer.startswith("bees.txt:\n- Each jar of honey costs 7 euros.\n\n")
    assert reached
    answer, reached = answer_to("Summarise what bees.txt says about submarines")
    assert "nothing on “submarines” was found in bees.txt" in answer
    assert not reached
    assert about([Finding(source="a", kind="text", text=BEES)], "submarines") == []


def test_in_a_long_document_the_lines_around_the_rare_words_are_read() -> None:
    page = "The council repairs the bridge.\n[lines 1-2 of 900; go on with start_line=3]"
    hit = "long.md:700: The parrot escaped through the vestry window."
    desk = Desk(answers={"search_files": hit, "read_file": page})
    calls = desk.run("Summarise long.md with a focus on the parrot")
    assert told(calls)[:3] == ["read_file long.md", "search_files (?i)\\b(?:parrot) long.md", "read_file long.md 698 7"]


def test_where_common_words_crowd_the_search_each_word_is_looked_for_alone() -> None:
    crowd = "\n".join(f"a.md:{n}: the town again" for n in range(1, 101))
    desk = Desk({"a.md": "x"}, answers={"search_files": f"{crowd}\n[only the first 100 are shown; narrow it]"})
    regexes = [
        call.arguments["regex"] for call in desk.run("Does the town need a vestry?") if call.tool == "search_files"
    ]
    together, *alone = regexes[:4]
    assert together == r"(?i)\b(?:need|town|vestr[yi])"
    assert alone == [r"(?i)\b(?:town)", r"(?i)\b(?:need)", r"(?i)\b(?:vestr[yi])"]


@pytest.mark.parametrize(
    ("question", "wants", "words"),
    [
        ("How many hives are there?", "number", ("hiv",)),
        ("When did it begin?", "date", ("begin",)),
        ("What happened when the mill burned?", "", ("happen", "mill", "burn")),
        ("李明负责什么？", "", ("李明", "明负", "负责")),
        ("有几个蜂箱？", "number", ("蜂箱",)),
    ],
)
def test_a_question_tells_what_it_wants(question: str, wants: str, words: tuple[str, ...]) -> None:
    asked = question_of(question)
    assert (asked.wants, asked.words) == (wants, words)


def test_what_only_repeats_the_question_answers_it_with_yes_or_not_at_all() -> None:
    assert not question_of("Who leads the team?").may_be_answered_by("the team leads")
    assert not question_of("Who leads the team?").may_be_answered_by("Does Maria lead it?")
    assert question_of("Is Maria 42 years old?").may_be_answered_by("Maria is 42 years old.")
    assert not question_of("How many hives are there?").may_be_answered_by("There are 3 barns.")
    assert question_of("How many hives are there?").may_be_answered_by("There are 3.", "The hives")


def test_lines_of_a_log_stay_lines_and_wrapped_prose_is_joined() -> None:
    log = "2026-11-01 10:00:01 INFO server started\n2026-11-01 10:00:07 ERROR disk is full\nname: tea\nkind: green"
    assert prose(log) == log.split("\n")
    assert prose("apples from Bern\nbread and milk\nSoap for Anna") == [
        "apples from Bern\nbread and milk".replace("\n", " "),
        "Soap for Anna",
    ]
    assert prose("The bridge over the Tarn was closed in the year of\nThe flood. It is open.") == [
        "The bridge over the Tarn was closed in the year of The flood.",
        "It is open.",
    ]


def test_a_sentence_hangs_on_its_heading_and_on_the_one_before() -> None:
    found = {one.text: one.above for one in quotes("# Tea\n\nIt is hot. Frost is bad.\nWho came?\nAnna was there.")}
    assert found == {
        "It is hot.": "Tea\n",
        "Frost is bad.": "Tea",
        "Who came?": "Tea",
        "Anna was there.": "Tea\nWho came?",
    }


def test_the_summary_of_a_log_is_made_of_its_lines() -> None:
    log = (
        "".join(f"2026-11-01 10:00:0{n} INFO pump {n} is at rest\n" for n in range(5))
        + "2026-11-01 11:00:00 ERROR valve stuck\n"
    )
    glued = "- " + log.replace("\n", " ") + "(line 1)"
    desk = Desk({"app.log": log}, answers={"summarize_file": glued})
    answer = str(desk.run("Summarise app.log")[-1].arguments["answer"])
    assert "- 2026-11-01 11:00:00 ERROR valve stuck\n" in answer
    assert "rest 2026" not in answer


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("会议记录", ["资料/会议记录.md"]),
        ("文件夹里的记录", ["资料/会议记录.md"]),
        ("资料里的文件", ["资料/会议记录.md", "资料/周报.md"]),
        ("会议记录和周报", ["资料/会议记录.md", "资料/周报.md"]),
        ("my bee notes", ["bee-notes.txt"]),
        ("the tea", []),
        ("文件", []),
    ],
)
def test_files_are_known_by_a_part_of_their_names(words: str, expected: list[str]) -> None:
    assert meant(words, ["bee-notes.txt", "资料/会议记录.md", "资料/周报.md"]) == expected


def test_a_chinese_goal_without_a_path_finds_its_folder_by_name() -> None:
    files = {"资料/会议记录.md": MEETING, "资料/周报.md": "本周完成了登录页面。\n", "other.txt": "x"}
    for goal in ("总结资料里的文件", "概括资料文件夹里的文件"):
        calls = told(Desk(dict(files)).run(goal))
        assert calls[-3:] == ["summarize_file 资料/会议记录.md", "summarize_file 资料/周报.md", "reached"]
    answer, _ = answer_to("总结合同", files=files)
    assert "没有文件叫这个名字；这里有：other.txt, 资料/会议记录.md" in answer


def test_a_term_is_found_in_all_its_forms() -> None:
    assert pattern_of("begin") == r"(?i)\b(?:began|begin|begun)"
    assert pattern_of("carry", "茶叶") == r"(?i)\b(?:carr[yi])|茶叶"
    assert stem("began") == stem("begin")


def test_what_was_remembered_just_now_answers_as_well() -> None:
    answer, reached = answer_to("记住我喜欢绿茶，然后告诉我我喜欢什么", files={})
    assert "- 我喜欢绿茶 (刚刚记住的)" in answer
    assert reached


def test_what_a_document_is_called_and_for_whom_it_is_told_are_no_topics() -> None:
    for goal in (
        "Summarise the story in bees.txt",
        "Summarize the attached file bees.txt for me",
        "Please write me a nice summary of bees.txt for my boss",
        "Give me the highlights of bees.txt",
        "tl;dr bees.txt",
    ):
        assert told(Desk(dict(FILES)).run(goal)) == ["summarize_file bees.txt", "reached"], goal


def test_what_stands_before_a_chinese_verb_is_what_is_written() -> None:
    desk = Desk(dict(FILES))
    assert told(desk.run("把预算写到 out.md"))[-2:] == ["write_file out.md", "reached"]
    assert "预算从五十万元增加到六十万元。" in desk.files["out.md"]
    assert "李明" not in desk.files["out.md"]


READ_AS_TEXT = """[read as text: 调查.pdf, 2 pages]
[page 1]
港口岸墙调查
二〇二六年三月四日，工程师林达检查了港口的岸墙，发现九段中有两
段向外倾斜。

[page 2]
The wall of the harbour was built in 1931.
"""


def test_a_sentence_of_a_document_with_pages_is_told_with_its_page() -> None:
    found = {one.text: one.place for one in quotes(READ_AS_TEXT)}
    assert found == {
        "港口岸墙调查": "page 1",
        "二〇二六年三月四日，工程师林达检查了港口的岸墙，发现九段中有两段向外倾斜。": "page 1",
        "The wall of the harbour was built in 1931.": "page 2",
    }
    told = brief([Finding(source="调查.pdf", kind="text", text=READ_AS_TEXT)], Wish(title="简报"), chinese=True)
    assert "两段向外倾斜。（第 1 页）" in told
    assert "built in 1931. (page 2)" in told


def test_a_line_of_a_summary_is_told_with_the_page_that_the_summary_names() -> None:
    summary = "- It leans by 8 centimetres. (page 1)\n- It costs 9 euros. (page 2)\n\n[summary of a.pdf, 2 pages]"
    assert [(one.text, one.place) for one in quotes(summary)] == [
        ("It leans by 8 centimetres.", "page 1"),
        ("It costs 9 euros.", "page 2"),
    ]
    assert [one.place for one in quotes("It leans by 8 centimetres. (page 1)")] == [""]


def test_brackets_in_a_text_without_pages_are_words_like_others() -> None:
    assert [one.place for one in quotes("A line of prose here.\n\nMore of it.\n\n\n[page 7]\nIt goes on.")] == [
        "",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("goal", "page", "cited"),
    [
        ("Summarise mill.pdf", "[page 3]\nThe council decides on the turbine in June.", "in June. (page 3)"),
        ("总结 水磨坊.pdf", "[page 3]\n村委会将于六月就水轮机作出决定。", "作出决定。（第 3 页）"),
        ("Summarise mill.pdf in one sentence", "[page 3]\nThe council decides in June.", "in June. (page 3)"),
    ],
)
def test_what_is_told_of_a_document_with_pages_names_them(goal: str, page: str, cited: str) -> None:
    desk = Desk(answers={"read_file": page, "summarize_file": page})
    answer = str(desk.run(goal)[-1].arguments["answer"])
    assert cited in answer
