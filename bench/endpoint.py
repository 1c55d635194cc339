"""A scripted chat-completions endpoint on loopback, in a process of its own, that keeps the times of every request.

    python bench/endpoint.py STEPS          # prints its port and serves until it is ended

Reply n asks for one call of a small file tool: an even one writes a file of some 200 tokens, the odd one after it reads
the same file. After STEPS replies it asks for `finish`. Each reply is streamed in pieces of some five tokens, but
handed to the socket at once: so reading it counts as the client's own time. `GET /times` gives what was measured: for
each request [seconds when it was wholly received, seconds when the last byte of its answer was handed over, bytes of
its body], by a clock that all processes of a machine share.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

Times: TypeAlias = list[tuple[float, float, int]]

WORDS = "harbour ledger window carries seven quiet boats past the old mill where nobody counts what the river keeps"
PIECE = 20  # characters


@dataclass(frozen=True)
class Endpoint:
    """A running endpoint, as its clients know it."""

    port: int

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def times(self) -> Times:
        """What was measured so far, in the order of the requests."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(b"GET /times HTTP/1.1\r\n\r\n")
            return [tuple(one) for one in json.loads(b"".join(iter(lambda: connection.recv(1 << 20), b"")))]


def text_of(number: int) -> str:
    """The content of a file: some 200 tokens, unlike that of any other."""
    return "".join(f"{number}.{line} {WORDS}\n" for line in range(9))


def call_of(number: int, steps: int) -> tuple[str, dict[str, Any]]:
    """The tool and the arguments that reply `number` asks for."""
    if number >= steps:
        return "finish", {"answer": "Every part is written and read."}
    path = f"part-{number // 2}.txt"
    if number % 2:
        return "read_file", {"path": path}
    return "write_file", {"path": path, "content": text_of(number // 2)}


def gaps(times: Times) -> list[float]:
    """Milliseconds from the last byte of each answer to the next request, wholly received."""
    return [(after[0] - before[1]) * 1000 for before, after in pairwise(times)]


@contextlib.contextmanager
def serving(steps: int) -> Iterator[Endpoint]:
    """An endpoint for one client, while the block runs."""
    with subprocess.Popen([sys.executable, __file__, str(steps)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield Endpoint(int(process.stdout.readline()))
        finally:
            process.kill()


def _reply(number: int, steps: int) -> bytes:
    """One whole HTTP reply."""
    tool, arguments = call_of(number, steps)
    text = json.dumps(arguments)
    head: dict[str, Any] = {
        "index": 0,
        "id": f"call_{number}",
        "type": "function",
        "function": {"name": tool, "arguments": ""},
    }
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, {"tool_calls": [head]}]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": "tool_calls"})
    usage: dict[str, int] = {
        "prompt_tokens": 400 + 250 * number,
        "completion_tokens": len(text) // 4,
        "total_tokens": 0,
    }
    usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    frame: dict[str, Any] = {"id": "bench", "object": "chat.completion.chunk", "created": 0, "model": "scripted"}
    events: list[dict[str, Any]] = [{**frame, "choices": [choice]} for choice in choices]
    events.append({**frame, "choices": [], "usage": usage})
    body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def read_request(connection: socket.socket) -> tuple[bytes, int]:
    """The head of the next request and the bytes of its body; an empty head where the client has gone."""
    held = b""
    while b"\r\n\r\n" not in held:
        piece = connection.recv(1 << 20)
        if not piece:
            return b"", 0
        held += piece
    head, _, body = held.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    size = int(fields.get(b"content-length", b"0"))
    left = size - len(body)
    while left > 0:
        left -= len(connection.recv(1 << 20))
    return head, size


def _serve(steps: int) -> None:
    times: Times = []
    replies = [_reply(number, steps) for number in range(steps + 1)]

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                head, size = read_request(connection)
                received = time.monotonic()
                if not head.startswith(b"POST"):
                    break
                connection.sendall(replies[min(len(times), steps)])
                times.append((received, time.monotonic(), size))
            if head:
                connection.sendall(json.dumps(times).encode())

    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()


def code(name: str) -> str:
    """Where another file of this folder lies."""
    return str(Path(__file__).with_name(name))


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
