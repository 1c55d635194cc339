"""How the offline model reads phrases: openings, the part of a path, what is to be written, and where it goes."""

from __future__ import annotations

import pytest

from agent.model.offline.clauses import clauses
from agent.model.offline.extents import beyond, number_of
from agent.model.offline.literals import literal_of, pairs_of
from agent.model.offline.looking import looks_for_words
from agent.model.offline.marks import mark
from agent.model.offline.matching import Toolset, find
from agent.model.offline.openings import only_opens, opening_end
from agent.model.offline.parts import lead_of
from agent.model.offline.script import spelt
from agent.model.offline.targets import folder_of, placed, target_of, targets_of
from agent.model.offline.things import Thing, thing_of
from agent.model.offline.verbs import known_verbs
from tests.offline_desk import STRANGERS, built_in

TOOLS = Toolset((*built_in(), *STRANGERS))
BEGINS = known_verbs().begins


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("In docs/a search for 'x'", "search"),
        ("From the file a.md, please find 'x'", "find"),
        ("Within the docs folder grep 'x'", "grep"),
        ("Use a.md and b.md to write c.md", "write"),
        ("从 a.md 中找出“x”", "找出"),
        ("在资料里帮我搜索“x”", "搜索"),
        ("根据 a.md 和 b.md 里的文件写报告", "写"),
        ("用 a.md 写一份简报", "写"),
        ("在 a.md 中 search 'x'", "search"),
        ("以 a.md 为基础，写一份简报", "写"),
    ],
)
def test_an_opening_ends_where_its_verb_begins(text: str, verb: str) -> None:
    masked = mark(text).masked
    assert text[opening_end(masked, BEGINS) :].startswith(verb)
    assert not only_opens(masked, BEGINS)


@pytest.mark.parametrize(
    "text",
    [
        "In docs/a",
        "Based on a.md and b.md",
        "根据 a.md 里的预算和 b.md 里的时间",
        "从 a.md 中",
        "关于“屋顶”的内容",
        "在资料文件夹",
        "In the morning",
    ],
)
def test_a_text_without_a_verb_is_nothing_but_an_opening(text: str) -> None:
    assert only_opens(mark(text).masked, BEGINS)


@pytest.mark.parametrize("text", ["从 a.md 里揪出“屋顶”", "Read a.md", "用中文写", "在 a.md 末尾追加“x”"])
def test_what_holds_a_verb_is_no_opening(text: str) -> None:
    assert not only_opens(mark(text).masked, BEGINS)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Read the file named a.md", ["plain"]),
        ("Create a file named a.md", ["target"]),
        ("Summarise a.md into a file named b.md", ["plain", "target"]),
        ("Summarise a.md into a brief, b.md, and cite pages", ["plain", "target"]),
        ("Turn a.md into a short one-page report b.md", ["plain", "target"]),
        ("把 a.md 总结成一份简报 b.md，注明页码", ["source", "target"]),
        ("把 a.md 写成一篇简短的报告：b.md", ["source", "target"]),
        ("Copy the file called a.md to b.md", ["plain", "target"]),
        ("Refer to a.md and b.md", ["source", "source"]),
        ("Write a brief according to a.md to b.md", ["source", "target"]),
        ("According to the file a.md write a brief to b.md", ["source", "target"]),
        ("What was written to a.md?", ["source"]),
        ("Save the key points to a.md", ["target"]),
        ("Write the links to the file a.md", ["target"]),
        ("List the files that point to a.md", ["source"]),
        ("Summarise a.md to b.md and c.md to d.md", ["plain", "target", "plain", "target"]),
        ("写入 a.md 的总结", ["plain"]),
        ("写入 a.md 的末尾", ["target"]),
        ("内容来自 a.md，存进 b.md", ["source", "target"]),
        ("写在 a.md", ["target"]),
        ("放进 a.md", ["target"]),
        ("删除 a.md", ["plain"]),
        ("分别 a.md", ["plain"]),
    ],
)
def test_the_words_around_a_path_tell_its_part(text: str, parts: list[str]) -> None:
    assert [one.part for one in mark(text).of("path")] == parts


