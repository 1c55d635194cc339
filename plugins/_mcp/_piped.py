"""A server that is a program: spoken with over its standard input and output.

The SDK's own transport of this kind is not used: its program would outlive a killed thinkact, its buffer has no end,
and what a program prints beside the protocol goes to the screen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from plugins._mcp._around import McpSurroundings
from plugins._mcp._log import Log
from plugins._mcp._messages import message_of
from plugins._mcp._server import McpServer
from plugins._mcp._starting import Started, start_program

if TYPE_CHECKING:
    from anyio.abc import ByteReceiveStream

__all__ = ["piped"]

_LONGEST_LINE = 64 * 1024 * 1024  # bytes of one message
_PIECE = 65_536
_GRACE = 1.0  # seconds that a program has to end once its input is closed
_DYING = 2.0  # seconds that its keeper has to end it


@asynccontextmanager
async def piped(
    server: McpServer, around: McpSurroundings, log: Log, began: Callable[[Started], None]
) -> AsyncIterator[Any]:
    """The streams of a program that was started, which `began` is told of; at the end it is ended. What it says beside
    the protocol, on either output, goes to `log`."""
    import anyio
    from mcp.shared.message import SessionMessage

    started = await start_program(server, around)
    process = started.process
    began(started)
    # No await between here and the group: a cancellation would leave the process behind.
    received, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    said, sent = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        assert process.stdout is not None
        async with received:
            async for line in _lines(process.stdout, log):
                message = message_of(line)
                if message is None:
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
    if (why := started.clear()) is not None:
        log.add(f"it could not be confined, so it was not run: {why}\n".encode())
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


async def _lines(stream: ByteReceiveStream, log: Log) -> AsyncIterator[bytes]:
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
            log.add(f"(thinkact: a line of more than {_LONGEST_LINE} bytes is not read)\n".encode())
            return
