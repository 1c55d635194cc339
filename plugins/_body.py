"""The body of an answer, inflated piece by piece and cut at a limit: a bomb is stopped where it would burst."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from plugins._outcome import ToolError

ACCEPTED = "gzip, deflate"
"""What is asked for: what can be inflated here."""

_PIECE = 65_536


def read(raw: Iterable[bytes], encoding: str, *, most: int) -> tuple[bytes, bool]:
    """At most `most` bytes of a body, inflated by its Content-Encoding, and whether there was more.

    Raises:
        ToolError: the encoding is none that was asked for, or the body is not encoded so.
    """
    held = bytearray()
    try:
        for piece in _inflated(raw, encoding.strip().lower()):
            held += piece
            if len(held) > most:
                return bytes(held[:most]), True
    except _Torn:
        return bytes(held), True
    except zlib.error as error:
        raise ToolError(
            f"the answer says that it is packed as {encoding}, and is not", hint="read another address of it"
        ) from error
    return bytes(held), False


class _Torn(Exception):
    """What is packed ends before its end."""


def _inflated(raw: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    if encoding in ("", "identity"):
        yield from raw
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise ToolError(f"the answer is packed as {encoding[:40]}, which was not asked for")
    inflating = None
    for chunk in raw:
        if not chunk:
            continue
        if inflating is None:
            inflating = zlib.decompressobj(_window(encoding, chunk))
        yield inflating.decompress(chunk, _PIECE)
        while inflating.unconsumed_tail:
            yield inflating.decompress(inflating.unconsumed_tail, _PIECE)
    if inflating is not None and not inflating.eof:
        raise _Torn


def _window(encoding: str, beginning: bytes) -> int:
    """How zlib is to read it. "deflate" means zlib's own form (RFC 9110), and some servers send it bare."""
    if encoding != "deflate":
        return 16 + zlib.MAX_WBITS
    zlibs = beginning[0] & 0x0F == 8 and (len(beginning) < 2 or (beginning[0] * 256 + beginning[1]) % 31 == 0)
    return zlib.MAX_WBITS if zlibs else -zlib.MAX_WBITS
