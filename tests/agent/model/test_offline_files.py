"""The offline model and the files that a goal wants: each is written with what was wished for, or the run says no."""

from __future__ import annotations

import pytest

from agent.events import Finished
from agent.goal import FileCheck, Goal
from agent.model.offline_model import OfflineModel
from tests.kits import House
from tests.offline_desk import Desk, told

TEA = "# Tea\n\nTea is grown in Assam.\nThe main risk is a late frost.\nFarmers fear frost.\n"
COFFEE = "# Coffee\n\nCoffee prices fell in 2024.\nBrazil fears frost too.\n"
ROOF = "# 费用\n\n屋顶防水十八万元。\n电梯没有来源。\n屋顶四月完工。\n"
LEAK = "# 调查\n\n最主要的问题是漏雨。\n屋顶必须修好。\n"
DOCS = {"docs/tea.md": TEA, "docs/coffee.md": COFFEE, "资料/费用.md": ROOF, "资料/调查.md": LEAK, "notes.txt": "x\n"}
READ_DOCS = ("read_file docs/coffee.md", "read_file docs/tea.md")
BRAZIL = "docs/coffee.md:4: Brazil fears frost too.\n"
FARMERS = "docs/tea.md:5: Farmers fear frost.\n"
FROST = f"{BRAZIL}docs/tea.md:4: The main risk is a late frost.\n{FARMERS}"
APRIL = "资料/费用.md:5: 屋顶四月完工。\n"
ROOFS = f"资料/费用.md:3: 屋顶防水十八万元。\n{APRIL}"


def wanted(goal: str) -> tuple[Desk, bool, str]:
    """The desk after a goal, whether it was held to be reached, and the answer. No document is ever touched."""
    desk = Desk(dict(DOCS))
    end = desk.run(goal)[-1]
    assert {path: desk.files.get(path) for path in DOCS} == DOCS, goal
    return desk, bool(end.arguments["reached"]), str(end.arguments["answer"])


@pytest.mark.parametrize(
    ("goal", "path", "text"),
    [
        ('从 资料/费用.md 中找出"屋顶"，保存为 out/c.md', "out/c.md", ROOFS),
        ('在 资料/费用.md 中找出"屋顶"，然后写到 out/c.md', "out/c.md", ROOFS),
        ("在资料/费用.md里查找“屋顶”并把结果写入out/c.md", "out/c.md", ROOFS),
        ("在 资料/费用.md 里查找“屋顶”，结果存进 out/c.md", "out/c.md", ROOFS),
        ("把 资料/费用.md 里提到“屋顶”的行保存到 out/c.md", "out/c.md", ROOFS),
        ("把 资料/费用.md 里的“屋顶”找出来，放进 out/c.md", "out/c.md", ROOFS),
        ("请将“屋顶防水”的搜索结果输出到 out/c.md", "out/c.md", "资料/费用.md:3: 屋顶防水十八万元。\n"),
        ('在 资料 中搜索"漏雨"，保存为 结果.txt', "结果.txt", "资料/调查.md:3: 最主要的问题是漏雨。\n"),
        ("在 资料 中搜索 漏雨，存成 结果.txt", "结果.txt", "资料/调查.md:3: 最主要的问题是漏雨。\n"),
        ("搜索 资料 中的“漏雨”和“四月”，写到 r.txt", "r.txt", f"资料/调查.md:3: 最主要的问题是漏雨。\n{APRIL}"),
        ('In docs search for "frost" and save the hits to out/h.txt', "out/h.txt", FROST),
        ('From docs/coffee.md find "frost" and save it to out/g.md', "out/g.md", BRAZIL),
        ('Look in docs for "frost" and list the hits in out/h.txt', "out/h.txt", FROST),
        ("Search docs for frost into out/h.txt", "out/h.txt", FROST),
        ('Which files in docs mention "Brazil"? Save the answer to a.txt', "a.txt", BRAZIL),
        ("Save all lines that mention Brazil in docs to out/b.txt", "out/b.txt", BRAZIL),
        ('Search docs for lines starting with "Far" and save them to f.txt', "f.txt", FARMERS),
        ('Grep -i "BRAZIL" docs and write it to g.txt', "g.txt", BRAZIL),
        ('Search docs for "frost", but not in docs/tea.md, and save it to f.txt', "f.txt", BRAZIL),
    ],
)
def test_the_hits_of_a_search_go_to_the_file_that_is_named(goal: str, path: str, text: str) -> None:
    desk, reached, _ = wanted(goal)
    assert desk.files.get(path) == text
    assert reached


