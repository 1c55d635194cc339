"""Servers that others wrote, as they are published: each is listed, trusted, tested and used in a run.

    python -m venv servers
    servers/bin/pip install mcp-server-time mcp-server-git mcp-server-fetch
    npm install --prefix servers @modelcontextprotocol/server-everything @modelcontextprotocol/server-filesystem
    THINKACT_TEST_SERVERS=servers python -m pytest -m slow tests/test_mcp_real.py

`THINKACT_TEST_SERVERS` names the folder; one that is not in it is skipped. No network is needed once they are there,
save for mcp-server-fetch, which has npm install more at its first call, where it finds one.
"""

from __future__ import annotations

import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.mcp_place import name_servers
from tests.place import Place, no_traceback
from tests.server import ChatServer, call

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Real:
    """A published server: its program, its arguments, its rights, a call of one of its tools, what must come of it."""

    program: str
    tool: str
    arguments: dict[str, Any]
    given: str
    args: tuple[str, ...] = ()
    rights: dict[str, Any] = field(default_factory=dict)
    effect: str = "read"
    prepare: Callable[[Place], object] = lambda _: None


def repository(place: Place) -> None:
    """A repository with one commit."""
    folder = place.folder / "repo"
    folder.mkdir()
    (folder / "潮.txt").write_text("6.2 m\n", "utf-8")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "The tide")):
        subprocess.run(["git", *words], cwd=folder, check=True)


REAL = (
    Real(
        program="mcp-server-time",
        tool="convert_time",
        arguments={"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Shanghai"},
        given="T20:00:00+08:00",
    ),
    Real(
        program="mcp-server-git",
        args=("--repository", "{folder}/repo"),
        tool="git_log",
        arguments={"repo_path": "{folder}/repo"},
        given="The tide",
        prepare=repository,
    ),
    Real(
        program="mcp-server-fetch",
        args=("--allow-private-ips", "--ignore-robots-txt"),
        tool="fetch",
        arguments={"url": "{page}"},
        given="The tide is high",
        effect="fetch",
        rights={"network": True, "folders": ["{servers}/lib"]},  # where it installs more when it is first used
    ),
    Real(program="mcp-server-everything", tool="get-tiny-image", arguments={}, given="image/png"),
    Real(program="mcp-server-everything", tool="get-resource-links", arguments={"count": 2}, given="Resource 2"),
    Real(
        program="mcp-server-git",
        rights={"folders": ["{folder}/repo"]},
        tool="git_create_branch",
        arguments={"repo_path": "{folder}/repo", "branch_name": "ebb"},
        given="ebb",
        effect="send",
        prepare=repository,
    ),
    Real(
        program="mcp-server-filesystem",
        args=("{folder}/workspace",),
        tool="read_text_file",
        arguments={"path": "{folder}/workspace/潮.txt"},
        given="6.2 m",
        prepare=lambda place: place.write("潮.txt", "6.2 m\n"),
    ),
)


@pytest.fixture
def page() -> Iterator[str]:
    """A page on loopback."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<html><body><main><p>The tide is high today, and it rises.</p></main></body></html>"
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def program(name: str) -> str:
    """Where the program lies; skips where it is not there."""
    folder = os.environ.get("THINKACT_TEST_SERVERS")
    if not folder:
        pytest.skip("THINKACT_TEST_SERVERS names no folder with published MCP servers; this file says how to make one")
    places = os.pathsep.join(str(Path(folder).absolute() / one) for one in ("bin", "node_modules/.bin", "Scripts"))
    found = shutil.which(name, path=places)
    if found is None:
        pytest.skip(f"{name} is not in {folder}")
    return found


@pytest.mark.parametrize("real", REAL, ids=lambda real: f"{real.program}-{real.tool}")
def test_a_published_server_is_listed_trusted_tested_and_used(real: Real, tmp_path: Path, page: str) -> None:
    found = program(real.program)
    place = Place(tmp_path)
    place.workspace.mkdir()
    real.prepare(place)

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(one) for one in value]
        return (
            value.format(folder=place.folder, page=page, servers=os.environ["THINKACT_TEST_SERVERS"])
            if isinstance(value, str)
            else value
        )

    args = [filled(one) for one in real.args]
    rights = {name: filled(value) for name, value in real.rights.items()}
    name_servers(place, {"real": {"command": found, "args": args, **rights}})
    assert "not trusted yet" in place.thinkact("mcp", "list").stdout
    trusting = place.thinkact("mcp", "trust", "real", "-y")
    assert trusting.returncode == 0, trusting.stderr
    tested = json.loads(place.thinkact("mcp", "test", "real", "--json").stdout)
    assert tested["ok"] is True
    assert tested["left_out"] == []
    assert {one["name"]: one["effect"] for one in tested["tools"]}[f"real__{real.tool}"] == real.effect
    arguments = {name: filled(value) for name, value in real.arguments.items()}
    with ChatServer([call(f"real__{real.tool}", **arguments), call("finish", answer="done")]) as server:
        ended = place.thinkact("run", "Use it.", "--allow", "real__*", OPENAI_BASE_URL=server.url, THINKACT_MODEL="m")
        said = [one["content"] for one in server.requests[-1].json["messages"] if one["role"] == "tool"]
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    assert real.given in said[0]
