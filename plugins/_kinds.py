"""What files that are no text are, told from their first bytes; and their size in words."""

from __future__ import annotations

from plugins._decoding import SAMPLE, looks_wide, marked

__all__ = ["binary_kind", "size"]

_CONTROLS = bytes(one for one in range(32) if one not in b"\t\n\r\f\b\x1b") + b"\x7f"
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "a PDF document"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (8, b"WEBP", "a WebP picture"),
    (8, b"WAVE", "a WAV sound"),
    (8, b"AVI ", "an AVI film"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"\0\0\1\0", "an ICO picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftyp", "an MP4 film or sound"),
    (0, b"ID3", "an MP3 sound"),
    (0, b"OggS", "an Ogg sound"),
    (0, b"fLaC", "a FLAC sound"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM film"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    (0, b"(\xb5/\xfd", "a Zstandard archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"\x7fELF", "an ELF program"),
    (0, b"MZ", "a Windows program"),
    (0, b"\xcf\xfa\xed\xfe", "a macOS program"),
    (0, b"\xca\xfe\xba\xbe", "a Java class or macOS program"),
    (0, b"\0asm", "a WebAssembly module"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (doc, xls, ppt)"),
    (0, b"PAR1", "a Parquet table"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"\0\1\0\0", "a TrueType font"),
    (0, b"OTTO", "an OpenType font"),
    (0, b"wOF", "a web font"),
)
_ZIPPED = (
    (b"word/", "a Word document (docx)"),
    (b"xl/", "an Excel workbook (xlsx)"),
    (b"ppt/", "a PowerPoint presentation (pptx)"),
    (b"application/epub+zip", "an EPUB book"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"META-INF/MANIFEST.MF", "a Java archive"),
)


def binary_kind(content: bytes) -> str | None:
    """What a file that is no text looks like, with its article ("a PNG picture"); None for a text.

    The first 64 kB are enough.
    """
    head = content[:SAMPLE]
    if head.startswith(b"%PDF-"):
        return "a PDF document"
    if marked(head):
        return None
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if not controls:
        if head.isascii() or _whole_utf8(head):
            return None
    elif looks_wide(head) and not _signed(head):
        return None
    signed = _signed(head, worded=controls > 0)
    if signed is not None:
        return signed
    return "binary, of no kind that is known" if controls > 0.01 * len(head) else None


def _whole_utf8(head: bytes) -> bool:
    """Valid UTF-8, but for a character that the end of the sample may have cut."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and len(head) == SAMPLE
    return True


def _signed(head: bytes, *, worded: bool = True) -> str | None:
    """The kind whose signature it begins with. Unless `worded`, mere letters are none: many a text begins with "BM"."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return next((kind for mark, kind in _ZIPPED if mark in head), "a ZIP archive")
    marks = ((place, mark, kind) for place, mark, kind in _SIGNATURES if worded or not mark.isascii())
    return next((kind for place, mark, kind in marks if head.startswith(mark, place)), None)


def size(count: int) -> str:
    """A number of bytes for people: `345 bytes`, `12 kB`, `3.4 MB`."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.5:
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    return f"{value / 1000:.1f} TB"
