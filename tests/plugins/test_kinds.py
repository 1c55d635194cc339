from __future__ import annotations

import io
import zipfile

import pytest

from plugins._kinds import binary_kind, size


def zipped(name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(40), "a PNG picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(40), "a JPEG picture"),
        (b"%PDF-1.7\nplain enough", "a PDF document"),
        (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(20), "a WebP picture"),
        (b"SQLite format 3\0" + bytes(84), "an SQLite database"),
        (b"\x7fELF\x02\x01\x01" + bytes(30), "an ELF program"),
        (zipped("word/document.xml"), "a Word document (docx)"),
        (zipped("a.txt"), "a ZIP archive"),
        (bytes(range(256)) * 4, "binary, of no kind that is known"),
        (bytes(100), "binary, of no kind that is known"),
    ],
)
def test_a_file_that_is_no_text_is_called_by_its_name(content: bytes, kind: str) -> None:
    assert binary_kind(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain\n",
        b"BM is how this sentence begins, and MZ how the next\n",
        b"GIF8 is a picture format\n",
        "BMW fährt, MZ steht\n".encode("cp1252"),
        "OTTO Müller\n".encode("cp1252"),
        "naïve 好".encode(),
        ("好" * 40_000).encode(),
        "春天到了，花园里的花都开了。".encode("gb18030"),
        "春天到了，花园里的花都开了。".encode("utf-16-le"),
        "a word".encode("utf-16"),
        "a word".encode("utf-16-be"),
        b"\x1b[31mred\x1b[0m\n",
        b"one stray \0 byte in " + b"a long text " * 200,
    ],
)
def test_a_text_is_no_binary(content: bytes) -> None:
    assert binary_kind(content) is None


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_234, "1.2 kB"),
        (12_345, "12 kB"),
        (999_600, "1.0 MB"),
        (3_400_000_000, "3.4 GB"),
        (5_000_000_000_000, "5.0 TB"),
    ],
)
def test_sizes_are_told_for_people(count: int, told: str) -> None:
    assert size(count) == told
