"""Bytes to text, whatever the encoding.

UTF-8 is tried first (ISO-2022-JP, all of whose bytes are ASCII, gives itself away by its escapes), then what a byte
order mark or the pattern of zero bytes says, then the East Asian encodings (told apart by how common their characters
are), and what is left is guessed with charset-normalizer.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = [
    "SAMPLE",
    "WIDE",
    "Encoding",
    "aligned",
    "decode",
    "detect",
    "looks_wide",
    "marked",
    "to_lines",
    "to_newlines",
]

SAMPLE = 65_536
"""Bytes that are looked at to tell an encoding."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE = frozenset({"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
"""Codecs in which a newline is more than one byte."""
_SHIFTING = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004")
_TO_TWO_BYTES = re.compile(rb"\x1b\$(?:[@B]|\([DOPQ])")
_SINGLE_BYTE = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp866", "cp1253", "cp1254", "cp1255", "cp1256"),
    *("cp1257", "cp874", "iso8859_2", "cp850"),
)
_NAMES = {"gb18030": "GB18030", "big5": "Big5", "cp932": "Shift-JIS", "cp949": "EUC-KR", "koi8_r": "KOI8-R"}
_WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœúùûüÿßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ‘’‚“”„«»‹›–—…•·¿¡°§©®™€£¥ªº´¨\xa0×½¼²³")


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
        return self.codec in _SHIFTING

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


def decode(content: bytes) -> tuple[str, Encoding]:
    """The text of a whole file, and how it was stored. Only for what is a text (see `_kinds`)."""
    encoding = detect(content)
    return encoding.read(content), encoding


def detect(content: bytes) -> Encoding:
    """How a text is stored, told from its bytes; the answer always decodes."""
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return Encoding(codec=codec, mark=mark, broken=not _fits(content[len(mark) :], codec))
    if content.isascii() and b"\0" not in content:
        return Encoding(codec=_shifted(content) or "utf-8")
    wide = _wide(content)
    if wide:
        return Encoding(codec=wide, broken=not _fits(content, wide))
    if _fits(content, "utf-8"):
        return Encoding()
    if _nearly_utf8(content):
        return Encoding(broken=True)
    sample = content[max(0, _first_high(content) - 200) :][:SAMPLE]
    codec = _asian(content, sample) or _wide_asian(content) or _guessed(content, sample)
    return Encoding(codec=codec, broken=not _fits(content, codec))


