"""A chat-completions server on loopback, scripted, for tests: the real SDK talks to it over a real socket.

    with ChatServer(["Hello", call("read_file", path="a.txt"), Reply(status=503)]) as server:
        ...                                   # base URL: server.url
    assert server.requests[0].json["messages"][-1]["content"] == "Say hello"

The script is a sequence of replies, or a function of (the request's JSON, its number from 0) that returns one. A plain
string is a reply of that text. A request after the script's end gets status 400, so that nobody tries again for long.
Each reply is given streamed or not, as was asked. `GET …/models` lists `models`, each a name or an entry as it is; it
is recorded, but no reply is used up. `pages` are what other paths answer, such as `/props` or `/v1/embeddings`: JSON,
a `Reply` with a body, or a function of the recorded request that returns one of these. `limit_tokens` refuses prompts
as OpenAI does: more than that many tokens, counted as `len(body) // 3` unless `count` is given. It also serves as a
proxy for plain http: whatever host is asked for, it is the one that answers.

As a process of its own, for tests that start thinkact as a process:

    python tests/server.py SCRIPT.json --port-file PORT.txt [--record REQUESTS.jsonl]

SCRIPT.json holds {"replies": [text or an object with the fields of Reply, …], "repeat": false, "models": […],
"pages": {…}, "limit_tokens": null}; a call is {"name", "arguments"}. With "repeat", the script begins anew at its end.
The port is written to the port file once the server listens; each chat request is appended to the record as one line of
JSON: {"number", "path", "headers", "body", "seconds"}.
"""

from __future__ import annotations

import argparse
import base64
import json
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

__all__ = ["Call", "ChatServer", "Recorded", "Replies", "Reply", "call"]


@dataclass(frozen=True, kw_only=True)
class Call:
    """A tool call in a reply. `arguments` is an object, or the text to be sent as it is (spoilt, for instance)."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str | None = None  # None: made up; "" is sent as such

    @property
    def text(self) -> str:
        """The arguments as they go over the wire."""
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One reply of the server.

    `usage`: {"prompt_tokens", "completion_tokens", "cached_tokens"}; "auto" counts bytes; None sends none. `piece`:
    characters per streamed piece. `chunks`: these objects are streamed as they are, in place of all that. `body`: this
    is sent as it is, with `media_type`. `status` other than 200 sends `body`, or an error with `text` as its message.
    `streamed`: None as asked, else forced. Mischief: `cut` closes the connection after so many bytes of the body;
    `hang` waits so many seconds before anything is sent, `pause` before each piece, of a stream or of a body that is
    sent at once; `done=False` leaves out the end mark; `drop` closes the connection without a word.
    """

    text: str = ""
    calls: Sequence[Call] = ()
    reasoning: str = ""
    refusal: str = ""
    finish: str | None = None
    usage: Mapping[str, int] | str | None = "auto"
    piece: int = 20
    chunks: Sequence[Mapping[str, Any]] | None = None
    body: str | bytes | None = None
    media_type: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    streamed: bool | None = None
    cut: int | None = None
    hang: float = 0.0
    pause: float = 0.0
    done: bool = True
    drop: bool = False


def call(name: str, /, **arguments: Any) -> Reply:
    """A reply that is one tool call."""
    return Reply(calls=[Call(name=name, arguments=arguments)])


Replies: TypeAlias = "Sequence[Reply | str] | Callable[[dict[str, Any], int], Reply | str]"