@pytest.mark.parametrize(
    ("goal", "path", "text"),
    [
        ("Save docs/tea.md to out/t.md", "out/t.md", TEA),
        ("Read docs/tea.md to out/t.md", "out/t.md", TEA),
        ("Open docs/tea.md and save as out/t.md", "out/t.md", TEA),
        ("Save the file named docs/tea.md to out/t.md", "out/t.md", TEA),
        ("Make a copy of docs/tea.md called out/t.md", "out/t.md", TEA),
        ("Create out/t.md with the contents of docs/tea.md", "out/t.md", TEA),
        ("Copy docs/tea.md to out/", "out/tea.md", TEA),
        ("Put docs/tea.md into the out folder", "out/tea.md", TEA),
        ("Don't summarise docs/tea.md; just copy it to out/t.md", "out/t.md", TEA),
        ("Read docs/tea.md and copy it to out/t.md", "out/t.md", TEA),
        ("把 资料/费用.md 复制到 out 文件夹", "out/费用.md", ROOF),
        ("把资料/费用.md放进out/", "out/费用.md", ROOF),
        ("资料/费用.md 另存为 out/f.md", "out/f.md", ROOF),
        ("不要总结，只把 资料/费用.md 备份到 out/f.md", "out/f.md", ROOF),
        ("Save the first 3 lines of docs/tea.md to h.txt", "h.txt", "# Tea\n\nTea is grown in Assam.\n"),
        (
            "Save lines 3 to 4 of docs/tea.md as h.txt",
            "h.txt",
            "Tea is grown in Assam.\nThe main risk is a late frost.\n",
        ),
        ("Write the last line of docs/tea.md to h.txt", "h.txt", "Farmers fear frost.\n"),
        ("Save the first line of docs/tea.md and docs/coffee.md to h.txt", "h.txt", "# Tea\n# Coffee\n"),
        ("Write the first line of each file in docs/ to h.txt", "h.txt", "# Coffee\n# Tea\n"),
        ("把 资料/费用.md 的第一行保存为 h.txt", "h.txt", "# 费用\n"),
        ("把 资料/费用.md 第3到4行写入 h.txt", "h.txt", "屋顶防水十八万元。\n电梯没有来源。\n"),
        ("把 资料/费用.md 的最后两行存到 h.txt", "h.txt", "电梯没有来源。\n屋顶四月完工。\n"),
        ("新建 out/a.txt，写入“你好”", "out/a.txt", "你好"),
        ("在 out 文件夹里新建 a.txt，写入“你好”", "out/a.txt", "你好"),
        ('Create out/a.txt and write "hi" into it', "out/a.txt", "hi"),
        ('Create a.txt in the out folder with the text "hi"', "out/a.txt", "hi"),
        ("把上海和北京的天气保存到 w.txt", "w.txt", '{"city": "上海"}\n\n{"city": "北京"}\n'),
        ("Get the weather for Oslo and Rome and save it to w.txt", "w.txt", '{"city": "Oslo"}\n\n{"city": "Rome"}\n'),
        ("Write a list of the files in docs to l.txt", "l.txt", "docs/coffee.md  62 bytes\ndocs/tea.md  81 bytes\n"),
    ],
)
def test_documents_lines_and_words_are_written_as_they_stand(goal: str, path: str, text: str) -> None:
    desk, reached, _ = wanted(goal)
    assert desk.files.get(path) == text
    assert reached