def _fits(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _shifted(content: bytes) -> str | None:
    """ISO-2022-JP: an escape, which no terminal uses, says that characters of two bytes follow."""
    if not _TO_TWO_BYTES.search(content):
        return None
    return next((codec for codec in _SHIFTING if _fits(content, codec)), None)


def _wide(content: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: zero bytes stand where the high halves of common characters are."""
    sample = content[: SAMPLE & ~3]
    if b"\0" not in sample or len(sample) < 4:
        return None
    zeros = [sample[place::4].count(0) / len(sample[place::4]) for place in range(4)]
    if zeros[2] > 0.9 and zeros[3] > 0.9 and zeros[0] < 0.2:
        return "utf-32-le"
    if zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[3] < 0.2:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > 0.2 and even < 0.02:
        return "utf-16-le"
    if even > 0.2 and odd < 0.02:
        return "utf-16-be"
    return None


def marked(content: bytes) -> bool:
    """Does it begin with a byte order mark?"""
    return any(content.startswith(mark) for mark, _ in _MARKS)


def looks_wide(head: bytes) -> bool:
    """Does the start of a file look like UTF-16 or UTF-32 without a mark?"""
    return _wide(head) is not None or _wide_asian(head) is not None


def _wide_asian(content: bytes) -> str | None:
    """UTF-16 of East Asian text, which has few zero bytes or none: nearly all of it is in the blocks of its scripts."""
    sample = content[: SAMPLE & ~3]
    if len(content) % 2 or len(sample) < 8:
        return None
    for codec in ("utf-16-le", "utf-16-be"):
        text = sample.decode(codec, "replace")
        usual = len(_ASIAN_TEXT.findall(text))
        if usual > 0.9 * len(text) and any(char >= "\u3000" for char in text):
            return codec
    return None


_ASIAN_TEXT = re.compile("[\\s!-~\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]")


def _nearly_utf8(content: bytes) -> bool:
    """Is it UTF-8 with a few spoilt bytes, such as a log that was cut within a character?"""
    text = content.decode("utf-8", "replace")
    spoilt = text.count("\ufffd")
    foreign = sum(not char.isascii() for char in text[: SAMPLE * 4]) if not text.isascii() else 0
    return foreign > 8 and spoilt * 20 < foreign


# East Asian encodings: two bytes a character. Each has a table of leads under which the common characters stand; what
# is really in an encoding uses hardly anything else, and what is not strays all over it.


def _share(pairs: list[tuple[int, int]], common: Callable[[int, int], bool]) -> float:
    return sum(common(lead, trail) for lead, trail in pairs) / len(pairs) if pairs else 0.0


def _asian(content: bytes, sample: bytes) -> str | None:
    """The East Asian encoding that the bytes fit and use as its own texts do; None where there is none."""
    if b"\0" in sample:
        return None
    shares = {codec: _share(_pairs(sample, lead), common) for codec, lead, common in _ASIAN if _fits(content, codec)}
    pairs = _pairs(sample, _PAIR)
    # Where two fit, the narrower one is meant: texts of the wider one would have left its borders soon.
    if shares.get("euc_jp", 0) >= 0.95 and _share(pairs, _kana) >= 0.2:
        return "euc_jp"
    if shares.get("cp949", 0) >= 0.98 and len(pairs) >= 8:
        return "cp949"
    best = max(shares, key=lambda codec: shares[codec], default="")
    return best if shares.get(best, 0) >= 0.9 else None


def _first_high(content: bytes) -> int:
    found = re.search(rb"[\x80-\xff]", content)
    return found.start() if found else 0


def _pairs(sample: bytes, lead: re.Pattern[bytes]) -> list[tuple[int, int]]:
    return [(found[0], found[1]) for found in lead.findall(sample)]


_PAIR = re.compile(rb"[\x81-\xfe][\x30-\xfe]", re.DOTALL)
_JAPANESE_PAIR = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\xfc]|[\xa1-\xdf]{2}", re.DOTALL)


def _korean(lead: int, trail: int) -> bool:
    # Hangul in the order of its sounds: Chinese text reaches beyond it within a few characters.
    return trail >= 0xA1 and (0xB0 <= lead <= 0xC8 or lead in (0xA1, 0xA3))


def _kana(lead: int, trail: int) -> bool:
    return trail >= 0xA1 and lead in (0xA4, 0xA5)


def _japanese(lead: int, trail: int) -> bool:
    return _kana(lead, trail) or (trail >= 0xA1 and (0xB0 <= lead <= 0xCF or lead in (0xA1, 0xA3)))


def _chinese(lead: int, trail: int) -> bool:
    return trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3))


def _traditional(lead: int, trail: int) -> bool:
    return 0xA4 <= lead <= 0xC6 or (lead == 0xA1 and trail < 0xB0)


def _shift_jis(lead: int, _trail: int) -> bool:
    return lead in (0x81, 0x82, 0x83) or 0x88 <= lead <= 0x97


_ASIAN: tuple[tuple[str, re.Pattern[bytes], Callable[[int, int], bool]], ...] = (
    ("gb18030", _PAIR, _chinese),
    ("big5", _PAIR, _traditional),
    ("cp932", _JAPANESE_PAIR, _shift_jis),
    ("euc_jp", _PAIR, _japanese),
    ("cp949", _PAIR, _korean),
)


def _guessed(content: bytes, sample: bytes) -> str:
    high = [byte for byte in sample if byte >= 0x80]
    western = bytes(high).decode("cp1252", "replace")
    runs = re.findall(rb"[\x80-\xff]+", sample)
    isolated = sum(len(run) <= 2 for run in runs) / len(runs) if runs else 1.0
    is_western = isolated > 0.9 and sum(char in _WESTERN for char in western) >= 0.98 * len(western)
    # A text of rare characters, or one whose letters stand in long rows, may be East Asian all the same.
    candidates = [*_SINGLE_BYTE, *(codec for codec, *_ in _ASIAN if isolated < 0.5 and _fits(content, codec))]
    from charset_normalizer import from_bytes  # heavy, and only old files need it

    matches = list(from_bytes(sample, cp_isolation=candidates, enable_fallback=False))
    if not matches:
        return "cp1252" if _fits(sample, "cp1252") else "latin-1"
    best = matches[0]
    if is_western and sample.decode(best.encoding) == sample.decode("cp1252", "replace"):
        return "cp1252"
    for other in matches:
        near = other.chaos <= best.chaos + 0.06 and other.coherence >= best.coherence - 0.1
        if other.encoding == "cp1252" and is_western and near:
            return "cp1252"
    return str(best.encoding)


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


def to_newlines(text: str) -> str:
    r"""The text with `\n` at the end of every line, where the file had `\r\n`, or `\r` and no other."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\n" not in text:
            text = text.replace("\r", "\n")
    return text


def to_lines(text: str) -> list[str]:
    r"""The lines of a text without their ends (`\n`, `\r\n`, or `\r` where there is no other); none of an empty one."""
    lines = to_newlines(text).split("\n")
    if not lines[-1]:
        lines.pop()
    return lines
