"""Documents of every format, made by the formats' own libraries, for the tests of the converter and its bench."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from email.message import EmailMessage

import docx
import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pptx
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx.util import Inches
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # the same
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]  # the same
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # the same

__all__ = [
    "book",
    "mail",
    "notebook",
    "open_document",
    "packed",
    "pdf",
    "presentation",
    "rtf",
    "saved",
    "word",
    "workbook",
]


def packed(parts: Mapping[str, bytes | str], *, stored: Sequence[str] = ()) -> bytes:
    """A ZIP archive of these parts, those in `stored` uncompressed."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in stored else None)
    return held.getvalue()


def pdf(pages: Sequence[Sequence[str]], *, title: str = "", size: int = 12) -> bytes:
    """A PDF whose pages have these lines, from the top down, in a font for Chinese that need not be embedded."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    held = io.BytesIO()
    canvas = Canvas(held)
    canvas.setTitle(title)
    for lines in pages:
        canvas.setFont("STSong-Light", size)
        for number, line in enumerate(lines):
            canvas.drawString(72, 800 - 1.3 * size * number, line)
        if not lines:
            canvas.rect(72, 72, 300, 300, fill=1)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def saved(document: WordDocument) -> bytes:
    """A Word document as its file."""
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def word() -> bytes:
    """A Word document with headings, lists, a table, a link, a footnote, a comment and tracked changes."""
    document = docx.Document()
    document.core_properties.title = "年度报告"
    document.add_heading("年度报告", 0)
    document.add_heading("Results 结果", 1)
    document.add_paragraph("收入增长了百分之十二。")
    for text in ("first 第一", "second 第二"):
        document.add_paragraph(text, style="List Bullet")
    for text in ("step one", "step two"):
        document.add_paragraph(text, style="List Number")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([*table.rows[0].cells, *table.rows[1].cells], ["年", "Sum", "2024", "a | b"], strict=True):
        cell.text = text
    paragraph = document.add_paragraph("Commented words.")
    document.add_comment(paragraph.runs, text="a secret comment", author="Li")
    changed = document.add_paragraph("It is ")
    changed._p.append(
        parse_xml(f'<w:ins {nsdecls("w")} w:id="1"><w:r><w:t>new</w:t></w:r></w:ins>'),
    )
    changed._p.append(parse_xml(f'<w:del {nsdecls("w")} w:id="2"><w:r><w:delText>old</w:delText></w:r></w:del>'))
    document.add_paragraph("See the end")._p.append(
        parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="2"/></w:r>')
    )
    return _with_footnote(saved(document), "脚注：来源不明")


_FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def _with_footnote(content: bytes, text: str) -> bytes:
    """The library writes no footnotes; here is one, numbered 2 as Word does."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    links = "word/_rels/document.xml.rels"
    own = f'<Relationship Id="rId900" Type="{_FOOTNOTES}" Target="footnotes.xml"/></Relationships>'
    held = parts[links]
    assert isinstance(held, bytes)
    parts[links] = held.decode().replace("</Relationships>", own)
    parts["word/footnotes.xml"] = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes {nsdecls("w")}>'
        '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        f'<w:footnote w:id="2"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    return packed(parts)


def workbook(rows: int = 3) -> bytes:
    """A workbook: a sheet of mixed cells, one that is hidden, and one that is empty; with many rows, only rows."""
    if rows > 100:
        return _long_workbook(rows)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "2024 年"
    sheet.append(["姓名", "Born", "Sum", "When"])
    sheet.append(["李雷", date(2001, 2, 3), 1.5, datetime(2024, 5, 6, 7, 8, 9)])
    sheet.append(["a|b", None, "=C2*2", True])
    sheet["F7"] = 0.1 + 0.2
    sheet["F7"].number_format = '0.00 "days"'
    book.create_sheet("空")
    hidden = book.create_sheet("secret")
    hidden.sheet_state = "hidden"
    hidden["B2"] = "here too"
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _long_workbook(rows: int) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("长表")
    for number in range(rows):
        sheet.append([number, f"行 {number}", number / 8])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def presentation(slides: int = 2) -> bytes:
    """Slides with titles, points, a table, and the speaker's notes."""
    show = pptx.Presentation()
    for number in range(1, slides + 1):
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = f"计划 {number}"
        frame = slide.placeholders[1].text_frame
        frame.text = "first point 要点"
        deeper = frame.add_paragraph()
        deeper.text, deeper.level = "deeper", 1
        table = slide.shapes.add_table(2, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
        for place, text in enumerate(["年", "Sum", "2024", "12"]):
            table.cell(place // 2, place % 2).text = text
        slide.notes_slide.notes_text_frame.text = f"说慢一点 {number}"
    held = io.BytesIO()
    show.save(held)
    return held.getvalue()


def book(chapters: Sequence[str] = ("<h1>第一章</h1><p>从前。</p>", "<h1>Two</h1><p>The end.</p>")) -> bytes:
    """An EPUB book of these chapters, listed in an order of which their names know nothing."""
    names = [f"z{len(chapters) - number}.xhtml" for number in range(len(chapters))]
    files = "".join(f'<item id="c{name}" href="text/{name}"/>' for name in sorted(names))
    spine = "".join(f'<itemref idref="c{name}"/>' for name in names)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>书名</dc:title></metadata><manifest>{files}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
    )
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{}</body></html>'
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/content.opf": package,
            **{f"OEBPS/text/{name}": page.format(text) for name, text in zip(names, chapters, strict=True)},
        },
        stored=["mimetype"],
    )