@pytest.mark.parametrize(
    ("goal", "path", "words"),
    [
        ("根据 资料 里的文件写一份简报，保存为 out/b.md", "out/b.md", ("漏雨", "屋顶防水")),
        ("把 资料/费用.md 的总结写到 out/s.md", "out/s.md", ("屋顶防水",)),
        ("把 资料/费用.md 的要点存进 out/s.md", "out/s.md", ("屋顶防水",)),
        ("总结资料下的所有文件，输出为 out/s.md", "out/s.md", ("漏雨", "屋顶防水")),
        ("写一份简报，内容来自 资料/费用.md，保存为 out/r.md", "out/r.md", ("屋顶防水",)),
        ("在 out/r.md 里写入 资料/费用.md 的总结", "out/r.md", ("屋顶防水",)),
        ("列出 资料 里的文件，再总结每个文件，最后把结果写进 out/r.md", "out/r.md", ("漏雨", "屋顶防水")),
        ("把“调查”里的问题写到 out/r.md", "out/r.md", ("漏雨",)),
        ("写一份关于“漏雨”的简报到 out/r.md", "out/r.md", ("漏雨",)),
        ("读 资料/调查.md 回答：最主要的问题是什么？写到 out/r.md", "out/r.md", ("要点", "漏雨")),
        ("把 资料/ 里所有文件的要点汇总到 out/r.md", "out/r.md", ("漏雨", "屋顶防水")),
        ("Read docs/tea.md. Write a brief. Save it to out/b.md", "out/b.md", ("Key points", "Assam")),
        ("Refer to docs/tea.md and write a brief to out/b.md", "out/b.md", ("Assam",)),
        ("Use docs/tea.md to write out/b.md", "out/b.md", ("Assam",)),
        ("Using docs/tea.md write a brief and save it in out/b.md", "out/b.md", ("Assam",)),
        ("Create out/b.md containing a summary of docs/tea.md", "out/b.md", ("Assam",)),
        ('Write a brief about "Brazil" to out/b.md', "out/b.md", ("Brazil",)),
        ("Summarise docs/tea.md. The summary should be saved to out/b.md", "out/b.md", ("Assam",)),
        ("Summarise docs/tea.md into a file named out/b.md", "out/b.md", ("Assam",)),
        ("Summarise docs into out/a.md and out/b.md", "out/a.md", ("Assam", "Brazil")),
        ('Save "done" to s.txt after summarising docs/tea.md to out/b.md', "out/b.md", ("Assam",)),
        ('Save the answer to "Who fears frost?" in out/b.md', "out/b.md", ("Farmers",)),
    ],
)
def test_what_is_composed_goes_to_the_file_that_is_named(goal: str, path: str, words: tuple[str, ...]) -> None:
    desk, reached, _ = wanted(goal)
    assert all(word in desk.files.get(path, "") for word in words), desk.files.get(path)
    assert reached


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("Read docs/tea.md and docs/coffee.md to out/g.md", "nothing was written to out/g.md"),
        ("Search for frost, and if found save it to out/g.md", "nothing in the files answers it"),
        ("Summarise docs/tea.md and save it as summary", "names no file to write to"),
        ("Summarise docs/tea.md and save it to a file", "names no file to write to"),
        ("Summarise docs/tea.md and save it", "names no file to write to"),
        ("Save a summary of docs/tea.md, but not to out/a.md", "names no file to write to"),
        ("Summarise docs and save each summary to out/", "out is a folder: name the file"),
        ("Summarise docs/tea.md into the out folder", "out is a folder: name the file"),
        ("总结 资料，放进 out/", "out 是文件夹"),
        ("把结果保存到 out/r.md", "没有可写的内容"),
        ("Create a folder called out/new", "makes no folder"),
        ("新建文件夹 out/新", "不单独新建文件夹"),
        ("Write a brief on docs/tea.md into b.md and a list of files into l.txt", "several files"),
        ("Summarise docs/tea.md to out/a.md and docs/coffee.md to out/b.md", "several files"),
        ('Search docs for "tea" and notes.txt for "x"', "different words in different places"),
        ("List everyone in docs", "beyond the rule-based model"),
        ("Write the title of docs/tea.md to t.txt", "no rule tells how to write"),
        ("Write the first paragraph of docs/tea.md to t.txt", "no rule tells how to write"),
        ("Save docs/tea.md sorted by line to t.md", "no rule tells how to write “sorted by line”"),
        ("把 资料/费用.md 去掉空行后保存为 t.md", "没有规则说明如何写“去掉空行后”"),
        ("Write a report that compares docs/tea.md with docs/coffee.md to t.md", "no other form"),
        ("Write a summary of docs/tea.md in upper case to t.md", "no other form"),
        ("Write a summary of docs/tea.md without the risks to t.md", "no other form"),
        ("Export the summary of docs/tea.md as t.html", "“.html”"),
        ("导出 资料/费用.md 为 t.pdf", "“.pdf”"),
        ("Save notes.txt as t.json", "“.json”"),
        ('Write "Tea" followed by a summary of docs/tea.md to t.md', "no rule tells how to write"),
        ("Do not write anything. Summarise docs/tea.md to out/s.md", "nothing was written to out/s.md"),
        ('Search reports for "frost"', "no folder and no file called “reports”"),
    ],
)
def test_a_wish_that_no_rule_meets_is_told_and_leaves_no_file_behind(goal: str, said: str) -> None:
    desk, reached, answer = wanted(goal)
    assert desk.files == DOCS
    assert not reached
    assert said in answer