@pytest.mark.parametrize(
    ("text", "left_out", "others"),
    [
        ("Summarise docs/ except docs/b.md", ("docs/b.md",), ["docs/"]),
        ("Summarise docs/, but not docs/b.md, into c.md", ("docs/b.md",), ["docs/", "c.md"]),
        ("总结 docs/，不包括 b.md 和 c.md", ("b.md", "c.md"), ["docs/"]),
        ("总结除了 b.md 以外的 docs/", ("b.md",), ["docs/"]),
        ("总结 docs/，不要包括 b.md", ("b.md",), ["docs/"]),
    ],
)
def test_a_file_that_is_excepted_is_no_mark(text: str, left_out: tuple[str, ...], others: list[str]) -> None:
    marked = mark(text)
    assert marked.left_out == left_out
    assert [one.text for one in marked.places] == others


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("Search docs/guides for 'x'", ["docs/guides"]),
        ("Summarise docs/guides", ["docs/guides"]),
        ("Search 'x' in docs/a, docs/b and 资料/周报", ["docs/a", "docs/b", "资料/周报"]),
        ("Grep 'x' docs/guides", ["docs/guides"]),
        ("总结资料/周报里的文件", ["资料/周报"]),
        ("在资料/周报里查找“x”", ["资料/周报"]),
        ("总结资料/周报里的一月.md", ["资料/周报/一月.md"]),
        ("合并资料/周报下所有文件到out/all.md", ["资料/周报", "out/all.md"]),
        ("总结 资料/项目中心", ["资料/项目中心"]),
        ("总结资料/高中", ["资料/高中"]),
        ("总结合并报表.md", ["合并报表.md"]),
        ("I like tea/coffee", []),
        ("Search for tea/coffee prices", []),
    ],
)
def test_folders_are_known_without_an_ending(text: str, paths: list[str]) -> None:
    assert [one.text for one in mark(text).places] == paths


def thing(text: str) -> Thing:
    marked = mark(text)
    match = next(one for one in find(marked, TOOLS) if one.concept in ("write", "append"))
    return thing_of(marked, match, target_of(marked, behind=match.end))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Save a.md to b.md", Thing(kind="copy")),
        ("Save the contents of a.md and c.md to b.md", Thing(kind="copy")),
        ("把 a.md 的全部内容写到 b.md", Thing(kind="copy")),
        ("Create b.md with the text of a.md", Thing(kind="copy")),
        ("Write the first two lines of a.md to b.md", Thing(kind="lines", first=1, count=2)),
        ("Save line 7 of a.md to b.md", Thing(kind="lines", first=7, count=1)),
        ("Save the last 3 lines of a.md to b.md", Thing(kind="lines", first=-3, count=3)),
        ("把 a.md 的第二到四行写到 b.md", Thing(kind="lines", first=2, count=3)),
        ("把 a.md 最后一行写到 b.md", Thing(kind="lines", first=-1, count=1)),
        ("Save all lines with 'x' in a.md to b.md", Thing(kind="hits", words="x")),
        ("Write every mention of frost in docs to b.md", Thing(kind="hits", words="frost")),
        ("把 a.md 里提到“x”的行写到 b.md", Thing(kind="hits", words="x")),
        ("Save the answer to 'Who?' to b.md", Thing(kind="answer", words="Who?")),
        ("Write the list of all files in docs to b.md", Thing(kind="listing")),
        ("把 docs/ 里的文件列表写到 b.md", Thing(kind="listing")),
        ("把 a.md 里的预算写到 b.md", Thing(kind="brief", topic="预算")),
        ("把“会议”里的决定写到 b.md", Thing(kind="brief", topic="决定", document="会议")),
        ("Write a brief about 'x' to b.md", Thing(kind="brief", topic="x")),
        ("Write a summary of a.md to b.md", Thing(kind="brief")),
        ("Save a.md as a short summary to b.md", Thing(kind="brief")),
        ("Save it to b.md", Thing(kind="brief")),
        ("Save a.md sorted by name to b.md", Thing(kind="unknown", words="sorted by name")),
        ("把 a.md 加密后存到 b.md", Thing(kind="unknown", words="加密后")),
        ("Write the title of a.md to b.md", Thing(kind="unknown", words="the title")),
        ("Write the second paragraph of a.md to b.md", Thing(kind="unknown", words="the second paragraph")),
    ],
)
def test_what_is_to_be_written_is_told_by_the_object_of_the_verb(text: str, expected: Thing) -> None:
    assert thing(text) == expected


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("Move a.md to out/", "out"),
        ("Move a.md into the old folder", "old"),
        ("Move a.md to the folder old/notes", "old/notes"),
        ("把 a.md 移到 旧文件 目录下", "旧文件"),
        ("Move a.md in docs/ to b.md", ""),
        ("Move a.md to b.md", ""),
    ],
)
def test_a_folder_to_put_things_into_is_known_by_its_words(text: str, folder: str) -> None:
    assert folder_of(mark(text)) == folder


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Create a.txt in the out folder", "out/a.txt"),
        ("Create a.txt in out/", "out/a.txt"),
        ("在 out 目录里新建 a.txt", "out/a.txt"),
        ("In the folder out, create a.txt", "out/a.txt"),
        ("Create sub/a.txt in the out folder", "sub/a.txt"),
        ("Create a.txt for the folder list", "a.txt"),
    ],
)
def test_a_bare_name_lies_in_the_folder_that_is_named_beside_it(text: str, path: str) -> None:
    marked = mark(text)
    target = next(one for one in marked.of("path") if one.text.endswith(".txt"))
    assert placed(marked, target) == path


