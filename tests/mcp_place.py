"""Servers of tools for tests: the plain one of `mcp_raw`, and those written with the SDK, as entries and as parts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plugins import McpServer
from tests.place import ROOT, Place
from tests.plugins.confined import lacking
from tests.plugins.escaping import LEVELS

RAW = str(ROOT / "tests" / "mcp_raw.py")
READS = {"readOnlyHint": True, "openWorldHint": False}
"""The hints of a tool that only looks at what is here."""


def told(name: str, **more: Any) -> dict[str, Any]:
    """A tool as the protocol lists it."""
    return {"name": name, "description": f"Do {name}.", "inputSchema": {"type": "object"}, **more}


def write_plan(file: Path, *names: str, tools: list[dict[str, Any]] | None = None, **plan: Any) -> Path:
    """What a plain server is to be like; its tools only read, where they are given by name."""
    listed = [told(name, annotations=READS) for name in names] if tools is None else tools
    file.write_text(json.dumps({"tools": listed, **plan}), "utf-8")
    return file


def raw(folder: Path, *names: str, name: str = "raw", timeout: float = 60, **plan: Any) -> McpServer:
    """A plain server with these tools, not confined."""
    file = write_plan(folder / f"{name}.json", *names, **plan)
    args = (RAW, str(file))
    return McpServer(name=name, command=sys.executable, args=args, folder=folder, timeout=timeout, confined=False)


def entry(plan: Path, **more: Any) -> dict[str, Any]:
    """The entry of a plain server, confined where this machine can."""
    free = {"confined": False} if all(map(lacking, LEVELS)) else {}
    return {"command": sys.executable, "args": [RAW, str(plan)], **free, **more}


def name_servers(place: Place, servers: Mapping[str, Any]) -> Path:
    """Name servers in the folder where thinkact is started."""
    file = place.folder / ".mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}), "utf-8")
    return file


SDK = """
import sys
from typing import Any
from mcp import types
from mcp.server import MCPServer
from mcp.server.mcpserver import Context, Image

server = MCPServer("sdk")

@server.tool(annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False))
async def greet(name: str, context: Context[Any, Any]) -> str:
    "Greet somebody. 问候"
    await context.report_progress(1, 2, "half")
    return f"hello {name}"

@server.tool()
def total(numbers: list[float]) -> dict[str, float]:
    "Add numbers."
    return {"total": sum(numbers)}

@server.tool()
def dot() -> Image:
    "Draw a dot."
    return Image(data=b"\\x89PNG\\r\\n\\x1a\\n", format="png")

if len(sys.argv) > 1:
    server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
else:
    server.run()
"""
"""A server written with the SDK: over stdio, or with a port over streamable HTTP."""


@contextmanager
def serving(script: Path, *, port: int = 0) -> Iterator[str]:
    """The SDK's server over HTTP on loopback, in a process of its own; its address."""
    import socket
    import subprocess
    import time

    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(script), str(port)], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "the server has ended"
                assert time.monotonic() < until, "the server did not begin to listen"
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(10)