@pytest.mark.parametrize(
    "put", ["保存为", "保存成", "保存到", "存为", "存进", "写入", "写到", "输出到", "放进", "另存为"]
)
@pytest.mark.parametrize("change", ["翻译成英文", "倒过来", "按行排序", "转成大写", "改写成新闻稿", "做成表格", "去重"])
def test_after_a_step_that_failed_nothing_is_written_in_its_place(change: str, put: str) -> None:
    desk, reached, _ = wanted(f"把 资料/费用.md {change}，{put} out/t.md")
    assert desk.files == DOCS
    assert not reached


@pytest.mark.parametrize(
    "goal",
    [
        "Translate docs/tea.md into French and save it to out/t.md",
        "Read docs/tea.md, sort its lines and write a summary to out/t.md",
        "Read docs/tea.md, translate it and summarise it into out/t.md",
        "Summarise docs/tea.md in Chinese and save it to out/t.md",
        "Summarise docs/tea.md in Chinese to out/t.md",
        "Summarise docs/tea.md in the style of a pirate and save it as out/t.md",
        "比较 资料/费用.md 和 资料/调查.md，把结论写到 out/t.md",
        "把资料/费用.md翻译成英文保存到out/t.md",
        "把 资料/费用.md 转成大写保存为 out/t.md",
        "从 资料/费用.md 中翻译“屋顶”，写到 out/t.md",
        "从 资料/费用.md 里揪出“屋顶”，保存为 out/t.md",
    ],
)
def test_what_cannot_be_had_is_not_replaced_by_something_else(goal: str) -> None:
    desk, reached, _ = wanted(goal)
    assert desk.files == DOCS
    assert not reached


def test_a_file_of_the_checks_is_not_written_for_a_step_that_failed(house: House) -> None:
    house.write("tea.md", TEA * 20)
    for words in ("把 tea.md 翻译成中文，保存为 out/b.md", "Read tea.md and translate it into Chinese"):
        goal = Goal(goals=(words,), checks=(FileCheck(file="out/b.md", min_bytes=100),))
        outcome = house.run(goal, OfflineModel(goal))
        assert isinstance(outcome.ended, Finished)
        assert outcome.ended.state == "not_reached"
        assert not (house.workspace / "out/b.md").exists()