@dataclass(frozen=True)
class Recorded:
    """A request as it came in. `time` is monotonic, when it was wholly received; `number` counts chat requests from 0
    (-1 for others); `port` is the client's, so that requests of one connection share it."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: bytes
    time: float
    port: int = 0

    @property
    def json(self) -> dict[str, Any]:
        """The body, parsed."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class ChatServer:
    """The server, running while its `with` block does.

    `url` is the base URL to be given to a client. `requests` are the chat requests so far, `others` the rest.
    `answered` are the monotonic times at which the last byte of each chat reply was handed to the socket.
    """

    def __init__(
        self,
        replies: Replies = (),
        *,
        limit_tokens: int | None = None,
        count: Callable[[bytes], int] = lambda body: len(body) // 3,
        models: Sequence[str | Mapping[str, Any]] = ("scripted",),
        pages: Mapping[str, Any] | None = None,
        repeat: bool = False,
        record: Path | None = None,
    ) -> None:
        self.requests: list[Recorded] = []
        self.others: list[Recorded] = []
        self.answered: list[float] = []
        self.models = tuple(models)
        self.pages = dict(pages or {})
        self._replies = replies
        self._limit = limit_tokens
        self._count = count
        self._repeat = repeat
        self._record = record
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._http = _Server(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=lambda: self._http.serve_forever(poll_interval=0.02), daemon=True)

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop, also in the midst of a hanging reply."""
        self._ended.set()
        self._http.shutdown()
        self._http.end_connections()
        self._http.server_close()
        self._thread.join(10)

    def take(self, path: str, headers: Mapping[str, str], body: bytes, *, port: int = 0) -> Recorded:
        """Record a request."""
        chat = path.split("?")[0].endswith("/chat/completions")
        with self._lock:
            number = len(self.requests) if chat else -1
            recorded = Recorded(number, path, headers, body, time.monotonic(), port)
            (self.requests if chat else self.others).append(recorded)
            if chat and self._record is not None:
                line = {"number": number, "path": path, "headers": dict(headers), "seconds": recorded.time}
                with self._record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({**line, "body": body.decode("utf-8", "replace")}) + "\n")
        return recorded

    def reply(self, request: Recorded) -> Reply:
        """What to answer to a chat request."""
        tokens = self._count(request.body)
        if self._limit is not None and tokens > self._limit:
            message = (
                f"This model's maximum context length is {self._limit} tokens. However, your messages resulted in "
                f"{tokens} tokens. Please reduce the length of the messages."
            )
            return _refused(message, code="context_length_exceeded")
        try:
            asked = request.json
        except ValueError:
            return _refused("the body is not JSON")
        if callable(self._replies):
            found = self._replies(asked, request.number)
        elif self._replies and (self._repeat or request.number < len(self._replies)):
            found = self._replies[request.number % len(self._replies)]
        else:
            return _refused(f"the script has ended, and this is request {request.number + 1}")
        return Reply(text=found) if isinstance(found, str) else found

    def wait(self, seconds: float) -> None:
        """Sleep, unless the server ends."""
        self._ended.wait(seconds)


def _refused(message: str, *, code: str | None = None) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Reply(status=400, body=json.dumps({"error": error}))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], chat: ChatServer) -> None:
        super().__init__(address, _Handler)
        self.chat = chat
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """Close what clients keep open, so that no thread outlives the server."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + 5
        while self._open and time.monotonic() < deadline:
            time.sleep(0.005)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a client that went away is part of the play
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the parent's
        return

    def do_GET(self) -> None:
        request = self.server.chat.take(self.path, self._headers(), b"")
        path = self.path.split("?")[0]
        if path.endswith("/models") and path not in self.server.chat.pages:
            models = [_entry(one) for one in self.server.chat.models]
            self._send(200, "application/json", json.dumps({"object": "list", "data": models}).encode())
        else:
            self._page(path, request)

    def do_POST(self) -> None:
        chat = self.server.chat
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = chat.take(self.path, self._headers(), body, port=self.client_address[1])
        if request.number < 0:
            self._page(self.path.split("?")[0], request)
            return
        reply = chat.reply(request)
        if reply.hang:
            chat.wait(reply.hang)
        if reply.drop:
            self.close_connection = True
        else:
            self._answer(reply, request)
        chat.answered.append(time.monotonic())

    def _page(self, path: str, request: Recorded) -> None:
        page = self.server.chat.pages.get(path, Reply(status=404, body='{"error":{"message":"no such page"}}'))
        page = page(request) if callable(page) else page
        reply = page if isinstance(page, Reply) else Reply(body=json.dumps(page))
        self.server.chat.wait(reply.hang)
        body = reply.body or b""
        raw = body.encode() if isinstance(body, str) else body
        self._send(reply.status, reply.media_type or "application/json", raw, reply)

    def _answer(self, reply: Reply, request: Recorded) -> None:
        if reply.body is not None or reply.status != 200:
            error = json.dumps({"error": {"message": reply.text, "type": "error", "code": None}})
            body = error if reply.body is None else reply.body
            raw = body.encode() if isinstance(body, str) else body
            media_type = reply.media_type or ("application/json" if raw[:1] in (b"{", b"[") else "text/html")
            self._send(reply.status, media_type, raw, reply)
            return
        asked = request.json
        streamed = bool(asked.get("stream")) if reply.streamed is None else reply.streamed
        usage = _usage(reply, request.body)
        if not streamed:
            whole = json.dumps(_whole(reply, asked, usage), ensure_ascii=False).encode()
            self._send(200, reply.media_type or "application/json", whole, reply)
            return
        if not (asked.get("stream_options") or {}).get("include_usage"):
            usage = None
        self._stream(reply, _chunks(reply, asked, usage))

    def _stream(self, reply: Reply, chunks: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", reply.media_type or "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        left = reply.cut
        for event in self._events(reply, chunks):
            part = event if left is None else event[:left]
            if part:
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            if left is not None:
                left -= len(part)
                if left <= 0:
                    self.wfile.flush()
                    self.close_connection = True
                    return
            if reply.pause:
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _events(self, reply: Reply, chunks: Iterator[dict[str, Any]]) -> Iterator[bytes]:
        for chunk in chunks:
            yield b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
            if reply.pause and not self._gone():
                self.server.chat.wait(reply.pause)
        if reply.done:
            yield b"data: [DONE]\n\n"

    def _gone(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable)

    def _send(self, status: int, media_type: str, body: bytes, reply: Reply = Reply()) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        sent = body[: reply.cut]
        size = max(1, reply.piece) if reply.pause else max(1, len(sent))
        for start in range(0, len(sent), size):
            self.wfile.write(sent[start : start + size])
            self.wfile.flush()
            if reply.pause and not self._gone():
                self.server.chat.wait(reply.pause)
        self.wfile.flush()
        self.close_connection = self.close_connection or reply.cut is not None

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}


