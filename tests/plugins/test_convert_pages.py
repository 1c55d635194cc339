"""PDF, HTML, EPUB, e-mail, notebooks and tables of separated values."""

from __future__ import annotations

import io
import json

import pypdf
import pytest

from plugins import ToolError
from plugins._convert import convert
from plugins._convert._pdf import joined, without_running_lines
from tests.plugins import papers


def locked(password: str, algorithm: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(papers.pdf([["机密 secret"]]))))
    writer.encrypt(password, owner_password="owner", algorithm=algorithm)
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def html(text: str) -> str:
    return convert(f"<html><body>{text}".encode(), name="a.html").text


def test_a_pdf_is_read_page_by_page_without_what_stands_on_every_page() -> None:
    pages = [
        ["公司年报", f"第{word}章 正文 exam-", f"ple{word}", f"Page {number} of 4"]
        for number, word in enumerate("甲乙丙丁", 1)
    ]
    document = convert(papers.pdf(pages, title="年报"), name="a.pdf")
    assert (document.kind, document.title, document.notes) == ("pdf", "年报", ())
    assert [(part.place, part.text) for part in document.parts] == [
        (f"page {number}", f"第{word}章 正文 example{word}") for number, word in enumerate("甲乙丙丁", 1)
    ]


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_with_a_password_is_refused_and_one_that_anybody_may_open_is_read(algorithm: str) -> None:
    with pytest.raises(ToolError, match=r"'a.pdf' needs a password"):
        convert(locked("secret", algorithm), name="a.pdf")
    assert convert(locked("", algorithm), name="a.pdf").text == "[page 1]\n机密 secret"


def test_a_pdf_of_pictures_says_so_and_how_many() -> None:
    with pytest.raises(ToolError, match=r"'scan.pdf' has no text layer: 3 pages of pictures") as caught:
        convert(papers.pdf([[], [], []]), name="scan.pdf")
    assert "OCR" in str(caught.value.hint)


def test_pages_without_text_are_named() -> None:
    document = convert(papers.pdf([["一"], [], ["三"]]), name="a.pdf")
    assert document.notes == ("no text on page 2: empty, or pictures only",)
    assert [part.place for part in document.parts] == ["page 1", "page 3"]


def test_only_what_repeats_with_the_pages_is_left_out() -> None:
    totals = [f"Total {7 * number % 5}\nbody {word}\n{number + 3}" for number, word in enumerate("abcd", 1)]
    assert without_running_lines(totals) == [text.rsplit("\n", 1)[0] for text in totals]
    assert without_running_lines(["a\nx", "a\ny"]) == ["a\nx", "a\ny"]  # two pages tell nothing
    assert without_running_lines(["", "h", "h", "h"]) == ["", "", "", ""]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("exam-\nple", "example"),
        ("soft\u00ad\nhyphen", "softhyphen"),
        ("über-\nmäßig", "übermäßig"),
        ("state-of-\nthe-art", "state-of-\nthe-art"),
        ("Anglo-\nSaxon", "Anglo-\nSaxon"),
        ("12-\n13", "12-\n13"),
        ("- item\n- item", "- item\n- item"),
    ],
)
def test_a_word_that_was_divided_is_whole_again(text: str, whole: str) -> None:
    assert joined(text) == whole


