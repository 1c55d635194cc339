"""Bytes to text, whatever the encoding.

UTF-8 is tried first (ISO-2022-JP, all of whose bytes are ASCII, gives itself away by its escapes), then what a byte
order mark or the pattern of zero bytes says, then the East Asian encodings (told apart by how common their characters
are), and what is left is guessed with charset-normalizer.
"""

from __future__ import annotations

import codecs
import re

from plugins._east_asian import EAST_ASIAN, east_asian
from plugins._encoding import SHIFTING, Encoding, fits

__all__ = [
    "SAMPLE",
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
_TO_TWO_BYTES = re.compile(rb"\x1b\$(?:[@B]|\([DOPQ])")
_SINGLE_BYTE = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp866", "cp1253", "cp1254", "cp1255", "cp1256"),
    *("cp1257", "cp874", "iso8859_2", "cp850"),
)
_WESTERN = frozenset("àâäáãåæçéèêëíìîïñóòôöõøœúùûüÿßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ‘’‚“”„«»‹›–—…•·¿¡°§©®™€£¥ªº´¨\xa0×½¼²³")


def decode(content: bytes) -> tuple[str, Encoding]:
    """The text of a whole file, and how it was stored. Only for what is a text (see `_kinds`)."""
    encoding = detect(content)
    return encoding.read(content), encoding


def detect(content: bytes) -> Encoding:
    """How a text is stored, told from its bytes; the answer always decodes."""
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return Encoding(codec=codec, mark=mark, broken=not fits(content[len(mark) :], codec))
    if content.isascii() and b"\0" not in content:
        return Encoding(codec=_shifted(content) or "utf-8")
    wide = _wide(content)
    if wide:
        return Encoding(codec=wide, broken=not fits(content, wide))
    if fits(content, "utf-8"):
        return Encoding()
    if _nearly_utf8(content):
        return Encoding(broken=True)
    sample = content[max(0, _first_high(content) - 200) :][:SAMPLE]
    codec = east_asian(content, sample) or _wide_asian(content) or _guessed(content, sample)
    return Encoding(codec=codec, broken=not fits(content, codec))


def _shifted(content: bytes) -> str | None:
    """ISO-2022-JP: an escape, which no terminal uses, says that characters of two bytes follow."""
    if not _TO_TWO_BYTES.search(content):
        return None
    return next((codec for codec in SHIFTING if fits(content, codec)), None)


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


def _first_high(content: bytes) -> int:
    found = re.search(rb"[\x80-\xff]", content)
    return found.start() if found else 0


def _guessed(content: bytes, sample: bytes) -> str:
    high = [byte for byte in sample if byte >= 0x80]
    western = bytes(high).decode("cp1252", "replace")
    runs = re.findall(rb"[\x80-\xff]+", sample)
    isolated = sum(len(run) <= 2 for run in runs) / len(runs) if runs else 1.0
    is_western = isolated > 0.9 and sum(char in _WESTERN for char in western) >= 0.98 * len(western)
    # A text of rare characters, or one whose letters stand in long rows, may be East Asian all the same.
    candidates = [*_SINGLE_BYTE, *(codec for codec in EAST_ASIAN if isolated < 0.5 and fits(content, codec))]
    from charset_normalizer import from_bytes  # heavy, and only old files need it

    matches = list(from_bytes(sample, cp_isolation=candidates, enable_fallback=False))
    if not matches:
        return "cp1252" if fits(sample, "cp1252") else "latin-1"
    best = matches[0]
    if is_western and sample.decode(best.encoding) == sample.decode("cp1252", "replace"):
        return "cp1252"
    for other in matches:
        near = other.chaos <= best.chaos + 0.06 and other.coherence >= best.coherence - 0.1
        if other.encoding == "cp1252" and is_western and near:
            return "cp1252"
    return str(best.encoding)


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
