"""The converter's face: which kind a file is, what is refused and how, limits, and the process that can be ended."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from plugins import ToolError
from plugins._convert import Document, Limits, Part, convert
from plugins._convert._document import Quota, Source, flowing
from plugins._convert._process import answer
from tests.plugins import papers

ROOT = Path(__file__).parent.parent.parent


def refusal(content: bytes, name: str, limits: Limits | None = None) -> str:
    """The complaint and its hint, as one line."""
    with pytest.raises(ToolError) as caught:
        convert(content, name=name, limits=limits)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return f"{caught.value.message}; {caught.value.hint}"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (papers.pdf([["春"]]), "pdf"),
        (papers.word(), "docx"),
        (papers.workbook(), "xlsx"),
        (papers.presentation(), "pptx"),
        (papers.open_document(), "odt"),
        (papers.book(), "epub"),
        (papers.rtf(), "rtf"),
        (papers.mail(), "eml"),
        (papers.notebook(), "ipynb"),
        ("<!DOCTYPE html><p>春".encode(), "html"),
        ("春眠不觉晓".encode("gb18030"), "text"),
    ],
)
def test_the_kind_is_told_by_the_content_whatever_the_name_says(content: bytes, kind: str) -> None:
    assert convert(content, name="misnamed.bin").kind == kind


@pytest.mark.parametrize(
    ("name", "media_type", "kind"),
    [
        ("a.csv", "", "csv"),
        ("a.TSV", "", "csv"),
        ("a", "text/csv; charset=utf-8", "csv"),
        ("a.htm", "", "html"),
        ("a", "text/html", "html"),
        ("a.eml", "", "eml"),
        ("a.py", "", "text"),
        ("a.ipynb", "", "text"),
        ("a", "", "text"),
    ],
)
def test_where_the_bytes_leave_the_kind_open_the_name_and_the_server_say_it(
    name: str, media_type: str, kind: str
) -> None:
    assert convert(b"a: 1,2\nb: 3,4\n", name=name, media_type=media_type).kind == kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "'x.dat' is empty"),
        (b"\0" * 500, "'x.dat' is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "'x.dat' has no text: it is a PNG picture, 58 bytes; look at it"),
        (b"\x7fELF" + b"\0" * 50, "it is an ELF program"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is an old Office document"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "is an Office document that needs a password",
        ),
        (papers.packed({"a.txt": "x"}), "is a ZIP archive, no document; in it: a.txt; unpack it first"),
        (papers.packed({}), "is an empty ZIP archive"),
        (papers.packed({"xl/workbook.bin": "x"}), "xlsb"),
        (papers.packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "an OpenDocument file that is"),
        (papers.word()[:9000], "is damaged, or not quite a Word document (docx): its list of parts"),
        (papers.packed({"[Content_Types].xml": "<x/>", "word/styles.xml": "<x/>"}), "a part of it is missing"),
        (papers.packed({"[Content_Types].xml": "<x/>", "word/document.xml": "<x>"}), "is damaged"),
        (papers.packed({"[Content_Types].xml": "<x/>", "ppt/presentation.xml": "<x>"}), "PowerPoint"),
        (b"%PDF-1.7 broken", "is damaged, or not quite a PDF document"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line_with_what_to_do(content: bytes, said: str) -> None:
    assert said in refusal(content, "x.dat")


def test_a_name_cannot_forge_the_complaint() -> None:
    said = refusal(b"", "a\x1b[31m\nb\u202e.pdf" + "x" * 500)
    assert said.isprintable()
    assert len(said) < 200


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    began = time.monotonic()
    bomb = papers.packed({"[Content_Types].xml": "<x/>", "word/document.xml": b"<x>" + b" " * 40_000_000})
    assert "that is what a bomb does" in refusal(bomb, "bomb.docx")
    spread = {f"OEBPS/{number}.xhtml": b"<p>" + b"x" * 400_000 for number in range(8)}
    parts: dict[str, bytes | str] = {"mimetype": "application/epub+zip", "META-INF/container.xml": "<c/>", **spread}
    items = "".join(f'<item id="{number}" href="{number}.xhtml"/>' for number in range(8))
    spine = "".join(f'<itemref idref="{number}"/>' for number in range(8))
    parts["OEBPS/x.opf"] = f"<p><metadata/><manifest>{items}</manifest><spine>{spine}</spine></p>".encode()
    assert "bomb" in refusal(papers.packed(parts), "a.epub", Limits(unpacked=2_000_000))
    assert time.monotonic() - began < 10


def test_entities_are_not_blown_up_and_name_no_files() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "x" * 10}">' for n in range(10))
    for declared in (entities, '<!ENTITY a9 SYSTEM "file:///etc/passwd">'):
        document = f'<!DOCTYPE w [{declared}]><w xmlns="w"><body><p><r><t>safe &a9;</t></r></p></body></w>'
        content = papers.packed({"[Content_Types].xml": "<x/>", "word/document.xml": document})
        text = ""
        with suppress(ToolError):
            text = convert(content, name="a.docx").text
        assert len(text) < 100
        assert "root:" not in text


def test_what_is_too_large_is_refused_with_both_sizes() -> None:
    assert "has 12 kB, and documents of at most 10 kB" in refusal(b"x" * 12_000, "a.txt", Limits(bytes=10_000))


@pytest.mark.parametrize(
    ("content", "limits", "note"),
    [
        (papers.pdf([["一"], ["二"], ["三"]]), Limits(pages=2), "the first 2 of its 3 pages"),
        (papers.presentation(3), Limits(pages=2), "the first 2 slides"),
        (papers.book(), Limits(pages=1), "the first 1 chapters"),
        (papers.notebook(), Limits(pages=1), "the first 1 cells"),
        (papers.workbook(), Limits(rows=2), "the first 2 rows"),
        (b"a,b\n" * 40, Limits(rows=5), "the first 5 rows"),
        (("<html><p>" + "<p>春眠不觉晓" * 90).encode(), Limits(characters=90), "the first 90 characters"),
        (papers.word(), Limits(characters=30), "the first 30 characters"),
        (papers.rtf(), Limits(characters=10), "the first 10 characters"),
        (papers.open_document(), Limits(characters=20), "the first 20 characters"),
        (papers.mail(), Limits(characters=90), "the first 90 characters"),
        (("春" * 500).encode(), Limits(characters=100), "the first 100 characters"),
    ],
)
def test_of_what_has_more_than_the_limits_the_first_part_is_given_and_a_note_says_so(
    content: bytes, limits: Limits, note: str
) -> None:
    document = convert(content, name="a.csv" if b"a,b" in content else "a", limits=limits)
    assert document.notes[-1] == f"cut: only {note} of it are here".replace(" pages of it", " pages of it")
    assert document.parts
    assert len(document.text) <= limits.characters + 200


def test_a_conversion_that_takes_too_long_is_ended() -> None:
    slow = papers.workbook(30_000)
    began = time.monotonic()
    document_or_refusal = ""
    try:
        document_or_refusal = " ".join(convert(slow, name="a.xlsx", limits=Limits(seconds=0.3)).notes)
    except ToolError as error:
        document_or_refusal = error.message
    assert "0.24 s" in document_or_refusal or "within 0.3 s" in document_or_refusal
    assert time.monotonic() - began < 12


def test_a_conversion_that_nobody_waits_for_is_ended() -> None:
    began = time.monotonic()
    with pytest.raises(ToolError) as caught:
        convert(
            ("<table>" * 200_000 + "<p>x</p>" * 600_000).encode(),
            name="a.html",
            cancelled=lambda: time.monotonic() - began > 0.2,
        )
    assert caught.value.kind == "cancelled"
    assert time.monotonic() - began < 5
    assert not [thread for thread in threading.enumerate() if thread.name == "a document"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_a_conversion_that_needs_too_much_memory_is_refused_and_we_live_on() -> None:
    page = ("<html>" + "<p>春眠不觉晓，处处闻啼鸟。" * 200_000).encode()
    said = refusal(page, "a.html", Limits(memory=120_000_000))
    assert "memory" in said


def test_a_document_larger_than_a_pipe_arrives_whole_however_late_its_reader_starts() -> None:
    page = ("<html>" + "<p>春眠不觉晓</p>" * 30_000 + "<p>the end").encode()
    began = time.monotonic()
    assert convert(page, name="a.html").text.endswith("the end")
    assert time.monotonic() - began < 30


def test_the_converter_works_where_another_plugins_folder_lies_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "__init__.py").write_text("raise SystemExit('the wrong one')", "utf-8")
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong one')", "utf-8")
    code = (
        f"import sys; sys.path[0] = {str(ROOT)!r}\n"
        "from plugins._convert import convert; print(convert(b'<html><p>here', name='a').text)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert ended.stdout == "here\n", ended.stderr


def test_importing_the_converter_loads_no_parser() -> None:
    code = (
        "import sys, plugins._convert\n"
        "print([name for name in ('lxml', 'pypdf', 'email', 'csv', 'cryptography') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout == "[]\n", ended.stderr


@pytest.mark.parametrize(
    "text", ["", "one", "# a\n\nb\n# c\n```\n# no heading\n```\n", "x\n\n" * 5000, "长" * 20_000 + "\ny"]
)
def test_the_parts_of_a_flowing_text_are_the_text_each_from_the_line_that_it_names(text: str) -> None:
    document = Document(kind="text", parts=flowing(text))
    assert document.text in (text, text.rstrip("\n"), text.removesuffix("\n"))
    lines = text.split("\n")
    for part in document.parts:
        start = int(part.place.removeprefix("line ")) - 1
        assert part.text.split("\n") == lines[start : start + len(part.text.split("\n"))]
        assert len(part.text) <= max(8_100, max(len(line) for line in lines))
    assert not any(part.text.startswith("# no heading") for part in document.parts)


def test_a_text_is_given_as_it_stands_with_a_note_of_its_encoding() -> None:
    document = convert("春眠不觉晓，处处闻啼鸟。\r\n  code\r\n\r\n".encode("gb18030") * 20, name="笔记.txt")
    assert document.text == "春眠不觉晓，处处闻啼鸟。\n  code\n\n" * 20
    assert document.notes == ("decoded from GB18030",)
    assert convert("plain 文\n".encode(), name="a.txt").notes == ()


def test_marks_say_where_a_part_stands() -> None:
    parts = (Part(place="page 1", text="a"), Part(place="page 3", text="b"))
    assert Document(kind="pdf", parts=parts, marked=True).text == "[page 1]\na\n\n[page 3]\nb"


def test_what_a_reader_says_of_a_fault_comes_back_whole() -> None:
    request = {"kind": "", "name": "x.zip", "media_type": ""}

    class Stream:
        def read(self) -> bytes:
            return papers.packed({"a": "b"})

    reply = answer(Stream(), request, Limits())  # type: ignore[arg-type]  # all that is asked of it is to be read
    assert reply["fault"]["message"].startswith("'x.zip' is a ZIP archive")
    assert reply["fault"]["kind"] == "tool"


def test_a_note_is_told_once() -> None:
    source = Source(content=b"", name="a", limits=Limits(), quota=Quota(Limits()))
    source.note("wide")
    source.note("wide")
    assert source.document("csv", ()).notes == ("wide",)


@pytest.mark.parametrize(
    "content",
    [b"<!-- -->" * 30 + b"x", b"<html><body><p>a" + b" " * 200_000 + b"x</p></body></html>"],
    ids=["comments that no page follows", "a long gap"],
)
def test_a_page_that_repeats_one_thing_without_end_is_read_soon(content: bytes) -> None:
    begun = time.monotonic()
    assert "x" in convert(content, name="a.html", limits=Limits(seconds=60)).parts[0].text
    assert time.monotonic() - begun < 10.0
