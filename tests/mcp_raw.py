"""A server of tools in plain Python, which speaks MCP by hand and starts in no time: `python mcp_raw.py PLAN.json`.

The plan is read at each start: `tools` as the protocol lists them; `noise`: what is no protocol on both outputs;
`silent`: never answers; `stubborn`: ends for nobody but a kill; `waits`: seconds before it says what it is; `ends`:
ends at once. A call of the tool `die` ends the process, one of `hang` is never answered, `slow` tells its progress,
`env` its environment, `fail` fails, `grow` tells that the tools have changed after adding one, `sulk` does so as well
and does not list them the first time; those of `LINES` answer with what is not sound.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

LINES = {
    "latin": b'{"jsonrpc": "2.0", "id": %b, "result": {"content": [{"type": "text", "text": "caf\xe9"}]}}\n',
    "half": b'{"jsonrpc": "2.0", "id": %b, "result": {"content": [{"type": "text", "text": "a \\ud800 b"}]}}\n',
    "hollow": b'{"jsonrpc": "2.0", "id": %b}\n',
    "deep": b'{"jsonrpc": "2.0", "id": %b, "result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
}
"""Answers that are no such, byte for byte."""


def send(**body: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **body}) + "\n")
    sys.stdout.flush()


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": said}], **more}


class Server:
    def __init__(self, file: str) -> None:
        self.plan = json.loads(Path(file).read_text("utf-8"))
        self.tools = self.plan["tools"]
        self.sulks = False

    def answer(self, method: str, params: dict[str, Any], number: object) -> None:
        if self.plan.get("noise"):
            print("Welcome to the noisy server! 欢迎")  # noqa: T201
            print("{not: json}", file=sys.stderr, flush=True)  # noqa: T201
        if method == "initialize":
            time.sleep(self.plan.get("waits", 0))
            info = {"name": "raw", "version": "1"}
            can = {"tools": {"listChanged": True}}
            send(id=number, result={"protocolVersion": "2025-06-18", "capabilities": can, "serverInfo": info})
        elif method == "tools/list" and self.sulks:
            self.sulks = False
            send(id=number, error={"code": -32603, "message": "not now"})
        elif method == "tools/list":
            send(id=number, result={"tools": self.tools})
        elif method == "tools/call":
            self.call(params["name"], params.get("arguments", {}), params, number)
        elif number is not None:
            send(id=number, error={"code": -32601, "message": f"no method {method}"})

    def call(self, name: str, arguments: dict[str, Any], params: dict[str, Any], number: object) -> None:
        if name == "die":
            with Path(arguments["count"]).open("a", encoding="utf-8") as file:
                file.write("died\n")
            print("the server fell over", file=sys.stderr, flush=True)  # noqa: T201
            os._exit(3)
        if name == "hang":
            return
        if name == "slow":
            token = params["_meta"]["progressToken"]
            for step in (1, 2):
                told = {"progressToken": token, "progress": step, "total": 2, "message": f"part {step}"}
                send(method="notifications/progress", params=told)
                time.sleep(0.15)
        if name in ("grow", "sulk"):
            self.sulks = name == "sulk"
            self.tools = [*self.tools, {"name": "more", "inputSchema": {"type": "object"}}]
            send(method="notifications/tools/list_changed")
        if name in LINES:
            sys.stdout.buffer.write(LINES[name] % (json.dumps(number).encode()))
            sys.stdout.flush()
            return
        results: dict[str, Any] = {
            "env": text(json.dumps(dict(os.environ))),
            "fail": text("the thing is locked", isError=True),
            "draw": {"content": [{"type": "image", "data": PICTURE, "mimeType": "image/png"}]},
            "odd": {"content": [{"type": "hologram"}]},
            "torn": {"content": [{"type": "image", "data": "%%%", "mimeType": "image/png"}]},
            "esc": text("a\x1b[31mred\u202e text\U000e0041"),
            "count": text('{"n": 3}', structuredContent={"n": 3}),
        }
        send(id=number, result=results.get(name, text(f"{name} {json.dumps(arguments, ensure_ascii=False)}")))


def main() -> None:
    server = Server(sys.argv[1])
    plan = server.plan
    if plan.get("ends"):
        print("a library is missing", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    if plan.get("stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mark := plan.get("pid"):
        Path(mark).write_text(str(os.getpid()), "utf-8")
    for line in sys.stdin:
        request = json.loads(line)
        if not plan.get("silent"):
            server.answer(request.get("method", ""), request.get("params") or {}, request.get("id"))
    while plan.get("stubborn"):
        time.sleep(0.1)


if __name__ == "__main__":
    main()