def test_a_page_keeps_its_main_part_in_the_encoding_that_it_names() -> None:
    page = (
        '<html><head><meta charset="gb2312"><title> 标题\n二 </title></head><body><nav><a href="/">首页</a></nav><main>'
        "<h1>新闻</h1><p>第一段\n续行</p><ul><li>一<li>二<ol start=3><li>三</ol></ul><pre>a\n  b</pre>"
        '<p>x<br>y <a href="http://e.org/a b">link</a><p hidden>看不见</p><script>bad()</script>'
        "<table><tr><th>年<th>和<th><tr><td colspan=2>2024<td>1</table><img alt='图'></main><footer>版权</footer>"
    )
    for content, media_type in ((page.encode("gbk"), ""), (page.encode(), "text/html; charset=utf-8")):
        document = convert(content, name="a", media_type=media_type)
        assert document.title == "标题 二"
        assert document.text == (
            "# 新闻\n\n第一段续行\n\n- 一\n- 二\n  3. 三\n\n```\na\n  b\n```\n\nx\ny [link](http://e.org/a%20b)\n\n"
            "| 年 | 和 |  |\n| --- | --- | --- |\n| 2024 |  | 1 |\n\n[picture: 图]"
        )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<style>x</style><noscript>x</noscript><p style='display: none'>x</p><p aria-hidden=true>x</p>seen", "seen"),
        ("<nav>menu</nav><p>text</p><aside>ad</aside><footer>end</footer>", "text"),
        ("<nav>only a menu</nav>", "only a menu"),
        ("<div role=main><header>kept</header><p>text</p></div><p>out", "kept\n\ntext"),
        (
            "<main>x</main><p>" + "this is where the text stands " * 3,
            "x\n\n" + ("this is where the text stands " * 3)[:-1],
        ),
        ("<a href='#a'>here</a> <a href='javascript:x()'>there</a>", "here there"),
        ("<p>a <b>bold</b> <code>x()</code></p>", "a bold `x()`"),
        ("<dl><dt>word</dt><dd>meaning</dd></dl>", "word\n\n- meaning"),
        ("<ul><li><p>one</p><p>more</p><ul><li>inner</ul></ul>", "- one\n  more\n  - inner"),
        ("<table><tr><td>only</td></tr><tr><td>column</td></tr></table>", "only\n\ncolumn"),
        (
            "<table><tr><td><h2>layout</h2><table><tr><td>a<td>b</table></td></tr></table>",
            "layout\n\n| a | b |\n| --- | --- |",
        ),
        ("<table><tr><td colspan=99999999>a<td>b</table>", "| a |" + "  |" * 49 + " b |\n|" + " --- |" * 51),
        ("<table><tr><td>never<td>closed", "| never | closed |\n| --- | --- |"),
        ("</p></div></table>stray ends", "stray ends"),
        ("<p>&nbsp;</p>&lt;tag&gt; &#x4E2D;", None),
        ("<pre>``` fence</pre>", "````\n``` fence\n````"),
    ],
)
def test_of_a_page_what_a_reader_would_see_is_kept(markup: str, text: str | None) -> None:
    told = html(markup)
    assert told == text if text is not None else "<tag> 中" in told


@pytest.mark.parametrize("markup", ["<div>", "<ul><li>", "<table><tr><td>", "<b>", "<a href=x>", "<blockquote>"])
def test_a_page_20_000_deep_is_read(markup: str) -> None:
    assert "深处" in html(markup * 20_000 + "深处")


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    document = convert(papers.book(), name="a.epub")
    assert document.title == "书名"
    assert document.text == "[chapter 1]\n# 第一章\n\n从前。\n\n[chapter 2]\n# Two\n\nThe end."


def test_a_protected_book_and_one_without_text_are_told() -> None:
    lock = '<e><d xmlns="x"><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/></d></e>'
    parts = {"mimetype": "application/epub+zip", "META-INF/encryption.xml": lock}
    with pytest.raises(ToolError, match=r"'a.epub' is protected against copying \(DRM\)"):
        convert(papers.packed(parts), name="a.epub")
    with pytest.raises(ToolError, match="a book of pictures"):
        convert(papers.book(["<img src='a.png'/>"]), name="a.epub")
    with pytest.raises(ToolError, match="no list of its chapters"):
        convert(papers.packed({"mimetype": "application/epub+zip"}), name="a.epub")


def test_a_message_tells_who_when_what_and_what_is_attached() -> None:
    document = convert(papers.mail(), name="a.eml")
    assert document.title == "会议纪要 minutes"
    assert document.text == (
        "From: 李雷 <li@example.org>\nTo: team@example.org\nDate: 2024-05-06 07:08:09+08:00\n"
        "Subject: 会议纪要 minutes\n\n你好，附件是纪要。\n\n"
        "- attached: 纪要.pdf (application/pdf, 8 bytes)\n- attached: a message\n\n## attached message: 原文\n\n"
        "From: han@example.org\nTo: li@example.org\nSubject: 原文\n\n# 正文"
    )