def open_document(lines: Sequence[str] = ()) -> bytes:
    """An OpenDocument text with a heading, a list, a table, a footnote and a comment; then these paragraphs."""
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    text, table = office.replace("office:1", "text:1"), office.replace("office:1", "table:1")
    more = "".join(f"<t:p>{line}</t:p>" for line in lines)
    content = f"""<?xml version="1.0" encoding="UTF-8"?>
<o:document-content xmlns:o="{office}" xmlns:t="{text}" xmlns:b="{table}" xmlns:x="http://www.w3.org/1999/xlink">
<o:body><o:text><t:sequence-decls/><t:h t:outline-level="2">标题 Heading</t:h>
<t:p>中文<t:s t:c="2"/>text<t:note>
<t:note-citation>1</t:note-citation><t:note-body><t:p>脚注</t:p></t:note-body></t:note>
<o:annotation><t:p>a secret comment</t:p></o:annotation><t:a x:href="https://example.org/">link</t:a></t:p>
<t:list><t:list-item><t:p>一</t:p><t:list><t:list-item><t:p>inner</t:p></t:list-item></t:list></t:list-item></t:list>
<b:table><b:table-row><b:table-cell><t:p>年</t:p></b:table-cell><b:table-cell b:number-columns-repeated="2"><t:p>x</t:p>
</b:table-cell></b:table-row></b:table>{more}</o:text></o:body></o:document-content>"""
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": content,
            "META-INF/manifest.xml": "<m/>",
        },
        stored=["mimetype"],
    )


def rtf(lines: Sequence[str] = ()) -> bytes:
    """RTF with Chinese in two ways: as bytes of its font's encoding, and by code points; then these paragraphs."""
    chinese = _escaped("你好")
    return (
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 SimSun;}}{\info{\title secret}}"
        rf"\f0 caf\'e9 \{{x\}}\par \f1 {chinese}\f0\par \uc1\u19990?\u30028? \u-10179?\u-8704?{{\pict 00ff}}\par "
        + "".join(rf"\f1 {_escaped(line)}\par " for line in lines)
        + "}"
    ).encode("ascii")


def _escaped(text: str) -> str:
    return "".join(chr(byte) if byte < 128 else f"\\'{byte:02x}" for byte in text.encode("gbk"))


def mail(*, text: str = "你好，附件是纪要。\n", attached: bool = True) -> bytes:
    """A message with a subject in Chinese, a text in two forms, a file and a message attached."""
    message = EmailMessage()
    message["From"] = "李雷 <li@example.org>"
    message["To"] = "team@example.org"
    message["Date"] = "Mon, 06 May 2024 07:08:09 +0800"
    message["Subject"] = "会议纪要 minutes"
    message.set_content(text)
    message.add_alternative("<p>你好，<b>HTML</b></p>", subtype="html")
    if attached:
        message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="纪要.pdf")
        inner = EmailMessage()
        inner["From"], inner["To"], inner["Subject"] = "han@example.org", "li@example.org", "原文"
        inner.set_content("<h1>正文</h1><script>no()</script>", subtype="html")
        message.add_attachment(inner)
    return message.as_bytes()


def notebook(lines: Sequence[str] = ()) -> bytes:
    """A notebook with text, code, and outputs of four kinds; then a cell for each line."""
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["结果 ", "42\n"]},
        {"output_type": "display_data", "data": {"image/png": "AAAA", "text/plain": ["<Figure>"]}},
        {"output_type": "execute_result", "data": {"text/html": "<table><tr><td>a</td><td>b</td></tr></table>"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "坏", "traceback": ["\x1b[31m"]},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# 分析\n", "text"], "metadata": {}},
        {"cell_type": "code", "source": "print(6 * 7)", "outputs": outputs, "metadata": {}, "execution_count": 1},
        *({"cell_type": "markdown", "source": line, "metadata": {}} for line in lines),
    ]
    metadata = {"kernelspec": {"language": "python", "name": "p", "display_name": "P"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()