def _entry(model: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """A model in the list."""
    return {"id": model, "object": "model", "created": 0, "owned_by": "tests"} if isinstance(model, str) else model


def _usage(reply: Reply, body: bytes) -> dict[str, Any] | None:
    if reply.usage is None:
        return None
    if isinstance(reply.usage, str):
        made = len(reply.text) + len(reply.reasoning) + sum(len(one.text) + len(one.name) for one in reply.calls)
        told = {"prompt_tokens": len(body) // 4, "completion_tokens": made // 4 + 1}
    else:
        told = dict(reply.usage)
    cached = told.pop("cached_tokens", 0)
    total = told.get("prompt_tokens", 0) + told.get("completion_tokens", 0)
    return {**told, "total_tokens": total, "prompt_tokens_details": {"cached_tokens": cached}}


def _finish(reply: Reply) -> str:
    return reply.finish or ("tool_calls" if reply.calls else "stop")


def _id(one: Call, place: int, asked: Mapping[str, Any]) -> str:
    return f"call_{len(asked.get('messages', ()))}_{place}" if one.id is None else one.id


def _whole(reply: Reply, asked: Mapping[str, Any], usage: Mapping[str, Any] | None) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.calls:
        message["tool_calls"] = [
            {
                "id": _id(one, place, asked),
                "type": "function",
                "function": {"name": one.name, "arguments": one.text},
            }
            for place, one in enumerate(reply.calls)
        ]
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.refusal:
        message["refusal"] = reply.refusal
    whole = {
        **_frame("chat.completion", asked),
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(reply)}],
    }
    return whole if usage is None else {**whole, "usage": usage}


def _chunks(reply: Reply, asked: Mapping[str, Any], usage: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    if reply.chunks is not None:
        yield from (dict(chunk) for chunk in reply.chunks)
        return
    frame = _frame("chat.completion.chunk", asked)
    for delta in _deltas(reply, asked):
        yield {**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": _finish(reply)}]}
    if usage is not None:
        yield {**frame, "choices": [], "usage": usage}


def _deltas(reply: Reply, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": ""}
    for name, text in (("reasoning_content", reply.reasoning), ("content", reply.text), ("refusal", reply.refusal)):
        for piece in _pieces(text, reply.piece):
            yield {name: piece}
    for place, one in enumerate(reply.calls):
        head = {"index": place, "id": _id(one, place, asked), "type": "function"}
        yield {"tool_calls": [{**head, "function": {"name": one.name, "arguments": ""}}]}
        for piece in _pieces(one.text, reply.piece):
            yield {"tool_calls": [{"index": place, "function": {"arguments": piece}}]}


def _pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), max(1, size)):
        yield text[start : start + max(1, size)]


def _frame(kind: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": "chatcmpl-scripted", "object": kind, "created": 0, "model": asked.get("model", "")}


# -- as a process of its own


def read_script(script: Mapping[str, Any]) -> tuple[list[Reply | str], dict[str, Any]]:
    """Replies and the other arguments of `ChatServer`, from a script as parsed from JSON. `body64` is a body in
    base64."""
    known = {one.name for one in fields(Reply)}
    replies: list[Reply | str] = []
    for entry in script.get("replies", ()):
        if isinstance(entry, str):
            replies.append(entry)
            continue
        named = dict(entry)
        if "body64" in named:
            named["body"] = base64.b64decode(named.pop("body64"))
        if unknown := set(named) - known:
            raise SystemExit(f"a reply has no field {', '.join(sorted(unknown))}")
        named["calls"] = [Call(**one) for one in named.get("calls", ())]
        replies.append(Reply(**named))
    options = {
        name: script[name] for name in ("repeat", "models", "pages", "limit_tokens") if script.get(name) is not None
    }
    return replies, options


def main() -> None:
    """Serve a script until the process is ended."""
    parser = argparse.ArgumentParser(description="A scripted chat-completions server on loopback.")
    parser.add_argument("script", type=Path)
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--record", type=Path)
    arguments = parser.parse_args()
    replies, options = read_script(json.loads(arguments.script.read_text(encoding="utf-8")))
    with ChatServer(replies, record=arguments.record, **options) as server:
        written = arguments.port_file.with_suffix(".part")
        written.write_text(str(server.port), encoding="utf-8")
        written.replace(arguments.port_file)  # a reader finds the whole number or none
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
