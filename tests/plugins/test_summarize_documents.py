"""Documents of every kind summed up by `summarize_file`: by a model, by their own sentences, and in a whole run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.events import Observed
from plugins._convert import Document, Part
from plugins._documents import unmarked
from tests.kits import House, called, finish
from tests.place import Place, no_traceback
from tests.plugins import papers
from tests.scripted import ScriptedModel

PAGES: Sequence[Sequence[str]] = (
    ["The council bought nine electric ferries.", "They cost 61 percent less to run than diesel ferries."],
    [],
    ["春天到了，花园里的花都开了。", "市民们都很高兴。"],
)
FORESEEN = "1 call, about 1,100 tokens foreseen"
BLANK = "no text on page 2: empty, or pictures only"


def asked(tmp_path: Path, name: str, content: bytes, replies: Sequence[str]) -> tuple[str, list[str]]:
    """The summary of this file in a run over a model, and what the model was asked for it."""
    house = House(tmp_path)
    house.workspace.mkdir(parents=True)
    (house.workspace / name).write_bytes(content)
    model = ScriptedModel([[called("summarize_file", path=name)], *replies, [finish()]])
    found = next(one for one in house.run("Sum up.", model).of(Observed) if one.tool == "summarize_file")
    assert found.ok, found.text
    return found.text, [request.messages[-1].text for request in model.requests[1:-1]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    found.workspace.mkdir()
    return found


def summary(place: Place, name: str, content: bytes, *words: str) -> str:
    """What the tool says without a model; of a refusal the complaint."""
    (place.workspace / name).write_bytes(content)
    ended = place.thinkact("tools", "call", "summarize_file", f"path={name}", *words)
    no_traceback(ended)
    return ended.stdout + ended.stderr


def test_a_model_is_shown_the_pages_and_told_to_keep_their_marks(tmp_path: Path) -> None:
    told, prompts = asked(tmp_path, "report.pdf", papers.pdf(PAGES), ["Ferries [page 1], spring [page 3]."])
    assert told.split("\n") == [
        "Ferries [page 1], spring [page 3].",
        "",
        f"[summary of report.pdf, 2 pages with text; by the model in 1 passage; {FORESEEN}; {BLANK}]",
    ]
    assert "[page 1]\nThe council bought nine electric ferries." in prompts[0]
    assert "[page 3]\n春天到了，花园里的花都开了。" in prompts[0]
    assert "keep the mark" in prompts[0]


def test_every_passage_begins_with_the_mark_of_its_page(tmp_path: Path) -> None:
    pages = [[f"Ferry {97 * page + 13 * line} sails on time." for line in range(45)] for page in range(8)]
    told, prompts = asked(tmp_path, "report.pdf", papers.pdf(pages), ["First.", "Second.", "Whole [page 1]."])
    assert told.startswith("Whole [page 1].\n\n[summary of report.pdf, 8 pages; by the model in 2 passages")
    marks = [prompt.split("<<<")[1].split("\n")[1] for prompt in prompts[:2]]
    assert marks[0] == "[page 1]"
    number = int(marks[1].removeprefix("[page ").removesuffix("]"))
    assert f"Ferry {97 * (number - 1)} " in prompts[1]
    assert "keep the mark" in prompts[2]


def test_a_document_without_pages_is_asked_about_with_the_lines_of_its_text(tmp_path: Path) -> None:
    told, prompts = asked(tmp_path, "a.docx", papers.word(), ["收入增长【第5行】。"])
    assert "收入增长了百分之十二。" in prompts[0]
    assert "[line 1] # 年度报告" in prompts[0]
    assert told.startswith("收入增长 [line 5]。")


def test_sheets_and_slides_are_cited_as_they_are_called(tmp_path: Path) -> None:
    sheet = '[sheet "2024 年", rows 1-7]'
    told, prompts = asked(tmp_path, "a.xlsx", papers.workbook(), [f"Tea sells best {sheet}."])
    assert sheet in prompts[0]
    assert told.startswith(f"Tea sells best {sheet}.")
    told, prompts = asked(tmp_path / "b", "a.pptx", papers.presentation(), ["A point (slide 1)."])
    assert "[slide 1]" in prompts[0]
    assert told.startswith("A point [slide 1].")


def test_without_a_model_each_sentence_has_its_page(place: Place) -> None:
    told = summary(place, "report.pdf", papers.pdf(PAGES))
    assert "- They cost 61 percent less to run than diesel ferries. (page 1)" in told
    assert "- 春天到了，花园里的花都开了。 (page 3)" in told
    how = "extractive: sentences taken from the text, no model"
    assert told.rstrip().endswith(f"[summary of report.pdf, 2 pages with text; {how}; {BLANK}]")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.docx", papers.word(), "收入增长了百分之十二。 (line 5)"),
        ("a.xlsx", papers.workbook(), '(sheet "2024 年", rows 1-7)'),
        ("a.pptx", papers.presentation(), "first point 要点 (slide 1)"),
        ("a.epub", papers.book(), "The end. (chapter 2)"),
        ("a.eml", papers.mail(), "你好，附件是纪要。 (line 6)"),
        ("网页.html", "<main><p>潮水涨到六米。</p></main><script>x()</script>".encode(), "潮水涨到六米。 (line 1)"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_document_of_any_kind_is_summed_up_without_a_model(
    place: Place, name: str, content: bytes, said: str
) -> None:
    told = summary(place, name, content)
    assert said in told
    assert f"[summary of {name}" in told
    assert "(empty)" not in told


def test_a_workbook_of_many_rows_is_not_poured_out_as_a_summary(place: Place) -> None:
    assert len(summary(place, "a.xlsx", papers.workbook(2_000))) < 8_000


def test_a_broken_document_and_one_without_text_are_refused(place: Place) -> None:
    assert "'a.pdf' is damaged, or not quite a PDF" in summary(place, "a.pdf", b"%PDF-1.7\n" + b"\xff" * 99)
    told = summary(place, "a.html", b"<title>My site</title><div id=root></div>")
    assert "there is no text in it" in told


def test_the_offline_model_sums_up_a_pdf(place: Place) -> None:
    (place.workspace / "report.pdf").write_bytes(papers.pdf(PAGES, title="Harbour"))
    ended = place.thinkact("run", "Summarize report.pdf", "-m", "offline", "--output", "json")
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout.strip().split("\n")[-1])["answer"]
    assert "They cost 61 percent less to run than diesel ferries." in answer


def test_the_offline_model_quotes_a_pdf_without_what_the_tool_says_of_it(place: Place) -> None:
    (place.workspace / "report.pdf").write_bytes(papers.pdf(PAGES))
    goal = "Read report.pdf and save the key points to notes.md"
    ended = place.thinkact("run", goal, "-m", "offline", "-y")
    assert ended.returncode == 0, ended.stderr
    notes = place.read("notes.md")
    assert "They cost 61 percent less to run than diesel ferries." in notes
    assert "[" not in notes


def test_the_offline_model_sums_up_a_chinese_document(place: Place) -> None:
    (place.workspace / "年报.docx").write_bytes(papers.word())
    ended = place.thinkact("run", "总结 年报.docx", "-m", "offline", "--output", "json")
    assert ended.returncode == 0, ended.stderr
    assert "收入增长了百分之十二。" in json.loads(ended.stdout.strip().split("\n")[-1])["answer"]


def test_the_places_of_a_text_are_found_whatever_ends_its_lines() -> None:
    parts = (Part(place="page 1", text="a\r\nb\rc"), Part(place="page 3", text="d\ne"))
    text, places = unmarked(Document(kind="pdf", parts=parts, marked=True))
    assert text == "a\nb\nc\n\nd\ne"
    assert [places.of(line) for line in (1, 3, 5, 6)] == ["page 1", "page 1", "page 3", "page 3"]
    assert places.marked("c\n\nd\ne", 3) == "[page 1]\nc\n\n[page 3]\nd\ne"
    assert places.marked("\nd", 4) == "\n[page 3]\nd"