def test_several_files_get_the_same_only_where_they_are_joined() -> None:
    assert targets_of(mark("Summarise x.md into a.md, b.md and c.md")) == ["a.md", "b.md", "c.md"]
    assert targets_of(mark("Summarise x.md into a.md and y.md into b.md")) is None
    assert pairs_of(mark("Put 'a' in a.md and 'b' in b.md")) == [("a", "a.md"), ("b", "b.md")]
    assert pairs_of(mark("Write 'a' to a.md and b.md")) == [("a", "a.md"), ("a", "b.md")]


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("Write 'x' to a.md", "x"),
        ("Write a brief about 'x' to a.md", None),
        ("写一份关于“x”的简报到 a.md", None),
        ("把“会议”里的决定写到 a.md", None),
        ("Create a.md containing buy milk", "buy milk"),
        ("Create a.md containing a summary of b.md", None),
        ("写一份简报，内容来自 b.md", None),
        ("新建 a.md，内容是：你好", "你好"),
        ("Write the word count of b.md to a.md", None),
    ],
)
def test_words_are_literal_only_where_they_are_what_is_to_be_written(text: str, literal: str | None) -> None:
    marked = mark(text)
    assert literal_of(marked, target_of(marked)) == literal


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Look in docs for 'x'", True),
        ("Which of the files mention 'x'?", True),
        ("Find all documents that contain 'x'", True),
        ("哪些文件提到“x”", True),
        ("找出所有包含“x”的文件", True),
        ("Look in a.md", False),
        ("Which files are in docs?", False),
    ],
)
def test_what_asks_for_quoted_words_in_files_is_a_search(text: str, found: bool) -> None:
    assert bool(looks_for_words(mark(text))) is found


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("In docs/a search for 'x' and save it to b.md", ["In docs/a search for 'x'", "save it to b.md"]),
        ("总结 a.md，结果写入 b.md", ["总结 a.md", "结果写入 b.md"]),
        ("读取 a.md，在 b.md 里追加“x”", ["读取 a.md", "在 b.md 里追加“x”"]),
        ("新建 a.md，写入“x”", ["新建 a.md，写入“x”"]),
        ("Create a.md and write 'x' to b.md", ["Create a.md", "write 'x' to b.md"]),
        ("Save it after reading a.md", ["reading a.md", "Save it"]),
        ("Save it after reading a.md, then delete b.md", ["reading a.md", "Save it", "delete b.md"]),
        ("把 a.md 的最后两行存到 b.md", ["把 a.md 的最后两行存到 b.md"]),
        ("The summary should be saved to a.md", ["save the summary to a.md"]),
    ],
)
def test_a_goal_is_split_and_put_in_order(goal: str, expected: list[str]) -> None:
    assert [one.text for one in clauses(goal, known_verbs())] == expected


@pytest.mark.parametrize(
    ("goal", "forbidden"),
    [
        ("Save a summary of a.md, but not to b.md", "Save b.md"),
        ("搜索“x”，但不要在 b.md 里找", "找 在 b.md 里"),
        ("Read docs/ but do not include docs/b.md", "Read docs/b.md"),
        ("总结 a.md，不要存到 b.md", "存到 b.md"),
    ],
)
def test_what_is_forbidden_without_a_verb_of_its_own_has_the_one_before(goal: str, forbidden: str) -> None:
    assert [one.text for one in clauses(goal, known_verbs()) if one.negated] == [forbidden]


def test_numbers_are_known_as_figures_and_words() -> None:
    assert [number_of(one) for one in ("12", "three", "十二", "两", "many", "")] == [12, 3, 12, 2, 0, 0]


@pytest.mark.parametrize(
    "text",
    [
        "in upper case",
        "that compares a and b",
        "without the costs",
        "倒过来",
        "按日期排序",
        "转成大写",
        "comparing a with b",
    ],
)
def test_forms_that_no_rule_can_give_are_known(text: str) -> None:
    assert beyond(text)


@pytest.mark.parametrize("text", ["without changing the file", "a summary of the sorted list", "写一份报告"])
def test_what_is_no_form_is_none(text: str) -> None:
    assert not beyond(text)


def test_paths_are_compared_in_one_spelling() -> None:
    assert spelt(".\\out\\a.md") == spelt("./out/a.md") == "out/a.md"
    assert spelt("out/") == "out"


def test_the_words_that_lead_to_a_file_are_found() -> None:
    assert "save it to the file "[lead_of("save it to the file ") :] == "to the file "
    assert lead_of("save ") == 5
