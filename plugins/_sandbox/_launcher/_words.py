"""What is said between the launcher and whoever started it."""

from __future__ import annotations

import os


def read(source: int, size: int) -> bytes:
    """So many bytes; where there are none any more, nobody wants anything, and this is the end."""
    whole = b""
    while len(whole) < size:
        piece = os.read(source, size - len(whole))
        if not piece:
            os._exit(126)
        whole += piece
    return whole


def tell(descriptor: int, line: str) -> None:
    """Say a line to whoever listens."""
    try:
        os.write(descriptor, line.encode() + b"\n")
    except OSError:
        pass


def quoted(text: str) -> str:
    """The text as JSON has it."""
    return (
        '"'
        + "".join(one if one.isalnum() or one in " .,:;/()'-_" else f"\\u{ord(one) & 0xFFFF:04x}" for one in text)
        + '"'
    )
