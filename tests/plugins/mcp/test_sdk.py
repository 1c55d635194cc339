"""Servers written with the official SDK, over stdio and over streamable HTTP."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from plugins import McpServer, ToolError, Web, look_at_server
from tests.mcp_desk import Desk
from tests.mcp_place import SDK, serving


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


@pytest.mark.parametrize("url", ["ftp://a.example/x", "http://u:p@a.example/mcp", "no address", "http://"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ToolError, match="its url"):
        look_at_server(McpServer(name="far", url=url), Web())
