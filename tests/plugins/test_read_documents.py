"""Documents of every kind read by `read_file`, in runs over a real workspace."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from agent.events import Observed, Progress
from plugins import Toolbox, ToolError, built_in_plugins
from tests.kits import House, called, finish, within
from tests.plugins import papers
from tests.plugins.test_files import Desk
from tests.scripted import ScriptedModel

SOURCE = "; as_text=false gives its source"


def observed(tmp_path: Path, name: str, content: bytes, **arguments: Any) -> Observed:
    """What a run that reads this file is shown of it."""
    house = House(tmp_path)
    file = house.workspace / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    outcome = house.run("Read.", ScriptedModel([[called("read_file", path=name, **arguments)], [finish()]]))
    found = next(one for one in outcome.of(Observed) if one.tool == "read_file")
    assert isinstance(found, Observed)
    return found


def shown(tmp_path: Path, name: str, content: bytes, **arguments: Any) -> str:
    found = observed(tmp_path, name, content, **arguments)
    assert found.ok, found.text
    return found.text


def refused(tmp_path: Path, name: str, content: bytes, **arguments: Any) -> str:
    """The complaint with its hint."""
    found = observed(tmp_path, name, content, **arguments)
    assert not found.ok
    assert "Traceback" not in found.text
    assert len(found.text.strip().split("\n")) <= 2
    return found.text


def locked(content: bytes) -> bytes:
    """The same PDF, with a password."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt("geheim", algorithm="RC4-128")
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "head", "said"),
    [
        ("a.pdf", papers.pdf([["Spring is here."], ["春天到了。"]]), "a.pdf, 2 pages", ["[page 2]\n春天到了。"]),
        ("年报.docx", papers.word(), "年报.docx", ["收入增长了百分之十二。", "- first 第一", "| 2024 |"]),
        ("a.xlsx", papers.workbook(), "a.xlsx, 3 sheets", ['[sheet "2024 年", rows 1-7]', "李雷", "here too"]),
        ("a.pptx", papers.presentation(), "a.pptx, 2 slides", ["[slide 2]\n# 计划 2", "first point 要点"]),
        ("a.epub", papers.book(), 'a.epub, 2 chapters, titled "书名"', ["[chapter 1]\n# 第一章", "The end."]),
        ("a.odt", papers.open_document(), "a.odt", ["## 标题 Heading"]),
        ("a.eml", papers.mail(), f"a.eml{SOURCE}", ["From: 李雷 <li@example.org>", "你好，附件是纪要。", "纪要.pdf"]),
        ("a.ipynb", papers.notebook(), f"a.ipynb, 2 cells{SOURCE}", ["[cell 2]\n```python\nprint(6 * 7)", "结果 42"]),
        ("a.doc", papers.rtf(), f"a.doc{SOURCE}", ["café", "你好"]),
        (
            "a.HTM",
            "<title>站</title><p>你好 <b>world</b></p>".encode("gb18030"),
            f'a.HTM, titled "站"{SOURCE}',
            ["你好"],
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_document_is_read_as_text_with_its_places(
    tmp_path: Path, name: str, content: bytes, head: str, said: list[str]
) -> None:
    text = shown(tmp_path, name, content)
    assert text.startswith(f"[read as text: {head}]\n")
    for one in said:
        assert one in text


@pytest.mark.parametrize("name", ["a.csv", "a.md", "a.py", "a.txt", "a.xml", "a.json", "a.svg"])
def test_what_is_text_stays_as_it_is_whatever_it_holds(tmp_path: Path, name: str) -> None:
    text = "<!DOCTYPE html>\n<p>a,b\n"
    assert shown(tmp_path, name, text.encode()) == text


def test_the_source_of_a_page_is_given_where_it_is_asked_for(tmp_path: Path) -> None:
    source = "<!DOCTYPE html>\n<p>Hello</p>\n<script>go()</script>\n"
    assert shown(tmp_path, "a.html", source.encode(), as_text=False) == source
    told = refused(tmp_path, "a.pdf", papers.pdf([["x"]]), as_text=False)
    assert "'a.pdf' is not text: it looks like a PDF document" in told


def test_a_page_that_is_too_large_to_be_converted_still_has_its_source(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write("a.html", "<p>Hello</p>\n" * 10_000)
    with (house.workspace / "a.html").open("r+b") as file:
        file.truncate(200_000_000)
    calls = [called("read_file", "one", path="a.html"), called("read_file", "two", path="a.html", as_text=False)]
    first, second = house.run("Read.", ScriptedModel([calls, [finish()]])).of(Observed)[:2]
    assert "'a.html' has 200 MB, and documents of at most 100 MB are converted" in first.text
    assert "; or take as_text=false to read its source" in first.text
    assert second.text.startswith("<p>Hello</p>\n")


def test_a_page_without_text_is_refused_with_the_way_to_its_source(tmp_path: Path) -> None:
    content = b"<title>My site</title><div id=root></div><script>go()</script>"
    told = refused(tmp_path, "a.html", content)
    assert "there is no text in it" in told
    assert "as_text=false" in told


def test_a_long_document_is_read_page_by_page_and_says_on_each_what_it_is(tmp_path: Path) -> None:
    content = papers.pdf([[f"Item {97 * page + 13 * line} 报告." for line in range(40)] for page in range(8)] + [[]])
    first = shown(tmp_path, "report.pdf", content, lines=100)
    assert first.startswith("[read as text: report.pdf, 8 pages with text]\n[page 1]\nItem 0 报告.\n")
    *_, note, where = first.split("\n")
    assert note == "[read as text; no text on page 9: empty, or pictures only]"
    onward = re.fullmatch(r"\[lines 1-100 of (\d+); go on with start_line=101\]", where)
    assert onward is not None
    later = shown(tmp_path, "report.pdf", content, start_line=101, lines=1)
    assert later.startswith("[read as text: report.pdf, 8 pages with text]\n")
    assert f"[lines 101-101 of {onward[1]}; go on with start_line=102]" in later
    last = shown(tmp_path, "report.pdf", content, start_line=-1)
    assert "\nItem 1186 报告.\n" in last
    beyond = refused(tmp_path, "report.pdf", content, start_line=5_000)
    assert f"the text of 'report.pdf' has {onward[1]} lines; line 5000 is beyond its end" in beyond


def test_a_long_line_of_a_document_is_read_by_bytes_of_its_text(tmp_path: Path) -> None:
    content = papers.open_document(["好" * 9_000])
    text = shown(tmp_path, "a.odt", content, offset=12_000)
    assert text.startswith("[read as text: a.odt]\n好好")
    assert re.search(r"\n\[bytes 11999-23999 of \d+; go on with offset=23999\]$", text)


def test_a_broken_pdf_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "'a.pdf' is damaged, or not quite a PDF document" in refused(tmp_path, "a.pdf", b"%PDF-1.7\n" + b"\xff" * 99)


def test_a_pdf_with_a_password_is_refused_with_what_to_do(tmp_path: Path) -> None:
    told = refused(tmp_path, "秘密.pdf", locked(papers.pdf([["Nobody reads this."]])))
    assert "'秘密.pdf' needs a password" in told
    assert "save a copy without one" in told
    assert "Nobody" not in told


def test_a_huge_document_is_refused_before_it_is_held(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.write("huge.pdf", "%PDF-1.7\n")
    with (house.workspace / "huge.pdf").open("r+b") as file:
        file.truncate(3_000_000_000)
    model = ScriptedModel([[called("read_file", path="huge.pdf")], [finish()]])
    found = house.run("Read.", model).of(Observed)[0]
    assert "'huge.pdf' has 3.0 GB, and documents of at most 100 MB are converted" in found.text


def test_a_conversion_is_given_up_with_its_call(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    with desk.workspace, within(5):
        desk.put("a.xlsx", papers.workbook(20_000))
        desk.cancel.set()
        with pytest.raises(ToolError) as caught:
            desk.read("a.xlsx")
    assert caught.value.kind == "cancelled"
    assert desk.told == ["converting a.xlsx None/None"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "is not text: it looks like a PNG picture, 58 bytes"),
        (b"\x1f\x8b\x08" + bytes(50), "is not text: it looks like a gzip archive, 53 bytes"),
        (papers.packed({"x.txt": "x"}), "is a ZIP archive, no document; in it: x.txt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is an old Office document"),
    ],
    ids=["picture", "gzip", "archive", "old-office"],
)
def test_what_no_converter_reads_is_refused_as_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    assert f"'a.bin' {said}" in refused(tmp_path, "a.bin", content)


def test_the_call_outlasts_the_converter_and_its_schema_stays_short() -> None:
    toolbox = Toolbox(built_in_plugins())
    assert toolbox.tools["read_file"].timeout > 130
    assert len(str(next(one for one in toolbox.describe() if one["name"] == "read_file")["parameters"])) < 800


def converted(tmp_path: Path, files: dict[str, bytes], *calls: Any) -> tuple[list[str], list[str]]:
    """What was converted in a run that makes these calls, a step each; and what it was shown."""
    house = House(tmp_path)
    house.workspace.mkdir()
    for name, content in files.items():
        (house.workspace / name).write_bytes(content)
    outcome = house.run("Read.", ScriptedModel([*calls, finish()]))
    told = [one.text for one in outcome.of(Progress) if one.text.startswith("converting")]
    return told, [one.text for one in outcome.of(Observed) if one.tool == "read_file"]


def test_a_long_document_that_is_read_page_by_page_is_converted_once(tmp_path: Path) -> None:
    content = papers.pdf([[f"Ferry {97 * page + line} sails on time." for line in range(45)] for page in range(20)])
    calls = [called("read_file", f"c{line}", path="a.pdf", start_line=line) for line in (1, 300, 600)]
    told, pages = converted(tmp_path, {"a.pdf": content}, *calls)
    assert told == ["converting a.pdf"]
    assert len(set(pages)) == 3


def test_calls_side_by_side_convert_the_same_document_once_and_a_changed_one_anew(tmp_path: Path) -> None:
    one, other = papers.pdf([["One."]]), papers.pdf([["Other."]])
    side_by_side = [called("read_file", f"c{n}", path=path) for n, path in enumerate(("a.pdf", "copy.pdf", "b.pdf"))]
    told, texts = converted(tmp_path, {"a.pdf": one, "copy.pdf": one, "b.pdf": other}, side_by_side)
    assert len(told) == 2
    assert [("One." in text, "Other." in text) for text in texts] == [(True, False), (True, False), (False, True)]
    assert "copy.pdf, 1 page" in texts[1]


def test_a_document_that_cannot_be_converted_is_tried_anew_each_time(tmp_path: Path) -> None:
    calls = [called("read_file", f"c{n}", path="a.pdf", lines=n) for n in (5, 6)]
    told, texts = converted(tmp_path, {"a.pdf": b"%PDF-1.7\n" + b"\xff" * 99}, *calls)
    assert told == ["converting a.pdf"] * 2
    assert all("damaged" in text for text in texts)


def test_a_page_that_goes_on_within_a_part_names_it(tmp_path: Path) -> None:
    content = papers.pdf([["One."] * 20, [f"Line {number} of the second." for number in range(9)]])
    whole = shown(tmp_path, "a.pdf", content).split("\n")
    within_second = whole.index("[page 2]") + 3  # its head is no line of the text
    later = shown(tmp_path, "a.pdf", content, start_line=within_second, lines=2).split("\n")
    assert later[0].startswith("[read as text: a.pdf")
    assert later[1] == "[page 2]"
    assert later[2] == whole[within_second]
    at_its_mark = shown(tmp_path, "a.pdf", content, start_line=whole.index("[page 2]"), lines=2).split("\n")
    assert at_its_mark[1:3] == ["[page 2]", whole[whole.index("[page 2]") + 1]]