@pytest.mark.parametrize(
    "goal",
    [
        "Remove the table from docs/tea.md",
        "Delete line 3 of docs/tea.md",
        'Remove "frost" from docs/tea.md',
        "删除 资料/费用.md 里的空行",
        "把 资料/费用.md 中的“屋顶”删掉",
        "写一份简报，内容来自 资料/费用.md",
        "Write down the main points in docs/tea.md",
        "Read docs/coffee.md and write the main points in docs/tea.md",
        "Read docs/tea.md and save docs/tea.md",
        "Read docs/coffee.md. List docs/tea.md",
        "Summarise docs/tea.md to out/a.md and docs/coffee.md to out/b.md",
        'Replace "frost" with "rain" in docs/tea.md and save the result as out/t.md',
        "把 资料/费用.md 中的“屋顶”替换为“房顶”，另存为 out/t.md",
    ],
)
def test_a_document_that_is_only_spoken_of_stays_as_it_is(goal: str) -> None:
    wanted(goal)


def test_words_that_are_replaced_for_another_file_are_replaced_there() -> None:
    desk, reached, _ = wanted('Replace "frost" with "rain" in docs/tea.md and save the result as out/t.md')
    assert desk.files["out/t.md"] == TEA.replace("frost", "rain")
    assert reached
    desk, reached, _ = wanted("将 资料/费用.md 里的屋顶改成房顶，保存到 out/t.md")
    assert desk.files["out/t.md"] == ROOF.replace("屋顶", "房顶")
    assert reached


@pytest.mark.parametrize(
    ("goal", "gone"),
    [
        ("Delete all .md files in docs, but not docs/tea.md", {"docs/coffee.md"}),
        ("删除 docs 里的 md 文件，除了 docs/tea.md", {"docs/coffee.md"}),
        ("Remove the file docs/coffee.md from the workspace", {"docs/coffee.md"}),
        ("删除文件 资料/费用.md", {"资料/费用.md"}),
    ],
)
def test_files_are_deleted_as_far_as_they_are_named(goal: str, gone: set[str]) -> None:
    desk = Desk(dict(DOCS))
    assert told(desk.run(goal))[-1] == "reached"
    assert DOCS.keys() - desk.files.keys() == gone


@pytest.mark.parametrize(
    ("goal", "moved"),
    [
        ("Move notes.txt to out/", "out/notes.txt"),
        ("Move notes.txt into the out folder", "out/notes.txt"),
        ("把 notes.txt 移到 out 文件夹里", "out/notes.txt"),
        ("Move all txt files in this folder into out/old/", "out/old/notes.txt"),
    ],
)
def test_what_is_moved_into_a_folder_keeps_its_name(goal: str, moved: str) -> None:
    desk = Desk(dict(DOCS))
    desk.run(goal)
    assert moved in desk.files or "notes.txt" in desk.files
    assert desk.files.get(moved, desk.files.get("notes.txt")) == "x\n"


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ('Search docs for "frost"', ["list_files docs", "search_files frost docs", "reached"]),
        ('Search a.txt and notes.txt for "x"', ["search_files x a.txt", "search_files x notes.txt", "reached"]),
        ("检索 资料 中的 屋顶", ["list_files 资料", "search_files 屋顶 资料", "reached"]),
        ("搜索屋顶", ["search_files 屋顶", "reached"]),
        ("查找 docs 目录下包含 frost 的文件", ["search_files frost docs", "reached"]),
        ('Search the files for "frost"', ["search_files frost", "reached"]),
        ("Search docs for late frost", ["list_files docs", "search_files late frost docs", "reached"]),
        (
            "Search docs for Brazil frost",
            ["list_files docs", "search_files Brazil frost docs", *READ_DOCS, "reached"],
        ),
        (
            'Search docs and a.txt for "frost"',
            ["list_files docs", "search_files frost a.txt", "search_files frost docs", "reached"],
        ),
        ('Find "frost" in all documents', ["search_files frost", "reached"]),
        ('Search the coffee notes for "frost"', ["search_files frost", "reached"]),
        ("哪些文件提到“漏雨”？", ["search_files 漏雨", "reached"]),
        ("Read all files in docs except docs/tea.md", ["list_files docs", "read_file docs/coffee.md", "reached"]),
        ("总结 资料 里的文件，但不要包括 资料/费用.md", ["list_files 资料", "summarize_file 资料/调查.md", "reached"]),
        ("Output the first two lines of docs/tea.md", ["read_file docs/tea.md 1 2", "reached"]),
        ("List docs", ["list_files docs", "reached"]),
        ("Make a list of the files in docs", ["list_files docs", "reached"]),
        ("Read the file named notes.txt", ["read_file notes.txt", "reached"]),
        ("Go to notes.txt and read it", ["read_file notes.txt", "reached"]),
        ("别动 notes.txt，只读取它", ["read_file notes.txt", "reached"]),
        ("资料/ 里都有什么？", ["list_files 资料", "reached"]),
    ],
)
def test_the_scope_that_a_goal_names_is_kept_to(goal: str, expected: list[str]) -> None:
    assert told(Desk(dict(DOCS)).run(goal)) == expected


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("查询北京的天气", ["forecast 北京"]),
        ("请问北京的天气如何？", ["forecast 北京"]),
        ("查看北京的天气", ["forecast 北京"]),
        ("查一下北京的天气", ["forecast 北京"]),
        ("获取呼和浩特的天气", ["forecast 呼和浩特"]),
        ("查询北京未来3天的天气，写到 w.txt", ["forecast 3 北京", "write_file w.txt"]),
        ("读取 notes.txt，然后查看北京的天气", ["read_file notes.txt", "forecast 北京"]),
        ("查看上海和北京的天气", ["forecast 上海", "forecast 北京"]),
    ],
)
def test_a_tool_is_asked_for_in_polite_chinese(goal: str, expected: list[str]) -> None:
    assert told(Desk(dict(DOCS)).run(goal)) == [*expected, "reached"]


