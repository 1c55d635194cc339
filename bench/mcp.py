"""A call of an MCP server's tool over stdio: through thinkact's toolbox, beside the official SDK alone.

    python bench/mcp.py [--calls 300] [--rounds 5]

All speak with the same server, written with the SDK, each with a process of its own; they are measured in turn. The
SDK's part is a client in an event loop that awaits `call_tool`; thinkact's part holds all that the toolbox of a run
does with the call: its thread, clock and context, the way into the loop of the connection and back, the observation.
It is measured with the server confined, as it is where its entry says nothing, and unconfined.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[0] = str(ROOT)  # and not this folder, whose mcp.py is not the SDK

from plugins import McpServer, ToolError  # noqa: E402
from tests.mcp_desk import Desk, listed  # noqa: E402

SERVER = """
from mcp import types
from mcp.server import MCPServer

server = MCPServer("bench")

@server.tool(annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False), structured_output=False)
def echo(text: str) -> str:
    "Say it again."
    return text

server.run()
"""


class Alone:
    """The SDK's client in an event loop of its own thread, which measures there: nothing crosses a thread."""

    def __init__(self, script: Path) -> None:
        self._script = script
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._asked: asyncio.Queue[int] = asyncio.Queue()
        self._measured: asyncio.Queue[list[float]] = asyncio.Queue()
        asyncio.run_coroutine_threadsafe(self._live(), self._loop)

    def measure(self, calls: int) -> list[float]:
        """Seconds of each call."""
        asyncio.run_coroutine_threadsafe(self._asked.put(calls), self._loop).result()
        return asyncio.run_coroutine_threadsafe(self._measured.get(), self._loop).result()

    async def _live(self) -> None:
        from mcp import Client, StdioServerParameters

        async with Client(StdioServerParameters(command=sys.executable, args=[str(self._script)])) as client:
            await client.list_tools()
            while True:
                times = []
                for number in range(await self._asked.get()):
                    began = time.perf_counter()
                    await client.call_tool("echo", {"text": f"call {number}"})
                    times.append(time.perf_counter() - began)
                await self._measured.put(times)


def through_the_toolbox(desk: Desk) -> Callable[[int], list[float]]:
    """Measures calls as a run makes them, in seconds of each."""

    def measure(calls: int) -> list[float]:
        times = []
        for number in range(calls):
            began = time.perf_counter()
            found = desk.call("bench__echo", text=f"call {number}")
            times.append(time.perf_counter() - began)
            assert found.text == f"call {number}", found.text
        return times

    return measure


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=300, help="calls of a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each of all")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        script = Path(folder, "server.py")
        script.write_text(SERVER, "utf-8")
        args = (str(script),)
        confined = McpServer(
            name="bench",
            command=sys.executable,
            args=args,
            folder=Path(folder),
            reads={str(script): str(script)},
            timeout=120,
        )
        measured = {"the SDK alone": Alone(script).measure}
        for name, server in (("unconfined", replace(confined, confined=False)), ("confined", confined)):
            began = time.perf_counter()
            try:
                listing = listed(server)
            except ToolError as error:
                print(f"{name}: not measured: {error.message}")
                continue
            print(f"{name}: started, told its tools and ended: {time.perf_counter() - began:.2f} s")
            desk = stack.enter_context(Desk(Path(folder), server, trusted=listing))
            measured[f"thinkact, {name}"] = through_the_toolbox(desk)
        times: dict[str, list[float]] = {name: [] for name in measured}
        for measure in measured.values():
            measure(10)
        for _ in range(asked.rounds):
            for name, measure in measured.items():
                times[name].append(statistics.median(measure(asked.calls)) * 1000)
    print(f"a call, median of {asked.calls}, over {asked.rounds} rounds:")
    sdk = times["the SDK alone"]
    for name, found in times.items():
        print(f"  {name:<20} {statistics.median(found):6.2f} ms ({min(found):.2f} to {max(found):.2f})")
        if found is not sdk:
            above = [mine - theirs for mine, theirs in zip(found, sdk, strict=True)]
            print(f"    above the SDK      {statistics.median(above):6.2f} ms ({min(above):.2f} to {max(above):.2f})")
    print("target: less than 5 ms above the SDK")


if __name__ == "__main__":
    main()
