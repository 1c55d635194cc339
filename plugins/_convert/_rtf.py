"""RTF: its text, in whatever encodings its fonts say."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from plugins._convert._document import Document, Source, flowing
from plugins._convert._markdown import Full, Writer

__all__ = ["read_rtf"]

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_CHARSETS = {
    0: "cp1252",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}
_UNSEEN = frozenset(
    {
        *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "headerl", "headerr"),
        *("headerf", "footer", "footerl", "footerr", "footerf", "listtable", "listoverridetable", "revtbl"),
        *("rsidtbl", "generator", "themedata", "datastore", "latentstyles", "xmlnstbl", "fldinst", "filetbl"),
        *("annotation", "atnid", "atnauthor", "bkmkstart", "bkmkend", "pgptbl", "mmathPr", "shppict"),
        *("nonshppict",),
    }
)
_ENDS = {"par": "\n\n", "sect": "\n\n", "page": "\n\n", "line": "\n", "row": "\n", "cell": " | ", "tab": "\t"}
_SIGNS = {
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
}
_LITERAL = {b"~": "\u00a0", b"_": "-", b"\n": "\n\n", b"\r": "\n\n", b"{": "{", b"}": "}", b"\\": "\\"}


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group."""

    unseen: bool = False
    codec: str = "cp1252"
    skip: int = 1
    """Characters after a `\\u` that say the same for older programs."""


class _Reader:
    """Reads tokens, one after another, and keeps the text."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._state = _State()
        self._outer: list[_State] = []
        self._default = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._bytes = bytearray()
        self._to_skip = 0
        self._high = 0

    def read(self, content: bytes) -> str:
        for token in _TOKEN.finditer(content):
            word, number, byte, sign, brace, text = token.groups()
            if byte is not None:
                self._raw(bytes([int(byte, 16)]))
                continue
            if text is not None:
                self._raw(text)
                continue
            self._decode()
            if brace is not None:
                self._brace(brace)
            elif word is not None:
                self._word(word.decode("ascii"), None if number is None else int(number))
            elif sign is not None:
                self._sign(sign)
        self._decode()
        return "".join(self.pieces)

    def _raw(self, content: bytes) -> None:
        skipped = min(self._to_skip, len(content))
        self._to_skip -= skipped
        if not self._state.unseen:
            self._bytes += content[skipped:]

    def _decode(self) -> None:
        if self._bytes:
            self.pieces.append(bytes(self._bytes).decode(self._state.codec, "replace"))
            self._bytes.clear()

    def _brace(self, brace: bytes) -> None:
        self._to_skip = 0
        if brace == b"{":
            self._outer.append(self._state)
        elif self._outer:
            self._state = self._outer.pop()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":  # what follows is for programs that know it
            self._state = replace(self._state, unseen=True)
        elif not self._state.unseen:
            self.pieces.append(_LITERAL.get(sign, ""))

    def _word(self, word: str, number: int | None) -> None:
        if word in _UNSEEN:
            self._state = replace(self._state, unseen=True)
        elif word in ("ansicpg", "mac", "fcharset", "f", "uc"):
            self._encoding(word, number)
        elif word == "u" and number is not None:
            self._unicode(number % 65_536)
        elif word == "bin" and number:
            self._to_skip = number
        elif not self._state.unseen:
            self.pieces.append(_ENDS.get(word) or _SIGNS.get(word, ""))

    def _encoding(self, word: str, number: int | None) -> None:
        if word == "uc":
            self._state = replace(self._state, skip=min(8, max(0, number or 0)))
        elif word in ("ansicpg", "mac"):
            self._default = _codec(f"cp{number}" if word == "ansicpg" else "mac_roman")
            self._state = replace(self._state, codec=self._default)
        elif word == "fcharset":
            self._fonts[self._font] = _CHARSETS.get(number or 0, self._default) if number else self._default
        else:
            self._font = number or 0
            self._state = replace(self._state, codec=self._fonts.get(self._font, self._default))

    def _unicode(self, code: int) -> None:
        self._to_skip = self._state.skip
        if self._state.unseen:
            return
        if 0xD800 <= code < 0xDC00:
            self._high = code
            return
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self._high - 0xD800) << 10) + code - 0xDC00 if self._high else 0xFFFD
        self._high = 0
        self.pieces.append(chr(code))


def _codec(name: str) -> str:
    wider = {"cp936": "gb18030", "cp65001": "utf-8", "cp10000": "mac_roman"}
    try:
        return wider.get(name) or "".encode(name).decode() or name
    except LookupError:
        return "cp1252"


def read_rtf(source: Source) -> Document:
    """Paragraphs; the cells of a table's row in one line. Pictures, headers and footers are left out."""
    writer = Writer(source.quota)
    try:
        for paragraph in re.split(r"\n{2,}", _Reader().read(source.content)):
            writer.paragraph(paragraph.strip(" |\t"))
    except Full:
        pass
    return source.document("rtf", flowing(writer.text()))
