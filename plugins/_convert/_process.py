"""Conversions in a process of their own, which is ended when it takes too long or nobody waits any more.

A document is a stranger's: its parser may need hours, or all memory, and while it works no other thread runs. This room
is both ends. Plain text, which needs no parser, is read where we are.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from plugins._apart import start_apart
from plugins._contract import ToolError
from plugins._convert._confinement import confine
from plugins._convert._document import Document, Limits, Part, Quota, Source
from plugins._convert._kind import is_packed, kind_of
from plugins._convert._reading import read
from plugins._kinds import size
from plugins._text import mend

__all__ = ["convert", "serve"]

_TICK = 0.1  # seconds between two looks at whether the work is to be given up
_START = 10.0  # seconds for the process to start on a busy machine
_SERVE = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from plugins._convert._process import serve; serve()"
_LONGEST_NAME = 120


def _never() -> bool:
    return False


def convert(
    content: bytes,
    *,
    name: str,
    media_type: str = "",
    limits: Limits | None = None,
    cancelled: Callable[[], bool] = _never,
) -> Document:
    """Read a document of any format. It takes from some milliseconds (text) to `limits.seconds`; call it in a thread.

    Args:
        content: The whole file.
        name: Its name or path: shown in complaints, and its ending is looked at where the bytes leave the kind open.
        media_type: As a server told it (`text/html; charset=gbk`), or "".
        limits: How much it may cost.
        cancelled: Is asked ten times a second; where it says yes, the work is ended.

    Raises:
        ToolError: it is empty, damaged, protected, too large, without text, of a kind that is not read, takes too long,
            or was cancelled; one line that names it, and a hint.
    """
    limits = limits or Limits()
    name = _shown(name)
    if len(content) > limits.bytes:
        raise ToolError(
            f"'{name}' has {size(len(content))}, and documents of at most {size(limits.bytes)} are converted",
            hint="split it, or name a smaller file",
        )
    source = Source(content=content, name=name, limits=limits, quota=Quota(limits), media_type=media_type)
    kind = "" if is_packed(content) else kind_of(source)
    return read(source, kind) if kind == "text" else _away(source, kind, cancelled)


def _shown(name: str) -> str:
    line = "".join(char if char.isprintable() else "\ufffd" for char in mend(name))
    return line if len(line) <= _LONGEST_NAME else f"…{line[-_LONGEST_NAME:]}"


def _away(source: Source, kind: str, cancelled: Callable[[], bool]) -> Document:
    request = {
        "kind": kind,
        "name": source.name,
        "media_type": source.media_type,
        "limits": asdict(source.limits),
        "bytes": len(source.content),
    }
    reply = _asked(json.dumps(request), source, cancelled)
    if "fault" in reply:
        fault = reply["fault"]
        raise ToolError(fault["message"], hint=fault["hint"], kind=fault["kind"])
    document = reply["document"]
    parts = tuple(Part(place=place, text=text) for place, text in document.pop("parts"))
    return Document(**{**document, "notes": tuple(document["notes"]), "parts": parts})


def _asked(request: str, source: Source, cancelled: Callable[[], bool]) -> Mapping[str, Any]:
    """Start the process, hand it the request, wait for what it answers."""
    here = [os.path.abspath(entry) for entry in sys.path if entry]  # noqa: PTH100  an entry may be a link or a zip
    root = str(Path(__file__).absolute().parents[2])
    words = [sys.executable, "-I", "-S", "-W", "ignore", "-c", _SERVE, json.dumps([root, *here]), request]
    try:
        process = start_apart(words)
    except OSError as error:
        raise ToolError(
            f"no process can be started to read '{source.name}': {error.strerror}", hint="try again"
        ) from error
    began = time.monotonic()
    with process:
        answer = _waited(process, source, cancelled)
    try:
        reply: Mapping[str, Any] = json.loads(answer)
    except ValueError:
        if time.monotonic() - began >= source.limits.seconds:  # its own timer ended it
            raise _too_slow(source) from None
        raise ToolError(
            f"'{source.name}' cannot be converted: the process that reads it has ended (code {process.returncode}), "
            "for want of memory or since the file is damaged",
            hint="split it, or save it anew",
        ) from None
    return reply


def _waited(process: subprocess.Popen[bytes], source: Source, cancelled: Callable[[], bool]) -> bytes:
    """What the process answers. The file goes to it from a thread: `communicate` forgets the rest of what it was to
    send where its time is out, and tells of the answer alone once it has no one to send to. What the file goes through
    stays open meanwhile: that it is closed tells the process that nobody waits any more, also where we were killed."""
    sink, process.stdin = process.stdin, None
    assert sink is not None
    feeder = threading.Thread(target=_feed, args=(sink, source.content), name="a document", daemon=True)
    feeder.start()
    deadline = time.monotonic() + source.limits.seconds + _START
    try:
        while True:
            try:
                return process.communicate(timeout=_TICK)[0]
            except subprocess.TimeoutExpired:
                if cancelled():
                    raise ToolError("the call was given up", kind="cancelled") from None
                if time.monotonic() > deadline:
                    raise _too_slow(source) from None
    finally:
        process.kill()
        feeder.join()
        with suppress(OSError):
            sink.close()


def _feed(sink: IO[bytes], content: bytes) -> None:
    with suppress(OSError):  # it has ended, and need not be fed
        sink.write(content)
        sink.flush()


def _too_slow(source: Source) -> ToolError:
    return ToolError(
        f"'{source.name}' cannot be converted within {source.limits.seconds:g} s", hint="split it, or save it anew"
    )


def serve() -> None:
    """The other end: read one request, answer it, end; also end where nobody waits for the answer. A timer of C, which
    needs no turn of the interpreter, ends the process where a parser holds it."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  pathlib would double the start's time
        request = json.loads(sys.argv[2])
        limits = Limits(**request["limits"])
        faulthandler.dump_traceback_later(limits.seconds + 1, exit=True, file=nowhere)
        confine(limits.memory)
        content = sys.stdin.buffer.read(request["bytes"])
        threading.Thread(target=_end_with_the_asker, daemon=True).start()
        reply = answer(io.BytesIO(content), request, limits)
        faulthandler.cancel_dump_traceback_later()
    sys.stdout.buffer.write(json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def _end_with_the_asker() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


def answer(stream: IO[bytes], request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """The conversion itself, and what came of it as JSON."""
    name = request["name"]
    source = Source(
        content=stream.read(), name=name, limits=limits, quota=Quota(limits), media_type=request["media_type"]
    )
    try:
        document = read(source, request["kind"])
    except ToolError as error:
        return {"fault": {"message": error.message, "hint": error.hint, "kind": error.kind}}
    parts = [(part.place, part.text) for part in document.parts]
    told = {"kind": document.kind, "title": document.title, "notes": document.notes, "marked": document.marked}
    return {"document": {**told, "parts": parts}}
