"""Own time of a model call: from the last byte of a reply to the next request wholly received.

    python bench/model_overhead.py

A server on loopback, in a process of its own, answers every request with the same streamed tool call and notes when a
request was wholly there and when its reply was sent. Measured alike, in the same run: `OpenAIModel` on bytes that are
serialised once, the SDK's `chat.completions.create` on the same history, and a bare socket. Figures are medians.
"""

from __future__ import annotations

import contextlib
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import itertools

from agent.events import ToolCall
from agent.model import Message, Request, ToolDescription
from agent.model.openai_model import OpenAIModel

ROUNDS = 60
CALL = {"index": 0, "id": "c", "function": {"name": "read_file", "arguments": '{"path": "a.txt"}'}}
EVENTS = (
    {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]},
    {"choices": [{"index": 0, "delta": {"tool_calls": [CALL]}, "finish_reason": None}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
    {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}},
)


def reply() -> bytes:
    """One whole HTTP reply."""
    frame = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    body = b"".join(b"data: " + json.dumps({**frame, **event}).encode() + b"\n\n" for event in EVENTS)
    body += b"data: [DONE]\n\n"
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def serve() -> None:
    """Answer until the client of the first connection that says GET is there: it is sent the times."""
    times: list[tuple[float, float]] = []
    sent = reply()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (head := _read_request(connection)) and not head.startswith(b"GET"):
                    received = time.monotonic()
                    connection.sendall(sent)
                    times.append((received, time.monotonic()))
                if head:
                    connection.sendall(json.dumps(times).encode())
                    times.clear()


def _read_request(connection: socket.socket) -> bytes:
    held = bytearray()
    while b"\r\n\r\n" not in held:
        piece = connection.recv(1 << 20)
        if not piece:
            return b""
        held += piece
    head, _, body = bytes(held).partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    left = int(fields.get(b"content-length", b"0")) - len(body)
    while left > 0:
        left -= len(connection.recv(1 << 20))
    return head


@contextlib.contextmanager
def server() -> Iterator[int]:
    """The server's port, while its process runs."""
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def history(count: int) -> list[Message]:
    """A run of tool calls and their results, some 200 tokens each."""
    messages = [Message("system", "You are an agent."), Message("user", "Read the files.")]
    for step in range((count - 2) // 2):
        wanted = ToolCall(id=f"c{step}", tool="read_file", arguments={"path": f"{step}.txt"})
        messages.append(Message("assistant", "", (wanted,)))
        messages.append(Message("tool", "line of text in a file\n" * 35, call_id=f"c{step}"))
    return messages


TOOL = ToolDescription("read_file", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}})


def with_model(count: int, messages: list[Message]) -> float:
    """Ours. One message more at each request, as in a run."""
    with server() as port, OpenAIModel("m", base_url=f"http://127.0.0.1:{port}/v1") as model:

        def ask() -> None:
            for _ in model.think(Request(messages=messages[:count], tools=[TOOL])):
                pass

        return _and_close(port, ask, model.close)


def with_sdk(count: int, messages: list[Message]) -> float:
    """The SDK as its documentation uses it."""
    import openai

    history_ = [json.loads(message.wire) for message in messages[:count]]
    tools = [json.loads(TOOL.wire)]
    with (
        server() as port,
        openai.OpenAI(api_key="none", base_url=f"http://127.0.0.1:{port}/v1", max_retries=0) as client,
    ):

        def ask() -> None:
            stream = client.chat.completions.create(model="m", messages=history_, tools=tools, stream=True)
            for _ in stream:
                pass

        return _and_close(port, ask, client.close)


def with_socket(count: int, messages: list[Message]) -> float:
    """The least there can be: bytes on a socket."""
    with server() as port:
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = len(reply())

        def ask() -> None:
            body = b'{"messages":[' + b",".join(message.wire for message in messages[:count]) + b"]}"
            connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            left = size
            while left:
                left -= len(connection.recv(1 << 20))

        return _and_close(port, ask, connection.close)


def _and_close(port: int, ask: Callable[[], None], close: Callable[[], None]) -> float:
    """Median milliseconds between a reply and the next request."""
    for _ in range(ROUNDS):
        ask()
    close()  # the server takes one connection at a time, and the times are fetched over another
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        connection.settimeout(10)
        times = json.loads(b"".join(iter(lambda: connection.recv(1 << 20), b"")))
    gaps = [after[0] - before[1] for before, after in itertools.pairwise(times)]
    return float(statistics.median(gaps[5:])) * 1000


def main() -> None:
    """Print the figures."""
    messages = history(400)
    print(f"{'own time, ms':<24}{'10 messages':>14}{'400 messages':>14}{'ratio':>8}")
    found: dict[str, float] = {}
    for name, measure in (("bytes on a socket", with_socket), ("OpenAIModel", with_model), ("openai SDK", with_sdk)):
        few, many = measure(10, messages), measure(400, messages)
        found[name] = many
        print(f"{name:<24}{few:>14.2f}{many:>14.2f}{many / few:>8.1f}")
    print(f"the SDK takes {found['openai SDK'] / found['OpenAIModel']:.0f} times as long at 400 messages")


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
