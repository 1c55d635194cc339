"""Servers written with the official SDK, over stdio and over streamable HTTP."""

from __future__ import annotations

import gzip
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from plugins import McpServer, ToolError, Web, look_at_server
from tests.mcp_desk import Desk
from tests.mcp_place import READS, SDK, serving, told


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sdk") / "server.py"
    file.write_text(SDK, "utf-8")
    return file


@pytest.fixture(scope="module")
def address(script: Path) -> Iterator[str]:
    with serving(script) as url:
        yield url


def works(desk: Desk, name: str) -> None:
    assert [one.name for one in desk.toolbox.plugins[0].tools] == [
        f"{name}__{one}" for one in ("dot", "greet", "total")
    ]
    assert desk.call(f"{name}__greet", name="猫").text == "hello 猫"
    assert desk.told == [("half", 1.0, 2.0)]
    assert desk.call(f"{name}__total", numbers=[1, "2"]).value == {"total": 3.0}
    (picture,) = desk.call(f"{name}__dot").artifacts
    assert picture.media_type == "image/png"
    unfit = desk.call(f"{name}__total", numbers=["many"])
    assert unfit.error is not None
    assert unfit.error.kind == "arguments"


def test_a_server_over_stdio_works(tmp_path: Path, script: Path) -> None:
    with Desk(
        tmp_path, McpServer(name="sdk", command=sys.executable, args=(str(script),), timeout=120, confined=False)
    ) as desk:
        works(desk, "sdk")


def test_a_server_at_an_address_works(tmp_path: Path, address: str) -> None:
    with Desk(tmp_path, McpServer(name="far", url=address, private=True, timeout=120)) as desk:
        works(desk, "far")


def test_a_server_at_an_address_that_was_started_anew_is_connected_to_again(tmp_path: Path, script: Path) -> None:
    with serving(script) as url:
        far = McpServer(name="far", url=url, private=True, timeout=60)
        desk = Desk(tmp_path, far)
        assert desk.call("far__greet", name="a").ok
    with desk:
        away = desk.call("far__total", numbers=[1])
        assert "has ended" in away.text or "cannot be reached" in away.text
        with serving(script, port=int(url.rpartition(":")[2].partition("/")[0])):
            assert desk.call("far__greet", name="b").text == "hello b"


def test_a_private_address_that_nobody_trusted_as_one_is_not_asked(address: str) -> None:
    with pytest.raises(ToolError, match=r"127\.0\.0\.1 is .*, and is not opened"):
        look_at_server(McpServer(name="far", url=address), Web())


def test_an_address_where_nobody_answers_is_told(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Locked) as free:
        port = free.server_address[1]
    with pytest.raises(ToolError, match='the MCP server "far" cannot be reached') as raised:
        look_at_server(McpServer(name="far", url=f"http://127.0.0.1:{port}/mcp", private=True, timeout=5), Web())
    assert raised.value.hint == "the user can see whether it runs there"


class Locked(BaseHTTPRequestHandler):
    """Lets in whoever has the key, to find nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        known = self.headers["authorization"] == "Bearer hush-hush"
        self.send_response(404 if known else 401)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_an_address_that_wants_a_key_is_told_and_its_headers_are_sent() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Locked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            far = McpServer(name="far", url=f"http://127.0.0.1:{server.server_address[1]}/mcp", private=True, timeout=5)
            with pytest.raises(ToolError) as raised:
                look_at_server(far, Web())
            assert raised.value.hint is not None
            assert "headers in its entry" in raised.value.hint
            with pytest.raises(ToolError) as raised:
                look_at_server(replace(far, headers={"Authorization": "Bearer hush-hush"}), Web())
            assert "headers in its entry" not in (raised.value.hint or "")
        finally:
            server.shutdown()


class Plain(BaseHTTPRequestHandler):
    """A server with the tools `refuse` and `draw`, which knows no stream of events at its address."""

    protocol_version = "HTTP/1.1"
    packed = False

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        number, method = asked.get("id"), asked.get("method")
        if number is None:
            return self._send(202, b"")
        tools = [told(name, annotations=READS) for name in ("refuse", "draw")]
        begun = {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "p", "version": "1"},
        }
        results: dict[str, Any] = {"initialize": begun, "tools/list": {"tools": tools}}
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": number}
        if method in results:
            answer["result"] = results[method]
        elif method == "tools/call" and asked["params"]["name"] == "draw":
            picture = {"type": "text", "text": "猫" * 500_000}  # 1.5 MB, more than the SDK takes unasked
            event = json.dumps({**answer, "result": {"content": [picture]}}, ensure_ascii=False)
            return self._send(200, f"event: message\ndata: {event}\n\n".encode(), "text/event-stream")
        else:
            answer["error"] = {"code": -32602, "message": "the moon is full"}
        return self._send(200, json.dumps(answer).encode(), "application/json")

    def do_GET(self) -> None:
        self._send(404, b"")

    def do_DELETE(self) -> None:
        self._send(405, b"")

    def _send(self, status: int, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        if self.packed and body:
            assert self.headers["accept-encoding"] == "identity"
            body = gzip.compress(body)
            self.send_header("content-encoding", "gzip")
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("mcp-session-id", "one")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Packed(Plain):
    """Packs its answers though nobody asked for that."""

    packed = True


@contextmanager
def answering(kind: type[BaseHTTPRequestHandler]) -> Iterator[McpServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield McpServer(
                name="far", url=f"http://127.0.0.1:{server.server_address[1]}/mcp", private=True, timeout=20
            )
        finally:
            server.shutdown()


def test_a_packed_answer_that_nobody_asked_for_is_not_unpacked() -> None:
    with answering(Packed) as far, pytest.raises(ToolError, match="its answer is packed as gzip, which was not asked"):
        look_at_server(far, Web())


def test_a_server_with_no_stream_of_events_is_not_taken_for_ended_when_it_refuses(tmp_path: Path) -> None:
    with answering(Plain) as far, Desk(tmp_path, far) as desk:
        assert "猫猫" in desk.call("far__draw").text
        for _ in range(3):
            refused = desk.call("far__refuse")
            assert 'the MCP server "far" refused: the moon is full' in refused.text


@pytest.mark.parametrize("url", ["ftp://a.example/x", "http://u:p@a.example/mcp", "no address", "http://"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ToolError, match="its url"):
        look_at_server(McpServer(name="far", url=url), Web())