def test_a_message_in_raw_bytes_and_unknown_encodings_is_read() -> None:
    text = "这是一封没有声明编码的邮件，内容是中文。"
    raw = (
        "From: li@example.org\r\nTo: x@example.org\r\nSubject: 关于会议的通知和安排\r\nDate: nonsense\r\n"
        f"Content-Type: text/plain; charset=no-such\r\n\r\n{text}"
    ).encode("gb18030")
    told = convert(raw, name="a.eml").text
    assert text in told
    assert "Subject: 关于会议的通知和安排" in told
    assert "Date: nonsense" in told


def test_a_message_nested_without_end_is_refused() -> None:
    head = (
        b"From: a\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    with pytest.raises(ToolError, match="nested too deeply"):
        convert(b"".join(head % (number, number) for number in range(3000)), name="a.eml")


def test_a_notebook_is_read_cell_by_cell_with_what_came_out() -> None:
    document = convert(papers.notebook(), name="a.ipynb")
    assert document.title == "分析"
    assert document.parts[0].text == "# 分析\ntext"
    assert document.parts[1].text == (
        "```python\nprint(6 * 7)\n```\n\n```output\n结果 42\n```\n\n```output\n<Figure>\n```\n\n[picture]\n\n"
        "| a | b |\n| --- | --- |\n\n```error\nValueError: 坏\n```"
    )


def test_a_long_output_is_cut_and_an_old_notebook_is_read() -> None:
    old = {
        "nbformat": 3,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": "旧"},
                    {"cell_type": "code", "input": "x", "outputs": [{"output_type": "stream", "text": "y" * 9000}]},
                    "broken",
                ]
            }
        ],
    }
    document = convert(json.dumps(old).encode(), name="a.ipynb")
    assert document.parts[0].text == "## 旧"
    assert "y… " in document.parts[1].text.replace("\n", "")
    assert "(9,000 characters)" in document.parts[1].text


@pytest.mark.parametrize("content", [b'{"nbformat": 4, "cells": ', b'{"nbformat": 4' + b', "cells": ' + b"[" * 99_999])
def test_json_that_is_no_notebook_is_shown_as_it_stands(content: bytes) -> None:
    document = convert(content, name="a.ipynb")
    assert document.text == content.decode()
    assert document.notes == ("shown as it stands, since it is no notebook that can be read",)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("姓名,年龄\n李雷,20\n", ["| 2 | 李雷 | 20 |"]),
        ("a;b\n1,5;2\n\n3,5;4", ["| 2 | 1,5 | 2 |", "| 4 | 3,5 | 4 |"]),
        ("a\tb\nx|y\tz", ["| 2 | x\\|y | z |"]),
        ('a,b\n"x,\ny",z', ["| 2 | x, y | z |"]),
        ("a,b\n1,2,3", ["| 2 | 1 | 2 | 3 |"]),
        ("only", ["| 1 | only |"]),
    ],
)
def test_a_table_of_separated_values_has_its_header_and_numbered_rows(content: str, rows: list[str]) -> None:
    document = convert(content.encode(), name="a.csv")
    assert document.text.split("\n")[3:] == rows


def test_a_long_table_has_its_header_with_every_part() -> None:
    document = convert(("name,sum\n" + "甲乙,12\n" * 2000).encode(), name="a.csv")
    assert len(document.parts) > 3
    assert all(part.text.startswith("| row | name | sum |") for part in document.parts)
    assert document.parts[1].place.startswith("rows ")


def test_a_table_whose_quotes_never_end_is_shown_as_it_stands() -> None:
    document = convert(b'a,b\n"' + b"x,y\n" * 60_000, name="a.csv")
    assert document.kind == "text"
    assert "shown as it stands, since it is no clean table: line " in document.notes[0]
