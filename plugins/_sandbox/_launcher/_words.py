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


def tell_fault(descriptor: int, why: str) -> None:
    """Say that nothing was started, and why."""
    tell(descriptor, f'{{"fault": {quoted(why)}}}')


def tell_end(descriptor: int, code: int, stopped: str | None) -> None:
    """Say how the program ended: a signal counts as a shell counts it."""
    why = "null" if stopped is None else f'"{stopped}"'
    tell(descriptor, f'{{"code": {code if code >= 0 else 128 - code}, "stopped": {why}}}')


def let_go() -> None:
    """The pipes are the program's alone from here on: their other end must see when it closes them."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
