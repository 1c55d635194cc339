"""The readers in this process give the document that the process of its own gives: the way there changes nothing."""

from __future__ import annotations

import pytest

from plugins._convert import Limits, convert
from plugins._convert._document import Quota, Source
from plugins._convert._reading import read
from tests.plugins import papers

PAPERS = {
    "a.pdf": papers.pdf([["One line of the report.", "Another line."], ["The second page."]]),
    "b.docx": papers.word(),
    "c.xlsx": papers.workbook(),
    "d.pptx": papers.presentation(),
    "e.epub": papers.book(),
    "f.odt": papers.open_document(["第一行", "Second line"]),
    "g.rtf": papers.rtf(["第一行", "Second line"]),
    "h.eml": papers.mail(),
    "i.ipynb": papers.notebook(["print(1)"]),
    "j.html": "<html><body><h1>标题</h1><p>Text</p><table><tr><td>1</td></tr></table></body></html>".encode(),
    "k.csv": "名字,数\n甲,1\n".encode(),
}


@pytest.mark.parametrize("name", PAPERS)
def test_a_reader_gives_here_what_the_process_of_its_own_gives(name: str) -> None:
    limits = Limits()
    source = Source(content=PAPERS[name], name=name, limits=limits, quota=Quota(limits))
    here, there = read(source, ""), convert(PAPERS[name], name=name)
    assert here.kind == there.kind
    assert here.text == there.text
    assert here.text.strip()
