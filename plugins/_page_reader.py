"""Pages read in processes of their own, kept for the next page: the extractor takes half a second to load.

A page is a stranger's: its parser may need hours, or all memory. A process that takes too long is ended, and the next
page gets another one. This room is both ends.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from plugins._apart import start_apart
from plugins._contract import ToolError
from plugins._convert._confinement import confine
from plugins._convert._document import Limits

__all__ = ["Readers", "TooMuch", "serve"]

_TICK = 0.05  # seconds between two looks at whether the work is to be given up
_START = 15.0  # seconds more for a process to start on a busy machine
_PAGES = 200  # that one process reads: what its libraries keep is let go with it
_MEMORY = 1_500_000_000  # bytes of its addresses
_CHARACTERS = 2_000_000
_SERVE = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from plugins._page_reader import serve; serve()"


class TooMuch(ToolError):
    """A page that its reader could not cope with: for want of time or memory, or since it broke."""


class _Reader:
    """One process."""

    def __init__(self) -> None:
        here = [os.path.abspath(entry) for entry in sys.path if entry]  # noqa: PTH100  an entry may be a link or a zip
        root = str(Path(__file__).absolute().parents[1])
        words = [sys.executable, "-I", "-S", "-W", "ignore", "-c", _SERVE, json.dumps([root, *here])]
        self._process = start_apart(words)
        self.pages = 0

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(
        self, request: Mapping[str, Any], content: bytes, *, until: float, cancelled: Callable[[], bool]
    ) -> Mapping[str, Any] | None:
        """What it answers; None where it does not in time, or has ended. Then it is of no more use."""
        answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        sink, source = self._process.stdin, self._process.stdout
        assert sink is not None
        assert source is not None

        def talk(sink: IO[bytes], source: IO[bytes]) -> None:
            try:
                sink.write(json.dumps({**request, "bytes": len(content)}).encode() + b"\n")
                sink.write(content)
                sink.flush()
                answers.put(source.readline())
            except (OSError, ValueError):  # it has ended, or was
                answers.put(b"")

        self.pages += 1
        threading.Thread(target=talk, args=(sink, source), name="a page", daemon=True).start()
        while True:
            with suppress(queue.Empty):
                answer = answers.get(timeout=_TICK)
                found: Mapping[str, Any] | None = json.loads(answer) if answer.endswith(b"\n") else None
                return found
            if cancelled():
                raise ToolError("the call was given up", kind="cancelled")
            if time.monotonic() > until:
                return None

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()


class Readers:
    """As many processes as the machine has cores, four at most, started when they are needed; they end with this
    object. May be used from several threads."""

    def __init__(self) -> None:
        self._most = max(1, min(4, os.cpu_count() or 1))
        self._turns = threading.BoundedSemaphore(self._most)
        self._coming = 0
        self._idle: list[_Reader] = []
        self._lock = threading.Lock()
        self._ending = weakref.finalize(self, _end_all, self._idle)

    @contextmanager
    def awaiting(self) -> Iterator[None]:
        """While a page is on its way: a process is started for it, where none waits yet, so that it is ready then."""
        with self._lock:
            self._coming += 1
            if len(self._idle) < min(self._coming, self._most):
                with suppress(OSError):
                    self._idle.append(_Reader())
        try:
            yield
        finally:
            with self._lock:
                self._coming -= 1

    def read(
        self,
        kind: str,
        content: bytes,
        *,
        url: str,
        charset: str | None,
        place: str = "",
        seconds: float,
        cancelled: Callable[[], bool],
    ) -> Mapping[str, Any]:
        """Read a page.

        Args:
            kind: "html"; "plain", HTML without a look for the main text; "feed" or "json".
            content: The page.
            url: Where it was found.
            charset: The encoding that its server names.
            place: The id of an element of HTML, whose line is wanted.
            seconds: How long it may take once a process is free.
            cancelled: Asked many times a second; where it says yes, the work is ended.

        Raises:
            TooMuch: it takes too long, too much memory, or ends the process.
            ToolError: it is not what it says it is, or the call was given up.
        """
        while not self._turns.acquire(timeout=_TICK):
            if cancelled():
                raise ToolError("the call was given up", kind="cancelled")
        try:
            request = {"kind": kind, "url": url, "charset": charset, "place": place, "seconds": seconds}
            reply = self._asked(request, content, seconds, cancelled)
        finally:
            self._turns.release()
        if reply is None:
            raise TooMuch(f"{url} cannot be read: it takes too long, or too much memory", hint="read another page")
        if "fault" in reply:
            raise ToolError(f"{url} cannot be read: {reply['fault']}", hint="read another page")
        return reply

    def _asked(
        self, request: Mapping[str, Any], content: bytes, seconds: float, cancelled: Callable[[], bool]
    ) -> Mapping[str, Any] | None:
        reader = self._free()
        kept = False
        try:
            reply = reader.ask(request, content, until=time.monotonic() + seconds + _START, cancelled=cancelled)
            kept = reply is not None and reader.pages < _PAGES
        finally:
            if kept:
                with self._lock:
                    self._idle.append(reader)
            else:
                reader.end()
        return reply

    def _free(self) -> _Reader:
        while True:
            with self._lock:
                reader = self._idle.pop() if self._idle else None
            if reader is None:
                try:
                    return _Reader()
                except OSError as error:
                    raise ToolError(f"no process can be started to read a page: {error.strerror}") from error
            if reader.alive:
                return reader
            reader.end()

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            while self._idle:
                self._idle.pop().end()


def _end_all(idle: list[_Reader]) -> None:
    while idle:
        idle.pop().end()


def serve() -> None:
    """The other end: read requests until nobody sends any. A timer of C, which needs no turn of the interpreter, ends
    the process where a parser holds it."""
    confine(_MEMORY)
    out = sys.stdout.buffer
    with suppress(ImportError):
        import trafilatura  # noqa: F401  ready for the first page, while that is still on its way
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  pathlib would double the start's time
        sys.stdout = nowhere  # what a library prints is no answer
        while head := sys.stdin.buffer.readline():
            request = json.loads(head)
            content = sys.stdin.buffer.read(request["bytes"])
            faulthandler.dump_traceback_later(request["seconds"] + _START, exit=True, file=nowhere)
            reply = answer(request, content)
            faulthandler.cancel_dump_traceback_later()
            out.write(json.dumps(reply).encode() + b"\n")
            out.flush()


def answer(request: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    """What a page says, or `fault`: why it cannot be read."""
    limits = Limits(characters=_CHARACTERS, seconds=request["seconds"])
    url, charset, kind = request["url"], request["charset"], request["kind"]
    try:
        if kind == "feed":
            from plugins._page_feed import read_feed

            return read_feed(content, url=url, charset=charset, limits=limits)
        if kind == "json":
            return _json(content, url=url, charset=charset, limits=limits)
        from plugins._page_html import read_html

        place = request["place"]
        return read_html(content, url=url, charset=charset, limits=limits, place=place, extract=kind == "html")
    except MemoryError:
        os._exit(1)
    except Exception as error:  # noqa: BLE001  whatever a stranger's page does to a parser: it is told in one line
        return {"fault": " ".join(str(error).split())[:200] or type(error).__name__}


def _json(content: bytes, *, url: str, charset: str | None, limits: Limits) -> dict[str, Any]:
    from plugins._page_feed import is_json_feed, read_json_feed
    from plugins._page_json import loaded, read_json
    from plugins._page_text import page_text

    text = page_text(content, charset)
    try:
        found = loaded(text.removeprefix("\ufeff"))
    except ValueError as error:
        why = " ".join(str(error).split())[:100]
        return {"text": text[: limits.characters], "notes": [f"said to be JSON, and is not ({why})"]}
    if is_json_feed(found):
        return {**read_json_feed(found, url=url, limits=limits), "feed": True}
    return read_json(found, limits=limits)
