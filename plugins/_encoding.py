"""An encoding of text: bytes read by it, and written by it again."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

__all__ = ["SHIFTING", "WIDE", "Encoding", "aligned", "fits"]

WIDE = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
"""Codecs in which a newline is more than one byte."""
SHIFTING = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004")
"""Codecs in which what a byte means depends on the escapes before it."""
_NAMES = {"gb18030": "GB18030", "big5": "Big5", "cp932": "Shift-JIS", "cp949": "EUC-KR", "koi8_r": "KOI8-R"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a text is stored. `codec` is Python's name, `mark` its byte order mark or `b""`.

    `broken` says that some bytes do not fit the codec: they are shown as U+FFFD.
    """

    codec: str = "utf-8"
    mark: bytes = b""
    broken: bool = False

    @property
    def plain(self) -> bool:
        """Is it whole UTF-8? Nobody needs to be told."""
        return self.codec == "utf-8" and not self.broken

    @property
    def shifting(self) -> bool:
        """Does what a byte means depend on the escapes before it?"""
        return self.codec in SHIFTING

    @property
    def name(self) -> str:
        """The name as people write it."""
        name = self.codec.upper().replace("_", "-")
        return _NAMES.get(self.codec, name.replace("ISO8859", "ISO-8859").replace("ISO2022", "ISO-2022"))

    def read(self, content: bytes) -> str:
        """The text of a whole file; never fails."""
        return content.removeprefix(self.mark).decode(self.codec, "replace")

    def read_part(self, before: bytes, piece: bytes) -> str:
        """The text of a piece that begins and ends with whole characters and has no mark, given what stands before
        it in the file; never fails."""
        reader = codecs.getincrementaldecoder(self.codec)("replace")
        if self.shifting:
            reader.decode(before)
        return reader.decode(piece, final=True)

    def read_exactly(self, content: bytes) -> str:
        """The text of a whole file with bytes that do not fit kept as lone surrogates, for `write_exactly`, where the
        codec allows it, else replaced."""
        own = content.removeprefix(self.mark)
        try:
            return own.decode(self.codec, "surrogateescape")
        except UnicodeDecodeError:  # UTF-16 and UTF-32 know no such escape
            return own.decode(self.codec, "replace")

    def write_exactly(self, text: str, *, mark: bool = True) -> bytes:
        """The bytes of a text.

        Raises:
            UnicodeEncodeError: it holds a character that the encoding has not.
        """
        return (self.mark if mark else b"") + text.encode(self.codec, "surrogateescape")


def fits(content: bytes, codec: str) -> bool:
    """Is every byte of it a character's?"""
    try:
        content.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def aligned(content: bytes, offset: int, encoding: Encoding) -> int:
    """The place at or before `offset` at which a character begins.

    Args:
        content: The file from its start, up to `offset` at least; for UTF-8 any part of it that holds the place does.
        offset: Bytes from the start of `content`.
        encoding: As `detect` told it.
    """
    if encoding.codec == "utf-8":
        for back in range(min(4, offset)):
            if offset - back >= len(content) or content[offset - back] & 0xC0 != 0x80:
                return offset - back
        return offset
    reader = codecs.getincrementaldecoder(encoding.codec)("replace")
    start = len(encoding.mark)
    if offset <= start:
        return 0
    reader.decode(content[start:offset])
    return offset - len(reader.getstate()[0])
