"""Word, Excel, PowerPoint, OpenDocument and RTF, made by the formats' own libraries."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date, timedelta
from datetime import time as moment

import docx
import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from plugins import ToolError
from plugins._convert import convert
from tests.plugins import papers


def test_a_word_document_keeps_headings_lists_tables_and_footnotes() -> None:
    document = convert(papers.word(), name="a.docx")
    assert document.title == "年度报告"
    assert document.text == (
        "# 年度报告\n\n# Results 结果\n\n收入增长了百分之十二。\n\n"
        "- first 第一\n- second 第二\n1. step one\n2. step two\n\n"
        "| 年 | Sum |\n| --- | --- |\n| 2024 | a \\| b |\n\nCommented words.\n\nIt is new\n\nSee the end[^2]\n\n"
        "[^2]: 脚注：来源不明"
    )
    assert [part.place for part in document.parts] == ["line 1", "line 3"]


def test_a_comment_and_what_was_deleted_are_left_out() -> None:
    text = convert(papers.word(), name="a.docx").text
    assert "secret" not in text
    assert "old" not in text


def _word_with(xml: str) -> str:
    document = docx.Document()
    document.add_paragraph("before")
    body = document.element.body
    body.insert(1, parse_xml(f"<w:p {nsdecls('w', 'r')}>{xml}</w:p>"))
    return convert(papers.saved(document), name="a.docx").text


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>", "before\n\na b\nc"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:t>seen</w:t></w:r>", "before\n\nseen"),
        ("<w:r><w:fldChar/><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>7</w:t></w:r>", "before\n\n7"),
        (
            '<w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>按大纲</w:t></w:r>',
            "before\n\n### 按大纲",
        ),
        ("<w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom><w:r><w:t>here</w:t></w:r>", "before\n\nhere"),
        ("<w:sdt><w:sdtContent><w:r><w:t>in a control</w:t></w:r></w:sdtContent></w:sdt>", "before\n\nin a control"),
        ("<w:r><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent><w:t>beside</w:t></w:r>",
         "before\n\nbeside\n\n框"),
        ('<w:r><w:footnoteReference w:id="99"/><w:t>no such note</w:t></w:r>', "before\n\nno such note"),
    ],
)  # fmt: skip
def test_of_a_paragraph_what_is_seen_is_kept(xml: str, text: str) -> None:
    assert _word_with(xml) == text


def test_links_pictures_and_merged_cells_of_a_word_document() -> None:
    document = docx.Document()
    link = document.part.relate_to("https://example.org/", f"{_OFFICE}/hyperlink", is_external=True)
    paragraph = document.add_paragraph("see ")
    paragraph._p.append(
        parse_xml(f'<w:hyperlink {nsdecls("w", "r")} r:id="{link}"><w:r><w:t>网站</w:t></w:r></w:hyperlink>')
    )
    table = document.add_table(rows=3, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "wide"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "高"
    table.cell(2, 2).text = "end"
    text = convert(papers.saved(document), name="a.docx").text
    assert "see [网站](https://example.org/)" in text
    assert "| wide |  |  |" in text
    assert "| 高 |  |  |\n|  |  | end |" in text


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def test_tables_nested_in_a_word_document_are_told_with_their_cell() -> None:
    document = docx.Document()
    outer = document.add_table(rows=1, cols=2)
    outer.cell(0, 0).add_table(1, 1).cell(0, 0).text = "内"
    outer.cell(0, 1).text = "beside"
    assert "| 内 | beside |" in convert(papers.saved(document), name="a.docx").text


def test_a_workbook_shows_values_dates_and_formulas_with_their_places() -> None:
    document = convert(papers.workbook(), name="a.xlsx")
    assert [part.place for part in document.parts] == [
        'sheet "2024 年", rows 1-7',
        'sheet "空"',
        'sheet "secret" (hidden), row 2',
    ]
    assert document.parts[0].text == (
        "| row | A | B | C | D | E | F |\n| --- | --- | --- | --- | --- | --- | --- |\n"
        "| 1 | 姓名 | Born | Sum | When |\n| 2 | 李雷 | 2001-02-03 | 1.5 | 2024-05-06 07:08:09 |\n"
        "| 3 | a\\|b |  | =C2*2 | TRUE |\n| 7 |  |  |  |  |  | 0.3 |"
    )
    assert document.parts[1].text == "(empty)"
    assert '[sheet "空"]\n(empty)' in document.text


def _cells(*values: tuple[object, str]) -> list[str]:
    book = openpyxl.Workbook()
    for number, (value, form) in enumerate(values, 1):
        cell = book.active.cell(row=number, column=1, value=value)
        cell.number_format = form
    held = io.BytesIO()
    book.save(held)
    (part,) = convert(held.getvalue(), name="a.xlsx").parts
    return [line.split(" | ")[1].removesuffix(" |") for line in part.text.split("\n")[2:]]


def test_a_date_is_told_from_a_number_by_its_format_alone() -> None:
    assert _cells(
        (date(2024, 2, 29), "yyyy-mm-dd"),
        (date(2024, 2, 29), 'yyyy"年"m"月"d"日"'),
        (45351, "[$-804]d mmmm yyyy"),
        (45351, "0.00"),
        (45351, '0 "days"'),
        (45351, "[Red]0"),
        (moment(13, 30), "h:mm"),
        (timedelta(hours=30), "[h]:mm:ss"),
        (1e15, "General"),
        ("45351", "@"),
    ) == [
        *("2024-02-29", "2024-02-29", "2024-02-29", "45351", "45351", "45351", "13:30:00", "1900-01-01 06:00:00"),
        *("1000000000000000", "45351"),
    ]  # fmt: skip


def test_rows_of_a_workbook_without_any_references_are_counted() -> None:
    sheet = (
        '<worksheet><sheetData><row><c t="inlineStr"><is><t>甲</t></is></c><c/><c><v>3</v></c></row>'
        '<row><c t="s"><v>7</v></c><c t="e"><v>#DIV/0!</v></c><c><f t="shared" si="0"/></c></row>'
        "</sheetData></worksheet>"
    )
    links = f'<x><r Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></x>'
    content = papers.packed(
        {
            "[Content_Types].xml": "<x/>",
            "xl/workbook.xml": f'<w xmlns:r="{_OFFICE}"><sheets><sheet name="a" r:id="r1"/></sheets></w>',
            "xl/_rels/workbook.xml.rels": links,
            "xl/worksheets/sheet1.xml": sheet,
        }
    )
    assert convert(content, name="a.xlsx").parts[0].text.split("\n")[2:] == [
        "| 1 | 甲 |  | 3 |",
        "| 2 |  | #DIV/0! | =(as the formula that it shares) |",
    ]


def test_columns_beyond_the_widest_table_are_left_out_and_a_note_says_so() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "first"
    book.active["XFD1"] = "last"
    held = io.BytesIO()
    book.save(held)
    document = convert(held.getvalue(), name="a.xlsx")
    assert document.notes == ("columns beyond 500 are left out",)
    assert "| 1 | first |" in document.text


def test_one_wide_row_does_not_swell_all_others() -> None:
    rows = [f"{number}" for number in range(3000)]
    content = "\n".join([*rows, ",".join("x" * 1 for _ in range(400)), *rows]).encode()
    assert len(convert(content, name="a.csv").text) < 4 * len(content) + 20_000


def test_a_workbook_of_40_000_rows_is_read_to_its_last() -> None:
    content = papers.workbook(40_000)
    began = time.monotonic()
    document = convert(content, name="long.xlsx")
    assert time.monotonic() - began < 20
    assert document.notes == ()
    assert "| 40000 | 39999 | 行 39999 | 4999.875 |" in document.parts[-1].text
    assert document.parts[-1].place.endswith("-40000")


def test_slides_keep_their_order_points_tables_and_notes() -> None:
    document = convert(papers.presentation(), name="a.pptx")
    assert document.title == "计划 1"
    assert [part.place for part in document.parts] == ["slide 1", "slide 2"]
    assert document.parts[1].text == (
        "# 计划 2\n\n- first point 要点\n  - deeper\n\n| 年 | Sum |\n| --- | --- |\n| 2024 | 12 |\n\nNotes: 说慢一点 2"
    )


def test_slides_are_in_the_order_of_the_show_and_the_hidden_ones_say_so() -> None:
    content = papers.presentation(2)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    show = parts["ppt/presentation.xml"]
    slide = parts["ppt/slides/slide1.xml"]
    assert isinstance(show, bytes)
    assert isinstance(slide, bytes)
    first = show.index(b"<p:sldId ")
    end = show.index(b"</p:sldIdLst>")
    listed = show[first:end].split(b"<p:sldId ")[1:]
    parts["ppt/presentation.xml"] = show[:first] + b"".join(b"<p:sldId " + one for one in listed[::-1]) + show[end:]
    parts["ppt/slides/slide1.xml"] = slide.replace(b"<p:sld ", b'<p:sld show="0" ', 1)
    document = convert(papers.packed(parts), name="a.pptx")
    assert document.parts[0].text.startswith("# 计划 2")
    assert document.parts[1].text.startswith("(hidden slide)\n\n# 计划 1")


def test_an_open_document_keeps_headings_lists_tables_links_and_footnotes() -> None:
    document = convert(papers.open_document(), name="a.odt")
    assert document.title == "标题 Heading"
    assert "## 标题 Heading" in document.text
    assert "[link](https://example.org/)" in document.text
    assert "- 一\n  - inner" in document.text
    assert "| 年 | x | x |" in document.text
    assert document.text.endswith("[^1]: 脚注")
    assert "secret" not in document.text


def test_an_encrypted_open_document_is_told() -> None:
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "META-INF/manifest.xml": "<m><encryption-data/></m>",
    }
    with pytest.raises(ToolError, match=r"'a.odt' needs a password"):
        convert(papers.packed(parts), name="a.odt")


def test_rtf_is_read_in_the_encodings_of_its_fonts() -> None:
    assert convert(papers.rtf(), name="a.rtf").text == "café {x}\n\n你好\n\n世界 😀"
    assert convert(papers.rtf(["春眠不觉晓 a"]), name="a.rtf").text.endswith("春眠不觉晓 a")


def test_rtf_nested_without_end_is_read() -> None:
    assert convert(b"{\\rtf1 " + b"{" * 100_000 + b"x}}", name="a").text == "x"
