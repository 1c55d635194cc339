"""A call of an MCP server's tool over stdio: through thinkact's toolbox, beside the official SDK alone.

    python bench/mcp.py [--calls 300] [--rounds 5]

Both speak with the same server, written with the SDK, each with a process of its own; they are measured in turn. The
SDK's part is a client in an event loop that awaits `call_tool`; thinkact's part holds all that the toolbox of a run
does with the call: its thread, clock and context, the way into the loop of the connection and back, the observation.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[0] = str(ROOT)  # and not this folder, whose mcp.py is not the SDK

from agent.opening.parts import ShelfArtifacts  # noqa: E402
from memory.artifacts import Shelf  # noqa: E402
from plugins import (  # noqa: E402
    Context,
    McpServer,
    McpServers,
    Observation,
    Prepared,
    Toolbox,
    ToolError,
    Web,
    Workspace,
    look_at_server,
)
from tests.plugins.nothing import Nothing  # noqa: E402

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


def no_call(tool: str, arguments: Mapping[str, Any]) -> Observation:
    """No tool is called from inside."""
    raise ToolError(f"{tool} is not called here, with {len(arguments)} arguments")


def nobody(question: str, choices: Sequence[str] = ()) -> str:
    """Nobody is asked."""
    raise ToolError(f"nobody answers {question} ({len(choices)})")


def silent(text: str, *, done: float | None = None, total: float | None = None) -> None:
    """Nobody is told."""
    del text, done, total


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


def through_the_toolbox(toolbox: Toolbox, files: Workspace, artifacts: ShelfArtifacts, calls: int) -> list[float]:
    """Seconds of each call, as a run makes it."""
    times = []
    for number in range(calls):
        began = time.perf_counter()
        prepared = toolbox.prepare("bench__echo", {"text": f"call {number}"}, files)
        assert isinstance(prepared, Prepared)
        context = Context(
            workspace=files,
            artifacts=artifacts,
            notes=Nothing(),
            ask=None,
            call=no_call,
            person=nobody,
            progress=silent,
        )
        found: list[Observation] = []
        ended = threading.Event()

        def done(observation: Observation, found: list[Observation] = found, ended: threading.Event = ended) -> None:
            found.append(observation)
            ended.set()

        toolbox.start(prepared, context, cut=10_000, done=done)
        ended.wait()
        times.append(time.perf_counter() - began)
        assert found[0].text == f"call {number}", found[0].text
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=300, help="calls of a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, each of both")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "server.py")
        script.write_text(SERVER, "utf-8")
        server = McpServer(name="bench", command=sys.executable, args=(str(script),), folder=Path(folder), timeout=120)
        began = time.perf_counter()
        listing = look_at_server(server, Web())
        print(f"started, told its tools and ended: {time.perf_counter() - began:.2f} s")
        artifacts = ShelfArtifacts(Shelf(Path(folder, "kept")))
        desk = Path(folder, "desk")
        desk.mkdir()
        alone = Alone(script)
        with McpServers([(server, listing)], web=Web()) as servers, Workspace.open(desk) as files:
            toolbox = Toolbox(servers.plugins)
            through_the_toolbox(toolbox, files, artifacts, 10)
            alone.measure(10)
            own, sdk = [], []
            for _ in range(asked.rounds):
                sdk.append(statistics.median(alone.measure(asked.calls)) * 1000)
                own.append(statistics.median(through_the_toolbox(toolbox, files, artifacts, asked.calls)) * 1000)
    above = [mine - theirs for mine, theirs in zip(own, sdk, strict=True)]
    print(f"a call, median of {asked.calls}, over {asked.rounds} rounds:")
    for name, times in (("the SDK alone", sdk), ("thinkact", own), ("above the SDK", above)):
        print(f"  {name:<14} {statistics.median(times):6.2f} ms ({min(times):.2f} to {max(times):.2f})")
    print("target: less than 5 ms above the SDK")


if __name__ == "__main__":
    main()
