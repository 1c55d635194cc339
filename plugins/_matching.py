"""Regular expressions that cannot hang us: lines are searched in a process of their own, which can be ended.

Python's `re` may need longer than the universe for thirty characters, and while it searches no other thread runs. This
room is both ends: run as a program it is the one that searches, so it imports little.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import queue
    import subprocess
    from collections.abc import Callable

__all__ = ["Hit", "Searcher", "TooSlow", "searching"]

_SHOWN = 240  # characters of a line
_LIMIT = 2.0  # seconds for a small text
_PACE = 2_000_000  # characters of a larger one for which a second more is given
_START = 10.0  # seconds for the process to start on a busy machine
_TICK = 0.1  # seconds between two looks at whether the work is to be given up

Hit: TypeAlias = tuple[int, str]
"""A line's number, from 1, and the line, cut around what was found where it is long."""


class TooSlow(Exception):
    """The expression needs too long on this text."""


class Searcher:
    """The other process, ready for texts; see `searching`."""

    def __init__(self, process: subprocess.Popen[bytes], replies: queue.Queue[bytes], *, limit: float) -> None:
        self._process = process
        self._replies = replies
        self._limit = limit

    def search(self, text: str, *, most: int, cancelled: Callable[[], bool]) -> list[Hit]:
        r"""The first lines (ended by `\n`) of a text in which the expression is found, at most `most`.

        Raises:
            TooSlow: it took too long, or was cancelled; the searcher cannot be used any more.
        """
        limit = self._limit + len(text) / _PACE
        reply = self.ask({"text": text, "most": most}, limit=limit, cancelled=cancelled)
        return [(number, line) for number, line in reply["hits"]]

    def ask(
        self, request: dict[str, Any], *, limit: float, cancelled: Callable[[], bool] = lambda: False
    ) -> dict[str, Any]:
        """Send one request and wait for what comes back, for `limit` seconds at most."""
        import queue

        sink = self._process.stdin
        try:
            if sink is None or self._process.poll() is not None:
                raise TooSlow
            sink.write(json.dumps({**request, "limit": limit}).encode() + b"\n")
            sink.flush()
        except OSError as error:
            raise TooSlow from error
        waited = 0.0
        while waited < limit and not cancelled():
            try:
                reply = self._replies.get(timeout=_TICK)
            except queue.Empty:
                waited += _TICK
                continue
            if not reply:
                break
            found: dict[str, Any] = json.loads(reply)
            return found
        self._process.kill()
        raise TooSlow


@contextmanager
def searching(expression: str, *, limit: float = _LIMIT) -> Iterator[Searcher]:
    """Start a process that searches for an expression; it ends with the block, or with us.

    Args:
        expression: As Python's `re` reads it.
        limit: Seconds for a small text.

    Raises:
        ValueError: the expression cannot be read; the text says where.
        OSError: no process can be started.
    """
    import queue
    import threading

    from plugins._apart import start_apart

    command = [sys.executable, "-I", "-S", "-W", "ignore", os.path.abspath(__file__)]  # noqa: PTH100  stays a link
    with start_apart(command) as process:
        replies: queue.Queue[bytes] = queue.Queue()
        reader = threading.Thread(target=_collect, args=(process.stdout, replies), daemon=True)
        reader.start()
        try:
            searcher = Searcher(process, replies, limit=limit)
            _prepare(searcher, expression, limit)
            yield searcher
        finally:
            process.kill()
            reader.join()


def _prepare(searcher: Searcher, expression: str, limit: float) -> None:
    try:
        fault = searcher.ask({"expression": expression}, limit=limit + _START).get("fault")
    except TooSlow as error:
        raise ValueError("it cannot be read, or takes too long to") from error
    if fault:
        raise ValueError(fault)


def _collect(source: IO[bytes] | None, replies: queue.Queue[bytes]) -> None:
    for line in source or ():
        replies.put(line)
    replies.put(b"")


def find(expression: re.Pattern[str], text: str, most: int) -> list[Hit]:
    """The searching itself."""
    hits: list[Hit] = []
    for number, line in enumerate(text.split("\n"), 1):
        found = expression.search(line)
        if found is None:
            continue
        hits.append((number, _around(line, found.start(), found.end())))
        if len(hits) >= most:
            break
    return hits


def _around(line: str, start: int, end: int) -> str:
    if len(line) <= _SHOWN:
        return line
    first = max(0, min(start - 60, len(line) - _SHOWN))
    last = max(first + _SHOWN, min(end, first + _SHOWN))
    return ("…" if first else "") + line[first:last] + ("…" if last < len(line) else "")


def serve(requests: IO[bytes], replies: IO[bytes], nowhere: IO[str]) -> None:
    """Answer requests, one JSON object a line: first an expression, then texts. A timer of C, which needs no turn of
    the interpreter, ends the process where the expression holds it."""
    expression: re.Pattern[str] | None = None
    for line in requests:
        request = json.loads(line)
        faulthandler.dump_traceback_later(request["limit"] + 1, exit=True, file=nowhere)
        reply: dict[str, Any] = {}
        if expression is None:
            try:
                expression = re.compile(request["expression"])
            except (re.error, OverflowError, RecursionError, MemoryError) as error:
                reply["fault"] = str(error) or "it is nested too deeply"
        else:
            reply["hits"] = find(expression, request["text"], request["most"])
        faulthandler.cancel_dump_traceback_later()
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  pathlib would double the start's time
        serve(sys.stdin.buffer, sys.stdout.buffer, nowhere)
