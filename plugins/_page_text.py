"""The text of a page by what its server and the page itself say of its encoding, as far as its bytes bear that out."""

from __future__ import annotations

import codecs
import re

from plugins._decoding import decode, detect, marked

__all__ = ["page_text"]

_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_LOOKED_AT = 4_096  # bytes in which a page says how it is encoded
# As the WHATWG's Encoding Standard reads these names: what is said to be the one is, in practice, the other.
_MEANT = {
    **dict.fromkeys(("gb2312", "gbk", "x-gbk"), "gb18030"),
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
}
_FIT_ANYTHING = frozenset({"cp1252", "cp1250", "cp1254", "iso8859-1", "iso8859-15", "iso8859-2", "cp437", "cp850"})
_ASIAN = frozenset({"gb18030", "big5", "cp932", "cp949", "euc_jp", "big5hkscs", "euc_jis_2004"})
_SPOILT = 1_000  # characters of which one may be unreadable in what is still that encoding


def page_text(content: bytes, charset: str | None = None) -> str:
    """The text of a page.

    A byte order mark is believed. So is what reads as UTF-8 without a fault and is not mere ASCII: nothing else does
    so by chance, whatever a server says. Then come what the server and what the page itself says, if it fits; a name
    such as ISO-8859-1, which servers say of everything and which fits everything, only where nothing else does.

    Args:
        content: The page.
        charset: The encoding that its server names.
    """
    if marked(content) or (not content.isascii() and _is_utf8(content)):
        return decode(content)[0]
    head = content[:_LOOKED_AT]
    found = _META.search(head) or _XML.match(head)
    names = [_codec(name) for name in (charset or "", found[1].decode("ascii") if found else "")]
    for name in sorted(filter(None, names), key=lambda one: one in _FIT_ANYTHING):
        if name in _FIT_ANYTHING and detect(content).codec in _ASIAN:
            continue
        text = content.decode(name, "replace")
        if text.count("\ufffd") * _SPOILT <= len(text):
            return text
    return decode(content)[0]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(content) - 3  # what was cut may end within a character
    return True


def _codec(name: str) -> str:
    """Python's name of an encoding for text; "" where it knows none."""
    try:
        found = codecs.lookup(_MEANT.get(name.casefold(), name))
    except (LookupError, ValueError):
        return ""
    return found.name if getattr(found, "_is_text_encoding", True) else ""
