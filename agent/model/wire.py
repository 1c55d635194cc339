"""The bytes that an endpoint sends, read into plain dicts: server-sent events or one JSON object, told apart by their
look, whatever was asked for and whatever the header says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agent.model.retry import Again

__all__ = ["read_chunks"]

_LARGEST = 64 * 1024 * 1024  # bytes of one reply; what is longer is no reply
_MARK = b"\xef\xbb\xbf"  # of byte order, which some put before UTF-8
_FIELDS = (b"data", b"event", b"id", b"retry", b":", b"error")


def read_chunks(pieces: Iterable[bytes]) -> Iterator[Mapping[str, Any] | None]:
    """The objects of a reply, each as soon as it is whole; None stands for the end: the mark `[DONE]`, or the end of a
    reply in one object.

    Both a stream of events and one JSON object are understood, whatever was asked for and whatever the header says.

    Raises:
        Again: it is neither: nothing at all, a web page, or text that cannot be read. What the source raises as such
            passes. Either has as its `rest` what had come of one JSON object.
    """
    source = iter(pieces)
    head = b""
    while _MARK.startswith(head) or not (start := head.removeprefix(_MARK).lstrip()):
        piece = next(source, None)
        if piece is None:
            raise Again("the server sent an empty reply")
        head += piece
    while len(start) < 6 and b"\n" not in start and (piece := next(source, None)) is not None:
        start += piece
    if start.startswith(_FIELDS):
        yield from _events(start, source)
    else:
        yield _whole(start, source)
        yield None  # one object that can be read is all there is, whatever it says of its end


def _events(head: bytes, source: Iterator[bytes]) -> Iterator[Mapping[str, Any] | None]:
    held, waiting, total = head, b"", len(head)
    while True:
        *lines, held = held.split(b"\n")
        for line in lines:
            name, _, value = line.rstrip(b"\r").partition(b":")
            if name not in (b"data", b"error") or not value:
                waiting = waiting if line.strip() else b""
                continue
            chunk, waiting = _event(waiting, value.strip())
            if chunk is not _UNFINISHED:
                yield chunk
        piece = next(source, None)
        if piece is None:
            break
        total += len(piece)
        if total > _LARGEST:
            raise Again("the reply did not end")
        held += piece
    name, _, value = held.partition(b":")
    if name == b"data" and value:
        chunk, waiting = _event(waiting, value.strip())
        if chunk is not _UNFINISHED:
            yield chunk


_UNFINISHED: Mapping[str, Any] = {"unfinished": True}


def _event(waiting: bytes, value: bytes) -> tuple[Mapping[str, Any] | None, bytes]:
    """The object of a data line, or of the lines that wait together with it; else what waits now."""
    if value.startswith(b"[DONE]"):
        return None, b""
    for text in (value, waiting + b"\n" + value) if waiting else (value,):
        try:
            chunk = json.loads(text.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(chunk, dict):
            return chunk, b""
        if isinstance(chunk, str):
            return {"error": chunk}, b""
    return _UNFINISHED, (waiting + b"\n" + value if waiting else value)[-_LARGEST:]


def _whole(head: bytes, source: Iterator[bytes]) -> Mapping[str, Any]:
    parts = [head]
    try:
        return _object(parts, source)
    except Again as again:
        again.rest = b"".join(parts)
        raise


def _object(parts: list[bytes], source: Iterator[bytes]) -> Mapping[str, Any]:
    """The object that the parts make together with those that still come, which are added to them."""
    total = len(parts[0])
    for piece in source:
        parts.append(piece)
        total += len(piece)
        if total > _LARGEST:
            raise Again("the reply did not end")
    text = b"".join(parts).decode("utf-8", "replace")
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        kind = "a web page" if text.startswith("<") else "something that is not JSON"
        raise Again(f"the server sent {kind} in place of a reply") from None
    if not isinstance(value, dict):
        raise Again("the server sent JSON that is no reply")
    return value
