"""A server that is a program: started in a group that dies with us, spoken with over its standard input and output.

The SDK's own transport of this kind is not used: its program would outlive a killed thinkact, its buffer has no end,
and what a program prints beside the protocol goes to the screen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._contract import ToolError
from plugins._mcp import _keeper
from plugins._mcp._log import Log
from plugins._mcp._server import McpServer
from plugins._text import show

if TYPE_CHECKING:
    from anyio.abc import ByteReceiveStream, Process

__all__ = ["piped"]

_LONGEST_LINE = 64 * 1024 * 1024  # bytes of one message
_PIECE = 65_536
_GRACE = 1.0  # seconds that a program has to end once its input is closed
_DYING = 2.0  # seconds that its keeper has to end it


@dataclass(frozen=True, slots=True)
class Started:
    """A program that was started; `end` has it ended, and all that it started."""

    process: Process
    end: Callable[[], None]


if sys.platform == "win32":  # pragma: no cover - only there

    async def start_program(words: Sequence[str], *, folder: Path | None, env: Mapping[str, str]) -> Started:
        """Start a program whose input, output and words are pipes, and which ends at the latest when this process
        does. The one place where a server's process is begun."""
        import anyio

        process = await anyio.open_process(
            [sys.executable, "-I", "-S", str(_keeper.__file__), str(os.getpid()), *words],
            cwd=folder,
            env=env,
            creationflags=subprocess.CREATE_NO_WINDOW,
        )
        return Started(process, process.kill)

else:

    async def start_program(words: Sequence[str], *, folder: Path | None, env: Mapping[str, str]) -> Started:
        """Start a program whose input, output and words are pipes, and which ends at the latest when this process
        does. The one place where a server's process is begun."""
        import anyio

        here, there = os.pipe()
        try:
            process = await anyio.open_process(
                [sys.executable, "-I", "-S", str(_keeper.__file__), str(here), *words],
                cwd=folder,
                env=env,
                pass_fds=[here],
                start_new_session=True,
            )
        except BaseException:
            os.close(there)
            raise
        finally:
            os.close(here)

        held = [there]

        def end() -> None:
            while held:  # once: the number may be another file's by now
                os.close(held.pop())

        return Started(process, end)


def found_program(server: McpServer) -> list[str]:
    """The program with its arguments, as it is found in the server's own PATH.

    Raises:
        ToolError: there is no such program.
    """
    command = server.command
    if os.path.dirname(command):  # noqa: PTH120 - as the shell tells a path from a name
        place = str((server.folder or Path()) / Path(command).expanduser())
        found = shutil.which(place)
    else:
        found = shutil.which(command, path=server.env.get("PATH") or server.env.get("Path") or os.defpath)
    if found is None:
        raise ToolError(
            f"the MCP server {show(server.name)} cannot be started: there is no program {show(command)}",
            hint=f"the user can install it, or put its whole path in the server's entry ({_installed_by(command)})",
            kind="mcp",
        )
    return [found, *server.args]


def _installed_by(command: str) -> str:
    return {
        "uvx": "uvx comes with uv: https://docs.astral.sh/uv",
        "npx": "npx comes with Node.js: https://nodejs.org",
        "docker": "docker comes with Docker",
    }.get(Path(command).stem, "its PATH was searched")


@asynccontextmanager
async def piped(server: McpServer, log: Log) -> AsyncIterator[Any]:
    """The streams of a program that was started; at the end it is ended. What it says beside the protocol, on either
    output, goes to `log`."""
    import anyio
    from mcp.shared.message import SessionMessage

    started = await start_program(found_program(server), folder=server.folder, env=server.env)
    process = started.process
    # No await between here and the group: a cancellation would leave the process behind.
    received, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    said, sent = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        from mcp import types

        assert process.stdout is not None
        async with received:
            async for line in _lines(process.stdout):
                try:
                    message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError:
                    log.add(line + b"\n")
                    continue
                try:
                    await received.send(SessionMessage(message))
                except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                    return

    async def write() -> None:
        assert process.stdin is not None
        try:
            async with sent:
                async for message in sent:
                    text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                    await process.stdin.send(text.encode() + b"\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            await received.aclose()  # nobody reads there: let no request wait for an answer

    async def listen() -> None:
        assert process.stderr is not None
        async for piece in _pieces(process.stderr):
            log.add(piece)

    async with anyio.create_task_group() as group:
        for one in (read, write, listen):
            group.start_soon(one)
        try:
            yield heard, said
        finally:
            with anyio.CancelScope(shield=True):
                await _end(started, log)
                for stream in (received, heard, said, sent):
                    await stream.aclose()
            group.cancel_scope.cancel()


async def _end(started: Started, log: Log) -> None:
    """Close the program's input, which asks it to end; end it where it does not."""
    import anyio

    process = started.process
    for seconds in (_GRACE, _DYING):
        with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
            if process.stdin is not None:
                await process.stdin.aclose()
        with anyio.move_on_after(seconds):
            while process.returncode is None:  # not `wait`, which waits for its pipes as well
                await anyio.sleep(0.01)
        started.end()
    log.ended(process.returncode)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
                await stream.aclose()
    transport = getattr(getattr(process, "_process", None), "_transport", None)
    if transport is not None:  # else it complains, when collected, of a pipe that a grandchild still holds
        transport.close()


async def _pieces(stream: ByteReceiveStream) -> AsyncIterator[bytes]:
    import anyio

    with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
        while True:
            yield await stream.receive(_PIECE)


async def _lines(stream: ByteReceiveStream) -> AsyncIterator[bytes]:
    """The lines that are not blank. One that has no end ends the stream: nothing behind it could be understood."""
    rest = bytearray()
    async for piece in _pieces(stream):
        *whole, last = piece.split(b"\n")
        for line in whole:
            if full := bytes(rest + line).strip():
                yield full
            rest.clear()
        rest += last
        if len(rest) > _LONGEST_LINE:
            return
