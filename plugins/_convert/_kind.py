"""Which format a file has: told from its bytes, and from its name only where they leave it open."""

from __future__ import annotations

import re

from plugins._contract import ToolError
from plugins._convert._archive import Archive
from plugins._convert._document import Source
from plugins._decoding import SAMPLE, decode
from plugins._kinds import binary_kind, size

__all__ = ["ARTICLES", "is_packed", "kind_of"]

ARTICLES = {
    "pdf": "a PDF document",
    "docx": "a Word document (docx)",
    "xlsx": "an Excel workbook (xlsx)",
    "pptx": "a PowerPoint presentation (pptx)",
    "odt": "an OpenDocument text (odt)",
    "epub": "an EPUB book",
    "rtf": "an RTF document",
    "html": "an HTML page",
    "eml": "an e-mail",
    "ipynb": "a Jupyter notebook",
    "csv": "a CSV table",
    "text": "a text",
}
_NAMED = 5  # parts of an archive
_MAIN_PARTS = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_PDF_WITHIN = 1_024  # bytes before the mark that readers put up with
_BY_NAME = {
    **dict.fromkeys(("htm", "html", "xhtml", "xht"), "html"),
    **dict.fromkeys(("csv", "tsv", "tab"), "csv"),
    **dict.fromkeys(("eml", "mht", "mhtml"), "eml"),
    "ipynb": "ipynb",
}
_BY_MEDIA_TYPE = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "message/rfc822": "eml",
}
# Atomic: else each comment may end at each later one's end, which many comments try in all combinations.
_HTML = re.compile(r"\s*+(?>(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*)<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_HEADER = re.compile(r"(?:From |[A-Za-z][A-Za-z0-9-]*:)")
_OF_MAIL = re.compile(
    r"^(?:From|To|Subject|Date|Received|Message-ID|MIME-Version|Return-Path|Delivered-To):", re.I | re.M
)


def is_packed(content: bytes) -> bool:
    """Is it an archive, which has to be opened to know what it is?"""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def kind_of(source: Source) -> str:
    """The format of a file, as a key of `ARTICLES`.

    Raises:
        BROKEN (of `_archive`): it is an archive that is damaged.
        ToolError: it is empty, damaged, protected, or of a kind that has no text; it says which.
    """
    content = source.content
    if not content.strip(b"\0 \t\r\n"):
        raise ToolError(f"'{source.name}' is empty", hint="name another file")
    head = content[:SAMPLE]
    if is_packed(content):
        return _packed(source)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise _old_office(source)
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    binary = binary_kind(head)
    if b"%PDF-" in head[:_PDF_WITHIN] and (binary or head.startswith(b"%PDF-")):
        return "pdf"
    if binary:
        picture = "picture" in binary
        hint = "look at it with a tool for pictures" if picture else "name a document, or a text"
        raise ToolError(f"'{source.name}' has no text: it is {binary}, {size(len(content))}", hint=hint)
    return _of_text(source, decode(head)[0])


def _of_text(source: Source, head: str) -> str:
    ending = source.name.rpartition(".")[2].casefold() if "." in source.name else ""
    named = _BY_NAME.get(ending) or _BY_MEDIA_TYPE.get(source.media_type.partition(";")[0].strip().casefold(), "")
    if _HTML.match(head):
        return "html"
    if head.lstrip("\ufeff \t\r\n").startswith("{") and (named == "ipynb" or '"nbformat"' in head or '"cells"' in head):
        return "ipynb"
    if named and named != "ipynb":
        return named
    first = head.lstrip("\r\n").partition("\n\n")[0].replace("\r\n", "\n").partition("\n\n")[0]
    if _HEADER.match(first) and len(set(_OF_MAIL.findall(first))) >= 3:
        return "eml"
    return "text"


def _packed(source: Source) -> str:
    with Archive(source) as archive:
        if not archive.names:
            raise ToolError(f"'{source.name}' is an empty ZIP archive", hint="name another file")
        return _of_archive(source, archive)


def _of_archive(source: Source, archive: Archive) -> str:
    name = source.name
    if "mimetype" in archive.names:
        mimetype = archive.read("mimetype")[:200].decode("ascii", "replace").strip()
        if mimetype == "application/epub+zip":
            return "epub"
        if mimetype.startswith(_OPEN_DOCUMENT):
            if mimetype.startswith(f"{_OPEN_DOCUMENT}text"):
                return "odt"
            raise ToolError(f"'{name}' is an OpenDocument file that is no text", hint="save it as xlsx, pptx or csv")
    if "META-INF/container.xml" in archive.names:
        return "epub"
    if any(one.startswith("xl/") and one.endswith(".bin") for one in archive.names if "workbook" in one):
        raise ToolError(f"'{name}' is a binary Excel workbook (xlsb)", hint="save it as xlsx or csv")
    if "[Content_Types].xml" in archive.names:
        for folder, kind in _MAIN_PARTS:
            if any(one.startswith(folder) and one.endswith(".xml") for one in archive.names):
                return kind
    listed = ", ".join(sorted(archive.names)[:_NAMED])
    more = ", …" if len(archive.names) > _NAMED else ""
    raise ToolError(f"'{name}' is a ZIP archive, no document; in it: {listed}{more}", hint="unpack it first")


def _old_office(source: Source) -> ToolError:
    if "EncryptedPackage".encode("utf-16-le") in source.content:
        return ToolError(f"'{source.name}' is an Office document that needs a password", hint="save a copy without one")
    return ToolError(
        f"'{source.name}' is an old Office document (doc, xls, ppt, msg), whose format is not read",
        hint="save it as docx, xlsx or pptx, for instance with LibreOffice",
    )
