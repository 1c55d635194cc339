"""Foreign text on its way to a terminal, a file name or a log: control, bidi and tag characters made visible.

Neutralising is done at the last moment, after all decoding, so that nothing is hidden in an encoding.
"""

from __future__ import annotations

import json
import re

_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 (but tab and newline), DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u00ad\u034f\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible
    "\u115f\u1160\u3164\uffa0"  # fillers that look like blanks
    "\U000e0000-\U000e007f"  # tag characters
    "\ud800-\udfff]"  # lone surrogates
)


def neutral(text: str) -> str:
    """The text with every harmful character as `\\x1b`, `\\u202e` and so on; tabs and line ends stay."""
    return _HARMFUL.sub(_shown, text.replace("\r\n", "\n"))


def plain(text: str) -> str:
    """The same on one line: line ends shown as `\\n`, tabs as spaces."""
    return neutral(text).replace("\n", "\\n").replace("\t", " ")


def json_line(value: object) -> str:
    """A value as JSON in one line, with every harmful character escaped: it reads back as the very same value."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return _HARMFUL.sub(lambda match: json.dumps(match.group())[1:-1], text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code == 0x0D:
        return "\\r"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
