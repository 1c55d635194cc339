"""The two that thinkact is held against, each a whole agent of a few lines: the SDK in a loop, and bytes on a socket.

    python bench/bare.py sdk PORT           # the SDK as its documentation uses it
    python bench/bare.py socket PORT        # the least there can be: every message serialised once, one connection

Both do what the endpoint's script asks for, in the folder where they are started, until it asks for `finish`. They
keep no journal, check no argument, ask no leave and sync nothing.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

SYSTEM = {"role": "system", "content": "You are an agent. Call tools until the goal is reached, then call finish."}
GOAL = {"role": "user", "content": "Write the parts and read them again."}


def _tool(name: str, *arguments: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {one: {"type": "string"} for one in arguments}}
    return {"type": "function", "function": {"name": name, "description": name, "parameters": schema}}


TOOLS = [_tool("write_file", "path", "content"), _tool("read_file", "path"), _tool("finish", "answer")]


def use(tool: str, arguments: dict[str, str]) -> str:
    """Do what a call asks for."""
    file = Path(arguments["path"])
    if tool == "write_file":
        file.write_text(arguments["content"], "utf-8")
        return f"wrote {file}"
    return file.read_text("utf-8")


def asked(identity: str, tool: str, text: str) -> dict[str, Any]:
    """The assistant's message for a call."""
    call = {"id": identity, "type": "function", "function": {"name": tool, "arguments": text}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def with_sdk(port: int) -> None:
    """One `create` after the other over a growing list."""
    import openai

    messages: list[Any] = [SYSTEM, GOAL]
    tools: Any = TOOLS
    with openai.OpenAI(api_key="none", base_url=f"http://127.0.0.1:{port}/v1", max_retries=0) as client:
        while True:
            tool, text, identity = "", "", ""
            for chunk in client.chat.completions.create(model="m", messages=messages, tools=tools, stream=True):
                for choice in chunk.choices:
                    for call in choice.delta.tool_calls or ():
                        identity, tool = call.id or identity, (call.function and call.function.name) or tool
                        text += (call.function and call.function.arguments) or ""
            if tool == "finish":
                return
            messages.append(asked(identity, tool, text))
            messages.append({"role": "tool", "tool_call_id": identity, "content": use(tool, json.loads(text))})


def with_socket(port: int) -> None:
    """Bytes out, bytes in."""
    body = bytearray(b'{"model":"m","stream":true,"tools":' + json.dumps(TOOLS).encode() + b',"messages":[')
    body += json.dumps(SYSTEM).encode() + b"," + json.dumps(GOAL).encode()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            head = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (len(body) + 2)
            connection.sendall(head + body + b"]}")
            identity, tool, text = _read_call(connection)
            if tool == "finish":
                return
            result = {"role": "tool", "tool_call_id": identity, "content": use(tool, json.loads(text))}
            for message in (asked(identity, tool, text), result):
                body += b"," + json.dumps(message).encode()


def _read_call(connection: socket.socket) -> tuple[str, str, str]:
    held = b""
    while b"\r\n\r\n" not in held:
        held += connection.recv(1 << 20)
    head, _, body = held.partition(b"\r\n\r\n")
    left = int(head.rpartition(b": ")[2]) - len(body)
    while left > 0:
        piece = connection.recv(1 << 20)
        body, left = body + piece, left - len(piece)
    identity, tool, text = "", "", ""
    for line in body.split(b"\n\n"):
        if not line.startswith(b"data: {"):
            continue
        for choice in json.loads(line[6:])["choices"]:
            for call in choice["delta"].get("tool_calls", ()):
                identity, tool = call.get("id", identity), call["function"].get("name", tool)
                text += call["function"]["arguments"]
    return identity, tool, text


if __name__ == "__main__":
    {"sdk": with_sdk, "socket": with_socket}[sys.argv[1]](int(sys.argv[2]))