def test_what_is_queried_and_is_no_tool_stays_beyond_the_rules() -> None:
    assert told(Desk(dict(DOCS)).run("查询数据库")) == ["not reached"]


@pytest.mark.parametrize(
    "goal",
    ["Save a.pdf to b.md", "Copy a.pdf to b.md", "Copy a.pdf to out/", "Save the first 2 lines of a.pdf to b.md"],
)
def test_what_is_not_shown_as_it_stands_is_not_written_in_part(goal: str) -> None:
    desk = Desk(answers={"read_file": "Some words\n[text of a PDF of 3 pages]"})
    assert "not shown whole" in str(desk.run(goal)[-1].arguments["answer"]) or not desk.files
    assert desk.files == {}


@pytest.mark.parametrize(
    ("goal", "tool"),
    [
        ("Copy docs/tea.md to b.md", "write_file"),
        ("Write a list of the files in docs to b.md", "list_files"),
        ("Save the first 2 lines of docs/tea.md to b.md", "read_file"),
        ("Save all lines with 'frost' in docs/tea.md to b.md", "search_files"),
        ("Move notes.txt to out/", "move_file"),
        ("Search docs for 'frost'", "search_files"),
    ],
)
def test_without_a_tool_that_a_wish_needs_it_says_so(goal: str, tool: str) -> None:
    desk = Desk(dict(DOCS), offered=tuple(one for one in Desk().offered if one.name != tool))
    end = desk.run(goal)[-1]
    assert end.arguments["reached"] is False
    assert "no tool for it is offered here" in str(end.arguments["answer"])
    assert desk.files == DOCS


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("Copy it to b.md", "names no document"),
        ("Copy docs/tea.md", "names no file to write to"),
        ("Save the answer to 'Who flew to the moon?' in b.md", "nothing in the files answers it"),
        ("把“合同”里的金额写到 b.md", "没有文件叫这个名字"),
        ("Write a brief about 'unicorns' to b.md", "nothing was found that could be written"),
        ("Replace 'frost' with 'rain' in missing.md and save it as b.md", "there is no 'missing.md'"),
    ],
)
def test_what_is_missing_is_said(goal: str, said: str) -> None:
    desk, reached, answer = wanted(goal)
    assert said in answer
    assert not reached
    assert desk.files == DOCS
